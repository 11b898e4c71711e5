//! What a receiver could not read, until it has read something newer: when to tell the sender of it.
//!
//! It is told at once, and again when the sender seems not to have heard of it: ever more seldom, for what can't be read
//! even whole would else fill the way down.

use super::{ReceiveError, SnapshotReceiver};
use crate::SnapshotError;
use crate::feedback::{Check, Feedback, sum};
use crate::message::SectionId;
use netcord_wire::Tick;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Calls of [`SnapshotReceiver::feedback`] from one check to the next.
const CHECK_EVERY: u32 = 32;
/// Calls after which something is reported again: at first, and at most.
const PATIENCE: u32 = 12;
const MOST_PATIENCE: u32 = 64 * PATIENCE;

impl SnapshotReceiver {
    /// What the sender is to be told now, if anything: at most [`MAX_FEEDBACK`](crate::MAX_FEEDBACK) bytes, for
    /// [`View::receive_feedback`](crate::View::receive_feedback). Call it once a tick. It may go over any channel, and
    /// get lost.
    ///
    /// It names what could not be read though it arrived, at once; and twice a second, what is held of one of the
    /// sections in its turn, so that a state that is not the sender's is found out. Without it a client stays without what
    /// it once failed to read.
    pub fn feedback(&mut self) -> Option<&[u8]> {
        let mut feedback = std::mem::take(&mut self.feedback);
        feedback.clear();
        self.unread.report(&mut feedback);
        if self.unread.calls.is_multiple_of(CHECK_EVERY) {
            feedback.check = self.check_next();
        }
        self.feedback_bytes.clear();
        let told = feedback.write(&mut self.feedback_bytes);
        self.unread.told(feedback.unread.get(..told).unwrap_or_default());
        self.feedback = feedback;
        (!self.feedback_bytes.is_empty()).then_some(&self.feedback_bytes)
    }

    /// Sums up what comes after that which was checked last: each section, then the manifest.
    fn check_next(&mut self) -> Option<Check> {
        let after = self.checked.map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.sections.range((after, Bound::Unbounded)).next();
        self.checked = next.map(|(&section, _)| section);
        let (tick, state) = next.map_or(&self.manifests, |(_, history)| history).newest()?;
        Some(Check { section: self.checked, tick: *tick, sum: sum(state) })
    }

    /// Notes whether a manifest could be read.
    pub(super) fn note_manifest(&mut self, tick: Tick, result: &Result<(), ReceiveError>) {
        if result.is_ok() {
            self.unread.manifest_read(tick);
        } else if self.manifests.newest().is_none_or(|(newest, _)| tick.is_after(*newest)) {
            self.unread.note_manifest(tick);
        }
    }

    /// Notes whether a section could be read.
    pub(super) fn note_section(&mut self, section: SectionId, tick: Tick, result: &Result<(), ReceiveError>) {
        match result {
            Ok(()) => self.unread.read(section, tick),
            // Who joins gets the first manifest before anything is coded against what it has.
            Err(ReceiveError::Snapshot(SnapshotError::MissingBaseline { .. }))
                if self.manifests.newest().is_none() =>
            {
                self.unread.note_manifest(tick);
            }
            Err(_) => {
                let newest = self.sections.get(&section).and_then(|held| held.newest());
                if newest.is_none_or(|(newest, _)| tick.is_after(*newest)) {
                    self.unread.note(section, tick, self.limits.sections);
                }
            }
        }
    }
}

/// What could not be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread {
    /// Manifests.
    manifest: Option<Entry>,
    sections: BTreeMap<SectionId, Entry>,
    calls: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The newest message that could not be read.
    tick: Tick,
    /// The call in which it is due, and how many later it is due again.
    due: u32,
    patience: u32,
}

impl Entry {
    fn note(entry: Option<Self>, tick: Tick, calls: u32) -> Self {
        match entry {
            Some(entry) => Self { tick: entry.tick.latest(tick), ..entry },
            None => Self { tick, due: calls, patience: PATIENCE },
        }
    }

    fn is_due(&self, calls: u32) -> bool {
        calls.wrapping_sub(self.due) <= u32::MAX / 2
    }

    fn told(&mut self, calls: u32) {
        self.due = calls.wrapping_add(self.patience);
        self.patience = (2 * self.patience).min(MOST_PATIENCE);
    }
}

impl Unread {
    pub(super) fn note_manifest(&mut self, tick: Tick) {
        self.manifest = Some(Entry::note(self.manifest, tick, self.calls));
    }

    /// Notes a section, unless there are `limit` others.
    pub(super) fn note(&mut self, section: SectionId, tick: Tick, limit: usize) {
        let known = self.sections.get(&section).copied();
        if known.is_some() || self.sections.len() < limit {
            self.sections.insert(section, Entry::note(known, tick, self.calls));
        }
    }

    /// A manifest was read.
    pub(super) fn manifest_read(&mut self, tick: Tick) {
        self.manifest.take_if(|entry| !tick.is_before(entry.tick));
    }

    /// A section was read.
    pub(super) fn read(&mut self, section: SectionId, tick: Tick) {
        if self.sections.get(&section).is_some_and(|entry| !tick.is_before(entry.tick)) {
            self.sections.remove(&section);
        }
    }

    /// Forgets the sections that are out of sight.
    pub(super) fn retain(&mut self, is_seen: impl Fn(SectionId, Tick) -> bool) {
        self.sections.retain(|&section, entry| is_seen(section, entry.tick));
    }

    /// Adds what is due to `feedback`.
    pub(super) fn report(&mut self, feedback: &mut Feedback) {
        self.calls = self.calls.wrapping_add(1);
        let calls = self.calls;
        if let Some(entry) = self.manifest.as_mut().filter(|entry| entry.is_due(calls)) {
            entry.told(calls);
            feedback.start_over = Some(entry.tick);
            // All of them come whole after it.
            self.sections.clear();
        }
        let due = self.sections.iter().filter(|(_, entry)| entry.is_due(calls));
        feedback.unread.extend(due.map(|(&section, entry)| (section, entry.tick)));
    }

    /// These were reported.
    pub(super) fn told(&mut self, sections: &[(SectionId, Tick)]) {
        for (section, _) in sections {
            if let Some(entry) = self.sections.get_mut(section) {
                entry.told(self.calls);
            }
        }
    }
}
