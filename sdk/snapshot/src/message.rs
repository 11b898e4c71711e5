//! Messages from the sender to the receiver (STANDARD.md, section 9): one section, or the manifest of a client's sections, in a
//! message.
//!
//! A section's message is, in this order:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | how many ticks before this one the client's manifest last changed, 0 to 254: all that differs between clients |
//! | 4 | the tick, little-endian |
//! | varint | the section's id |
//! | varint, list | entities that left this section and are in another one now: id (as the distance from the one before) and section |
//! | rest | the section, from [`SectionCodec`](crate::SectionCodec) |
//!
//! The manifest's message starts with 255 and the tick; then the ids of the sections that the client shall have come as
//! the entities of a section without components, and so without shapes, coded by the same codec, against an older manifest.

use crate::schema::SnapshotSchema;
use netcord_wire::{CodecError, NetEntity, Schema, Tick, varint};
use std::sync::Arc;

/// The longest message, in bytes: it fits a datagram with the headers of a channel.
pub const MAX_MESSAGE: usize = 1_150;
/// How many ticks old a baseline may be. The sender keeps so many states of a section, the receiver twice as many: it
/// can read a message that is late by so many ticks.
pub const HISTORY: u32 = 120;

/// Names a section to the receiver. An id is used again, some time after its section is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionId(pub u32);

/// Starts the manifest's message.
pub(crate) const MANIFEST: u8 = u8::MAX;
/// The first byte and the tick.
pub(crate) const HEADER: usize = 5;

/// The schema of manifests: sections are its entities.
pub(crate) fn manifest_schema() -> Arc<SnapshotSchema> {
    Arc::new(SnapshotSchema::new(&Schema::new(), 1.0).expect("there is nothing in it to be wrong"))
}

/// What a message starts with.
pub(crate) enum Start {
    Manifest,
    /// The manifest last changed so many ticks before.
    Section {
        manifest_age: u32,
    },
}

pub(crate) fn read_start(message: &[u8]) -> Result<(Start, Tick, &[u8]), CodecError> {
    let (&[first, a, b, c, d], rest) = message.split_first_chunk().ok_or(CodecError::UnexpectedEnd)?;
    let tick = Tick(u32::from_le_bytes([a, b, c, d]));
    let start = match first {
        MANIFEST => Start::Manifest,
        age => Start::Section { manifest_age: age.into() },
    };
    Ok((start, tick, rest))
}

pub(crate) fn write_start(out: &mut Vec<u8>, first: u8, tick: Tick) {
    out.push(first);
    out.extend_from_slice(&tick.0.to_le_bytes());
}

pub(crate) fn read_id(bytes: &mut &[u8]) -> Result<SectionId, CodecError> {
    let id = varint::read(bytes)?;
    u32::try_from(id).map(SectionId).map_err(|_| CodecError::OutOfRange)
}

/// Reads the entities that are in other sections now, into `moved`.
pub(crate) fn read_moved(
    bytes: &mut &[u8],
    moved: &mut Vec<(NetEntity, SectionId)>,
) -> Result<(), CodecError> {
    moved.clear();
    let count = varint::read(bytes)?;
    // Each takes two bytes at least.
    if count > bytes.len() as u64 / 2 {
        return Err(CodecError::TooManyElements);
    }
    let mut least = 0_u64;
    for _ in 0..count {
        let entity = varint::read(bytes)?.checked_add(least).filter(|&entity| entity <= u32::MAX.into());
        let entity = entity.ok_or(CodecError::OutOfRange)?;
        least = entity + 1;
        moved.push((NetEntity(entity as u32), read_id(bytes)?));
    }
    Ok(())
}

/// Appends as many of `moved` as fit into `limit` bytes; they are in ascending order.
pub(crate) fn write_moved(out: &mut Vec<u8>, moved: &[(NetEntity, SectionId)], limit: usize) {
    let sizes = moved.iter().scan(0_u64, |least, &(entity, section)| {
        let size = varint::length(u64::from(entity.0) - *least) + varint::length(section.0.into());
        *least = u64::from(entity.0) + 1;
        Some(size)
    });
    let mut left = limit.saturating_sub(varint::length(moved.len() as u64));
    let fit = sizes.take_while(|&size| left.checked_sub(size).inspect(|&rest| left = rest).is_some()).count();
    varint::write(out, fit as u64);
    let mut least = 0;
    for &(entity, section) in &moved[..fit] {
        varint::write(out, u64::from(entity.0) - least);
        varint::write(out, section.0.into());
        least = u64::from(entity.0) + 1;
    }
}
