//! The field and the cells that lie on it.

use crate::piece::{Kind, Piece, Turn};

/// Columns.
pub const WIDTH: i8 = 10;
/// Rows that are seen.
pub const VISIBLE_HEIGHT: i8 = 20;
/// All rows: as many again lie above those that are seen, as a buffer.
pub const HEIGHT: i8 = 40;

/// A row: four bits a cell, the left one lowest; 0 is empty, else the number of the [`Kind`].
type Row = u64;

/// The lowest bit of each cell.
const EACH: Row = 0x11_1111_1111;

/// What lies on the field, without the piece that falls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Board {
    rows: [Row; HEIGHT as usize],
}

/// Rows that were cleared at once: at most four, numbered as they were before, from the lowest up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClearedRows {
    rows: [i8; 4],
    count: u8,
}

impl Board {
    /// A field with nothing on it.
    pub const fn empty() -> Self {
        Self { rows: [0; HEIGHT as usize] }
    }

    /// A field drawn as text, the highest row first: letters for the kinds, any other sign for empty cells. Rows
    /// above those that are drawn are empty. For tests, and for positions to practise from.
    ///
    /// # Panics
    /// When more rows are drawn than there are, or a row has more or less than ten cells.
    pub fn drawn(picture: &str) -> Self {
        let lines: alloc::vec::Vec<&str> =
            picture.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let mut board = Self::empty();
        for (y, line) in lines.iter().rev().enumerate() {
            assert_eq!(line.chars().count(), WIDTH as usize, "a row has ten cells: {line}");
            for (x, sign) in line.chars().enumerate() {
                if let Some(kind) = Kind::from_letter(sign) {
                    board.rows[y] |= (kind as Row) << (4 * x);
                }
            }
        }
        board
    }

    /// What lies in a cell; nothing outside of the field.
    pub fn cell(&self, x: i8, y: i8) -> Option<Kind> {
        let row = *self.rows.get(usize::try_from(y).ok()?)?;
        if !(0..WIDTH).contains(&x) {
            return None;
        }
        match row >> (4 * x) & 0xf {
            0 => None,
            number => Some(Kind::ALL[number as usize - 1]),
        }
    }

    /// Whether something lies in a cell. Walls, floor and ceiling count.
    pub fn is_filled(&self, x: i8, y: i8) -> bool {
        // Numbers below 0 become large ones.
        let (x, y) = (x as u8, y as u8);
        x >= WIDTH as u8 || y >= HEIGHT as u8 || self.rows[usize::from(y)] >> (4 * x) & 0xf != 0
    }

    /// Whether a piece has room where it is.
    pub fn fits(&self, piece: &Piece) -> bool {
        piece.cells().into_iter().all(|[x, y]| !self.is_filled(x, y))
    }

    /// A piece after a turn, and which of the five places that SRS tries it is: the first with room.
    pub fn turned(&self, piece: Piece, turn: Turn) -> Option<(Piece, u8)> {
        piece.turns(turn).into_iter().zip(0..).find(|(turned, _)| self.fits(turned))
    }

    /// Where a piece would land if it fell from where it is.
    #[must_use]
    pub fn landing(&self, mut piece: Piece) -> Piece {
        while self.fits(&piece.moved(0, -1)) {
            piece.y -= 1;
        }
        piece
    }

    /// Whether nothing lies on the field.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|&row| row == 0)
    }

    /// How many cells are filled.
    pub fn filled_cells(&self) -> u32 {
        self.rows.iter().map(|&row| filled(row).count_ones()).sum()
    }

    /// The rows as numbers, from the lowest up: four bits a cell, the left one lowest.
    pub(crate) const fn rows(&self) -> &[Row; HEIGHT as usize] {
        &self.rows
    }

    /// Leaves a piece where it is. It must fit.
    pub(crate) fn add(&mut self, piece: &Piece) {
        for [x, y] in piece.cells() {
            self.rows[y as usize] |= (piece.kind as Row) << (4 * x);
        }
    }

    /// Takes full rows away; what lies above them comes down.
    pub(crate) fn clear_full_rows(&mut self) -> ClearedRows {
        let mut cleared = ClearedRows::default();
        let mut to = 0;
        for y in 0..self.rows.len() {
            let row = self.rows[y];
            if filled(row) == EACH {
                cleared.push(y as i8);
            } else {
                self.rows[to] = row;
                to += 1;
            }
        }
        self.rows[to..].fill(0);
        cleared
    }
}

impl ClearedRows {
    /// How many rows.
    pub const fn count(self) -> u8 {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The rows, from the lowest up.
    pub fn iter(self) -> impl Iterator<Item = i8> {
        self.rows.into_iter().take(self.count.into())
    }

    fn push(&mut self, y: i8) {
        self.rows[usize::from(self.count)] = y;
        self.count += 1;
    }
}

/// The lowest bit of each cell that is filled.
const fn filled(row: Row) -> Row {
    (row | row >> 1 | row >> 2) & EACH
}
