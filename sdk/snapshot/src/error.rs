//! What can go wrong with snapshots.

use netcord_wire::{CodecError, ColumnError, NetEntity};
use std::borrow::Cow;
use thiserror::Error;

/// Why components make no schema. Correct the schema.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A velocity can't move what it is declared to move.
    #[error(transparent)]
    Velocity(#[from] netcord_wire::SchemaError),
    /// More components than [`MAX_COMPONENTS`](crate::MAX_COMPONENTS).
    #[error("a schema has at most 64 components, not {count}")]
    TooManyComponents {
        /// How many there are.
        count: usize,
    },
    /// A field can't be as it is declared.
    #[error("{component}.{field}: {what}")]
    Field {
        /// The component.
        component: Cow<'static, str>,
        /// The field.
        field: Cow<'static, str>,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Why a section could not be written or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The bytes are no section of this schema. Drop them: a later section replaces it.
    #[error("not a section: {0}")]
    Bytes(#[from] CodecError),
    /// The section needs a state that is not held. Drop it: the sender takes a baseline that was acknowledged.
    #[error("the section needs the state of {age} ticks before, which is not held")]
    MissingBaseline {
        /// How many ticks before the section's.
        age: u32,
    },
    /// A value is outside of its field's range. When writing, quantise it first; when reading, drop the section.
    #[error("{entity} {component}.{field}: {value} is out of range")]
    OutOfRange {
        /// The entity.
        entity: NetEntity,
        /// The component.
        component: Cow<'static, str>,
        /// The field.
        field: Cow<'static, str>,
        /// The value.
        value: i32,
    },
    /// A text or bytes are longer than their field allows. Send less, or raise the field's `max`.
    #[error("{entity} {component}.{field}: {length} bytes, where the field allows {max}")]
    TooLong {
        /// The entity.
        entity: NetEntity,
        /// The component.
        component: Cow<'static, str>,
        /// The field.
        field: Cow<'static, str>,
        /// How many bytes there are.
        length: usize,
        /// The most that the field allows.
        max: usize,
    },
    /// More texts and bytes than a section may have. When writing, make more sections; when reading, drop the section.
    #[error("a section has at most {limit} bytes of texts and bytes")]
    TooManyBytes {
        /// How many bytes it may have.
        limit: usize,
    },
    /// A component can't be written: it is not the one that the schema has in this place, or the entity doesn't have it.
    #[error(transparent)]
    Component(#[from] ColumnError),
    /// More entities than a section may have. When writing, make more sections; when reading, drop the section.
    #[error("a section has at most {limit} entities")]
    TooManyEntities {
        /// How many it may have.
        limit: usize,
    },
    /// An entity alone takes more than a message has room for. It is not sent, others are: make its components smaller,
    /// or two entities of it.
    #[error("{entity} comes to {bytes} bytes: more than a message of {limit} has room for")]
    TooLarge {
        /// The entity.
        entity: NetEntity,
        /// What it comes to, as a section of its own.
        bytes: usize,
        /// The longest message, of which a few bytes are its header.
        limit: usize,
    },
    /// A client sees more sections than can be listed to it. Those with the highest ids are not sent: show fewer groups,
    /// or make them larger.
    #[error("a view has room for {listed} sections; {unlisted} more are not sent")]
    TooManySections {
        /// How many are sent.
        listed: usize,
        /// How many are not.
        unlisted: usize,
    },
    /// Entities come in ascending order, each once. Sort them.
    #[error("{entity} comes after one with a higher or the same id")]
    NotAscending {
        /// The entity.
        entity: NetEntity,
    },
}
