//! What the coder learns while it codes: the probability of a bit, and of a whole number.
//!
//! It knows probabilities, not what the numbers mean: whoever codes a number says how large it is likely to be
//! ([`Expectation`]), and the models begin with that and learn how far it is right.

use crate::range_coder::BinaryCoder;

/// How probable a bit is, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bit {
    /// That the bit is set, of 65,536.
    probability: u16,
    /// How many bits it has learned from, roughly.
    seen: u16,
}

/// No probability comes closer to 0 or 1, so that no bit costs more than 11 bits.
const MARGIN: i32 = 32;
/// A model that has learned from so many bits takes all later ones for as important as the last.
const MOST_SEEN: usize = 96;
/// How much of the way to the bit that was seen a model goes, of 32,768: products with a probability fit an `i32`.
const RATES: [u16; 128] = {
    let mut rates = [0; 128];
    let mut seen = 0;
    while seen < rates.len() {
        // The mean of all that was seen, the start counted as half a bit more.
        rates[seen] = (32_768 * 2 / (2 * seen as u32 + 3)) as u16;
        seen += 1;
    }
    rates
};

impl Bit {
    /// Nothing is known.
    #[cfg(test)]
    pub(crate) const EVEN: Self = Self { probability: 1 << 15, seen: 0 };

    /// A start at `probability`, of 1, which counts for as much as `weight` bits that were seen.
    pub(crate) const fn new(probability: f64, weight: u16) -> Self {
        let scaled = (probability * 65_536.0) as i32;
        let within = if scaled < MARGIN {
            MARGIN
        } else if scaled > 65_536 - MARGIN {
            65_536 - MARGIN
        } else {
            scaled
        };
        Self { probability: within as u16, seen: weight }
    }

    #[inline]
    pub(crate) fn probability(self) -> u64 {
        self.probability.into()
    }

    #[inline]
    pub(crate) fn learn(&mut self, bit: bool) {
        let seen = usize::from(self.seen) % RATES.len();
        // No branch: which bit comes is what can't be foreseen.
        let goal = MARGIN + (65_536 - 2 * MARGIN) * i32::from(bit);
        let probability = i32::from(self.probability);
        let step = ((goal - probability) * i32::from(RATES[seen])) >> 15;
        self.probability = (probability + step) as u16;
        self.seen = (seen + 1).min(MOST_SEEN) as u16;
    }
}

/// Lengths in bits that are told apart: those of all `i32`, and 0.
const LENGTHS: usize = 33;
/// Of these a model is kept each; longer numbers share the last.
const MODELLED: usize = 15;
/// How large a number is expected to be, in bits, at most.
pub(crate) const SCALES: usize = 10;
/// What is known of the numbers beside it: nothing, or their length in bits, up to this less 1.
pub(crate) const BESIDES: usize = 10;

/// What whoever codes a number knows of it beforehand. Scale and beside may be as large as they like.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expectation {
    /// About how many bits it has.
    pub(crate) scale: usize,
    /// 0 when nothing is known of the numbers beside it; else 1 and the bits of the longest.
    pub(crate) beside: usize,
}

/// A whole number: its length in bits by models, then the bits after the first, and the sign.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    lengths: [[Lengths; BESIDES]; SCALES],
}

/// The length of a number in bits: up from the one that is expected, or down from it, one by one.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    expected: u8,
    /// From `expected` on: whether it is longer than its index; below: whether it is shorter than its index and 1.
    steps: [Bit; MODELLED],
}

/// Numbers are spread about what is expected by this many bits, roughly.
const SPREAD: f64 = 1.75;

impl Lengths {
    /// Models of lengths about `expected`, which need not be whole.
    fn about(expected: f64) -> Self {
        // The share of numbers longer than `length`: an S that needs only basic operations, the same on every machine.
        let beyond = |length: f64| {
            let apart = (expected - length) / SPREAD;
            0.5 + 0.5 * apart / (1.0 + apart * apart).sqrt()
        };
        let start = (expected as usize).min(MODELLED - 2);
        let steps = std::array::from_fn(|index| {
            let length = index as f64;
            let probability = if index < start {
                (1.0 - beyond(length + 0.5)) / (1.0 - beyond(length + 1.5))
            } else {
                beyond(length + 0.5) / beyond(length - 0.5)
            };
            Bit::new(probability, 3)
        });
        Self { expected: start as u8, steps }
    }

    #[inline(always)]
    fn code<C: BinaryCoder>(&mut self, coder: &mut C, known: usize) -> usize {
        let mut length = usize::from(self.expected);
        let mut step = |index: usize, bit| coder.bit(&mut self.steps[index.min(MODELLED - 1)], bit);
        if step(length, known > length) {
            length += 1;
            while length < LENGTHS - 1 && step(length, known > length) {
                length += 1;
            }
        } else {
            while length > 0 && step(length - 1, known < length) {
                length -= 1;
            }
        }
        length
    }
}

