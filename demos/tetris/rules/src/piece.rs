//! The seven tetrominoes and how they turn: the Super Rotation System (SRS).
//!
//! A piece turns about its pivot cell. Each piece has, for each of the four ways it can face, five offsets; a turn
//! from one facing to another tries the five differences of their offsets, in order, and takes the first that fits.
//! This is the form of SRS from which the better known tables of wall kicks follow:
//! <https://tetris.wiki/User:Nightmareci/SRS>. The tests hold it against those tables.

use netcord_wire::serde::{Deserialize, Serialize};

/// A tetromino.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde")]
pub enum Kind {
    /// The straight one, cyan.
    I = 1,
    /// The square, yellow.
    O,
    /// Purple.
    T,
    /// Green.
    S,
    /// Red.
    Z,
    /// Blue.
    J,
    /// Orange.
    L,
}

/// Which way a piece faces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Facing {
    /// As it enters: 0 in the tables of SRS.
    #[default]
    North,
    /// One turn clockwise: R.
    East,
    /// Two turns: 2.
    South,
    /// One turn counterclockwise: L.
    West,
}

/// A turn by ninety degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// Clockwise.
    Clockwise,
    /// Counterclockwise.
    Counterclockwise,
}

/// A piece somewhere on the field. x counts columns from the left, y rows from the bottom, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Which one it is.
    pub kind: Kind,
    /// Which way it faces.
    pub facing: Facing,
    /// The column of its pivot.
    pub x: i8,
    /// The row of its pivot.
    pub y: i8,
}

impl Kind {
    /// All seven.
    pub const ALL: [Self; 7] = [Self::I, Self::O, Self::T, Self::S, Self::Z, Self::J, Self::L];

    /// The cells about the pivot, as `[x, y]`, with the piece facing north: the way it is drawn when it waits.
    pub const fn cells(self) -> [[i8; 2]; 4] {
        match self {
            Self::I => [[-1, 0], [0, 0], [1, 0], [2, 0]],
            Self::O => [[0, 0], [1, 0], [0, 1], [1, 1]],
            Self::T => [[-1, 0], [0, 0], [1, 0], [0, 1]],
            Self::S => [[-1, 0], [0, 0], [0, 1], [1, 1]],
            Self::Z => [[-1, 1], [0, 1], [0, 0], [1, 0]],
            Self::J => [[-1, 1], [-1, 0], [0, 0], [1, 0]],
            Self::L => [[-1, 0], [0, 0], [1, 0], [1, 1]],
        }
    }

    /// The kind that goes by this capital letter.
    pub const fn from_letter(letter: char) -> Option<Self> {
        match letter {
            'I' => Some(Self::I),
            'O' => Some(Self::O),
            'T' => Some(Self::T),
            'S' => Some(Self::S),
            'Z' => Some(Self::Z),
            'J' => Some(Self::J),
            'L' => Some(Self::L),
            _ => None,
        }
    }

    /// The offsets of a facing. The first of O's keep it in its place, and it needs no others.
    const fn offsets(self, facing: Facing) -> [[i8; 2]; 5] {
        match (self, facing) {
            (Self::I, Facing::North) => [[0, 0], [-1, 0], [2, 0], [-1, 0], [2, 0]],
            (Self::I, Facing::East) => [[-1, 0], [0, 0], [0, 0], [0, 1], [0, -2]],
            (Self::I, Facing::South) => [[-1, 1], [1, 1], [-2, 1], [1, 0], [-2, 0]],
            (Self::I, Facing::West) => [[0, 1], [0, 1], [0, 1], [0, -1], [0, 2]],
            (Self::O, Facing::North) => [[0, 0]; 5],
            (Self::O, Facing::East) => [[0, -1]; 5],
            (Self::O, Facing::South) => [[-1, -1]; 5],
            (Self::O, Facing::West) => [[-1, 0]; 5],
            (_, Facing::North | Facing::South) => [[0, 0]; 5],
            (_, Facing::East) => [[0, 0], [1, 0], [1, -1], [0, 2], [1, 2]],
            (_, Facing::West) => [[0, 0], [-1, 0], [-1, -1], [0, 2], [-1, 2]],
        }
    }
}

impl Facing {
    /// All four, clockwise.
    pub const ALL: [Self; 4] = [Self::North, Self::East, Self::South, Self::West];

    /// The facing after a turn.
    #[must_use]
    pub const fn turned(self, turn: Turn) -> Self {
        let quarters = match turn {
            Turn::Clockwise => 1,
            Turn::Counterclockwise => 3,
        };
        Self::ALL[(self as usize + quarters) % 4]
    }
}

impl Piece {
    /// Where the last of the offsets stands in their order: the one that moves a T by one column and two rows.
    pub(crate) const LAST_KICK: u8 = 4;

    /// The cells it covers, as `[x, y]`.
    pub fn cells(&self) -> [[i8; 2]; 4] {
        CELLS[self.kind as usize - 1][self.facing as usize].map(|[x, y]| [self.x + x, self.y + y])
    }

    /// The row of its lowest cells.
    pub fn bottom(&self) -> i8 {
        self.cells().into_iter().fold(i8::MAX, |bottom, [_, y]| bottom.min(y))
    }

    /// The piece moved by this many columns and rows.
    #[must_use]
    pub const fn moved(self, x: i8, y: i8) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }
    }

    /// Where a turn may take it, in the order in which SRS tries.
    pub fn turns(self, turn: Turn) -> [Self; 5] {
        let facing = self.facing.turned(turn);
        let (from, to) = (self.kind.offsets(self.facing), self.kind.offsets(facing));
        let mut turns = [Self { facing, ..self }; 5];
        for ((turned, from), to) in turns.iter_mut().zip(from).zip(to) {
            *turned = turned.moved(from[0] - to[0], from[1] - to[1]);
        }
        turns
    }

    /// The four cells diagonal to the pivot: those at the side it faces first, each pair clockwise.
    pub(crate) fn corners(&self) -> [[i8; 2]; 4] {
        [[-1, 1], [1, 1], [1, -1], [-1, -1]].map(|corner| {
            let [x, y] = rotated(corner, self.facing);
            [self.x + x, self.y + y]
        })
    }
}

/// The cells of each kind about its pivot, in each facing.
const CELLS: [[[[i8; 2]; 4]; 4]; 7] = {
    let mut table = [[[[0; 2]; 4]; 4]; 7];
    let mut kind = 0;
    while kind < 7 {
        let cells = Kind::ALL[kind].cells();
        let mut place = 0;
        while place < 16 {
            let (facing, cell) = (place / 4, place % 4);
            table[kind][facing][cell] = rotated(cells[cell], Facing::ALL[facing]);
            place += 1;
        }
        kind += 1;
    }
    table
};

/// A cell about the pivot, when what it belongs to faces this way.
const fn rotated([x, y]: [i8; 2], facing: Facing) -> [i8; 2] {
    match facing {
        Facing::North => [x, y],
        Facing::East => [y, -x],
        Facing::South => [-x, -y],
        Facing::West => [-y, x],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_o_stays_in_its_place() {
        for turn in [Turn::Clockwise, Turn::Counterclockwise] {
            let mut piece = Piece { kind: Kind::O, facing: Facing::North, x: 4, y: 20 };
            let mut cells = piece.cells();
            cells.sort_unstable();
            for _ in 0..4 {
                piece = piece.turns(turn)[0];
                let mut turned = piece.cells();
                turned.sort_unstable();
                assert_eq!(turned, cells, "{turn:?}, {:?}", piece.facing);
            }
        }
    }
}
