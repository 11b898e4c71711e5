//! An app without frames for a while, as when its window is minimised: however long, it neither panics nor works it all
//! off at once, and the match goes on, or ends, as documented.

use bevy_app::{App, First};
use bevy_ecs::prelude::*;
use bevy_netcord::prelude::*;
use bevy_netcord::testing::TestMatch;
use serde::{Deserialize, Serialize};

#[derive(Resource, Clone, Default, Serialize, Deserialize)]
struct Total(u32);

/// How often the rules ran, in this frame and in the fullest so far.
#[derive(Resource, Default)]
struct Runs {
    now: u32,
    most: u32,
}

fn game(app: &mut App) {
    app.rollback_resource::<Total>()
        .init_resource::<Runs>()
        .add_systems(First, |mut runs: ResMut<Runs>| runs.now = 0)
        .add_systems(
            NetUpdate,
            |mut total: ResMut<Total>, inputs: Res<PlayerInputs<u8>>, mut runs: ResMut<Runs>| {
                total.0 += inputs.iter().map(|(_, input)| u32::from(input)).sum::<u32>();
                runs.now += 1;
                runs.most = runs.most.max(runs.now);
            },
        );
}

fn open(players: usize) -> TestMatch<u8> {
    let mut game = TestMatch::new(players, "latency=40ms".parse().expect("conditions"), 3, game);
    game.run_until_playing();
    for player in 0..players {
        game.set_input(player, 1);
    }
    game.frames(120);
    game
}

/// Suspends a player's app for that long, and lets ten seconds pass after that: who was away takes a silence for a lost
/// connection only after the time that [`NetConfig::timeout_seconds`] says, and comes back then.
fn suspend(game: &mut TestMatch<u8>, player: usize, seconds: usize) {
    game.suspend(player);
    game.frames(60 * seconds);
    game.resume(player);
    game.frames(600);
}

fn most_runs(game: &mut TestMatch<u8>) -> u32 {
    (0..2).map(|player| game.world(player).resource::<Runs>().most).max().unwrap_or(0)
}

fn last_word(game: &TestMatch<u8>, player: usize) -> &str {
    game.log(player).last().map_or("", String::as_str)
}

#[test]
fn after_seconds_a_match_of_two_goes_on() {
    for (player, seconds) in [(0, 2), (1, 2), (0, 15), (1, 15)] {
        let mut game = open(2);
        suspend(&mut game, player, seconds);
        let states = [game.state(0), game.state(1)];
        assert_eq!(states, [MatchState::Playing; 2], "{player}, {seconds} s: {:#?}", game.log(player));
        let before = game.stats(0).confirmed_ticks;
        game.frames(120);
        assert!(game.stats(0).confirmed_ticks > before + 100, "it runs at its rate again");
        game.assert_equal();
        let most = most_runs(&mut game);
        assert!(most <= 32, "{player}, {seconds} s: {most} ticks in one frame");
    }
}

#[test]
fn after_a_minute_a_match_of_two_is_over_and_both_know_who_was_absent() {
    for player in 0..2 {
        let mut game = open(2);
        suspend(&mut game, player, 60);
        // Who waited knows it since then; in the end, both say so.
        let absent = format!("Ended(Forfeit {{ absent: PlayerIndex({player})");
        assert!(
            game.log(1 - player).iter().any(|event| event.starts_with(&absent)),
            "{:#?}",
            game.log(1 - player)
        );
        assert_eq!([game.state(0), game.state(1)], [MatchState::Over; 2]);
        assert!(last_word(&game, 0).starts_with(&absent), "{:#?}", game.log(0));
        assert_eq!(last_word(&game, 0), last_word(&game, 1));
        let most = most_runs(&mut game);
        assert!(most <= 32, "{most} ticks in one frame");
    }
}

#[test]
fn after_a_minute_a_match_of_three_has_gone_on_without_and_takes_the_player_in_again() {
    let mut game = open(3);
    suspend(&mut game, 2, 60);
    game.frames(120);
    for on in 0..3 {
        assert_eq!(game.state(on), MatchState::Playing, "{on}: {:#?}", game.log(on));
    }
    assert!(game.log(0).iter().any(|event| event.starts_with("PlayerLeft")), "{:#?}", game.log(0));
    assert!(game.log(2).iter().any(|event| event.starts_with("PlayerJoined")), "{:#?}", game.log(2));
    assert_eq!(game.confirmed().expect("confirmed").1.len(), 3);
    game.assert_equal();
    let most = most_runs(&mut game);
    assert!(most <= 32, "{most} ticks in one frame");
}
