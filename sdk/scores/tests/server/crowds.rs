//! More than there is room for.

use crate::client::Client;
use crate::server::{NEVER, PATIENCE, Server, patient};
use netcord_scores::server::Limits;
use std::iter::repeat_with;
use std::time::{Duration, Instant};

/// Says something, or not, and then no more.
fn stuck(server: &Server, says: &str) -> Vec<Client> {
    let clients = repeat_with(|| {
        let mut client = Client::to(server);
        client.flood(says.as_bytes());
        client
    });
    clients.take(500).collect()
}

/// Tries until it is let in. Who is refused is told when to come again; a test doesn't wait.
fn insist(server: &Server) {
    let start = Instant::now();
    while !Client::to(server).try_get("/").is_ok_and(|answer| {
        assert!(answer.status == 200 || answer.problem() == "busy", "{answer:?}");
        answer.status == 200
    }) {
        assert!(start.elapsed() < PATIENCE, "nobody is served");
    }
}

#[test]
fn an_honest_client_gets_past_five_hundred_stuck_ones_of_its_own_address() {
    for says in [
        "",
        "GET / HTTP/1.1\r\nhost: te",
        "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhalf",
        "GET /large HTTP/1.1\r\nhost: test\r\n\r\n",
    ] {
        let server = Server::start(Limits { patience: Duration::from_millis(100), ..patient() });
        // They stay, and no deadline ends them: they make way.
        let crowd = stuck(&server, says);
        insist(&server);
        drop(crowd);
    }
}

#[test]
fn an_honest_client_is_served_once_five_hundred_stuck_ones_run_into_their_deadlines() {
    let short = Duration::from_millis(300);
    let limits = Limits { header_deadline: short, body_deadline: short, write_deadline: short, ..patient() };
    for says in [
        "GET / HTTP/1.1\r\nhost: te",
        "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhalf",
        "GET /large HTTP/1.1\r\nhost: test\r\n\r\n",
    ] {
        // Nobody makes way.
        let server = Server::start(Limits { patience: NEVER, ..limits.clone() });
        let crowd = stuck(&server, says);
        insist(&server);
        drop(crowd);
    }
}

#[test]
fn one_too_many_is_told_when_to_come_again() {
    let server = Server::start(Limits { connections_per_address: 2, ..patient() });
    let mut clients = [Client::to(&server), Client::to(&server)];
    for client in &mut clients {
        assert_eq!(client.get("/").status, 200);
    }
    let mut late = Client::to(&server);
    let answer = late.answer();
    assert_eq!((answer.status, answer.problem()), (503, "busy"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(late.is_closed());
    assert_eq!(clients[0].get("/").status, 200);
}

#[test]
fn the_one_that_waited_longest_makes_way() {
    let server = Server::start(Limits { connections_per_address: 2, patience: Duration::ZERO, ..patient() });
    let [mut first, mut second] = [Client::to(&server), Client::to(&server)];
    assert_eq!(first.get("/").status, 200);
    assert_eq!(second.get("/").status, 200);
    assert_eq!(first.get("/").status, 200);
    assert_eq!(Client::to(&server).get("/").status, 200);
    assert!(second.is_closed());
    assert_eq!(first.get("/").status, 200);
}

#[test]
fn who_waits_for_its_answer_makes_way_for_nobody() {
    let server = Server::start(Limits { connections_per_address: 1, patience: Duration::ZERO, ..patient() });
    let mut client = Client::to(&server);
    client.send("GET /wait HTTP/1.1\r\nhost: test\r\n\r\n");
    server.begun.recv().unwrap();
    assert_eq!(Client::to(&server).answer().problem(), "busy");
    server.go_on.send(()).unwrap();
    assert_eq!(client.answer().text(), "waited");
}

#[test]
fn a_full_queue_refuses_and_the_others_go_on() {
    let server = Server::start(Limits { verification_workers: 1, verification_queue: 1, ..patient() });
    let mut clients = [Client::to(&server), Client::to(&server)];
    clients[0].send("GET /wait HTTP/1.1\r\nhost: test\r\n\r\n");
    server.begun.recv().unwrap();
    clients[1].send("GET /wait HTTP/1.1\r\nhost: test\r\n\r\n");
    server.wait_for_figure("netcord_http_queue{queue=\"verification\"} 1");
    let mut late = Client::to(&server);
    assert_eq!(late.get("/wait").problem(), "busy");
    assert_eq!(late.get("/quick").status, 200);
    for client in &mut clients {
        server.go_on.send(()).unwrap();
        assert_eq!(client.answer().text(), "waited");
    }
}

#[test]
fn bodies_and_answers_take_no_more_memory_than_there_is_for_them() {
    let server = Server::start(Limits { memory: 1 << 20, ..patient() });
    let mut holding = Client::to(&server);
    let length = 1_000_000;
    holding.send(format!("POST /wait HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n"));
    holding.send(vec![0; length]);
    server.begun.recv().unwrap();
    let mut late = Client::to(&server);
    late.send(format!("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n"));
    late.flood(&vec![0; length]);
    assert_eq!(late.answer().problem(), "busy");
    assert_eq!(Client::to(&server).get("/large").problem(), "busy");
    server.go_on.send(()).unwrap();
    assert_eq!(holding.answer().text(), "waited");
    holding.send(format!("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n"));
    assert_eq!(holding.send(vec![0; length]).answer().text(), format!("POST / {length}"));
}
