//! The last arrivals of snapshots, and what they say together: where the sender's clock is, how fast it goes, how much
//! arrivals scatter, and how old the newest snapshot gets before the next is there.
//!
//! All times are in ticks of the sender's nominal rate. It knows no render time.

/// How many arrivals are kept: 6 s at 20 snapshots a second.
const WINDOW: usize = 128;
/// From how many arrivals on the sender's drift is estimated. Of fewer, jitter would be taken for drift.
const DRIFT_FROM: usize = WINDOW / 2;
/// Clocks don't drift more than that.
const MAX_DRIFT: f64 = 0.02;
/// So many arrivals in a row show that the way has become longer or shorter.
const SHIFTED: usize = 8;
/// What comes sooner after its predecessor than this share of the ticks between them came in one burst with it.
const BURST: f64 = 0.25;

#[derive(Clone, Copy, Debug, Default)]
struct Arrival {
    at: f64,
    /// The snapshot's tick less the time at which it came.
    offset: f64,
    /// Ticks from the newest snapshot until then to this one.
    gap: f64,
}

/// A sliding window of arrivals, in constant memory.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    list: [Arrival; WINDOW],
    next: usize,
    count: usize,
}

/// What the window says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    /// The time of the last arrival, for which `offset` holds.
    at: f64,
    offset: f64,
    /// By how much the sender's clock is faster than the local one.
    pub(super) drift: f64,
    /// The median distance from the median.
    scatter: f64,
    /// How late snapshots come, at the wanted quantile, compared with the median.
    pub(super) jitter: f64,
    /// How old the newest snapshot gets before the next comes, at the wanted quantile. A lost snapshot makes the one
    /// before it older, as does a late one.
    pub(super) age: f64,
}

impl Estimate {
    /// The sender's tick less the local time, at that time: its tick as snapshots typically bring it.
    pub(super) fn offset(&self, now: f64) -> f64 {
        self.offset + self.drift * (now - self.at)
    }
}

impl Arrivals {
    pub(super) fn new() -> Self {
        Self { list: [Arrival::default(); WINDOW], next: 0, count: 0 }
    }

    /// Adds the arrival of a snapshot that is newer than all before, by `gap` ticks.
    ///
    /// What comes in one burst, after a stall, counts as one arrival: of the last of them, which is the least late. The
    /// age that was reached until then stays what it was.
    pub(super) fn push(&mut self, at: f64, offset: f64, gap: f64) {
        let last = &mut self.list[(self.next + WINDOW - 1) % WINDOW];
        if self.count > 0 && at - last.at < BURST * gap {
            *last = Arrival { at, offset, gap: last.gap + offset - last.offset };
            return;
        }
        self.list[self.next] = Arrival { at, offset, gap };
        self.next = (self.next + 1) % WINDOW;
        self.count = (self.count + 1).min(WINDOW);
    }

    /// Estimates from all arrivals. Of the ages and latenesses, the share `covered` is at most what comes out.
    pub(super) fn estimate(&self, covered: f64) -> Estimate {
        let at = self.in_order().next_back().map_or(0.0, |last| last.at);
        let drift = self.drift();
        let level = |arrival: &Arrival| arrival.offset - drift * (arrival.at - at);
        let offset = quantile(self.in_order().map(level), 0.5);
        let late = |arrival: &Arrival| offset - level(arrival);
        Estimate {
            at,
            offset,
            drift,
            scatter: quantile(self.in_order().map(|arrival| late(arrival).abs()), 0.5),
            jitter: quantile(self.in_order().map(late), covered).max(0.0),
            age: quantile(self.in_order().map(|arrival| arrival.gap + late(arrival)), covered),
        }
    }

    /// Forgets all but the last few arrivals if these show that the way has become longer or shorter, or that the sender
    /// has stood still, and returns whether they do. The medians would take half the window to find it out.
    pub(super) fn forget_before_shift(&mut self, estimate: &Estimate) -> bool {
        let mut recent = [Arrival::default(); SHIFTED];
        for (place, arrival) in recent.iter_mut().zip(self.in_order().rev()) {
            *place = *arrival;
        }
        let late = recent.map(|arrival| estimate.offset(arrival.at) - arrival.offset);
        let usual = 1.0 + 3.0 * estimate.scatter;
        let shifted = late.iter().all(|late| *late > usual) || late.iter().all(|late| *late < -usual);
        if self.count < 2 * SHIFTED || !shifted {
            return false;
        }
        *self = Self::new();
        for arrival in recent.iter().rev() {
            self.push(arrival.at, arrival.offset, arrival.gap);
        }
        true
    }

