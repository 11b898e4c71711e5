//! `cargo xtask torture WHAT`: kills games and cuts the power while they save; forges highscores; kills
//! who records them.

use crate::cargo;
use crate::failure::Outcome;
use clap::ValueEnum;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// What is tortured
    what: What,
    /// Arguments: `--kills N` sets how many games are killed, `--forgeries N` how many runs are forged; `--json` makes it
    /// end with one JSON object
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Save files: no acknowledged save may be lost, none torn
    Save,
    /// Highscores: no forged one may be accepted, and each honest one has to be
    Scores,
    /// A store of scores: what was acknowledged has to be there after a kill, and nothing twice
    ScoresKill,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let what = options.what.to_possible_value().expect("nothing is hidden");
    torture(what.get_name(), &options.arguments)
}

/// A short one, for the tests.
pub(crate) fn check() -> Outcome {
    torture("save", &["--kills".into(), "100".into(), "--machines".into(), "20".into()])
}

/// Forgeries, for the tests.
pub(crate) fn check_scores() -> Outcome {
    torture("scores", &["--forgeries".into(), "1000".into()])
}

/// Kills of who records scores, for the tests.
pub(crate) fn check_scores_kill() -> Outcome {
    torture("scores-kill", &["--kills".into(), "40".into()])
}

fn torture(what: &str, arguments: &[String]) -> Outcome {
    cargo::run_binary(&["--release", "--package", "netcord-tests", "--bin", "torture"], what, arguments)
}
