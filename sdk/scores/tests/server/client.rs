//! A server with a handler for tests, and a client that can be as bad as it likes.

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use netcord_scores::model::UnixTime;
use netcord_scores::server::{Front, Handler, Limits, Queue, Route};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Answers with the method, the path and the length of the body. `/panic` panics, `/large` is long.
struct Echo;

impl Handler for Echo {
    fn route(&self, head: &Parts) -> Route {
        match head.uri.path() {
            "/inline" => Route { name: "inline", queue: Queue::Inline },
            "/verify" => Route { name: "verify", queue: Queue::Verification },
            _ => Route { name: "quick", queue: Queue::Quick },
        }
    }

    fn answer(&self, request: &Request<Bytes>, _: IpAddr, _: UnixTime) -> Response<Bytes> {
        match request.uri().path() {
            "/panic" => panic!("as was asked for"),
            "/large" => Response::new(vec![b'x'; 4 << 20].into()),
            path => {
                let said = format!("{} {path} {}", request.method(), request.body().len());
                Response::new(said.into())
            }
        }
    }
}

/// A server at a port of its own.
pub(crate) fn server(limits: Limits) -> Front {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Front::start(address, limits, Arc::new(Echo)).unwrap()
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }
}

/// A connection.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn to(server: &Front) -> Self {
        let socket = TcpStream::connect(server.address()).unwrap();
        // A test that waits for ever says less than one that fails.
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(socket))
    }

    /// Sends these bytes, whatever they are.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
        self
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")).answer()
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).unwrap() > 0, "the connection ended in {head:?}");
        }
        let field = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.map(str::to_owned)
        };
        let mut body = vec![0; field("content-length").map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        Answer { status: head[9..12].parse().unwrap(), head, body }
    }

    /// Whether the server closes the connection, without another word.
    pub(crate) fn is_closed(&mut self) -> bool {
        !matches!(self.0.read(&mut [0]), Ok(1..))
    }
}
