//! `lab SUITE --seeds N [--first SEED] [--json]`: plays a suite of the network lab. See `cargo xtask lab`.

use clap::{Parser, ValueEnum};
use netcord_tests::suite::{self, Play, Report};
use netcord_tests::{channels, mesh, session, snapshot};
use serde::Serialize;
use std::fmt::Debug;
use std::ops::AddAssign;
use std::process::ExitCode;

/// Plays a suite over simulated networks, seed after seed.
#[derive(Parser)]
#[command(name = "lab")]
struct Options {
    /// Which suite
    suite: Suite,
    /// How many seeds to play
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Play every match twice and compare every byte, instead of every tenth
    #[arg(long)]
    replay: bool,
    /// End with one JSON object on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Suite {
    /// Matches with loss, latency, partitions: no desync, no deadlock, the same trace from the same seed
    Session,
    /// Matches of three to eight, who leave, crash, join, split, and take over the host's role
    Mesh,
    /// What each kind of channel promises, on every backend
    Channels,
    /// Entities to clients that wander: each arrives as it was sent, within the budget, and nothing gets stale
    Snapshot,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match options.suite {
        Suite::Session if options.replay => play("session", session::play_twice, &options),
        Suite::Session => play("session", session::play, &options),
        Suite::Mesh if options.replay => play("mesh", mesh::play_twice, &options),
        Suite::Mesh => play("mesh", mesh::play, &options),
        Suite::Channels => play("channels", channels::play, &options),
        Suite::Snapshot => play("snapshot", snapshot::play, &options),
    }
}

fn play<T>(name: &'static str, play: Play<T>, options: &Options) -> ExitCode
where
    T: Default + AddAssign + Send + Serialize + Debug,
{
    let seeds = options.first..options.first.saturating_add(options.seeds);
    let report = suite::run(name, seeds, play);
    if options.json {
        println!("{}", serde_json::to_string(&report).expect("a report is plain data"));
    } else {
        summarize(&report);
    }
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn summarize<T: Debug>(report: &Report<T>) {
    let Report { suite, seeds, failures, totals, seconds, .. } = report;
    println!("{suite}: {seeds} seeds in {seconds:.1} s, {} failures", failures.len());
    println!("{totals:#?}");
}
