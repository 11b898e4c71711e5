//! What a receiver holds of a section: the states that arrived, as long as later ones may be coded against them.

use crate::SnapshotError;
use crate::message::HISTORY;
use crate::section::{Baseline, MAX_BASELINES, SectionHeader};
use crate::state::SectionState;
use netcord_wire::Tick;
use std::collections::VecDeque;

/// The most states of a section.
const MAX_STATES: usize = 2 * HISTORY as usize + 1;

/// The states of a section, by tick.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// The oldest first; at most twice [`HISTORY`] older than the newest.
    states: VecDeque<(Tick, SectionState)>,
    /// Whether the newest state has entities that are known to be elsewhere by now.
    pub(crate) has_others: bool,
}

impl History {
    pub(crate) fn newest(&self) -> Option<&(Tick, SectionState)> {
        self.states.back()
    }

    pub(crate) fn at(&self, tick: Tick) -> Option<&SectionState> {
        let place = self.states.partition_point(|(held, _)| held.is_before(tick));
        self.states.get(place).filter(|(held, _)| *held == tick).map(|(_, state)| state)
    }

    /// The newest first.
    pub(crate) fn states(&self) -> impl Iterator<Item = &(Tick, SectionState)> {
        self.states.iter().rev()
    }

    pub(crate) fn ticks(&self) -> impl DoubleEndedIterator<Item = Tick> {
        self.states.iter().map(|&(tick, _)| tick)
    }

    /// Whether a state of `tick` is too old to be of use.
    pub(crate) fn is_too_old(&self, tick: Tick) -> bool {
        self.newest().is_some_and(|(newest, _)| newest.since(tick) > HISTORY as i32)
    }

    /// Adds a state. Those that are too old go to `spare`.
    pub(crate) fn insert(&mut self, tick: Tick, state: SectionState, spare: &mut Vec<SectionState>) {
        let place = self.states.partition_point(|(held, _)| held.is_before(tick));
        self.states.insert(place, (tick, state));
        let Some(&(newest, _)) = self.states.back() else { return };
        let too_old = |(tick, _): &(Tick, SectionState)| newest.since(*tick) > 2 * HISTORY as i32;
        // A hostile sender's ticks may go round in circles: none too old, and no end of them.
        // What was the newest stays, to be compared with what is now.
        let ends = |states: &VecDeque<_>| {
            states.len() > MAX_STATES || (states.len() > 2 && states.front().is_some_and(too_old))
        };
        while ends(&self.states) {
            spare.extend(self.states.pop_front().map(|(_, state)| state));
        }
    }

    pub(crate) fn into_states(self) -> impl Iterator<Item = SectionState> {
        self.states.into_iter().map(|(_, state)| state)
    }

    /// The baselines that a section of `tick` asks for, and how many there are.
    pub(crate) fn baselines(
        &self,
        tick: Tick,
        header: &SectionHeader,
    ) -> Result<([Baseline<'_>; MAX_BASELINES], usize), SnapshotError> {
        static EMPTY: SectionState = SectionState::with_columns(0);
        let mut baselines = [Baseline { age: 0, state: &EMPTY }; MAX_BASELINES];
        for (baseline, &age) in baselines.iter_mut().zip(header.ages()) {
            let state = self.at(tick - u32::from(age));
            let state = state.ok_or(SnapshotError::MissingBaseline { age: age.into() })?;
            *baseline = Baseline { age, state };
        }
        Ok((baselines, header.ages().len()))
    }
}
