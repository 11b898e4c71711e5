//! Directions: vectors of length 1 in the plane and in space, without sines.
//!
//! A direction is scaled to where its components' sizes add up to 1: onto a square standing on its corner in the plane,
//! onto an octahedron in space. Both unfold to something even, which is cut into equal steps (Meyer et al., On
//! floating-point normal vectors, 2010).

use super::HALF_ULP;
use libm::sqrt;

/// What rounding a direction's components to `f32` turns it by, at most: √3 half units in the last place, rounded up.
const ROUNDING: f64 = 2.0 * HALF_ULP;

/// Directions in the plane, in 2^n parts of a turn that are nearly equal. It wraps, as an angle does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectionQuantizer {
    bits: u32,
}

impl DirectionQuantizer {
    /// 2^`bits` parts of a turn.
    ///
    /// # Panics
    /// Unless `bits` is from 2 to 22; more is finer than an `f32`.
    pub const fn new(bits: u32) -> Self {
        assert!(bits >= 2 && bits <= 22, "a direction has 2 to 22 bits");
        Self { bits }
    }

    /// The nearest part, below 2^[`bits`](Self::bits). Its length doesn't count; one that has none, or that is not
    /// finite, becomes that of the first axis.
    pub const fn quantize(&self, [x, y]: [f32; 2]) -> u32 {
        let (x, y) = (x as f64, y as f64);
        let size = x.abs() + y.abs();
        if !(size > 0.0 && size.is_finite()) {
            return 0;
        }
        // From 0 to 4, once around the square.
        let around = if y >= 0.0 { 1.0 - x / size } else { 3.0 + x / size };
        let parts = (around * (1_u64 << (self.bits - 2)) as f64 + 0.5) as u32;
        parts & self.top()
    }

    /// The direction of a part, of length 1. Bits above [`bits`](Self::bits) don't count.
    pub fn dequantize(&self, value: u32) -> [f32; 2] {
        let around = f64::from(value & self.top()) / (1_u64 << (self.bits - 2)) as f64;
        let x = if around <= 2.0 { 1.0 - around } else { around - 3.0 };
        let y = 1.0 - x.abs();
        let y = if around <= 2.0 { y } else { -y };
        let length = sqrt(x * x + y * y);
        [(x / length) as f32, (y / length) as f32]
    }

    /// The highest value: all bits.
    pub const fn top(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// The bits that a quantised value needs.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The most by which a direction turns, in radians: 4 / 2^n.
    ///
    /// Around the square, of length 4 by this measure, a part is 4 / 2^n, and rounding moves by half of it at most. A
    /// move by t there is √2 t long, at a distance of 1/√2 or more from the middle: it turns by 2 t at most.
    pub const fn max_error(&self) -> f32 {
        ((4.0 / (1_u64 << self.bits) as f64 + ROUNDING) as f32).next_up()
    }
}

/// Directions in space, as two numbers of n bits each (an octahedron, unfolded). The axes are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitVectorQuantizer {
    bits: u32,
}

impl UnitVectorQuantizer {
    /// `bits` for each of the two numbers.
    ///
    /// # Panics
    /// Unless `bits` is from 2 to 22; more is finer than an `f32`.
    pub const fn new(bits: u32) -> Self {
        assert!(bits >= 2 && bits <= 22, "a unit vector has 2 to 22 bits for each number");
        Self { bits }
    }

    /// Two numbers from 0 to [`top`](Self::top). The vector's length doesn't count; one that has none, or that is not
    /// finite, becomes that of the third axis.
    pub const fn quantize(&self, [x, y, z]: [f32; 3]) -> [u32; 2] {
        let (x, y, z) = (x as f64, y as f64, z as f64);
        let size = x.abs() + y.abs() + z.abs();
        if !(size > 0.0 && size.is_finite()) {
            return [self.half(), self.half()];
        }
        let (u, v) = (x / size, y / size);
        let (u, v) = if z < 0.0 { folded(u, v) } else { (u, v) };
        [self.nearest(u), self.nearest(v)]
    }

    /// The vector of two numbers, of length 1. Numbers above [`top`](Self::top) are taken for it.
    pub fn dequantize(&self, [u, v]: [u32; 2]) -> [f32; 3] {
        let half = f64::from(self.half());
        let from = |number: u32| f64::from(number.min(self.top())) / half - 1.0;
        let (u, v) = (from(u), from(v));
        let z = 1.0 - u.abs() - v.abs();
        let (x, y) = if z < 0.0 { folded(u, v) } else { (u, v) };
        let length = sqrt(x * x + y * y + z * z);
        [(x / length) as f32, (y / length) as f32, (z / length) as f32]
    }

