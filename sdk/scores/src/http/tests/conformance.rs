//! Whether `openapi.json` and the API are one.

use super::{Host, MODERATOR, key, problem, request, submission};
use crate::api::{BackupMade, Code, Page};
use crate::http::routes::{Handler, ROUTES};
use crate::http::tests::description::Description;
use crate::model::TicketId;
use crate::testing::{Input, honest_run, long_run, run_of};
use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::de::value::Error as Names;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_description_has_the_routes_and_their_parameters() {
    let routes: BTreeMap<_, BTreeSet<_>> = ROUTES
        .iter()
        .map(|route| {
            let names = route.query.iter().map(|&name| name.to_owned()).collect();
            ((route.method.to_string(), route.path.to_owned()), names)
        })
        .collect();
    assert_eq!(Description::new().operations(), routes);
}

#[test]
fn the_description_has_the_codes_with_their_statuses() {
    let mut codes = names_of_codes();
    assert!(codes.remove("unknown"), "what a client makes of others");
    let description = Description::new();
    assert_eq!(description.codes(), codes);
    // No route answers 405: that is what paths answer to methods which are none of theirs.
    codes.remove("method_not_allowed");
    let with_statuses = codes.into_iter().map(|name| {
        let code: Code = serde_json::from_value(json!(name)).expect("a code");
        (code.status(), name)
    });
    assert_eq!(description.codes_by_status(), with_statuses.collect());
}

