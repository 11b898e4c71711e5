//! How soon the HTTP server of scores answers an honest client beside five hundred that are stuck, and once those have
//! left, beside bare `tiny_http`; and ours with few file descriptors, too.

use super::http::{Process, Server};
use crate::report::{Figure, Report};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How many are stuck.
const CROWD: usize = 500;
/// How many descriptors a server has that has few.
const FEW: u32 = 128;
/// When a server is taken for dead.
const DEAD: Duration = Duration::from_secs(10);
/// How often it is measured.
const ROUNDS: usize = 5;

pub(crate) fn run(report: &mut Report, quick: bool) {
    let rounds = if quick { 1 } else { ROUNDS };
    let [ours, theirs] = [Server::Inline, Server::TinyHttp].map(|server| slowest(rounds, server, None));
    for (metric, unit, index) in [
        ("answered beside them, slowest", "ms", 0),
        ("answered when they left, slowest", "ms", 1),
        ("memory beside them", "MiB", 2),
    ] {
        let figure = Figure { bench: "scores", case: "500 stuck connections", metric, unit };
        report.compare(&figure, ours[index], "tiny_http", theirs[index]);
    }
    let [beside, after, _] = slowest(rounds, Server::Inline, Some(FEW));
    let told =
        |millis: Option<f64>| millis.map_or("not at all".into(), |millis| format!("after {millis:.1} ms"));
    report.note(format!(
        "500 stuck connections, {FEW} file descriptors: answered {} beside them, {} when they left, at the slowest",
        told(beside),
        told(after)
    ));
}

/// The worst of each figure; none of what once was not answered at all.
fn slowest(rounds: usize, server: Server, descriptors: Option<u32>) -> [Option<f64>; 3] {
    let found: Vec<_> = (0..rounds).map(|_| besiege(server, descriptors)).collect();
    [0, 1, 2].map(|figure| {
        found.iter().map(|round| round[figure]).try_fold(0.0, |slowest, next| Some(f64::max(slowest, next?)))
    })
}

/// How soon an honest client was answered beside the crowd, and when it had left, in milliseconds; and what the process held
/// in memory beside it, in MiB.
fn besiege(server: Server, descriptors: Option<u32>) -> [Option<f64>; 3] {
    let server = Process::start(server, descriptors);
    // Where there is no room for one, it has no descriptor either.
    let stuck = || -> io::Result<TcpStream> {
        let mut socket = TcpStream::connect_timeout(&server.address, DEAD)?;
        socket.write_all(b"GET /v1 HTTP/1.1\r\nhost: local")?;
        Ok(socket)
    };
    let crowd: Vec<_> = (0..CROWD).filter_map(|_| stuck().ok()).collect();
    let beside_the_crowd = answered(server.address);
    let memory = server.memory();
    drop(crowd);
    [beside_the_crowd, answered(server.address), memory]
}

/// After how many milliseconds a client that tries again and again has its answer.
fn answered(server: SocketAddr) -> Option<f64> {
    let start = Instant::now();
    while start.elapsed() < DEAD {
        if ask(server).is_ok_and(|is_answer| is_answer) {
            return Some(1e3 * start.elapsed().as_secs_f64());
        }
    }
    None
}

fn ask(server: SocketAddr) -> io::Result<bool> {
    let patience = Duration::from_millis(500);
    let mut socket = TcpStream::connect_timeout(&server, patience)?;
    socket.set_read_timeout(Some(patience))?;
    socket.write_all(b"GET /v1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    socket.read_exact(&mut status)?;
    Ok(status == *b"HTTP/1.1 200")
}
