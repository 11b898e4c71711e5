//! The values of a field at a moment, from those of the snapshots around it, each kind of field in its own way.
//!
//! It knows floats, whatever they were quantised from.

use super::bracket::Bracket;
use super::rotation;
use netcord_wire::Tick;
use std::f32::consts::{PI, TAU};

/// How a field's values go from one snapshot to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Interpolation {
    /// Straight on, each number for itself; along a cubic Hermite curve where velocities are given. It is
    /// extrapolated. For positions, scales, colours.
    #[default]
    Linear,
    /// Radians, each number for itself, the shorter way round; what comes out is from -π up to, not including, π. It is
    /// extrapolated. For headings.
    Angular,
    /// Four numbers that are a unit quaternion, in whatever order, turned the shorter way at constant speed; what comes
    /// out has length 1. It is extrapolated. For rotations. A field of fewer numbers is sampled as
    /// [`Snap`](Self::Snap).
    Slerp,
    /// The earlier snapshot's value until the later one is reached. For flags and variants, whose change is to be seen
    /// when the motion that goes with it is.
    Snap,
    /// The value of the newest snapshot, whether or not its moment has come. For scores, names, and what must not wait.
    None,
}

/// The values of a field in a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point<'a> {
    /// The field's numbers.
    pub value: &'a [f32],
    /// By how much each changes in a tick; empty if that is not known. Only [`Interpolation::Linear`] uses it.
    pub velocity: &'a [f32],
}

impl<'a> From<&'a [f32]> for Point<'a> {
    fn from(value: &'a [f32]) -> Self {
        Self { value, velocity: &[] }
    }
}

/// How one field is sampled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FieldSampling {
    /// How its values go on.
    pub mode: Interpolation,
    /// What moves further than this in a tick has teleported: it stays where it was until the later snapshot is reached,
    /// and is not extrapolated. Distances are Euclidean over the field's numbers, angles in radians.
    pub teleport_above: Option<f32>,
}

impl FieldSampling {
    /// Sampling in this mode, without teleports.
    pub const fn new(mode: Interpolation) -> Self {
        Self { mode, teleport_above: None }
    }

    /// The same, with what moves further than `distance` in a tick taken for a teleport.
    #[must_use]
    pub const fn teleport_above(self, distance: f32) -> Self {
        Self { teleport_above: Some(distance), ..self }
    }

    /// Writes the field's values at the bracket's moment to `out`, and returns whether there are any. `at` gives
    /// the entity's values in a snapshot, nothing if it isn't in there.
    ///
    /// An entity appears when the first snapshot that has it is reached, and disappears when the first that doesn't is;
    /// until then it is where it was last. `out` is filled as far as the snapshots have numbers. A number that can't be
    /// computed, for one is NaN or too large, is the later snapshot's.
    pub fn sample<'a, P: Into<Point<'a>>>(
        &self,
        bracket: &Bracket,
        at: impl Fn(Tick) -> Option<P>,
        out: &mut [f32],
    ) -> bool {
        let point = |tick| at(tick).map(Into::into);
        let reached = bracket.phase() >= 1.0;
        let (from, to): (Point<'_>, Point<'_>) = match (point(bracket.from), point(bracket.to)) {
            (Some(from), Some(to)) => (from, to),
            (None, Some(to)) if reached => (to, to),
            (Some(from), None) if !reached => (from, from),
            _ => return false,
        };
        let step = if reached { to } else { from };
        match self.mode {
            Interpolation::None => copy(point(bracket.newest).unwrap_or(to).value, out),
            Interpolation::Snap => copy(step.value, out),
            _ if self.teleports(bracket, from.value, to.value) => copy(step.value, out),
            Interpolation::Linear => linear(bracket, from, to, out),
            Interpolation::Angular => {
                for ((out, &from), &to) in out.iter_mut().zip(from.value).zip(to.value) {
                    *out = angle(from, to, bracket.phase());
                }
            }
            Interpolation::Slerp => match (from.value.first_chunk(), to.value.first_chunk()) {
                (Some(from), Some(to)) => copy(&rotation::slerp(*from, *to, bracket.phase()), out),
                _ => copy(step.value, out),
            },
        }
        true
    }

    fn teleports(&self, bracket: &Bracket, from: &[f32], to: &[f32]) -> bool {
        let Some(most) = self.teleport_above else { return false };
        let moved = match self.mode {
            Interpolation::Slerp => match (from.first_chunk(), to.first_chunk()) {
                (Some(from), Some(to)) => rotation::angle_between(*from, *to),
                _ => return false,
            },
            Interpolation::Angular => length(from.iter().zip(to).map(|(from, to)| turn(to - from))),
            _ => length(from.iter().zip(to).map(|(from, to)| to - from)),
        };
        moved > most * bracket.span
    }
}

fn copy(values: &[f32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = *value;
    }
}

