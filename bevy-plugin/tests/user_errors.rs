//! What users do wrong gets a message that says what to do.

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use bevy_netcord::MatchError;
use bevy_netcord::prelude::*;
use bevy_time::TimeUpdateStrategy;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Ball(i32);

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Score(u32);

fn app() -> App {
    let mut app = App::new();
    app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("errors")))
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(17)))
        .rollback::<Ball>()
        .rollback_resource::<Score>();
    app
}

/// What the newest failure says.
fn failure(app: &mut App) -> Option<String> {
    let mut events = app.world_mut().resource_mut::<Messages<MatchEvent>>();
    let failures = events.drain().filter_map(|event| match event {
        MatchEvent::Failed(error) => Some(error.to_string()),
        _ => None,
    });
    failures.last()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What `run` logs.
fn logged(run: impl FnOnce()) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    tracing::subscriber::with_default(subscriber, run);
    let bytes = log.0.lock().expect("one thread").clone();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = UdpSocket::bind("0.0.0.0:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    let mut app = app();
    app.world_mut().commands().host_match(HostOptions::new().with_port(port));
    app.update();
    let text = failure(&mut app).expect("it fails");
    assert!(text.contains("can't bind UDP") && text.contains(&port.to_string()), "{text}");
    assert!(text.contains("close the other program") && text.contains("port 0"), "{text}");
}

#[test]
fn a_code_that_is_none_is_told_and_another_can_be_tried() {
    let mut app = app();
    for code in ["", "HELLO WORLD", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"] {
        app.world_mut().commands().join_match(code);
        app.update();
        let text = failure(&mut app).expect("it fails");
        assert!(text.contains(&format!("`{code}` is no invite code")), "{text}");
    }
    app.world_mut().commands().local_match(1);
    app.update();
    assert_eq!(failure(&mut app), None);
}

#[test]
fn a_second_match_is_refused_until_the_first_is_left() {
    let mut app = app();
    app.world_mut().commands().host_match(HostOptions::new());
    app.update();
    app.world_mut().commands().local_match(2);
    app.update();
    assert_eq!(failure(&mut app), Some(MatchError::AlreadyInMatch.to_string()));
    app.world_mut().commands().leave_match();
    app.world_mut().commands().local_match(2);
    app.update();
    assert_eq!(failure(&mut app), None);
}

#[test]
fn numbers_of_players_out_of_range_are_refused() {
    let mut app = app();
    for (players, range) in [(1, "2 to 8"), (9, "2 to 8")] {
        app.world_mut().commands().host_match(HostOptions::new().with_players(players));
        app.update();
        assert!(failure(&mut app).is_some_and(|text| text.contains(range)));
    }
    app.world_mut().commands().local_match(0);
    app.update();
    assert!(failure(&mut app).is_some_and(|text| text.contains("1 to 8")));
}

#[test]
#[should_panic(expected = "Ball is registered for rollback twice: keep one of the calls")]
fn a_component_is_registered_once() {
    app().rollback::<Ball>();
}

#[test]
#[should_panic(expected = "register it where the app is built, before `run`")]
fn what_is_registered_is_settled_when_a_match_begins() {
    #[derive(Component, Clone, Serialize, Deserialize)]
    struct Late;
    let mut app = app();
    app.world_mut().commands().local_match(1);
    app.update();
    app.rollback::<Late>();
}

#[test]
#[should_panic(expected = "added twice, for the inputs `u8` and `u16`")]
fn an_app_has_one_kind_of_input() {
    app().add_plugins(NetcordPlugins::p2p::<u16>(NetConfig::new("errors")));
}

#[test]
fn a_system_in_the_wrong_schedule_is_warned_of_once() {
    let text = logged(|| {
        let mut app = app();
        app.add_systems(NetStart, |mut commands: Commands| {
            commands.spawn((Rollback, Ball(0)));
        })
        .add_systems(Update, |mut balls: Query<&mut Ball>| balls.iter_mut().for_each(|mut ball| ball.0 += 1));
        app.world_mut().commands().local_match(1);
        (0..20).for_each(|_| app.update());
    });
    assert_eq!(
        text.matches("Ball is registered for rollback but was written outside of NetUpdate").count(),
        1,
        "{text}"
    );
    assert!(!text.contains("Score is registered"), "{text}");
}

#[test]
fn a_spawn_outside_of_the_simulation_is_told() {
    let text = logged(|| {
        let mut app = app();
        app.world_mut().spawn((Rollback, Ball(0)));
    });
    assert!(text.contains("spawn it in NetStart or NetUpdate"), "{text}");
}

#[test]
fn who_never_sets_an_input_is_told_how() {
    let text = logged(|| {
        let mut app = app();
        app.world_mut().commands().local_match(1);
        (0..200).for_each(|_| app.update());
    });
    assert!(text.contains("add a system to NetInput that reads the keys"), "{text}");

    let text = logged(|| {
        let mut app = app();
        app.add_systems(NetInput, |mut input: ResMut<LocalInput<u8>>| input.0 = 0);
        app.world_mut().commands().local_match(1);
        (0..200).for_each(|_| app.update());
    });
    assert!(!text.contains("NetInput"), "{text}");
}

#[test]
fn a_match_without_the_plugin_is_told() {
    let text = logged(|| {
        let mut app = App::new();
        app.world_mut().commands().host_match(HostOptions::new());
        app.update();
    });
    assert!(text.contains("add `NetcordPlugins::p2p::<YourInput>(..)` to the app"), "{text}");
}

#[test]
fn who_registers_other_components_is_refused_by_name() {
    #[derive(Component, Clone, Serialize, Deserialize)]
    struct Bat(u8);
    let mut players = 0;
    let text = logged(|| {
        let mut game = bevy_netcord::testing::TestMatch::<u8>::new(2, Default::default(), 1, |app| {
            players += 1;
            match players {
                1 => app.rollback::<Ball>().rollback::<Bat>(),
                _ => app.rollback::<Bat>().rollback::<Ball>(),
            };
        });
        game.frames(60);
        assert_eq!((game.state(0), game.state(1)), (MatchState::Waiting, MatchState::Idle));
    });
    let list = "the peer runs another list of rollback components and resources";
    assert!(text.contains(&format!("{list}: component Bat: Bat here, Ball there")), "{text}");
}

#[test]
fn a_forgotten_component_is_named_on_both_peers_when_it_causes_a_desync() {
    /// Steers the ball, and is not registered: its replays count, too.
    #[derive(Component, Default)]
    struct Wind(i32);
    let conditions = "latency=60ms".parse().expect("conditions");
    let mut game = bevy_netcord::testing::TestMatch::<u8>::new(2, conditions, 1, |app| {
        app.rollback::<Ball>()
            .add_systems(NetStart, |mut commands: Commands| {
                commands.spawn((Rollback, Ball(0), Wind::default()));
            })
            .add_systems(
                NetUpdate,
                |mut balls: Query<(&mut Ball, &mut Wind)>, inputs: Res<PlayerInputs<u8>>| {
                    for (mut ball, mut wind) in &mut balls {
                        wind.0 += 1;
                        ball.0 += wind.0 * inputs.iter().map(|(_, input)| i32::from(input)).sum::<i32>();
                    }
                },
            );
    });
    game.run_until_playing();
    let mut rng = GameRng::new(1);
    while game.desyncs(0).is_empty() || game.desyncs(1).is_empty() {
        game.set_input(0, rng.below(3) as u8);
        game.set_input(1, rng.below(3) as u8);
        game.frame();
        assert!(game.stats(0).current_tick.0 < 1_200, "no desync was found");
    }
    for player in 0..2 {
        let desync = &game.desyncs(player)[0];
        assert_eq!(desync.suspects, ["Wind"], "{desync}");
        assert!(desync.to_string().contains("not registered for rollback: Wind"), "{desync}");
    }
}
