//! How a server starts and ends.

use crate::client::Client;
use crate::server::{Server, patient};
use netcord_scores::server::{FrontError, Limits};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

#[test]
fn what_is_under_way_is_finished() {
    let Server { front, begun, go_on, .. } = Server::start(patient());
    let address = front.address();
    let mut client = Client::at(address).unwrap();
    let mut idle = Client::at(address).unwrap();
    assert_eq!(idle.get("/").status, 200);
    client.send("GET /wait HTTP/1.1\r\nhost: test\r\n\r\n");
    begun.recv().unwrap();
    let stopping = thread::spawn(|| front.stop());
    assert!(idle.is_closed());
    go_on.send(()).unwrap();
    let answer = client.answer();
    assert_eq!((answer.text(), answer.header("connection")), ("waited", Some("close")));
    assert_eq!(stopping.join().unwrap().cut, 0);
    assert!(client.is_closed());
    assert!(Client::at(address).is_err(), "nobody listens any more");
}

#[test]
fn what_takes_too_long_is_cut_off() {
    let limits = Limits { stop_deadline: Duration::from_millis(50), ..patient() };
    let Server { front, begun, go_on, .. } = Server::start(limits);
    let mut client = Client::at(front.address()).unwrap();
    client.send("GET /wait HTTP/1.1\r\nhost: test\r\n\r\n");
    begun.recv().unwrap();
    assert_eq!(front.stop().cut, 1);
    assert!(client.is_closed());
    go_on.send(()).unwrap();
}

#[test]
fn under_load_each_request_that_is_handled_is_answered() {
    let server = Server::start(patient());
    let (address, figures) = (server.front.address(), server.figures.clone());
    let warm = AtomicBool::new(false);
    let answered = thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|number| {
                let warm = &warm;
                scope.spawn(move || {
                    let mut answered = 0;
                    'connections: while let Ok(mut client) = Client::at(address) {
                        // Some keep their connection, others take a new one each time.
                        for _ in 0..if number % 2 == 0 { 100 } else { 1 } {
                            let Ok(answer) = client.try_get("/verify") else { continue 'connections };
                            assert_eq!(answer.text(), "GET /verify 0");
                            answered += 1;
                            warm.fetch_or(answered == 50, Ordering::Relaxed);
                        }
                    }
                    answered
                })
            })
            .collect();
        while !warm.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        assert_eq!(server.front.stop().cut, 0);
        clients.into_iter().map(|client| client.join().unwrap()).sum::<u64>()
    });
    let counted = format!("netcord_http_requests_total{{route=\"verify\",status=\"200\"}} {answered}");
    let figures = figures.render();
    assert!(figures.lines().any(|line| line == counted), "{counted}, but\n{figures}");
}

#[test]
fn the_same_port_serves_again_at_once() {
    let mut server = Server::start(patient());
    for _ in 0..5 {
        let address = server.front.address();
        let mut client = Client::to(&server);
        assert_eq!(client.get("/").status, 200);
        drop(server);
        server = Server::at(address, patient());
        assert_eq!(Client::to(&server).get("/").status, 200);
    }
}

#[test]
fn an_address_that_can_not_be_had_is_named() {
    use netcord_scores::server::{Front, FrontOptions, Handler, Route};
    use std::sync::Arc;

    struct None;
    impl Handler for None {
        fn route(&self, _: &http::Request<()>) -> Route {
            unreachable!("nobody asks")
        }
        fn answer(
            &self,
            _: &http::Request<bytes::Bytes>,
            _: std::net::IpAddr,
            _: netcord_scores::model::UnixTime,
        ) -> http::Response<bytes::Bytes> {
            unreachable!("nobody asks")
        }
    }

    let server = Server::start(patient());
    let taken = server.front.address();
    let start = |address| Front::start(FrontOptions::new(address), Arc::new(None)).unwrap_err();
    assert!(matches!(start(taken), FrontError::InUse(address) if address == taken));
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 0));
    assert!(matches!(start(elsewhere), FrontError::NoSuchAddress(address) if address == elsewhere));
}
