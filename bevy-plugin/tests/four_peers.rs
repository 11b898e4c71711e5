//! Four players and one who watches: an invite for each seat, who is missing is told, a seat that was left is taken
//! again, and all have equal states.

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use bevy_netcord::{Connection, Seat};
use core::time::Duration;
use serde::{Deserialize, Serialize};

#[derive(Component, Clone, Serialize, Deserialize)]
struct Runner {
    player: u8,
    meters: u32,
    absent: u32,
}

#[derive(Component, Clone, Serialize, Deserialize)]
struct Footprint(u8);

fn game(app: &mut App) {
    app.rollback::<Runner>()
        .rollback::<Footprint>()
        .add_systems(NetStart, line_up)
        .add_systems(NetUpdate, (run, fade).chain());
}

fn line_up(mut commands: Commands, current: Res<Match>) {
    for player in 0..current.players as u8 {
        commands.spawn((Rollback, Runner { player, meters: 0, absent: 0 }));
    }
}

fn run(mut commands: Commands, mut runners: Query<&mut Runner>, inputs: Res<PlayerInputs<u8>>) {
    for mut runner in runners.iter_mut() {
        let player = PlayerIndex(runner.player);
        runner.meters += u32::from(inputs.get(player));
        runner.absent += u32::from(inputs.status(player) == InputStatus::Disconnected);
        if inputs.get(player) == 3 {
            commands.spawn((Rollback, Footprint(20)));
        }
    }
}

fn fade(mut commands: Commands, mut footprints: Query<(Entity, &mut Footprint)>) {
    for (entity, mut footprint) in &mut footprints {
        footprint.0 -= 1;
        if footprint.0 == 0 {
            commands.entity(entity).despawn();
        }
    }
}

const PLAYERS: usize = 4;
const WATCHER: usize = 4;

fn open(seed: u64) -> TestMatch<u8> {
    let conditions = "latency=40ms,jitter=10ms,loss=3%".parse().expect("conditions");
    let config = NetConfig::new("four").with_drop_after(Duration::from_secs(1));
    let mut game = TestMatch::idle(5, conditions, seed, config, game);
    game.open_with(HostOptions::new().with_players(PLAYERS).with_spectators(1).with_seed(seed));
    game
}

fn play(game: &mut TestMatch<u8>, rng: &mut GameRng, turns: u32) {
    for _ in 0..turns {
        for player in 0..PLAYERS {
            game.set_input(player, rng.below(4) as u8);
        }
        game.frames(1 + rng.below(5) as usize);
    }
}

fn absent(game: &mut TestMatch<u8>, on: usize) -> Vec<u32> {
    let world = game.world(on);
    let mut runners: Vec<_> = world.query::<&Runner>().iter(world).cloned().collect();
    runners.sort_by_key(|runner| runner.player);
    runners.iter().map(|runner| runner.absent).collect()
}

fn was_told(game: &TestMatch<u8>, on: usize, event: &str) -> bool {
    game.log(on).iter().any(|told| told.starts_with(event))
}

