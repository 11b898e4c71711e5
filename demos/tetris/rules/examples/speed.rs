//! How fast a replay is played again, at best: `cargo run --release -p tetris-rules --example speed`.

use std::time::Instant;
use tetris_rules::{Bot, Config, Limits, Mode, run_headless};

fn main() {
    for (mode, pace) in [(Mode::Marathon, Bot::STEADY), (Mode::Endless, Bot::FASTEST), (Mode::Endless, 20)] {
        let limits = Limits { ticks: 20_000, ..Limits::default() };
        let (game, replay) = run_headless(1, Config::new(mode), pace, limits);
        let fastest = (0..100).map(|_| {
            let begun = Instant::now();
            assert_eq!(replay.play(), game);
            begun.elapsed()
        });
        let fastest = fastest.min().expect("it is played");
        println!(
            "{}, a press every {pace} ticks: {} ticks in {fastest:?}, {:.1} million a second; {} bytes",
            mode.name(),
            game.ticks(),
            f64::from(game.ticks()) / fastest.as_secs_f64() / 1e6,
            replay.to_bytes().len(),
        );
    }
}
