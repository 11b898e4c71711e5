//! Integers in fewer bits: between bounds, or as counters that wrap. Exact, within what each promises.

/// Whole numbers between two bounds, without error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerQuantizer {
    min: i64,
    max: i64,
}

impl IntegerQuantizer {
    /// Numbers from `min` to `max`.
    ///
    /// # Panics
    /// Unless `min < max`, and there are at most 2^32 numbers.
    pub const fn new(min: i64, max: i64) -> Self {
        assert!(min < max, "the lower bound of a range comes first");
        assert!(max.abs_diff(min) <= u32::MAX as u64, "a range has at most 2^32 numbers");
        Self { min, max }
    }

    /// The distance from the lower bound. Numbers outside of the range become the nearer bound.
    pub const fn quantize(&self, value: i64) -> u32 {
        if value <= self.min {
            0
        } else if value >= self.max {
            self.top()
        } else {
            value.abs_diff(self.min) as u32
        }
    }

    /// The number at this distance from the lower bound, the upper bound at most.
    pub const fn dequantize(&self, value: u32) -> i64 {
        if value < self.top() { self.min + value as i64 } else { self.max }
    }

    /// The quantised value of the upper bound.
    pub const fn top(&self) -> u32 {
        self.max.abs_diff(self.min) as u32
    }

    /// The lower and the upper bound.
    pub const fn bounds(&self) -> (i64, i64) {
        (self.min, self.max)
    }
}

/// Counters, of which only the lowest bits are kept: they wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterQuantizer {
    bits: u32,
}

impl CounterQuantizer {
    /// Counters of so many bits.
    ///
    /// # Panics
    /// Unless `bits` is from 1 to 31.
    pub const fn new(bits: u32) -> Self {
        assert!(bits >= 1 && bits <= 31, "a counter has 1 to 31 bits");
        Self { bits }
    }

    /// The lowest [`bits`](Self::bits) of the counter.
    pub const fn quantize(&self, value: u64) -> u32 {
        value as u32 & self.top()
    }

    /// The counter with these lowest bits that is nearest to `near`, such as the last that was known; of two as near,
    /// the smaller. It is the very one as long as it is less than half a round from there. All numbers wrap at 2^64.
    pub const fn dequantize_near(&self, value: u32, near: u64) -> u64 {
        let unused = u32::BITS - self.bits;
        let ahead = (value.wrapping_sub(near as u32) << unused) as i32 >> unused;
        near.wrapping_add(ahead as i64 as u64)
    }

    /// The highest value: all bits.
    pub const fn top(&self) -> u32 {
        u32::MAX >> (u32::BITS - self.bits)
    }

    /// The bits that are kept.
    pub const fn bits(&self) -> u32 {
        self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_within_bounds_come_back(min: i64, width in 1..=u64::from(u32::MAX), at: u64, any: i64, value: u32) {
            let max = min.saturating_add_unsigned(width);
            prop_assume!(min < max);
            let integers = IntegerQuantizer::new(min, max);
            let inside = min.saturating_add_unsigned(at % (u64::from(integers.top()) + 1));
            prop_assert_eq!(integers.dequantize(integers.quantize(inside)), inside);
            prop_assert_eq!(integers.dequantize(integers.quantize(any)), any.clamp(min, max));
            prop_assert!((min..=max).contains(&integers.dequantize(value)));
        }

        #[test]
        fn a_counter_is_found_within_half_a_round(bits in 1..=31u32, near: u64, ahead: i32) {
            let counter = CounterQuantizer::new(bits);
            let ahead = i64::from(ahead << (32 - bits) >> (32 - bits));
            let value = near.wrapping_add(ahead as u64);
            prop_assert!(counter.quantize(value) <= counter.top());
            prop_assert_eq!(counter.dequantize_near(counter.quantize(value), near), value);
        }

        #[test]
        fn no_integer_breaks_a_counter(bits in 1..=31u32, value: u32, near: u64) {
            let counter = CounterQuantizer::new(bits);
            let back = counter.dequantize_near(value, near);
            prop_assert_eq!(counter.quantize(back), value & counter.top());
        }
    }

    #[test]
    fn the_widest_ranges_of_integers_hold() {
        for (min, max) in [(i64::MIN, i64::MIN + 1), (i64::MAX - 1, i64::MAX), (-5, i64::from(u32::MAX) - 5)]
        {
            let integers = IntegerQuantizer::new(min, max);
            assert_eq!((integers.quantize(i64::MIN), integers.quantize(i64::MAX)), (0, integers.top()));
            assert_eq!((integers.dequantize(0), integers.dequantize(u32::MAX)), (min, max));
        }
    }
}
