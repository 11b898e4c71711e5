//! What stands behind the gate: something that answers whole requests. It sees no sockets.

use crate::model::UnixTime;
use bytes::Bytes;
use http::{Request, Response};
use std::net::IpAddr;

/// Answers requests that the gate has read.
pub trait Handler: Send + Sync + 'static {
    /// Where a request goes, by its head alone. Is asked on the thread of the connections, so it must not take long.
    fn route(&self, request: &Request<()>) -> Route;

    /// The answer. Is asked on one of the threads of the route's queue, where it may wait for disks. If it panics, the client
    /// is told that the server failed.
    ///
    /// An extension of the answer that is a [`Code`](crate::api::Code) or a [`PlayerId`](crate::model::PlayerId) is counted
    /// and logged.
    fn answer(&self, request: &Request<Bytes>, peer: IpAddr, now: UnixTime) -> Response<Bytes>;
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// What it is called in logs and figures. One of few: nothing that a client may choose.
    pub name: &'static str,
    /// Who does it.
    pub queue: Queue,
    /// How long its body may be.
    pub body_bytes: usize,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// The thread of the connections itself, at once: for what takes microseconds and seldom waits. It is trusted as long as
    /// it is so: after an answer that took longer, those for what is quick, until one took less again.
    Inline,
    /// The threads for what is quick, but may wait for a disk.
    Quick,
    /// The threads that verify runs.
    Verification,
}
