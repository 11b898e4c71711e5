//! How far the bot gets, seed after seed: `cargo run --release -p tetris-rules --example bot -- [SEEDS] [PACE] [LINES]`.
//!
//! Endless games from level 1 on, left at 200 lines if nothing else is said: by then the level is 20, where pieces fall to
//! the ground at once. Fails when fewer than 95 of 100 games get there.

use std::process::ExitCode;
use std::time::Instant;
use tetris_rules::{Bot, Config, Limits, Mode, run_headless};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse().expect("a number"));
    let seeds: u32 = arguments.next().unwrap_or(100);
    let pace = arguments.next().map_or(Bot::STEADY, |pace| u8::try_from(pace).expect("a pace below 256"));
    let lines = arguments.next().unwrap_or(200);
    let limits = Limits { lines, ..Limits::default() };
    let begun = Instant::now();
    let (mut reached, mut pieces) = (0, 0);
    for seed in 0..seeds {
        let (game, replay) = run_headless(seed.into(), Config::new(Mode::Endless), pace, limits);
        pieces += game.pieces();
        reached += u32::from(game.lines() >= lines);
        if let Some(ending) = game.ending() {
            println!("seed {seed}: {ending:?} at {} lines, level {}", game.lines(), game.level());
        }
        assert_eq!(replay.play(), game, "seed {seed}: the replay comes to the same state");
    }
    let each = begun.elapsed() / pieces.max(1);
    println!("{reached} of {seeds} games reach {lines} lines, a press every {pace} ticks; {each:?} a piece");
    ExitCode::from(u8::from(100 * reached < 95 * seeds))
}
