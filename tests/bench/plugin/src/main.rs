//! `cargo xtask bench plugin`: CPU per simulated tick of a scene that goes back eight ticks in every frame, in the plugin,
//! in the bare session, and in bevy_ggrs on its own Bevy.

mod bare;
mod ours;
mod session;

use clap::Parser;
use netcord_plugin_bench_peer::Ggrs;
use netcord_plugin_bench_peer::scene::{DEPTH, ENTITIES};
use serde::Serialize;
use session::FixedDepth;
use std::hint::black_box;
use std::time::Instant;

/// Benchmarks of the Bevy plugin.
#[derive(Parser)]
enum Command {
    /// A scene that goes back eight ticks in every frame
    Plugin(Options),
}

#[derive(clap::Args)]
struct Options {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Rounds; in each, all are measured in turn
    #[arg(long, default_value_t = 31, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Frames in a round
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    frames: u32,
}

#[derive(Serialize)]
struct Row {
    bench: &'static str,
    case: String,
    metric: &'static str,
    unit: &'static str,
    ours: f64,
    peer: &'static str,
    theirs: f64,
    gain: f64,
}

fn main() {
    let Command::Plugin(options) = Command::parse();
    // All simulate the same, or the comparison means nothing.
    let mut plugin = ours::Ours::new(FixedDepth::new(false));
    let mut hashing = ours::Ours::new(FixedDepth::new(true));
    let mut bare = bare::Bare::new(FixedDepth::new(false));
    let mut ggrs = Ggrs::new();
    let mut times: [Vec<f64>; 4] = Default::default();
    for round in 0..=options.rounds {
        let inputs = (0..options.frames).map(|frame| (frame / 7 % 3) as u8);
        let spent = [
            time(inputs.clone(), |input| plugin.frame(input)),
            time(inputs.clone(), |input| hashing.frame(input)),
            time(inputs.clone(), |input| bare.frame(input)),
            time(inputs, |input| ggrs.frame(input)),
        ];
        // The first round warms up.
        for (times, spent) in times.iter_mut().zip(spent).filter(|_| round > 0) {
            times.push(spent / f64::from(options.frames * (DEPTH + 1)));
        }
    }
    let checksums = [plugin.checksum(), hashing.checksum(), bare.checksum(), ggrs.checksum()];
    assert!(checksums.iter().all(|&sum| sum == checksums[0]), "not all simulated the same: {checksums:?}");
    let [plugin, hashing, bare, ggrs] = times.map(median);
    let case = format!("{ENTITIES}-entities-{DEPTH}-back");
    let rows = [
        (case.clone(), plugin, "bevy_ggrs", ggrs),
        (format!("{case}-hashed"), hashing, "bevy_ggrs", ggrs),
        (case, plugin, "bare session", bare),
    ];
    for (case, ours, peer, theirs) in rows {
        let row = Row {
            bench: "plugin",
            case,
            metric: "cpu_per_simulated_tick",
            unit: "us",
            ours,
            peer,
            theirs,
            gain: theirs / ours,
        };
        if options.json {
            println!("{}", serde_json::to_string(&row).expect("a row of numbers and strings"));
        } else {
            let Row { case, unit, ours, peer, theirs, gain, .. } = row;
            println!("{case:<28} {ours:>8.1} {unit}   {peer:<13} {theirs:>8.1} {unit}   gain {gain:.2}");
        }
    }
}

/// Microseconds that all frames took together.
fn time(inputs: impl Iterator<Item = u8>, mut frame: impl FnMut(u8)) -> f64 {
    let start = Instant::now();
    inputs.for_each(|input| frame(black_box(input)));
    start.elapsed().as_secs_f64() * 1e6
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
