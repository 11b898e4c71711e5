//! The network lab between real processes: a UDP proxy that treats datagrams as its conditions say.

use super::pump::Pump;
use super::{Conditions, PipeStats};
use crate::backend::UdpSocket;
use crate::{DatagramSocket, TransportError};
use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// A UDP proxy before a server or host, with a network's conditions between.
///
/// Clients send to [`address`](Self::address); the target sees a port of the proxy's for each client, as behind a
/// router. Each client has two [`Pipe`](super::Pipe)s of its own, seeded by the order in which clients come. It
/// serves up to [`MAX_CLIENTS`](Self::MAX_CLIENTS); one that is silent for a minute is forgotten.
///
/// The proxy runs on a thread of its own, which sleeps until a datagram comes or is due. It stops when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    /// `None` once it has ended.
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// What a [`Proxy`] did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyStats {
    /// From the clients to the target.
    pub up: PipeStats,
    /// From the target to the clients.
    pub down: PipeStats,
    /// Clients that are served now.
    pub clients: usize,
    /// Datagrams of clients that were turned away, because there were too many.
    pub refused: u64,
    /// How much later than it was due a datagram left, at worst.
    pub worst_lateness: Duration,
    /// How much later than they were due all datagrams left, together.
    pub total_lateness: Duration,
}

impl ProxyStats {
    /// How much later than it was due a datagram left, on average: the proxy's own error.
    pub fn mean_lateness(&self) -> Duration {
        let delivered = self.up.delivered + self.down.delivered;
        self.total_lateness / u32::try_from(delivered.max(1)).unwrap_or(u32::MAX)
    }
}

/// What the proxy's handle and its thread tell each other.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) orders: Orders,
    pub(super) stats: ProxyStats,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) up: Conditions,
    pub(super) down: Conditions,
    pub(super) cut: bool,
    /// How often the clients' ports were to be changed.
    pub(super) rebinds: u32,
    pub(super) stop: bool,
}

impl Proxy {
    /// How many clients are served at one time.
    pub const MAX_CLIENTS: usize = 64;

    /// Starts a proxy at `front` (port 0 lets the system choose) before `target`. `up` is what happens to datagrams
    /// on the way to the target, `down` on the way back.
    ///
    /// # Errors
    /// [`TransportError::Bind`] when `front` can't be bound, [`TransportError::Socket`] when the system gives
    /// no thread.
    pub fn start(
        front: SocketAddr,
        target: SocketAddr,
        up: Conditions,
        down: Conditions,
        seed: u64,
    ) -> Result<Self, TransportError> {
        let front = UdpSocket::bind(front)?;
        let address = front.local_addr()?;
        let orders = Orders { up, down, cut: false, rebinds: 0, stop: false };
        let shared = Arc::new(Mutex::new(Shared { orders, stats: ProxyStats::default() }));
        let pump = Pump::new(front, target, seed, orders, shared.clone());
        let thread = std::thread::Builder::new().name("netcord-lab-proxy".into()).spawn(|| pump.run())?;
        tracing::debug!(%address, %target, %up, %down, seed, "started a proxy");
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// Where clients send to.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what happens to datagrams that come from now on.
    pub fn set_conditions(&self, up: Conditions, down: Conditions) {
        let orders = &mut lock(&self.shared).orders;
        (orders.up, orders.down) = (up, down);
    }

    /// Cuts both directions for all clients, or mends them. What is under way still arrives.
    pub fn partition(&self, cut: bool) {
        lock(&self.shared).orders.cut = cut;
    }

    /// Gives all clients new ports towards the target, as a router does that has forgotten them. What the target
    /// sends to the old ones is lost.
    pub fn rebind(&self) {
        lock(&self.shared).orders.rebinds += 1;
    }

    /// What happened so far, at most a few milliseconds ago.
    pub fn stats(&self) -> ProxyStats {
        lock(&self.shared).stats
    }

    /// Stops the proxy; what is under way is lost.
    ///
    /// # Errors
    /// [`TransportError::Socket`] when the proxy had ended before, because its socket broke.
    pub fn stop(mut self) -> Result<ProxyStats, TransportError> {
        self.join()?;
        Ok(self.stats())
    }

    fn join(&mut self) -> io::Result<()> {
        lock(&self.shared).orders.stop = true;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the proxy's thread panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Err(error) = self.join() {
            tracing::warn!(%error, "the proxy had ended before it was stopped");
        }
    }
}

pub(super) fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
