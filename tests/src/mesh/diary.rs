//! What a process lived through, and whether it is what the others did.

use super::game::Walk;
use netcord::session::{P2pSession, PacedSession, Request, Session, SessionError};
use netcord::transport::Transport;
use netcord::wire::{Inspect, StateHash, Tick};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Who hosts, and how often that was handed over: the states of one lineage are one history.
pub(super) type Lineage = (u32, u8);

/// The final states of a process, and the changes of who takes part that it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Diary {
    pub(super) states: BTreeMap<Lineage, BTreeMap<u32, StateHash>>,
    /// Who left, and the first tick without.
    pub(super) left: BTreeSet<(u8, u32)>,
    /// Who joined, and the first tick with.
    pub(super) joined: BTreeSet<(u8, u32)>,
    pub(super) newest: u32,
    pub(super) confirmed: u64,
    pub(super) progress_at: Duration,
    pub(super) objection: Option<String>,
}

impl Diary {
    fn confirm(&mut self, lineage: Lineage, tick: Tick, hash: StateHash, now: Duration) {
        self.newest = tick.0;
        match self.states.entry(lineage).or_default().insert(tick.0, hash) {
            None => {
                self.confirmed += 1;
                self.progress_at = now;
            }
            Some(before) if before == hash => {}
            Some(_) => {
                self.objection.get_or_insert(format!("the final state at tick {tick} changed"));
            }
        }
    }

    /// The process was taken out of this lineage at `tick`: what it took for final after that, nobody else does.
    pub(super) fn cut_off(&mut self, lineage: Lineage, tick: u32) {
        if let Some(states) = self.states.get_mut(&lineage) {
            states.split_off(&tick.saturating_add(1));
        }
    }

    /// Where this process and another remember different things.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        self.states.iter().find_map(|(lineage, states)| {
            let others = other.states.get(lineage)?;
            states.iter().find_map(|(tick, ours)| {
                let theirs = others.get(tick)?;
                (ours != theirs)
                    .then(|| format!("the states of {lineage:?} differ at tick {tick}: {ours} and {theirs}"))
            })
        })
    }
}

/// A session and its diary.
pub(super) struct Witness<T> {
    pub(super) session: P2pSession<u8, T>,
    pub(super) diary: Diary,
    pub(super) now: Duration,
}

impl<T> Witness<T>
where
    T: Transport,
{
    pub(super) fn lineage(&self) -> Lineage {
        (self.session.host_term(), self.session.host_player().0)
    }
}

impl<T: Transport> Session for Witness<T> {
    type Input = u8;

    fn next_request(&mut self) -> Option<Request<u8>> {
        self.session.next_request()
    }

    fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        let lineage = self.lineage();
        self.diary.confirm(lineage, tick, StateHash::of(state), self.now);
        self.session.confirm(tick, state);
    }

    fn snapshot(&mut self, tick: Tick, bytes: Vec<u8>) -> Result<(), SessionError> {
        debug_assert!(<Walk as netcord::session::Simulation>::decode(&bytes).is_some());
        self.session.snapshot(tick, bytes)
    }
}

impl<T: Transport> PacedSession for Witness<T> {
    fn update(&mut self, now: Duration) -> Result<(), SessionError> {
        self.now = now;
        self.session.update(now)
    }

    fn tick_due(&self) -> bool {
        self.session.tick_due()
    }

    fn advance(&mut self, input: u8) {
        self.session.advance(input);
    }

    fn flush(&mut self, now: Duration) -> Result<(), SessionError> {
        self.session.flush(now)
    }
}
