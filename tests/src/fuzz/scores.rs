//! The target of the score service: requests from anybody, some of them signed.

use super::script::{Script, write_chunk};
use netcord_scores::api::{Problem, Submission, Tickets};
use netcord_scores::http::{Api, ApiOptions, RateLimits};
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::UnixTime;
use netcord_scores::rules::Rules;
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::signing::{Target, sign};
use netcord_scores::store::MemoryStore;
use netcord_scores::testing::{Counter, NOON, counter_board, honest_run};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

type Request = http::Request<bytes::Bytes>;
type Response = http::Response<bytes::Bytes>;

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const HOST: &str = "scores.example";
/// Who signs it: nobody, a player, a moderator.
const NOBODY: u8 = 0;
const PLAYER: u8 = 1;
const MODERATOR: u8 = 2;
/// How many requests of a script are looked at.
const REQUESTS: usize = 16;
/// The longest answer: a page of 101 rows, with room to spare.
const LONGEST: usize = 1 << 17;

/// Requests after each other to a service whose only game is a counter. Of each: who signs it, how many seconds after the
/// one before it comes, method and address, headers, body.
pub(super) fn http(bytes: &[u8]) {
    let api = api();
    let (mut script, mut now) = (Script(bytes), NOON);
    for nonce in 0..REQUESTS {
        let Some(signer) = script.next() else { return };
        now = now.after(Duration::from_secs(script.byte().into()));
        let (head, headers, body) = (script.chunk(), script.chunk(), script.chunk());
        let Some(mut request) = request(head, headers, body) else { continue };
        sign_as(signer % 3, &mut request, now, nonce);
        let response = api.handle(&request, PEER, now);
        check(&request, &response);
        if request.method() == http::Method::GET
            && let Some(tag) = response.headers().get("etag")
        {
            request.headers_mut().insert("if-none-match", tag.clone());
            let again = api.handle(&request, PEER, now);
            assert_eq!((again.status(), again.body().len()), (http::StatusCode::NOT_MODIFIED, 0));
        }
    }
}

fn check(request: &Request, response: &Response) {
    assert!(!response.status().is_server_error(), "{request:?}: {response:?}");
    assert!(response.body().len() <= LONGEST);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    if request.method() == http::Method::HEAD {
        assert!(response.body().is_empty());
    } else if response.status().is_client_error() {
        let problem: Problem = serde_json::from_slice(response.body()).expect("a problem");
        assert_eq!((problem.status, problem.code.status()), (response.status().as_u16(), problem.status));
    }
}

/// `GET /v1`, lines of `name: value`, and the body. What HTTP itself can't carry is none.
fn request(head: &[u8], headers: &[u8], body: &[u8]) -> Option<Request> {
    let (method, uri) = std::str::from_utf8(head).ok()?.split_once(' ')?;
    let mut request = http::Request::builder().method(method).uri(uri).header("host", HOST);
    for line in headers.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let colon = line.iter().position(|&byte| byte == b':')?;
        request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    request.body(bytes::Bytes::copy_from_slice(body)).ok()
}

fn sign_as(signer: u8, request: &mut Request, now: UnixTime, nonce: usize) {
    if signer == NOBODY {
        return;
    }
    let target = Target {
        method: request.method().as_str(),
        authority: request.uri().authority().map_or(HOST, |authority| authority.as_str()),
        path: request.uri().path(),
        query: request.uri().query(),
        body: request.body(),
    };
    let headers = sign(&key(signer), &target, now, (nonce as u128).to_be_bytes());
    let named = [
        ("content-digest", headers.content_digest),
        ("signature-input", headers.signature_input),
        ("signature", headers.signature),
    ];
    for (name, value) in named {
        request.headers_mut().insert(name, value.parse().expect("ASCII"));
    }
}

fn key(signer: u8) -> PlayerKey {
    PlayerKey::from_bytes(&[signer; 32])
}

fn api() -> Api {
    let board = counter_board("maze");
    let store = Arc::new(MemoryStore::new(std::slice::from_ref(&board)));
    let rules: Arc<dyn Rules> = Arc::new(Counter::default());
    let moderators = vec![key(MODERATOR).id()];
    let options = ServiceOptions { moderators, ..ServiceOptions::default() };
    let service = Service::new(store, vec![(board, rules)], options).expect("the board makes sense");
    let random = Box::new(ChaCha20Rng::seed_from_u64(1));
    let mut options = ApiOptions::new(NOON, random, Arc::new(|| Duration::ZERO));
    options.limits = RateLimits::none();
    Api::new(Arc::new(service), options).expect("a store in memory works")
}

