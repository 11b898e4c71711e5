//! What a receiver says that it could not read: the view takes back what it believed the client to have.
//!
//! It sends nothing for it at once. What is started over comes whole, in its turn and within the budget; so a client that
//! asks all the time has less of its own, and others lose nothing.

use super::{SnapshotSender, View};
use crate::feedback::{Check, Feedback, sum};
use crate::state::SectionState;
use netcord_wire::{CodecError, Tick};

impl View {
    /// Takes in what the client's [`SnapshotReceiver::feedback`](crate::SnapshotReceiver::feedback) said.
    ///
    /// # Errors
    /// [`CodecError`] when it is none. A client that sends many such is to be disconnected.
    pub fn receive_feedback(&mut self, sender: &SnapshotSender, bytes: &[u8]) -> Result<(), CodecError> {
        let mut feedback = std::mem::take(&mut self.feedback);
        let result = feedback.read(bytes);
        if let (Ok(()), Some(now)) = (result, self.tick) {
            self.heed(sender, &feedback, now);
        }
        self.feedback = feedback;
        result
    }

    /// How often a section, or all of them, were started over at the client's wish.
    pub fn started_over(&self) -> u64 {
        self.started_over
    }

    fn heed(&mut self, sender: &SnapshotSender, feedback: &Feedback, now: Tick) {
        // What was sent before the last time is no news.
        let is_news = |tick: Tick, since: Tick| !tick.is_before(since) && !tick.is_after(now);
        // What is sent from here on builds on nothing before.
        let next = now.next();
        // To sum up a state takes time: once a tick.
        let check = feedback.check.filter(|_| self.checked.replace(now) != Some(now));
        let wrong =
            check.filter(|check| self.state_of(sender, check).is_some_and(|state| sum(state) != check.sum));

        let manifest = wrong.filter(|check| check.section.is_none()).map(|check| check.tick);
        for tick in feedback.start_over.into_iter().chain(manifest) {
            if is_news(tick, self.manifest.since) {
                self.manifest.start_over(next);
                self.slots.iter_mut().for_each(|slot| slot.start_over(next));
                self.started_over += 1;
            }
        }
        let section = wrong.and_then(|check| Some((check.section?, check.tick)));
        for (section, tick) in feedback.unread.iter().copied().chain(section) {
            if let Some(slot) = self.slot_mut(section).filter(|slot| is_news(tick, slot.entered)) {
                slot.start_over(next);
                self.started_over += 1;
            }
        }
    }

    /// What the client should hold, as far as it is still known.
    fn state_of<'a>(&'a self, sender: &'a SnapshotSender, check: &Check) -> Option<&'a SectionState> {
        match check.section {
            None => self.manifest.state(check.tick),
            Some(section) => sender.section(self.slot(section)?.index)?.ring.get(check.tick),
        }
    }
}
