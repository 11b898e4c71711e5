//! How many ticks pass between an input and its effect.

use crate::rollback::MAX_INPUT_DELAY;
use core::time::Duration;

/// How long a player's own input waits before it takes effect. Each tick of it is a tick less that the other
/// side has to guess; two or three are hardly felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputDelay {
    /// Always that many ticks, up to [`MAX_INPUT_DELAY`].
    Fixed(u8),
    /// Half of what a message takes to arrive, rounded up, and at most `max` ticks; changed by one tick at a time,
    /// at most once a second.
    Auto {
        /// The most ticks, up to [`MAX_INPUT_DELAY`].
        max: u8,
    },
}

/// The bit of the wire byte that leaves the delay to each side.
const AUTO: u8 = 0x80;
/// The least time between two automatic changes.
const PATIENCE: Duration = Duration::from_secs(1);

impl InputDelay {
    pub(crate) fn is_valid(self) -> bool {
        let (Self::Fixed(ticks) | Self::Auto { max: ticks }) = self;
        u32::from(ticks) <= MAX_INPUT_DELAY
    }

    pub(crate) fn to_byte(self) -> u8 {
        match self {
            Self::Fixed(ticks) => ticks,
            Self::Auto { max } => max | AUTO,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        let ticks = byte & !AUTO;
        let delay = if byte & AUTO == 0 { Self::Fixed(ticks) } else { Self::Auto { max: ticks } };
        delay.is_valid().then_some(delay)
    }
}

/// The delay in force.
#[derive(Debug)]
pub(crate) struct DelayPolicy {
    rule: InputDelay,
    ticks: u32,
    changed_at: Duration,
}

impl DelayPolicy {
    pub(crate) fn new(rule: InputDelay) -> Self {
        let ticks = match rule {
            InputDelay::Fixed(ticks) => u32::from(ticks),
            InputDelay::Auto { .. } => 0,
        };
        Self { rule, ticks, changed_at: Duration::ZERO }
    }

    /// Goes by another rule from now on; an automatic one starts from the delay that is in force.
    pub(crate) fn change(&mut self, rule: InputDelay) {
        self.rule = rule;
        match rule {
            InputDelay::Fixed(ticks) => self.ticks = ticks.into(),
            InputDelay::Auto { max } => self.ticks = self.ticks.min(max.into()),
        }
    }

    pub(crate) fn ticks(&self) -> u32 {
        self.ticks
    }

    /// Follows the link; returns whether the delay changed.
    pub(crate) fn follow(&mut self, now: Duration, one_way: Duration, interval: Duration) -> bool {
        let InputDelay::Auto { max } = self.rule else { return false };
        if one_way.is_zero() || now.saturating_sub(self.changed_at) < PATIENCE {
            return false;
        }
        let half_way = (one_way.as_nanos() / 2).div_ceil(interval.as_nanos().max(1)) as u32;
        let wanted = half_way.min(u32::from(max));
        let step = match wanted.cmp(&self.ticks) {
            core::cmp::Ordering::Less => self.ticks - 1,
            core::cmp::Ordering::Equal => return false,
            core::cmp::Ordering::Greater => self.ticks + 1,
        };
        (self.ticks, self.changed_at) = (step, now);
        true
    }
}
