//! Hands that play a game key by key.
#![allow(dead_code, reason = "each test uses what it needs")]

use tetris_rules::{Board, Config, Events, Handling, Input, Kind, Locked, Mode, Tetris};

/// The usual handling, but a soft drop goes to the ground at once.
pub(crate) fn config(mode: Mode) -> Config {
    Config { handling: Handling { soft_drop: u8::MAX, ..Handling::default() }, ..Config::new(mode) }
}

/// A seed whose first pieces are these.
pub(crate) fn seed(first: &[Kind]) -> u64 {
    let comes = |seed: &u64| {
        let game = Tetris::new(*seed, Config::default());
        let kinds = game.piece().into_iter().map(|piece| piece.kind).chain(game.next());
        kinds.zip(first).all(|(kind, first)| kind == *first)
    };
    (0..1 << 20).find(comes).expect("some seed has them")
}

/// A game on this field, in which these pieces come first.
pub(crate) fn game_on(field: &str, first: &[Kind]) -> Tetris {
    Tetris::on(Board::drawn(field), seed(first), config(Mode::Endless))
}

/// Presses a key for a tick and lets it go.
pub(crate) fn tap(game: &mut Tetris, key: Input) -> Events {
    let events = game.step(key);
    game.step(Input::NONE);
    events
}

/// Presses keys one after the other.
pub(crate) fn taps(game: &mut Tetris, keys: &[Input]) {
    for &key in keys {
        tap(game, key);
    }
}

/// Lets the piece down to the ground with a soft drop.
pub(crate) fn to_ground(game: &mut Tetris) {
    for _ in 0..20 {
        if game.step(Input::SOFT_DROP).landed {
            return;
        }
    }
    panic!("the piece does not land");
}

/// Drops the piece and tells how it locked.
pub(crate) fn hard_drop(game: &mut Tetris) -> Locked {
    game.step(Input::NONE);
    game.step(Input::HARD_DROP).locked.expect("a dropped piece locks")
}

/// The lowest rows, drawn.
pub(crate) fn picture(game: &Tetris, rows: i8) -> Vec<String> {
    let sign = |x, y| game.board().cell(x, y).map_or('.', |kind| format!("{kind:?}").remove(0));
    (0..rows).rev().map(|y| (0..10).map(|x| sign(x, y)).collect()).collect()
}
