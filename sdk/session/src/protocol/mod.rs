//! The session's messages as bytes (STANDARD.md, section 7): typed values in one place, every cap
//! checked before anything is allocated.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod control;
mod input_message;
mod membership;
mod reader;
mod runs;
#[cfg(test)]
mod vectors;

pub(crate) use control::{
    Control, Group, Hello, InputTail, MAX_FIELD_BYTES, MAX_SETUP, Resume, Start, Verdict,
};
pub(crate) use input_message::{Checkpoint, InputHeader, MAX_LEAD};
pub(crate) use membership::{Ballot, Change, Commit, Lineage, Membership, Pair, Promise};
pub(crate) use reader::Reader;
pub(crate) use runs::{InputBytes, MAX_RUN_TICKS, RunWriter, read_runs};

use crate::ProtocolError;
use netcord_wire::Tick;

/// The tick whose low 16 bits are `low` and that is nearest to `near`.
pub(crate) fn expand_tick(low: u16, near: Tick) -> Tick {
    let ahead = low.wrapping_sub(near.0 as u16) as i16;
    Tick(near.0.wrapping_add_signed(i32::from(ahead)))
}

fn check(what: &'static str, value: usize, limit: usize) -> Result<(), ProtocolError> {
    if value <= limit {
        return Ok(());
    }
    Err(ProtocolError::OverLimit { what, value: value as u64, limit: limit as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_ticks_expand_to_the_nearest() {
        assert_eq!(expand_tick(5, Tick(0x1_fffe)), Tick(0x2_0005));
        assert_eq!(expand_tick(0xfffe, Tick(0x2_0005)), Tick(0x1_fffe));
        assert_eq!(expand_tick(0xffff, Tick(2)), Tick(u32::MAX));
    }
}
