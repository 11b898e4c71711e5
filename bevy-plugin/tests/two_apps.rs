//! Two apps over a bad network play the same match.

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use bevy_state::state::State;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Paddle {
    player: u8,
    y: i32,
}

#[derive(Component, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Shot {
    x: i32,
    left: u8,
}

#[derive(Resource, Clone, Debug, Default, Serialize, Deserialize)]
struct Score([u32; 2]);

fn game(app: &mut App) {
    app.rollback::<Paddle>()
        .rollback::<Shot>()
        .rollback_resource::<Score>()
        .add_systems(NetStart, spawn)
        .add_systems(NetUpdate, (steer, shoot, fly).chain());
}

fn spawn(mut commands: Commands, current: Res<Match>) {
    for player in 0..current.players as u8 {
        commands.spawn((Rollback, Paddle { player, y: 0 }));
    }
}

fn steer(mut paddles: Query<&mut Paddle>, inputs: Res<PlayerInputs<u8>>) {
    for mut paddle in &mut paddles {
        let keys = inputs.get(PlayerIndex(paddle.player));
        paddle.y += i32::from(keys & 1) - i32::from(keys >> 1 & 1);
    }
}

fn shoot(mut commands: Commands, paddles: Query<&Paddle>, inputs: Res<PlayerInputs<u8>>) {
    for paddle in &paddles {
        if inputs.get(PlayerIndex(paddle.player)) & 4 != 0 {
            commands.spawn((Rollback, Shot { x: paddle.y, left: 20 }));
        }
    }
}

fn fly(mut commands: Commands, mut shots: Query<(Entity, &mut Shot)>, mut score: ResMut<Score>) {
    for (entity, mut shot) in &mut shots {
        shot.x += 3;
        shot.left -= 1;
        if shot.left == 0 {
            score.0[(shot.x & 1) as usize] += 1;
            commands.entity(entity).despawn();
        }
    }
}

#[test]
fn two_apps_in_the_lab_have_equal_states() {
    let conditions = "latency=60ms,jitter=20ms,loss=5%".parse().expect("conditions");
    let mut game = TestMatch::<u8>::new(2, conditions, 7, game);
    game.run_until_playing();
    let mut rng = GameRng::new(3);
    for _ in 0..120 {
        for player in 0..2 {
            game.set_input(player, rng.below(8) as u8);
        }
        game.frames(5);
    }
    game.assert_equal();
    let (stats, score) = (game.stats(0), game.world(0).resource::<Score>().clone());
    assert!(stats.rollbacks > 20 && stats.max_rollback > 2, "{stats:?}");
    assert!(stats.confirmed_ticks > 500, "{stats:?}");
    assert!(score.0.iter().sum::<u32>() > 50, "{score:?}");
}

/// One frame of a machine on the real network stack; the clock is simulated all the same.
fn app_on_udp() -> App {
    let mut app = App::new();
    app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("udp")));
    app.insert_resource(bevy_time::TimeUpdateStrategy::ManualDuration(core::time::Duration::from_millis(16)));
    game(&mut app);
    app
}

#[derive(Resource, Default)]
struct Seen {
    code: Option<String>,
    desyncs: usize,
}

fn watch(mut events: MessageReader<MatchEvent>, mut seen: ResMut<Seen>) {
    for event in events.read() {
        match event {
            MatchEvent::InviteReady { code, .. } => seen.code = Some(code.to_string()),
            MatchEvent::Desync(_) => seen.desyncs += 1,
            _ => {}
        }
    }
}

#[test]
fn two_apps_meet_over_udp_by_an_invite_code() {
    let mut apps = [app_on_udp(), app_on_udp()];
    for app in &mut apps {
        app.init_resource::<Seen>().add_systems(bevy_app::Update, watch);
    }
    apps[0].world_mut().commands().host_match(HostOptions::new().with_seed(5));
    apps[0].update();
    let code = apps[0].world().resource::<Seen>().code.clone().expect("an invite");
    apps[1].world_mut().commands().join_match(code);
    // Datagrams on one machine take no time, so as many frames as ticks, and some for the handshake, are enough.
    for frame in 0..600 {
        for app in &mut apps {
            app.world_mut().resource_mut::<LocalInput<u8>>().0 = if frame % 7 < 3 { 5 } else { 2 };
            app.update();
        }
    }
    for app in &apps {
        assert_eq!(*app.world().resource::<State<MatchState>>().get(), MatchState::Playing);
        assert_eq!(app.world().resource::<Seen>().desyncs, 0);
        assert!(app.world().resource::<NetTime>().tick.0 > 300);
    }
}
