//! What can be wrong with bytes.

use alloc::string::String;
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

/// What is wrong with columns that a value is to be made of. Columns of one's own have none of it; drop the message
/// that others came with. [`ComponentSchema::value_name`](crate::ComponentSchema::value_name) names the field of a
/// column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ColumnError {
    /// A column has a value that its field never takes.
    #[error("column {column} is {value}, which its field never is")]
    OutOfRange {
        /// The column's place in the component.
        column: usize,
        /// Its value.
        value: i32,
    },
    /// There are not as many columns as the component's schema says. Make room for that many.
    #[error("{found} columns, where the component has {expected}")]
    WrongColumns {
        /// How many the component has.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// There are not as many texts and bytes as the component's schema says.
    #[error("{found} texts and bytes, where the component has {expected}")]
    WrongBlobs {
        /// How many the component has.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A text, or bytes, are longer than the field allows. The game sends less, or raises the field's `max`.
    #[error("text or bytes {blob} are {length} bytes, where the field allows {max}")]
    TooLong {
        /// Its place among the texts and bytes of the component.
        blob: usize,
        /// Its length in bytes.
        length: usize,
        /// The most that the field allows.
        max: usize,
    },
    /// A text is not UTF-8.
    #[error("text {blob} is not UTF-8")]
    NotText {
        /// Its place among the texts and bytes of the component.
        blob: usize,
    },
}

/// What is wrong with a schema. It is a mistake of the game's, found when it starts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A field can't be the velocity that it is declared to be.
    #[error("component {component}: field {field} is the velocity of {moved}, {what}")]
    Velocity {
        /// The component's name.
        component: String,
        /// The velocity's name.
        field: String,
        /// The name of what it moves.
        moved: String,
        /// What is wrong.
        what: &'static str,
    },
}
