//! A service of scores and its front, started in one call. It brings together what each of the other modules knows alone.

use super::figures::Figures;
use super::front::{Front, FrontError, FrontOptions, Stopped};
use super::handler::{Handler, Queue, Route};
use super::limits::Limits;
use super::refusal::now;
use crate::api::BackupMade;
use crate::http::{Api, ApiOptions, Asset, BackUp, Class, RateLimits};
use crate::model::{Board, BoardId, PlayerId, UnixTime};
use crate::rules::Rules;
use crate::service::{Service, ServiceError, ServiceOptions};
use crate::store::{MemoryStore, RedbStore, ScoreStore, StoreError};
use bytes::Bytes;
use http::{Method, Request, Response};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What a game brings along.
#[derive(Clone)]
pub struct GameBoards {
    /// What the service is called, if the operator calls it nothing else.
    pub name: String,
    /// The boards and the rules by which their runs are played again, in the order in which they are shown.
    pub boards: Vec<(Board, Arc<dyn Rules>)>,
    /// Of boards whose replays can be watched in the page: the path of the script among `assets`.
    pub viewers: BTreeMap<BoardId, String>,
    /// Files that are served beside the page.
    pub assets: Vec<Asset>,
}

/// Where scores are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In memory: they are gone with the server.
    Memory,
    /// In this file, which is made if it isn't there.
    File(PathBuf),
}

/// What a server is started with.
#[derive(Clone)]
pub struct ServerConfig {
    /// The game.
    pub game: GameBoards,
    /// Where to listen. By default this machine alone is served, at port 7780; `0.0.0.0` serves all networks that it is
    /// in, and port 0 is one that the system chooses.
    pub listen: SocketAddr,
    /// Where scores are kept.
    pub store: StorePlace,
    /// Who may hide scores and ban players.
    pub moderators: Vec<PlayerId>,
    /// How many requests a player and an address may send.
    pub rate_limits: RateLimits,
    /// How much the server takes on.
    pub limits: Limits,
    /// The hosts that clients know it by: [`ApiOptions::authorities`]. Say them on the internet, where players use other
    /// services, too.
    pub authorities: Vec<String>,
    /// Proxies whose `X-Forwarded-For` says who asks. Without it, all who come through a proxy count as one.
    pub trusted_proxies: Vec<IpAddr>,
}

