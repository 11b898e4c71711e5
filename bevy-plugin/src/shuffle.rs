//! Changes the order in which queries find the entities of the match, and nothing else: for tests, since no game may
//! depend on that order.

use crate::identity::NetEntities;
use bevy_ecs::prelude::*;
use netcord::wire::GameRng;

/// Taken on and off again, which moves an entity to the end of its table.
#[derive(Component)]
struct Moved;

/// Brings all entities of the match into another order, which follows from `seed`.
pub(crate) fn shuffle(world: &mut World, seed: u64) {
    let mut rng = GameRng::new(seed);
    let mut entities: Vec<Entity> =
        world.resource::<NetEntities>().iter().map(|(_, entity)| entity).collect();
    for last in (1..entities.len()).rev() {
        entities.swap(last, rng.below(last as u32 + 1) as usize);
    }
    for &entity in &entities {
        world.entity_mut(entity).insert(Moved);
    }
    for &entity in &entities {
        world.entity_mut(entity).remove::<Moved>();
    }
}
