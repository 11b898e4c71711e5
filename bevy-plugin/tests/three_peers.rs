//! Three peers over a bad network: spawns and despawns in replayed ticks, one peer dropping out in the middle of the
//! window and coming back, and every query in another order each time.

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use core::time::Duration;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Tank {
    player: u8,
    at: i32,
}

#[derive(Component, Clone, Serialize, Deserialize)]
struct Shell {
    by: NetEntity,
    at: i32,
    left: u8,
}

#[derive(Component, Clone, Serialize, Deserialize)]
struct Shield(u8);

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Tally {
    hits: [u32; 3],
    gone: u32,
}

fn game(app: &mut App) {
    app.rollback::<Tank>()
        .rollback::<Shell>()
        .rollback::<Shield>()
        .rollback_resource::<Tally>()
        .add_systems(NetStart, |mut commands: Commands, current: Res<Match>| {
            for player in 0..current.players as u8 {
                commands.spawn((Rollback, Tank { player, at: i32::from(player) * 50 }));
            }
        })
        .add_systems(NetUpdate, (drive, fire, fly).chain());
}

fn drive(
    mut commands: Commands,
    mut tanks: Query<(Entity, &mut Tank, Option<&mut Shield>)>,
    inputs: Res<PlayerInputs<u8>>,
    mut tally: ResMut<Tally>,
) {
    for (entity, mut tank, shield) in &mut tanks {
        let player = PlayerIndex(tank.player);
        let keys = inputs.get(player);
        tank.at += i32::from(keys & 1) - i32::from(keys >> 1 & 1);
        tally.gone += u32::from(inputs.status(player) == InputStatus::Disconnected);
        match shield {
            Some(mut shield) if keys & 8 != 0 => shield.0 = shield.0.wrapping_add(1),
            Some(_) => {
                commands.entity(entity).remove::<Shield>();
            }
            None if keys & 8 != 0 => {
                commands.entity(entity).insert(Shield(0));
            }
            None => {}
        }
    }
}

fn fire(mut commands: Commands, tanks: Query<(&NetId, &Tank)>, inputs: Res<PlayerInputs<u8>>) {
    for (id, tank) in tanks.iter().sort::<&NetId>() {
        if inputs.get(PlayerIndex(tank.player)) & 4 != 0 {
            commands.spawn((Rollback, Shell { by: id.entity(), at: tank.at, left: 8 }));
        }
    }
}

fn fly(
    mut commands: Commands,
    mut shells: Query<(Entity, &mut Shell)>,
    tanks: Query<&Tank>,
    entities: Res<NetEntities>,
    mut tally: ResMut<Tally>,
) {
    for (entity, mut shell) in &mut shells {
        shell.at += 5;
        shell.left -= 1;
        let hit = tanks.iter().any(|tank| (tank.at - shell.at).abs() < 3);
        if hit || shell.left == 0 {
            let by = entities.get(shell.by).and_then(|by| tanks.get(by).ok()).map_or(0, |tank| tank.player);
            tally.hits[usize::from(by)] += u32::from(hit);
            commands.entity(entity).despawn();
        }
    }
}

fn play(game: &mut TestMatch<u8>, rng: &mut GameRng, turns: u32) {
    for _ in 0..turns {
        for player in 0..3 {
            game.set_input(player, rng.below(16) as u8);
        }
        game.frames(1 + rng.below(5) as usize);
    }
}

#[test]
fn three_peers_have_equal_states_though_one_drops_out_and_comes_back() {
    for seed in 0..4 {
        let conditions = "latency=50ms,jitter=15ms,loss=4%".parse().expect("conditions");
        let config = NetConfig::new("tanks").with_drop_after(Duration::from_secs(2));
        let mut game = TestMatch::<u8>::with_config(3, conditions, seed, config, game);
        game.shuffle();
        game.run_until_playing();
        let mut rng = GameRng::new(seed);
        play(&mut game, &mut rng, 100);
        game.assert_equal();
        assert!(game.stats(0).rollbacks > 50 && game.stats(1).max_rollback > 2, "{:?}", game.stats(1));

        // In the middle of a burst of shots, of which the others know some.
        game.cut(2);
        play(&mut game, &mut rng, 250);
        assert_eq!(
            [game.state(0), game.state(1)],
            [MatchState::Playing; 2],
            "seed {seed}: {:#?}",
            game.log(0)
        );
        game.assert_equal();
        assert!(game.world(0).resource::<Tally>().gone > 50);

        game.heal();
        play(&mut game, &mut rng, 300);
        assert_eq!(game.state(2), MatchState::Playing, "seed {seed}: {:#?}", game.log(2));
        let gone = game.world(0).resource::<Tally>().gone;
        play(&mut game, &mut rng, 50);
        assert_eq!(game.world(0).resource::<Tally>().gone, gone, "the third takes part again");
        game.assert_equal();
        let (tick, hashes) = game.confirmed().expect("confirmed");
        assert!(hashes.len() == 3 && tick.0 > 1_500, "{tick:?}: {hashes:?}");
        assert!(game.world(2).resource::<Tally>().hits.iter().sum::<u32>() > 5);
    }
}
