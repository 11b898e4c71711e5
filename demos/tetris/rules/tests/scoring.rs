//! Points, T-spins, combos and back-to-back, against "Recent guideline compatible games" in
//! <https://tetris.wiki/Scoring> and "Current rules" in <https://tetris.wiki/T-Spin>.

mod hands;

use hands::{game_on, hard_drop, picture, taps, to_ground};
use tetris_rules::{Input, Kind, Locked, Placement, Spin, Tetris};

const LEFT: Input = Input::LEFT;
const RIGHT: Input = Input::RIGHT;
const CLOCKWISE: Input = Input::CLOCKWISE;
const COUNTERCLOCKWISE: Input = Input::COUNTERCLOCKWISE;

fn placement(spin: Option<Spin>, lines: u8) -> Placement {
    Placement { lines, spin, ..Placement::default() }
}

#[test]
fn every_action_has_the_published_points() {
    let (mini, full) = (Some(Spin::Mini), Some(Spin::Full));
    let table = [
        // action, lines, points, difficult
        (None, 0, 0, false),
        (None, 1, 100, false),
        (None, 2, 300, false),
        (None, 3, 500, false),
        (None, 4, 800, true),
        (mini, 0, 100, false),
        (full, 0, 400, false),
        (mini, 1, 200, true),
        (full, 1, 800, true),
        (mini, 2, 400, true),
        (full, 2, 1_200, true),
        (full, 3, 1_600, true),
    ];
    for (spin, lines, points, is_difficult) in table {
        let action = placement(spin, lines);
        assert_eq!(action.is_difficult(), is_difficult, "{action:?}");
        for level in [1, 2, 15] {
            assert_eq!(action.points(level), points * u32::from(level), "{action:?} on level {level}");
        }
        // "Back-to-Back difficult line clears: action score x 1.5".
        let again = Placement { back_to_back: true, ..action };
        let expected = if is_difficult { points * 3 / 2 } else { points };
        assert_eq!(again.points(3), expected * 3, "{again:?}");
        // "Combo: 50 x combo count x level".
        let combo = Placement { combo: 4, ..action };
        let expected = if lines > 0 { points + 200 } else { points };
        assert_eq!(combo.points(2), expected * 2, "{combo:?}");
    }
}

#[test]
fn an_empty_field_has_the_published_points() {
    for (lines, back_to_back, points) in
        [(1, false, 800), (2, false, 1_200), (3, false, 1_800), (4, false, 2_000), (4, true, 3_200)]
    {
        let clear = Placement { back_to_back, ..placement(None, lines) };
        let all = Placement { all_clear: true, ..clear };
        assert_eq!(all.points(3) - clear.points(3), 3 * points, "{all:?}");
    }
    let nothing = Placement { all_clear: true, ..placement(None, 0) };
    assert_eq!(nothing.points(1), 0);
}

#[test]
fn drops_score_a_point_a_row_and_two() {
    let mut game = game_on("", &[Kind::O, Kind::T]);
    // An O enters in rows 21 and 22, comes a row down, and has 19 rows to fall.
    let locked = hard_drop(&mut game);
    assert_eq!((locked.points, game.score()), (0, 2 * 19));
    to_ground(&mut game);
    // The T falls on the O.
    assert_eq!(game.score(), 2 * 19 + 17);
}

/// Plays a T on a field: turned and shifted above it, let down, then moved on the ground.
fn t_on(field: &str, above: &[Input], on_the_ground: &[Input]) -> (Tetris, Locked) {
    let mut game = game_on(field, &[Kind::T]);
    taps(&mut game, above);
    to_ground(&mut game);
    game.step(Input::NONE);
    taps(&mut game, on_the_ground);
    let locked = hard_drop(&mut game);
    (game, locked)
}

const DOUBLE: &str = "
    ......ZZ..
    ZZZZ...ZZZ
    ZZZZZ.ZZZZ";

#[test]
fn a_t_turned_into_the_well_known_place_is_a_double() {
    let (game, locked) = t_on(DOUBLE, &[COUNTERCLOCKWISE, RIGHT], &[COUNTERCLOCKWISE]);
    assert_eq!((locked.placement.spin, locked.placement.lines), (Some(Spin::Full), 2));
    assert_eq!((locked.points, game.lines()), (1_200, 2));
    assert_eq!(locked.cleared.iter().collect::<Vec<_>>(), [0, 1]);
    assert_eq!(picture(&game, 2), ["..........", "......ZZ.."]);
    assert!(game.back_to_back());
}

#[test]
fn a_t_kicked_into_the_triple_place_is_a_triple() {
    let field = "
        ....ZZ....
        .....Z....
        ZZZZ.ZZZZZ
        ZZZ..ZZZZZ
        ZZZZ.ZZZZZ";
    let (game, locked) = t_on(field, &[LEFT, LEFT], &[RIGHT, COUNTERCLOCKWISE]);
    assert_eq!((locked.placement.spin, locked.placement.lines), (Some(Spin::Full), 3));
    assert_eq!((locked.points, game.lines()), (1_600, 3));
}

/// "If there is only one mino in two front corners and two minoes to the back corners, it is a Mini T-spin. However,
/// if the last rotation that kicked the T moves its center 1 by 2 blocks, it is still a proper T-spin."
#[test]
fn the_last_kick_makes_a_mini_a_full_one() {
    let field = "
        ....ZZ....
        .....Z....
        ZZZZ.ZZZZZ
        ZZZ..ZZZZZ
        ZZZ..ZZZZZ";
    let (_, locked) = t_on(field, &[LEFT, LEFT], &[RIGHT, COUNTERCLOCKWISE]);
    assert_eq!((locked.placement.spin, locked.placement.lines), (Some(Spin::Full), 2));
    assert_eq!(locked.points, 1_200);
}

