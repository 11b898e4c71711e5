//! The hashes and fields of the last confirmed states, and the chain of hashes (STANDARD.md, section 7.4).

use super::Record;
use crate::rollback::CAPACITY;
use netcord_wire::{FieldSink, Inspect, StateHash, StateHasher, Tick};

/// The last confirmed ticks, without gaps: what is needed to find the first that differs.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    /// The tick that comes next.
    next: Tick,
    /// How many ticks before `next` are there.
    len: u32,
    /// The chain at the last tick.
    chain: u64,
}

#[derive(Debug, Default)]
struct Entry {
    hash: StateHash,
    chain: u64,
    record: Record,
}

impl Journal {
    /// An empty journal that goes on from `tick` with the chain of the ticks before it.
    pub(crate) fn new(tick: Tick, chain: u64) -> Self {
        Self { entries: Vec::new(), next: tick, len: 0, chain }
    }

    /// Forgets everything and goes on from `tick`.
    pub(crate) fn restart(&mut self, tick: Tick, chain: u64) {
        (self.next, self.len, self.chain) = (tick, 0, chain);
    }

    /// Takes down the next confirmed state. One that is there already, or leaves a gap, is ignored.
    pub(crate) fn push(&mut self, tick: Tick, state: &dyn Inspect) -> bool {
        if tick != self.next {
            return false;
        }
        let slot = (tick.0 % CAPACITY) as usize;
        if self.entries.len() <= slot {
            self.entries.resize_with(CAPACITY as usize, Entry::default);
        }
        let Some(entry) = self.entries.get_mut(slot) else { return false };
        entry.hash = entry.record.take(state);
        self.chain = chained(self.chain, entry.hash);
        entry.chain = self.chain;
        self.next = tick.next();
        self.len = (self.len + 1).min(CAPACITY);
        true
    }

    /// The newest tick that is there.
    pub(crate) fn newest(&self) -> Option<(Tick, StateHash)> {
        let tick = self.next - 1;
        self.hash(tick).map(|hash| (tick, hash))
    }

    /// The oldest tick that is there, or the one that comes next.
    pub(crate) fn oldest(&self) -> Tick {
        self.next - self.len
    }

    pub(crate) fn next(&self) -> Tick {
        self.next
    }

    pub(crate) fn hash(&self, tick: Tick) -> Option<StateHash> {
        self.entry(tick).map(|entry| entry.hash)
    }

    pub(crate) fn chain(&self, tick: Tick) -> Option<u64> {
        self.entry(tick).map(|entry| entry.chain)
    }

    /// The chain of all ticks before `tick`: where a peer that starts there goes on from.
    pub(crate) fn chain_before(&self, tick: Tick) -> Option<u64> {
        if tick == self.next { Some(self.chain) } else { self.chain(tick - 1) }
    }

    pub(crate) fn record(&self, tick: Tick) -> Option<&Record> {
        self.entry(tick).map(|entry| &entry.record)
    }

    fn entry(&self, tick: Tick) -> Option<&Entry> {
        (tick.is_before(self.next) && !tick.is_before(self.oldest()))
            .then(|| self.entries.get((tick.0 % CAPACITY) as usize))?
    }
}

/// The next link of the chain: the hash of the chain so far and the tick's hash.
pub(crate) fn chained(chain: u64, hash: StateHash) -> u64 {
    let mut hasher = StateHasher::default();
    hasher.field(chain as i64);
    hasher.field(hash.0 as i64);
    hasher.finish().0
}
