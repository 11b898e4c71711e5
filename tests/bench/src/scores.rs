//! Highscores: handed in and asked for.

mod records;
mod sqlite;
mod store;

use crate::report::Report;
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this part
    #[arg(long)]
    part: Option<Part>,
    /// Only fills the two stores in this folder, for another process to measure
    #[arg(long, hide = true)]
    fill: Option<PathBuf>,
    /// With so many scores
    #[arg(long, hide = true, default_value_t = 0)]
    stored: u64,
}

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The service and its store; beside SQLite
    Store,
}

pub(crate) fn run(report: &mut Report, quick: bool, options: &Options) {
    if let Some(folder) = &options.fill {
        return store::fill(folder, options.stored);
    }
    if options.part.is_none_or(|part| part == Part::Store) {
        store::run(report, quick);
    }
}
