//! What a page calls: functions of plain numbers about the one replay of a WebAssembly instance. They have no answer worse
//! than 0: whatever is asked, nothing panics.
//!
//! A page pushes the bytes of a replay one after the other, opens it, and then seeks and asks. Before that, all is 0.

#![cfg_attr(
    target_family = "wasm",
    expect(
        unsafe_code,
        reason = "the attribute that exports a function by its name counts as unsafe; no block here is"
    )
)]

use crate::viewer::{Cell, Viewer};
use std::cell::RefCell;
use tetris_rules::{Ending, Kind, Replay, Tetris};

thread_local! {
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static VIEWER: RefCell<Option<Viewer>> = const { RefCell::new(None) };
}

/// Functions that WebAssembly exports. Elsewhere, where a program may have others of their names, they are as any other.
macro_rules! exports {
    ($($(#[$doc:meta])+ fn $name:ident($($argument:ident: $of:ty),*) $(-> $result:ty)? $body:block)+) => {
        $(
            $(#[$doc])+
            #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
            #[cfg_attr(not(target_family = "wasm"), allow(dead_code, reason = "only a page calls it"))]
            extern "C" fn $name($($argument: $of),*) $(-> $result)? $body
        )+
    };
}

exports! {
    /// Adds a byte of the replay. More than a replay has are not kept, but for one, so that it is none.
    fn push(byte: u32) {
        BYTES.with_borrow_mut(|bytes| {
            if bytes.len() <= Replay::MAX_BYTES {
                bytes.push(byte as u8);
            }
        });
    }

    /// Opens the replay that was pushed: 1 if it is one.
    fn open() -> u32 {
        let bytes = BYTES.take();
        let viewer = Viewer::open(&bytes).ok();
        let is_open = viewer.is_some();
        VIEWER.set(viewer);
        is_open.into()
    }

    /// Goes to a tick, or to the end.
    fn seek(tick: u32) {
        VIEWER.with_borrow_mut(|viewer| if let Some(viewer) = viewer { viewer.seek(tick) });
    }

    /// How many ticks are recorded.
    fn ticks() -> u32 {
        watched(Viewer::ticks)
    }

    /// What is in a cell, x from the left, y from the bottom: the number of the piece, 0 for nothing; 8 more if it is a ghost,
    /// 16 more if it is of a lost game.
    fn cell(x: i32, y: i32) -> u32 {
        let (Ok(x), Ok(y)) = (i8::try_from(x), i8::try_from(y)) else { return 0 };
        watched(|viewer| match viewer.cell(x, y) {
            Cell::Empty => 0,
            Cell::Block(kind) => kind as u32,
            Cell::Ghost(kind) => kind as u32 + 8,
            Cell::Spent(kind) => kind as u32 + 16,
        })
    }

    /// The number of a piece that comes, the next one is 0.
    fn next(place: u32) -> u32 {
        game(|game| game.next().get(place as usize).map_or(0, |&kind| kind as u32))
    }

    /// The number of the piece on hold.
    fn held() -> u32 {
        game(|game| game.held().map_or(0, |kind| kind as u32))
    }

    /// Whether hold would do something now.
    fn can_hold() -> u32 {
        game(|game| game.can_hold().into())
    }

    /// A cell of a piece that waits, about its pivot: 16 times x + 8, plus y + 8.
    fn shape(kind: u32, cell: u32) -> u32 {
        let kind = Kind::ALL.into_iter().find(|&known| known as u32 == kind);
        let cell = kind.and_then(|kind| kind.cells().get(cell as usize).copied());
        cell.map_or(0, |[x, y]| 16 * (i32::from(x) + 8) as u32 + (i32::from(y) + 8) as u32)
    }

    /// The points.
    fn score() -> u32 {
        game(Tetris::score)
    }

    /// Lines cleared.
    fn lines() -> u32 {
        game(Tetris::lines)
    }

    /// Lines to clear, if that ends it.
    fn goal() -> u32 {
        game(|game| game.config().mode.goal().unwrap_or(0))
    }

    /// The level.
    fn level() -> u32 {
        game(|game| game.level().into())
    }

    /// Pieces that locked.
    fn pieces() -> u32 {
        game(Tetris::pieces)
    }

    /// Ticks that were played.
    fn tick() -> u32 {
        game(Tetris::ticks)
    }

    /// Ticks that end it, if any do.
    fn time() -> u32 {
        game(|game| game.config().mode.time().unwrap_or(0))
    }

    /// How it ended: 1 for complete, 2 for lost, 0 while it goes on.
    fn ending() -> u32 {
        game(|game| match game.ending() {
            None => 0,
            Some(Ending::Complete) => 1,
            Some(Ending::BlockOut | Ending::LockOut) => 2,
        })
    }
}

fn watched(ask: impl FnOnce(&Viewer) -> u32) -> u32 {
    VIEWER.with_borrow(|viewer| viewer.as_ref().map_or(0, ask))
}

fn game(ask: impl FnOnce(&Tetris) -> u32) -> u32 {
    watched(|viewer| ask(viewer.game()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::{Bot, Config, Limits, Mode, run_headless};

    #[test]
    fn a_page_sees_the_game_through_numbers() {
        let (played, replay) = run_headless(5, Config::new(Mode::Sprint), Bot::FASTEST, Limits::default());
        assert_eq!((open(), ticks(), cell(0, 0), score()), (0, 0, 0, 0), "nothing was pushed");
        replay.to_bytes().into_iter().for_each(|byte| push(byte.into()));
        assert_eq!((open(), ticks(), tick()), (1, replay.ticks(), 0));
        assert_eq!(next(0), played_next(&replay));
        seek(u32::MAX);
        assert_eq!((score(), lines(), ending()), (played.score(), played.lines(), 1));
        assert_eq!((next(99), cell(500, -500), shape(0, 0), shape(1, 4)), (0, 0, 0, 0));
        assert_eq!(shape(1, 0), 16 * 7 + 8, "an I begins left of its pivot");
    }

    fn played_next(replay: &Replay) -> u32 {
        replay.start().next()[0] as u32
    }
}