impl Number {
    /// Models that take expectations at their word, more or less.
    pub(crate) fn new() -> Self {
        let lengths = std::array::from_fn(|scale| {
            let by_scale = 0.5 + 0.55 * scale as f64;
            std::array::from_fn(|beside| {
                Lengths::about(match beside.checked_sub(1) {
                    None => by_scale + 0.6,
                    Some(longest) => {
                        let by_beside = 0.75 * longest as f64;
                        let apart = by_scale - by_beside;
                        by_scale.max(by_beside) + 0.5 / (1.0 + apart * apart)
                    }
                })
            })
        });
        Self { lengths }
    }

    /// Codes a number of which `expectation` is known.
    #[inline(always)]
    pub(crate) fn code<C: BinaryCoder>(
        &mut self,
        coder: &mut C,
        expectation: Expectation,
        value: i32,
    ) -> i32 {
        let Expectation { scale, beside } = expectation;
        let lengths = &mut self.lengths[scale.min(SCALES - 1)][beside.min(BESIDES - 1)];
        let length = lengths.code(coder, length_bits(value));
        if length == 0 {
            return 0;
        }
        // The first bit is known, of the others next to nothing; the sign goes with them.
        let rest = length as u32 - 1;
        let low_and_sign = value.unsigned_abs() << 1 & (u32::MAX >> (31 - rest)) | u32::from(value < 0);
        let low_and_sign = coder.direct(low_and_sign, rest + 1);
        let coded = 1 << rest | low_and_sign >> 1;
        let negative = low_and_sign & 1 == 1;
        let sign = -i32::from(negative);
        (coded as i32 ^ sign).wrapping_sub(sign)
    }
}

/// The bits of a number from its first on.
#[inline]
pub(crate) const fn bit_length(value: u32) -> usize {
    // With a bit behind them, so that 0 is no other case: there is no instruction for that everywhere.
    ((value as u64) << 1 | 1).ilog2() as usize
}

/// The bits of a number without its sign: 0 for 0, 1 for 1, 2 for 2 and 3.
#[inline]
pub(crate) const fn length_bits(value: i32) -> usize {
    bit_length(value.unsigned_abs())
}

/// One of a few variants, which have no order.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    /// A tree for each variant that it may have been before, as far as there is room.
    tree: [Bit; 256],
}

impl Symbol {
    pub(crate) const fn new() -> Self {
        Self { tree: [Bit::new(0.5, 1); 256] }
    }

    /// Codes a variant of `bits` bits, 8 at most, that was `before`.
    #[inline]
    pub(crate) fn code<C: BinaryCoder>(&mut self, coder: &mut C, bits: u32, before: i32, value: i32) -> i32 {
        // With up to 16 variants there is room for a tree each.
        let tree = if bits <= 4 { (before as usize & 15) << 4 } else { 0 };
        let mut node = 1;
        for level in (0..bits).rev() {
            let bit = coder.bit(&mut self.tree[(tree + node) & 0xff], value >> level & 1 == 1);
            node = node << 1 | usize::from(bit);
        }
        node as i32 & ((1 << bits) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range_coder::{Decoder, Encoder};

    #[test]
    fn numbers_of_all_lengths_come_back_whatever_was_expected() {
        let mut numbers = vec![i32::MIN, i32::MIN + 1, i32::MAX, 0];
        numbers.extend((0..31).flat_map(|bit| [1 << bit, -(1 << bit), (1 << bit) - 1, 1 - (1 << bit)]));
        let expectations: Vec<_> =
            (0..40).map(|index| Expectation { scale: index % 14, beside: index * 7 % 13 }).collect();
        let each =
            || expectations.iter().flat_map(|&expectation| numbers.iter().map(move |&n| (expectation, n)));
        let (mut out, mut memory) = (Vec::new(), Vec::new());
        let mut encoder = Encoder::new(&mut out, &mut memory);
        let mut models = Number::new();
        each().for_each(|(expectation, number)| _ = models.code(&mut encoder, expectation, number));
        encoder.finish();
        let mut decoder = Decoder::new(&out).unwrap();
        let mut models = Number::new();
        for (expectation, number) in each() {
            assert_eq!(models.code(&mut decoder, expectation, 0), number, "{expectation:?}");
        }
        decoder.finish().unwrap();
    }

    #[test]
    fn variants_come_back() {
        for bits in 0..=8 {
            let (mut out, mut memory) = (Vec::new(), Vec::new());
            let mut encoder = Encoder::new(&mut out, &mut memory);
            let mut symbol = Symbol::new();
            (0..1 << bits).for_each(|value| _ = symbol.code(&mut encoder, bits, value / 2, value));
            encoder.finish();
            let mut decoder = Decoder::new(&out).unwrap();
            let mut symbol = Symbol::new();
            for value in 0..1 << bits {
                assert_eq!(symbol.code(&mut decoder, bits, value / 2, 0), value);
            }
        }
    }
}
