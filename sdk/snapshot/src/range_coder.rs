//! A binary range coder: bits, each with a probability, as a fraction of a byte each.
//!
//! It knows probabilities and bytes, not what the bits mean. Both directions have one interface, [`BinaryCoder`], so
//! that a format is written down once: what is encoded is handed in, what is decoded comes out, and a decoder
//! ignores what is handed in.
//!
//! Bits of which nothing is known don't go through the interval, but are packed behind the code; at the end stands how
//! many bytes they are, to be read backwards.
//!
//! The interval has 64 bits and is renormalised by 32 at a time, so that this branch is rare (Martin, Range encoding:
//! an algorithm for removing redundancy from a digitised message, 1979; carries as in LZMA).

use crate::bits::{BitSink, BitSource, PackedBits};
use crate::model::Bit;
use netcord_wire::{CodecError, varint};

/// One direction of coding.
pub(crate) trait BinaryCoder {
    /// Whether bits come out of bytes.
    const DECODES: bool;

    /// Codes a bit by a model, which learns from it.
    fn bit(&mut self, model: &mut Bit, bit: bool) -> bool;

    /// Codes the lowest `bits` of a value, 32 at most, of which nothing is known.
    fn direct(&mut self, value: u32, bits: u32) -> u32;
}

/// Below this the interval is renormalised.
const LEAST_RANGE: u64 = 1 << 32;

/// By how much a bit moves the interval up, and what is left of it. No branch: which bit comes is what can't be foreseen.
#[inline]
fn split(bit: bool, bound: u64, range: u64) -> (u64, u64) {
    let unset = u64::from(bit).wrapping_sub(1);
    (bound & unset, bound & !unset | (range - bound) & unset)
}

/// Turns bits into bytes.
#[derive(Debug)]
pub(crate) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    /// Where in `out` the code begins; what is before it is no part of it.
    start: usize,
    low: u64,
    range: u64,
    direct: BitSink<'a>,
}

impl<'a> Encoder<'a> {
    /// An encoder that appends to `out`; `memory` is to work in.
    pub(crate) fn new(out: &'a mut Vec<u8>, memory: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start, low: 0, range: u64::MAX, direct: BitSink::new(memory) }
    }

    /// Writes what is still to be written.
    pub(crate) fn finish(mut self) {
        self.flush();
        let direct = self.direct.finish();
        self.out.extend_from_slice(direct);
        let end = self.out.len();
        varint::write(self.out, direct.len() as u64);
        self.out[end..].reverse();
    }

    /// Writes what is needed to tell the last bits: the fewest bytes that lie in the interval, when zeros follow.
    fn flush(&mut self) {
        for kept in 0..=8 {
            let free = u64::MAX.checked_shr(8 * kept).unwrap_or(0);
            let (sum, carry) = self.low.overflowing_add(free);
            let value = sum & !free;
            // The distance from `low`, without the carry in the way.
            if value.wrapping_sub(self.low) < self.range {
                if carry {
                    self.carry();
                }
                self.out.extend_from_slice(&value.to_be_bytes()[..kept as usize]);
                break;
            }
        }
        while self.out.len() > self.start && self.out.last() == Some(&0) {
            self.out.pop();
        }
    }

    /// Moves the interval up by `by`.
    #[inline]
    fn raise(&mut self, by: u64) {
        let (low, carry) = self.low.overflowing_add(by);
        self.low = low;
        if carry {
            self.carry();
        }
    }

    #[cold]
    fn carry(&mut self) {
        for byte in self.out[self.start..].iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    #[inline]
    fn normalise(&mut self) {
        if self.range < LEAST_RANGE {
            self.out.extend_from_slice(&((self.low >> 32) as u32).to_be_bytes());
            self.low <<= 32;
            self.range <<= 32;
        }
    }
}

impl BinaryCoder for Encoder<'_> {
    const DECODES: bool = false;

    #[inline]
    fn bit(&mut self, model: &mut Bit, bit: bool) -> bool {
        let bound = (self.range >> 16) * model.probability();
        let (by, range) = split(bit, bound, self.range);
        self.range = range;
        self.raise(by);
        self.normalise();
        model.learn(bit);
        bit
    }

    #[inline]
    fn direct(&mut self, value: u32, bits: u32) -> u32 {
        self.direct.take(value.into(), bits) as u32
    }
}

/// Turns bytes into bits. After the last byte come zeros without end.
#[derive(Debug)]
pub(crate) struct Decoder<'a> {
    rest: &'a [u8],
    /// Where in the interval the code lies.
    value: u64,
    range: u64,
    direct: BitSource<'a>,
}

