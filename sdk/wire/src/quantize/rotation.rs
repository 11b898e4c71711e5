//! Rotations: unit quaternions as their smallest three components (Fiedler, Snapshot compression, 2015).

use super::HALF_ULP;
use core::f64::consts::FRAC_1_SQRT_2;
use libm::sqrt;

/// Unit quaternions, as the place of the largest component and n bits for each of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationQuantizer {
    bits: u32,
}

impl RotationQuantizer {
    /// `bits` for each of the three smallest components.
    ///
    /// # Panics
    /// Unless `bits` is from 4 to 20: fewer say nothing of a rotation, more are finer than `f32`s.
    pub const fn new(bits: u32) -> Self {
        assert!(bits >= 4 && bits <= 20, "a rotation has 4 to 20 bits for each component");
        Self { bits }
    }

    /// The place of the largest component, from 0 to 3, the first of those that are as large; then the others in
    /// their order, from 0 to [`top`](Self::top) for -1/√2 to 1/√2, of the quaternion or its negative, whichever has
    /// that component positive: both are the same rotation. The order of components is the caller's, `[x, y, z, w]`
    /// for most. The length doesn't count; a quaternion that has none, or that is not finite, becomes that of the
    /// fourth axis: no rotation.
    pub fn quantize(&self, quaternion: [f32; 4]) -> [u32; 4] {
        let [x, y, z, w] = quaternion.map(f64::from);
        let length = sqrt(x * x + y * y + z * z + w * w);
        let usable = length > 0.0 && length.is_finite();
        let parts = if usable { [x, y, z, w].map(|part| part / length) } else { [0.0, 0.0, 0.0, 1.0] };
        let first = |largest: usize, place: usize| {
            if parts[place].abs() > parts[largest].abs() { place } else { largest }
        };
        let largest = (0..4).fold(0, first);
        let sign = if parts[largest] < 0.0 { -1.0 } else { 1.0 };
        let [a, b, c] = OTHERS[largest].map(|place| self.nearest(sign * parts[place]));
        [largest as u32, a, b, c]
    }

    /// The quaternion, of length 1. Of the first number the lowest two bits count; others above
    /// [`top`](Self::top) are taken for it.
    pub fn dequantize(&self, [largest, a, b, c]: [u32; 4]) -> [f32; 4] {
        let steps = self.steps();
        let [a, b, c] = [a, b, c].map(|other| f64::from(other.min(self.top())) / steps - FRAC_1_SQRT_2);
        let squares = a * a + b * b + c * c;
        let first = sqrt((1.0 - squares).max(0.0));
        // Coarse steps can be longer together than 1.
        let length = sqrt(squares + first * first);
        let mut quaternion = [first; 4];
        let largest = (largest & 3) as usize;
        for (place, other) in OTHERS[largest].into_iter().zip([a, b, c]) {
            quaternion[place] = other;
        }
        quaternion.map(|part| (part / length) as f32)
    }