fn length(differences: impl Iterator<Item = f32>) -> f32 {
    differences.map(|difference| difference * difference).sum::<f32>().sqrt()
}

fn linear(bracket: &Bracket, from: Point<'_>, to: Point<'_>, out: &mut [f32]) {
    let (phase, span) = (bracket.phase(), bracket.span);
    for (place, ((out, &a), &b)) in out.iter_mut().zip(from.value).zip(to.value).enumerate() {
        let velocities = (from.velocity.get(place), to.velocity.get(place));
        let value = match velocities {
            (_, Some(after)) if phase >= 1.0 => b + after * bracket.beyond(),
            (Some(before), Some(after)) => hermite(a, before * span, b, after * span, phase),
            // From the nearer end, so that both ends, and what rests, come out exactly.
            _ if phase < 0.5 => a + (b - a) * phase,
            _ => b + (b - a) * (phase - 1.0),
        };
        *out = if value.is_finite() { value } else { b };
    }
}

/// The cubic through two values with these slopes, over a phase from 0 to 1.
fn hermite(from: f32, from_slope: f32, to: f32, to_slope: f32, phase: f32) -> f32 {
    let (left, squared) = (1.0 - phase, phase * phase);
    let rest = left * left;
    // The weights of both values sum up to 1: what rests comes out exactly.
    from + (to - from) * squared * (1.0 + 2.0 * left) + from_slope * phase * rest - to_slope * squared * left
}

fn angle(from: f32, to: f32, phase: f32) -> f32 {
    let shorter = turn(to - from);
    let value = turn(turn(to) + shorter * (phase - 1.0));
    if value.is_finite() { value } else { to }
}

