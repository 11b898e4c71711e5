//! Values of any number of bits, packed into bytes (STANDARD.md, section 2.3).
//!
//! The first bit is the lowest of the first byte; a value's lowest bit comes first.

use crate::CodecError;

/// Packs values into a buffer.
///
/// ```
/// use netcord_wire::{BitReader, BitWriter};
///
/// let mut buffer = [0; 4];
/// let mut writer = BitWriter::new(&mut buffer);
/// writer.write(5, 3)?;
/// writer.write(1_000, 10)?;
/// let length = writer.finish();
///
/// let mut reader = BitReader::new(&buffer[..length]);
/// assert_eq!((reader.read(3)?, reader.read(10)?), (5, 1_000));
/// reader.finish()?;
/// # Ok::<(), netcord_wire::CodecError>(())
/// ```
#[derive(Debug)]
pub struct BitWriter<'a> {
    buffer: &'a mut [u8],
    /// Bytes of the buffer that are done.
    done: usize,
    /// Bits that follow them, the first the lowest; bits above `pending` are 0.
    word: u64,
    /// How many, at most 63.
    pending: u32,
}

impl<'a> BitWriter<'a> {
    /// A writer that fills `buffer` from its start. What the buffer held is overwritten.
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, done: 0, word: 0, pending: 0 }
    }

    /// Appends the lowest `bits` of `value`, 64 at most; higher ones are ignored.
    ///
    /// # Errors
    /// [`CodecError::TooLong`] when the buffer has no room for them, [`CodecError::OutOfRange`] for more than 64;
    /// nothing is written then.
    #[inline]
    pub fn write(&mut self, value: u64, bits: u32) -> Result<(), CodecError> {
        let value = value & mask(bits)?;
        if bits as usize > self.remaining_bits() {
            return Err(CodecError::TooLong { limit: self.buffer.len() });
        }
        self.word |= value << self.pending;
        let filled = self.pending + bits;
        if filled < u64::BITS {
            self.pending = filled;
            return Ok(());
        }
        // There is room for all 64 bits of the word: the check above counted them.
        let end = self.done + 8;
        if let Some(bytes) = self.buffer.get_mut(self.done..end) {
            bytes.copy_from_slice(&self.word.to_le_bytes());
        }
        self.done = end;
        self.word = value.checked_shr(u64::BITS - self.pending).unwrap_or(0);
        self.pending = filled - u64::BITS;
        Ok(())
    }

    /// Appends one bit.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    #[inline]
    pub fn write_bool(&mut self, value: bool) -> Result<(), CodecError> {
        self.write(value.into(), 1)
    }

    /// How many bits were written.
    pub const fn written_bits(&self) -> usize {
        8 * self.done + self.pending as usize
    }

    /// How many more bits there is room for.
    pub const fn remaining_bits(&self) -> usize {
        8 * self.buffer.len() - self.written_bits()
    }

    /// Fills the last byte with zeros; returns how many bytes of the buffer are used.
    pub fn finish(self) -> usize {
        let end = self.written_bits().div_ceil(8);
        if let Some(bytes) = self.buffer.get_mut(self.done..end) {
            for (byte, value) in bytes.iter_mut().zip(self.word.to_le_bytes()) {
                *byte = value;
            }
        }
        end
    }
}

/// Reads packed values.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits of the first of `bytes` that are read already, at most 7.
    read: u32,
}

impl<'a> BitReader<'a> {
    /// A reader at the first bit of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, read: 0 }
    }

    /// The next `bits` as a number, 64 at most.
    ///
    /// # Errors
    /// [`CodecError::UnexpectedEnd`] when so many are not left, [`CodecError::OutOfRange`] for more than 64;
    /// nothing is read then.
    #[inline]
    pub fn read(&mut self, bits: u32) -> Result<u64, CodecError> {
        let mask = mask(bits)?;
        if bits as usize > self.remaining_bits() {
            return Err(CodecError::UnexpectedEnd);
        }
        let end = self.read + bits;
        let value = match self.bytes.first_chunk() {
            Some(word) if end <= u64::BITS => u64::from_le_bytes(*word) >> self.read,
            _ => self.read_slowly(),
        };
        self.bytes = self.bytes.get((end / 8) as usize..).unwrap_or_default();
        self.read = end % 8;
        Ok(value & mask)
    }

    /// The next bit.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    #[inline]
    pub fn read_bool(&mut self) -> Result<bool, CodecError> {
        Ok(self.read(1)? != 0)
    }

    /// How many bits are left, those that fill the last byte among them.
    pub const fn remaining_bits(&self) -> usize {
        8 * self.bytes.len() - self.read as usize
    }

    /// Checks that nothing is left but the zeros that fill the last byte.
    ///
    /// # Errors
    /// [`CodecError::TrailingBytes`] when a byte or more is left, [`CodecError::NotCanonical`] when the filling is
    /// not zeros.
    pub fn finish(mut self) -> Result<(), CodecError> {
        let left = self.remaining_bits();
        if left >= 8 {
            return Err(CodecError::TrailingBytes { left: left / 8 });
        }
        if self.read(left as u32)? != 0 {
            return Err(CodecError::NotCanonical);
        }
        Ok(())
    }

    /// The next 64 bits, as far as there are, where no single load gives them: close to the end of the bytes, or
    /// in nine of them.
    fn read_slowly(&self) -> u64 {
        let mut window = [0; 16];
        for (slot, &byte) in window.iter_mut().zip(self.bytes.iter().take(9)) {
            *slot = byte;
        }
        (u128::from_le_bytes(window) >> self.read) as u64
    }
}

