//! What happened in a tick: what sounds and effects hang on. It is no part of the state.

use crate::board::ClearedRows;
use crate::mode::Ending;
use crate::piece::Piece;
use crate::score::Placement;

/// What happened in one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// The piece was shifted by this many columns, negative to the left.
    pub shifted: i8,
    /// The piece was turned, to this of the five places that SRS tries: from 1 on it was kicked.
    pub turned: Option<u8>,
    /// The piece was put on hold, and another one came.
    pub held: bool,
    /// The piece fell this many rows in a soft drop.
    pub soft_dropped: u8,
    /// The piece fell this many rows in a hard drop.
    pub hard_dropped: Option<u8>,
    /// The piece came to rest on something.
    pub landed: bool,
    /// The piece locked, and the next one came.
    pub locked: Option<Locked>,
    /// The level rose to this.
    pub level_up: Option<u8>,
    /// The game is over.
    pub over: Option<Ending>,
}

/// A piece that locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The piece, where it locked, before lines were cleared.
    pub piece: Piece,
    /// The rows that were full.
    pub cleared: ClearedRows,
    /// What it did.
    pub placement: Placement,
    /// The points for it, without those for drops.
    pub points: u32,
}
