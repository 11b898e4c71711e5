//! A whole game of the bot, without a window or a clock.

use crate::bot::Bot;
use crate::mode::{Config, Ending, Mode};
use crate::replay::Replay;
use crate::tetris::Tetris;
use netcord_wire::StateHash;
use netcord_wire::serde::Serialize;

/// When a game is left that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// After so many lines.
    pub lines: u32,
    /// After so many ticks; no more than [`Replay::MAX_TICKS`] are played.
    pub ticks: u32,
}

/// How a game went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(crate = "netcord_wire::serde")]
pub struct Summary {
    /// What decided the pieces.
    pub seed: u64,
    /// What it was played for.
    pub mode: Mode,
    /// How it ended; none when it was left.
    pub ending: Option<Ending>,
    /// The points.
    pub score: u32,
    /// Lines cleared.
    pub lines: u32,
    /// The last level.
    pub level: u8,
    /// Pieces that locked.
    pub pieces: u32,
    /// Ticks that were played.
    pub ticks: u32,
    /// Of the last state, in hexadecimal.
    pub state_hash: alloc::string::String,
}

impl Summary {
    /// How a game went that began with this seed.
    pub fn of(seed: u64, game: &Tetris) -> Self {
        Self {
            seed,
            mode: game.config().mode,
            ending: game.ending(),
            score: game.score(),
            lines: game.lines(),
            level: game.level(),
            pieces: game.pieces(),
            ticks: game.ticks(),
            state_hash: alloc::format!("{}", StateHash::of(game)),
        }
    }
}

/// Lets a bot of this pace play a game; the game at its end, and its replay.
pub fn run_headless(seed: u64, config: Config, pace: u8, limits: Limits) -> (Tetris, Replay) {
    let mut replay = Replay::new(seed, config);
    let mut game = replay.start();
    let mut bot = Bot::new(pace);
    while game.ending().is_none() && game.lines() < limits.lines && game.ticks() < limits.ticks {
        let input = bot.input(&game);
        if replay.record(input).is_err() {
            break;
        }
        game.step(input);
    }
    (game, replay)
}

impl Default for Limits {
    /// Until the game is over, or can't be recorded any longer.
    fn default() -> Self {
        Self { lines: u32::MAX, ticks: Replay::MAX_TICKS }
    }
}
