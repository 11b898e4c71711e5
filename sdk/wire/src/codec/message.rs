//! Messages between peers, in postcard's format.

use super::bounded::Bounds;
use super::{Limited, append, check_end, check_length};
use crate::CodecError;
use alloc::vec::Vec;
use postcard::ser_flavors::Flavor;
use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};

/// Appends `value` to `out`, in at most `limit` bytes. Allocates only when `out` has to grow.
///
/// # Errors
/// [`CodecError::TooLong`], [`CodecError::Unsupported`]; `out` is as before then.
pub fn encode_into<T>(value: &T, out: &mut Vec<u8>, limit: usize) -> Result<(), CodecError>
where
    T: Serialize + ?Sized,
{
    append(out, limit, |out| postcard::serialize_with_flavor(value, out).map_err(error_of))
}

/// `value` in at most `limit` bytes.
///
/// # Errors
/// As [`encode_into`].
pub fn encode<T>(value: &T, limit: usize) -> Result<Vec<u8>, CodecError>
where
    T: Serialize + ?Sized,
{
    let mut out = Vec::new();
    encode_into(value, &mut out, limit)?;
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
    let mut deserializer = postcard::Deserializer::from_bytes(bytes);
    let bounds = Bounds::new(bytes.len());
    let value =
        bounds.seed().deserialize(&mut deserializer).map_err(|error| bounds.error(error_of(error)))?;
    check_end(deserializer.finalize().map_err(error_of)?.len())?;
    Ok(value)
}

fn error_of(error: postcard::Error) -> CodecError {
    use postcard::Error;
    match error {
        Error::SerializeBufferFull => CodecError::TooLong { limit: 0 },
        Error::DeserializeUnexpectedEnd => CodecError::UnexpectedEnd,
        Error::WontImplement | Error::SerializeSeqLengthUnknown | Error::SerdeSerCustom => {
            CodecError::Unsupported
        }
        _ => CodecError::OutOfRange,
    }
}

impl Flavor for Limited<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.push(bytes).map_err(|_| postcard::Error::SerializeBufferFull)
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
