//! The ids of sections: always the lowest that nobody can mistake for an earlier section's, so that they stay short
//! however long the game goes on.

use crate::message::{HISTORY, SectionId};
use netcord_wire::Tick;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Ticks that an id rests once its section is gone. By then no state of that section is a baseline, no message tells
/// of entities that went there, and none is still under way.
const REST: i32 = 4 * HISTORY as i32;

#[derive(Debug, Default)]
pub(crate) struct SectionIds {
    /// The lowest that was never given out.
    next: u32,
    /// The ids of sections that are gone, and since when.
    resting: VecDeque<(Tick, SectionId)>,
    free: BinaryHeap<Reverse<SectionId>>,
}

impl SectionIds {
    pub(crate) fn begin(&mut self, tick: Tick) {
        while let Some((_, id)) = self.resting.pop_front_if(|(since, _)| tick.since(*since) >= REST) {
            self.free.push(Reverse(id));
        }
    }

    pub(crate) fn take(&mut self) -> SectionId {
        if let Some(Reverse(id)) = self.free.pop() {
            return id;
        }
        let id = SectionId(self.next);
        self.next += 1;
        id
    }

    pub(crate) fn retire(&mut self, id: SectionId, tick: Tick) {
        self.resting.push_back((tick, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_rests_before_it_is_given_out_again_and_the_lowest_comes_first() {
        let mut ids = SectionIds::default();
        assert_eq!([(); 3].map(|()| ids.take().0), [0, 1, 2]);
        let first = Tick(u32::MAX - 5);
        ids.retire(SectionId(2), first);
        ids.retire(SectionId(0), first + 1);
        ids.begin(first + (REST as u32 - 1));
        assert_eq!(ids.take().0, 3);
        ids.begin(first + (REST as u32 + 1));
        assert_eq!([(); 3].map(|()| ids.take().0), [0, 2, 4]);
    }
}
