//! Which entity of the match is whose child, and in which order. Children outside of the match are not looked at.

use crate::identity::{NetEntities, NetId};
use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::prelude::*;
use bevy_ecs::query::{Allow, QueryState};
use netcord::wire::codec::message;
use netcord::wire::{CodecError, ComponentId, FieldSink, NetEntity};

/// A parent and one of its children.
type Pair = (NetEntity, NetEntity);

#[derive(Default)]
pub(super) struct Hierarchy {
    query: Option<QueryState<(&'static NetId, &'static Children), Allow<Disabled>>>,
    /// By parent once in order; within it in the order of the children.
    slots: Vec<Vec<Pair>>,
    live: Vec<Pair>,
}

impl Hierarchy {
    pub(super) fn save(&mut self, world: &mut World, slot: usize) {
        self.gather(world);
        core::mem::swap(&mut self.live, slot_mut(&mut self.slots, slot));
    }

    pub(super) fn load(&mut self, world: &mut World, slot: usize) {
        self.gather(world);
        self.order(slot);
        self.live.sort_by_key(|(parent, _)| *parent);
        let (live, kept) = (&self.live, &self.slots[slot]);
        if live == kept {
            return;
        }
        let entity = |world: &World, id| world.resource::<NetEntities>().get(id);
        for pair in live.iter().filter(|pair| !kept.contains(pair)) {
            if let Some(child) = entity(world, pair.1) {
                world.entity_mut(child).remove::<ChildOf>();
            }
        }
        // A child that is inserted again goes to the end.
        for siblings in kept.chunk_by(|one, other| one.0 == other.0) {
            let parent = siblings[0].0;
            if live.iter().filter(|(of, _)| *of == parent).eq(siblings) {
                continue;
            }
            let Some(parent) = entity(world, parent) else { continue };
            for &(_, child) in siblings {
                if let Some(child) = entity(world, child) {
                    world.entity_mut(child).insert(ChildOf(parent));
                }
            }
        }
    }

    pub(super) fn order(&mut self, slot: usize) {
        slot_mut(&mut self.slots, slot).sort_by_key(|(parent, _)| *parent);
    }

    pub(super) fn inspect(&self, slot: usize, component: ComponentId, sink: &mut dyn FieldSink) {
        for siblings in self.slots[slot].chunk_by(|one, other| one.0 == other.0) {
            sink.component(siblings[0].0, component);
            siblings.iter().for_each(|(_, child)| sink.field(child.0.into()));
        }
    }

    pub(super) fn encode(&self, slot: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        message::encode_into(&self.slots[slot], out, super::MAX_STATE)
    }

    pub(super) fn decode(
        &mut self,
        slot: usize,
        bytes: &[u8],
        known: &[NetEntity],
    ) -> Result<(), CodecError> {
        let pairs: Vec<Pair> = message::decode(bytes, super::MAX_STATE)?;
        let exists = |id: &NetEntity| known.binary_search(id).is_ok();
        if !pairs.iter().all(|(parent, child)| exists(parent) && exists(child)) || !is_forest(&pairs) {
            return Err(CodecError::OutOfRange);
        }
        *slot_mut(&mut self.slots, slot) = pairs;
        Ok(())
    }

    /// Takes down how it is now.
    fn gather(&mut self, world: &mut World) {
        self.live.clear();
        for (parent, children) in self.query.get_or_insert_with(|| QueryState::new(world)).iter(world) {
            let ids = children.iter().filter_map(|child| world.get::<NetId>(child));
            self.live.extend(ids.map(|child| (parent.entity(), child.entity())));
        }
    }
}

fn slot_mut(slots: &mut Vec<Vec<Pair>>, slot: usize) -> &mut Vec<Pair> {
    if slots.len() <= slot {
        slots.resize_with(slot + 1, Vec::new);
    }
    &mut slots[slot]
}

/// Whether each child has one parent, and none is its own ancestor: what comes from the network may be anything.
fn is_forest(pairs: &[Pair]) -> bool {
    let mut by_child: Vec<Pair> = pairs.iter().map(|&(parent, child)| (child, parent)).collect();
    by_child.sort_unstable();
    if !by_child.is_sorted_by(|one, other| one.0 < other.0) {
        return false;
    }
    let parent_of =
        |child: usize| by_child.binary_search_by_key(&by_child[child].1, |(child, _)| *child).ok();
    // Each is followed upwards once: what is reached again on the same way is a circle.
    let mut seen_on = vec![usize::MAX; by_child.len()];
    for start in 0..by_child.len() {
        let mut next = Some(start);
        while let Some(at) = next {
            if seen_on[at] == start {
                return false;
            }
            if seen_on[at] != usize::MAX {
                break;
            }
            seen_on[at] = start;
            next = parent_of(at);
        }
    }
    true
}

/// Takes the children that stay in the match from a parent that is about to go.
pub(super) fn detach(world: &mut World, parent: Entity, stays: impl Fn(NetEntity) -> bool) {
    let Some(children) = world.get::<Children>(parent) else { return };
    let staying: Vec<Entity> = children
        .iter()
        .filter(|&child| world.get::<NetId>(child).is_some_and(|id| stays(id.entity())))
        .collect();
    for child in staying {
        world.entity_mut(child).remove::<ChildOf>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forest(pairs: &[(u32, u32)]) -> bool {
        let pairs: Vec<Pair> = pairs.iter().map(|&(one, other)| (NetEntity(one), NetEntity(other))).collect();
        is_forest(&pairs)
    }

    #[test]
    fn circles_and_second_parents_are_no_forest() {
        assert!(forest(&[]) && forest(&[(1, 2), (1, 3), (2, 4), (9, 8)]));
        assert!(!forest(&[(1, 1)]));
        assert!(!forest(&[(1, 2), (2, 1)]));
        assert!(!forest(&[(1, 2), (2, 3), (3, 1), (3, 4)]));
        assert!(!forest(&[(1, 2), (3, 2)]));
    }
}
