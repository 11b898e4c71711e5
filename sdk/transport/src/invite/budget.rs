//! How often something costly may be done.

use core::time::Duration;

/// So many at once, and one more each interval after that. (The generic cell rate algorithm, ITU-T I.371.)
#[derive(Clone, Debug)]
pub(super) struct Budget {
    interval: Duration,
    burst: u32,
    /// When all that was taken is earned again.
    even_at: Duration,
}

impl Budget {
    pub(super) const fn new(burst: u32, interval: Duration) -> Self {
        Self { interval, burst, even_at: Duration::ZERO }
    }

    /// Takes one, if there is one left at `now`.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        let even_at = self.even_at.max(now).saturating_add(self.interval);
        let affordable = even_at.saturating_sub(now) <= self.interval.saturating_mul(self.burst);
        if affordable {
            self.even_at = even_at;
        }
        affordable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_an_interval() {
        let mut budget = Budget::new(3, Duration::from_millis(100));
        let mut taken = |at| (0..10).filter(|_| budget.take(Duration::from_millis(at))).count();
        assert_eq!(taken(5_000), 3);
        assert_eq!(taken(5_050), 0);
        assert_eq!(taken(5_200), 2);
        assert_eq!(taken(9_000), 3);
    }
}
