//! Bits in and out, through one interface for both directions. The order is that of [`netcord_wire::BitWriter`]; what
//! is special is the speed: a vector that grows, and errors that are told at the end.

use netcord_wire::CodecError;

/// One direction of packing.
pub(crate) trait PackedBits: Sized {
    /// Whether values come out of bytes.
    const DECODES: bool;

    /// Packs a value of so many bits, 56 at most; a decoder ignores the value, and returns what it finds.
    fn take(&mut self, value: u64, bits: u32) -> u64;

    /// The same, but what a decoder returns has bits behind those of the value.
    fn take_loose(&mut self, value: u64, bits: u32) -> u64;

    /// The next 56 bits and more, in a decoder, without taking them.
    fn look(&self) -> u64;
}

/// Packs values.
#[derive(Debug)]
pub(crate) struct BitSink<'a> {
    /// Memory to work in, which grows and never shrinks.
    memory: &'a mut Vec<u8>,
    /// Where in it the next bits go.
    at: usize,
    word: u64,
    /// Bits of `word` that are in use, at most 7.
    pending: u32,
}

impl<'a> BitSink<'a> {
    pub(crate) const fn new(memory: &'a mut Vec<u8>) -> Self {
        Self { memory, at: 0, word: 0, pending: 0 }
    }

    /// Fills the last byte with zeros; returns all bytes.
    pub(crate) fn finish(self) -> &'a [u8] {
        let end = self.at + usize::from(self.pending > 0);
        if end > self.memory.len() {
            grow(self.memory);
        }
        self.memory.get(..end).unwrap_or_default()
    }
}

#[cold]
#[inline(never)]
fn grow(memory: &mut Vec<u8>) {
    memory.resize(2 * memory.len() + 256, 0);
}

impl PackedBits for BitSink<'_> {
    const DECODES: bool = false;

    #[inline(always)]
    fn take(&mut self, value: u64, bits: u32) -> u64 {
        // Whole words, of which those bytes count that are full: no branch.
        self.word |= value << self.pending;
        if self.at + 8 > self.memory.len() {
            grow(self.memory);
        }
        if let Some(slot) = self.memory.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut()) {
            *slot = self.word.to_le_bytes();
        }
        self.pending += bits;
        self.at += self.pending as usize / 8;
        self.word >>= self.pending & 0x38;
        self.pending %= 8;
        value
    }

    #[inline(always)]
    fn take_loose(&mut self, value: u64, bits: u32) -> u64 {
        self.take(value, bits)
    }

    #[inline(always)]
    fn look(&self) -> u64 {
        0
    }
}

/// Unpacks values. After the last byte come zeros without end; [`finish`](Self::finish) says whether any were read.
#[derive(Debug)]
pub(crate) struct BitSource<'a> {
    bytes: &'a [u8],
    /// The next bit.
    at: usize,
}

impl<'a> BitSource<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Checks that all was read, and no more.
    pub(crate) fn finish(self) -> Result<(), CodecError> {
        let end = 8 * self.bytes.len();
        if self.at > end {
            return Err(CodecError::UnexpectedEnd);
        }
        let left = end - self.at;
        if left >= 8 {
            return Err(CodecError::TrailingBytes { left: left / 8 });
        }
        let filling = self.bytes.last().map_or(0, |&last| u32::from(last) >> (8 - left));
        if filling != 0 { Err(CodecError::NotCanonical) } else { Ok(()) }
    }
}

/// What is left of the bytes from `start` on.
#[cold]
#[inline(never)]
fn last_word(bytes: &[u8], start: usize) -> u64 {
    let mut word = [0; 8];
    for (slot, &byte) in word.iter_mut().zip(bytes.get(start..).unwrap_or_default()) {
        *slot = byte;
    }
    u64::from_le_bytes(word)
}

impl PackedBits for BitSource<'_> {
    const DECODES: bool = true;

    #[inline(always)]
    fn take(&mut self, _: u64, bits: u32) -> u64 {
        self.take_loose(0, bits) & ((1 << bits) - 1)
    }

    #[inline(always)]
    fn take_loose(&mut self, _: u64, bits: u32) -> u64 {
        let value = self.look();
        self.at += bits as usize;
        value
    }

    #[inline(always)]
    fn look(&self) -> u64 {
        let start = self.at / 8;
        let word = match self.bytes.get(start..).and_then(|rest| rest.first_chunk()) {
            Some(word) => u64::from_le_bytes(*word),
            None => last_word(self.bytes, start),
        };
        word >> (self.at % 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netcord_wire::BitWriter;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_and_is_in_the_order_of_wire(
            values in proptest::collection::vec((any::<u64>(), 0..=56_u32), 0..100),
        ) {
            let values: Vec<_> = values.into_iter().map(|(value, bits)| (value & ((1 << bits) - 1), bits)).collect();
            let mut memory = Vec::new();
            let mut sink = BitSink::new(&mut memory);
            let mut expected = vec![0; 700];
            let mut writer = BitWriter::new(&mut expected);
            for &(value, bits) in &values {
                sink.take(value, bits);
                writer.write(value, bits).unwrap();
            }
            let out = sink.finish();
            let length = writer.finish();
            prop_assert_eq!(out, &expected[..length]);
            let mut source = BitSource::new(out);
            for &(value, bits) in &values {
                prop_assert_eq!(source.take(0, bits), value);
            }
            prop_assert_eq!(source.finish(), Ok(()));
        }
    }

    #[test]
    fn too_few_and_too_many_bytes_are_told_at_the_end() {
        let mut source = BitSource::new(&[0xff]);
        assert_eq!(source.take(0, 12), 0xff);
        assert_eq!(source.finish(), Err(CodecError::UnexpectedEnd));
        assert_eq!(BitSource::new(&[0, 0]).finish(), Err(CodecError::TrailingBytes { left: 2 }));
        let mut source = BitSource::new(&[0x80]);
        source.take(0, 3);
        assert_eq!(source.finish(), Err(CodecError::NotCanonical));
    }
}
