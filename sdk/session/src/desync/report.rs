//! What a desync looks like to the one who must find its cause.

use core::fmt;
use netcord_transport::PeerId;
use netcord_wire::{FieldDifference, StateHash, Tick};

/// Two peers simulated the same confirmed inputs and got different states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesyncReport {
    /// The first tick whose state differs: the cause is in the step from the tick before.
    pub tick: Tick,
    /// Whether `tick` is known to be the first; if not, the first is that one or earlier.
    pub exact: bool,
    /// The peer that differs; `None` when this machine differs from itself, in a sync test.
    pub peer: Option<PeerId>,
    /// Our state's hash.
    pub our_hash: Option<StateHash>,
    /// The peer's state's hash.
    pub their_hash: Option<StateHash>,
    /// The first field that differs, in the order in which the state shows them. `None` when the fields of the tick
    /// are not there any more, or are equal as far as they are kept.
    pub difference: Option<FieldDifference>,
}

impl fmt::Display for DesyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Some(peer) => write!(f, "desync with {peer}: ")?,
            None => f.write_str("the game is not deterministic: ")?,
        }
        let when = if self.exact { "first differ at" } else { "differ at or before" };
        write!(f, "states {when} tick {}", self.tick)?;
        match &self.difference {
            Some(difference) => write!(f, ": {difference}"),
            None => f.write_str("; the field is not known"),
        }
    }
}
