//! The states of the last ticks, and the way back to them.
//!
//! A state is kept in columns: per registered type the values of all entities in a row, in the order in which a query
//! yields them. As long as no entity is spawned, despawned or changes shape, that order stays, and saving and loading are
//! one pass over two arrays. It knows no session and no network.

mod component;
mod hierarchy;
mod resource;

pub(crate) use component::ComponentColumn;
pub(crate) use resource::ResourceColumn;

use crate::fields::{FieldKind, FieldVisitor};
use crate::identity::{Mode, NetEntities, NetId, Rollback};
use bevy_ecs::change_detection::Tick as ChangeTick;
use bevy_ecs::prelude::*;
use core::any::TypeId;
use hierarchy::Hierarchy;
use netcord::session::SessionError;
use netcord::wire::codec::message;
use netcord::wire::{CodecError, ComponentId, FieldSink, Inspect, NetEntity, Schema, Tick, varint};

/// The entity that resources are shown as in hashes and reports.
pub(crate) const RESOURCES: NetEntity = NetEntity(u32::MAX);
/// The most entities in a state that comes from the network.
const MAX_ENTITIES: usize = 1 << 16;
/// The longest encoded state.
const MAX_STATE: usize = netcord::session::MAX_STATE;

/// One registered type: its values in each of the kept states.
pub(crate) trait Column: Send + Sync {
    fn name(&self) -> &'static str;
    fn type_id(&self) -> TypeId;
    /// Takes down what a match starts from, the first time.
    fn keep_initial(&mut self, world: &World);
    /// Makes the world as it was before any match.
    fn reset(&mut self, world: &mut World);
    fn save(&mut self, world: &mut World, slot: usize);
    /// Writes what differs from the state in `slot`; all of it where `since` is not given, else what changed after
    /// `since`. Returns whether anything was inserted or removed.
    fn load(&mut self, world: &mut World, slot: usize, since: Option<ChangeTick>) -> bool;
    /// Brings the rows of `slot` into the order of ids, for the functions below.
    fn order(&mut self, slot: usize);
    fn inspect(&self, slot: usize, component: ComponentId, sink: &mut dyn FieldSink);
    fn encode(&self, slot: usize, out: &mut Vec<u8>) -> Result<(), CodecError>;
    fn decode(&mut self, slot: usize, bytes: &[u8], ids: &[NetEntity]) -> Result<(), CodecError>;
    /// The name of a field of the entity's value, in the newest state that has it.
    fn field_name(&self, entity: NetEntity, index: usize) -> Option<(String, FieldKind)>;
    /// Whether any value was written after `since`.
    fn changed_since(&mut self, world: &mut World, since: ChangeTick) -> bool;
}

/// One kept state, but for the columns.
#[derive(Default)]
struct Slot {
    tick: Option<Tick>,
    /// Bevy's change tick: what is written later is newer.
    saved_at: Option<ChangeTick>,
    ids: Vec<NetEntity>,
    next: u32,
}

/// All registered types and the kept states.
#[derive(Resource, Default)]
pub(crate) struct Store {
    columns: Vec<Box<dyn Column>>,
    hierarchy: Hierarchy,
    slots: Vec<Slot>,
    /// States before this tick are not needed any more.
    keep_from: Tick,
    /// States that are kept before the last confirmed one: none in play.
    pub(crate) keep_back: u32,
    /// Set once the first match begins: what is registered is settled then.
    pub(crate) is_sealed: bool,
    respawned: Vec<Entity>,
}

impl Store {
    /// Adds a type; the order of adding must be the same on all peers.
    ///
    /// # Panics
    /// When it was added before, or a match has begun.
    pub(crate) fn register(&mut self, column: Box<dyn Column>) {
        let name = column.name();
        assert!(
            !self.is_sealed,
            "{name} is registered for rollback after a match began: register it where the app is built, before `run`"
        );
        assert!(
            self.columns.iter().all(|known| known.type_id() != column.type_id()),
            "{name} is registered for rollback twice: keep one of the calls"
        );
        self.columns.push(column);
    }

    pub(crate) fn contains(&self, type_id: TypeId) -> bool {
        self.columns.iter().any(|column| column.type_id() == type_id)
    }

