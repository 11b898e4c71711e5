//! A server that runs, with the player, the board and the scores that the documentation speaks of.

use bytes::Bytes;
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
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The board of the examples. Here, its rules are a counter's.
const BOARD: &str = "tetris-marathon";

/// The secret key of the player of the examples: the first one of RFC 8032, section 7.1.
pub(crate) const PLAYER: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/// The moderator's: the second one.
pub(crate) const MODERATOR: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

/// Starts the server, on a port of the system's choice.
pub(crate) fn start() -> Front {
    let board = counter_board(BOARD);
    let store = Arc::new(MemoryStore::new(std::slice::from_ref(&board)));
    let rules: Arc<dyn Rules> = Arc::new(Counter::default());
    let options = ServiceOptions {
        name: "LAN party".into(),
        moderators: vec![key(MODERATOR).id()],
        ..ServiceOptions::default()
    };
    let service = Service::new(store, vec![(board, rules)], options).expect("a service");
    play(&service);
    let clock = Instant::now();
    let random = Box::new(ChaCha20Rng::seed_from_u64(1));
    let mut options = ApiOptions::new(now(), random, Arc::new(move || clock.elapsed()));
    options.limits = RateLimits::none();
    options.metrics = Some(Arc::new(|| "# TYPE scores_requests_total counter\n".into()));
    options.back_up =
        Some(Arc::new(|now| Ok(BackupMade { name: format!("scores-{}.redb", now.as_millis()), bytes: 0 })));
    let api = Api::new(Arc::new(service), options).expect("an API");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Front::start(address, Limits::default(), Arc::new(Hosted(api))).expect("a port")
}

/// Some hours of playing, up to now.
fn play(service: &Service) {
    let mut random = ChaCha20Rng::seed_from_u64(2);
    let board = BoardId::new(BOARD).expect("an id");
    let players = [(PLAYER, "Ada"), (MODERATOR, "Grace")].map(|(secret, name)| (key(secret).id(), name));
    for hour in (1..=12).rev() {
        for (player, name) in players {
            let started = UnixTime::from_millis(now().as_millis() - hour * 3_600_000);
            service.put_player(player, name, started).expect("a name");
            let tickets = service.tickets(player, &board, 1, started, &mut random).expect("a ticket");
            let ticket = &tickets.tickets[0];
            let (claim, replay) = honest_run(ticket.seed);
            let run = Submission { ticket: ticket.id, claim, replay };
            let ended = started.after(Duration::from_secs(600));
            service.submit(player, &board, &run, ended, &mut || Duration::ZERO).expect("a run that counts");
        }
    }
    let hide = Moderate { act: Act::Hide { score: ScoreId(1) }, reason: "a test".into() };
    service.moderate(players[1].0, &hide, now()).expect("a moderator");
}

fn key(secret: &str) -> PlayerKey {
    let bytes: PlayerId = secret.parse().expect("hexadecimal digits");
    PlayerKey::from_bytes(&bytes.0)
}

fn now() -> UnixTime {
    UnixTime::default().after(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

struct Hosted(Api);

impl Handler for Hosted {
    fn route(&self, head: &Parts) -> Route {
        let queue = match self.0.class(&head.method, &head.uri) {
            Class::Quick => Queue::Quick,
            Class::Verification => Queue::Verification,
        };
        Route { name: self.0.name(&head.method, &head.uri), queue }
    }

    fn answer(&self, request: &Request<Bytes>, peer: IpAddr, now: UnixTime) -> Response<Bytes> {
        self.0.handle(request, peer, now)
    }
}
