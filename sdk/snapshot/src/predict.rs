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

    /// How far a number goes on that has moved so far.
    #[inline]
    pub(crate) fn ahead(&self, moved: i32) -> i32 {
        ((i64::from(moved) * self.ratio + (1 << 15)) >> 16) as i32
    }

    /// Where a rotation comes to that turned from `older` to `newer`, at the same rate about the same axis.
    #[inline]
    pub(crate) fn rotation(&self, newer: &Quaternion, older: &Quaternion) -> Quaternion {
        let cosine = newer.dot(older);
        // A quaternion and its negative are the same rotation: the shorter way is meant.
        let sign = if cosine < 0.0 { -1.0 } else { 1.0 };
        let part = (1.0 - cosine.abs()) / 2.0;
        let (keep, take) = (self.newer.at(part), sign * self.older.at(part));
        let part = |newer: f32, older: f32| keep * newer - take * older;
        Quaternion {
            first: part(newer.first, older.first),
            others: (
                part(newer.others.0, older.others.0),
                part(newer.others.1, older.others.1),
                part(newer.others.2, older.others.2),
            ),
        }
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

/// A quaternion of about unit length, in a view. Its parts are no array: they are to stay in registers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quaternion {
    first: f32,
    others: (f32, f32, f32),
}

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
        let part = |other: i32| other as f32 * self.unit - FRAC_1_SQRT_2;
        let (a, b, c) = (part(others[0]), part(others[1]), part(others[2]));
        let own = Quaternion { first: (1.0 - (a * a + b * b + c * c)).max(0.0).sqrt(), others: (a, b, c) };
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
        let quaternion = quaternion.seen(view, largest);
        let scale = if quaternion.first < 0.0 { -self.steps } else { self.steps };
        // `as` takes what is below 0 for 0.
        let integer = |part: f32| ((part * scale + self.middle) as i32).clamp(0, self.top);
        let (a, b, c) = quaternion.others;
        [integer(a), integer(b), integer(c)]
    }
}

impl Quaternion {
    /// The same from the view `to` in place of `from`.
    #[inline(always)]
    fn seen(self, from: usize, to: usize) -> Self {
        if from == to {
            return self;
        }
        // Through the order of places, without memory.
        let (a, b, c) = self.others;
        let pick = |condition: bool, one: f32, other: f32| if condition { one } else { other };
        let place_0 = pick(from == 0, self.first, a);
        let place_1 = pick(from == 1, self.first, pick(from == 0, a, b));
        let place_2 = pick(from == 2, self.first, pick(from < 2, b, c));
        let place_3 = pick(from == 3, self.first, c);
        let low = pick(to == 0, place_0, place_1);
        let high = pick(to == 2, place_2, place_3);
        Self {
            first: pick(to < 2, low, high),
            others: (
                pick(to == 0, place_1, place_0),
                pick(to < 2, place_2, place_1),
                pick(to < 3, place_3, place_2),
            ),
        }
    }

    #[inline]
    fn dot(&self, other: &Self) -> f32 {
        (self.first * other.first + self.others.0 * other.others.0)
            + (self.others.1 * other.others.1 + self.others.2 * other.others.2)
    }

    /// The places in its view of the largest component and the next, and by how much they differ.
    #[inline]
    pub(crate) fn largest(&self) -> (usize, usize, f32) {
        let (a, b, c) = self.others;
        let (mut first, mut second) = ((0, self.first.abs()), (1, -1.0));
        for (place, part) in [(1, a), (2, b), (3, c)] {
            let size = part.abs();
            if size > first.1 {
                (first, second) = ((place, size), first);
            } else if size > second.1 {
                second = (place, size);
            }
        }
        (first.0, second.0, first.1 - second.1)
    }

    /// The largest difference of a component, when both are turned to the same side.
    #[inline]
    pub(crate) fn apart(&self, other: &Self) -> f32 {
        let sign = if self.dot(other) < 0.0 { -1.0 } else { 1.0 };
        let part = |one: f32, other: f32| (one - sign * other).abs();
        let first = part(self.first, other.first).max(part(self.others.0, other.others.0));
        let last = part(self.others.1, other.others.1).max(part(self.others.2, other.others.2));
        first.max(last)
    }
}
