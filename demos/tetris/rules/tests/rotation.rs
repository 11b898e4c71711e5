//! The Super Rotation System, against what the players' wikis publish of it: the four facings, the tables of wall
//! kicks, and twists. <https://tetris.wiki/Super_Rotation_System>, <https://harddrop.com/wiki/SRS>.

use std::collections::BTreeSet;
use tetris_rules::{Board, Facing, Kind, Piece, Turn};

type Cells = BTreeSet<[i8; 2]>;

const CLOCKWISE: Turn = Turn::Clockwise;
const COUNTERCLOCKWISE: Turn = Turn::Counterclockwise;

fn cells(piece: Piece) -> Cells {
    piece.cells().into_iter().collect()
}

/// The cells with this sign in a picture, from the lowest row up.
fn drawn(picture: &str, sign: char) -> Cells {
    let lines: Vec<&str> = picture.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut cells = Cells::new();
    for (y, line) in (0..).zip(lines.iter().rev()) {
        cells.extend((0..).zip(line.chars()).filter(|&(_, drawn)| drawn == sign).map(|(x, _)| [x, y]));
    }
    cells
}

/// The picture "All rotation states of all seven tetrominoes", in the boxes of <https://harddrop.com/wiki/SRS>:
/// 0, R, 2 and L, side by side.
const STATES: [(Kind, &str); 7] = [
    (
        Kind::I,
        ".... ..#. .... .#..
         #### ..#. .... .#..
         .... ..#. #### .#..
         .... ..#. .... .#..",
    ),
    (
        Kind::J,
        "#.. .## ... .#.
         ### .#. ### .#.
         ... .#. ..# ##.",
    ),
    (
        Kind::L,
        "..# .#. ... ##.
         ### .#. ### .#.
         ... .## #.. .#.",
    ),
    (
        Kind::O,
        ".##. .##. .##. .##.
         .##. .##. .##. .##.
         .... .... .... ....",
    ),
    (
        Kind::S,
        ".## .#. ... #..
         ##. .## .## ##.
         ... ..# ##. .#.",
    ),
    (
        Kind::T,
        ".#. .#. ... .#.
         ### .## ### ##.
         ... .#. .#. .#.",
    ),
    (
        Kind::Z,
        "##. ..# ... .#.
         .## .## ##. ##.
         ... .#. .## #..",
    ),
];

/// The cells of a kind in its box, in the four states.
fn states(kind: Kind) -> [Cells; 4] {
    let (_, picture) = STATES.iter().find(|(drawn, _)| *drawn == kind).unwrap();
    [0, 1, 2, 3].map(|state| {
        let boxes = picture.lines().map(|line| line.split_whitespace().nth(state).unwrap());
        drawn(&boxes.collect::<Vec<_>>().join("\n"), '#')
    })
}

/// A piece whose box has its lower left corner at this cell, facing north.
fn in_box(kind: Kind, corner: [i8; 2]) -> Piece {
    let piece = Piece { kind, facing: Facing::North, x: 0, y: 0 };
    let lowest = |cells: &Cells| {
        let x = cells.iter().map(|cell| cell[0]).min().unwrap();
        let y = cells.iter().map(|cell| cell[1]).min().unwrap();
        [x, y]
    };
    let (ours, boxed) = (lowest(&cells(piece)), lowest(&states(kind)[0]));
    piece.moved(corner[0] + boxed[0] - ours[0], corner[1] + boxed[1] - ours[1])
}

#[test]
fn every_piece_turns_as_it_is_drawn() {
    for kind in Kind::ALL {
        let states = states(kind);
        for (turn, order) in [(CLOCKWISE, [0, 1, 2, 3, 0]), (COUNTERCLOCKWISE, [0, 3, 2, 1, 0])] {
            let mut piece = in_box(kind, [0, 10]);
            for state in order {
                let boxed: Cells = states[state].iter().map(|[x, y]| [*x, y + 10]).collect();
                assert_eq!(cells(piece), boxed, "{kind:?} in state {state}, turned {turn:?}");
                piece = piece.turns(turn)[0];
            }
        }
    }
}

