//! Benchmarks beside the peers of the field: each runs ours and theirs in one run, and prints the ratio.
//!
//! `cargo run --profile bench -p netcord-bench -- channels [--json]`; `rollback` or `snapshot` in place of
//! `channels`.

mod channels;
mod report;
mod rollback;
mod save;
mod scores;
mod snapshot;

use clap::{Parser, Subcommand};
use report::Report;
use std::path::PathBuf;

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
    /// Print one JSON object a line instead of a table.
    #[arg(long, global = true)]
    json: bool,
    /// A tenth of the work: to see that it runs, not to quote.
    #[arg(long, global = true)]
    quick: bool,
}

#[derive(Subcommand)]
enum Bench {
    /// Messages over a lossy link: wire bytes, latency, CPU, bulk; beside renet, renet2 and laminar.
    Channels,
    /// Two players at 50 ms round trip: wire bytes, packets, CPU, depth; beside ggrs.
    Rollback,
    /// Delta-compressed snapshots: bytes and time; beside zstd and the figures of record.
    Snapshot {
        /// The recorded scene, as it is or compressed by zstd; by default ../shared/data/cubes.bin.zst
        #[arg(long)]
        scene: Option<PathBuf>,
        /// Only this part
        #[arg(long)]
        part: Option<snapshot::Part>,
    },
    /// A value saved and loaded: encrypted and atomic; beside a bare write and flush, and SQLite.
    Save,
    /// Highscores with 1,000 and 1,000,000 stored: handed in, asked for; beside SQLite.
    Scores(scores::Options),
}

fn main() {
    let arguments = Arguments::parse();
    let mut report = Report::new(arguments.json);
    match arguments.bench {
        Bench::Channels => channels::run(&mut report, arguments.quick),
        Bench::Rollback => rollback::run(&mut report, arguments.quick),
        Bench::Snapshot { scene, part } => {
            snapshot::run(&mut report, arguments.quick, part, scene.as_deref());
        }
        Bench::Save => save::run(&mut report, arguments.quick),
        Bench::Scores(options) => scores::run(&mut report, arguments.quick, &options),
    }
    report.finish();
}
