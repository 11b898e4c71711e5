//! Numbers in as few bytes as they need: LEB128, in one spelling only (STANDARD.md, section 2.4).
//!
//! ```
//! use netcord_wire::varint;
//!
//! let mut bytes = Vec::new();
//! varint::write(&mut bytes, 300);
//! varint::write_signed(&mut bytes, -2);
//! assert_eq!(bytes, [0xac, 0x02, 0x03]);
//!
//! let mut rest = bytes.as_slice();
//! assert_eq!(varint::read(&mut rest)?, 300);
//! assert_eq!(varint::read_signed(&mut rest)?, -2);
//! assert!(rest.is_empty());
//! # Ok::<(), netcord_wire::CodecError>(())
//! ```

use crate::CodecError;
use alloc::vec::Vec;

/// The longest that a number gets, in bytes.
pub const MAX_LENGTH: usize = 10;

/// Appends `value` to `out`, 7 bits a byte, the lowest first.
#[inline]
pub fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes [`write()`] appends.
#[inline]
pub const fn length(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Takes a number off the front of `bytes`.
///
/// # Errors
/// [`CodecError::UnexpectedEnd`]; [`CodecError::OutOfRange`] above 64 bits; [`CodecError::NotCanonical`] when fewer
/// bytes would have done. `bytes` stays as it is then.
#[inline]
pub fn read(bytes: &mut &[u8]) -> Result<u64, CodecError> {
    // Most numbers are small.
    if let [byte @ 0..0x80, rest @ ..] = bytes {
        let value = u64::from(*byte);
        *bytes = rest;
        return Ok(value);
    }
    read_long(bytes)
}

fn read_long(bytes: &mut &[u8]) -> Result<u64, CodecError> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(MAX_LENGTH) {
        if index == MAX_LENGTH - 1 && byte > 1 {
            return Err(CodecError::OutOfRange);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            if byte == 0 && index > 0 {
                return Err(CodecError::NotCanonical);
            }
            *bytes = bytes.get(index + 1..).unwrap_or_default();
            return Ok(value);
        }
    }
    Err(CodecError::UnexpectedEnd)
}

/// Appends `value` so that numbers near 0 are short, whatever their sign.
#[inline]
pub fn write_signed(out: &mut Vec<u8>, value: i64) {
    write(out, zig_zag(value));
}

/// Takes what [`write_signed`] wrote off the front of `bytes`.
///
/// # Errors
/// As [`read`].
#[inline]
pub fn read_signed(bytes: &mut &[u8]) -> Result<i64, CodecError> {
    read(bytes).map(un_zig_zag)
}

/// 0, -1, 1, -2, … as 0, 1, 2, 3, …
#[inline]
pub const fn zig_zag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// The number that [`zig_zag`] made `value` of.
#[inline]
pub const fn un_zig_zag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers of all lengths, not only the long ones that most are.
    fn any_length() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64u32).prop_map(|(value, shift)| value >> shift)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any_length(), more: Vec<u8>) {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            prop_assert_eq!(bytes.len(), length(value));
            bytes.extend(&more);
            let mut rest = bytes.as_slice();
            prop_assert_eq!(read(&mut rest), Ok(value));
            prop_assert_eq!(rest, more);
        }

        #[test]
        fn every_number_has_one_spelling(bytes in proptest::collection::vec(prop_oneof![Just(0x80), Just(0), any::<u8>()], 0..12)) {
            let mut rest = bytes.as_slice();
            match read(&mut rest) {
                Ok(value) => {
                    let mut again = Vec::new();
                    write(&mut again, value);
                    prop_assert_eq!(&bytes[..bytes.len() - rest.len()], again);
                }
                Err(_) => prop_assert_eq!(rest, &bytes),
            }
        }

        #[test]
        fn signs_survive(value: i64) {
            prop_assert_eq!(un_zig_zag(zig_zag(value)), value);
        }
    }

    #[test]
    fn over_long_and_over_large_numbers_are_refused() {
        let cases: [(&[u8], CodecError); 6] = [
            (&[], CodecError::UnexpectedEnd),
            (&[0x80], CodecError::UnexpectedEnd),
            (&[0x80, 0x00], CodecError::NotCanonical),
            (&[0xff, 0x80, 0x00], CodecError::NotCanonical),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], CodecError::OutOfRange),
            (&[0x80; 11], CodecError::OutOfRange),
        ];
        for (bytes, error) in cases {
            assert_eq!(read(&mut { bytes }), Err(error), "{bytes:x?}");
        }
    }
}
