//! Parents, children and their order are rolled back.

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::sync_test;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Part {
    /// What it read off its children, in their order.
    memory: u64,
}

/// A child that is no part of the match.
#[derive(Component)]
struct Decoration;

fn game(app: &mut App) {
    app.rollback::<Part>()
        .add_systems(NetStart, |mut commands: Commands| {
            for _ in 0..8 {
                commands.spawn((Rollback, Part { memory: 0 })).with_child(Decoration);
            }
        })
        .add_systems(NetUpdate, (orphans, rebuild, remember).chain());
}

fn orphans(decorations: Query<Option<&ChildOf>, With<Decoration>>, parts: Query<&Part>) {
    let has_parent = |of: Option<&ChildOf>| of.is_some_and(|of| parts.contains(of.parent()));
    assert!(decorations.iter().all(has_parent), "what is no part of the match goes with its parent");
}

fn rebuild(
    mut commands: Commands,
    parts: Query<(Entity, &NetId, Option<&ChildOf>), With<Part>>,
    inputs: Res<PlayerInputs<u8>>,
    time: Res<NetTime>,
) {
    let mut rng =
        GameRng::new(inputs.iter().fold(time.tick.0.into(), |seed, (_, input)| seed * 31 + u64::from(input)));
    let parts: Vec<_> =
        parts.iter().sort::<&NetId>().map(|(entity, _, parent)| (entity, parent.is_some())).collect();
    let mut any = || parts[rng.below(parts.len() as u32) as usize];
    let ((one, has_parent), (other, _)) = (any(), any());
    match rng.below(6) {
        0 if has_parent => {
            commands.entity(one).remove::<ChildOf>();
        }
        // Under a part without a parent there is no circle.
        1 | 2 if one != other => commands.queue(move |world: &mut World| {
            let is_root = world.get::<ChildOf>(other).is_none();
            let is_leaf = world
                .get::<Children>(one)
                .is_none_or(|children| children.iter().all(|child| world.get::<Part>(child).is_none()));
            if is_root && is_leaf {
                world.entity_mut(one).insert(ChildOf(other));
            }
        }),
        3 => {
            commands.spawn((Rollback, Part { memory: 1 }, ChildOf(one))).with_child(Decoration);
        }
        // Takes all that is below with it.
        4 if parts.len() > 5 => commands.entity(one).despawn(),
        _ => {}
    }
}

fn remember(mut parts: Query<(&mut Part, &Children)>, ids: Query<&NetId>) {
    for (mut part, children) in &mut parts {
        for id in children.iter().filter_map(|child| ids.get(child).ok()) {
            part.memory = part.memory.wrapping_mul(31).wrapping_add(id.entity().0.into());
        }
    }
}

#[test]
fn a_hierarchy_that_is_rebuilt_all_the_time_comes_back() {
    for seed in 0..10 {
        let mut rng = GameRng::new(seed);
        if let Err(desync) = sync_test(2, 200, game, |_, _| rng.below(16) as u8) {
            panic!("seed {seed}: {desync}");
        }
    }
}

#[test]
fn what_hangs_on_an_entity_of_the_match_without_being_part_of_it_stays_there() {
    fn turn(mut parts: Query<&mut Part>) {
        parts.iter_mut().for_each(|mut part| part.memory += 1);
    }
    fn count(children: Query<&ChildOf, With<Decoration>>, parts: Query<&Part>) {
        assert_eq!(children.iter().filter(|of| parts.contains(of.parent())).count(), 8);
    }
    let result = sync_test(
        1,
        100,
        |app| {
            app.rollback::<Part>()
                .add_systems(NetStart, |mut commands: Commands| {
                    for _ in 0..8 {
                        commands.spawn((Rollback, Part { memory: 0 })).with_child(Decoration);
                    }
                })
                .add_systems(NetUpdate, (turn, count).chain());
        },
        |_, _| 0_u8,
    );
    assert!(result.is_ok());
}