/// "J, L, T, S, Z Tetromino Wall Kick Data": right and up are positive.
const KICKS: [(Facing, Turn, [[i8; 2]; 5]); 8] = [
    (Facing::North, CLOCKWISE, [[0, 0], [-1, 0], [-1, 1], [0, -2], [-1, -2]]),
    (Facing::East, COUNTERCLOCKWISE, [[0, 0], [1, 0], [1, -1], [0, 2], [1, 2]]),
    (Facing::East, CLOCKWISE, [[0, 0], [1, 0], [1, -1], [0, 2], [1, 2]]),
    (Facing::South, COUNTERCLOCKWISE, [[0, 0], [-1, 0], [-1, 1], [0, -2], [-1, -2]]),
    (Facing::South, CLOCKWISE, [[0, 0], [1, 0], [1, 1], [0, -2], [1, -2]]),
    (Facing::West, COUNTERCLOCKWISE, [[0, 0], [-1, 0], [-1, -1], [0, 2], [-1, 2]]),
    (Facing::West, CLOCKWISE, [[0, 0], [-1, 0], [-1, -1], [0, 2], [-1, 2]]),
    (Facing::North, COUNTERCLOCKWISE, [[0, 0], [1, 0], [1, 1], [0, -2], [1, -2]]),
];

/// "I Tetromino Wall Kick Data".
const KICKS_OF_I: [(Facing, Turn, [[i8; 2]; 5]); 8] = [
    (Facing::North, CLOCKWISE, [[0, 0], [-2, 0], [1, 0], [-2, -1], [1, 2]]),
    (Facing::East, COUNTERCLOCKWISE, [[0, 0], [2, 0], [-1, 0], [2, 1], [-1, -2]]),
    (Facing::East, CLOCKWISE, [[0, 0], [-1, 0], [2, 0], [-1, 2], [2, -1]]),
    (Facing::South, COUNTERCLOCKWISE, [[0, 0], [1, 0], [-2, 0], [1, -2], [-2, 1]]),
    (Facing::South, CLOCKWISE, [[0, 0], [2, 0], [-1, 0], [2, 1], [-1, -2]]),
    (Facing::West, COUNTERCLOCKWISE, [[0, 0], [-2, 0], [1, 0], [-2, -1], [1, 2]]),
    (Facing::West, CLOCKWISE, [[0, 0], [1, 0], [-2, 0], [1, -2], [-2, 1]]),
    (Facing::North, COUNTERCLOCKWISE, [[0, 0], [-1, 0], [2, 0], [-1, 2], [2, -1]]),
];

/// The table of a kind; O is in none, for it doesn't move.
fn table(kind: Kind) -> &'static [(Facing, Turn, [[i8; 2]; 5])] {
    match kind {
        Kind::I => &KICKS_OF_I,
        Kind::O => &[],
        _ => &KICKS,
    }
}

/// A piece in the middle of the field that faces this way.
fn facing(kind: Kind, facing: Facing) -> Piece {
    let mut piece = in_box(kind, [3, 10]);
    while piece.facing != facing {
        piece = piece.turns(CLOCKWISE)[0];
    }
    piece
}

#[test]
fn kicks_are_those_of_the_published_tables() {
    for kind in Kind::ALL {
        for &(from, turn, kicks) in table(kind) {
            let turns = facing(kind, from).turns(turn);
            for (turned, [x, y]) in turns.iter().zip(kicks) {
                assert_eq!(*turned, turns[0].moved(x, y), "{kind:?} from {from:?}, {turn:?}");
            }
        }
    }
}

/// A field with these cells filled.
fn field(filled: &Cells) -> Board {
    let row = |y| (0..10).map(move |x| if filled.contains(&[x, y]) { 'Z' } else { '.' });
    let rows: Vec<String> = (0..40).rev().map(|y| row(y).collect()).collect();
    Board::drawn(&rows.join("\n"))
}

/// For each entry of the tables, a field in which the places before it have no room, and it has, if there is any.
#[test]
fn the_first_place_with_room_is_taken() {
    let mut tried = 0;
    let mut impossible = Vec::new();
    for kind in Kind::ALL {
        for &(from, turn, _) in table(kind) {
            let piece = facing(kind, from);
            let turns = piece.turns(turn);
            for (kick, &target) in turns.iter().enumerate() {
                let mut filled: Cells = turns[..kick].iter().flat_map(|&turned| cells(turned)).collect();
                for cell in cells(piece).union(&cells(target)) {
                    filled.remove(cell);
                }
                if turns[..kick].iter().any(|&turned| cells(turned).is_disjoint(&filled)) {
                    impossible.push((kind, from, turn, kick));
                    continue;
                }
                let field = field(&filled);
                assert!(field.fits(&piece));
                assert_eq!(field.turned(piece, turn), Some((target, kick as u8)), "{kind:?} from {from:?}");
                tried += 1;
            }
            let everywhere: Cells = turns.iter().flat_map(|&turned| cells(turned)).collect();
            let blocked = everywhere.difference(&cells(piece)).copied().collect();
            assert_eq!(field(&blocked).turned(piece, turn), None, "no room: {kind:?} from {from:?}");
        }
    }
    // "impossible" in the table of <https://tetris.wiki/User:Arcorann/T-Spins>.
    let impossible_of_t: Vec<_> = impossible.iter().filter(|case| case.0 == Kind::T).collect();
    assert_eq!(
        impossible_of_t,
        [
            &(Kind::T, Facing::North, CLOCKWISE, 3),
            &(Kind::T, Facing::South, COUNTERCLOCKWISE, 2),
            &(Kind::T, Facing::South, CLOCKWISE, 2),
            &(Kind::T, Facing::North, COUNTERCLOCKWISE, 3),
        ]
    );
    assert_eq!((tried, impossible.len()), (6 * 8 * 5 - impossible.len(), impossible.len()));
    assert!(tried > 200, "only {tried} kicks could be tried");
}

