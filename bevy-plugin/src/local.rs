//! A match on one machine: ticks at their rate, every input known, nothing to go back to.

use core::time::Duration;
use netcord::wire::Tick;

/// The most time that counts between two frames: what is beyond it, the machine slept.
const MAX_STEP: Duration = Duration::from_millis(250);

/// The clock of a local match.
pub(crate) struct LocalMatch {
    pub(crate) players: usize,
    pub(crate) tick: Tick,
    interval: Duration,
    /// Time that passed and was not played yet.
    behind: Duration,
    last: Option<Duration>,
}

impl LocalMatch {
    pub(crate) fn new(players: usize, tick_rate: u16) -> Self {
        Self {
            players,
            tick: Tick(0),
            interval: Duration::from_secs(1) / u32::from(tick_rate.max(1)),
            behind: Duration::ZERO,
            last: None,
        }
    }

    pub(crate) fn update(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.last.unwrap_or(now)).min(MAX_STEP);
        self.behind += passed;
        self.last = Some(now);
    }

    /// When the next tick is due.
    pub(crate) fn next_tick_in(&self) -> Duration {
        self.interval.saturating_sub(self.behind)
    }

    /// The next tick, if it is due.
    pub(crate) fn next_tick(&mut self) -> Option<Tick> {
        self.behind = self.behind.checked_sub(self.interval)?;
        let tick = self.tick;
        self.tick = tick.next();
        Some(tick)
    }
}
