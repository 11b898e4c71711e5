//! Looks for what changes in the simulation without being registered: what a desync most often comes from.

use crate::identity::{NetEntities, NetId, Rollback};
use crate::storage::Store;
use bevy_ecs::change_detection::Tick as ChangeTick;
use bevy_ecs::component::ComponentId;
use bevy_ecs::prelude::*;
use core::any::TypeId;
use netcord::wire::Tick;
use std::collections::BTreeSet;

/// One tick in so many is looked at: enough to see what changes, and not enough to cost anything.
const EVERY: u32 = 16;

/// What belongs to the engine and to this plugin: messages, time, hierarchy.
const ENGINE: [&str; 5] =
    ["bevy_ecs::", "bevy_time::", "bevy_state::", "bevy_diagnostic::", "bevy_netcord::"];

/// What was seen to change.
#[derive(Default)]
pub(crate) struct Suspects {
    ids: BTreeSet<usize>,
    names: BTreeSet<String>,
}

impl Suspects {
    /// Whether to look at this tick.
    pub(crate) fn is_due(tick: Tick) -> bool {
        tick.0.is_multiple_of(EVERY)
    }

    /// By name, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.names.iter().cloned().collect()
    }

    /// Takes down what was written after `since`, the start of a tick, on entities of the match or in resources, though
    /// it is not registered.
    pub(crate) fn look(&mut self, world: &World, store: &Store, since: ChangeTick) {
        let this_run = world.read_change_tick();
        let is_new = |ticks: Option<bevy_ecs::change_detection::ComponentTicks>| {
            ticks.is_some_and(|ticks| ticks.is_changed(since, this_run))
        };
        for (_, entity) in world.resource::<NetEntities>().iter() {
            let Ok(entity) = world.get_entity(entity) else { continue };
            for &id in entity.archetype().components() {
                if !self.ids.contains(&id.index()) && is_new(entity.get_change_ticks_by_id(id)) {
                    self.add(world, store, id);
                }
            }
        }
        for (id, _) in world.resource_entities().iter() {
            if !self.ids.contains(&id.index()) && is_new(world.get_resource_change_ticks_by_id(id)) {
                self.add(world, store, id);
            }
        }
    }

    fn add(&mut self, world: &World, store: &Store, id: ComponentId) {
        self.ids.insert(id.index());
        let Some(info) = world.components().get_info(id) else { return };
        let name = info.name().to_string();
        let is_known = info.type_id().is_some_and(|type_id| {
            store.contains(type_id) || [TypeId::of::<NetId>(), TypeId::of::<Rollback>()].contains(&type_id)
        });
        if !is_known && !ENGINE.iter().any(|engine| name.starts_with(engine)) {
            self.names.insert(info.name().shortname().to_string());
        }
    }
}