/// An angle without whole turns, from -π up to, not including, π.
fn turn(radians: f32) -> f32 {
    let within = (radians + PI).rem_euclid(TAU) - PI;
    if within < PI { within } else { -PI }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpolation::{ExtrapolationLimits, RenderTime};
    use proptest::prelude::*;

    const LIMITS: ExtrapolationLimits = ExtrapolationLimits { extrapolate: 4.0, stale_after: 20.0 };

    /// Where tick 10 * `moment` lies, with snapshots at ticks 0, 10 and, when asked for, 20.
    fn bracket(moment: f32, third: bool) -> Bracket {
        let ticks = moment * 10.0;
        let (tick, fraction) = (Tick(ticks as u32), ticks.fract());
        let time = RenderTime { tick, fraction, newest: Tick(20), jumped: false };
        let held = [Tick(0), Tick(10), Tick(20)].into_iter().take(if third { 3 } else { 2 });
        Bracket::find(&time, &LIMITS, held).unwrap()
    }

    /// A number at a moment, from what it is in the three snapshots.
    fn sample(sampling: FieldSampling, moment: f32, values: [Option<f32>; 3]) -> Option<f32> {
        let values = values.map(|value| value.map(|value| [value]));
        let at = |tick: Tick| values[tick.0 as usize / 10].as_ref().map(|value| &value[..]);
        let mut out = [f32::NAN];
        sampling.sample(&bracket(moment, values[2].is_some()), at, &mut out).then_some(out[0])
    }

    fn moving(values: [f32; 2]) -> [Option<f32>; 3] {
        [Some(values[0]), Some(values[1]), None]
    }

    #[test]
    fn numbers_go_straight_on_until_the_limit() {
        let linear = FieldSampling::new(Interpolation::Linear);
        for (moment, expected) in [(0.0, 2.0), (0.25, 3.0), (1.0, 6.0), (1.2, 6.8), (1.4, 7.6), (9.0, 7.6)] {
            let value = sample(linear, moment, moving([2.0, 6.0])).unwrap();
            assert!((value - expected).abs() < 1e-5, "{moment}: {value}, not {expected}");
        }
    }

    #[test]
    fn variants_change_when_reached_and_what_must_not_wait_at_once() {
        let (snap, none) = (FieldSampling::new(Interpolation::Snap), FieldSampling::new(Interpolation::None));
        let values = [Some(1.0), Some(2.0), Some(3.0)];
        assert_eq!(
            [0.0, 0.9, 1.0].map(|moment| sample(snap, moment, values)),
            [Some(1.0), Some(1.0), Some(2.0)]
        );
        assert_eq!([0.0, 0.9, 1.0].map(|moment| sample(none, moment, values)), [Some(3.0); 3]);
    }

    #[test]
    fn a_teleport_is_neither_crossed_nor_prolonged() {
        let linear = FieldSampling::new(Interpolation::Linear).teleport_above(1.0);
        let jump = |moment| sample(linear, moment, moving([0.0, 11.0]));
        assert_eq!([jump(0.9), jump(1.0), jump(1.3)], [Some(0.0), Some(11.0), Some(11.0)]);
        assert_eq!(sample(linear, 0.5, moving([0.0, 9.0])), Some(4.5));
        let angular = FieldSampling::new(Interpolation::Angular).teleport_above(0.1);
        assert_eq!(sample(angular, 0.5, moving([0.0, 2.0])), Some(0.0));
        // The shorter way round is no teleport.
        assert!((sample(angular, 0.5, moving([-3.1, 3.1])).unwrap().abs() - PI).abs() < 1e-5);
    }

    #[test]
    fn entities_appear_and_disappear_when_the_snapshot_is_reached() {
        let linear = FieldSampling::new(Interpolation::Linear);
        let appears = |moment| sample(linear, moment, [None, Some(5.0), Some(7.0)]);
        assert_eq!([appears(0.9), appears(1.0), appears(1.5)], [None, Some(5.0), Some(6.0)]);
        let disappears = |moment| sample(linear, moment, [Some(5.0), None, None]);
        assert_eq!([disappears(0.5), disappears(1.0), disappears(1.3)], [Some(5.0), None, None]);
        assert_eq!(sample(linear, 1.3, [None, Some(5.0), None]), Some(5.0));
    }

    #[test]
    fn velocities_bend_the_way_and_prolong_it() {
        // A ball at 9.8 a tick²: height and velocity at ticks 0 and 10.
        let at = |tick: Tick| {
            let time = tick.0 as f32;
            [100.0 + 50.0 * time - 4.9 * time * time, 50.0 - 9.8 * time]
        };
        let linear = FieldSampling::new(Interpolation::Linear);
        let points = [at(Tick(0)), at(Tick(10))];
        let point = |tick: Tick| {
            points.get(tick.0 as usize / 10).map(|[value, velocity]| Point {
                value: std::slice::from_ref(value),
                velocity: std::slice::from_ref(velocity),
            })
        };
        let mut out = [0.0];
        for tenths in 0..=10 {
            assert!(linear.sample(&bracket(tenths as f32 / 10.0, false), point, &mut out));
            let expected = at(Tick(tenths))[0];
            assert!((out[0] - expected).abs() < 0.01, "tick {tenths}: {}, not {expected}", out[0]);
        }
        assert!(linear.sample(&bracket(1.3, false), point, &mut out));
        assert!((out[0] - (points[1][0] + 3.0 * points[1][1])).abs() < 0.01, "{}", out[0]);
    }

    fn any_float() -> impl Strategy<Value = f32> {
        prop_oneof![any::<f32>(), Just(f32::NAN), Just(f32::INFINITY), Just(f32::MAX), Just(0.0)]
    }

    proptest! {
        #[test]
        fn what_rests_and_what_is_reached_comes_out_exactly(a in -1e6..1e6_f32, b in -1e6..1e6_f32, moment in 0.0..1.4_f32) {
            let linear = FieldSampling::new(Interpolation::Linear);
            prop_assert_eq!(sample(linear, moment, moving([a, a])), Some(a));
            prop_assert_eq!(sample(linear, 0.0, moving([a, b])), Some(a));
            prop_assert_eq!(sample(linear, 1.0, moving([a, b])), Some(b));
        }

        #[test]
        fn an_angle_turns_the_shorter_way_in_proportion(from in -7.0..7.0_f32, way in -3.1..3.1_f32, moment in 0.0..1.4_f32) {
            let angular = FieldSampling::new(Interpolation::Angular);
            let value = sample(angular, moment, moving([from, from + way])).unwrap();
            prop_assert!((-PI..PI).contains(&value));
            // Within what an f32 can tell of angles of this size.
            prop_assert!(turn(value - (from + way * moment)).abs() < 1e-5);
        }

        #[test]
        fn no_number_and_no_length_does_harm(
            from in proptest::collection::vec(any_float(), 0..6),
            to in proptest::collection::vec(any_float(), 0..6),
            velocity in proptest::collection::vec(any_float(), 0..6),
            (span, past, teleport) in (any_float(), any_float(), any_float()),
        ) {
            let bracket = Bracket { span, past, ..bracket(0.5, false) };
            let modes = [
                Interpolation::Linear, Interpolation::Angular, Interpolation::Slerp, Interpolation::Snap,
                Interpolation::None,
            ];
            for mode in modes {
                for sampling in [FieldSampling::new(mode), FieldSampling::new(mode).teleport_above(teleport)] {
                    let at = |tick: Tick| {
                        Some(Point { value: if tick.0 == 0 { &from } else { &to }, velocity: &velocity })
                    };
                    let mut out = [0.0; 5];
                    prop_assert!(sampling.sample(&bracket, at, &mut out));
                    if from.iter().chain(&to).all(|number| number.is_finite()) {
                        prop_assert!(out.iter().all(|number| number.is_finite()), "{mode:?}: {out:?}");
                    }
                }
            }
        }
    }
}
