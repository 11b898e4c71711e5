//! A server whose handler does what a test wants.

use bytes::Bytes;
use http::{Request, Response};
use netcord_scores::model::UnixTime;
use netcord_scores::server::{Figures, Front, FrontOptions, Handler, Limits, Queue, Route};
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a test waits for what must come. One that waits for ever says less than one that fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Longer than any test takes.
pub(crate) const NEVER: Duration = Duration::from_secs(3_600);

/// A server at a port of its own.
pub(crate) struct Server {
    pub(crate) front: Front,
    pub(crate) figures: Arc<Figures>,
    /// Says when a request for `/wait` has reached the handler.
    pub(crate) begun: Receiver<()>,
    /// Each message lets one such request go on.
    pub(crate) go_on: Sender<()>,
}

impl Server {
    pub(crate) fn start(limits: Limits) -> Self {
        Self::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), limits)
    }

    pub(crate) fn at(address: SocketAddr, limits: Limits) -> Self {
        Self::with(FrontOptions { limits, ..FrontOptions::new(address) })
    }

    pub(crate) fn with(options: FrontOptions) -> Self {
        let ((begins, begun), (go_on, waits)) = (channel(), channel());
        let figures = options.figures.clone();
        let handler = Test { begins, waits: Mutex::new(waits), hog: Mutex::default() };
        let front = Front::start(options, Arc::new(handler)).unwrap();
        Self { front, figures, begun, go_on }
    }

    /// Waits for a figure: a line that ends in its value.
    pub(crate) fn wait_for_figure(&self, line: &str) {
        let start = std::time::Instant::now();
        while !self.figures.render().lines().any(|other| other == line) {
            assert!(start.elapsed() < PATIENCE, "no {line} in {}", self.figures.render());
            std::thread::yield_now();
        }
    }
}

/// No deadline that a test doesn't set, and few threads.
pub(crate) fn patient() -> Limits {
    let mut limits = Limits::default();
    for wait in [
        &mut limits.patience,
        &mut limits.header_deadline,
        &mut limits.body_deadline,
        &mut limits.rate_grace,
        &mut limits.handling_deadline,
        &mut limits.write_deadline,
        &mut limits.idle,
    ] {
        *wait = NEVER;
    }
    limits.stop_deadline = PATIENCE;
    (limits.quick_workers, limits.verification_workers) = (2, 2);
    limits
}

/// Answers with the method, the path and the length of the body, if the path is none of those that it knows.
struct Test {
    begins: Sender<()>,
    waits: Mutex<Receiver<()>>,
    hog: Mutex<Vec<File>>,
}

impl Handler for Test {
    fn route(&self, request: &Request<()>) -> Route {
        match request.uri().path() {
            "/inline" => Route { name: "inline", queue: Queue::Inline, body_bytes: 0 },
            "/verify" | "/wait" => Route { name: "verify", queue: Queue::Verification, body_bytes: 1 << 20 },
            _ => Route { name: "quick", queue: Queue::Quick, body_bytes: 1 << 20 },
        }
    }

    fn answer(&self, request: &Request<Bytes>, peer: IpAddr, _: UnixTime) -> Response<Bytes> {
        let said = match request.uri().path() {
            "/panic" => panic!("as was asked for"),
            "/large" => vec![b'x'; 16 << 20],
            "/replay" => vec![b'x'; 1 << 20],
            "/peer" => peer.to_string().into(),
            "/host" => request.headers()["host"].as_bytes().to_owned(),
            "/wait" => {
                // A test that waits for neither is over.
                let _ = self.begins.send(());
                let _ = self.waits.lock().unwrap().recv();
                "waited".into()
            }
            // Takes all file descriptors that there are.
            "/hog" => {
                let mut hog = self.hog.lock().unwrap();
                hog.extend(std::iter::from_fn(|| File::open("/dev/null").ok()));
                hog.len().to_string().into()
            }
            "/free" => self.hog.lock().unwrap().drain(..).len().to_string().into(),
            path => format!("{} {path} {}", request.method(), request.body().len()).into(),
        };
        Response::new(said.into())
    }
}