    /// The highest value of each number, 2^n - 2: so 0 is among the steps.
    pub const fn top(&self) -> u32 {
        2 * self.half()
    }

    /// The bits that each of the two numbers needs.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The most by which a vector turns, in radians: 3√2 h, where h = 1 / (2^n - 2) is half a step.
    ///
    /// Rounding moves each of the two numbers by h at most. On each face of the octahedron a move by (a, b) goes as far
    /// as (a, b, ±a ± b), so by √6 h at most, at a distance of 1/√3 or more from the middle: it turns by
    /// √3 √6 h at most. Folding keeps lengths, and a way over an edge is made of ways on faces.
    pub const fn max_error(&self) -> f32 {
        ((3.0 * core::f64::consts::SQRT_2 / self.top() as f64 + ROUNDING) as f32).next_up()
    }

    /// Steps for 1.
    const fn half(&self) -> u32 {
        (1 << (self.bits - 1)) - 1
    }

    const fn nearest(&self, number: f64) -> u32 {
        let nearest = ((number + 1.0) * self.half() as f64 + 0.5) as u32;
        if nearest < self.top() { nearest } else { self.top() }
    }
}

/// The lower half of the octahedron, over the corners of the square that the upper half is.
const fn folded(u: f64, v: f64) -> (f64, f64) {
    (signed(1.0 - v.abs(), u), signed(1.0 - u.abs(), v))
}

/// `number` with the sign of `of`, which 0 has none of.
const fn signed(number: f64, of: f64) -> f64 {
    if of < 0.0 { -number } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The angle between two vectors.
    fn turned<const N: usize>(one: [f32; N], other: [f32; N]) -> f64 {
        let unit = |vector: [f32; N]| {
            let vector = vector.map(f64::from);
            let length = vector.iter().map(|part| part * part).sum::<f64>().sqrt();
            vector.map(|part| part / length)
        };
        let (one, other) = (unit(one), unit(other));
        let chord = one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt();
        2.0 * (chord / 2.0).min(1.0).asin()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_direction_keeps_its_error_bound(vector: [i16; 2], scale in 1e-20..1e20f32, bits in 2..=22u32) {
            prop_assume!(vector != [0; 2]);
            let quantizer = DirectionQuantizer::new(bits);
            let vector = vector.map(|part| f32::from(part) * scale);
            let back = quantizer.dequantize(quantizer.quantize(vector));
            prop_assert!(turned(vector, back) <= quantizer.max_error().into());
            prop_assert_eq!(quantizer.quantize(back), quantizer.quantize(vector), "a second time changes nothing");
        }

        #[test]
        fn a_unit_vector_keeps_its_error_bound(vector: [i16; 3], scale in 1e-20..1e20f32, bits in 2..=22u32) {
            prop_assume!(vector != [0; 3]);
            let quantizer = UnitVectorQuantizer::new(bits);
            let vector = vector.map(|part| f32::from(part) * scale);
            let quantized = quantizer.quantize(vector);
            prop_assert!(quantized.iter().all(|&number| number <= quantizer.top()));
            let back = quantizer.dequantize(quantized);
            prop_assert!(turned(vector, back) <= quantizer.max_error().into());
        }

        #[test]
        fn no_float_and_no_integer_breaks_a_direction(parts: [u32; 3], bits in 2..=22u32) {
            let [x, y, z] = parts.map(f32::from_bits);
            let (plane, space) = (DirectionQuantizer::new(bits), UnitVectorQuantizer::new(bits));
            prop_assert!(plane.quantize([x, y]) <= plane.top());
            prop_assert!(space.quantize([x, y, z]).iter().all(|&number| number <= space.top()));
            let length = |parts: &[f32]| parts.iter().map(|&part| f64::from(part).powi(2)).sum::<f64>();
            prop_assert!((length(&plane.dequantize(parts[0])) - 1.0).abs() < 1e-6);
            prop_assert!((length(&space.dequantize([parts[0], parts[1]])) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn axes_are_exact_and_what_is_no_direction_becomes_one() {
        let (plane, space) = (DirectionQuantizer::new(5), UnitVectorQuantizer::new(5));
        for axis in [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]] {
            assert_eq!(plane.dequantize(plane.quantize(axis)), axis);
        }
        for place in 0..6 {
            let mut axis = [0.0; 3];
            axis[place / 2] = if place % 2 == 0 { 1.0 } else { -1.0 };
            assert_eq!(space.dequantize(space.quantize(axis)), axis);
        }
        for none in [0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(plane.dequantize(plane.quantize([none, 0.0])), [1.0, 0.0]);
            assert_eq!(space.dequantize(space.quantize([0.0, none, 0.0])), [0.0, 0.0, 1.0]);
        }
    }
}
