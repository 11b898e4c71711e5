//! The HTTP server of scores before a handler that does nothing, beside bare `tiny_http`: time and processor time of a small
//! request.
//!
//! Each server is a process of its own, so that its processor time is its own. All answer with the same body. The clients
//! are threads with plain sockets; how they fare on the same machine is part of the time of a request, not of the server's
//! processor time.

use crate::report::{Figure, Report};
use bytes::Bytes;
use clap::ValueEnum;
use netcord_scores::model::UnixTime;
use netcord_scores::server::{Front, FrontOptions, Handler, Queue, Route};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// About what a service says of itself.
const BODY: &[u8] =
    br#"{"name":"A service of scores","version":"0.1.0","time":1790000000000,"boards":["a","b","c"]}"#;

/// A server to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Server {
    /// Ours; the handler runs on the thread of the connections.
    Inline,
    /// Ours; the handler runs on a thread of its pool.
    Pool,
    /// `tiny_http`, its requests answered by one thread.
    TinyHttp,
}

/// How it is asked.
struct Case {
    name: &'static str,
    connections: usize,
    kept: bool,
    requests: usize,
}

const CASES: [Case; 3] = [
    Case { name: "GET, 1 connection", connections: 1, kept: true, requests: 5_000 },
    Case { name: "GET, 16 connections", connections: 16, kept: true, requests: 16_000 },
    Case { name: "GET, a connection each", connections: 1, kept: false, requests: 2_000 },
];

/// How often each is measured.
const ROUNDS: usize = 15;

pub(crate) fn run(report: &mut Report, quick: bool) {
    let servers = [Server::Inline, Server::Pool, Server::TinyHttp];
    let mut running = servers.map(|server| Process::start(server, None));
    for case in &CASES {
        let requests = if quick { case.requests / 10 } else { case.requests };
        let mut found = servers.map(|_| (Vec::new(), Vec::new()));
        for round in 0..ROUNDS + 1 {
            for (server, (time, cpu)) in running.iter_mut().zip(&mut found) {
                let (before, start) = (server.cpu(), Instant::now());
                ask(server.address, case, requests);
                let (after, elapsed) = (server.cpu(), start.elapsed());
                // The first warms up.
                if round > 0 {
                    time.push(1e6 * elapsed.as_secs_f64() / requests as f64);
                    cpu.push(1e6 * (after - before).as_secs_f64() / requests as f64);
                }
            }
        }
        let [inline, pool, theirs] = found.map(|(time, cpu)| [median(time), median(cpu)]);
        for (ours, how) in [(inline, "inline"), (pool, "by the pool")] {
            for (metric, index) in [("time", 0), ("server CPU", 1)] {
                let metric = format!("{metric}, {how}");
                let figure = Figure { bench: "scores", case: case.name, metric: &metric, unit: "us/request" };
                report.compare(&figure, Some(ours[index]), "tiny_http", Some(theirs[index]));
            }
        }
    }
}

/// A server in a process of its own.
pub(super) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pub(super) address: SocketAddr,
}

impl Process {
    /// With no more file descriptors than that.
    pub(super) fn start(server: Server, descriptors: Option<u32>) -> Self {
        let name = server.to_possible_value().expect("none is hidden");
        let ourselves = std::env::current_exe().expect("we are a program");
        let mut command = match descriptors {
            None => Command::new(ourselves),
            Some(most) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("ulimit -n {most}; exec \"$0\" \"$@\"")]).arg(ourselves);
                shell
            }
        };
        let mut child = command
            .args(["scores", "--http-server", name.get_name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("we can be started again");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut address = String::new();
        output.read_line(&mut address).expect("it says where it listens");
        let address = address.trim().parse().expect("an address");
        Self { child, input, output, address }
    }

    /// How much memory it holds, in MiB, where the system tells.
    pub(super) fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(resident.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
    }

    /// How much processor time it has used.
    fn cpu(&mut self) -> Duration {
        let mut micros = String::new();
        self.input.as_mut().expect("it runs").write_all(b"cpu\n").expect("it listens");
        self.output.read_line(&mut micros).expect("it answers");
        Duration::from_micros(micros.trim().parse().expect("a number"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // With its input, it ends.
        self.input = None;
        let _ = self.child.wait();
    }
}

/// Is a server until the input ends: says where, and then, for each line, how many microseconds of processor time it used.
pub(crate) fn serve(server: Server) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let _front;
    let address = match server {
        Server::Inline | Server::Pool => {
            let queue = if server == Server::Inline { Queue::Inline } else { Queue::Quick };
            let front = Front::start(FrontOptions::new(address), Arc::new(Constant(queue)));
            _front = front.expect("a port");
            _front.address()
        }
        Server::TinyHttp => {
            let server = tiny_http::Server::http(address).expect("a port");
            let address = server.server_addr().to_ip().expect("an address");
            std::thread::spawn(move || {
                let json = "content-type: application/json".parse::<tiny_http::Header>().expect("a header");
                for request in server.incoming_requests() {
                    let response = tiny_http::Response::from_data(BODY).with_header(json.clone());
                    // A client that went away is none of our business.
                    let _ = request.respond(response);
                }
            });
            address
        }
    };
    println!("{address}");
    for _ in std::io::stdin().lines() {
        println!("{}", processor_time().as_micros());
    }
}

/// Always the same answer.
struct Constant(Queue);

impl Handler for Constant {
    fn route(&self, _: &http::Request<()>) -> Route {
        Route { name: "constant", queue: self.0, body_bytes: 0 }
    }

    fn answer(&self, _: &http::Request<Bytes>, _: IpAddr, _: UnixTime) -> http::Response<Bytes> {
        let mut response = http::Response::new(Bytes::from_static(BODY));
        let json = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        response
    }
}

/// Sends so many requests, and reads the answers.
fn ask(server: SocketAddr, case: &Case, requests: usize) {
    std::thread::scope(|scope| {
        for _ in 0..case.connections {
            scope.spawn(|| {
                let mut connection = None;
                for _ in 0..requests / case.connections {
                    let kept = connection.take().filter(|_| case.kept);
                    let mut socket = kept.unwrap_or_else(|| {
                        let socket = TcpStream::connect(server).expect("it listens");
                        socket.set_nodelay(true).expect("a socket");
                        socket
                    });
                    exchange(&mut socket, case.kept);
                    connection = Some(socket);
                }
            });
        }
    });
}

fn exchange(socket: &mut TcpStream, keep: bool) {
    const KEPT: &[u8] = b"GET /v1 HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\r\n";
    const LAST: &[u8] =
        b"GET /v1 HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\nconnection: close\r\n\r\n";
    socket.write_all(if keep { KEPT } else { LAST }).expect("it reads");
    let mut answer = [0; 1 << 10];
    let mut length = 0;
    while !answer[..length].ends_with(BODY) {
        let read = socket.read(&mut answer[length..]).expect("it answers");
        assert!(read > 0, "the answer is cut off: {:?}", String::from_utf8_lossy(&answer[..length]));
        length += read;
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

/// What this process, with all its threads, has used.
#[cfg(unix)]
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

#[cfg(not(unix))]
fn processor_time() -> Duration {
    Duration::ZERO
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
