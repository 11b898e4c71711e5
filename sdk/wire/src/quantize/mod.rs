//! Numbers as small integers, with a known error: for hashes, reports and the wire (STANDARD.md, section 2.5).
//!
//! All compute in `f64` with nothing but IEEE's basic operations, of which the square root is one, so they give the
//! same integers on every platform. A number that is not finite becomes what its type says.
//!
//! ```
//! use netcord_wire::RangeQuantizer;
//!
//! const HEIGHT: RangeQuantizer = RangeQuantizer::new(-10.0, 90.0, 0.01);
//! let value = HEIGHT.quantize(1.2345);
//! assert_eq!((value, HEIGHT.bits()), (1_123, 14));
//! assert!((HEIGHT.dequantize(value) - 1.2345).abs() <= HEIGHT.max_error());
//! ```

mod integer;
mod rotation;
mod unit;

pub use integer::{CounterQuantizer, IntegerQuantizer};
pub use rotation::RotationQuantizer;
pub use unit::{DirectionQuantizer, UnitVectorQuantizer};

use core::f64::consts::{PI, TAU};

/// Half a unit in the last place of an `f32`, relative to its value.
const HALF_ULP: f64 = 1.0 / (1 << 24) as f64;

/// Numbers between two bounds, in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeQuantizer {
    min: f64,
    max: f64,
    step: f64,
    /// The quantised value of `max`.
    top: u32,
}

impl RangeQuantizer {
    /// Steps of `step` from `min` up to `max`. Best used in a `const`, where a wrong range doesn't compile.
    ///
    /// # Panics
    /// Unless `min < max`, both are finite `f32`s, `step` is above 0 and within the range, there are at most 2^32 - 1
    /// steps, and none is so small that `f32` can't tell it from the next (2^-22 of the larger bound).
    pub const fn new(min: f64, max: f64, step: f64) -> Self {
        assert!(
            (min as f32).is_finite() && (max as f32).is_finite(),
            "the bounds of a range are finite f32s"
        );
        assert!(min < max, "the lower bound of a range comes first");
        assert!(step > 0.0 && step <= max - min, "a step is above 0 and within the range");
        assert!(step >= 4.0 * HALF_ULP * largest(min, max), "the step is finer than an f32 at the bounds");
        assert!((max - min) / step < u32::MAX as f64, "a range has at most 2^32 - 1 steps");
        Self { min, max, step, top: top(min, max, step) }
    }

    /// The nearest step, from 0 to [`top`](Self::top). Numbers outside of the range become the nearer bound, NaN
    /// the lower.
    pub const fn quantize(&self, value: f32) -> u32 {
        // Conversions to integers saturate, and take NaN for 0.
        let nearest = ((value as f64 - self.min) / self.step + 0.5) as u32;
        if nearest < self.top { nearest } else { self.top }
    }

    /// The number that a step stands for, the upper bound at most.
    pub const fn dequantize(&self, value: u32) -> f32 {
        // The last step may be shorter or longer than the others, by half a step.
        let number = self.min + value as f64 * self.step;
        if number < self.max { number as f32 } else { self.max as f32 }
    }

    /// The lower bound, the upper bound and the step, as they were given.
    pub const fn parameters(&self) -> (f64, f64, f64) {
        (self.min, self.max, self.step)
    }

    /// The quantised value of the upper bound.
    pub const fn top(&self) -> u32 {
        self.top
    }

    /// The bits that a quantised value needs.
    pub const fn bits(&self) -> u32 {
        u32::BITS - self.top.leading_zeros()
    }

    /// The most by which a number of the range changes: half a step, and what `f32` rounds.
    pub const fn max_error(&self) -> f32 {
        error_bound(self.step / 2.0, largest(self.min, self.max))
    }
}

/// Angles in radians, in equal parts of a full turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AngleQuantizer {
    bits: u32,
}

