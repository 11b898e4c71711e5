//! Runs that are played again: honest ones come to what was claimed, and each fault is told by its name.

use netcord_scores::model::{Board, Claim, Timing};
use netcord_scores::rules::{Outcome, Progress, Rules, RunFault};
use netcord_wire::StateHash;
use tetris_rules::{Bot, Config, Ending, Handling, Input, Limits, Mode, Replay, run_headless};
use tetris_scores::{board_id, boards, claim, rules};

const SEED: u64 = 7;

/// Plays a run again in pieces of so many ticks.
fn verify(mode: Mode, seed: u64, replay: &[u8], piece: u32) -> Result<(u32, Outcome, Timing), RunFault> {
    let mut run = rules(mode).open(seed, replay)?;
    let (mut ticks, mut timing) = (0, Timing::default());
    loop {
        match run.advance(piece, &mut timing)? {
            Progress::Running => ticks += piece,
            Progress::Finished { played } => return Ok((ticks + played, run.outcome(), timing)),
        }
    }
}

fn fault(mode: Mode, seed: u64, replay: &[u8]) -> RunFault {
    verify(mode, seed, replay, 1_000).expect_err("it doesn't count")
}

/// A game of the bot up to so many ticks; the same ends earlier than a game that is over.
fn left(config: Config, ticks: u32) -> Replay {
    run_headless(SEED, config, Bot::FASTEST, Limits { ticks, ..Limits::default() }).1
}

/// A whole game. An endless one is ended by dropping pieces where they come.
fn whole(config: Config) -> Replay {
    let ticks = if config.mode == Mode::Endless { 3_000 } else { Replay::MAX_TICKS };
    drop_to_the_end(left(config, ticks))
}

fn drop_to_the_end(mut replay: Replay) -> Replay {
    let mut game = replay.play();
    let mut keys = [Input::NONE, Input::HARD_DROP].into_iter().cycle();
    while game.ending().is_none() {
        let input = keys.next().expect("they go on");
        replay.record(input).expect("it is short");
        game.step(input);
    }
    replay
}

#[test]
fn an_honest_run_of_each_mode_comes_to_what_was_claimed() {
    for (mode, (board, rules)) in Mode::ALL.into_iter().zip(boards()) {
        assert_eq!(board.id, board_id(mode));
        let replay =
            whole(Config { handling: Handling { soft_drop: 7, ..Handling::default() }, ..Config::new(mode) });
        let game = replay.play();
        let bytes = replay.to_bytes();
        let (ticks, outcome, timing) = verify(mode, SEED, &bytes, 4_096).unwrap();
        let claimed = claim(&replay).unwrap();
        assert_eq!(claimed, Claim { points: outcome.points, ticks, state_hash: outcome.state_hash });
        assert_eq!((claimed.ticks, claimed.state_hash), (game.ticks(), StateHash::of(&game)));
        let points = if mode == Mode::Sprint { game.ticks() } else { game.score() };
        assert_eq!(claimed.points, i64::from(points), "{mode:?}");
        assert_eq!(outcome.details["lines"], i64::from(game.lines()));
        assert_eq!(outcome.details["level"], i64::from(game.level()));
        let inputs = || std::iter::once(Input::NONE).chain(replay.inputs());
        let changes = inputs().zip(inputs().skip(1)).filter(|(before, after)| before != after).count();
        assert_eq!(timing.changes as usize, changes);
        assert!(is_within(&board, ticks, &bytes), "{mode:?}: {ticks} ticks, {} bytes", bytes.len());
        assert!(rules.open(SEED, &bytes).is_ok());
    }
}

fn is_within(board: &Board, ticks: u32, bytes: &[u8]) -> bool {
    ticks <= board.limits.max_ticks && bytes.len() <= board.limits.max_bytes
}

#[test]
fn the_size_of_the_pieces_changes_nothing() {
    let replay = whole(Config::new(Mode::Ultra)).to_bytes();
    let at_once = verify(Mode::Ultra, SEED, &replay, u32::MAX).unwrap();
    assert_eq!(at_once.0, 7_200);
    // One of which the last piece is full, one of which it isn't.
    for piece in [1, 60, 4_096, 7_200] {
        assert_eq!(verify(Mode::Ultra, SEED, &replay, piece).unwrap(), at_once, "{piece}");
    }
}

