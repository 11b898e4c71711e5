//! What is a request, and what isn't.

use crate::client::Client;
use crate::server::{Server, patient};
use netcord_scores::server::{FrontOptions, Limits};
use std::net::{IpAddr, SocketAddr};

#[test]
fn a_request_is_answered_by_whichever_thread() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    for path in ["/inline", "/quick", "/verify"] {
        assert_eq!(client.get(path).text(), format!("GET {path} 0"));
    }
}

#[test]
fn a_thousand_requests_come_over_one_connection() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    for number in 0..1_000 {
        let path = format!("/{number}");
        assert_eq!(client.get(&path).text(), format!("GET {path} 0"));
    }
}

#[test]
fn requests_that_come_at_once_are_answered_in_their_order() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    let paths = (0..100).map(|number| format!("/{number}"));
    let all = paths.clone().map(|path| format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
    client.send(all.collect::<String>());
    for path in paths {
        assert_eq!(client.answer().text(), format!("GET {path} 0"));
    }
}

#[test]
fn a_body_comes_whole_or_in_chunks() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nhello");
    assert_eq!(client.answer().text(), "POST / 5");
    client.send("POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n");
    client.send("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
    assert_eq!(client.answer().text(), "POST / 5");
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send("POST / HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n");
    assert_eq!(client.answer().status, 100);
    assert_eq!(client.send("hello").answer().text(), "POST / 5");
}

#[test]
fn a_client_that_asks_first_is_told_when_its_body_is_too_long() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send("POST / HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 9999999\r\n\r\n");
    assert_eq!(client.answer().problem(), "too_large");
    assert!(client.is_closed());
}

#[test]
fn a_body_that_says_it_is_too_long_is_not_read() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 1048577\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.status, answer.problem()), (413, "too_large"));
    assert!(client.is_closed());
}

#[test]
fn a_flood_of_chunks_ends_when_it_is_too_long() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send("POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(1 << 16));
    client.flood(chunk.repeat(64).as_bytes());
    let answer = client.answer();
    assert_eq!((answer.status, answer.problem()), (413, "too_large"));
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let server = Server::start(Limits { header_bytes: 8 << 10, ..patient() });
    let mut client = Client::to(&server);
    client.flood(format!("GET / HTTP/1.1\r\nhost: test\r\nx: {}", "x".repeat(1 << 20)).as_bytes());
    let answer = client.answer();
    assert_eq!((answer.status, answer.problem()), (431, "headers_too_large"));
}

#[test]
fn more_headers_than_are_read_are_refused() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send(format!("GET / HTTP/1.1\r\nhost: test\r\n{}\r\n", "x: y\r\n".repeat(101)));
    let answer = client.answer();
    assert_eq!((answer.status, answer.problem()), (431, "headers_too_large"));
    assert!(client.is_closed());
}

#[test]
fn what_is_no_request_is_told_so() {
    let server = Server::start(patient());
    for garbage in [
        "\u{1}\u{2}\u{3}\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: test\r\n: nothing\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: test\r\ncontent-length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: test\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: one\r\nhost: two\r\n\r\n",
        "CONNECT test:80 HTTP/1.1\r\nhost: test\r\n\r\n",
    ] {
        let mut client = Client::to(&server);
        let answer = client.send(garbage).answer();
        assert_eq!((answer.status, answer.problem()), (400, "bad_request"), "{garbage:?}");
        assert!(client.is_closed(), "{garbage:?}");
    }
    assert_eq!(Client::to(&server).get("/").status, 200);
}

#[test]
fn a_request_without_an_end_to_its_chunks_is_told_so() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send("POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n");
    assert_eq!(client.answer().problem(), "bad_request");
}

#[test]
fn an_old_client_is_answered_and_left() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    assert_eq!(client.send("GET /old HTTP/1.0\r\n\r\n").answer().text(), "GET /old 0");
    assert!(client.is_closed());
}

#[test]
fn a_target_may_name_its_host() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    client.send("GET http://other:80/host?x HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(client.answer().text(), "other:80");
}

#[test]
fn a_trusted_proxy_says_who_asks() {
    let local = IpAddr::from([127, 0, 0, 1]);
    for (trusted_proxies, expected) in [(vec![local], "1.2.3.4"), (vec![], "127.0.0.1")] {
        let listen = SocketAddr::from((local, 0));
        let options = FrontOptions { trusted_proxies, limits: patient(), ..FrontOptions::new(listen) };
        let server = Server::with(options);
        let mut client = Client::to(&server);
        client.send("GET /peer HTTP/1.1\r\nhost: test\r\nx-forwarded-for: 6.6.6.6, 1.2.3.4\r\n\r\n");
        assert_eq!(client.answer().text(), expected);
    }
}

#[test]
fn a_handler_that_panics_fails_its_own_request_only() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    for _ in 0..10 {
        let answer = client.get("/panic");
        assert_eq!((answer.status, answer.problem()), (500, "internal"));
    }
    assert_eq!(client.get("/").status, 200);
    server.wait_for_figure("netcord_http_panics_total 10");
}

#[test]
fn each_answer_has_a_name_of_its_own() {
    let server = Server::start(patient());
    let mut client = Client::to(&server);
    let [one, other] = [client.get("/"), client.get("/")];
    assert!(one.header("x-request-id").is_some());
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}
