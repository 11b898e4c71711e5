//! The API as clients see it. Whatever a test sends, the answer is held against `openapi.json`.

mod behaviour;
mod conformance;
mod description;
mod limits;
mod signatures;

use super::{Api, ApiOptions, Asset};
use crate::api::{Problem, Submitted, Tickets};
use crate::identity::PlayerKey;
use crate::model::{Claim, Ticket, TicketId, UnixTime};
use crate::rules::Rules;
use crate::service::{Service, ServiceOptions};
use crate::signing::{Target, sign};
use crate::store::MemoryStore;
use crate::testing::{Counter, NOON, counter_board, honest_run};
use bytes::Bytes;
use data_encoding::BASE64;
use description::Description;
use http::{Method, Request, Response, StatusCode, header};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

const HOST: &str = "scores.example:8443";
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const MODERATOR: u8 = 99;

/// An API over a store in memory, a clock that stands still until it is moved on, and the description that judges.
struct Host {
    api: Api,
    now: UnixTime,
    peer: IpAddr,
    nonce: u128,
    description: Description,
    /// Each answer that was given: the operation and the status.
    seen: Vec<(Option<(String, String)>, StatusCode)>,
}

impl Host {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut ApiOptions)) -> Self {
        let boards = [counter_board("maze"), counter_board("race")];
        let store = Arc::new(MemoryStore::new(&boards));
        let boards = boards.map(|board| (board, Arc::new(Counter::default()) as Arc<dyn Rules>));
        let options = ServiceOptions {
            name: "test".into(),
            moderators: vec![key(MODERATOR).id()],
            ..ServiceOptions::default()
        };
        let service = Service::new(store, boards.into(), options).expect("a service");
        let random = Box::new(ChaCha20Rng::seed_from_u64(7));
        let mut options = ApiOptions::new(NOON, random, Arc::new(|| Duration::ZERO));
        options.assets.push(Asset::new("/viewers/maze.js", "text/javascript", "export {};"));
        change(&mut options);
        let api = Api::new(Arc::new(service), options).expect("an API");
        Self { api, now: NOON, peer: PEER, nonce: 0, description: Description::new(), seen: Vec::new() }
    }

    /// Sends a request, whatever it is.
    fn send(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let response = self.api.handle(request, self.peer, self.now);
        self.seen.push((self.description.operation(request), response.status()));
        let is_asset = response.headers().contains_key(header::CONTENT_SECURITY_POLICY);
        if !is_asset && let Err(why) = self.description.check(request, &response) {
            panic!("{} {}: {why}", request.method(), request.uri());
        }
        response
    }

    fn get(&mut self, uri: &str) -> Response<Bytes> {
        self.send(&request(Method::GET, uri, ""))
    }

    /// The answer to a `GET`, which has to be one.
    fn read<T: DeserializeOwned>(&mut self, uri: &str) -> T {
        let response = self.get(uri);
        assert_eq!(response.status(), StatusCode::OK, "{uri}: {:?}", response.body());
        parsed(&response)
    }

    /// A request that a player signed, now.
    fn signed(&mut self, by: u8, method: Method, uri: &str, body: &str) -> Request<Bytes> {
        self.nonce += 1;
        signed_at(&key(by), request(method, uri, body), self.now, self.nonce)
    }

    fn send_signed(&mut self, by: u8, method: Method, uri: &str, body: impl ToString) -> Response<Bytes> {
        let request = self.signed(by, method, uri, &body.to_string());
        self.send(&request)
    }

    /// Gives a player a name.
    fn name(&mut self, player: u8, name: &str) {
        let uri = format!("/v1/players/{}", key(player).id());
        let response = self.send_signed(player, Method::PUT, &uri, json!({ "name": name }));
        assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
    }

    fn ticket(&mut self, player: u8, board: &str) -> Ticket {
        let uri = format!("/v1/boards/{board}/tickets");
        let response = self.send_signed(player, Method::POST, &uri, json!({ "count": 1 }));
        assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
        parsed::<Tickets>(&response).tickets.remove(0)
    }

    fn submit(
        &mut self,
        player: u8,
        board: &str,
        ticket: TicketId,
        run: &(Claim, Vec<u8>),
    ) -> Response<Bytes> {
        let body = submission(ticket, run);
        self.send_signed(player, Method::POST, &format!("/v1/boards/{board}/scores"), body)
    }

    /// Plays a run, and hands it in a minute later.
    fn play(&mut self, player: u8, board: &str) -> Submitted {
        let ticket = self.ticket(player, board);
        self.now = self.now.after(Duration::from_secs(60));
        let response = self.submit(player, board, ticket.id, &honest_run(ticket.seed));
        assert_eq!(response.status(), StatusCode::CREATED, "{:?}", response.body());
        parsed(&response)
    }
}

fn submission(ticket: TicketId, (claim, replay): &(Claim, Vec<u8>)) -> Value {
    json!({ "ticket": ticket, "claim": claim, "replay": BASE64.encode(replay) })
}

/// The key of the player of this number.
fn key(player: u8) -> PlayerKey {
    PlayerKey::from_bytes(&[player; 32])
}

fn request(method: Method, uri: &str, body: &str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::copy_from_slice(body.as_bytes()));
    *request.method_mut() = method;
    *request.uri_mut() = uri.parse().expect("a URI");
    request.headers_mut().insert(header::HOST, HOST.parse().expect("a host"));
    if !body.is_empty() {
        request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().expect("a type"));
    }
    request
}

fn signed_at(key: &PlayerKey, mut request: Request<Bytes>, created: UnixTime, nonce: u128) -> Request<Bytes> {
    let target = Target {
        method: request.method().as_str(),
        authority: HOST,
        path: request.uri().path(),
        query: request.uri().query(),
        body: request.body(),
    };
    let headers = sign(key, &target, created, nonce.to_be_bytes());
    let named = [
        ("content-digest", headers.content_digest),
        ("signature-input", headers.signature_input),
        ("signature", headers.signature),
    ];
    for (name, value) in named {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    request
}

fn parsed<T: DeserializeOwned>(response: &Response<Bytes>) -> T {
    serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{error}: {:?}", response.body()))
}

fn problem(response: &Response<Bytes>) -> Problem {
    assert!(!response.status().is_success(), "{:?}", response.body());
    parsed(response)
}