/// "If the T is facing against a wall or floor, the two back corners are considered as if there were minoes there."
#[test]
fn a_t_turned_against_the_wall_is_a_mini() {
    let (_, locked) = t_on(".ZZZZZZZZZ", &[LEFT, LEFT, LEFT], &[CLOCKWISE]);
    assert_eq!((locked.placement.spin, locked.placement.lines), (Some(Spin::Mini), 1));
    assert_eq!(locked.points, 200);
    let (_, locked) = t_on(".ZZZZZZZZ.", &[LEFT, LEFT, LEFT], &[CLOCKWISE]);
    assert_eq!((locked.placement.spin, locked.placement.lines, locked.points), (Some(Spin::Mini), 0, 100));
}

#[test]
fn a_t_spin_without_lines_scores() {
    let field = "
        ......ZZ..
        ZZZ....ZZZ
        ZZZZZ.ZZZ.";
    let (game, locked) = t_on(field, &[COUNTERCLOCKWISE, RIGHT], &[COUNTERCLOCKWISE]);
    assert_eq!((locked.placement.spin, locked.placement.lines, locked.points), (Some(Spin::Full), 0, 400));
    assert!(!game.back_to_back());
}

/// "The last maneuver of the T tetrimino must be a rotation."
#[test]
fn a_t_that_was_shifted_or_fell_last_is_no_spin() {
    let shifted = "
        ......Z...
        ZZZZ....ZZ
        ZZZZZ..ZZZ";
    // Turned under the overhang, which is a spin, then shifted.
    let (_, locked) = t_on(shifted, &[COUNTERCLOCKWISE, RIGHT], &[COUNTERCLOCKWISE, RIGHT]);
    assert_eq!((locked.placement.spin, locked.piece.x), (None, 6));
    // Turned high above, then dropped among three corners.
    let dropped = "
        ZZZ..ZZZZ.
        ZZZ..ZZZZZ
        ZZZZ.ZZZZZ";
    let (_, locked) = t_on(dropped, &[COUNTERCLOCKWISE], &[]);
    assert_eq!((locked.placement.spin, locked.placement.lines, locked.points), (None, 2, 300));
    // "Pressing both rotate buttons will trigger the T-spin bonus even without any net rotation":
    // <https://tetris.wiki/List_of_twists>.
    let turned_twice = [COUNTERCLOCKWISE, CLOCKWISE, COUNTERCLOCKWISE];
    let (_, locked) = t_on(DOUBLE, &[COUNTERCLOCKWISE, RIGHT], &turned_twice);
    assert_eq!(locked.placement.spin, Some(Spin::Full));
}

/// The field of a tetris, with a single above it.
const WELL: &str = "
    ZZZ...ZZZZ
    ZZZZ.ZZZZZ
    ZZZZ.ZZZZZ
    ZZZZ.ZZZZZ
    ZZZZ.ZZZZZ";

#[test]
fn clears_in_a_row_are_a_combo_and_an_easy_one_ends_back_to_back() {
    let mut game = game_on(WELL, &[Kind::I, Kind::J]);
    taps(&mut game, &[CLOCKWISE, LEFT]);
    let tetris = hard_drop(&mut game);
    assert_eq!((tetris.placement.lines, tetris.points), (4, 800));
    assert_eq!((game.combo(), game.back_to_back()), (1, true));
    let single = hard_drop(&mut game);
    assert_eq!((single.placement.lines, single.placement.combo, single.points), (1, 1, 100 + 50));
    assert_eq!((game.combo(), game.back_to_back()), (2, false));
    let nothing = hard_drop(&mut game);
    assert_eq!((nothing.placement.lines, nothing.points, game.combo()), (0, 0, 0));
}

#[test]
fn two_tetrises_are_back_to_back_whatever_is_placed_in_between() {
    let field = ["ZZZZZZZZZ."; 8].join("\n");
    let mut game = game_on(&field, &[Kind::I]);
    let mut clears = Vec::new();
    let mut pieces = 0;
    while clears.len() < 2 {
        let is_straight = game.piece().expect("the field is low").kind == Kind::I;
        // The others are put aside, on the left.
        taps(&mut game, if is_straight { &[CLOCKWISE, RIGHT, RIGHT, RIGHT, RIGHT] } else { &[LEFT; 4] });
        let locked = hard_drop(&mut game);
        clears.extend((locked.placement.lines > 0).then_some((locked.placement, locked.points)));
        pieces += 1;
    }
    assert!(pieces > 2, "others came in between");
    let clear = placement(None, 4);
    assert_eq!(clears, [(clear, 800), (Placement { back_to_back: true, ..clear }, 1_200)]);
}

#[test]
fn a_tetris_that_leaves_nothing_is_an_all_clear() {
    let field = ["ZZZZ.ZZZZZ"; 4].join("\n");
    let mut game = game_on(&field, &[Kind::I]);
    taps(&mut game, &[CLOCKWISE, LEFT]);
    let locked = hard_drop(&mut game);
    assert!(locked.placement.all_clear && game.board().is_empty());
    assert_eq!(locked.points, 800 + 2_000);
}
