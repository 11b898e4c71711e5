//! An effect is told once, however often its tick is replayed; one that did not happen is taken back.

use bevy_app::Update;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
struct Shot(u8);

#[derive(Clone, Debug, PartialEq)]
struct Goal(u8);

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Count(u32);

/// What was heard, by tick and key.
#[derive(Resource, Default)]
struct Heard {
    shots: BTreeMap<(u32, u32), i32>,
    goals: BTreeMap<(u32, u32), i32>,
    cancelled: u32,
}

fn shoot(
    inputs: Res<PlayerInputs<u8>>,
    mut shots: EffectWriter<Shot>,
    mut goals: EffectWriter<Goal>,
    mut count: ResMut<Count>,
) {
    for (player, keys) in inputs.iter().filter(|(_, keys)| keys & 1 != 0) {
        count.0 += 1;
        shots.play(player.0.into(), Shot(keys));
        goals.play_confirmed(player.0.into(), Goal(keys));
    }
}

fn hear(
    mut shots: MessageReader<Effect<Shot>>,
    mut goals: MessageReader<Effect<Goal>>,
    mut heard: ResMut<Heard>,
) {
    for shot in shots.read() {
        match shot {
            Effect::Play { tick, key, .. } => *heard.shots.entry((tick.0, *key)).or_default() += 1,
            Effect::Cancelled { tick, key, .. } => {
                *heard.shots.entry((tick.0, *key)).or_default() -= 1;
                heard.cancelled += 1;
            }
        }
    }
    for goal in goals.read() {
        let Effect::Play { tick, key, .. } = goal else { panic!("what is confirmed is not taken back") };
        *heard.goals.entry((tick.0, *key)).or_default() += 1;
    }
}

#[test]
fn effects_are_told_once_and_wrong_ones_are_taken_back() {
    let conditions = "latency=60ms,jitter=10ms".parse().expect("conditions");
    let mut game = TestMatch::<u8>::new(2, conditions, 3, |app| {
        app.add_effect::<Shot>()
            .add_effect::<Goal>()
            .rollback_resource::<Count>()
            .init_resource::<Heard>()
            .add_systems(NetUpdate, shoot)
            .add_systems(Update, hear);
    });
    game.run_until_playing();
    let mut rng = GameRng::new(4);
    for _ in 0..150 {
        game.set_input(0, rng.below(2) as u8);
        game.set_input(1, rng.below(2) as u8);
        game.frames(1 + rng.below(3) as usize);
    }
    // Nothing more happens, and all becomes final.
    game.set_input(0, 0);
    game.set_input(1, 0);
    game.frames(60);
    game.assert_equal();
    let counted = game.world(0).resource::<Count>().0;
    for player in 0..2 {
        let heard = game.world(player).resource::<Heard>();
        assert!(heard.cancelled > 5, "a wrong guess was heard and taken back");
        assert!(heard.shots.values().chain(heard.goals.values()).all(|&times| (0..=1).contains(&times)));
        let shots: Vec<_> = heard.shots.iter().filter(|(_, times)| **times == 1).map(|(at, _)| at).collect();
        assert!(shots.iter().copied().eq(heard.goals.keys()), "both tell the same in the end");
        assert_eq!(shots.len() as u32, counted);
    }
}

#[test]
fn a_local_match_confirms_effects_at_once() {
    let mut app = bevy_app::App::new();
    app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("local")))
        .insert_resource(bevy_time::TimeUpdateStrategy::ManualDuration(core::time::Duration::from_millis(17)))
        .add_effect::<Shot>()
        .add_effect::<Goal>()
        .rollback_resource::<Count>()
        .init_resource::<Heard>()
        .add_systems(NetUpdate, shoot)
        .add_systems(Update, hear);
    app.world_mut().resource_mut::<LocalInputs<u8>>().set(PlayerIndex(1), 1);
    app.world_mut().commands().local_match(2);
    (0..30).for_each(|_| app.update());
    let (count, heard) = (app.world().resource::<Count>().0, app.world().resource::<Heard>());
    assert!(count > 20 && heard.goals.len() == count as usize && heard.shots.len() == count as usize);
}