impl<'a> Decoder<'a> {
    /// A decoder of all of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let (bytes, direct) = split_direct(bytes)?;
        let mut decoder = Self { rest: bytes, value: 0, range: u64::MAX, direct: BitSource::new(direct) };
        decoder.value = u64::from(decoder.next_word()) << 32;
        decoder.value |= u64::from(decoder.next_word());
        Ok(decoder)
    }

    /// Checks that all was read.
    pub(crate) fn finish(self) -> Result<(), CodecError> {
        match self.rest.len() {
            0 => self.direct.finish(),
            left => Err(CodecError::TrailingBytes { left }),
        }
    }

    #[inline]
    fn next_word(&mut self) -> u32 {
        if let Some((word, rest)) = self.rest.split_first_chunk() {
            self.rest = rest;
            return u32::from_be_bytes(*word);
        }
        let mut word = [0; 4];
        for (slot, &byte) in word.iter_mut().zip(self.rest) {
            *slot = byte;
        }
        self.rest = &[];
        u32::from_be_bytes(word)
    }

    #[inline]
    fn normalise(&mut self) {
        if self.range < LEAST_RANGE {
            self.value = self.value << 32 | u64::from(self.next_word());
            self.range <<= 32;
        }
    }
}

impl BinaryCoder for Decoder<'_> {
    const DECODES: bool = true;

    #[inline]
    fn bit(&mut self, model: &mut Bit, _: bool) -> bool {
        let bound = (self.range >> 16) * model.probability();
        let bit = self.value < bound;
        let (by, range) = split(bit, bound, self.range);
        self.value -= by;
        self.range = range;
        self.normalise();
        model.learn(bit);
        bit
    }

    #[inline]
    fn direct(&mut self, _: u32, bits: u32) -> u32 {
        self.direct.take(0, bits) as u32
    }
}

/// The code, and the packed bits behind it.
fn split_direct(bytes: &[u8]) -> Result<(&[u8], &[u8]), CodecError> {
    let mut length = [0; varint::MAX_LENGTH];
    for (slot, &byte) in length.iter_mut().zip(bytes.iter().rev()) {
        *slot = byte;
    }
    let mut rest = length.get(..bytes.len().min(varint::MAX_LENGTH)).unwrap_or_default();
    let before = rest.len();
    let direct = usize::try_from(varint::read(&mut rest)?).map_err(|_| CodecError::UnexpectedEnd)?;
    let end = bytes.len() - (before - rest.len());
    let start = end.checked_sub(direct).ok_or(CodecError::UnexpectedEnd)?;
    bytes.get(..end).and_then(|all| all.split_at_checked(start)).ok_or(CodecError::UnexpectedEnd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A bit with the index of its model, or a value with its width.
    type Step = Result<(usize, bool), (u32, u32)>;

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let bit = (0..4usize, 0..100u32).prop_map(|(model, dice)| Ok((model, dice < [1, 20, 50, 99][model])));
        let direct = (any::<u32>(), 0..=32u32)
            .prop_map(|(value, bits)| Err((value & u32::MAX.checked_shr(32 - bits).unwrap_or(0), bits)));
        proptest::collection::vec(prop_oneof![20 => bit, 1 => direct], 0..3_000)
    }

    fn run(coder: &mut impl BinaryCoder, steps: &[Step]) -> Vec<Step> {
        let mut models = [Bit::EVEN; 4];
        let step = |step: &Step| match *step {
            Ok((model, bit)) => Ok((model, coder.bit(&mut models[model], bit))),
            Err((value, bits)) => Err((coder.direct(value, bits), bits)),
        };
        steps.iter().map(step).collect()
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(steps in steps(), before in 0..3usize) {
            let mut out = vec![0xff; before];
            let mut memory = Vec::new();
            let mut encoder = Encoder::new(&mut out, &mut memory);
            run(&mut encoder, &steps);
            encoder.finish();
            prop_assert_eq!(&out[..before], &[0xff; 3][..before]);
            let mut decoder = Decoder::new(&out[before..]).unwrap();
            // A decoder must not use what it is handed.
            let blank: Vec<_> = steps.iter().map(|step| match *step {
                Ok((model, _)) => Ok((model, false)),
                Err((_, bits)) => Err((0, bits)),
            }).collect();
            prop_assert_eq!(run(&mut decoder, &blank), steps);
            prop_assert_eq!(decoder.finish(), Ok(()));
        }

        #[test]
        fn any_bytes_decode_to_something(bytes: Vec<u8>, steps in steps()) {
            if let Ok(mut decoder) = Decoder::new(&bytes) {
                run(&mut decoder, &steps);
            }
        }
    }

    #[test]
    fn rare_bits_cost_much_and_frequent_ones_next_to_nothing() {
        let (mut out, mut memory) = (Vec::new(), Vec::new());
        let mut encoder = Encoder::new(&mut out, &mut memory);
        let mut model = Bit::EVEN;
        for step in 0..10_000 {
            encoder.bit(&mut model, step % 1_000 == 0);
        }
        encoder.finish();
        assert!(out.len() <= 20, "10 in 10,000 are 14.3 bytes; took {}", out.len());
    }

    #[test]
    fn nothing_takes_one_byte() {
        let mut out = Vec::new();
        Encoder::new(&mut out, &mut Vec::new()).finish();
        assert_eq!(out, [0]);
    }
}
