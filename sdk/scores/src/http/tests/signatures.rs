//! Who signed what.

use super::{HOST, Host, MODERATOR, key, problem, request, signed_at, submission};
use crate::api::Code;
use crate::testing::honest_run;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use serde_json::json;
use std::time::Duration;

fn tickets(host: &mut Host) -> Request<Bytes> {
    host.signed(1, Method::POST, "/v1/boards/maze/tickets", r#"{"count":1}"#)
}

#[test]
fn no_part_of_a_signed_request_can_be_changed() {
    let mut host = Host::new();
    host.name(1, "Ada");
    host.name(2, "Bob");
    let changes: [fn(&mut Request<Bytes>); 8] = [
        |request| *request.body_mut() = r#"{"count":2}"#.into(),
        |request| *request.uri_mut() = "/v1/boards/race/tickets".parse().expect("a URI"),
        |request| *request.method_mut() = Method::PUT,
        |request| {
            request.headers_mut().insert("host", HeaderValue::from_static("other.example"));
        },
        |request| {
            request.headers_mut().remove("host");
        },
        |request| {
            request.headers_mut().remove("signature");
        },
        |request| {
            request.headers_mut().append("signature", HeaderValue::from_static("netcord=:AAAA:"));
        },
        |request| {
            let input = request.headers()["signature-input"].to_str().expect("text");
            let other = input.replace(&key(1).id().to_string(), &key(2).id().to_string());
            request.headers_mut().insert("signature-input", other.parse().expect("a header"));
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut request = tickets(&mut host);
        change(&mut request);
        let answer = host.send(&request);
        let expected = if number == 2 { Code::MethodNotAllowed } else { Code::BadSignature };
        assert_eq!(problem(&answer).code, expected, "{number}");
    }
    let request = tickets(&mut host);
    assert_eq!(host.send(&request).status(), StatusCode::OK, "unchanged");
}

#[test]
fn a_signed_request_counts_once() {
    let mut host = Host::new();
    host.name(1, "Ada");
    let ticket = host.ticket(1, "maze");
    host.now = host.now.after(Duration::from_secs(60));
    let body = submission(ticket.id, &honest_run(ticket.seed)).to_string();
    let request = host.signed(1, Method::POST, "/v1/boards/maze/scores", &body);
    assert_eq!(host.send(&request).status(), StatusCode::CREATED);
    assert_eq!(problem(&host.send(&request)).code, Code::ReplayedRequest);
    let again = host.signed(1, Method::POST, "/v1/boards/maze/scores", &body);
    assert_eq!(host.send(&again).status(), StatusCode::OK, "signed again, it is the same run");
}

#[test]
fn whose_clock_is_wrong_is_told_the_time() {
    let mut host = Host::new();
    host.now = host.now.after(Duration::from_secs(600));
    host.name(1, "Ada");
    for (seconds, is_taken) in [(-61, false), (-60, true), (60, true), (61, false)] {
        let request = request(Method::POST, "/v1/boards/maze/tickets", r#"{"count":1}"#);
        let created =
            crate::model::UnixTime::from_millis(host.now.as_millis().wrapping_add_signed(seconds * 1_000));
        host.nonce += 1;
        let answer = host.send(&signed_at(&key(1), request, created, host.nonce));
        if is_taken {
            assert_eq!(answer.status(), StatusCode::OK, "{seconds}");
        } else {
            let problem = problem(&answer);
            assert_eq!((problem.code, problem.time), (Code::ClockSkew, host.now), "{seconds}");
        }
    }
}

#[test]
fn who_signed_nothing_changes_nothing() {
    let mut host = Host::new();
    for uri in ["/v1/boards/maze/tickets", "/v1/boards/maze/scores", "/v1/moderation", "/v1/backups"] {
        let answer = host.send(&request(Method::POST, uri, "{}"));
        assert_eq!(problem(&answer).code, Code::BadSignature, "{uri}");
    }
    assert_eq!(host.get("/v1/moderation").status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn when_too_many_signed_requests_came_the_next_is_asked_to_wait() {
    let mut host = Host::with(|options| options.signed_requests = 1);
    host.name(1, "Ada");
    let request = tickets(&mut host);
    let answer = host.send(&request);
    assert_eq!(problem(&answer).code, Code::Busy);
    assert!(answer.headers().contains_key("retry-after"));
    host.now = host.now.after(Duration::from_secs(61));
    let request = tickets(&mut host);
    assert_eq!(host.send(&request).status(), StatusCode::OK);
}

#[test]
fn a_host_in_the_address_counts_before_the_header() {
    let mut host = Host::new();
    host.name(1, "Ada");
    let mut request = tickets(&mut host);
    *request.uri_mut() = format!("http://{HOST}/v1/boards/maze/tickets").parse().expect("a URI");
    request.headers_mut().insert("host", HeaderValue::from_static("other.example"));
    assert_eq!(host.send(&request).status(), StatusCode::OK);
}

#[test]
fn what_is_signed_for_another_service_is_not_taken() {
    let mut host = Host::with(|options| options.authorities = vec!["other.example".into()]);
    let ada = format!("/v1/players/{}", key(1).id());
    let answer = host.send_signed(1, Method::PUT, &ada, json!({ "name": "Ada" }));
    assert_eq!(problem(&answer).code, Code::BadSignature);
    let authorities = vec!["other.example".into(), HOST.to_uppercase()];
    let mut host = Host::with(|options| options.authorities = authorities);
    let answer = host.send_signed(1, Method::PUT, &ada, json!({ "name": "Ada" }));
    assert_eq!(answer.status(), StatusCode::OK);
}

#[test]
fn a_body_has_to_be_json_of_the_shape_that_is_described() {
    let mut host = Host::new();
    host.name(1, "Ada");
    let deep = format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000));
    for body in [
        "",
        "1",
        "{}",
        r#"{"count":-1}"#,
        r#"{"count":1,"count":1}"#,
        r#"{"count":1,"more":1}"#,
        &deep,
        "\"\\",
    ] {
        let mut request = host.signed(1, Method::POST, "/v1/boards/maze/tickets", body);
        request
            .headers_mut()
            .insert("content-type", HeaderValue::from_static("application/json; charset=utf-8"));
        assert_eq!(problem(&host.send(&request)).code, Code::BadRequest, "{body:.40}");
    }
    for media in ["text/plain", "", "application/jsonp", "application/x-www-form-urlencoded"] {
        let mut request = tickets(&mut host);
        request.headers_mut().insert("content-type", media.parse().expect("a header"));
        assert_eq!(problem(&host.send(&request)).code, Code::UnsupportedMedia, "{media}");
    }
    for more in
        [json!({"score": 1, "player": key(1).id()}), json!({"score": 1, "more": 1}), json!({"score": "1"})]
    {
        let mut body = json!({ "act": "hide", "reason": "a test" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let answer = host.send_signed(MODERATOR, Method::POST, "/v1/moderation", &body);
        assert_eq!(problem(&answer).code, Code::BadRequest, "{body}");
    }
}
