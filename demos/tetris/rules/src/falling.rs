//! The piece that falls: shifts, turns, drops, and when it locks.
//!
//! Locking is the guideline's extended placement (<https://tetris.wiki/Tetris_Guideline>): a piece that rests for [`LOCK_TICKS`] locks. Every shift and turn
//! since it first rested starts these anew, [`LOCK_RESETS`] times; when it gets lower than it ever was, it has all of
//! them again.

use crate::board::Board;
use crate::handling::Command;
use crate::piece::{Facing, Kind, Piece, Turn};

/// How long a piece may rest before it locks: half a second.
pub const LOCK_TICKS: u8 = 30;
/// How many shifts and turns of a piece that rests start its half second anew.
pub const LOCK_RESETS: u8 = 15;
/// One row, in what gravity counts in.
pub(crate) const ROW: u32 = 1 << 16;

const SPAWN_X: i8 = 4;
const SPAWN_Y: i8 = 20;

/// The falling piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Falling {
    pub(crate) piece: Piece,
    /// How far into the next row gravity took it, in 1/65536 of a row.
    pub(crate) fraction: u32,
    /// The lowest row that it ever covered.
    pub(crate) lowest: i8,
    /// Whether it rested since it came to its lowest row.
    pub(crate) has_rested: bool,
    /// For how many ticks it has rested.
    pub(crate) rested: u8,
    /// How many shifts and turns started its rest anew.
    pub(crate) resets: u8,
    /// Which of the five places a turn took it to, if nothing moved it since.
    pub(crate) last_kick: Option<u8>,
}

/// What became of it in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Motion {
    /// By how many columns it was shifted.
    pub(crate) shifted: i8,
    /// Which of the five places a turn took it to.
    pub(crate) kick: Option<u8>,
    /// Rows that it fell in a soft drop.
    pub(crate) soft_dropped: u8,
    /// Rows that it fell in a hard drop.
    pub(crate) hard_dropped: Option<u8>,
    /// Whether it came to rest.
    pub(crate) landed: bool,
    /// Whether it is to lock where it is.
    pub(crate) locks: bool,
}

impl Falling {
    /// A new piece in rows 21 and 22, and a row lower if there is room; `None` if there is none for it at all.
    pub(crate) fn spawn(kind: Kind, board: &Board) -> Option<Self> {
        let mut falling = Self::waiting(kind);
        if !board.fits(&falling.piece) {
            return None;
        }
        falling.fall(board, 1);
        Some(falling)
    }

    /// A piece where it enters, whether or not there is room.
    pub(crate) fn waiting(kind: Kind) -> Self {
        let piece = Piece { kind, facing: Facing::North, x: SPAWN_X, y: SPAWN_Y };
        Self {
            piece,
            fraction: 0,
            lowest: piece.bottom(),
            has_rested: false,
            rested: 0,
            resets: 0,
            last_kick: None,
        }
    }

    /// One tick, with gravity in rows of [`ROW`] a tick: the turn, the shift, the drop, the rest.
    pub(crate) fn step(&mut self, board: &Board, command: &Command, gravity: u32) -> Motion {
        let mut motion = Motion::default();
        if let Some(turn) = command.turn {
            motion.kick = self.turn(board, turn);
        }
        motion.shifted = self.shift(board, command.shift);
        if command.hard_drop {
            motion.hard_dropped = Some(self.fall(board, u8::MAX));
            motion.locks = true;
            return motion;
        }
        self.fraction = self.fraction.saturating_add(gravity);
        let rows = self.fall(board, u8::try_from(self.fraction / ROW).unwrap_or(u8::MAX));
        self.fraction %= ROW;
        if command.soft_drop {
            motion.soft_dropped = rows;
        }
        if board.fits(&self.piece.moved(0, -1)) {
            return motion;
        }
        self.fraction = 0;
        motion.landed = rows > 0 || !self.has_rested;
        self.has_rested = true;
        self.rested += 1;
        motion.locks = self.rested >= LOCK_TICKS || self.resets >= LOCK_RESETS;
        motion
    }

    fn turn(&mut self, board: &Board, turn: Turn) -> Option<u8> {
        let (turned, kick) = board.turned(self.piece, turn)?;
        self.piece = turned;
        self.moved();
        self.last_kick = Some(kick);
        self.last_kick
    }

    /// Shifts as far as there is room.
    fn shift(&mut self, board: &Board, columns: i8) -> i8 {
        let mut shifted = 0;
        while shifted != columns && board.fits(&self.piece.moved(columns.signum(), 0)) {
            self.piece.x += columns.signum();
            shifted += columns.signum();
        }
        if shifted != 0 {
            self.moved();
        }
        shifted
    }

    /// Falls as far as there is room.
    fn fall(&mut self, board: &Board, rows: u8) -> u8 {
        let mut fallen = 0;
        while fallen < rows && board.fits(&self.piece.moved(0, -1)) {
            self.piece.y -= 1;
            fallen += 1;
        }
        if fallen > 0 {
            self.last_kick = None;
            self.reaches_its_bottom();
        }
        fallen
    }

    /// After a shift or a turn.
    fn moved(&mut self) {
        self.last_kick = None;
        if self.has_rested && self.resets < LOCK_RESETS {
            self.resets += 1;
            self.rested = 0;
        }
        self.reaches_its_bottom();
    }

    fn reaches_its_bottom(&mut self) {
        let bottom = self.piece.bottom();
        if bottom < self.lowest {
            self.lowest = bottom;
            self.has_rested = false;
            self.rested = 0;
            self.resets = 0;
        }
    }
}
