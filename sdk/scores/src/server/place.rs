//! A connection's place in the house: what it is doing, since when, and whether it has to go.
//!
//! One thread has them all, so they are cells. Nothing here knows a socket or HTTP.

use super::limits::Limits;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long a client has to hear the last answer.
pub(super) const LINGER: Duration = Duration::from_millis(500);

/// How many bytes every connection may have.
const LITTLE: usize = 16 << 10;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// All was said. We wait for the client to hear it.
    Closing,
}

/// Why a connection is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    /// It took too long.
    Deadline,
    /// There were too many, and this one had made us wait.
    MadeWay,
    /// The server stops, and has waited long enough.
    Stopped,
}

impl Cut {
    /// What it is called in figures.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::MadeWay => "made_way",
            Self::Stopped => "stopped",
        }
    }
}

impl Phase {
    /// What it is called in figures.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Head => "head",
            Self::Body => "body",
            Self::Handling => "handling",
            Self::Writing => "writing",
            Self::Idle => "idle",
            Self::Closing => "closing",
        }
    }
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

/// The places of all connections, and the memory that they share.
#[derive(Debug)]
pub(super) struct Places {
    all: RefCell<Vec<Rc<Place>>>,
    memory: Rc<Cell<usize>>,
    patience: Duration,
    /// Told when somebody came or left.
    changed: Notify,
}

impl Places {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            all: RefCell::default(),
            memory: Rc::new(Cell::new(limits.memory)),
            patience: limits.patience,
            changed: Notify::new(),
        }
    }

    /// A place for somebody new.
    pub(super) fn enter(&self, group: Group) -> Rc<Place> {
        let place = Rc::new(Place::new(group, self.memory.clone()));
        self.all.borrow_mut().push(place.clone());
        self.changed.notify_waiters();
        place
    }

    pub(super) fn leave(&self, place: &Rc<Place>) {
        self.all.borrow_mut().retain(|other| !Rc::ptr_eq(other, place));
        self.changed.notify_waiters();
    }

    /// How many are in, with those who are on their way out.
    pub(super) fn len(&self) -> usize {
        self.all.borrow().len()
    }

    /// How many of these are in, without those who have to go.
    pub(super) fn count(&self, which: impl Fn(&Place) -> bool) -> usize {
        let all = self.all.borrow();
        all.iter().filter(|place| place.is_cut().is_none() && which(place)).count()
    }

    pub(super) fn for_each(&self, what: impl Fn(&Place)) {
        self.all.borrow().iter().for_each(|place| what(place));
    }

    /// Cuts off, of these, the one for whom we have waited longest, if it was long enough.
    pub(super) fn make_way(&self, which: impl Fn(&Place) -> bool) -> bool {
        let now = Instant::now();
        let all = self.all.borrow();
        let waiting = all.iter().filter(|place| which(place));
        let longest =
            waiting.filter_map(|place| Some((place.waited(now)?, place))).max_by_key(|found| found.0);
        match longest {
            Some((waited, place)) if waited >= self.patience => {
                place.cut(Cut::MadeWay);
                true
            }
            _ => false,
        }
    }

    /// Waits until nobody is in; or somebody.
    pub(super) async fn until(&self, empty: bool) {
        while self.all.borrow().is_empty() != empty {
            self.changed.notified().await;
        }
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
    /// How many bytes there are left for bodies and answers of all.
    memory: Rc<Cell<usize>>,
    held: Cell<usize>,
    lingers: Cell<bool>,
}

impl Place {
    fn new(group: Group, memory: Rc<Cell<usize>>) -> Self {
        Self {
            group,
            phase: Cell::new(Phase::New),
            since: Cell::new(Instant::now()),
            moved: Cell::new(0),
            cut: Cell::new(None),
            waker: RefCell::new(None),
            memory,
            held: Cell::new(0),
            lingers: Cell::new(false),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(Instant::now());
        self.moved.set(0);
    }

    /// Notes that the client may be told to go while it still sends.
    pub(super) fn linger(&self) {
        self.lingers.set(true);
    }

    /// Whether it may.
    pub(super) fn lingers(&self) -> bool {
        self.lingers.get()
    }

    /// Notes that so many bytes came or went.
    pub(super) fn moved(&self, bytes: usize) {
        self.moved.set(self.moved.get() + bytes as u64);
    }

    /// Holds so many bytes in all, if there are as many left. Of little, no account is kept.
    pub(super) fn hold(&self, bytes: usize) -> bool {
        let bytes = if bytes <= LITTLE { 0 } else { bytes };
        let Some(left) = (self.memory.get() + self.held.get()).checked_sub(bytes) else { return false };
        self.memory.set(left);
        self.held.set(bytes);
        true
    }

    /// Whether it holds any.
    pub(super) fn holds(&self) -> bool {
        self.held.get() > 0
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
            Phase::Handling => limits.handling_deadline,
            Phase::Closing => LINGER,
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
        self.hold(0);
    }
}
