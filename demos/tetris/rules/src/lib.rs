//! The rules of Tetris: integers only, no clock, the same on every platform.
//!
//! They follow the Tetris guideline as the players' wikis have published it: ten columns and twenty rows that are
//! seen, the Super Rotation System with its kicks, bags of seven, hold, five pieces shown ahead, extended placement
//! lock, T-spins, combos and back-to-back. A [`Tetris`] is the whole state; [`step`](Tetris::step) plays one tick of
//! sixty a second with the keys that are held, and tells what happened.
//!
//! ```
//! use tetris_rules::{Config, Input, Mode, Tetris};
//!
//! let mut game = Tetris::new(7, Config::new(Mode::Marathon));
//! let kind = game.piece().unwrap().kind;
//! let ghost = game.ghost().unwrap();
//! let events = game.step(Input::HARD_DROP);
//! let locked = events.locked.unwrap();
//! assert_eq!(locked.piece, ghost);
//! assert_eq!(game.board().cell(ghost.x, ghost.y), Some(kind));
//! ```
//!
//! Where the guideline leaves a choice: the next piece comes in the tick in which the last one locks, and keys that are
//! held turn or hold nothing as it enters; there is no turn by 180 degrees; levels take ten lines, up to 15 in a marathon
//! and 20 in an endless game; sprint and ultra stay on level 1. [`Bot`] plays with the same keys as a person, and
//! [`run_headless`] lets it play a whole game.
//!
//! # Replays
//!
//! A [`Replay`] is a game as what it follows from: it is recorded tick by tick, and played again to the same state.
//!
//! ```
//! use netcord_wire::StateHash;
//! use tetris_rules::{Config, Input, Mode, Replay};
//!
//! let mut replay = Replay::new(7, Config::new(Mode::Sprint));
//! let mut game = replay.start();
//! for tick in 0..600 {
//!     let input = if tick % 40 == 0 { Input::HARD_DROP } else { Input::LEFT };
//!     replay.record(input)?;
//!     game.step(input);
//! }
//! let again = Replay::from_bytes(&replay.to_bytes())?.play();
//! assert_eq!(StateHash::of(&again), StateHash::of(&game));
//! # Ok::<(), tetris_rules::ReplayError>(())
//! ```
//!
//! Its bytes, of version 1:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the version, [`Replay::VERSION`] |
//! | 1 | the [`Mode`]: 0 marathon, 1 endless, 2 sprint, 3 ultra |
//! | 1 | the level it starts at |
//! | 3 | the [`Handling`]: auto shift delay, auto repeat, soft drop |
//! | 8 | the seed, the lowest byte first |
//! | the rest | runs: a byte of keys held ([`Input::bits`]), then for how many ticks, as a [`varint`](netcord_wire::varint) |
//!
//! A run lasts a tick at least and holds other keys than the one before, so that a game has one spelling. No more than
//! [`MAX_BYTES`](Replay::MAX_BYTES) are read, [`MAX_RUNS`](Replay::MAX_RUNS) runs and [`MAX_TICKS`](Replay::MAX_TICKS)
//! ticks. Inputs after the end of the game are there, and do nothing.
//!
//! Nothing here knows a network, a window, a file or a thread.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod bag;
mod board;
mod bot;
mod events;
mod falling;
mod handling;
mod headless;
mod input;
mod inspect;
mod mode;
mod piece;
mod replay;
mod score;
mod tetris;

pub use bag::NEXT;
pub use board::{Board, ClearedRows, HEIGHT, VISIBLE_HEIGHT, WIDTH};
pub use bot::Bot;
pub use events::{Events, Locked};
pub use falling::{LOCK_RESETS, LOCK_TICKS};
pub use handling::Handling;
pub use headless::{Limits, Summary, run_headless};
pub use input::{Input, InvalidInput};
pub use inspect::{BAG, CONTROLS, GAME, PIECE};
pub use mode::{
    Config, Ending, LINES_PER_LEVEL, MARATHON_LINES, MAX_LEVEL, Mode, SPRINT_LINES, TICKS_PER_SECOND,
    ULTRA_TICKS,
};
pub use piece::{Facing, Kind, Piece, Turn};
pub use replay::{Playback, Replay, ReplayError};
pub use score::{Placement, Spin};
pub use tetris::Tetris;