#[test]
fn a_player_leaves_and_comes_back_while_one_watches() {
    for seed in 0..2 {
        let mut game = open(seed);
        let seats: Vec<_> = game.invites(0).iter().map(|(_, seat)| *seat).collect();
        assert_eq!(seats, [Seat::Player, Seat::Player, Seat::Player, Seat::Spectator]);
        game.run_until_playing();
        let mut rng = GameRng::new(seed);
        play(&mut game, &mut rng, 60);
        assert_eq!(game.world(WATCHER).resource::<Match>().local, None);
        assert!(was_told(&game, 0, "SpectatorJoined"));
        assert_eq!(game.confirmed().expect("confirmed").1.len(), 5);
        game.assert_equal();

        // On purpose: the others go on at once, and the host has a code for the seat.
        let left = game.world(2).resource::<Match>().local.expect("it plays");
        game.leave(2);
        play(&mut game, &mut rng, 40);
        assert_eq!(game.state(2), MatchState::Idle);
        for on in [0, 1, 3] {
            assert_eq!(game.state(on), MatchState::Playing, "seed {seed}: {:#?}", game.log(on));
            let event = format!("PlayerLeft {{ player: {left:?}");
            assert!(was_told(&game, on, &event), "seed {seed}, {on}: {:#?}", game.log(on));
        }
        game.assert_equal();
        assert!(absent(&mut game, 0)[left.index()] > 30);
        assert_eq!(game.invites(0).len(), 5, "one more");
        let (code, seat) = game.invites(0)[4].clone();
        assert_eq!(seat, Seat::Player);

        game.world(2).commands().join_match(code);
        play(&mut game, &mut rng, 120);
        assert_eq!(game.state(2), MatchState::Playing, "seed {seed}: {:#?}", game.log(2));
        assert_eq!(game.world(2).resource::<Match>().local, Some(left), "the only seat that was free");
        let event = format!("PlayerJoined {{ player: {left:?}");
        assert!((0..4).all(|on| was_told(&game, on, &event)), "seed {seed}: {:#?}", game.log(0));
        let before = absent(&mut game, 0);
        play(&mut game, &mut rng, 20);
        assert_eq!(absent(&mut game, 0), before, "all four play");
        assert_eq!(game.confirmed().expect("confirmed").1.len(), 5);
        game.assert_equal();
        assert_eq!(game.invites(0).len(), 5, "no seat is free");
    }
}

#[test]
fn the_others_are_told_for_whom_they_wait() {
    let mut game = open(7);
    game.run_until_playing();
    let mut rng = GameRng::new(7);
    play(&mut game, &mut rng, 60);
    let lost = game.world(3).resource::<Match>().local.expect("it plays");
    game.cut(3);
    let paused = format!("Paused {{ player: {lost:?} }}");
    // The connection counts as lost after 5 seconds, and its player as gone a second later.
    play(&mut game, &mut rng, 170);
    for on in [0, 1, 2] {
        let events: Vec<_> = game
            .log(on)
            .iter()
            .filter(|event| event.starts_with("Paused") || event.starts_with("PlayerLeft"))
            .collect();
        assert!(
            events.len() == 2 && *events[0] == paused && events[1].contains(&format!("{lost:?}")),
            "{on}: {events:?}"
        );
        assert_eq!(game.state(on), MatchState::Playing);
    }
    let host = game.world(0);
    let connected = host.query::<&Connection>().iter(host).filter(|who| who.player == Some(lost)).count();
    assert_eq!(connected, 0, "connections are entities, and its is gone");
    assert_eq!(game.invites(0).len(), 5, "its seat is free for another, or for itself");
    game.assert_equal();
}

#[test]
fn a_match_begins_with_the_least_and_takes_the_others_in_while_it_runs() {
    let conditions = "latency=40ms".parse().expect("conditions");
    let mut game = TestMatch::idle(3, conditions, 3, NetConfig::new("early"), game);
    game.world(0).commands().host_match(HostOptions::new().with_players(4).with_min_players(2));
    game.frame();
    let codes = game.invites(0).to_vec();
    assert_eq!(codes.len(), 3);
    game.world(1).commands().join_match(codes[1].0.clone());
    game.frames(60);
    assert_eq!([game.state(0), game.state(1)], [MatchState::Playing; 2], "{:#?}", game.log(0));
    game.world(2).commands().join_match(codes[0].0.clone());
    game.frames(180);
    assert!(was_told(&game, 0, "PlayerJoined"), "{:#?}", game.log(0));
    assert_eq!(game.confirmed().expect("confirmed").1.len(), 3);
    assert_eq!(game.invites(0), codes, "and a seat is still free");
    game.assert_equal();
}

/// Guests did not tell the host that they had met before the match began, and it waited for them to try for long enough.
#[test]
fn a_match_begins_as_soon_as_all_have_met() {
    let mut game = TestMatch::<u8>::new(PLAYERS, "latency=30ms".parse().expect("conditions"), 7, game);
    // A second and a half, at 60 frames a second.
    game.frames(90);
    let states: Vec<_> = (0..PLAYERS).map(|player| game.state(player)).collect();
    assert_eq!(states, [MatchState::Playing; PLAYERS]);
}
