//! What a run comes to: for the game that claims it, and for the service that finds it out. It knows neither.

use netcord_scores::model::{BoardId, Claim};
use netcord_wire::StateHash;
use tetris_rules::{Config, Ending, Mode, Replay, Tetris};

/// The board of a mode.
pub fn board_id(mode: Mode) -> BoardId {
    BoardId::new(format!("tetris-{}", mode.name())).expect("the names of modes are small letters")
}

/// What a run comes to; none for one that doesn't count: the game is not over, it began above level 1, or it is a sprint
/// that was not completed. It takes as long as playing the replay.
pub fn claim(replay: &Replay) -> Option<Claim> {
    let game = replay.play();
    claim_of(&game).filter(|claim| claim.ticks == replay.ticks())
}

/// The same of a game that was just played, and recorded to its end: at once.
pub fn claim_of(game: &Tetris) -> Option<Claim> {
    let counts = counts(game.config()) && is_finished(game);
    counts.then(|| Claim { points: points(game), ticks: game.ticks(), state_hash: StateHash::of(game) })
}

/// Whether games that are played like this are compared.
pub fn counts(config: &Config) -> bool {
    config.level(0) == Config::new(config.mode).level(0)
}

/// Whether it is over, and came to something.
pub(crate) fn is_finished(game: &Tetris) -> bool {
    match (game.config().mode, game.ending()) {
        (_, None) => false,
        (Mode::Sprint, Some(ending)) => ending == Ending::Complete,
        (Mode::Marathon | Mode::Endless | Mode::Ultra, Some(_)) => true,
    }
}

/// What is compared.
pub(crate) fn points(game: &Tetris) -> i64 {
    match game.config().mode {
        Mode::Sprint => game.ticks().into(),
        Mode::Marathon | Mode::Endless | Mode::Ultra => game.score().into(),
    }
}