impl AngleQuantizer {
    /// 2^`bits` parts of a turn.
    ///
    /// # Panics
    /// Unless `bits` is from 1 to 22; more is finer than an `f32`.
    pub const fn new(bits: u32) -> Self {
        assert!(bits >= 1 && bits <= 22, "an angle has 1 to 22 bits");
        Self { bits }
    }

    /// The nearest part, below 2^[`bits`](Self::bits): whole turns don't count. A number that is not finite
    /// becomes 0.
    pub const fn quantize(&self, radians: f32) -> u32 {
        if !radians.is_finite() {
            return 0;
        }
        let parts = (1u64 << self.bits) as f64;
        // Whole turns are taken off first, exactly, so that no angle is too large.
        let within = radians as f64 % TAU;
        (round(within / TAU * parts) & ((1 << self.bits) - 1)) as u32
    }

    /// The angle that a part stands for, from -π up to, not including, π. Bits above [`bits`](Self::bits) don't
    /// count.
    pub const fn dequantize(&self, value: u32) -> f32 {
        let unused = u32::BITS - self.bits;
        let part = (value << unused) as i32 >> unused;
        (part as f64 * TAU / (1u64 << self.bits) as f64) as f32
    }

    /// The bits that a quantised value needs.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The most by which an angle from -π to π changes, whole turns apart.
    pub const fn max_error(&self) -> f32 {
        error_bound(PI / (1u64 << self.bits) as f64, PI)
    }
}

/// Numbers without bounds, in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepQuantizer {
    step: f64,
}

impl StepQuantizer {
    /// Steps of `step`.
    ///
    /// # Panics
    /// Unless `step` is a finite number above 0.
    pub const fn new(step: f64) -> Self {
        assert!(step.is_finite() && step > 0.0, "a step is a finite number above 0");
        Self { step }
    }

    /// The size of a step.
    pub const fn step(&self) -> f64 {
        self.step
    }

    /// The nearest step, halves away from 0. NaN becomes 0; what is beyond the integers becomes the last of them.
    pub const fn quantize(&self, value: f32) -> i64 {
        round(value as f64 / self.step)
    }

    /// The number that a step stands for.
    pub const fn dequantize(&self, value: i64) -> f32 {
        (value as f64 * self.step) as f32
    }

    /// The most by which a number of at most `largest` changes: half a step, and what `f32` rounds.
    pub const fn max_error(&self, largest: f32) -> f32 {
        error_bound(self.step / 2.0, largest as f64)
    }
}

/// The number of steps from `min` to `max`.
pub(crate) const fn top(min: f64, max: f64, step: f64) -> u32 {
    ((max - min) / step + 0.5) as u32
}

/// The nearest integer, halves away from 0. `core` has no `f64::round`.
const fn round(value: f64) -> i64 {
    if value < 0.0 { -((0.5 - value) as i64) } else { (value + 0.5) as i64 }
}

const fn largest(min: f64, max: f64) -> f64 {
    if -min > max { -min } else { max }
}

