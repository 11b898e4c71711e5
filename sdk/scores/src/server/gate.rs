//! The gate: who may come in, and who has to leave for that. It accepts connections, and goes on whatever happens.
//!
//! It knows nothing of HTTP but the refusal that it sends.

use super::connection::{self, House};
use super::place::{Cut, Group, Memory, Place};
use super::refusal;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::spawn_local;
use tokio::time::sleep;

/// How many refusals are being said at once. Who is over it is turned away without a word.
const REFUSALS: usize = 32;
/// How long nothing is accepted after the system could not.
const RECOVERY: Duration = Duration::from_millis(50);
/// How often deadlines are looked at.
const SWEEP: Duration = Duration::from_millis(100);

/// The gate, and all who are in.
pub(super) struct Gate {
    house: Rc<House>,
    capacity: usize,
    places: RefCell<Vec<Rc<Place>>>,
    memory: Rc<Memory>,
    refusals: Cell<usize>,
    /// Told when a connection came or ended.
    changed: Notify,
}

impl Gate {
    pub(super) fn new(house: Rc<House>) -> Rc<Self> {
        let memory = Memory::new(house.limits.memory);
        Rc::new(Self {
            capacity: house.limits.connections,
            house,
            places: RefCell::default(),
            memory,
            refusals: Cell::new(0),
            changed: Notify::new(),
        })
    }

    /// Accepts connections, for ever.
    pub(super) async fn accept(self: &Rc<Self>, listener: &TcpListener) {
        let mut reserve = reserve();
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => self.admit(socket, peer.ip()),
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
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
        if !self.make_way(|_| true) && kept.take().is_some() {
            let accepted = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
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
        let group = Group::of(peer);
        let staying = || self.places.borrow().iter().filter(|place| place.is_cut().is_none()).count();
        let of_group = || {
            let places = self.places.borrow();
            places.iter().filter(|place| place.group == group && place.is_cut().is_none()).count()
        };
        let limits = &self.house.limits;
        let fits = (of_group() < limits.connections_per_address
            || self.make_way(|place| place.group == group))
            && (staying() < self.capacity || self.make_way(|_| true));
        if !fits {
            return self.refuse(socket);
        }
        // It costs latency, no more, if it can't be set.
        let _ = socket.set_nodelay(true);
        let place = Place::new(group, self.memory.clone());
        self.places.borrow_mut().push(place.clone());
        self.changed.notify_waiters();
        let gate = self.clone();
        spawn_local(async move {
            connection::serve(gate.house.clone(), socket, peer, place.clone()).await;
            gate.leave(&place);
        });
    }

    fn leave(&self, place: &Rc<Place>) {
        let mut places = self.places.borrow_mut();
        if let Some(index) = places.iter().position(|other| Rc::ptr_eq(other, place)) {
            places.swap_remove(index);
        }
        self.changed.notify_waiters();
    }

    /// Cuts off the connection that has made us wait longest, of those that may be, if it was long enough.
    fn make_way(&self, may_be: impl Fn(&Place) -> bool) -> bool {
        let now = Instant::now();
        let places = self.places.borrow();
        let waiting = places.iter().filter(|place| may_be(place));
        let waiting = waiting.filter_map(|place| Some((place.waited(now)?, place)));
        match waiting.max_by_key(|(waited, _)| *waited) {
            Some((waited, place)) if waited >= self.house.limits.patience => {
                place.cut(Cut::MadeWay);
                true
            }
            _ => false,
        }
    }

    fn refuse(self: &Rc<Self>, socket: TcpStream) {
        if self.refusals.get() == REFUSALS {
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
        let limits = &self.house.limits;
        loop {
            if self.places.borrow().is_empty() {
                self.changed.notified().await;
            }
            sleep(SWEEP).await;
            let now = Instant::now();
            for place in self.places.borrow().iter() {
                if place.overdue(now, limits) {
                    place.cut(Cut::Deadline);
                }
            }
        }
    }

    /// Lets all finish what is under way, for so long; then cuts them off, and returns how many that were.
    pub(super) async fn close(&self, deadline: Duration) -> usize {
        // What has arrived is read before anybody is told.
        tokio::task::yield_now().await;
        self.house.stopping.set(true);
        self.places.borrow().iter().for_each(|place| place.wake());
        let empty = async {
            while !self.places.borrow().is_empty() {
                self.changed.notified().await;
            }
        };
        let finished = tokio::time::timeout(deadline, empty).await.is_ok();
        if finished {
            return 0;
        }
        let places = self.places.borrow();
        places.iter().for_each(|place| place.cut(Cut::Stopped));
        places.len()
    }
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
