//! Which entities are rolled back, and their ids that are the same on every peer. It knows no components but its own.

use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::prelude::*;
use bevy_ecs::world::DeferredWorld;
use core::fmt;
use netcord::wire::NetEntity;

/// Makes an entity part of the match: spawned, changed, despawned and rolled back alike on every peer.
///
/// Spawn it in [`NetStart`](crate::NetStart) or [`NetUpdate`](crate::NetUpdate): only there do all peers do the same.
///
/// ```
/// # use bevy_ecs::prelude::*;
/// # use bevy_netcord::prelude::*;
/// # #[derive(Component)] struct Bullet;
/// fn shoot(mut commands: Commands) {
///     commands.spawn((Rollback, Bullet));
/// }
/// ```
#[derive(Component, Clone, Copy, Debug, Default)]
#[require(NetId)]
pub struct Rollback;

/// The id of an entity of the match: the same for the same spawn on every peer and in every replay, where Bevy's
/// [`Entity`] differs. It comes with [`Rollback`].
///
/// Components that name other entities name them by [`NetEntity`]; [`NetEntities`] finds the entity. Ids go by the order
/// of spawning, so `query.iter().sort::<&NetId>()` is an order that all peers agree on.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[component(on_add = assign, on_remove = forget, clone_behavior = Ignore)]
pub struct NetId(NetEntity);

/// What a [`NetId`] is before it is given.
const UNASSIGNED: NetEntity = NetEntity(u32::MAX);

impl NetId {
    /// An id that was given before: for an entity that comes back.
    pub(crate) const fn restored(entity: NetEntity) -> Self {
        Self(entity)
    }

    /// What other components store to name this entity.
    pub const fn entity(self) -> NetEntity {
        self.0
    }
}

impl Default for NetId {
    fn default() -> Self {
        Self(UNASSIGNED)
    }
}

impl fmt::Display for NetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Finds the entities of the match by their ids.
#[derive(Resource, Default)]
pub struct NetEntities {
    /// Sorted by id; `None` is despawned since the last [`tidy`](Self::tidy).
    entries: Vec<(NetEntity, Option<Entity>)>,
    has_gaps: bool,
    /// The id of the next spawn; part of the state that is rolled back.
    next: u32,
    mode: Mode,
}

/// Who is at work on the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The game, outside of the simulation.
    #[default]
    Outside,
    /// `NetStart` or `NetUpdate`.
    Simulating,
    /// The plugin, which keeps the entries itself.
    Restoring,
}

impl NetEntities {
    /// The entity with this id, if it is there.
    pub fn get(&self, entity: NetEntity) -> Option<Entity> {
        let place = self.entries.binary_search_by_key(&entity, |(id, _)| *id).ok()?;
        self.entries[place].1
    }

    /// How many entities are in the match.
    pub fn len(&self) -> usize {
        self.entries.iter().filter(|(_, entity)| entity.is_some()).count()
    }

    /// Whether no entity is in the match.
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(|(_, entity)| entity.is_none())
    }

    /// All entities of the match, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (NetEntity, Entity)> + '_ {
        self.entries.iter().filter_map(|&(id, entity)| Some((id, entity?)))
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    /// Drops the places of what was despawned.
    pub(crate) fn tidy(&mut self) {
        if core::mem::take(&mut self.has_gaps) {
            self.entries.retain(|(_, entity)| entity.is_some());
        }
    }

    /// Takes the entries to rewrite them; [`put_back`](Self::put_back) returns them.
    pub(crate) fn take(&mut self) -> Vec<(NetEntity, Option<Entity>)> {
        self.tidy();
        core::mem::take(&mut self.entries)
    }

    /// `entries` are sorted by id, all below `next`.
    pub(crate) fn put_back(&mut self, entries: Vec<(NetEntity, Option<Entity>)>, next: u32) {
        (self.entries, self.next) = (entries, next);
    }

    fn allocate(&mut self, entity: Entity) -> NetEntity {
        let id = NetEntity(self.next);
        self.next += 1;
        self.entries.push((id, Some(entity)));
        id
    }

    fn remove(&mut self, id: NetEntity, entity: Entity) {
        if let Ok(place) = self.entries.binary_search_by_key(&id, |(id, _)| *id)
            && self.entries[place].1 == Some(entity)
        {
            self.entries[place].1 = None;
            self.has_gaps = true;
        }
    }
}

fn assign(mut world: DeferredWorld<'_>, HookContext { entity, .. }: HookContext) {
    let Some(mut entities) = world.get_resource_mut::<NetEntities>() else {
        tracing::error!(
            "Rollback was added to {entity}, but there is no match: add `NetcordPlugins` to the app"
        );
        return;
    };
    match entities.mode() {
        Mode::Restoring => {}
        Mode::Simulating => {
            let id = entities.allocate(entity);
            if let Some(mut net_id) = world.get_mut::<NetId>(entity) {
                *net_id = NetId(id);
            }
        }
        Mode::Outside => tracing::error!(
            "Rollback was added to {entity} outside of the simulation, so it is not part of the match: \
             spawn it in NetStart or NetUpdate, where all peers do the same"
        ),
    }
}

fn forget(mut world: DeferredWorld<'_>, HookContext { entity, .. }: HookContext) {
    let Some(&NetId(id)) = world.get::<NetId>(entity) else { return };
    let Some(mut entities) = world.get_resource_mut::<NetEntities>() else { return };
    entities.remove(id, entity);
    if entities.mode() == Mode::Outside && id != UNASSIGNED {
        tracing::error!(
            "{id} was despawned outside of the simulation, which the other peers did not do: despawn it in NetUpdate"
        );
    }
}
