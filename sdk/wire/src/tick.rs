//! The simulation's clock: a wrapping tick counter.

use core::fmt;
use core::ops::{Add, AddAssign, Sub};
use serde::{Deserialize, Serialize};

/// A step of the simulation. It wraps after 2^32 ticks (828 days at 60 Hz), so it has no order of its own:
/// compare two ticks, at most 2^31 apart, through [`is_after`](Self::is_after) and [`since`](Self::since).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tick(pub u32);

impl Tick {
    /// Ticks from `earlier` to `self`; negative when `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.wrapping_sub(earlier.0) as i32
    }

    /// Whether `self` comes after `other`.
    pub const fn is_after(self, other: Self) -> bool {
        self.since(other) > 0
    }

    /// Whether `self` comes before `other`.
    pub const fn is_before(self, other: Self) -> bool {
        self.since(other) < 0
    }

    /// The later of two ticks.
    #[must_use]
    pub const fn latest(self, other: Self) -> Self {
        if other.is_after(self) { other } else { self }
    }

    /// The earlier of two ticks.
    #[must_use]
    pub const fn earliest(self, other: Self) -> Self {
        if other.is_before(self) { other } else { self }
    }

    /// The tick after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The ticks from `self` up to, not including, `end`; none when `end` is not after `self`.
    pub fn until(self, end: Self) -> impl ExactSizeIterator<Item = Self> + use<> {
        (0..end.since(self).max(0) as u32).map(move |offset| self + offset)
    }
}

impl Add<u32> for Tick {
    type Output = Self;
    fn add(self, ticks: u32) -> Self {
        Self(self.0.wrapping_add(ticks))
    }
}

impl AddAssign<u32> for Tick {
    fn add_assign(&mut self, ticks: u32) {
        *self = *self + ticks;
    }
}

impl Sub<u32> for Tick {
    type Output = Self;
    fn sub(self, ticks: u32) -> Self {
        Self(self.0.wrapping_sub(ticks))
    }
}

impl fmt::Debug for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tick {}", self.0)
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_compare_across_the_wrap() {
        let (before, after) = (Tick(u32::MAX), Tick(3));
        assert!(after.is_after(before) && before.is_before(after));
        assert_eq!(after.since(before), 4);
        assert_eq!(before.since(after), -4);
        assert_eq!(before.latest(after), after);
        assert_eq!(before.earliest(after), before);
        assert_eq!(before.until(after).collect::<alloc::vec::Vec<_>>(), [before, Tick(0), Tick(1), Tick(2)]);
        assert_eq!(after.until(before).len(), 0);
    }
}