#[test]
fn bytes_that_are_no_replay_are_malformed() {
    let replay = left(Config::new(Mode::Sprint), 500).to_bytes();
    let other_mode = [&replay[..1], &[4], &replay[2..]].concat();
    let no_ticks = [&replay[..14], &[1, 0]].concat();
    let no_keys = [&replay[..14], &[0x80, 1]].concat();
    let endless = [&replay[..14], &[1, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat();
    for bytes in [&[], &replay[..13], &replay[..15], &other_mode, &no_ticks, &no_keys, &endless] {
        let fault = fault(Mode::Sprint, SEED, bytes);
        assert!(matches!(&fault, RunFault::Malformed(why) if !why.is_empty()), "{fault:?}");
    }
}

#[test]
fn a_replay_of_another_version_is_told_from_a_damaged_one() {
    let mut replay = left(Config::new(Mode::Sprint), 500).to_bytes();
    replay[0] += 1;
    assert!(matches!(fault(Mode::Sprint, SEED, &replay), RunFault::OtherVersion(_)));
}

#[test]
fn a_run_counts_for_its_own_seed_and_mode_alone() {
    let replay = whole(Config::new(Mode::Sprint)).to_bytes();
    assert_eq!(fault(Mode::Sprint, SEED + 1, &replay), RunFault::OtherSeed);
    assert!(matches!(fault(Mode::Ultra, SEED, &replay), RunFault::OtherGame(_)));
}

#[test]
fn a_game_that_begins_above_level_one_is_another_game() {
    for mode in [Mode::Marathon, Mode::Endless] {
        let replay = drop_to_the_end(left(Config { start_level: 2, ..Config::new(mode) }, 500));
        assert!(matches!(fault(mode, SEED, &replay.to_bytes()), RunFault::OtherGame(_)));
        assert_eq!(claim(&replay), None);
    }
    // It stays on level 1, whatever the player chose for other modes.
    let replay = whole(Config { start_level: 9, ..Config::new(Mode::Sprint) });
    assert!(verify(Mode::Sprint, SEED, &replay.to_bytes(), 1_000).is_ok() && claim(&replay).is_some());
}

#[test]
fn a_run_that_is_not_over_is_unfinished() {
    for mode in Mode::ALL {
        for replay in [Replay::new(SEED, Config::new(mode)), left(Config::new(mode), 500)] {
            assert_eq!(fault(mode, SEED, &replay.to_bytes()), RunFault::Unfinished);
            assert_eq!(claim(&replay), None);
        }
    }
}

#[test]
fn a_sprint_that_topped_out_is_unfinished_too() {
    let replay = drop_to_the_end(left(Config::new(Mode::Sprint), 500));
    assert!(replay.play().ending().is_some_and(|ending| ending != Ending::Complete));
    assert_eq!(fault(Mode::Sprint, SEED, &replay.to_bytes()), RunFault::Unfinished);
    assert_eq!(claim(&replay), None);
}

#[test]
fn inputs_after_the_end_are_refused_even_if_they_do_nothing() {
    for mode in Mode::ALL {
        let mut replay = whole(Config::new(mode));
        replay.record(Input::NONE).unwrap();
        assert_eq!(fault(mode, SEED, &replay.to_bytes()), RunFault::InputsAfterEnd);
        assert_eq!(claim(&replay), None);
    }
}

#[test]
fn a_run_of_years_in_a_few_bytes_is_played_no_further_than_its_end() {
    let mut replay = Replay::new(SEED, Config::new(Mode::Endless)).to_bytes();
    // No keys at all, for as many ticks as a replay may have.
    replay.extend([0, 0x80, 0x9a, 0x9e, 0x01]);
    assert_eq!(Replay::from_bytes(&replay).unwrap().ticks(), Replay::MAX_TICKS);
    let mut run = rules(Mode::Endless).open(SEED, &replay).unwrap();
    let mut timing = Timing::default();
    assert_eq!(run.advance(100, &mut timing), Ok(Progress::Running));
    assert_eq!(run.advance(u32::MAX, &mut timing), Err(RunFault::InputsAfterEnd));
    assert_eq!(timing.changes, 0);
}
