//! A player: looks for the best place that it can still bring a piece to, and brings it there with the keys.

mod rating;
mod search;

use crate::input::Input;
use crate::piece::Piece;
use crate::tetris::Tetris;
use alloc::vec::Vec;

/// Plays one game, with the same keys as a person, at a pace. It follows from nothing but the game it is shown.
#[derive(Clone, Debug)]
pub struct Bot {
    pace: u8,
    /// How many pieces had locked when the plan was made.
    planned: Option<u32>,
    plan: Plan,
}

/// What it means to do with a piece.
#[derive(Clone, Debug, Default)]
struct Plan {
    /// The keys, the next tick last.
    keys: Vec<Input>,
    target: Option<Piece>,
}

impl Bot {
    /// The fastest: a press every other tick, for a key has to be let go in between.
    pub const FASTEST: u8 = 2;
    /// As fast as a good player: ten presses a second.
    pub const STEADY: u8 = 6;

    /// A bot with `pace` ticks from one press to the next, [`FASTEST`](Self::FASTEST) at least. As long does it look
    /// at a new piece.
    pub fn new(pace: u8) -> Self {
        Self { pace: pace.max(Self::FASTEST), planned: None, plan: Plan::default() }
    }

    /// What it holds in the next tick of this game. To be asked every tick.
    pub fn input(&mut self, game: &Tetris) -> Input {
        if game.ending().is_some() {
            return Input::NONE;
        }
        if self.planned != Some(game.pieces()) {
            self.planned = Some(game.pieces());
            self.plan = search::plan(game, self.pace);
        }
        self.plan.keys.pop().unwrap_or_default()
    }

    /// Where it brings the piece that falls, or the one that it holds instead; none when it saw no good place, and
    /// before it was asked for the first time.
    pub const fn target(&self) -> Option<Piece> {
        self.plan.target
    }
}
