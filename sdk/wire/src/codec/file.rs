//! Saves and replays, in bincode 2's standard format: little endian, variable-length integers.

use super::bounded::Bounds;
use super::{Limited, append, check_end, check_length};
use crate::CodecError;
use alloc::vec::Vec;
use bincode::config::{Configuration, LittleEndian, NoLimit, Varint};
use bincode::enc::write::Writer;
use bincode::error::{DecodeError, EncodeError};
use bincode::serde::{encode_into_writer, seed_decode_from_slice};
use serde::{Deserialize, Serialize};

/// Spelled out, so that no default of the library's changes our files. Bincode's own limit is a constant of the
/// type and counts what lists announce, not what there is: ours is in [`decode`].
const CONFIG: Configuration<LittleEndian, Varint, NoLimit> =
    bincode::config::standard().with_little_endian().with_variable_int_encoding().with_no_limit();

/// `value` in at most `limit` bytes.
///
/// # Errors
/// [`CodecError::TooLong`], [`CodecError::Unsupported`].
pub fn encode<T>(value: &T, limit: usize) -> Result<Vec<u8>, CodecError>
where
    T: Serialize + ?Sized,
{
    let mut out = Vec::new();
    append(&mut out, limit, |out| {
        encode_into_writer(value, out, CONFIG).map_err(|error| match error {
            EncodeError::UnexpectedEnd => CodecError::TooLong { limit },
            _ => CodecError::Unsupported,
        })
    })?;
    Ok(out)
}

/// The value that `bytes`, at most `limit` of them, hold to the last byte.
///
/// # Errors
/// Any [`CodecError`].
pub fn decode<'de, T>(bytes: &'de [u8], limit: usize) -> Result<T, CodecError>
where
    T: Deserialize<'de>,
{
    check_length(bytes, limit)?;
    let bounds = Bounds::new(bytes.len());
    let (value, read) = seed_decode_from_slice(bounds.seed(), bytes, CONFIG)
        .map_err(|error| bounds.error(error_of(error)))?;
    check_end(bytes.len().saturating_sub(read))?;
    Ok(value)
}

fn error_of(error: DecodeError) -> CodecError {
    match error {
        DecodeError::UnexpectedEnd { .. } => CodecError::UnexpectedEnd,
        DecodeError::Serde(_) => CodecError::Unsupported,
        _ => CodecError::OutOfRange,
    }
}

impl Writer for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.push(bytes).map_err(|_| EncodeError::UnexpectedEnd)
    }
}
