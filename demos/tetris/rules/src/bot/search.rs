//! Where a piece can be brought to in time, and how: the rules themselves are tried, press by press.

use super::Plan;
use super::rating::{Cells, rating};
use crate::board::{Board, HEIGHT, VISIBLE_HEIGHT};
use crate::falling::Falling;
use crate::handling::Command;
use crate::input::Input;
use crate::piece::{Piece, Turn};
use crate::tetris::Tetris;
use alloc::vec::Vec;

/// A key that is pressed for a tick, and what it asks for.
const PRESSES: [(Input, Command); 4] = [
    (Input::LEFT, Command { shift: -1, ..IDLE }),
    (Input::RIGHT, Command { shift: 1, ..IDLE }),
    (Input::CLOCKWISE, Command { turn: Some(Turn::Clockwise), ..IDLE }),
    (Input::COUNTERCLOCKWISE, Command { turn: Some(Turn::Counterclockwise), ..IDLE }),
];
const IDLE: Command = Command { hold: false, turn: None, shift: 0, soft_drop: false, hard_drop: false };

/// A moment on the way of a piece, before the next press.
struct Moment {
    falling: Falling,
    /// The moment before it, and the key that was pressed in it.
    before: Option<(usize, Input)>,
}

/// The best that was found.
struct Best {
    rating: i32,
    piece: Piece,
    moment: usize,
    /// The key that is pressed in that moment: the piece is dropped by it, or locks by itself after it.
    last: Input,
}

/// Everything that a piece can be brought to, breadth first.
struct Search<'a> {
    board: &'a Board,
    cells: Cells,
    gravity: u32,
    pace: u8,
    moments: Vec<Moment>,
    seen: Seen,
    rated: Seen,
    best: Option<Best>,
}

/// What to do with the piece that falls.
pub(super) fn plan(game: &Tetris, pace: u8) -> Plan {
    let mut search = Search {
        board: game.board(),
        cells: Cells::of(game.board()),
        gravity: game.gravity(false),
        pace,
        moments: Vec::new(),
        seen: Seen::default(),
        rated: Seen::default(),
        best: None,
    };
    // It looks first, and then takes the piece or the one that hold gives.
    let mut falling = game.falling;
    if !search.passes(&mut falling, &IDLE, pace - 1) {
        return Plan::default();
    }
    search.explore(falling, None);
    let other = game.held().unwrap_or(game.next()[0]);
    if game.can_hold()
        && let Some(mut other) = Falling::spawn(other, game.board())
        && search.passes(&mut other, &IDLE, pace)
    {
        search.explore(other, Some(Input::HOLD));
    }
    search.plan()
}

impl Search<'_> {
    /// Lets `ticks` pass, the first of them with this command; false if the piece locks meanwhile.
    fn passes(&self, falling: &mut Falling, command: &Command, ticks: u8) -> bool {
        (0..ticks).all(|tick| {
            let command = if tick == 0 { command } else { &IDLE };
            !falling.step(self.board, command, self.gravity).locks
        })
    }

    /// Tries all that can be made of a piece, which came with a press of `key` or by itself.
    fn explore(&mut self, falling: Falling, key: Option<Input>) {
        (self.seen, self.rated) = Default::default();
        self.seen.insert(&falling.piece);
        let first = self.moments.len();
        // The first moment of all is the root; hold is pressed in it.
        let before = key.map(|key| (0, key));
        self.moments.push(Moment { falling, before });
        let mut next = first;
        while next < self.moments.len() {
            let falling = self.moments[next].falling;
            self.rate(self.board.landing(falling.piece), next, Input::HARD_DROP);
            for (key, command) in &PRESSES {
                let mut after = falling;
                if !self.passes(&mut after, command, self.pace) {
                    self.rate(after.piece, next, *key);
                } else if self.seen.insert(&after.piece) {
                    self.moments.push(Moment { falling: after, before: Some((next, *key)) });
                }
            }
            next += 1;
        }
    }

    /// Rates the place that the piece locks in after a last press.
    fn rate(&mut self, piece: Piece, moment: usize, last: Input) {
        if piece.bottom() >= VISIBLE_HEIGHT || !self.rated.insert(&piece) {
            return;
        }
        let rating = rating(&self.cells, &piece);
        if self.best.as_ref().is_none_or(|best| rating > best.rating) {
            self.best = Some(Best { rating, piece, moment, last });
        }
    }

    /// The way to the best place.
    fn plan(&self) -> Plan {
        let Some(best) = &self.best else {
            // Nothing is any good: get it over with.
            return Plan { keys: [Input::HARD_DROP].into(), target: None };
        };
        let mut keys = alloc::vec![best.last];
        let idle = usize::from(self.pace) - 1;
        let mut moment = &self.moments[best.moment];
        while let Some((before, key)) = moment.before {
            keys.extend(core::iter::repeat_n(Input::NONE, idle));
            keys.push(key);
            moment = &self.moments[before];
        }
        keys.extend(core::iter::repeat_n(Input::NONE, idle));
        Plan { keys, target: Some(best.piece) }
    }
}

/// Pieces that were reached already: a bit for each column, by row and facing.
struct Seen([[u16; ROWS]; 4]);

/// Pivots lie up to two cells outside of the field.
const MARGIN: i8 = 2;
const ROWS: usize = HEIGHT as usize + 2 * MARGIN as usize;

impl Default for Seen {
    fn default() -> Self {
        Self([[0; ROWS]; 4])
    }
}

impl Seen {
    /// Whether the piece is new.
    fn insert(&mut self, piece: &Piece) -> bool {
        let row = &mut self.0[piece.facing as usize][(piece.y + MARGIN) as usize];
        let bit = 1 << (piece.x + MARGIN);
        let is_new = *row & bit == 0;
        *row |= bit;
        is_new
    }
}
