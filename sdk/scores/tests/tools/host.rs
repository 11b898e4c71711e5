//! A server that runs, with the player, the board and the scores that the documentation speaks of.

use data_encoding::BASE64;
use netcord_scores::api::{Moderate, Submission};
use netcord_scores::http::RateLimits;
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::{Act, BoardId, PlayerId, ScoreId, UnixTime};
use netcord_scores::rules::Rules;
use netcord_scores::server::{GameBoards, Server, ServerConfig, ServerHandle, StorePlace};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::store::RedbStore;
use netcord_scores::testing::{Counter, counter_board, honest_run};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// The board of the examples. Here, its rules are a counter's.
const BOARD: &str = "tetris-marathon";

/// The secret key of the player of the examples: the first one of RFC 8032, section 7.1.
pub(crate) const PLAYER: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/// The moderator's: the second one.
pub(crate) const MODERATOR: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

/// A server that runs until this is dropped.
pub(crate) struct Host {
    server: ServerHandle,
    run: Submission,
    /// Where its store is.
    _folder: TempDir,
}

impl Host {
    /// Starts it, on a port of the system's choice.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("scores.redb");
        let board = counter_board(BOARD);
        let rules: Arc<dyn Rules> = Arc::new(Counter::default());
        let moderators = vec![key(MODERATOR).id()];
        let boards = vec![(board.clone(), rules)];
        let run = {
            let store = Arc::new(RedbStore::open(&path, &[board]).expect("a store"));
            let options = ServiceOptions { moderators: moderators.clone(), ..ServiceOptions::default() };
            let service = Service::new(store, boards.clone(), options).expect("a service");
            play(&service);
            run(&service, key(PLAYER).id(), UnixTime::from_millis(now().as_millis() - 900_000))
        };
        let game = GameBoards { name: "LAN party".into(), boards, viewers: [].into(), assets: vec![] };
        let config = ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            moderators,
            rate_limits: RateLimits::none(),
            ..ServerConfig::new(game, StorePlace::File(path))
        };
        Self { server: Server::start(config).expect("a server"), run, _folder: folder }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// What the examples find in their folder: the keys, and a run that was played.
    pub(crate) fn write_files(&self, folder: &Path) {
        for (name, secret) in [("player.pem", PLAYER), ("moderator.pem", MODERATOR)] {
            // RFC 8410, section 7.
            let head = [
                0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
                0x20,
            ];
            let key = BASE64.encode(&[&head[..], &bytes(secret)].concat());
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
            fs::write(folder.join(name), pem).expect("a key");
        }
        fs::write(folder.join("run.json"), serde_json::to_string(&self.run).expect("JSON")).expect("a run");
    }
}

/// Some hours of playing, up to half an hour ago.
fn play(service: &Service) {
    let board = BoardId::new(BOARD).expect("an id");
    let players = [(PLAYER, "Ada"), (MODERATOR, "Grace")].map(|(secret, name)| (key(secret).id(), name));
    for hour in (1..=12).rev() {
        for (player, name) in players {
            let started = UnixTime::from_millis(now().as_millis() - hour * 3_600_000);
            service.put_player(player, name, started).expect("a name");
            let ended = started.after(Duration::from_secs(600));
            let run = run(service, player, started);
            service.submit(player, &board, &run, ended, &mut || Duration::ZERO).expect("a run that counts");
        }
    }
    let hide = Moderate { act: Act::Hide { score: ScoreId(1) }, reason: "a test".into() };
    service.moderate(players[1].0, &hide, now()).expect("a moderator");
}

/// A run of a ticket that was fetched then.
fn run(service: &Service, player: PlayerId, started: UnixTime) -> Submission {
    let board = BoardId::new(BOARD).expect("an id");
    let mut random = ChaCha20Rng::seed_from_u64(started.as_millis());
    let tickets = service.tickets(player, &board, 1, started, &mut random).expect("a ticket");
    let ticket = &tickets.tickets[0];
    let (claim, replay) = honest_run(ticket.seed);
    Submission { ticket: ticket.id, claim, replay }
}

fn key(secret: &str) -> PlayerKey {
    PlayerKey::from_bytes(&bytes(secret))
}

fn bytes(digits: &str) -> [u8; 32] {
    // A player is spelled as a key is.
    digits.parse::<PlayerId>().expect("hexadecimal digits").0
}

fn now() -> UnixTime {
    UnixTime::default().after(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}
