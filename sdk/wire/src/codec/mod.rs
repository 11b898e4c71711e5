//! Typed values as bytes and back: the one place that knows serialisation libraries (STANDARD.md, section 2.7).
//!
//! [`message`] is for what peers send each other, [`mod@file`] for what is kept. Both take any serde type, and both
//! can be handed hostile bytes: they check the caller's limit first, allocate no more than a valid value of the
//! same length could need, nest no deeper than [`MAX_DEPTH`], never loop on a number that the bytes name, and take
//! bytes that are left over for an error.
//!
//! ```
//! use netcord_wire::codec::message;
//! use netcord_wire::serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! # #[serde(crate = "netcord_wire::serde")]
//! struct Chat {
//!     from: u8,
//!     text: String,
//! }
//!
//! let chat = Chat { from: 2, text: "gg".to_owned() };
//! let mut bytes = Vec::new();
//! message::encode_into(&chat, &mut bytes, 256)?;
//! assert_eq!(bytes, [2, 2, b'g', b'g']);
//! assert_eq!(message::decode::<Chat>(&bytes, 256)?, chat);
//! # Ok::<(), netcord_wire::CodecError>(())
//! ```

mod bounded;
pub mod file;
pub mod message;

pub use bounded::MAX_DEPTH;

use crate::CodecError;
use alloc::vec::Vec;

/// Where an encoder writes: the end of a vector, up to a limit.
struct Limited<'a> {
    out: &'a mut Vec<u8>,
    /// How many bytes there is room for yet.
    room: usize,
}

/// `out` is full.
struct Full;

impl Limited<'_> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.room = self.room.checked_sub(bytes.len()).ok_or(Full)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }
}

/// Appends what `encode` writes, `limit` bytes at most, to `out`; leaves `out` as it was when it fails.
fn append(
    out: &mut Vec<u8>,
    limit: usize,
    encode: impl FnOnce(Limited<'_>) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    let start = out.len();
    encode(Limited { out, room: limit }).inspect_err(|_| out.truncate(start)).map_err(|error| match error {
        CodecError::TooLong { .. } => CodecError::TooLong { limit },
        other => other,
    })
}

fn check_length(bytes: &[u8], limit: usize) -> Result<(), CodecError> {
    if bytes.len() > limit { Err(CodecError::TooLong { limit }) } else { Ok(()) }
}

fn check_end(left: usize) -> Result<(), CodecError> {
    if left > 0 { Err(CodecError::TrailingBytes { left }) } else { Ok(()) }
}
