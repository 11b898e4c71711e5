//! A server of scores of a test's own, with a door that can be shut: then it takes requests, and answers none until the door
//! is open again.

use bytes::Bytes;
use http::{Request, Response};
use netcord_scores::http::{Api, ApiOptions, Class, RateLimits};
use netcord_scores::model::UnixTime;
use netcord_scores::rules::Rules;
use netcord_scores::server::{Front, FrontOptions, Handler, Queue, Route};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::store::MemoryStore;
use netcord_scores::testing::{Counter, counter_board};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::slice;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The board of all tests.
pub(crate) const BOARD: &str = "counter";

/// The server.
pub(crate) struct Host {
    front: Front,
    door: Arc<Door>,
}

struct Door {
    api: Api,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    is_shut: bool,
    /// How many requests wait before it.
    waiting: usize,
}

impl Host {
    /// Starts it, on a port of the system's choice, with its door open.
    pub(crate) fn start() -> Self {
        let board = counter_board(BOARD);
        let store = Arc::new(MemoryStore::new(slice::from_ref(&board)));
        let rules: Arc<dyn Rules> = Arc::new(Counter::default());
        let service =
            Service::new(store, vec![(board, rules)], ServiceOptions::default()).expect("a service");
        let (clock, random) = (Instant::now(), Box::new(ChaCha20Rng::seed_from_u64(1)));
        let now = UnixTime::default().after(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let mut options = ApiOptions::new(now, random, Arc::new(move || clock.elapsed()));
        options.limits = RateLimits::none();
        let api = Api::new(Arc::new(service), options).expect("an API");
        let door = Arc::new(Door { api, state: Mutex::default(), moved: Condvar::new() });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let front = Front::start(FrontOptions::new(address), door.clone()).expect("a port");
        Self { front, door }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.front.address())
    }

    /// Answers nothing from now on.
    pub(crate) fn shut(&self) {
        self.door.set(true);
    }

    /// Answers again, first of all what waits.
    pub(crate) fn open(&self) {
        self.door.set(false);
    }

    /// Whether somebody waits for an answer.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.door.state.lock().expect("nobody panics").waiting > 0
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It finishes what is under way.
        self.open();
    }
}

impl Door {
    fn set(&self, is_shut: bool) {
        self.state.lock().expect("nobody panics").is_shut = is_shut;
        self.moved.notify_all();
    }
}

impl Handler for Door {
    fn route(&self, request: &Request<()>) -> Route {
        let (method, uri) = (request.method(), request.uri());
        let queue = match self.api.class(method, uri) {
            Class::Quick => Queue::Quick,
            Class::Verification => Queue::Verification,
        };
        Route { name: self.api.name(method, uri), queue, body_bytes: self.api.longest_body(method, uri) }
    }

    fn answer(&self, request: &Request<Bytes>, peer: IpAddr, now: UnixTime) -> Response<Bytes> {
        let mut state = self.state.lock().expect("nobody panics");
        state.waiting += 1;
        state = self.moved.wait_while(state, |state| state.is_shut).expect("nobody panics");
        state.waiting -= 1;
        drop(state);
        self.api.handle(request, peer, now)
    }
}
