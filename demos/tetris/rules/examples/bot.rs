//! How far the bot gets, seed after seed: `cargo run --release -p tetris-rules --example bot -- [SEEDS] [PACE]`.
//!
//! Endless games from level 1 on, left at 200 lines: by then the level is 20, where pieces fall to the ground at once.

use tetris_rules::{Bot, Config, Limits, Mode, run_headless};

const LINES: u32 = 200;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse().expect("a number"));
    let seeds: u64 = arguments.next().unwrap_or(100);
    let pace = arguments.next().map_or(Bot::STEADY, |pace| pace as u8);
    let limits = Limits { lines: LINES, ..Limits::default() };
    let begun = std::time::Instant::now();
    let mut reached = 0;
    let mut ticks = 0;
    for seed in 0..seeds {
        let (game, replay) = run_headless(seed, Config::new(Mode::Endless), pace, limits);
        ticks += u64::from(game.ticks());
        reached += u64::from(game.lines() >= LINES);
        if let Some(ending) = game.ending() {
            println!("seed {seed}: {ending:?} at {} lines, level {}", game.lines(), game.level());
        }
        assert_eq!(replay.play(), game, "seed {seed}: the replay comes to the same state");
    }
    println!(
        "{reached} of {seeds} games reach {LINES} lines, a press every {pace} ticks; {ticks} ticks in {:?}",
        begun.elapsed()
    );
}
