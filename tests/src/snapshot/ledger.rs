//! What a client was told: entities that entered and left, and the ticks at which they are shown.

use super::Totals;
use super::game::{self, FIELDS, Game};
use netcord::snapshot::{SectionState, Shape, SnapshotEvent, SnapshotReceiver};
use netcord::wire::{NetEntity, Tick};
use std::collections::HashMap;

/// The entities that are shown, by the events.
#[derive(Default)]
pub(super) struct Ledger {
    shown: HashMap<u32, Shown>,
}

struct Shown {
    shape: Shape,
    /// When it was last looked at: its tick then.
    tick: Option<Tick>,
}

impl Ledger {
    pub(super) fn clear(&mut self) {
        self.shown.clear();
    }

    /// Notes what a message changed. Returns who left.
    pub(super) fn note(
        &mut self,
        events: &[SnapshotEvent],
        left: &mut Vec<u32>,
        totals: &mut Totals,
    ) -> Result<(), String> {
        left.clear();
        for event in events {
            match *event {
                SnapshotEvent::Entered { entity, shape } => {
                    totals.entered += 1;
                    if left.contains(&entity.0) {
                        return Err(format!("{entity} left and entered at once"));
                    }
                    if self.shown.insert(entity.0, Shown { shape, tick: None }).is_some() {
                        return Err(format!("{entity} entered though it was there"));
                    }
                }
                SnapshotEvent::Reshaped { entity, shape } => match self.shown.get_mut(&entity.0) {
                    Some(shown) if shown.shape != shape => shown.shape = shape,
                    _ => return Err(format!("{entity} is no other than before, or was not there")),
                },
                SnapshotEvent::Left { entity } => {
                    totals.left += 1;
                    left.push(entity.0);
                    if self.shown.remove(&entity.0).is_none() {
                        return Err(format!("{entity} left though it was not there"));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Compares all that is shown with what the game was at that tick.
    pub(super) fn compare(
        &mut self,
        receiver: &SnapshotReceiver,
        game: &Game,
        totals: &mut Totals,
    ) -> Result<(), String> {
        if receiver.entities() != self.shown.len() {
            return Err(format!("{} entities are there, {} entered", receiver.entities(), self.shown.len()));
        }
        for (&id, shown) in &mut self.shown {
            let entity = NetEntity(id);
            let (tick, shape, _) =
                receiver.entity(entity).ok_or_else(|| format!("{entity} entered but isn't there"))?;
            if shape != shown.shape {
                return Err(format!("{entity} has other components than it entered with"));
            }
            if shown.tick.is_some_and(|before| tick.is_before(before)) {
                return Err(format!("{entity} goes back to {tick}"));
            }
            shown.tick = Some(tick);
            let Some(things) = game.at(tick) else { continue };
            totals.entities += 1;
            game::compare(receiver, id, things.get(&id)).map_err(|error| format!("{tick}: {error}"))?;
        }
        Ok(())
    }
}

/// What differs between what arrived and what the sender had, by name.
pub(super) fn difference(held: &SectionState, sent: &SectionState) -> Option<String> {
    if held == sent {
        return None;
    }
    let entities = |state: &SectionState| state.entities().collect::<Vec<_>>();
    if entities(held) != entities(sent) {
        return Some(format!("its entities are {:?}, not {:?}", entities(held), entities(sent)));
    }
    for (row, (entity, _)) in sent.entities().enumerate() {
        let values = held.row(row).iter().zip(sent.row(row));
        for (field, (held, sent)) in FIELDS.iter().zip(values) {
            if held != sent {
                return Some(format!("{entity} {field} is {held}, not {sent}"));
            }
        }
    }
    Some("its names are others".to_owned())
}
