//! What can be wrong with bytes.

use thiserror::Error;

/// Why bytes could not be read or written. None of it is a bug of the reader: drop the message, and the peer or
/// the file that it came from if it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The bytes, or what was to be written, are longer than the caller allows. A writer should send less.
    #[error("longer than the limit of {limit} bytes")]
    TooLong {
        /// The caller's limit, in bytes.
        limit: usize,
    },
    /// The bytes end before the value does.
    #[error("the bytes end in the middle of a value")]
    UnexpectedEnd,
    /// The value ends before the bytes do.
    #[error("{left} bytes are left over after the value")]
    TrailingBytes {
        /// How many bytes are left over.
        left: usize,
    },
    /// A number is spelled in more bytes, or padded with other bits, than the format allows.
    #[error("a number is not in its one allowed spelling")]
    NotCanonical,
    /// A value is outside of what its type or field allows: text that is not UTF-8, an unknown variant, a number
    /// too large.
    #[error("a value is outside of its range")]
    OutOfRange,
    /// A list announces more elements than the bytes can hold.
    #[error("a list announces more elements than there are bytes")]
    TooManyElements,
    /// Values are nested deeper than [`MAX_DEPTH`](crate::codec::MAX_DEPTH).
    #[error("values are nested too deep")]
    TooDeep,
    /// The type can't be written in this format: it needs a self-describing one, or hides its length. Change
    /// the type.
    #[error("the type can't be written in this format")]
    Unsupported,
}
