//! Where things go on to, from where they were: for numbers, and for unit quaternions.
//!
//! Both sides predict, and must get the same to the last bit: integers, and floats with nothing but IEEE's basic
//! operations.

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// How far a motion goes on: measured over some ticks, continued for others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Motion {
    /// Ticks ahead for each tick measured, of 65,536.
    ratio: i64,
    /// By how much the newer and the older of two rotations count; see [`Series`].
    newer: Series,
    older: Series,
}

impl Motion {
    /// A motion measured over `measured` ticks that goes on for `ahead` more. Nothing moves if nothing is measured.
    pub(crate) fn new(ahead: u32, measured: u32) -> Self {
        if measured == 0 {
            return Self { ratio: 0, newer: Series::new(1.0), older: Series::new(0.0) };
        }
        let ratio = ahead as f32 / measured as f32;
        Self {
            ratio: (i64::from(ahead) << 16) / i64::from(measured),
            newer: Series::new(ratio + 1.0),
            older: Series::new(ratio),
        }
    }

    /// Where a number comes to that went from `older` to `newer`.
    #[inline]
    pub(crate) fn number(&self, newer: i32, older: i32) -> i32 {
        let moved = i64::from(newer.wrapping_sub(older));
        newer.wrapping_add((moved * self.ratio + (1 << 15) >> 16) as i32)
    }

    /// Where a rotation comes to that turned from `older` to `newer`, at the same rate about the same axis.
    #[inline]
    pub(crate) fn rotation(&self, newer: &Quaternion, older: &Quaternion) -> Quaternion {
        let cosine = newer.dot(older);
        // A quaternion and its negative are the same rotation: the shorter way is meant.
        let sign = if cosine < 0.0 { -1.0 } else { 1.0 };
        let part = (1.0 - cosine.abs()) / 2.0;
        let (keep, take) = (self.newer.at(part), sign * self.older.at(part));
        Quaternion(std::array::from_fn(|index| keep * newer.0[index] - take * older.0[index]))
    }
}

/// The terms of a [`Series`].
const TERMS: usize = 5;

/// sin(n θ) / sin θ as a polynomial in (1 - cos θ) / 2, which is exact for whole n up to 5.
#[derive(Clone, Debug, Default)]
struct Series([f32; TERMS]);

impl Series {
    fn new(n: f32) -> Self {
        let mut coefficients = [n; TERMS];
        for term in 1..TERMS {
            let k = term as f32;
            coefficients[term] = coefficients[term - 1] * ((k * k - n * n) / (k * (k + 0.5)));
        }
        Self(coefficients)
    }

    #[inline]
    fn at(&self, part: f32) -> f32 {
        self.0.iter().rev().fold(0.0, |sum, coefficient| sum * part + coefficient)
    }
}

/// A quaternion of about unit length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quaternion(pub(crate) [f32; 4]);

/// Views of a quaternion: one component first, then the others in order.
pub(crate) const PLACES: [[usize; 4]; 4] = [[0, 1, 2, 3], [1, 0, 2, 3], [2, 0, 1, 3], [3, 0, 1, 2]];

/// The unit of the smallest three: integers for components.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SmallestThree {
    /// Steps for 1, and what a step stands for.
    steps: f32,
    unit: f32,
    /// The integer of 0, and a half for rounding.
    middle: f32,
    /// The integer of 1/√2.
    top: i32,
}

impl SmallestThree {
    pub(crate) fn new(bits: u32) -> Self {
        let top = (1 << bits) - 1;
        let steps = top as f32 / SQRT_2;
        Self { steps, unit: 1.0 / steps, middle: FRAC_1_SQRT_2 * steps + 0.5, top }
    }

    /// The largest integer.
    pub(crate) const fn top(self) -> i32 {
        self.top
    }

    /// The quaternion of a largest component's place and the integers of the others, in the view `view`.
    #[inline]
    pub(crate) fn quaternion(self, [largest, others @ ..]: [i32; 4], view: usize) -> Quaternion {
        let [a, b, c] = others.map(|other| other as f32 * self.unit - FRAC_1_SQRT_2);
        let own = Quaternion([(1.0 - (a * a + b * b + c * c)).max(0.0).sqrt(), a, b, c]);
        own.seen(largest as usize, view)
    }

    /// A difference of components in steps.
    #[inline]
    pub(crate) fn in_steps(self, difference: f32) -> i32 {
        (difference * self.steps) as i32
    }

    /// The integers of the three components beside `largest`, as they are when that one is positive, of a quaternion in
    /// the view `view`.
    #[inline]
    pub(crate) fn others(self, quaternion: &Quaternion, view: usize, largest: usize) -> [i32; 3] {
        let Quaternion([last, others @ ..]) = quaternion.seen(view, largest);
        let scale = if last < 0.0 { -self.steps } else { self.steps };
        // `as` takes what is below 0 for 0.
        others.map(|other| ((other * scale + self.middle) as i32).clamp(0, self.top))
    }
}

impl Quaternion {
    /// The same from the view `to` in place of `from`.
    #[inline]
    fn seen(self, from: usize, to: usize) -> Self {
        if from == to {
            return self;
        }
        let mut parts = [0.0; 4];
        for (place, part) in PLACES[from & 3].into_iter().zip(self.0) {
            parts[place] = part;
        }
        Self(PLACES[to & 3].map(|place| parts[place]))
    }

    #[inline]
    pub(crate) fn dot(&self, other: &Self) -> f32 {
        let [a, b, c, d]: [f32; 4] = std::array::from_fn(|index| self.0[index] * other.0[index]);
        (a + b) + (c + d)
    }

    /// The places of the largest component and the next, and by how much they differ.
    #[inline]
    pub(crate) fn largest(&self) -> (usize, usize, f32) {
        let sizes = self.0.map(f32::abs);
        let (mut first, mut second) = if sizes[1] > sizes[0] { (1, 0) } else { (0, 1) };
        for place in 2..4 {
            if sizes[place] > sizes[first] {
                (first, second) = (place, first);
            } else if sizes[place] > sizes[second] {
                second = place;
            }
        }
        (first, second, sizes[first] - sizes[second])
    }

    /// The largest difference of a component, when both are turned to the same side.
    #[inline]
    pub(crate) fn apart(&self, other: &Self) -> f32 {
        let sign = if self.dot(other) < 0.0 { -1.0 } else { 1.0 };
        let differences: [f32; 4] = std::array::from_fn(|index| (self.0[index] - sign * other.0[index]).abs());
        differences.into_iter().fold(0.0, f32::max)
    }
}
