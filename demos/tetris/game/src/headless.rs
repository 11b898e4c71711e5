//! A bot plays without a window, as fast as the machine can.

use crate::cli::Cli;
use serde::Serialize;
use std::time::Instant;
use tetris_rules::{Bot, Limits, Mode, Summary, Tetris, run_headless};

/// What is printed in the end: the same as every headless game prints, with the figures of one player. Nothing is sent
/// and nothing rolled back.
#[derive(Serialize)]
struct Report {
    game: &'static str,
    seed: u64,
    ticks: u32,
    peers: [Peer; 1],
    /// Whether the replay comes to the same state.
    equal: bool,
}

#[derive(Serialize)]
struct Peer {
    #[serde(flatten)]
    summary: Summary,
    confirmed_ticks: u32,
    desyncs: u32,
    replay_bytes: usize,
    ticks_per_second: f64,
}

/// Plays one game and prints how it went.
pub(crate) fn play(cli: &Cli) {
    let (report, game) = report(cli);
    if cli.json {
        println!("{}", serde_json::json!(report));
        return;
    }
    let [Peer { summary, replay_bytes, ticks_per_second, .. }] = &report.peers;
    let ended = summary.ending.map_or("left", |ending| match ending {
        tetris_rules::Ending::Complete => "complete",
        _ => "topped out",
    });
    println!(
        "{}, seed {}: {ended}\n  score {}, {} lines, level {}, {} pieces in {} ticks ({:.0} ticks/s)\n  state {}, \
         replay of {replay_bytes} bytes {}",
        game.config().mode.name(),
        summary.seed,
        summary.score,
        summary.lines,
        summary.level,
        summary.pieces,
        summary.ticks,
        ticks_per_second,
        summary.state_hash,
        if report.equal { "comes to the same" } else { "comes to ANOTHER state" },
    );
}

fn report(cli: &Cli) -> (Report, Tetris) {
    let seed = cli.seed.unwrap_or(1);
    let started = Instant::now();
    let limits = Limits { ticks: cli.ticks().unwrap_or(Limits::default().ticks), ..Limits::default() };
    let mode = cli.mode.unwrap_or(Mode::Marathon);
    let (game, replay) = run_headless(seed, cli.config(mode), cli.pace.unwrap_or(Bot::FASTEST), limits);
    let played = started.elapsed();
    let report = Report {
        game: "tetris",
        seed,
        ticks: game.ticks(),
        equal: replay.play() == game,
        peers: [Peer {
            confirmed_ticks: game.ticks(),
            desyncs: 0,
            replay_bytes: replay.to_bytes().len(),
            ticks_per_second: f64::from(game.ticks()) / played.as_secs_f64().max(1e-9),
            summary: Summary::of(seed, &game),
        }],
    };
    (report, game)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[test]
    fn the_report_of_a_bot_names_its_game_and_the_replay_is_equal() {
        let cli = Cli::parse_from("tetris --headless --bot --mode sprint --seed 7 --json".split(' '));
        let (report, _) = report(&cli);
        let told = serde_json::json!(report);
        assert_eq!(
            (&told["game"], &told["seed"], &told["equal"]),
            (&"tetris".into(), &7.into(), &true.into())
        );
        assert_eq!(told["peers"][0]["ending"], "complete");
        assert_eq!(told["peers"][0]["mode"], "sprint");
    }

    #[test]
    fn time_ends_a_game_that_is_not_over() {
        let cli = Cli::parse_from("tetris --headless --bot --seconds 2".split(' '));
        assert_eq!(report(&cli).0.ticks, 120);
    }
}
