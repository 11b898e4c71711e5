//! How pieces come, fall, lock and top out, and when a game is over.

mod hands;

use hands::{config, game_on, hard_drop, picture, seed, tap, taps, to_ground};
use tetris_rules::{
    Board, Bot, Config, Ending, Handling, Input, Kind, LOCK_RESETS, LOCK_TICKS, Mode, Tetris, ULTRA_TICKS,
};

/// "Tetrominoes appear on the 21st and 22nd rows, centered and rounded to the left, flat side down, and move down
/// immediately after appearing": <https://tetris.wiki/Tetris_Guideline>.
#[test]
fn pieces_enter_above_the_rows_that_are_seen_and_come_down_a_row() {
    for kind in Kind::ALL {
        let cells = game_on("", &[kind]).piece().unwrap().cells();
        let columns = match kind {
            Kind::I => [3, 6],
            Kind::O => [4, 5],
            _ => [3, 5],
        };
        let x = cells.map(|[x, _]| x);
        assert_eq!([x.into_iter().min(), x.into_iter().max()], columns.map(Some), "{kind:?}");
        let rows = cells.map(|[_, y]| y);
        let highest = if kind == Kind::I { 19 } else { 20 };
        assert_eq!((rows.into_iter().min(), rows.into_iter().max()), (Some(19), Some(highest)), "{kind:?}");
    }
    // Filled up to row 20, there is no room to come down.
    let field = ["ZZZZZZZZZ."; 20].join("\n");
    assert_eq!(game_on(&field, &[Kind::T]).piece().unwrap().y, 20);
}

#[test]
fn each_bag_has_all_seven() {
    for seed in 0..100 {
        let mut game = Tetris::new(seed, Config::new(Mode::Endless));
        let mut come: Vec<Kind> =
            game.piece().map(|piece| piece.kind).into_iter().chain(game.next()).collect();
        for _ in 0..6 {
            hard_drop(&mut game);
            come.push(game.next()[4]);
        }
        let mut bag = come[..7].to_vec();
        bag.sort_by_key(|&kind| kind as u8);
        assert_eq!(bag, Kind::ALL, "seed {seed}: {come:?}");
    }
}

#[test]
fn hold_works_once_a_piece_and_keeps_the_order() {
    let mut game = game_on("", &[Kind::S, Kind::T, Kind::J]);
    assert_eq!((game.held(), game.can_hold()), (None, true));
    assert!(tap(&mut game, Input::HOLD).held);
    assert_eq!((game.held(), game.piece().unwrap().kind), (Some(Kind::S), Kind::T));
    assert!(!game.can_hold() && !tap(&mut game, Input::HOLD).held);
    hard_drop(&mut game);
    assert!(game.can_hold());
    tap(&mut game, Input::CLOCKWISE);
    assert!(tap(&mut game, Input::HOLD).held);
    let piece = game.piece().unwrap();
    assert_eq!((game.held(), piece.kind, piece.facing), (Some(Kind::J), Kind::S, Default::default()));
}

#[test]
fn a_piece_falls_a_row_a_second_on_the_first_level() {
    let mut game = Tetris::new(1, Config::new(Mode::Marathon));
    let high = game.piece().unwrap().y;
    let mut fell = Vec::new();
    for tick in 1..=200 {
        game.step(Input::NONE);
        if game.piece().unwrap().y < high - fell.len() as i8 {
            fell.push(tick);
        }
    }
    // 1092 of 65536 of a row a tick is a little more than the sixtieth part: 60.01 ticks a row.
    assert_eq!(fell, [61, 121, 181]);
}

#[test]
fn a_soft_drop_is_twenty_times_as_fast() {
    let mut game = Tetris::new(1, Config::new(Mode::Marathon));
    let high = game.piece().unwrap().y;
    for _ in 0..31 {
        game.step(Input::SOFT_DROP);
    }
    assert_eq!((high - game.piece().unwrap().y, game.score()), (10, 10));
}

#[test]
fn the_ghost_is_where_a_hard_drop_locks() {
    let mut game = game_on("ZZ........\nZZZ.......", &[Kind::L]);
    taps(&mut game, &[Input::LEFT, Input::LEFT, Input::COUNTERCLOCKWISE]);
    let ghost = game.ghost().unwrap();
    assert_eq!(hard_drop(&mut game).piece, ghost);
    assert_eq!(picture(&game, 4), [".LL.......", "..L.......", "ZZL.......", "ZZZ......."].map(String::from));
}

#[test]
fn a_piece_that_rests_half_a_second_locks() {
    let mut game = game_on("", &[Kind::O]);
    to_ground(&mut game);
    for tick in 2..LOCK_TICKS {
        assert_eq!(game.step(Input::NONE).locked, None, "tick {tick}");
        assert_eq!(game.rested(), tick);
    }
    assert!(game.step(Input::NONE).locked.is_some());
}

/// "Extended Placement Lock Down": fifteen moves and turns start the half second anew, and no more.
#[test]
fn fifteen_moves_put_off_the_lock_and_then_it_locks_at_once() {
    let mut game = game_on("", &[Kind::O]);
    to_ground(&mut game);
    for moves in 1..=LOCK_RESETS {
        for _ in 0..LOCK_TICKS - 2 {
            assert_eq!(game.step(Input::NONE).locked, None, "after {moves} moves");
        }
        let key = if moves % 2 == 0 { Input::LEFT } else { Input::RIGHT };
        assert_eq!(game.step(key).locked.is_some(), moves == LOCK_RESETS, "move {moves}");
    }
}