/// A player's evening, a moderator's, and a visitor's.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    const JSON: &str = "content-type: application/json";
    let (player, moderator) = (key(PLAYER).id(), key(MODERATOR).id());
    let name = (PLAYER, 0, format!("PUT /v1/players/{player}"), JSON, r#"{"name":"Ada"}"#.to_owned());
    let ticket = (PLAYER, 0, "POST /v1/boards/maze/tickets".to_owned(), JSON, r#"{"count":1}"#.to_owned());
    let run = (PLAYER, 60, "POST /v1/boards/maze/scores".to_owned(), JSON, first_run(&[&name, &ticket]));
    let evening = [name, ticket, run.clone(), run];
    let act = |act: &str| (MODERATOR, 0, "POST /v1/moderation".to_owned(), JSON, act.to_owned());
    let moderation = [
        act(r#"{"act":"hide","score":1,"reason":"a"}"#),
        act(&format!(r#"{{"act":"ban","player":"{player}","reason":"b"}}"#)),
        (MODERATOR, 0, "GET /v1/moderation?before=2&limit=1".to_owned(), "", String::new()),
        (MODERATOR, 0, format!("PUT /v1/players/{moderator}"), JSON, r#"{"name":"Mod"}"#.to_owned()),
    ];
    let visit = [
        "GET /v1/boards/maze/scores?season=current&limit=1".to_owned(),
        "GET /v1/boards/maze/scores?after=7fffffffffff43b70000000000000007".to_owned(),
        format!("GET /v1/boards/maze/scores/around/{player}?limit=3&season=1"),
        format!("GET /v1/boards/maze/players/{player}/best"),
        format!("HEAD /v1/boards/maze/players/{player}/scores?before=9"),
        "GET /v1/boards/maze/rank?points=-5&season=all".to_owned(),
        "GET /v1/scores/1".to_owned(),
        "GET /v1/scores/1/replay".to_owned(),
        "GET /v1/players?name=A%64+".to_owned(),
        "OPTIONS /v1/boards/maze".to_owned(),
        "DELETE /v1/boards".to_owned(),
        "GET /".to_owned(),
    ];
    let visit = visit.map(|head| (NOBODY, 1, head, "if-none-match: \"a\", W/\"b\"", String::new()));
    [&evening[..], &[&evening[..], &moderation].concat(), &[&evening[..], &visit].concat()]
        .map(|requests| requests.iter().flat_map(step).collect())
        .into()
}

type Step = (u8, u8, String, &'static str, String);

fn step((signer, seconds, head, headers, body): &Step) -> Vec<u8> {
    let mut script = vec![*signer, *seconds];
    for chunk in [head, *headers, body] {
        write_chunk(&mut script, chunk.as_bytes());
    }
    script
}

/// A run with the ticket that the last of these requests is answered with.
fn first_run(requests: &[&Step]) -> String {
    let api = api();
    let mut answer = None;
    for (nonce, (signer, _, head, headers, body)) in requests.iter().enumerate() {
        let mut request = request(head.as_bytes(), headers.as_bytes(), body.as_bytes()).expect("a request");
        sign_as(*signer, &mut request, NOON, nonce);
        answer = Some(api.handle(&request, PEER, NOON));
    }
    let tickets: Tickets = serde_json::from_slice(answer.expect("an answer").body()).expect("tickets");
    let ticket = &tickets.tickets[0];
    let (claim, replay) = honest_run(ticket.seed);
    serde_json::to_string(&Submission { ticket: ticket.id, claim, replay }).expect("JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_are_requests_that_are_granted() {
        let api = api();
        let (mut statuses, seeds) = (Vec::new(), seeds());
        let (mut script, mut now, mut nonce) = (Script(&seeds[0]), NOON, 0);
        while let Some(signer) = script.next() {
            now = now.after(Duration::from_secs(script.byte().into()));
            let (head, headers, body) = (script.chunk(), script.chunk(), script.chunk());
            let mut request = request(head, headers, body).expect("a request");
            sign_as(signer, &mut request, now, nonce);
            statuses.push(api.handle(&request, PEER, now).status().as_u16());
            nonce += 1;
        }
        assert_eq!(statuses, [200, 200, 201, 200]);
    }
}
