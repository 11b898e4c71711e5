//! `cargo xtask bench NAME`: runs a benchmark, ours and the peers' side by side.

use crate::cargo;
use crate::failure::Outcome;
use clap::ValueEnum;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which benchmark
    name: Name,
    /// Arguments for the benchmark; `--json` makes it print one JSON object a line
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// Messages over a lossy link, beside renet and laminar
    Channels,
    /// A two-player session, beside ggrs
    Rollback,
    /// Delta-compressed snapshots, beside zstd and the figures of record
    Snapshot,
    /// A value saved and loaded, beside a bare write and flush, and SQLite
    Save,
    /// Highscores handed in and asked for, beside SQLite; their server, beside tiny_http
    Scores,
    /// The Bevy plugin, beside the bare session and beside bevy_ggrs
    Plugin,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let name = options.name.to_possible_value().expect("no benchmark is hidden");
    let target: &[&str] = match options.name {
        // A workspace of its own, which has another Bevy.
        Name::Plugin => &["--profile", "bench", "--manifest-path", "tests/bench/plugin/Cargo.toml"],
        _ => &["--profile", "bench", "--package", "netcord-bench"],
    };
    cargo::run_binary(target, name.get_name(), &options.arguments)
}