/// Turns the piece that is drawn in small letters, among capital ones, and says where it went.
fn twist(before: &str, kind: Kind, sign: char, turn: Turn) -> (Cells, u8) {
    let board = Board::drawn(before);
    let boxed = drawn(before, sign);
    let piece = Facing::ALL
        .into_iter()
        .flat_map(|facing| (0..10).flat_map(move |x| (0..20).map(move |y| Piece { kind, facing, x, y })))
        .find(|&piece| cells(piece) == boxed)
        .expect("the piece is drawn");
    let (turned, kick) = board.turned(piece, turn).expect("there is room");
    (cells(turned), kick)
}

/// Before and after, from <https://tetris.wiki/List_of_twists>, with the place that SRS takes.
#[test]
fn the_published_twists_come_out() {
    let cases = [
        // "A well-known twist involves the tetromino T."
        (
            (Kind::T, 't', COUNTERCLOCKWISE, 0),
            ".....tZZ..
             ZZZZtt.ZZZ
             ZZZZZtZZZZ",
            "......ZZ..
             ZZZZtttZZZ
             ZZZZZtZZZZ",
        ),
        // "Triples may not seem possible, but especially games using SRS will allow them regardless."
        (
            (Kind::T, 't', COUNTERCLOCKWISE, 4),
            "...tZZ....
             ..tttZ....
             ZZZZ.ZZZZZ
             ZZZ..ZZZZZ
             ZZZZ.ZZZZZ",
            "....ZZ....
             .....Z....
             ZZZZtZZZZZ
             ZZZttZZZZZ
             ZZZZtZZZZZ",
        ),
        // "Twists with S and Z", "SRS only".
        (
            (Kind::Z, 'z', COUNTERCLOCKWISE, 4),
            "...zzZZ...
             ....zzZ...
             ZZZZZ.ZZZZ
             ZZZZ..ZZZZ
             ZZZZ.ZZZZZ",
            ".....ZZ...
             ......Z...
             ZZZZZzZZZZ
             ZZZZzzZZZZ
             ZZZZzZZZZZ",
        ),
        // "Twists with J and L".
        (
            (Kind::L, 'l', COUNTERCLOCKWISE, 2),
            "...ZZllZ..
             ...ZZZlZ..
             ZZZZ..lZZZ
             ZZZZ.ZZZZZ",
            "...ZZ..Z..
             ...ZZZ.Z..
             ZZZZlllZZZ
             ZZZZlZZZZZ",
        ),
    ];
    for ((kind, sign, turn, kick), before, after) in cases {
        assert_eq!(twist(before, kind, sign, turn), (drawn(after, sign), kick), "{kind:?}:\n{before}");
    }
}

/// The same twists in a mirror: S for Z, J for L, the other turn.
#[test]
fn twists_are_the_same_in_a_mirror() {
    let mirror = |cells: Cells| -> Cells { cells.into_iter().map(|[x, y]| [9 - x, y]).collect() };
    for (kind, mirrored) in [(Kind::Z, Kind::S), (Kind::L, Kind::J), (Kind::T, Kind::T)] {
        for (from, turn, reflected, other) in [
            (Facing::North, CLOCKWISE, Facing::North, COUNTERCLOCKWISE),
            (Facing::East, CLOCKWISE, Facing::West, COUNTERCLOCKWISE),
            (Facing::South, CLOCKWISE, Facing::South, COUNTERCLOCKWISE),
            (Facing::West, CLOCKWISE, Facing::East, COUNTERCLOCKWISE),
        ] {
            let ours = facing(kind, from).turns(turn).map(cells);
            let mut piece = facing(mirrored, reflected);
            piece.x = 9 - facing(kind, from).x;
            assert_eq!(piece.turns(other).map(cells).map(mirror), ours, "{kind:?} from {from:?}");
        }
    }
}