    /// The slope of Tukey's resistant line (Exploratory Data Analysis, 1977): through the medians of the first and the
    /// last third. A stall and the burst after it, which would bend a least-squares line, hardly move it.
    fn drift(&self) -> f64 {
        if self.count < DRIFT_FROM {
            return 0.0;
        }
        let third = self.count / 3;
        let first = || self.in_order().take(third);
        let last = || self.in_order().skip(self.count - third);
        let time = quantile(last().map(|a| a.at), 0.5) - quantile(first().map(|a| a.at), 0.5);
        let change = quantile(last().map(|a| a.offset), 0.5) - quantile(first().map(|a| a.offset), 0.5);
        if time > 0.0 { (change / time).clamp(-MAX_DRIFT, MAX_DRIFT) } else { 0.0 }
    }

    /// The arrivals, the oldest first.
    fn in_order(&self) -> impl DoubleEndedIterator<Item = &Arrival> {
        let (newer, older) = self.list[..self.count].split_at(self.next.min(self.count));
        older.iter().chain(newer)
    }
}

/// A quantile of at most [`WINDOW`] numbers; 0 of none.
fn quantile(numbers: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut room = [0.0; WINDOW];
    let mut count = 0;
    for (place, number) in room.iter_mut().zip(numbers) {
        *place = number;
        count += 1;
    }
    if count == 0 {
        return 0.0;
    }
    let rank = (share * (count - 1) as f64) as usize;
    *room[..count].select_nth_unstable_by(rank.min(count - 1), f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arrivals every 3 ticks from a sender that is 1 % fast, `late` by so many ticks.
    fn arrivals(count: u32, late: impl Fn(u32) -> f64) -> Arrivals {
        let mut arrivals = Arrivals::new();
        for index in 0..count {
            let tick = f64::from(3 * index);
            let at = tick / 1.01 + late(index);
            arrivals.push(at, tick - at, 3.0);
        }
        arrivals
    }

    #[test]
    fn drift_is_found_whatever_the_window_has_seen_before() {
        for count in [64, 100, 128, 129, 200, 1_000] {
            let estimate = arrivals(count, |_| 0.0).estimate(0.98);
            assert!((estimate.drift - 0.01).abs() < 1e-9, "{count} arrivals: {estimate:?}");
            let last = f64::from(3 * (count - 1));
            assert!((estimate.offset(last / 1.01) - (last - last / 1.01)).abs() < 1e-6, "{estimate:?}");
            assert!((estimate.age - 3.0).abs() < 1e-6, "{estimate:?}");
        }
    }

    #[test]
    fn a_stall_does_not_bend_the_line() {
        // The last ten come together, after half a second's silence.
        let late = |index: u32| if index < 118 { 0.0 } else { f64::from(3 * (128 - index)) };
        let estimate = arrivals(128, late).estimate(0.98);
        assert!((estimate.drift - 0.01).abs() < 1e-3, "{estimate:?}");
        // They are one arrival, of which more than 98 % are on time; but the age is known.
        let worst = arrivals(128, late).estimate(1.0);
        assert!(estimate.age < 3.1 && (worst.age - 33.0).abs() < 0.5, "{estimate:?} {worst:?}");
    }

    #[test]
    fn a_longer_way_is_told_from_a_few_late_arrivals() {
        let shifted = |late: &dyn Fn(u32) -> f64| {
            let mut arrivals = arrivals(128, late);
            let estimate = arrivals.estimate(0.98);
            arrivals
                .forget_before_shift(&estimate)
                .then(|| arrivals.estimate(0.98).offset(380.0) - estimate.offset(380.0))
        };
        assert!(shifted(&|index| if index >= 120 { 12.0 } else { 0.0 }).is_some_and(|shift| shift < -10.0));
        assert!(shifted(&|index| if index < 120 { 12.0 } else { 0.0 }).is_some_and(|shift| shift > 10.0));
        assert!(shifted(&|index| if index >= 121 { 12.0 } else { 0.0 }).is_none());
        assert!(shifted(&|index| f64::from(index % 2) * 6.0).is_none());
    }

    #[test]
    fn the_age_covers_a_wanted_share_of_arrivals() {
        // One of ten is 6 ticks late.
        let late = |index: u32| if index.is_multiple_of(10) { 6.0 } else { 0.0 };
        assert!((arrivals(128, late).estimate(0.98).age - 9.0).abs() < 0.2);
        assert!((arrivals(128, late).estimate(0.8).age - 3.0).abs() < 0.2);
    }
}