    /// The highest value of each of the three components.
    pub const fn top(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// The bits that each of the three components needs; the place of the largest takes two.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The largest angle in radians between a rotation and what it becomes: 2√3 h / √(1/4 - 3h - 3h²), where
    /// h = 1 / (√2 (2^n - 1)) is half a step. That is 4√3 h for all but the coarsest.
    ///
    /// Rounding moves the vector of the three smallest by √3 h at most. That is a way over the unit sphere which is
    /// longer by the factor 1/w, where w is the largest component on the way: the sphere's slope there. The three are at
    /// most √3/2 long before, as the largest is 1/2 at least, so w² ≥ 1 - (√3/2 + √3 h)². A rotation turns
    /// by twice the angle between its quaternions.
    pub fn max_error(&self) -> f32 {
        let half = FRAC_1_SQRT_2 / f64::from(self.top());
        let least = sqrt(0.25 - 3.0 * half - 3.0 * half * half);
        let angle = 2.0 * sqrt(3.0) * half / least;
        // Components as `f32`s are off by half a unit in the last place each.
        ((angle + 4.0 * HALF_ULP) as f32).next_up()
    }

    /// Steps for 1.
    fn steps(&self) -> f64 {
        f64::from(self.top()) * FRAC_1_SQRT_2
    }

    fn nearest(&self, part: f64) -> u32 {
        (((part + FRAC_1_SQRT_2) * self.steps() + 0.5) as u32).min(self.top())
    }
}

/// The places that are not this one.
const OTHERS: [[usize; 3]; 4] = [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The angle between two rotations.
    fn turned(one: [f32; 4], other: [f32; 4]) -> f64 {
        let unit = |quaternion: [f32; 4]| {
            let quaternion = quaternion.map(f64::from);
            let length = quaternion.iter().map(|part| part * part).sum::<f64>().sqrt();
            quaternion.map(|part| part / length)
        };
        let (one, other) = (unit(one), unit(other));
        let chord = |sign: f64| {
            one.iter().zip(other).map(|(one, other)| (one - sign * other).powi(2)).sum::<f64>().sqrt()
        };
        4.0 * (chord(1.0).min(chord(-1.0)) / 2.0).asin()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8_000))]

        #[test]
        fn a_rotation_keeps_its_error_bound(quaternion: [i16; 4], scale in 1e-20..1e20f32, bits in 4..=20u32) {
            prop_assume!(quaternion != [0; 4]);
            let quantizer = RotationQuantizer::new(bits);
            let quaternion = quaternion.map(|part| f32::from(part) * scale);
            let quantized = quantizer.quantize(quaternion);
            prop_assert!(quantized[0] < 4 && quantized[1..].iter().all(|&other| other <= quantizer.top()));
            let turned = turned(quaternion, quantizer.dequantize(quantized));
            prop_assert!(turned <= quantizer.max_error().into(), "{turned} > {}", quantizer.max_error());
        }

        #[test]
        fn rotations_with_four_large_components_keep_their_bound(quaternion in proptest::array::uniform4(0.9..1.0f32), signs: [bool; 4], bits in 4..=20u32) {
            let quantizer = RotationQuantizer::new(bits);
            let quaternion = core::array::from_fn(|place| if signs[place] { quaternion[place] } else { -quaternion[place] });
            let turned = turned(quaternion, quantizer.dequantize(quantizer.quantize(quaternion)));
            prop_assert!(turned <= quantizer.max_error().into(), "{turned} > {}", quantizer.max_error());
        }

        #[test]
        fn no_float_and_no_integer_breaks_a_rotation(floats: [u32; 4], integers: [u32; 4], bits in 4..=20u32) {
            let quantizer = RotationQuantizer::new(bits);
            let quantized = quantizer.quantize(floats.map(f32::from_bits));
            prop_assert!(quantized[0] < 4 && quantized[1..].iter().all(|&other| other <= quantizer.top()));
            let length: f64 = quantizer.dequantize(integers).iter().map(|&part| f64::from(part).powi(2)).sum();
            prop_assert!((length - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_quaternion_and_its_negative_are_the_same() {
        let quantizer = RotationQuantizer::new(9);
        let quaternion = [0.5, -0.5, 0.1, -0.7];
        assert_eq!(quantizer.quantize(quaternion), quantizer.quantize(quaternion.map(|part| -part)));
    }

    #[test]
    fn what_is_no_rotation_turns_nothing() {
        let quantizer = RotationQuantizer::new(9);
        let none = quantizer.quantize([0.0, 0.0, 0.0, 1.0]);
        assert_eq!(none, [3, 256, 256, 256]);
        for part in [0.0, -0.0, f32::NAN, f32::INFINITY] {
            assert_eq!(quantizer.quantize([part, 0.0, 0.0, 0.0]), none);
        }
    }
}
