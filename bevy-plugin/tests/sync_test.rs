//! The sync test names what a game must not do.

use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::sync_test;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Steps {
    total: u32,
}

#[derive(Component, Clone, Serialize, Deserialize)]
struct Walker {
    place: u32,
}

/// Forgotten in the registry.
#[derive(Component, Default)]
struct Pace(u32);

#[derive(Resource, Default)]
struct Weather(u32);

fn spawn(mut commands: Commands) {
    for _ in 0..5 {
        commands.spawn((Rollback, Walker { place: 0 }, Pace::default()));
    }
}

#[test]
fn a_local_that_counts_replays_is_found() {
    fn walk(mut steps: ResMut<Steps>, mut count: Local<u32>) {
        *count += 1;
        steps.total += *count;
    }
    let desync = sync_test(
        2,
        60,
        |app| {
            app.rollback_resource::<Steps>().add_systems(NetUpdate, walk);
        },
        |_, _| 0_u8,
    );
    let text = desync.expect_err("it differs").to_string();
    assert!(text.contains("resource Steps.total: ours"), "{text}");
}

#[test]
fn a_forgotten_component_and_resource_are_suspected() {
    fn walk(mut walkers: Query<(&mut Walker, &mut Pace)>, mut weather: ResMut<Weather>) {
        weather.0 += 1;
        for (mut walker, mut pace) in &mut walkers {
            pace.0 += 1;
            walker.place += pace.0 + weather.0;
        }
    }
    let desync = sync_test(
        2,
        60,
        |app| {
            app.init_resource::<Weather>();
            app.rollback::<Walker>().add_systems(NetStart, spawn).add_systems(NetUpdate, walk);
        },
        |_, _| 0_u8,
    );
    let desync = desync.expect_err("it differs");
    assert_eq!(desync.suspects, ["Pace", "Weather"]);
    let text = desync.to_string();
    assert!(text.contains("entity 0 Walker.place: ours"), "{text}");
    assert!(text.contains("not registered for rollback: Pace, Weather"), "{text}");
}

#[test]
fn dependence_on_the_order_of_a_query_is_found_and_sorting_by_net_id_cures_it() {
    fn unsorted(mut walkers: Query<&mut Walker>) {
        for (turn, mut walker) in (0..).zip(&mut walkers) {
            walker.place += turn;
        }
    }
    fn sorted(mut walkers: Query<(&NetId, &mut Walker)>) {
        for (turn, (_, mut walker)) in (0..).zip(walkers.iter_mut().sort::<&NetId>()) {
            walker.place += turn;
        }
    }
    let test = |is_sorted: bool| {
        sync_test(
            2,
            60,
            |app| {
                app.rollback::<Walker>().add_systems(NetStart, spawn);
                match is_sorted {
                    true => app.add_systems(NetUpdate, sorted),
                    false => app.add_systems(NetUpdate, unsorted),
                };
            },
            |_, _| 0_u8,
        )
    };
    assert!(test(false).is_err());
    if let Err(desync) = test(true) {
        panic!("{desync}");
    }
}

/// A hash map goes by another order each time it is made.
#[test]
fn the_order_of_a_hash_map_is_found() {
    fn walk(mut walkers: Query<(&NetId, &mut Walker)>) {
        let by_id: HashMap<_, _> = walkers.iter_mut().collect();
        for (turn, mut walker) in (0..).zip(by_id.into_values()) {
            walker.place += turn;
        }
    }
    let desync = sync_test(
        2,
        60,
        |app| {
            app.rollback::<Walker>().add_systems(NetStart, spawn).add_systems(NetUpdate, walk);
        },
        |_, _| 0_u8,
    );
    let text = desync.expect_err("it differs").to_string();
    assert!(text.contains("Walker.place: ours"), "{text}");
}
