//! How much of a machine the server takes: numbers, and why. Nothing here acts on them.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

/// How much a server takes on at once, and how long it waits for whom.
///
/// The defaults suit a small machine on the internet. Every queue has an end: what is over it is answered with 503 and when
/// to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many connections are open at once. No more than half of the file descriptors that the process may have, whatever
    /// is said here: a game needs some for itself.
    pub connections: usize,
    /// How many of them one address may have; a network of 2^64 addresses of IPv6 counts as one. Proxies that are trusted may
    /// have all of them.
    pub connections_per_address: usize,
    /// When there are too many connections, one that has made the server wait for so long makes way for a new one.
    pub patience: Duration,
    /// How long the request line and the headers may be, in bytes; at least 8 KiB. There may be a hundred headers.
    pub header_bytes: usize,
    /// How long they may take to arrive, from the connection's or the request's first moment.
    pub header_deadline: Duration,
    /// How long a body may be, in bytes.
    pub body_bytes: usize,
    /// How long it may take to arrive.
    pub body_deadline: Duration,
    /// How fast bodies must arrive and answers be taken, in bytes a second, once `rate_grace` is over.
    pub minimum_rate: u32,
    /// For how long nobody's rate is looked at.
    pub rate_grace: Duration,
    /// How long an answer may be worked on, its time in a queue included.
    pub handling_deadline: Duration,
    /// How long a client may take to read an answer.
    pub write_deadline: Duration,
    /// How long a connection may stay without a request.
    pub idle: Duration,
    /// How many bytes of bodies and of answers may be held at once, of all connections together.
    pub memory: usize,
    /// How many threads answer what is quick.
    pub quick_workers: usize,
    /// How many requests may wait for them.
    pub quick_queue: usize,
    /// How many threads verify runs.
    pub verification_workers: usize,
    /// How many runs may wait for them.
    pub verification_queue: usize,
    /// How long a server that is stopped goes on with what was under way.
    pub stop_deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_address: 64,
            patience: Duration::from_secs(1),
            header_bytes: 16 << 10,
            header_deadline: Duration::from_secs(10),
            body_bytes: 2 << 20,
            body_deadline: Duration::from_secs(60),
            minimum_rate: 4 << 10,
            rate_grace: Duration::from_secs(5),
            handling_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(60),
            idle: Duration::from_secs(60),
            memory: 64 << 20,
            quick_workers: 4,
            quick_queue: 256,
            verification_workers: available_parallelism().map_or(1, NonZero::get),
            verification_queue: 64,
            stop_deadline: Duration::from_secs(10),
        }
    }
}
