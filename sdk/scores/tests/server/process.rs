//! A server in a process of its own, which has few file descriptors, and whose memory is its own.

use crate::client::Client;
use crate::server::{NEVER, PATIENCE, Server, patient};
use netcord_scores::server::Limits;
use std::fs::read_to_string;
use std::io::{BufRead, BufReader, Lines, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(100);

/// A process that serves until its input ends.
struct Process {
    child: Child,
    input: Option<ChildStdin>,
    /// It says something at its end, too, and must not fail at that.
    _output: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
}

impl Process {
    fn start(descriptors: usize, patience: Duration) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {descriptors}; exec \"$@\""), "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "process::a_process_serves", "--nocapture"])
            .env("PATIENCE_MILLIS", patience.as_millis().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = output.find_map(|line| line.unwrap().split("serves at ").nth(1)?.parse().ok());
        Self { input: child.stdin.take(), _output: output, address: address.unwrap(), child }
    }

    /// How much memory it has, in bytes.
    fn memory(&self) -> usize {
        let status = read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        1024 * line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input = None;
        self.child.wait().unwrap();
    }
}

/// Started by the others, it is their server.
#[test]
fn a_process_serves() {
    let Ok(patience) = std::env::var("PATIENCE_MILLIS") else {
        return insist(Process::start(1024, NEVER).address);
    };
    let patience = Duration::from_millis(patience.parse().unwrap());
    let limits = Limits { patience, memory: 32 << 20, ..patient() };
    let server = Server::start(limits);
    println!("serves at {}", server.front.address());
    // Until there is no more.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Tries until it is served.
fn insist(address: SocketAddr) {
    let start = std::time::Instant::now();
    while !Client::at(address)
        .and_then(|mut client| client.try_get("/"))
        .is_ok_and(|answer| answer.status == 200)
    {
        assert!(start.elapsed() < PATIENCE, "nobody is served");
    }
}

#[test]
fn more_connections_than_there_are_descriptors_leave_some_for_the_rest_of_the_process() {
    let server = Process::start(64, SHORT);
    let mut crowd = Vec::new();
    for _ in 0..500 {
        let mut client = Client::at(server.address).unwrap();
        client.flood(b"GET / HTTP/1.1\r\nhost: te");
        crowd.push(client);
    }
    insist(server.address);
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.child.id())).unwrap().count();
    assert!(open < 64, "{open} are open");
}

#[test]
fn without_descriptors_clients_are_told_and_with_them_served_again() {
    let server = Process::start(64, NEVER);
    let mut control = Client::at(server.address).unwrap();
    for _ in 0..3 {
        assert_ne!(control.get("/hog").text(), "0");
        for _ in 0..5 {
            let answer = Client::at(server.address).unwrap().answer();
            assert_eq!(answer.problem(), "busy");
        }
        assert_ne!(control.get("/free").text(), "0");
        insist(server.address);
    }
}

#[test]
fn memory_is_bounded_whatever_is_sent() {
    let server = Process::start(1024, SHORT);
    insist(server.address);
    let before = server.memory();
    let body =
        format!("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 1048576\r\n\r\n{}", "x".repeat(1 << 19));
    // More than the kernel keeps for them.
    let answers = "GET /replay HTTP/1.1\r\nhost: test\r\n\r\n".repeat(20);
    let mut crowd = Vec::new();
    for says in [body.as_bytes(), &[b'x'; 1 << 20], answers.as_bytes(), b"GET / HTTP/1.1\r\nhost: te"] {
        for _ in 0..125 {
            let mut client = Client::at(server.address).unwrap();
            client.flood(says);
            crowd.push(client);
        }
    }
    insist(server.address);
    let grown = server.memory().saturating_sub(before);
    // What bodies and answers may have, and twice as much for all else: answers that are being made, heads.
    assert!(grown < 96 << 20, "{grown} bytes more");
}