    /// The names of what was written after `since`.
    pub(crate) fn changed_since(&mut self, world: &mut World, since: ChangeTick) -> Vec<&'static str> {
        let changed = self
            .columns
            .iter_mut()
            .filter_map(|column| column.changed_since(world, since).then(|| column.name()));
        changed.collect()
    }

    /// The names of the components, for reports and for the manifest. Fields are named when they are asked for.
    pub(crate) fn schema(&self) -> Schema {
        let mut schema = Schema::new();
        for name in self.columns.iter().map(|column| column.name()).chain(["Children", "Entities"]) {
            schema = schema.with(name, &[]);
        }
        schema
    }

    /// Makes the world ready for a new match: no entities, resources as at the start of the app.
    pub(crate) fn reset(&mut self, world: &mut World) {
        for column in &mut self.columns {
            column.keep_initial(world);
        }
        self.is_sealed = true;
        self.forget_all();
        let mut entities = world.resource_mut::<NetEntities>();
        entities.set_mode(Mode::Restoring);
        let all = entities.take();
        for (_, entity) in all {
            if let Some(entity) = entity {
                world.try_despawn(entity).ok();
            }
        }
        let mut entities = world.resource_mut::<NetEntities>();
        entities.put_back(Vec::new(), 0);
        entities.set_mode(Mode::Outside);
        for column in &mut self.columns {
            column.reset(world);
        }
    }

    /// Keeps the world's state as that of `tick`.
    pub(crate) fn save(&mut self, world: &mut World, tick: Tick) {
        let slot = self.slot_for(tick);
        let mut entities = world.resource_mut::<NetEntities>();
        entities.tidy();
        let kept = &mut self.slots[slot];
        kept.tick = Some(tick);
        kept.ids.clear();
        kept.ids.extend(entities.iter().map(|(id, _)| id));
        kept.next = entities.next();
        self.hierarchy.save(world, slot);
        for column in &mut self.columns {
            column.save(world, slot);
        }
        self.slots[slot].saved_at = Some(world.increment_change_tick());
    }

    /// Makes the world as it was at `tick`.
    pub(crate) fn load(&mut self, world: &mut World, tick: Tick) -> Result<(), SessionError> {
        let slot = self.find(tick).ok_or(SessionError::NotSaved { tick })?;
        self.load_slot(world, slot);
        Ok(())
    }

    /// States before `tick` are not gone back to any more.
    pub(crate) fn confirmed(&mut self, tick: Tick) {
        self.keep_from = tick - self.keep_back;
    }

    /// The state at `tick`, to be hashed.
    pub(crate) fn view(&mut self, tick: Tick) -> Result<View<'_>, SessionError> {
        let slot = self.find(tick).ok_or(SessionError::NotSaved { tick })?;
        self.order(slot);
        Ok(View { store: self, slot })
    }

    /// The state at `tick` as bytes.
    pub(crate) fn encode(&mut self, tick: Tick) -> Result<Vec<u8>, SessionError> {
        let slot = self.find(tick).ok_or(SessionError::NotSaved { tick })?;
        self.order(slot);
        let mut bytes = Vec::new();
        self.encode_slot(slot, &mut bytes).map_err(|_| SessionError::StateTooLarge {
            size: bytes.len().max(MAX_STATE + 1),
            limit: MAX_STATE,
        })?;
        Ok(bytes)
    }

    /// Makes the world as `bytes`, which a peer made by [`encode`](Self::encode), say.
    pub(crate) fn restore(
        &mut self,
        world: &mut World,
        tick: Tick,
        bytes: &[u8],
    ) -> Result<(), SessionError> {
        self.keep_from = tick - self.keep_back;
        let slot = self.slot_for(tick);
        if let Err(error) = self.decode_slot(slot, bytes) {
            tracing::warn!(%error, "a state that a peer sent can't be read");
            return Err(SessionError::BadState { tick });
        }
        self.slots[slot].tick = Some(tick);
        self.slots[slot].saved_at = None;
        self.load_slot(world, slot);
        Ok(())
    }

    /// The name of a component, and of its field, of a desync report that has numbers.
    pub(crate) fn field_name(
        &self,
        component: &str,
        entity: NetEntity,
        index: usize,
    ) -> Option<(String, FieldKind)> {
        self.columns.iter().find(|column| column.name() == component)?.field_name(entity, index)
    }

    fn forget_all(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.tick = None);
        self.keep_from = Tick(0);
    }

    fn find(&self, tick: Tick) -> Option<usize> {
        self.slots.iter().position(|slot| slot.tick == Some(tick))
    }

    /// Where to keep the state at `tick`: in place of one that is not needed any more.
    fn slot_for(&mut self, tick: Tick) -> usize {
        let keep_from = self.keep_from;
        let free = |slot: &Slot| slot.tick.is_none_or(|tick| tick.is_before(keep_from));
        self.find(tick).or_else(|| self.slots.iter().position(free)).unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        })
    }

    fn load_slot(&mut self, world: &mut World, slot: usize) {
        let since = self.slots[slot].saved_at;
        let mode = world.resource::<NetEntities>().mode();
        world.resource_mut::<NetEntities>().set_mode(Mode::Restoring);
        self.load_entities(world, slot);
        self.hierarchy.load(world, slot);
        let mut changed = false;
        for column in &mut self.columns {
            changed |= column.load(world, slot, since);
        }
        if changed {
            // What came with another component by requirement, but was not there then, goes.
            for column in &mut self.columns {
                column.load(world, slot, since);
            }
        }
        // Last, so that its observers see all of the entity.
        for entity in self.respawned.drain(..) {
            if let Ok(mut entity) = world.get_entity_mut(entity) {
                entity.insert(Rollback);
            }
        }
        world.resource_mut::<NetEntities>().set_mode(mode);
    }

    /// Despawns what was not there, and spawns what is not there any more.
    fn load_entities(&mut self, world: &mut World, slot: usize) {
        let kept = &self.slots[slot];
        let mut entities = world.resource_mut::<NetEntities>();
        if entities.iter().map(|(id, _)| id).eq(kept.ids.iter().copied()) {
            entities.tidy();
            let entries = entities.take();
            entities.put_back(entries, kept.next);
            return;
        }
        let stays = |id: NetEntity| kept.ids.binary_search(&id).is_ok();
        let gone: Vec<Entity> =
            entities.iter().filter(|&(id, _)| !stays(id)).map(|(_, entity)| entity).collect();
        for &entity in &gone {
            hierarchy::detach(world, entity, stays);
        }
        for entity in gone {
            world.try_despawn(entity).ok();
        }
        let live = world.resource_mut::<NetEntities>().take();
        let mut entries = Vec::with_capacity(kept.ids.len());
        for &id in &kept.ids {
            let place = live.binary_search_by_key(&id, |(id, _)| *id).ok();
            let entity = place.and_then(|place| live[place].1).unwrap_or_else(|| {
                let entity = world.spawn(NetId::restored(id)).id();
                self.respawned.push(entity);
                entity
            });
            entries.push((id, Some(entity)));
        }
        world.resource_mut::<NetEntities>().put_back(entries, kept.next);
    }

    fn order(&mut self, slot: usize) {
        self.hierarchy.order(slot);
        for column in &mut self.columns {
            column.order(slot);
        }
    }

    fn encode_slot(&self, slot: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let kept = &self.slots[slot];
        let mut section = Vec::new();
        let mut append = |section: &mut Vec<u8>| {
            varint::write(out, section.len() as u64);
            out.append(section);
            if out.len() > MAX_STATE { Err(CodecError::TooLong { limit: MAX_STATE }) } else { Ok(()) }
        };
        message::encode_into(&(kept.next, &kept.ids), &mut section, MAX_STATE)?;
        append(&mut section)?;
        self.hierarchy.encode(slot, &mut section)?;
        append(&mut section)?;
        for column in &self.columns {
            column.encode(slot, &mut section)?;
            append(&mut section)?;
        }
        Ok(())
    }

    fn decode_slot(&mut self, slot: usize, bytes: &[u8]) -> Result<(), CodecError> {
        if bytes.len() > MAX_STATE {
            return Err(CodecError::TooLong { limit: MAX_STATE });
        }
        let mut rest = bytes;
        let mut section = || {
            let length = varint::read(&mut rest)?;
            let length = usize::try_from(length).map_err(|_| CodecError::OutOfRange)?;
            let (section, after) = rest.split_at_checked(length).ok_or(CodecError::UnexpectedEnd)?;
            rest = after;
            Ok::<&[u8], CodecError>(section)
        };
        let (next, ids): (u32, Vec<NetEntity>) = message::decode(section()?, MAX_STATE)?;
        let in_order = ids.is_sorted_by(|one, other| one < other);
        if ids.len() > MAX_ENTITIES || !in_order || ids.last().is_some_and(|last| last.0 >= next) {
            return Err(CodecError::OutOfRange);
        }
        self.hierarchy.decode(slot, section()?, &ids)?;
        for column in &mut self.columns {
            column.decode(slot, section()?, &ids)?;
        }
        if !rest.is_empty() {
            return Err(CodecError::TrailingBytes { left: rest.len() });
        }
        (self.slots[slot].ids, self.slots[slot].next) = (ids, next);
        Ok(())
    }
}