/// `half_step`, plus what rounding to `f32` adds to numbers up to `largest`, rounded up.
const fn error_bound(half_step: f64, largest: f64) -> f32 {
    let bound = half_step + HALF_ULP * (largest + half_step);
    ((bound * (1.0 + 4.0 * HALF_ULP)) as f32).next_up()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn ranges()(min in -1e6..1e6, width in 1e-3..1e6, steps in 1.0..1e6) -> Option<RangeQuantizer> {
            let (max, step) = (min + width, width / steps);
            let coarse = step <= max - min && step >= 4.0 * HALF_ULP * largest(min, max);
            coarse.then(|| RangeQuantizer::new(min, max, step))
        }
    }

    /// The distance of two angles, whole turns apart.
    fn apart(one: f32, other: f32) -> f64 {
        let turns = (f64::from(one) - f64::from(other)) / TAU;
        (turns - turns.round()).abs() * TAU
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_range_keeps_its_error_bound(range in ranges(), at in 0.0..=1.0f64) {
            let Some(range) = range else { return Ok(()) };
            let value = ((range.min + at * (range.max - range.min)) as f32).clamp(range.min as f32, range.max as f32);
            let quantized = range.quantize(value);
            prop_assert!(quantized <= range.top() && u64::from(quantized) < 1 << range.bits());
            let back = range.dequantize(quantized);
            prop_assert!((f64::from(back) - f64::from(value)).abs() <= range.max_error().into());
            prop_assert_eq!(range.quantize(back), quantized, "a second time changes nothing");
        }

        #[test]
        fn an_angle_keeps_its_error_bound(radians in -PI as f32..PI as f32, turns in -3..=3i8, bits in 1..=22u32) {
            let angle = AngleQuantizer::new(bits);
            let quantized = angle.quantize(radians);
            prop_assert!(quantized < 1 << bits);
            let back = angle.dequantize(quantized);
            prop_assert!(apart(back, radians) <= angle.max_error().into());
            prop_assert!((-PI as f32..PI as f32).contains(&back));
            prop_assert_eq!(angle.quantize(back), quantized, "a second time changes nothing");
            // A full turn more rounds the f32 itself, not the step.
            let turned = (f64::from(radians) + f64::from(turns) * TAU) as f32;
            prop_assert!(apart(angle.dequantize(angle.quantize(turned)), turned) <= f64::from(angle.max_error()) + 1e-6);
        }

        #[test]
        fn a_step_keeps_its_error_bound(value in -1e9f32..1e9, step in 1e-4..1e4) {
            let steps = StepQuantizer::new(step);
            let back = steps.dequantize(steps.quantize(value));
            prop_assert!((f64::from(back) - f64::from(value)).abs() <= steps.max_error(value.abs()).into());
        }

        #[test]
        fn no_float_and_no_integer_breaks_a_quantiser(bits: u32, value: u32, wide: i64) {
            let float = f32::from_bits(bits);
            let range = RangeQuantizer::new(-1.0, 7.0, 0.25);
            prop_assert!(range.quantize(float) <= range.top());
            prop_assert!((-1.0..=7.0).contains(&range.dequantize(value)));
            let angle = AngleQuantizer::new(9);
            prop_assert!(angle.quantize(float) < 512);
            prop_assert!(angle.dequantize(value).abs() <= PI as f32);
            let step = StepQuantizer::new(1e-3);
            step.quantize(float);
            prop_assert!(step.dequantize(wide).is_finite());
        }
    }

    #[test]
    fn the_bounds_and_what_is_beyond_them_are_kept() {
        let range = RangeQuantizer::new(-1.0, 1.0, 0.3);
        assert_eq!((range.top(), range.bits()), (7, 3));
        assert_eq!((range.quantize(-1.0), range.quantize(1.0)), (0, 7));
        assert_eq!((range.dequantize(0), range.dequantize(7), range.dequantize(u32::MAX)), (-1.0, 1.0, 1.0));
        assert_eq!((range.quantize(f32::NEG_INFINITY), range.quantize(f32::INFINITY)), (0, 7));
        assert_eq!((range.quantize(f32::NAN), range.quantize(-0.0)), (0, 3));
    }

    #[test]
    fn a_turn_ends_where_it_begins() {
        let angle = AngleQuantizer::new(8);
        assert_eq!((angle.quantize(0.0), angle.quantize(TAU as f32), angle.quantize(-TAU as f32)), (0, 0, 0));
        assert_eq!((angle.quantize(PI as f32), angle.quantize(-PI as f32)), (128, 128));
        assert_eq!((angle.dequantize(128), angle.dequantize(64)), (-PI as f32, (PI / 2.0) as f32));
        assert_eq!((angle.quantize(f32::NAN), angle.quantize(f32::INFINITY)), (0, 0));
    }

    #[test]
    fn steps_are_even_around_zero() {
        let step = StepQuantizer::new(0.5);
        assert_eq!(
            [0.24, 0.25, -0.24, -0.25, 0.75, -0.75].map(|value| step.quantize(value)),
            [0, 1, 0, -1, 2, -2]
        );
        assert_eq!((step.quantize(f32::NAN), step.quantize(f32::INFINITY)), (0, i64::MAX));
    }
}
