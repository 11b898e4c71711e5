//! Whoever takes too long is told so, or cut off.

use crate::client::Client;
use crate::server::{Server, patient};
use netcord_scores::server::Limits;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn half_a_head_is_waited_for_no_longer_than_its_deadline() {
    let server = Server::start(Limits { header_deadline: SHORT, ..patient() });
    let mut client = Client::to(&server);
    let answer = client.send("GET / HTTP/1.1\r\nhost: te").answer();
    assert_eq!((answer.status, answer.problem()), (408, "request_timeout"));
    assert!(client.is_closed());
}

#[test]
fn who_says_nothing_is_left_without_a_word() {
    let server = Server::start(Limits { header_deadline: SHORT, ..patient() });
    assert!(Client::to(&server).is_closed());
}

#[test]
fn half_a_body_is_waited_for_no_longer_than_its_deadline() {
    for limits in [
        Limits { body_deadline: SHORT, ..patient() },
        // Nothing comes, which is less than any rate.
        Limits { rate_grace: SHORT, ..patient() },
    ] {
        let server = Server::start(limits);
        let mut client = Client::to(&server);
        client.send("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhalf");
        let answer = client.answer();
        assert_eq!((answer.status, answer.problem()), (408, "request_timeout"));
        assert!(client.is_closed());
    }
}

#[test]
fn who_asks_nothing_more_is_left() {
    let server = Server::start(Limits { idle: SHORT, ..patient() });
    let mut client = Client::to(&server);
    assert_eq!(client.get("/").status, 200);
    assert!(client.is_closed());
}

#[test]
fn who_never_reads_an_answer_is_cut_off() {
    let server = Server::start(Limits { write_deadline: SHORT, ..patient() });
    let mut client = Client::to(&server);
    client.send("GET /large HTTP/1.1\r\nhost: test\r\n\r\n");
    server.wait_for_figure("netcord_http_cut_total{why=\"deadline\",phase=\"writing\"} 1");
    assert!(client.try_answer().is_err(), "not all of it came");
}

#[test]
fn an_answer_that_takes_too_long_is_given_up() {
    let server = Server::start(Limits { handling_deadline: SHORT, ..patient() });
    let mut client = Client::to(&server);
    let answer = client.get("/wait");
    assert_eq!((answer.status, answer.problem()), (503, "busy"));
    assert!(answer.header("retry-after").is_some());
    server.go_on.send(()).unwrap();
}
