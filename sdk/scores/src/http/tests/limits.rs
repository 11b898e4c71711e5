//! How many requests are answered, and how long ones are read.

use super::{Host, key, problem};
use crate::api::Code;
use crate::http::{Class, Rate, RateLimits};
use http::{Method, StatusCode, Uri};
use serde_json::json;
use std::time::Duration;

#[test]
fn who_asks_too_often_is_told_when_to_ask_again() {
    let address = Rate { burst: 20, every: Duration::from_millis(300) };
    let mut host = Host::with(|options| options.limits = RateLimits { address, ..RateLimits::default() });
    for _ in 0..20 {
        assert_eq!(host.get("/v1/boards").status(), StatusCode::OK);
    }
    let answer = host.get("/v1/boards");
    assert_eq!(problem(&answer).code, Code::RateLimited);
    assert_eq!(problem(&answer).retry_after_millis, Some(300));
    assert_eq!(answer.headers()["retry-after"], "1");
    let write =
        host.send_signed(1, Method::PUT, &format!("/v1/players/{}", key(1).id()), json!({ "name": "Ada" }));
    assert_eq!(problem(&write).retry_after_millis, Some(3_000), "a write costs as much as ten reads");
    host.peer = [192, 0, 2, 7].into();
    assert_eq!(host.get("/v1/boards").status(), StatusCode::OK, "from elsewhere");
    host.peer = super::PEER;
    host.now = host.now.after(Duration::from_millis(300));
    assert_eq!(host.get("/v1/boards").status(), StatusCode::OK, "later");
}

#[test]
fn a_player_is_limited_wherever_they_ask_from_and_by_nobody_else() {
    let player = Rate { burst: 2, every: Duration::from_secs(10) };
    let mut host = Host::with(|options| options.limits = RateLimits { player, ..RateLimits::default() });
    host.name(1, "Ada");
    let request = host.signed(1, Method::POST, "/v1/boards/maze/tickets", r#"{"count":1}"#);
    assert_eq!(host.send(&request).status(), StatusCode::OK);
    host.peer = [192, 0, 2, 7].into();
    let limited = host.send_signed(1, Method::POST, "/v1/boards/maze/tickets", json!({ "count": 1 }));
    assert_eq!(problem(&limited).code, Code::RateLimited);
    assert!(limited.headers().contains_key("retry-after"));
    host.now = host.now.after(Duration::from_secs(10));
    // Who repeats what somebody else signed takes nothing from them.
    for _ in 0..5 {
        assert_eq!(problem(&host.send(&request)).code, Code::ReplayedRequest);
    }
    let again = host.send_signed(1, Method::POST, "/v1/boards/maze/tickets", json!({ "count": 1 }));
    assert_eq!(again.status(), StatusCode::OK);
}

#[test]
fn only_a_submission_is_long_and_takes_long() {
    let host = Host::new();
    let of = |method: Method, uri: &'static str| {
        let uri = Uri::from_static(uri);
        (host.api.name(&method, &uri), host.api.class(&method, &uri), host.api.longest_body(&method, &uri))
    };
    let (name, class, longest) = of(Method::POST, "/v1/boards/maze/scores");
    assert_eq!((name, class), ("/v1/boards/{board}/scores", Class::Verification));
    // 4,096 bytes in base64, and a ticket and a claim.
    assert!((5_464 + 300..8_000).contains(&longest));
    for (method, uri, name) in [
        (Method::GET, "/v1/boards/maze/scores?limit=1", "/v1/boards/{board}/scores"),
        (Method::HEAD, "/v1/scores/1", "/v1/scores/{score}"),
        (Method::POST, "/v1/boards/maze/tickets", "/v1/boards/{board}/tickets"),
        (Method::POST, "/nothing", "other"),
        (Method::DELETE, "/v1/scores/1", "other"),
        (Method::GET, "/", "asset"),
    ] {
        assert_eq!(of(method, uri), (name, Class::Quick, 8_192), "{uri}");
    }
}
