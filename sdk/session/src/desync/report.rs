//! What a desync looks like to the one who must find its cause.

use core::fmt;
use netcord_transport::PeerId;
use netcord_wire::{ComponentId, NetEntity, StateHash, Tick};

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
    /// The fields that differ, in the order in which the state shows them; at most 16. Empty when the fields
    /// of the tick are not there any more, or are equal beyond what a report may carry.
    pub differences: Vec<FieldDifference>,
    /// How many more differ.
    pub more: usize,
}

/// One field with two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// The entity.
    pub entity: NetEntity,
    /// The component.
    pub component: ComponentId,
    /// The component's name in our schema.
    pub component_name: String,
    /// The field's place in the component.
    pub field: usize,
    /// The field's name in our schema.
    pub field_name: String,
    /// Our value; `None` when we have no such field, or no such component.
    pub ours: Option<i64>,
    /// The peer's value; `None` when it has no such field, or no such component.
    pub theirs: Option<i64>,
}

impl fmt::Display for FieldDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |value: Option<i64>| value.map_or("nothing".to_owned(), |value| value.to_string());
        let (ours, theirs) = (show(self.ours), show(self.theirs));
        let Self { entity, component_name, field_name, .. } = self;
        write!(f, "{component_name}.{field_name} of {entity}: ours {ours}, theirs {theirs}")
    }
}

impl fmt::Display for DesyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Some(peer) => write!(f, "desync with {peer}: ")?,
            None => f.write_str("the game is not deterministic: ")?,
        }
        let when = if self.exact { "first differ at" } else { "differ at or before" };
        write!(f, "states {when} tick {}", self.tick)?;
        for difference in &self.differences {
            write!(f, "\n  {difference}")?;
        }
        if self.more > 0 {
            write!(f, "\n  and {} more", self.more)?;
        }
        if self.differences.is_empty() {
            f.write_str("; the fields that differ are not known")?;
        }
        Ok(())
    }
}