/// The lowest `bits` bits.
#[inline]
const fn mask(bits: u32) -> Result<u64, CodecError> {
    match bits {
        0 => Ok(0),
        1..=64 => Ok(u64::MAX >> (u64::BITS - bits)),
        _ => Err(CodecError::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(values in proptest::collection::vec((any::<u64>(), 0..=64u32), 0..100)) {
            let total: usize = values.iter().map(|&(_, bits)| bits as usize).sum();
            let mut buffer = vec![0xff; total.div_ceil(8)];
            let mut writer = BitWriter::new(&mut buffer);
            for &(value, bits) in &values {
                writer.write(value, bits).unwrap();
            }
            prop_assert_eq!(writer.written_bits(), total);
            prop_assert!(writer.remaining_bits() < 8);
            prop_assert_eq!(writer.finish(), buffer.len());

            let mut reader = BitReader::new(&buffer);
            for &(value, bits) in &values {
                prop_assert_eq!(reader.read(bits), Ok(value & mask(bits).unwrap()));
            }
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn a_reader_takes_bit_by_bit_what_it_takes_at_once(bytes: [u8; 20], skip in 0..90u32, bits in 0..=64u32) {
            let mut at_once = BitReader::new(&bytes);
            let mut single = at_once.clone();
            at_once.read(skip / 2).unwrap();
            at_once.read(skip - skip / 2).unwrap();
            for _ in 0..skip {
                single.read_bool().unwrap();
            }
            let value = (0..bits).fold(0, |value, bit| value | u64::from(single.read_bool().unwrap()) << bit);
            prop_assert_eq!(at_once.read(bits), Ok(value));
            prop_assert_eq!(at_once.remaining_bits(), single.remaining_bits());
        }

        #[test]
        fn a_full_buffer_refuses_and_keeps_what_it_has(size in 0..20usize, values: Vec<u8>) {
            let mut buffer = vec![0; size];
            let mut writer = BitWriter::new(&mut buffer);
            let mut fitted = Vec::new();
            for &value in &values {
                let bits = u32::from(value % 65);
                match writer.write(value.into(), bits) {
                    Ok(()) => fitted.push((value, bits)),
                    Err(error) => {
                        prop_assert_eq!(error, CodecError::TooLong { limit: size });
                        prop_assert!(writer.remaining_bits() < bits as usize);
                    }
                }
            }
            let length = writer.finish();
            let mut reader = BitReader::new(&buffer[..length]);
            for (value, bits) in fitted {
                prop_assert_eq!(reader.read(bits), Ok(u64::from(value) & mask(bits).unwrap()));
            }
        }
    }

    #[test]
    fn the_first_bit_is_the_lowest_of_the_first_byte() {
        let mut buffer = [0; 3];
        let mut writer = BitWriter::new(&mut buffer);
        writer.write_bool(true).unwrap();
        writer.write(0b10, 2).unwrap();
        writer.write(0xabc, 12).unwrap();
        assert_eq!(writer.finish(), 2);
        assert_eq!(buffer, [0xe5, 0x55, 0]);
    }

    #[test]
    fn what_is_left_over_is_an_error() {
        let reader = BitReader::new(&[0, 0]);
        assert_eq!(reader.clone().finish(), Err(CodecError::TrailingBytes { left: 2 }));
        let mut reader = BitReader::new(&[0b1000_0000]);
        reader.read(3).unwrap();
        assert_eq!(reader.finish(), Err(CodecError::NotCanonical));
        assert_eq!(BitReader::new(&[]).read(1), Err(CodecError::UnexpectedEnd));
        assert_eq!(BitReader::new(&[0; 20]).read(65), Err(CodecError::OutOfRange));
    }
}
