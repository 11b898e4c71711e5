//! The column of a component.

use super::{Column, ToSink, short_name};
use crate::fields::{self, FieldKind};
use crate::identity::{NetEntities, NetId};
use bevy_ecs::change_detection::Tick as ChangeTick;
use bevy_ecs::component::Mutable;
use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::prelude::*;
use bevy_ecs::query::{Allow, QueryState};
use core::any::TypeId;
use core::mem::needs_drop;
use netcord::wire::codec::message;
use netcord::wire::{CodecError, ComponentId, FieldSink, NetEntity};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whose values are kept: entities of the match, also those that Bevy's queries leave out.
type Rows<T> = QueryState<(Entity, &'static NetId, &'static mut T), Allow<Disabled>>;

pub(crate) struct ComponentColumn<T: Component<Mutability = Mutable>> {
    name: &'static str,
    query: Option<Rows<T>>,
    slots: Vec<Kept<T>>,
    /// For the way back to a state with other entities.
    seen: Vec<bool>,
    lacking: Vec<Entity>,
}

/// The values in one state, in the order of the query.
struct Kept<T> {
    ids: Vec<NetEntity>,
    values: Vec<T>,
    /// The rows in the order of ids; empty where they are in order as they are.
    sorted: Vec<u32>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { ids: Vec::new(), values: Vec::new(), sorted: Vec::new() }
    }
}

impl<T> Kept<T> {
    fn order(&mut self) {
        self.sorted.clear();
        if !self.ids.is_sorted() {
            self.sorted.extend(0..self.ids.len() as u32);
            // Stable sorting makes use of the runs that tables are made of.
            self.sorted.sort_by_key(|&row| self.ids[row as usize]);
        }
    }

    fn in_order(&self) -> impl Iterator<Item = (NetEntity, &T)> {
        let row = |place: usize| self.sorted.get(place).map_or(place, |&row| row as usize);
        (0..self.ids.len()).map(move |place| (self.ids[row(place)], &self.values[row(place)]))
    }

    /// The row of an id, once in order.
    fn find(&self, id: NetEntity) -> Option<usize> {
        if self.sorted.is_empty() {
            self.ids.binary_search(&id).ok()
        } else {
            let place = self.sorted.binary_search_by_key(&id, |&row| self.ids[row as usize]).ok()?;
            Some(self.sorted[place] as usize)
        }
    }
}

impl<T> ComponentColumn<T>
where
    T: Component<Mutability = Mutable> + Clone + Serialize + DeserializeOwned,
{
    pub(crate) fn new() -> Self {
        Self {
            name: short_name::<T>(),
            query: None,
            slots: Vec::new(),
            seen: Vec::new(),
            lacking: Vec::new(),
        }
    }

    /// Goes back to a state with other rows than there are now.
    fn load_other_rows(&mut self, world: &mut World, slot: usize, since: Option<ChangeTick>) -> bool {
        let Self { query: Some(query), slots, seen, lacking, .. } = self else { return false };
        let kept = &mut slots[slot];
        kept.order();
        seen.clear();
        seen.resize(kept.ids.len(), false);
        lacking.clear();
        for (entity, id, mut value) in query.iter_mut(world) {
            match kept.find(id.entity()) {
                Some(row) => {
                    seen[row] = true;
                    if since.is_none_or(|since| value.is_changed_after(since)) {
                        value.clone_from(&kept.values[row]);
                    }
                }
                None => lacking.push(entity),
            }
        }
        let mut changed = !lacking.is_empty();
        for entity in lacking.drain(..) {
            world.entity_mut(entity).remove::<T>();
        }
        for row in (0..kept.ids.len()).filter(|&row| !seen[row]) {
            let Some(entity) = world.resource::<NetEntities>().get(kept.ids[row]) else { continue };
            world.entity_mut(entity).insert(kept.values[row].clone());
            changed = true;
        }
        changed
    }
}

