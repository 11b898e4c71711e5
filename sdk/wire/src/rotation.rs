//! Rotations as the smallest three components of a unit quaternion.

use core::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Unit quaternions: which component is the largest, and the three others in steps (Fiedler, Snapshot compression,
/// 2015). The largest is made positive, which is the same rotation, and follows from the others.
///
/// ```
/// use netcord_wire::RotationQuantizer;
///
/// const FACING: RotationQuantizer = RotationQuantizer::new(9);
/// let quantized = FACING.quantize([0.0, 0.6, 0.0, -0.8]);
/// assert_eq!(quantized, [3, 256, 39, 256]);
/// let [_, y, _, w] = FACING.dequantize(quantized);
/// assert!((y + 0.6).abs() < 0.003 && (w - 0.8).abs() < 0.003);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationQuantizer {
    bits: u32,
}

impl RotationQuantizer {
    /// 2^`bits` steps for each of the three components, which lie between -1/√2 and 1/√2.
    ///
    /// # Panics
    /// Unless `bits` is from 2 to 20; more is finer than an `f32`.
    pub const fn new(bits: u32) -> Self {
        assert!(bits >= 2 && bits <= 20, "a rotation has 2 to 20 bits a component");
        Self { bits }
    }

    /// The place of the largest component, then the steps of the others in their order. The quaternion need not be of
    /// unit length; one of no length, or with a component that is not finite, becomes the rotation by nothing, with the
    /// last component 1.
    pub fn quantize(&self, quaternion: [f32; 4]) -> [u32; 4] {
        let parts = quaternion.map(f64::from);
        let length = square_root(parts.iter().map(|part| part * part).sum());
        let parts = if length > 0.0 && length.is_finite() { parts } else { [0.0, 0.0, 0.0, 1.0] };
        let length = if length > 0.0 && length.is_finite() { length } else { 1.0 };
        let larger = |largest: usize, place: usize| parts[place].abs() > parts[largest].abs();
        let largest = (1..4).fold(0, |largest, place| if larger(largest, place) { place } else { largest });
        let scale = if parts[largest] < 0.0 { -1.0 / length } else { 1.0 / length };
        let mut quantized = [largest as u32; 4];
        let others = (0..4).filter(|&place| place != largest);
        for (slot, place) in quantized.iter_mut().skip(1).zip(others) {
            let steps = (parts[place] * scale + FRAC_1_SQRT_2) / SQRT_2 * f64::from(self.top());
            *slot = ((steps + 0.5) as u32).min(self.top());
        }
        quantized
    }

    /// The quaternion of these steps. Those above [`top`](Self::top) count as it, and only the lowest two bits of the
    /// place do.
    pub fn dequantize(&self, [largest, others @ ..]: [u32; 4]) -> [f32; 4] {
        let others = others
            .map(|steps| f64::from(steps.min(self.top())) / f64::from(self.top()) * SQRT_2 - FRAC_1_SQRT_2);
        let squares: f64 = others.iter().map(|other| other * other).sum();
        let largest = largest as usize & 3;
        let last = square_root((1.0 - squares).max(0.0));
        // Steps that no rotation has can be longer than 1.
        let length = if squares > 1.0 { square_root(squares) } else { 1.0 };
        let mut quaternion = [(last / length) as f32; 4];
        for (place, other) in (0..4).filter(|&place| place != largest).zip(others) {
            quaternion[place] = (other / length) as f32;
        }
        quaternion
    }

    /// The largest number of steps.
    pub const fn top(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// The bits of each of the three components; the place of the largest takes two more.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The angle in radians by which a rotation changes at most.
    ///
    /// Each of the three is off by at most half a step, and the largest, which is at least 1/2, by three times that; the
    /// angle is twice the distance, and a tenth more for what is not linear with few bits.
    pub const fn max_error(&self) -> f32 {
        let half_step = SQRT_2 / self.top() as f64 / 2.0;
        // The square root of 3 + 9.
        let distance = 3.464_101_7 * half_step;
        (2.0 * distance * if self.bits < 7 { 1.1 } else { 1.01 } + 1e-6) as f32
    }
}

/// `core` has no `f64::sqrt`. Newton's method, with IEEE's basic operations, so the same everywhere.
fn square_root(value: f64) -> f64 {
    if !(value > 0.0 && value.is_finite()) {
        return value;
    }
    // Half the exponent is a guess that is off by a few parts in a hundred.
    let mut root = f64::from_bits((value.to_bits() >> 1) + (1023 << 51));
    for _ in 0..5 {
        root = 0.5 * (root + value / root);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_rotation_keeps_its_error_bound(parts: [i32; 4], bits in 4..=20_u32) {
            prop_assume!(parts.iter().any(|&part| part.unsigned_abs() > 1 << 20));
            let parts = parts.map(|part| part as f32 / (1_u32 << 31) as f32);
            let quantizer = RotationQuantizer::new(bits);
            let quantized = quantizer.quantize(parts);
            prop_assert!(quantized[0] < 4 && quantized[1..].iter().all(|&steps| steps <= quantizer.top()));
            let back = quantizer.dequantize(quantized).map(f64::from);
            let parts = parts.map(f64::from);
            let length = parts.iter().map(|part| part * part).sum::<f64>().sqrt();
            let dot: f64 = parts.iter().zip(back).map(|(part, back)| part / length * back).sum();
            let sign = if dot < 0.0 { -1.0 } else { 1.0 };
            let apart = parts.iter().zip(back).map(|(part, back)| (part / length - sign * back).powi(2)).sum::<f64>();
            let angle = 4.0 * (apart.sqrt() / 2.0).min(1.0).asin();
            prop_assert!(angle <= quantizer.max_error().into(), "{angle} > {}", quantizer.max_error());
        }

        #[test]
        fn no_numbers_break_a_rotation(floats: [u32; 4], steps: [u32; 4], bits in 2..=20_u32) {
            let quantizer = RotationQuantizer::new(bits);
            let quantized = quantizer.quantize(floats.map(f32::from_bits));
            prop_assert!(quantized[0] < 4 && quantized[1..].iter().all(|&steps| steps <= quantizer.top()));
            let back = quantizer.dequantize(steps).map(f64::from);
            let length = back.iter().map(|part| part * part).sum::<f64>();
            prop_assert!((length - 1.0).abs() < 1e-5, "{back:?}");
        }

        #[test]
        fn roots_are_right(value in 0.0..1e300_f64) {
            prop_assert!((square_root(value) - value.sqrt()).abs() <= value.sqrt() * 1e-15);
        }
    }

    #[test]
    fn what_is_no_rotation_is_one_by_nothing() {
        let quantizer = RotationQuantizer::new(8);
        for parts in [[0.0; 4], [f32::NAN, 0.0, 0.0, 0.0], [f32::INFINITY, 1.0, 0.0, 0.0]] {
            assert_eq!(quantizer.quantize(parts), [3, 128, 128, 128]);
        }
    }
}