impl ServerConfig {
    /// The usual limits, this machine alone, and no moderators.
    pub fn new(game: GameBoards, store: StorePlace) -> Self {
        Self {
            game,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7780)),
            store,
            moderators: Vec::new(),
            rate_limits: RateLimits::default(),
            limits: Limits::default(),
            authorities: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// It can't listen there.
    #[error(transparent)]
    Listen(#[from] FrontError),
    /// The store can't be opened: another server has it, or it is damaged, or not this version's.
    #[error("can't open the store of scores")]
    Store(#[source] StoreError),
    /// The boards make no sense.
    #[error("can't serve these boards")]
    Boards(#[source] ServiceError),
    /// The system has no randomness. Nothing can be done about it here.
    #[error("the system has no randomness")]
    Random(#[source] getrandom::Error),
}

/// A server of scores.
///
/// ```
/// use netcord_scores::server::{GameBoards, Server, ServerConfig, StorePlace};
///
/// let game = GameBoards { name: "Maze".into(), boards: vec![], viewers: [].into(), assets: vec![] };
/// let mut config = ServerConfig::new(game, StorePlace::Memory);
/// config.listen.set_port(0);
/// let server = Server::start(config)?;
/// println!("the scores are at {}", server.url());
/// assert_eq!(server.stop().cut, 0);
/// # Ok::<(), netcord_scores::server::ServerError>(())
/// ```
#[derive(Debug)]
pub struct Server;

/// A server that runs. Dropping it stops it, as [`stop`](Self::stop) does, and waits for that.
#[derive(Debug)]
pub struct ServerHandle {
    front: Front,
}

impl Server {
    /// Starts a server: threads of its own, and nothing that others have to call.
    ///
    /// # Errors
    /// [`ServerError`] when it can't open its store, or listen.
    pub fn start(config: ServerConfig) -> Result<ServerHandle, ServerError> {
        let ServerConfig {
            game,
            listen,
            store,
            moderators,
            rate_limits,
            limits,
            authorities,
            trusted_proxies,
        } = config;
        let GameBoards { name, boards, viewers, assets } = game;
        let described: Vec<_> = boards.iter().map(|(board, _)| board.clone()).collect();
        let (store, back_up): (Arc<dyn ScoreStore>, _) = match store {
            StorePlace::Memory => (Arc::new(MemoryStore::new(&described)), None),
            StorePlace::File(path) => {
                let store = Arc::new(RedbStore::open(&path, &described).map_err(ServerError::Store)?);
                (store.clone(), Some(backups(store, path)))
            }
        };
        let service = Service::new(store, boards, ServiceOptions { name, moderators, viewers });
        let service = service.map_err(ServerError::Boards)?;

        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(ServerError::Random)?;
        let start = Instant::now();
        let figures = Arc::new(Figures::default());
        let shown = figures.clone();
        let options = ApiOptions {
            limits: rate_limits,
            authorities,
            assets,
            metrics: Some(Arc::new(move || shown.render())),
            back_up,
            ..ApiOptions::new(
                now(),
                Box::new(ChaCha20Rng::from_seed(seed)),
                Arc::new(move || start.elapsed()),
            )
        };
        let api = Api::new(Arc::new(service), options).map_err(ServerError::Boards)?;
        let options = FrontOptions { listen, limits, trusted_proxies, figures };
        Ok(ServerHandle { front: Front::start(options, Arc::new(api))? })
    }
}

impl ServerHandle {
    /// Where it listens; with the port that the system chose, if it was asked to.
    pub fn local_addr(&self) -> SocketAddr {
        self.front.address()
    }

    /// The address for a client on this machine, such as `http://127.0.0.1:7780`.
    pub fn url(&self) -> String {
        let mut address = self.local_addr();
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}")
    }

    /// Accepts nobody any more, finishes what is under way within [`Limits::stop_deadline`], and closes the store.
    pub fn stop(self) -> Stopped {
        self.front.stop()
    }
}

impl Handler for Api {
    fn route(&self, request: &Request<()>) -> Route {
        let (method, uri) = (request.method(), request.uri());
        let queue = match self.class(method, uri) {
            Class::Verification => Queue::Verification,
            // What is only read is in memory, nearly always. What is written waits for the disk.
            Class::Quick if [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) => Queue::Inline,
            Class::Quick => Queue::Quick,
        };
        Route { name: self.name(method, uri), queue, body_bytes: self.longest_body(method, uri) }
    }

    fn answer(&self, request: &Request<Bytes>, peer: IpAddr, now: UnixTime) -> Response<Bytes> {
        self.handle(request, peer, now)
    }
}

/// Backups beside the store, named by the second in which they are made.
fn backups(store: Arc<RedbStore>, path: PathBuf) -> BackUp {
    Arc::new(move |now| {
        let to = backup_path(&path, now);
        store.backup(&to).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a backup failed");
            error.to_string()
        })?;
        let bytes = to.metadata().map_err(|error| error.to_string())?.len();
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(BackupMade { name, bytes })
    })
}

/// `scores.redb` is backed up as `scores.redb.1790000000`.
pub(crate) fn backup_path(store: &Path, now: UnixTime) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(format!(".{}", now.as_millis() / 1000));
    name.into()
}

impl fmt::Debug for GameBoards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boards: Vec<_> = self.boards.iter().map(|(board, _)| board.id.as_str()).collect();
        f.debug_struct("GameBoards")
            .field("name", &self.name)
            .field("boards", &boards)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { game, listen, store, .. } = self;
        let shown = &mut f.debug_struct("ServerConfig");
        shown.field("game", game).field("listen", listen).field("store", store).finish_non_exhaustive()
    }
}
