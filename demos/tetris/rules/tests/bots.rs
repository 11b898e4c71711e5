//! How well the bot plays, over seeds. The example `bot` plays a hundred.

use tetris_rules::{Bot, Config, Ending, Input, Limits, Mode, Tetris, run_headless};

/// Endless games from level 1: line 190 brings level 20, where pieces fall to the ground at once.
#[test]
fn the_bot_clears_two_hundred_lines_while_the_level_rises_to_twenty() {
    let limits = Limits { lines: 200, ..Limits::default() };
    for (seed, pace) in (0..10).zip([Bot::FASTEST, Bot::STEADY].into_iter().cycle()) {
        let (game, replay) = run_headless(seed, Config::new(Mode::Endless), pace, limits);
        assert_eq!((game.ending(), game.level()), (None, 20), "seed {seed}: {} lines", game.lines());
        assert_eq!(replay.play(), game, "seed {seed}");
    }
}

#[test]
fn every_piece_locks_where_the_bot_means_to_bring_it() {
    for (seed, pace) in [(1, Bot::FASTEST), (2, Bot::STEADY), (3, 15)] {
        let mut game = Tetris::new(seed, Config { start_level: 15, ..Config::new(Mode::Endless) });
        let mut bot = Bot::new(pace);
        while game.pieces() < 200 && game.ending().is_none() {
            let input = bot.input(&game);
            if let Some(locked) = game.step(input).locked {
                assert_eq!(Some(locked.piece), bot.target(), "seed {seed}, piece {}", game.pieces());
            }
        }
        assert!(game.pieces() > 100, "seed {seed}: {} pieces", game.pieces());
    }
}

#[test]
fn the_bot_presses_no_faster_than_its_pace() {
    let pace = 6;
    let mut game = Tetris::new(4, Config::new(Mode::Sprint));
    let mut bot = Bot::new(pace);
    let (mut held, mut last) = (Input::NONE, None);
    while game.ending().is_none() {
        let input = bot.input(&game);
        if input.since(held) != Input::NONE {
            let since = last.map(|last| game.ticks() - last);
            assert!(since.is_none_or(|since| since >= pace.into()), "{since:?} ticks");
            last = Some(game.ticks());
        }
        held = input;
        game.step(input);
    }
    assert_eq!(game.ending(), Some(Ending::Complete));
    assert_eq!(bot.input(&game), Input::NONE, "a game that is over needs no keys");
}
