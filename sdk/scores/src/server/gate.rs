//! The gate: who may come in, and who has to leave for that. It accepts connections, and goes on whatever happens.
//!
//! It knows nothing of HTTP but the refusal that it sends.

use super::connection::{self, House};
use super::place::{Cut, Group, Place};
use super::refusal;
use std::cell::Cell;
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{spawn_local, yield_now};
use tokio::time::{sleep, timeout};

/// How many refusals are being said at once. Who is over it is turned away without a word.
const REFUSALS: usize = 32;
/// How long nothing is accepted after the system could not.
const RECOVERY: Duration = Duration::from_millis(50);
/// How often deadlines are looked at.
const SWEEP: Duration = Duration::from_millis(100);

/// The gate.
pub(super) struct Gate {
    house: Rc<House>,
    capacity: usize,
    refusals: Cell<usize>,
}

impl Gate {
    pub(super) fn new(house: Rc<House>) -> Rc<Self> {
        let capacity = house.limits.connections.min(descriptors() / 2).max(1);
        Rc::new(Self { house, capacity, refusals: Cell::new(0) })
    }

    /// Accepts connections, for ever.
    pub(super) async fn accept(self: &Rc<Self>, listener: &TcpListener) {
        let mut reserve = reserve();
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => self.admit(socket, peer.ip()),
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    self.house.figures.accept_errors.fetch_add(1, Relaxed);
                    self.recover(&error, listener, &mut reserve).await;
                }
            }
        }
    }

    /// After a failed accept: makes room if there is none, and waits a moment. Nobody waits in vain meanwhile: the place
    /// that is kept in reserve is enough to tell who comes that there is none.
    async fn recover(self: &Rc<Self>, error: &io::Error, listener: &TcpListener, kept: &mut Option<File>) {
        // Of the other errors, each is of one connection that is gone by now.
        if !is_exhausted(error) {
            return;
        }
        if !self.house.places.make_way(|_| true) && kept.take().is_some() {
            let accepted = timeout(Duration::ZERO, listener.accept()).await;
            if let Ok(Ok((socket, _))) = accepted {
                say_now(&socket);
            }
        }
        sleep(RECOVERY).await;
        if kept.is_none() {
            *kept = reserve();
        }
    }

    /// Lets a connection in, or refuses it.
    fn admit(self: &Rc<Self>, socket: TcpStream, peer: IpAddr) {
        let House { places, limits, figures, .. } = &*self.house;
        let group = Group::of(peer);
        let same = |place: &Place| place.group == group;
        let proxy = self.house.trusted_proxies.contains(&peer.to_canonical());
        let fits = (proxy || places.count(same) < limits.connections_per_address || places.make_way(same))
            && (places.len() < self.capacity || places.make_way(|_| true));
        if !fits {
            return self.refuse(socket);
        }
        // It costs latency, no more, if it can't be set.
        let _ = socket.set_nodelay(true);
        figures.accepted.fetch_add(1, Relaxed);
        figures.connections.fetch_add(1, Relaxed);
        let place = places.enter(group);
        let house = self.house.clone();
        spawn_local(async move {
            connection::serve(house.clone(), socket, peer, place.clone()).await;
            house.places.leave(&place);
            house.figures.connections.fetch_sub(1, Relaxed);
        });
    }

    fn refuse(self: &Rc<Self>, socket: TcpStream) {
        self.house.figures.refused.fetch_add(1, Relaxed);
        if self.refusals.get() >= REFUSALS.min(self.capacity / 4) {
            return;
        }
        self.refusals.set(self.refusals.get() + 1);
        let gate = self.clone();
        spawn_local(async move {
            connection::say(socket, &refusal::closing(refusal::busy("too many connections"))).await;
            gate.refusals.set(gate.refusals.get() - 1);
        });
    }

    /// Cuts off who takes too long, for ever.
    pub(super) async fn sweep(&self) {
        let House { places, limits, .. } = &*self.house;
        loop {
            places.until(false).await;
            sleep(SWEEP).await;
            let now = Instant::now();
            places.for_each(|place| {
                if place.overdue(now, limits) {
                    place.cut(Cut::Deadline);
                }
            });
        }
    }

    /// Lets all finish what is under way, for so long; then cuts them off, and returns how many that were.
    pub(super) async fn close(&self, deadline: Duration) -> usize {
        // What has arrived is read before anybody is told.
        yield_now().await;
        let House { places, stopping, .. } = &*self.house;
        stopping.set(true);
        places.for_each(Place::wake);
        let cut = match timeout(deadline, places.until(true)).await {
            Ok(()) => 0,
            Err(_) => places.count(|_| true),
        };
        places.for_each(|place| place.cut(Cut::Stopped));
        cut
    }
}

/// How many descriptors this process may have.
#[cfg(unix)]
fn descriptors() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// How many descriptors this process may have: where sockets are none, many.
#[cfg(not(unix))]
fn descriptors() -> usize {
    usize::MAX
}

/// A file descriptor to let go when there are no others.
fn reserve() -> Option<File> {
    File::open(if cfg!(windows) { "NUL" } else { "/dev/null" }).ok()
}

/// Whether the process, or the system, has no more descriptors or memory for sockets.
fn is_exhausted(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// Says to who was accepted with the last descriptor that there are no more.
fn say_now(socket: &TcpStream) {
    let refusal = refusal::closing(refusal::busy("too many connections"));
    // It may not get through; there is no descriptor to wait with.
    let _ = socket.try_write(&refusal::to_bytes(&refusal));
}
