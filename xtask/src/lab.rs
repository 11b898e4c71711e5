//! `cargo xtask lab SUITE`: plays a suite over the simulated network, seed after seed.

use crate::cargo;
use crate::failure::Outcome;
use clap::ValueEnum;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which suite
    suite: Suite,
    /// Arguments for the suite: `--seeds N` sets how many seeds it plays; `--json` makes it end with one JSON object
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Suite {
    /// Matches with loss, latency, partitions: no desync, no deadlock, the same trace from the same seed
    Session,
    /// What each kind of channel promises, on every backend
    Channels,
    /// Matches of three to eight whose players leave, crash, come back and are cut off: no desync, survivors agree
    Mesh,
    /// Entities to clients that wander: each arrives as it was sent, within the budget, and nothing gets stale
    Snapshot,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let suite = options.suite.to_possible_value().expect("no suite is hidden");
    cargo::run_binary(
        &["--release", "--package", "netcord-tests", "--bin", "lab"],
        suite.get_name(),
        &options.arguments,
    )
}
