//! The ticks whose states a receiver is known to have.

use crate::message::HISTORY;
use netcord_wire::Tick;

/// A set of ticks, as far as they are at most [`HISTORY`] older than its newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TickSet {
    /// Bit n stands for n ticks before the newest; 0 for an empty set.
    bits: u128,
    newest: Tick,
}

const _: () = assert!(HISTORY < u128::BITS);

impl TickSet {
    pub(crate) fn insert(&mut self, tick: Tick) {
        let ahead = tick.since(self.newest);
        if self.bits == 0 {
            (self.bits, self.newest) = (1, tick);
        } else if ahead > 0 {
            self.bits = self.bits.checked_shl(ahead as u32).unwrap_or(0) | 1;
            self.newest = tick;
        } else {
            self.bits |= 1_u128.checked_shl(ahead.unsigned_abs()).unwrap_or(0);
        }
    }

    pub(crate) fn contains(&self, tick: Tick) -> bool {
        let behind = self.newest.since(tick);
        behind >= 0 && self.bits.checked_shr(behind as u32).is_some_and(|bits| bits & 1 == 1)
    }

    pub(crate) fn newest(&self) -> Option<Tick> {
        (self.bits != 0).then_some(self.newest)
    }

    /// The set as seen from a tick after all of it: bit n stands for n ticks before that one.
    pub(crate) fn before(&self, tick: Tick) -> u128 {
        u32::try_from(tick.since(self.newest))
            .ok()
            .and_then(|behind| self.bits.checked_shl(behind))
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_kept_across_the_wrap_in_any_order() {
        let mut set = TickSet::default();
        assert_eq!((set.newest(), set.contains(Tick(0))), (None, false));
        for tick in [u32::MAX - 3, 2, u32::MAX, 1_000_000] {
            assert!(!set.contains(Tick(tick)));
            if tick != 1_000_000 {
                set.insert(Tick(tick));
            }
        }
        assert_eq!(set.newest(), Some(Tick(2)));
        assert!(set.contains(Tick(u32::MAX - 3)) && set.contains(Tick(u32::MAX)) && !set.contains(Tick(1)));
        assert_eq!(set.before(Tick(3)), 1 << 1 | 1 << 4 | 1 << 7);
        assert_eq!((set.before(Tick(1)), set.before(Tick(200))), (0, 0));
        set.insert(Tick(500));
        assert!(!set.contains(Tick(2)) && set.contains(Tick(500)));
        assert_eq!(set.before(Tick(502)), 1 << 2);
    }
}