/// A kept state as a session hashes it.
pub(crate) struct View<'a> {
    store: &'a Store,
    slot: usize,
}

impl Inspect for View<'_> {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        let Store { columns, hierarchy, slots, .. } = self.store;
        for (component, column) in (0..).map(ComponentId).zip(columns) {
            column.inspect(self.slot, component, sink);
        }
        let after = columns.len() as u16;
        hierarchy.inspect(self.slot, ComponentId(after), sink);
        // An entity without components shows only here.
        let kept = &slots[self.slot];
        let fold = |hash: i64, id: &NetEntity| hash.wrapping_mul(31).wrapping_add(id.0.into());
        sink.component(RESOURCES, ComponentId(after + 1));
        sink.field(kept.next.into());
        sink.field(kept.ids.len() as i64);
        sink.field(kept.ids.iter().fold(0, fold));
    }
}

/// Hands the fields of a value on to the session.
pub(crate) struct ToSink<'a>(pub(crate) &'a mut dyn FieldSink);

impl FieldVisitor for ToSink<'_> {
    #[inline]
    fn field(&mut self, value: i64, _: FieldKind) {
        self.0.field(value);
    }
}

/// A type's name without the modules: `Paddle`, `Option<Paddle>`.
pub(crate) fn short_name<T: ?Sized>() -> &'static str {
    let full = core::any::type_name::<T>();
    let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
    if full.chars().all(is_part) {
        return last_segment(full);
    }
    let mut short = String::new();
    for piece in full.split_inclusive(|character| !is_part(character)) {
        let end = piece
            .rfind(is_part)
            .map_or(0, |last| last + piece[last..].chars().next().map_or(0, char::len_utf8));
        short.push_str(last_segment(&piece[..end]));
        short.push_str(&piece[end..]);
    }
    // A name per registered type: as many as the program has.
    String::leak(short)
}

fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
