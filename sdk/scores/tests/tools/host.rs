//! A server that runs, with the player, the board and the scores that the documentation speaks of.

use bytes::Bytes;
use data_encoding::BASE64;
use http::request::Parts;
use http::{Request, Response};
use netcord_scores::api::{BackupMade, Moderate, Submission};
use netcord_scores::http::{Api, ApiOptions, Class, RateLimits};
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::{Act, BoardId, PlayerId, ScoreId, UnixTime};
use netcord_scores::rules::Rules;
use netcord_scores::server::{Front, Handler, Limits, Queue, Route};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::store::MemoryStore;
use netcord_scores::testing::{Counter, counter_board, honest_run};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The board of the examples. Here, its rules are a counter's.
const BOARD: &str = "tetris-marathon";

/// The secret key of the player of the examples: the first one of RFC 8032, section 7.1.
pub(crate) const PLAYER: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/// The moderator's: the second one.
pub(crate) const MODERATOR: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

/// The server, and what was asked of it.
pub(crate) struct Host {
    front: Front,
    service: Arc<Service>,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Host {
    /// Starts it, on a port of the system's choice.
    pub(crate) fn start() -> Self {
        let board = counter_board(BOARD);
        let store = Arc::new(MemoryStore::new(std::slice::from_ref(&board)));
        let rules: Arc<dyn Rules> = Arc::new(Counter::default());
        let moderators = vec![key(MODERATOR).id()];
        let options = ServiceOptions { name: "LAN party".into(), moderators, ..ServiceOptions::default() };
        let service = Arc::new(Service::new(store, vec![(board, rules)], options).expect("a service"));
        play(&service);
        let clock = Instant::now();
        let random = Box::new(ChaCha20Rng::seed_from_u64(1));
        let mut options = ApiOptions::new(now(), random, Arc::new(move || clock.elapsed()));
        options.limits = RateLimits::none();
        options.metrics = Some(Arc::new(|| "# TYPE scores_requests_total counter\n".into()));
        options.back_up = Some(Arc::new(|now| {
            Ok(BackupMade { name: format!("scores-{}.redb", now.as_millis()), bytes: 0 })
        }));
        let api = Api::new(service.clone(), options).expect("an API");
        let asked = Arc::<Mutex<BTreeSet<String>>>::default();
        let handler = Arc::new(Hosted { api, asked: asked.clone() });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let front = Front::start(address, Limits::default(), handler).expect("a port");
        Self { front, service, asked }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.front.address())
    }

    /// The method and the path of each operation that was asked for.
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().expect("nobody panics").clone()
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
        let started = UnixTime::from_millis(now().as_millis() - 900_000);
        let run = run(&self.service, key(PLAYER).id(), started);
        fs::write(folder.join("run.json"), serde_json::to_string(&run).expect("JSON")).expect("a run");
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

struct Hosted {
    api: Api,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Handler for Hosted {
    fn route(&self, head: &Parts) -> Route {
        let name = self.api.name(&head.method, &head.uri);
        self.asked.lock().expect("nobody panics").insert(format!("{} {name}", head.method));
        let queue = match self.api.class(&head.method, &head.uri) {
            Class::Quick => Queue::Quick,
            Class::Verification => Queue::Verification,
        };
        Route { name, queue }
    }

    fn answer(&self, request: &Request<Bytes>, peer: IpAddr, now: UnixTime) -> Response<Bytes> {
        self.api.handle(request, peer, now)
    }
}
