//! Which two snapshots a moment lies between, and what to think of it when the later one is missing.
//!
//! It knows ticks alone, no values.

use super::RenderTime;
use netcord_wire::Tick;

/// How far beyond the newest snapshot values go on, in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExtrapolationLimits {
    /// For so long what moves goes on moving; then it is held where it is.
    pub extrapolate: f32,
    /// From then on it is stale: the connection is as good as gone, and render time stands still.
    pub stale_after: f32,
}

/// What a sample is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Freshness {
    /// Two snapshots around the moment.
    Interpolated,
    /// The motion before the newest snapshot, prolonged by so many ticks.
    Extrapolated {
        /// How far the moment lies beyond the newest snapshot.
        ticks: f32,
    },
    /// A guess that is held: the newest snapshot is further behind than motion is prolonged. Also the oldest snapshot,
    /// for moments before it.
    Held,
    /// The same, since so long that a game should say so.
    Stale,
}

/// Two snapshots, and where a moment lies between them or beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bracket {
    /// The snapshot at or before the moment; the last but one, if the moment lies beyond all.
    pub from: Tick,
    /// The one after the moment; the newest, if the moment lies beyond all. Only one snapshot is both `from` and `to`.
    pub to: Tick,
    /// The newest of all.
    pub newest: Tick,
    /// What a sample here is made of.
    pub freshness: Freshness,
    /// Ticks from `from` to `to`.
    pub(super) span: f32,
    /// Ticks from `from` to the moment, not beyond the extrapolation limit.
    pub(super) past: f32,
}

impl Bracket {
    /// Finds the snapshots around a moment, among those that are held, in any order; nothing if there are none.
    /// Ticks beyond [`RenderTime::newest`] don't count.
    pub fn find(
        time: &RenderTime,
        limits: &ExtrapolationLimits,
        held: impl IntoIterator<Item = Tick>,
    ) -> Option<Self> {
        // The two newest up to the moment, and the oldest and the newest after it.
        let (mut before, mut earlier, mut after, mut newest) = (None, None, None, None::<Tick>);
        for tick in held {
            if tick.is_after(time.newest) {
                continue;
            }
            newest = Some(newest.map_or(tick, |newest| newest.latest(tick)));
            if time.tick.is_before(tick) {
                after = Some(after.map_or(tick, |after: Tick| after.earliest(tick)));
            } else if before.is_none_or(|before: Tick| tick.is_after(before)) {
                earlier = before.replace(tick);
            } else if before != Some(tick) && earlier.is_none_or(|earlier: Tick| tick.is_after(earlier)) {
                earlier = Some(tick);
            }
        }
        let newest = newest?;
        let between = |from: Tick, to: Tick, past, freshness| Self {
            from,
            to,
            newest,
            freshness,
            span: to.since(from) as f32,
            past,
        };
        Some(match (before, after) {
            (Some(from), Some(to)) => between(from, to, time.since(from), Freshness::Interpolated),
            (None, to) => {
                let first = to.unwrap_or(newest);
                between(first, first, 0.0, Freshness::Held)
            }
            (Some(to), None) => {
                let from = earlier.unwrap_or(to);
                let beyond = time.since(to);
                let freshness = match beyond {
                    0.0 => Freshness::Interpolated,
                    _ if beyond < limits.extrapolate => Freshness::Extrapolated { ticks: beyond },
                    _ if beyond < limits.stale_after => Freshness::Held,
                    _ => Freshness::Stale,
                };
                // A limit that is no number prolongs nothing.
                let prolonged = if limits.extrapolate > 0.0 { beyond.min(limits.extrapolate) } else { 0.0 };
                between(from, to, to.since(from) as f32 + prolonged, freshness)
            }
        })
    }

    /// Where the moment lies: 0 at `from`, 1 at `to`, more beyond it, up to the extrapolation limit.
    pub fn phase(&self) -> f32 {
        if self.span > 0.0 { self.past / self.span } else { 1.0 }
    }

    /// Ticks from `to` to the moment, up to the extrapolation limit; 0 before it.
    pub fn beyond(&self) -> f32 {
        (self.past - self.span).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ExtrapolationLimits = ExtrapolationLimits { extrapolate: 4.0, stale_after: 20.0 };

    fn find(tick: u32, fraction: f32, held: &[u32]) -> Option<(u32, u32, f32, Freshness)> {
        let time = RenderTime { tick: Tick(tick), fraction, newest: Tick(tick) + 1_000, jumped: false };
        let bracket = Bracket::find(&time, &LIMITS, held.iter().copied().map(Tick))?;
        Some((bracket.from.0, bracket.to.0, bracket.phase(), bracket.freshness))
    }

    #[test]
    fn a_moment_lies_between_the_nearest_snapshots_in_whatever_order() {
        let around = Some((3, 6, 0.5, Freshness::Interpolated));
        assert_eq!(find(4, 0.5, &[0, 3, 6, 9]), around);
        assert_eq!(find(4, 0.5, &[9, 0, 6, 3, 3, 6]), around);
        assert_eq!(find(3, 0.0, &[9, 0, 6, 3]), Some((3, 6, 0.0, Freshness::Interpolated)));
        assert_eq!(
            find(u32::MAX, 0.5, &[u32::MAX - 1, 1, 4]),
            Some((u32::MAX - 1, 1, 0.5, Freshness::Interpolated))
        );
    }

    #[test]
    fn beyond_the_newest_it_goes_on_is_held_and_gets_stale() {
        let held = [3, 9, 6, 0];
        assert_eq!(find(9, 0.0, &held), Some((6, 9, 1.0, Freshness::Interpolated)));
        assert_eq!(find(10, 0.5, &held), Some((6, 9, 1.5, Freshness::Extrapolated { ticks: 1.5 })));
        assert_eq!(find(15, 0.0, &held), Some((6, 9, 7.0 / 3.0, Freshness::Held)));
        assert_eq!(find(29, 0.0, &held), Some((6, 9, 7.0 / 3.0, Freshness::Stale)));
    }

    #[test]
    fn one_snapshot_or_none_is_no_harm() {
        assert_eq!(find(5, 0.0, &[]), None);
        assert_eq!(find(5, 0.0, &[5]), Some((5, 5, 1.0, Freshness::Interpolated)));
        assert_eq!(find(7, 0.0, &[5, 5]), Some((5, 5, 1.0, Freshness::Extrapolated { ticks: 2.0 })));
        assert_eq!(find(3, 0.0, &[7, 5]), Some((5, 5, 1.0, Freshness::Held)));
    }

    #[test]
    fn a_tick_that_the_clock_does_not_believe_is_not_used() {
        let time = RenderTime { tick: Tick(4), fraction: 0.0, newest: Tick(6), jumped: false };
        let bracket = Bracket::find(&time, &LIMITS, [Tick(3), Tick(1_000_000)]).unwrap();
        assert_eq!((bracket.from, bracket.to, bracket.newest), (Tick(3), Tick(3), Tick(3)));
        assert_eq!(Bracket::find(&time, &LIMITS, [Tick(1_000_000)]), None);
    }
}
