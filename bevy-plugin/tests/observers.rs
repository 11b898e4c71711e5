//! Observers run again in replays, and for entities that come back.

use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::sync_test;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Bomb {
    fuse: u8,
}

#[derive(Component, Clone, Serialize, Deserialize)]
struct Loud(u8);

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Craters(u32);

#[derive(EntityEvent)]
struct Explode(Entity);

/// What an observer saw of an entity that is added.
#[derive(Resource, Default)]
struct Additions {
    whole: u32,
    in_part: u32,
}

fn drop_bomb(mut commands: Commands, time: Res<NetTime>) {
    if time.tick.0.is_multiple_of(5) {
        commands.spawn((Rollback, Bomb { fuse: 4 }, Loud(3)));
    }
}

fn burn(mut commands: Commands, mut bombs: Query<(Entity, &mut Bomb)>) {
    for (entity, mut bomb) in &mut bombs {
        bomb.fuse -= 1;
        if bomb.fuse == 0 {
            commands.trigger(Explode(entity));
        }
    }
}

fn explode(bomb: On<Explode>, mut commands: Commands, mut craters: ResMut<Craters>) {
    craters.0 += 1;
    commands.entity(bomb.0).despawn();
}

#[test]
fn an_observer_of_the_rules_may_change_what_is_rolled_back() {
    let result = sync_test(
        1,
        200,
        |app| {
            app.rollback::<Bomb>()
                .rollback::<Loud>()
                .rollback_resource::<Craters>()
                .add_systems(NetUpdate, (drop_bomb, burn).chain())
                .add_observer(explode);
        },
        |_, _| 0_u8,
    );
    if let Err(desync) = result {
        panic!("{desync}");
    }
}

#[test]
fn who_observes_rollback_sees_all_components_of_an_entity_that_comes_back() {
    fn see(added: On<Add<Rollback>>, bombs: Query<(&Bomb, &Loud)>, mut additions: ResMut<Additions>) {
        match bombs.contains(added.entity) {
            true => additions.whole += 1,
            false => additions.in_part += 1,
        }
    }
    fn check(additions: Res<Additions>, time: Res<NetTime>) {
        // Each bomb is spawned once by its tick, and comes back when a tick before its end is gone back to.
        assert!(additions.in_part == 0 && (time.tick.0 < 60 || additions.whole > 20));
    }
    let result = sync_test(
        1,
        200,
        |app| {
            app.rollback::<Bomb>()
                .rollback::<Loud>()
                .rollback_resource::<Craters>()
                .init_resource::<Additions>()
                .add_systems(NetUpdate, (drop_bomb, burn, check).chain())
                .add_observer(explode)
                .add_observer(see);
        },
        |_, _| 0_u8,
    );
    assert!(result.is_ok());
}