impl<T> Column for ComponentColumn<T>
where
    T: Component<Mutability = Mutable> + Clone + Serialize + DeserializeOwned,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn type_id(&self) -> TypeId {
        TypeId::of::<T>()
    }

    fn keep_initial(&mut self, _: &World) {}

    fn reset(&mut self, _: &mut World) {}

    fn save(&mut self, world: &mut World, slot: usize) {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, Kept::default);
        }
        let Kept { ids, values, .. } = &mut self.slots[slot];
        let query = self.query.get_or_insert_with(|| QueryState::new(world));
        ids.clear();
        // Closures over whole tables are several times as fast as loops over rows.
        if needs_drop::<T>() {
            // What the old values hold is used again.
            let mut rows = 0;
            query.iter(world).for_each(|(_, id, value)| {
                ids.push(id.entity());
                match values.get_mut(rows) {
                    Some(kept) => kept.clone_from(value),
                    None => values.push(value.clone()),
                }
                rows += 1;
            });
            values.truncate(rows);
        } else {
            values.clear();
            query.iter(world).for_each(|(_, id, value)| {
                ids.push(id.entity());
                values.push(value.clone());
            });
        }
    }

    fn load(&mut self, world: &mut World, slot: usize, since: Option<ChangeTick>) -> bool {
        let Kept { ids, values, .. } = &self.slots[slot];
        let mut row = 0;
        let mut is_aligned = true;
        for (_, id, mut value) in self.query.get_or_insert_with(|| QueryState::new(world)).iter_mut(world) {
            if ids.get(row) != Some(&id.entity()) {
                is_aligned = false;
                break;
            }
            if since.is_none_or(|since| value.is_changed_after(since)) {
                value.clone_from(&values[row]);
            }
            row += 1;
        }
        if is_aligned && row == ids.len() { false } else { self.load_other_rows(world, slot, since) }
    }

    fn order(&mut self, slot: usize) {
        self.slots[slot].order();
    }

    fn inspect(&self, slot: usize, component: ComponentId, sink: &mut dyn FieldSink) {
        for (id, value) in self.slots[slot].in_order() {
            sink.component(id, component);
            if let Err(error) = fields::visit(value, &mut ToSink(sink)) {
                tracing::error!(%error, "{} of {id} can't be serialized, so it can't be compared", self.name);
            }
        }
    }

    fn encode(&self, slot: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        // In pairs, since an element of a list has to take a byte, and a marker takes none.
        let rows: Vec<(NetEntity, &T)> = self.slots[slot].in_order().collect();
        message::encode_into(&rows, out, super::MAX_STATE)
    }

    fn decode(&mut self, slot: usize, bytes: &[u8], known: &[NetEntity]) -> Result<(), CodecError> {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, Kept::default);
        }
        let rows: Vec<(NetEntity, T)> = message::decode(bytes, super::MAX_STATE)?;
        let (ids, values): (Vec<NetEntity>, Vec<T>) = rows.into_iter().unzip();
        if !ids.is_sorted_by(|one, other| one < other)
            || ids.iter().any(|id| known.binary_search(id).is_err())
        {
            return Err(CodecError::OutOfRange);
        }
        self.slots[slot] = Kept { ids, values, sorted: Vec::new() };
        Ok(())
    }

    fn field_name(&self, entity: NetEntity, index: usize) -> Option<(String, FieldKind)> {
        let of = |kept: &Kept<T>| {
            let row = kept.ids.iter().position(|&id| id == entity)?;
            fields::name(&kept.values[row], index)
        };
        // Where the entity is gone, another's value has the same names.
        let of_any = |kept: &Kept<T>| kept.values.iter().find_map(|value| fields::name(value, index));
        self.slots.iter().find_map(of).or_else(|| self.slots.iter().find_map(of_any))
    }

    fn changed_since(&mut self, world: &mut World, since: ChangeTick) -> bool {
        let query = self.query.get_or_insert_with(|| QueryState::new(world));
        query.iter_mut(world).any(|(_, _, value)| value.is_changed_after(since))
    }
}
