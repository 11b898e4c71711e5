//! The column of a resource: of one row, or none.

use super::{Column, RESOURCES, ToSink, short_name};
use crate::fields::{self, FieldKind};
use bevy_ecs::change_detection::Tick as ChangeTick;
use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use core::any::TypeId;
use netcord::wire::codec::message;
use netcord::wire::{CodecError, ComponentId, FieldSink, NetEntity};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) struct ResourceColumn<R> {
    name: &'static str,
    /// What every match starts from, once it is known.
    initial: Option<Option<R>>,
    slots: Vec<Option<R>>,
}

impl<R> ResourceColumn<R> {
    pub(crate) fn new() -> Self {
        Self { name: short_name::<R>(), initial: None, slots: Vec::new() }
    }

    fn slot(&mut self, slot: usize) -> &mut Option<R> {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, || None);
        }
        &mut self.slots[slot]
    }
}

/// Makes the world's resource as `kept`; returns whether it was inserted or removed.
fn write<R>(world: &mut World, kept: Option<&R>, since: Option<ChangeTick>) -> bool
where
    R: Resource<Mutability = Mutable> + Clone,
{
    match (world.get_resource_mut::<R>(), kept) {
        (Some(mut value), Some(kept)) => {
            if since.is_none_or(|since| value.is_changed_after(since)) {
                value.clone_from(kept);
            }
            false
        }
        (None, Some(kept)) => {
            world.insert_resource(kept.clone());
            true
        }
        (Some(_), None) => {
            world.remove_resource::<R>();
            true
        }
        (None, None) => false,
    }
}

impl<R> Column for ResourceColumn<R>
where
    R: Resource<Mutability = Mutable> + Clone + Serialize + DeserializeOwned,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn type_id(&self) -> TypeId {
        TypeId::of::<R>()
    }

    fn keep_initial(&mut self, world: &World) {
        self.initial.get_or_insert_with(|| world.get_resource::<R>().cloned());
    }

    fn reset(&mut self, world: &mut World) {
        if let Some(initial) = &self.initial {
            write(world, initial.as_ref(), None);
        }
    }

    fn save(&mut self, world: &mut World, slot: usize) {
        let kept = self.slot(slot);
        match (world.get_resource::<R>(), kept) {
            (Some(value), Some(kept)) => kept.clone_from(value),
            (value, kept) => *kept = value.cloned(),
        }
    }

    fn load(&mut self, world: &mut World, slot: usize, since: Option<ChangeTick>) -> bool {
        write(world, self.slot(slot).as_ref(), since)
    }

    fn order(&mut self, _: usize) {}

    fn inspect(&self, slot: usize, component: ComponentId, sink: &mut dyn FieldSink) {
        let Some(value) = &self.slots[slot] else { return };
        sink.component(RESOURCES, component);
        if let Err(error) = fields::visit(value, &mut ToSink(sink)) {
            tracing::error!(%error, "the resource {} can't be serialized, so it can't be compared", self.name);
        }
    }

    fn encode(&self, slot: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        message::encode_into(&self.slots[slot], out, super::MAX_STATE)
    }

    fn decode(&mut self, slot: usize, bytes: &[u8], _: &[NetEntity]) -> Result<(), CodecError> {
        *self.slot(slot) = message::decode(bytes, super::MAX_STATE)?;
        Ok(())
    }

    fn field_name(&self, _: NetEntity, index: usize) -> Option<(String, FieldKind)> {
        self.slots.iter().flatten().find_map(|value| fields::name(value, index))
    }

    fn changed_since(&mut self, world: &mut World, since: ChangeTick) -> bool {
        world.get_resource_mut::<R>().is_some_and(|value| value.is_changed_after(since))
    }
}