#[test]
fn moves_in_the_air_are_free() {
    // A ledge right below where pieces enter.
    let mut game = game_on(&[".......ZZ."; 19].join("\n"), &[Kind::O]);
    for _ in 0..8 {
        taps(&mut game, &[Input::LEFT, Input::RIGHT]);
    }
    taps(&mut game, &[Input::RIGHT, Input::RIGHT]);
    for _ in 0..5 {
        taps(&mut game, &[Input::RIGHT, Input::LEFT]);
        assert_eq!((game.pieces(), game.piece().unwrap().y), (0, 19));
    }
}

#[test]
fn a_piece_that_gets_lower_has_all_its_moves_again() {
    let field = "
        ZZZZZ.....
        ZZZZZ.....
        ZZZZZ.....";
    let mut game = game_on(field, &[Kind::O]);
    taps(&mut game, &[Input::LEFT]);
    to_ground(&mut game);
    for step in 1..LOCK_RESETS - 2 {
        let key = if step % 2 == 0 { Input::RIGHT } else { Input::LEFT };
        assert_eq!(tap(&mut game, key).locked, None);
    }
    taps(&mut game, &[Input::RIGHT, Input::RIGHT]);
    to_ground(&mut game);
    assert_eq!(game.piece().map(|piece| [piece.x, piece.y]), Some([5, 0]));
    for step in 1..LOCK_RESETS {
        let key = if step % 2 == 0 { Input::LEFT } else { Input::RIGHT };
        assert_eq!(tap(&mut game, key).locked, None, "move {step} below");
    }
}

#[test]
fn a_game_is_over_when_the_next_piece_has_no_room() {
    let game = Tetris::on(Board::drawn(&["ZZZZZZZZZ."; 21].join("\n")), 1, Config::default());
    assert_eq!((game.ending(), game.piece()), (Some(Ending::BlockOut), None));

    let mut game = game_on(&["...ZZZZ..."; 19].join("\n"), &[Kind::O]);
    let events = game.step(Input::HARD_DROP);
    assert!(events.locked.is_some());
    assert_eq!((events.over, game.piece(), game.ghost()), (Some(Ending::BlockOut), None, None));
    let ended = game.clone();
    assert_eq!(game.step(Input::HARD_DROP), Default::default());
    assert_eq!(game, ended, "a game that is over stays as it is");
}

#[test]
fn a_game_is_over_when_a_piece_locks_above_the_rows_that_are_seen() {
    let field = ["...ZZZZ..."; 20].join("\n");
    let mut game = game_on(&field, &[Kind::O]);
    assert_eq!(game.step(Input::HARD_DROP).over, Some(Ending::LockOut));
    // Half above, half below is no lock out: it is the next piece that has no room.
    let mut game = game_on(&field, &[Kind::I]);
    tap(&mut game, Input::CLOCKWISE);
    taps(&mut game, &[Input::RIGHT; 2]);
    assert_eq!(game.step(Input::HARD_DROP).over, None);
}

/// Lets the bot play until so many lines are cleared, or the game is over.
fn clear_lines(game: &mut Tetris, lines: u32) {
    let mut bot = Bot::new(Bot::FASTEST);
    while game.lines() < lines && game.ending().is_none() {
        let input = bot.input(game);
        game.step(input);
    }
}

#[test]
fn each_mode_ends_at_its_goal() {
    for (mode, lines) in [(Mode::Sprint, 40), (Mode::Marathon, 150)] {
        let mut game = Tetris::new(3, Config::new(mode));
        clear_lines(&mut game, u32::MAX);
        assert_eq!(game.ending(), Some(Ending::Complete), "{mode:?}");
        assert!((lines..lines + 4).contains(&game.lines()), "{mode:?}");
        assert_eq!(game.level(), if mode == Mode::Marathon { 15 } else { 1 });
    }
    let mut game = Tetris::new(3, Config::new(Mode::Ultra));
    clear_lines(&mut game, u32::MAX);
    assert_eq!((game.ending(), game.ticks()), (Some(Ending::Complete), ULTRA_TICKS));
    let mut game = Tetris::new(3, Config::new(Mode::Endless));
    clear_lines(&mut game, 160);
    assert_eq!((game.ending(), game.level()), (None, 17));
}

#[test]
fn a_level_up_is_told_once() {
    let mut game = Tetris::new(3, Config::new(Mode::Marathon));
    let mut bot = Bot::new(Bot::FASTEST);
    let mut levels = Vec::new();
    while game.lines() < 30 {
        let input = bot.input(&game);
        levels.extend(game.step(input).level_up);
    }
    assert_eq!(levels, [2, 3, 4]);
}

#[test]
fn shifts_repeat_as_the_handling_says() {
    let handling = Handling { auto_shift_delay: 5, auto_repeat: 0, soft_drop: 1 };
    let mut game = Tetris::new(seed(&[Kind::T]), Config { handling, ..config(Mode::Endless) });
    let shifts: Vec<i8> = (0..7).map(|_| game.step(Input::RIGHT).shifted).collect();
    assert_eq!(shifts, [1, 0, 0, 0, 0, 3, 0]);
}
