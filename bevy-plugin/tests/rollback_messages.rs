//! Messages between systems of the simulation live for the rest of their tick.

use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::sync_test;
use serde::{Deserialize, Serialize};

#[derive(Message)]
struct Hit(u32);

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Damage {
    total: u32,
    early: u32,
}

fn too_early(mut hits: MessageReader<Hit>, mut damage: ResMut<Damage>) {
    damage.early += hits.read().count() as u32;
}

fn hit(mut hits: MessageWriter<Hit>, inputs: Res<PlayerInputs<u8>>) {
    for (player, input) in inputs.iter().filter(|(_, input)| *input > 2) {
        hits.write(Hit(u32::from(input) + u32::from(player.0)));
    }
}

fn count(mut hits: MessageReader<Hit>, mut damage: ResMut<Damage>) {
    damage.total += hits.read().map(|hit| hit.0).sum::<u32>();
}

fn check(damage: Res<Damage>, time: Res<NetTime>) {
    assert_eq!(damage.early, 0, "a message is gone with its tick");
    assert!(time.tick.0 < 50 || damage.total > 50);
}

#[test]
fn a_message_is_read_once_in_its_tick_and_in_each_replay_of_it() {
    let mut rng = GameRng::new(2);
    let result = sync_test(
        2,
        200,
        |app| {
            app.rollback_message::<Hit>()
                .rollback_resource::<Damage>()
                .add_systems(NetUpdate, (too_early, hit, count, check).chain());
        },
        |_, _| rng.below(6) as u8,
    );
    if let Err(desync) = result {
        panic!("{desync}");
    }
}

#[test]
fn a_message_that_is_not_registered_is_seen_again_in_each_replay() {
    let mut rng = GameRng::new(2);
    let result = sync_test(
        2,
        200,
        |app| {
            app.add_message::<Hit>()
                .rollback_resource::<Damage>()
                // The reader is first: it has only what its cursor has not seen yet, of whichever run of a tick.
                .add_systems(NetUpdate, (count, hit).chain());
        },
        |_, _| rng.below(6) as u8,
    );
    let text = result.expect_err("it differs").to_string();
    assert!(text.contains("resource Damage.total"), "{text}");
}
