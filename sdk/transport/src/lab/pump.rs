//! The proxy's thread: real sockets on both sides of each client's pipes.

use super::proxy::{Orders, Shared, lock};
use super::{Pipe, PipeStats, Proxy, ProxyStats};
use crate::DatagramSocket;
use crate::backend::{UdpSocket, wait_for_any};
use core::time::Duration;
use netcord_wire::GameRng;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// How soon a change of orders is seen when nothing else happens.
const NAP: Duration = Duration::from_millis(20);
/// A client that is silent for so long is forgotten.
const FORGET: Duration = Duration::from_secs(60);
/// A client that is silent for so long makes room for a new one when all places are taken.
const MAKE_ROOM: Duration = Duration::from_secs(5);
/// Datagrams that are taken from one socket before others have their turn.
const TURN: usize = 256;

pub(super) struct Pump {
    front: UdpSocket,
    target: SocketAddr,
    seeds: GameRng,
    orders: Orders,
    shared: Arc<Mutex<Shared>>,
    started: Instant,
    clients: Vec<Client>,
    /// What the pipes of clients that are gone did.
    gone: (PipeStats, PipeStats),
    stats: ProxyStats,
    buffer: Box<[u8]>,
}

struct Client {
    address: SocketAddr,
    /// The client's port towards the target.
    upstream: UdpSocket,
    up: Pipe,
    down: Pipe,
    /// When it last sent something.
    heard: Duration,
}

impl Pump {
    pub(super) fn new(
        front: UdpSocket,
        target: SocketAddr,
        seed: u64,
        orders: Orders,
        shared: Arc<Mutex<Shared>>,
    ) -> Self {
        Self {
            front,
            target,
            seeds: GameRng::new(seed),
            orders,
            shared,
            started: Instant::now(),
            clients: Vec::new(),
            gone: Default::default(),
            stats: ProxyStats::default(),
            buffer: vec![0; 1 << 16].into(),
        }
    }

    pub(super) fn run(mut self) -> io::Result<()> {
        while !self.orders.stop {
            self.wait()?;
            self.follow_orders();
            self.take_from_clients()?;
            self.take_from_target()?;
            self.hand_out()?;
            self.report();
        }
        Ok(())
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Sleeps until a datagram comes or is due.
    fn wait(&self) -> io::Result<()> {
        let due = self.clients.iter().flat_map(|client| [client.up.next_time(), client.down.next_time()]);
        let nap = due.flatten().min().map_or(NAP, |due| due.saturating_sub(self.now()).min(NAP));
        if !nap.is_zero() {
            let upstreams = self.clients.iter().map(|client| &client.upstream);
            wait_for_any(upstreams.chain([&self.front]), nap)?;
        }
        Ok(())
    }

    fn follow_orders(&mut self) {
        let orders = lock(&self.shared).orders;
        if orders == self.orders {
            return;
        }
        for client in &mut self.clients {
            client.up.set_conditions(orders.up);
            client.down.set_conditions(orders.down);
            client.up.set_cut(orders.cut);
            client.down.set_cut(orders.cut);
            if orders.rebinds != self.orders.rebinds {
                match open_upstream(self.target) {
                    Ok(upstream) => client.upstream = upstream,
                    Err(error) => tracing::warn!(%error, "a client keeps its port"),
                }
            }
        }
        self.orders = orders;
    }

    fn take_from_clients(&mut self) -> io::Result<()> {
        let now = self.now();
        for _ in 0..TURN {
            let Some((len, from)) = self.front.receive(&mut self.buffer)? else { break };
            match self.client(from, now) {
                Some(index) => {
                    let client = &mut self.clients[index];
                    client.heard = now;
                    client.up.push(now, &self.buffer[..len]);
                }
                None => self.stats.refused += 1,
            }
        }
        Ok(())
    }

    fn take_from_target(&mut self) -> io::Result<()> {
        let now = self.now();
        for client in &mut self.clients {
            for _ in 0..TURN {
                let Some((len, from)) = client.upstream.receive(&mut self.buffer)? else { break };
                if from == self.target {
                    client.down.push(now, &self.buffer[..len]);
                }
            }
        }
        Ok(())
    }

    /// Sends what is due.
    fn hand_out(&mut self) -> io::Result<()> {
        let started = self.started;
        let mut late = |due: Duration| {
            let lateness = started.elapsed().saturating_sub(due);
            self.stats.worst_lateness = self.stats.worst_lateness.max(lateness);
            self.stats.total_lateness += lateness;
        };
        for client in &mut self.clients {
            let now = started.elapsed();
            while let Some(due) = client.up.next_time()
                && let Some(datagram) = client.up.pop(now)
            {
                client.upstream.send(self.target, datagram)?;
                late(due);
            }
            while let Some(due) = client.down.next_time()
                && let Some(datagram) = client.down.pop(now)
            {
                self.front.send(client.address, datagram)?;
                late(due);
            }
        }
        Ok(())
    }

    fn report(&mut self) {
        let now = self.now();
        self.forget(|client| now.saturating_sub(client.heard) < FORGET);
        (self.stats.up, self.stats.down) = self.gone;
        for client in &self.clients {
            self.stats.up += client.up.stats();
            self.stats.down += client.down.stats();
        }
        self.stats.clients = self.clients.len();
        lock(&self.shared).stats = self.stats;
    }

    /// The place of the client at `address`, a new one if need and room be.
    fn client(&mut self, address: SocketAddr, now: Duration) -> Option<usize> {
        if let Some(index) = self.clients.iter().position(|client| client.address == address) {
            return Some(index);
        }
        if self.clients.len() >= Proxy::MAX_CLIENTS {
            self.forget(|client| now.saturating_sub(client.heard) < MAKE_ROOM);
        }
        if self.clients.len() >= Proxy::MAX_CLIENTS {
            return None;
        }
        let upstream = open_upstream(self.target)
            .inspect_err(|error| tracing::warn!(%error, %address, "a client can't be served"))
            .ok()?;
        let mut up = Pipe::new(self.orders.up, self.seeds.next_u64());
        let mut down = Pipe::new(self.orders.down, self.seeds.next_u64());
        up.set_cut(self.orders.cut);
        down.set_cut(self.orders.cut);
        self.clients.push(Client { address, upstream, up, down, heard: now });
        Some(self.clients.len() - 1)
    }

    fn forget(&mut self, stays: impl Fn(&Client) -> bool) {
        self.clients.retain(|client| {
            let stays = stays(client);
            if !stays {
                self.gone.0 += client.up.stats();
                self.gone.1 += client.down.stats();
            }
            stays
        });
    }
}

/// A new port towards the target, on no more of the machine's addresses than needed.
fn open_upstream(target: SocketAddr) -> Result<UdpSocket, crate::TransportError> {
    let address: IpAddr = match target {
        _ if target.ip().is_loopback() => target.ip(),
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((address, 0).into())
}
