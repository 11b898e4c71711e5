//! One player's inputs: known up to a tick, predicted beyond.

use crate::{InputStatus, PlayerInput};
use netcord_wire::Tick;

/// Ticks that a queue holds: twice the longest window and delay, with a reserve.
pub(crate) const CAPACITY: u32 = 128;

/// A ring of inputs by tick. Slots before `next` are known; slots from `next` up to the current tick hold what
/// the simulation was told instead, so that a wrong prediction shows when the input arrives.
pub(crate) struct InputQueue<I> {
    slots: Box<[I; CAPACITY as usize]>,
    /// The oldest known tick that is still there.
    oldest: Tick,
    /// The first tick whose input is not known.
    next: Tick,
    /// A bit for each slot: the player was not there, which is as well known as an input.
    absent: u128,
    /// From this tick on the player is not there, and nobody waits for it.
    left: Option<Tick>,
}

const _: () = assert!(CAPACITY == u128::BITS);

/// What became of an added input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// It is new, and as predicted if it was predicted at all.
    New,
    /// It is new, and the simulation ran with another value.
    Mispredicted,
    /// It was known already.
    Known,
    /// The tick was added before with another value.
    Conflict,
    /// An earlier input is missing.
    Gap,
}

impl<I: PlayerInput> InputQueue<I> {
    /// A queue whose first unknown input is that of `start`; the one before is the default.
    pub(crate) fn new(start: Tick) -> Self {
        Self {
            slots: Box::new([I::default(); CAPACITY as usize]),
            oldest: start - 1,
            next: start,
            absent: 0,
            left: None,
        }
    }

    pub(crate) fn next(&self) -> Tick {
        self.next
    }

    pub(crate) fn oldest(&self) -> Tick {
        self.oldest
    }

    /// The first tick that is not settled for this player: unknown, or never for one who left.
    pub(crate) fn confirmed(&self) -> Option<Tick> {
        if self.left.is_some() { None } else { Some(self.next) }
    }

    /// A known input.
    pub(crate) fn get(&self, tick: Tick) -> Option<I> {
        (!tick.is_before(self.oldest) && tick.is_before(self.next)).then(|| self.slots[slot(tick)])
    }

    /// Whether the player is known not to be there at `tick`.
    pub(crate) fn is_absent(&self, tick: Tick) -> bool {
        self.left.is_some_and(|left| !tick.is_before(left))
            || (tick.is_before(self.next) && self.absent & bit(tick) != 0)
    }

    /// Adds the input of `tick`, `None` for a player who is not there; `current` is the first tick that was not
    /// simulated yet.
    pub(crate) fn add(&mut self, tick: Tick, input: Option<I>, current: Tick) -> Added {
        let is_absent = input.is_none();
        let input = input.unwrap_or_default();
        if tick.is_before(self.next) {
            return match self.get(tick) {
                Some(known) if known != input => Added::Conflict,
                _ => Added::Known,
            };
        }
        if tick != self.next {
            return Added::Gap;
        }
        let mispredicted = tick.is_before(current) && self.slots[slot(tick)] != input;
        self.slots[slot(tick)] = input;
        self.absent = if is_absent { self.absent | bit(tick) } else { self.absent & !bit(tick) };
        self.next = tick.next();
        self.forget_before(self.next);
        if mispredicted { Added::Mispredicted } else { Added::New }
    }

    /// What the simulation is to use for `tick`, which is remembered where it is a guess.
    pub(crate) fn use_at(&mut self, tick: Tick) -> (I, InputStatus) {
        if self.is_absent(tick) {
            return (I::default(), InputStatus::Disconnected);
        }
        if tick.is_before(self.next) {
            return (self.slots[slot(tick)], InputStatus::Confirmed);
        }
        let prediction = self.slots[slot(self.next - 1)];
        self.slots[slot(tick)] = prediction;
        self.forget_before(tick.next());
        (prediction, InputStatus::Predicted)
    }

    /// Replaces all by what is known from `first` on.
    pub(crate) fn preload(&mut self, first: Tick, inputs: impl Iterator<Item = Option<I>>) {
        *self = Self { oldest: first, ..Self::new(first) };
        for (offset, input) in (0..CAPACITY).zip(inputs) {
            self.add(first + offset, input, first);
        }
    }

    /// From `tick` on the player is gone; known inputs from then on are void.
    pub(crate) fn leave(&mut self, tick: Tick) {
        self.left = Some(tick);
    }

    /// A player who was gone is back from `tick` on.
    pub(crate) fn come_back(&mut self, tick: Tick) {
        let Some(left) = self.left.take() else { return };
        self.next = self.next.earliest(left).latest(tick - CAPACITY);
        for absent in self.next.until(tick) {
            self.add(absent, None, absent);
        }
    }

    /// Slots are reused after `CAPACITY` ticks.
    fn forget_before(&mut self, end: Tick) {
        self.oldest = self.oldest.latest(end - CAPACITY);
    }
}

const fn slot(tick: Tick) -> usize {
    (tick.0 % CAPACITY) as usize
}

const fn bit(tick: Tick) -> u128 {
    1 << (tick.0 % CAPACITY)
}