#[test]
fn an_answer_that_is_not_described_is_found() {
    let description = Description::new();
    let request = request(Method::GET, "/v1", "");
    let answer = |status: u16, media: &str, body: &str| {
        let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        response.headers_mut().insert("content-type", media.parse().expect("a type"));
        description.check(&request, &response)
    };
    let good = r#"{"name":"a","version":"1","time":1}"#;
    assert_eq!(answer(200, "application/json", good), Ok(()));
    for (status, media, body) in [
        (418, "application/json", good),
        (201, "application/json", good),
        (200, "text/html", good),
        (200, "application/json", r#"{"name":"a","version":"1"}"#),
        (200, "application/json", r#"{"name":"a","version":"1","time":1,"more":1}"#),
        (200, "application/json", r#"{"name":"a","version":"1","time":"1"}"#),
        (400, "application/problem+json", r#"{"status":400,"code":"busy","detail":"","time":1}"#),
        (429, "application/problem+json", r#"{"status":429,"code":"rate_limited","detail":"","time":1}"#),
    ] {
        assert!(answer(status, media, body).is_err(), "{status} {media} {body}");
    }
}

/// Statuses that the server answers before the API sees a request, or that take a store that fails.
const ELSEWHERE: [u16; 5] = [408, 411, 431, 500, 503];

/// Each answer is held against the description as it comes: see [`Host::send`].
#[test]
fn every_operation_answers_all_that_is_described_of_it_and_nothing_else() {
    let mut host = Host::with(|options| {
        options.metrics = Some(Arc::new(|| "# no metrics\n".into()));
        options.back_up = Some(Arc::new(|_| Ok(BackupMade { name: "scores.redb".into(), bytes: 5 })));
    });
    for path in ["/v1", "/healthz", "/metrics", "/v1/openapi.json"] {
        assert_eq!(host.get(path).status(), StatusCode::OK, "{path}");
    }
    write(&mut host);
    moderate(&mut host);
    read(&mut host);
    refuse_all(&mut host);

    let mut without_hooks = Host::new();
    without_hooks.get("/metrics");
    without_hooks.send_signed(MODERATOR, Method::POST, "/v1/backups", "");
    host.seen.extend(without_hooks.seen);

    for ((method, path), _) in host.description.operations() {
        let operation = Some((method.clone(), path.clone()));
        let seen = host.seen.iter().filter(|(seen, _)| *seen == operation).map(|(_, status)| status.as_u16());
        let seen: BTreeSet<u16> = seen.chain(ELSEWHERE).collect();
        let described = host.description.statuses(&method, &path);
        let missed: Vec<_> = described.difference(&seen).collect();
        assert!(missed.is_empty(), "{method} {path}: never answered {missed:?}");
    }
}

fn write(host: &mut Host) {
    for (player, name) in [(1, "Ada"), (2, "Bob"), (3, "Cleo"), (MODERATOR, "Mod")] {
        host.name(player, name);
        host.play(player, "maze");
    }
    let first = host.ticket(1, "maze");
    let run = honest_run(first.seed);
    host.now = host.now.after(Duration::from_secs(600));
    for expected in [StatusCode::CREATED, StatusCode::OK] {
        assert_eq!(host.submit(1, "maze", first.id, &run).status(), expected);
    }
    let another = run_of(first.seed, &[(Input::Press, 2), (Input::Stop, 1)]);
    let ada = format!("/v1/players/{}", key(1).id());
    let ticket = host.ticket(1, "maze");
    let (claim, replay) = honest_run(ticket.seed);
    let mut other_claim = claim;
    other_claim.points += 1;
    let refused: [(u8, TicketId, (_, Vec<u8>), Code); 11] = [
        (1, first.id, another, Code::TicketUsed),
        (2, ticket.id, (claim, replay.clone()), Code::TicketNotYours),
        (1, TicketId([9; 16]), (claim, replay.clone()), Code::NotFound),
        (1, ticket.id, (claim, vec![]), Code::MalformedReplay),
        (1, ticket.id, (claim, vec![0; 5_000]), Code::TooLarge),
        (1, ticket.id, (claim, [&[77], &replay[1..]].concat()), Code::OtherVersion),
        (1, ticket.id, (claim, [&[replay[0], 77], &replay[2..]].concat()), Code::OtherGame),
        (1, ticket.id, honest_run(ticket.seed ^ 1), Code::OtherSeed),
        (1, ticket.id, (other_claim, replay.clone()), Code::ClaimDiffers),
        (1, ticket.id, (claim, replay[..replay.len() - 5].to_vec()), Code::Unfinished),
        (1, ticket.id, (claim, [&replay[..], &[0, 1, 0, 0, 0]].concat()), Code::InputsAfterEnd),
    ];
    for (player, ticket, run, code) in refused {
        let response = host.submit(player, "maze", ticket, &run);
        assert_eq!(problem(&response).code, code);
    }
    let long = long_run(ticket.seed, 30_000);
    assert_eq!(problem(&host.submit(1, "maze", ticket.id, &long)).code, Code::TooSoon);
    let longer = long_run(ticket.seed, 40_000);
    assert_eq!(problem(&host.submit(1, "maze", ticket.id, &longer)).code, Code::TooManyTicks);

    let taken =
        host.send_signed(2, Method::PUT, &format!("/v1/players/{}", key(2).id()), json!({"name": "ADA"}));
    assert_eq!(problem(&taken).code, Code::NameTaken);
    let bad = host.send_signed(1, Method::PUT, &ada, json!({"name": "\u{202e}"}));
    assert_eq!(problem(&bad).code, Code::BadName);
    let others = host.send_signed(2, Method::PUT, &ada, json!({"name": "Eve"}));
    assert_eq!(problem(&others).code, Code::NotAllowed);
    let unknown = host.send_signed(50, Method::POST, "/v1/boards/maze/tickets", json!({"count": 1}));
    assert_eq!(problem(&unknown).code, Code::NotFound);

    host.now = host.now.after(Duration::from_secs(60 * 24 * 60 * 60));
    let late = host.submit(1, "maze", ticket.id, &(claim, replay));
    assert_eq!(problem(&late).code, Code::TicketExpired);
}

fn moderate(host: &mut Host) {
    let bob = key(2).id();
    for act in ["hide", "show"] {
        let body = json!({ "act": act, "score": 3, "reason": "a test" });
        let response = host.send_signed(MODERATOR, Method::POST, "/v1/moderation", body);
        assert_eq!(response.status(), StatusCode::CREATED, "{:?}", response.body());
    }
    let ban = json!({ "act": "ban", "player": bob, "reason": "a test" });
    assert_eq!(
        host.send_signed(MODERATOR, Method::POST, "/v1/moderation", &ban).status(),
        StatusCode::CREATED
    );
    let banned = host.send_signed(2, Method::POST, "/v1/boards/maze/tickets", json!({ "count": 1 }));
    assert_eq!(problem(&banned).code, Code::Banned);
    let nobody = json!({ "act": "hide", "score": 1_000, "reason": "a test" });
    let nobody = host.send_signed(MODERATOR, Method::POST, "/v1/moderation", nobody);
    assert_eq!(problem(&nobody).code, Code::NotFound);
    assert_eq!(
        host.send_signed(MODERATOR, Method::GET, "/v1/moderation?limit=2", "").status(),
        StatusCode::OK
    );
    assert_eq!(host.send_signed(MODERATOR, Method::POST, "/v1/backups", "").status(), StatusCode::CREATED);
    for (method, path, body) in [
        (Method::GET, "/v1/moderation", String::new()),
        (Method::POST, "/v1/moderation", ban.to_string()),
        (Method::POST, "/v1/backups", String::new()),
    ] {
        assert_eq!(problem(&host.send_signed(1, method, path, body)).code, Code::NotAllowed);
    }
}

fn read(host: &mut Host) {
    let (ada, nobody) = (key(1).id(), key(50).id());
    let page: Page = host.read("/v1/boards/maze/scores?limit=1");
    let next = page.next.expect("there is more");
    let found = [
        "/v1/boards".into(),
        "/v1/boards/maze".into(),
        format!("/v1/boards/maze/scores?season=all&limit=100&after={next}"),
        "/v1/boards/maze/scores?season=current".into(),
        "/v1/boards/maze/scores?season=1".into(),
        format!("/v1/boards/maze/scores/around/{ada}?limit=3&season=1"),
        "/v1/boards/maze/rank?points=5&season=1".into(),
        format!("/v1/boards/maze/players/{ada}/best"),
        format!("/v1/boards/maze/players/{ada}/scores?limit=1&before=1000"),
        "/v1/scores/1".into(),
        "/v1/scores/1/replay".into(),
        "/v1/players?name=a".into(),
        format!("/v1/players/{ada}"),
        "/v1/openapi.json".into(),
    ];
    for uri in found {
        let response = host.get(&uri);
        assert_eq!(response.status(), StatusCode::OK, "{uri}: {:?}", response.body());
        let mut again = request(Method::GET, &uri, "");
        again.headers_mut().insert("if-none-match", response.headers()["etag"].clone());
        assert_eq!(host.send(&again).status(), StatusCode::NOT_MODIFIED, "{uri}");
    }
    for uri in [
        "/v1/boards/nothing".into(),
        "/v1/boards/nothing/scores".into(),
        "/v1/boards/nothing/rank?points=1".into(),
        format!("/v1/boards/maze/scores/around/{nobody}"),
        format!("/v1/boards/maze/players/{nobody}/best"),
        format!("/v1/boards/maze/players/{nobody}/scores"),
        "/v1/scores/1000".into(),
        "/v1/scores/1000/replay".into(),
        format!("/v1/players/{nobody}"),
        "/v1/nothing".into(),
    ] {
        assert_eq!(problem(&host.get(&uri)).code, Code::NotFound, "{uri}");
    }
    let board = submission(TicketId([1; 16]), &honest_run(1));
    let board = host.send_signed(1, Method::POST, "/v1/boards/nothing/scores", board);
    assert_eq!(problem(&board).code, Code::NotFound);
}

/// What each operation refuses alike.
fn refuse_all(host: &mut Host) {
    let too_long = "x".repeat(100_000);
    for route in ROUTES {
        let uri = route.path.replace("{board}", "maze").replace("{player}", &key(1).id().to_string());
        let uri = uri.replace("{score}", "1");
        let is_signed = matches!(route.handler, Handler::Signed(_));
        let bad = host.send(&request(route.method.clone(), &format!("{uri}?nothing=1"), ""));
        assert_eq!(problem(&bad).code, Code::BadRequest, "{uri}");
        if is_signed {
            let unsigned = host.send(&request(route.method.clone(), &uri, "{}"));
            assert_eq!(problem(&unsigned).code, Code::BadSignature, "{uri}");
        }
        let long = host.send(&request(route.method.clone(), &uri, &too_long));
        assert_eq!(problem(&long).code, Code::TooLarge, "{uri}");
        if route.method != Method::GET {
            let mut compressed = host.signed(1, route.method.clone(), &uri, "{}");
            compressed.headers_mut().insert("content-encoding", "gzip".parse().expect("a header"));
            assert_eq!(problem(&host.send(&compressed)).code, Code::UnsupportedMedia, "{uri}");
        }
        for other in [Method::DELETE, Method::PATCH, Method::TRACE] {
            let other = host.send(&request(other, &uri, ""));
            assert_eq!(problem(&other).code, Code::MethodNotAllowed, "{uri}");
        }
        let peer = std::mem::replace(&mut host.peer, [192, 0, 2, 1].into());
        let again = request(route.method.clone(), &uri, "");
        while host.api.handle(&again, host.peer, host.now).status() != StatusCode::TOO_MANY_REQUESTS {}
        assert_eq!(problem(&host.send(&again)).code, Code::RateLimited, "{uri}");
        host.now = host.now.after(Duration::from_secs(60));
        host.peer = peer;
    }
}

/// The names of all variants of [`Code`], as serde has them.
fn names_of_codes() -> BTreeSet<String> {
    struct Ask;
    impl<'de> Deserializer<'de> for Ask {
        type Error = Names;
        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Names> {
            Err(Names::custom("no enum"))
        }
        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Names> {
            Err(Names::custom(variants.join(" ")))
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }
    let names = Code::deserialize(Ask).expect_err("the names").to_string();
    names.split(' ').map(str::to_owned).collect()
}
