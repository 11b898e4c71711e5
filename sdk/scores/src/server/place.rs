//! A connection's place in the house: what it is doing, since when, and whether it has to go.
//!
//! One thread has them all, so they are cells. Nothing here knows a socket or HTTP.

use super::limits::Limits;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is open, and nothing came yet.
    New,
    /// A part of a head came.
    Head,
    /// The head is here, the body comes.
    Body,
    /// The answer is being made.
    Handling,
    /// The answer is being sent.
    Writing,
    /// It was answered; nothing came since.
    Idle,
}

/// Why a connection is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// It took too long.
    Deadline,
    /// There were too many, and this one had made us wait.
    MadeWay,
    /// The server stops, and has waited long enough.
    Stopped,
}

/// Who is counted as one: an address, or the network of one household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Group(IpAddr);

impl Group {
    /// The group of an address.
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                Self(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into())
            }
            address => Self(address),
        }
    }
}

/// Bytes of bodies and answers that all connections hold.
#[derive(Debug)]
pub(super) struct Memory {
    free: Cell<usize>,
}

impl Memory {
    pub(super) fn new(bytes: usize) -> Rc<Self> {
        Rc::new(Self { free: Cell::new(bytes) })
    }
}

/// A connection's place.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) group: Group,
    phase: Cell<Phase>,
    since: Cell<Instant>,
    /// Bytes that came or went in this phase.
    moved: Cell<u64>,
    cut: Cell<Option<Cut>>,
    waker: RefCell<Option<Waker>>,
    memory: Rc<Memory>,
    held: Cell<usize>,
}

impl Place {
    pub(super) fn new(group: Group, memory: Rc<Memory>) -> Rc<Self> {
        Rc::new(Self {
            group,
            phase: Cell::new(Phase::New),
            since: Cell::new(Instant::now()),
            moved: Cell::new(0),
            cut: Cell::new(None),
            waker: RefCell::new(None),
            memory,
            held: Cell::new(0),
        })
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(Instant::now());
        self.moved.set(0);
    }

    /// Notes that so many bytes came or went.
    pub(super) fn moved(&self, bytes: usize) {
        self.moved.set(self.moved.get() + bytes as u64);
    }

    /// Holds so many bytes more, if there are as many left for all.
    pub(super) fn hold(&self, bytes: usize) -> bool {
        let Some(free) = self.memory.free.get().checked_sub(bytes) else { return false };
        self.memory.free.set(free);
        self.held.set(self.held.get() + bytes);
        true
    }

    /// Holds nothing any more.
    pub(super) fn release(&self) {
        self.memory.free.set(self.memory.free.get() + self.held.take());
    }

    /// Whether it has taken longer than it may.
    pub(super) fn overdue(&self, now: Instant, limits: &Limits) -> bool {
        let at_rate = || {
            let moving = Duration::from_secs(self.moved.get() / u64::from(limits.minimum_rate.max(1)));
            limits.rate_grace + moving
        };
        let deadline = match self.phase.get() {
            Phase::New | Phase::Head => limits.header_deadline,
            Phase::Body => limits.body_deadline.min(at_rate()),
            Phase::Writing => limits.write_deadline.min(at_rate()),
            Phase::Idle => limits.idle,
            // It is not the client's fault; whoever handles it answers in time.
            Phase::Handling => return false,
        };
        now.duration_since(self.since.get()) >= deadline
    }

    /// For how long we have waited for the client, if we do.
    pub(super) fn waited(&self, now: Instant) -> Option<Duration> {
        let waiting = self.phase.get() != Phase::Handling && self.cut.get().is_none();
        waiting.then(|| now.duration_since(self.since.get()))
    }

    /// Tells the connection to end now.
    pub(super) fn cut(&self, why: Cut) {
        if self.cut.get().is_none() {
            self.cut.set(Some(why));
            self.wake();
        }
    }

    /// Whether it was told to.
    pub(super) fn is_cut(&self) -> Option<Cut> {
        self.cut.get()
    }

    /// Has the connection's task look at its place again.
    pub(super) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Whom to wake.
    pub(super) fn watch(&self, waker: &Waker) {
        let mut kept = self.waker.borrow_mut();
        if !kept.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            *kept = Some(waker.clone());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.release();
    }
}
