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
const RATES: [u16; MOST_SEEN + 1] = {
    let mut rates = [0; MOST_SEEN + 1];
    let mut seen = 0;
    while seen <= MOST_SEEN {
        // The mean of all that was seen, the start counted as half a bit more.
        rates[seen] = (32_768 * 2 / (2 * seen as u32 + 3)) as u16;
        seen += 1;
    }
    rates
};

impl Bit {
    /// Nothing is known.
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
        let seen = usize::from(self.seen).min(MOST_SEEN);
        let goal = if bit { 65_536 - MARGIN } else { MARGIN };
        let probability = i32::from(self.probability);
        self.probability = (probability + ((goal - probability) * i32::from(RATES[seen]) >> 15)) as u16;
        self.seen = (seen + 1).min(MOST_SEEN) as u16;
    }
}

/// Lengths in bits that are told apart: those of all `i32`, and 0.
const LENGTHS: usize = 33;
/// Of these a model is kept each; longer numbers share the last.
const MODELLED: usize = 20;
/// How large a number is expected to be, in bits, at most.
pub(crate) const SCALES: usize = 12;
/// What is known of the numbers beside it: nothing, or their length in bits, up to this less 1.
pub(crate) const BESIDES: usize = 10;
/// What the sign may depend on.
pub(crate) const LEANS: usize = 16;

/// What whoever codes a number knows of it beforehand. Every field may be as large as it likes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expectation {
    /// About how many bits it has.
    pub(crate) scale: usize,
    /// 0 when nothing is known of the numbers beside it; else 1 and the bits of the longest.
    pub(crate) beside: usize,
    /// What the sign may depend on.
    pub(crate) lean: usize,
}

/// A whole number: its length in bits, one by one, its sign, and the bits after the first.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    lengths: [[[Bit; MODELLED]; BESIDES]; SCALES],
    signs: [Bit; LEANS],
    /// The two bits that follow the first: one model for the first of them, two for the second.
    tops: [[Bit; 4]; MODELLED],
}

impl Number {
    /// Models that take expectations at their word, more or less.
    pub(crate) fn new() -> Self {
        let mut models = Self {
            lengths: [[[Bit::EVEN; MODELLED]; BESIDES]; SCALES],
            signs: [Bit::new(0.5, 2); LEANS],
            tops: [[Bit::new(0.45, 6); 4]; MODELLED],
        };
        for (scale, of_scale) in models.lengths.iter_mut().enumerate() {
            for (beside, of_beside) in of_scale.iter_mut().enumerate() {
                let expected = match beside.checked_sub(1) {
                    None => 0.5 + 0.8 * scale as f64,
                    Some(length) => 0.3 + 0.4 * scale as f64 + 0.5 * length as f64,
                };
                for (length, model) in of_beside.iter_mut().enumerate() {
                    let beyond = 0.8 * (expected - length as f64 - 0.5);
                    *model = Bit::new(0.5 + 0.5 * beyond / (1.0 + beyond * beyond).sqrt(), 4);
                }
            }
        }
        models
    }

    /// Codes a number of which `expectation` is known.
    #[inline]
    pub(crate) fn code<C: BinaryCoder>(&mut self, coder: &mut C, expectation: Expectation, value: i32) -> i32 {
        let Expectation { scale, beside, lean } = expectation;
        let lengths = &mut self.lengths[scale.min(SCALES - 1)][beside.min(BESIDES - 1)];
        let known = length_bits(value);
        let mut length = 0;
        while length < LENGTHS - 1 && coder.bit(&mut lengths[length.min(MODELLED - 1)], length < known) {
            length += 1;
        }
        if length == 0 {
            return 0;
        }
        let negative = coder.bit(&mut self.signs[lean.min(LEANS - 1)], value < 0);
        let magnitude = value.unsigned_abs();
        let mut coded = 1;
        let mut rest = length as u32 - 1;
        let tops = &mut self.tops[length.min(MODELLED - 1)];
        for _ in 0..2 {
            if rest > 0 {
                rest -= 1;
                let bit = coder.bit(&mut tops[coded as usize & 3], magnitude >> rest & 1 == 1);
                coded = coded << 1 | u32::from(bit);
            }
        }
        if rest > 0 {
            coded = coded << rest | coder.direct(magnitude & ((1 << rest) - 1), rest);
        }
        if negative { (coded as i32).wrapping_neg() } else { coded as i32 }
    }
}

/// The bits of a number without its sign: 0 for 0, 1 for 1, 2 for 2 and 3.
#[inline]
pub(crate) const fn length_bits(value: i32) -> usize {
    (u32::BITS - value.unsigned_abs().leading_zeros()) as usize
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
