//! What a receiver tells the sender beyond receipts: what it could not read, and a check of what it holds (STANDARD.md,
//! section 9.6).
//!
//! A receipt says that a message arrived, and the sender takes its state for a baseline. A receiver that could not read
//! it would wait for ever: every later message is coded against what it doesn't have. So it names the section and the
//! tick, and the sender starts over with that section, as if the client had never seen it.

use crate::message::SectionId;
use crate::state::SectionState;
use netcord_wire::{CodecError, ComponentId, FieldSink as _, StateHasher, Tick, varint};

/// The longest feedback, in bytes.
pub const MAX_FEEDBACK: usize = 512;

const START_OVER: u8 = 1;
const CHECK: u8 = 1 << 1;

/// A message from a receiver to the sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Feedback {
    /// A manifest could not be read, or nothing is held: the newest tick of such a message.
    pub(crate) start_over: Option<Tick>,
    /// What the receiver holds of a section, or the manifest.
    pub(crate) check: Option<Check>,
    /// Sections that could not be read, in ascending order, and the newest tick of which that was tried.
    pub(crate) unread: Vec<(SectionId, Tick)>,
}

/// A state at a tick, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// None for the manifest.
    pub(crate) section: Option<SectionId>,
    pub(crate) tick: Tick,
    pub(crate) sum: u32,
}

/// The lower half of the hash of a state: of each entity its shape, its values, its texts and
/// bytes, as if they were one component.
pub(crate) fn sum(state: &SectionState) -> u32 {
    let mut hasher = StateHasher::default();
    for (row, (entity, shape)) in state.entities().enumerate() {
        hasher.component(entity, ComponentId(0));
        hasher.field(shape.0 as i64);
        state.row(row).iter().for_each(|&value| hasher.field(value.into()));
        for blob in state.blobs.of_row(row) {
            hasher.field(blob.len() as i64);
            for chunk in blob.chunks(8) {
                let mut bytes = [0; 8];
                bytes[..chunk.len()].copy_from_slice(chunk);
                hasher.field(i64::from_le_bytes(bytes));
            }
        }
    }
    hasher.finish().0 as u32
}

impl Feedback {
    pub(crate) fn clear(&mut self) {
        (self.start_over, self.check) = (None, None);
        self.unread.clear();
    }

    /// Writes it to `out`, with as many sections as there is room for, and returns how many those are.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> usize {
        let Some(newest) = self.ticks().reduce(Tick::latest) else { return 0 };
        let age = |tick: Tick| u64::from(newest.0.wrapping_sub(tick.0));
        out.extend_from_slice(&newest.0.to_le_bytes());
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        out.push(flag(self.start_over.is_some(), START_OVER) | flag(self.check.is_some(), CHECK));
        if let Some(tick) = self.start_over {
            varint::write(out, age(tick));
        }
        if let Some(Check { section, tick, sum }) = self.check {
            varint::write(out, section.map_or(0, |SectionId(id)| u64::from(id) + 1));
            varint::write(out, age(tick));
            out.extend_from_slice(&sum.to_le_bytes());
        }
        let mut least = 0;
        for (count, &(section, tick)) in self.unread.iter().enumerate() {
            let (id, age) = (u64::from(section.0), age(tick));
            if out.len() + varint::length(id - least) + varint::length(age) > MAX_FEEDBACK {
                return count;
            }
            varint::write(out, id - least);
            varint::write(out, age);
            least = id + 1;
        }
        self.unread.len()
    }

    /// Becomes what `bytes` say.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) -> Result<(), CodecError> {
        self.clear();
        if bytes.len() > MAX_FEEDBACK {
            return Err(CodecError::TooLong { limit: MAX_FEEDBACK });
        }
        let (newest, rest) = bytes.split_first_chunk().ok_or(CodecError::UnexpectedEnd)?;
        let newest = Tick(u32::from_le_bytes(*newest));
        let (&flags, rest) = rest.split_first().ok_or(CodecError::UnexpectedEnd)?;
        if flags & !(START_OVER | CHECK) != 0 {
            return Err(CodecError::NotCanonical);
        }
        bytes = rest;
        let bytes = &mut bytes;
        if flags & START_OVER != 0 {
            self.start_over = Some(read_tick(bytes, newest)?);
        }
        if flags & CHECK != 0 {
            let id = varint::read(bytes)?.checked_sub(1).map(u32::try_from).transpose();
            let section = id.map_err(|_| CodecError::OutOfRange)?.map(SectionId);
            let tick = read_tick(bytes, newest)?;
            let (sum, rest) = bytes.split_first_chunk().ok_or(CodecError::UnexpectedEnd)?;
            *bytes = rest;
            self.check = Some(Check { section, tick, sum: u32::from_le_bytes(*sum) });
        }
        let mut least = 0;
        while !bytes.is_empty() {
            let id = least + u64::from(read_number(bytes)?);
            let section = u32::try_from(id).map_err(|_| CodecError::OutOfRange)?;
            self.unread.push((SectionId(section), read_tick(bytes, newest)?));
            least = id + 1;
        }
        Ok(())
    }

    fn ticks(&self) -> impl Iterator<Item = Tick> {
        let check = self.check.map(|check| check.tick);
        self.start_over.into_iter().chain(check).chain(self.unread.iter().map(|&(_, tick)| tick))
    }
}

fn read_number(bytes: &mut &[u8]) -> Result<u32, CodecError> {
    u32::try_from(varint::read(bytes)?).map_err(|_| CodecError::OutOfRange)
}

fn read_tick(bytes: &mut &[u8], newest: Tick) -> Result<Tick, CodecError> {
    Ok(newest - read_number(bytes)?)
}
