//! How good a place is for a piece: the features and weights of El-Tetris, in thousandths.
//!
//! Islam El-Ashi, "El-Tetris: an improvement on Pierre Dellacherie's algorithm" (2011),
//! <https://imake.ninja/el-tetris-an-improvement-on-pierre-dellacheries-algorithm/>.

use crate::board::{Board, WIDTH};
use crate::piece::Piece;

const LANDING_HEIGHT: i32 = -4_500;
const ROWS_CLEARED: i32 = 3_418;
const ROW_TRANSITIONS: i32 = -3_218;
const COLUMN_TRANSITIONS: i32 = -9_349;
const HOLES: i32 = -7_899;
const WELLS: i32 = -3_386;

/// How many rows are looked at: those that are seen, and what a piece may stick out.
const ROWS: usize = 24;
const FULL: u16 = (1 << WIDTH) - 1;
/// A bit for each two neighbours in a row, walls among them.
const NEIGHBOURS: u16 = (1 << (WIDTH + 1)) - 1;

/// Which cells are filled: a bit a column, from the lowest row up.
#[derive(Clone, Copy)]
pub(super) struct Cells([u16; ROWS]);

impl Cells {
    pub(super) fn of(board: &Board) -> Self {
        let mut cells = [0; ROWS];
        for (y, row) in (0..).zip(&mut cells) {
            for x in 0..WIDTH {
                *row |= u16::from(board.is_filled(x, y)) << x;
            }
        }
        Self(cells)
    }

    /// With a piece, and how many rows that clears.
    fn with(&self, piece: &Piece) -> (Self, i32) {
        let mut cells = *self;
        for [x, y] in piece.cells() {
            cells.0[y as usize] |= 1 << x;
        }
        let mut to = 0;
        for y in 0..ROWS {
            let row = cells.0[y];
            if row != FULL {
                cells.0[to] = row;
                to += 1;
            }
        }
        cells.0[to..].fill(0);
        (cells, (ROWS - to) as i32)
    }
}

/// How good it is to lock a piece there: more is better. Its lowest cells lie in a row that is seen.
pub(super) fn rating(cells: &Cells, piece: &Piece) -> i32 {
    let (lowest, highest) =
        piece.cells().into_iter().fold((i8::MAX, 0), |(low, high), [_, y]| (low.min(y), high.max(y)));
    let (cells, cleared) = cells.with(piece);
    let rows = &cells.0;
    let (mut row_transitions, mut column_transitions, mut holes, mut wells) = (0, 0, 0, 0);
    // What lies in the row above, and in any row above.
    let (mut above, mut covered) = (0, 0);
    let mut narrow = [0; ROWS + 1];
    for (y, &row) in rows.iter().enumerate().rev() {
        // With the walls, which are filled.
        let walled = row << 1 | 1 | 1 << (WIDTH + 1);
        row_transitions += ((walled ^ walled >> 1) & NEIGHBOURS).count_ones();
        column_transitions += (row ^ above).count_ones();
        covered |= above;
        holes += (covered & !row).count_ones();
        narrow[y] = !row & walled & walled >> 2 & FULL;
        // A cell of a well counts as often as there are cells of it from here up.
        let mut well = narrow[y];
        let mut higher = y;
        while well != 0 {
            wells += well.count_ones();
            higher += 1;
            well &= narrow[higher];
        }
        above = row;
    }
    column_transitions += (above ^ FULL).count_ones();
    LANDING_HEIGHT * i32::from(lowest + highest) / 2
        + ROWS_CLEARED * cleared
        + ROW_TRANSITIONS * row_transitions as i32
        + COLUMN_TRANSITIONS * column_transitions as i32
        + HOLES * holes as i32
        + WELLS * wells as i32
}
