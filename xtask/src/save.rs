//! `cargo xtask save inspect|verify|export FILE`: looks into a save that a player sent.

use crate::cargo;
use crate::failure::Outcome;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// `inspect FILE`, `verify FILE`, `export FILE`; `--help` says more
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS", required = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    // What it prints is for a program as well: cargo has to be quiet.
    let mut run = cargo::cargo(&["run", "--quiet", "--manifest-path"]);
    run.arg(cargo::root().join("sdk/save/Cargo.toml")).args([
        "--features",
        "command-line",
        "--bin",
        "netcord-save",
        "--",
    ]);
    run.args(&options.arguments);
    // Files are named from where the user is.
    if let Ok(here) = std::env::current_dir() {
        run.current_dir(here);
    }
    cargo::run(&mut run)
}
