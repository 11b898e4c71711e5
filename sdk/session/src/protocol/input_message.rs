//! The header of an input message, the one that travels many times a second (STANDARD.md, section 7.2).

use super::Reader;
use crate::ProtocolError;

/// The most that a header can say about how far inputs are ahead of the simulation, in ticks.
pub(crate) const MAX_LEAD: u32 = 63;
const SAMPLE: u8 = 0x40;
const CHECKPOINT: u8 = 0x80;

/// What an input message says besides the inputs, which follow as runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InputHeader {
    /// How many ticks the inputs end after the sender's next tick; zero on the stream to a spectator.
    pub(crate) lead: u8,
    /// The low 16 bits of the first input's tick.
    pub(crate) start: u16,
    /// How far the sender is ahead of what it hears of the receiver, in quarters of a tick.
    pub(crate) sample: Option<i8>,
    /// The sender's hash chain at a confirmed tick.
    pub(crate) checkpoint: Option<Checkpoint>,
}

/// A confirmed tick, and the hash chain there: equal chains prove that all states up to the tick were equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The low 16 bits of the tick.
    pub(crate) tick: u16,
    /// The low 32 bits of the chain.
    pub(crate) chain: u32,
}

impl InputHeader {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let sample = if self.sample.is_some() { SAMPLE } else { 0 };
        let checkpoint = if self.checkpoint.is_some() { CHECKPOINT } else { 0 };
        out.push(self.lead.min(MAX_LEAD as u8) | sample | checkpoint);
        out.extend_from_slice(&self.start.to_le_bytes());
        if let Some(sample) = self.sample {
            out.push(sample as u8);
        }
        if let Some(checkpoint) = self.checkpoint {
            out.extend_from_slice(&checkpoint.tick.to_le_bytes());
            out.extend_from_slice(&checkpoint.chain.to_le_bytes());
        }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, ProtocolError> {
        let flags = reader.u8()?;
        let start = reader.u16()?;
        let sample = if flags & SAMPLE == 0 { None } else { Some(reader.u8()? as i8) };
        let checkpoint = if flags & CHECKPOINT == 0 {
            None
        } else {
            Some(Checkpoint { tick: reader.u16()?, chain: reader.u32()? })
        };
        Ok(Self { lead: flags & MAX_LEAD as u8, start, sample, checkpoint })
    }
}
