//! The target of Tetris: replays that a player sends.

use netcord::wire::StateHash;
use tetris_rules::{Bot, Config, Limits, Mode, Replay, run_headless};

/// As much of a replay as is played: a minute.
const TICKS: usize = 3_600;

/// A replay that a player sends: when it is taken, it has one spelling, and watching it comes to what playing it does.
pub(super) fn replay(bytes: &[u8]) {
    let Ok(replay) = Replay::from_bytes(bytes) else { return };
    assert_eq!(replay.to_bytes(), bytes, "a replay has one spelling");
    let mut game = replay.start();
    for input in replay.inputs().take(TICKS) {
        let before = game.score();
        game.step(input);
        assert!(game.score() >= before);
    }
    let mut playback = replay.watch();
    for _ in 0..TICKS {
        playback.step();
    }
    assert_eq!(StateHash::of(playback.game()), StateHash::of(&game));
}

/// Replays of the bot, of all modes.
pub(super) fn replays() -> Vec<Vec<u8>> {
    let limits = Limits { ticks: 900, ..Limits::default() };
    let config = |mode, start_level| Config { start_level, ..Config::new(mode) };
    (0..)
        .zip(Mode::ALL)
        .map(|(seed, mode)| {
            run_headless(seed, config(mode, 5 * seed as u8), Bot::STEADY, limits).1.to_bytes()
        })
        .collect()
}
