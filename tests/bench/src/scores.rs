//! Highscores: handed in and asked for.

mod crowd;
mod http;
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
    /// Only is one of the HTTP servers, until the input ends, for another process to measure
    #[arg(long, hide = true)]
    http_server: Option<http::Server>,
    /// With so many scores
    #[arg(long, hide = true, default_value_t = 0)]
    stored: u64,
}

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The service and its store; beside SQLite
    Store,
    /// The HTTP server before a handler that does nothing; beside bare tiny_http
    Http,
    /// The HTTP server beset by clients that are stuck; beside bare tiny_http
    Crowd,
}

pub(crate) fn run(report: &mut Report, quick: bool, options: &Options) {
    if let Some(folder) = &options.fill {
        return store::fill(folder, options.stored);
    }
    if let Some(server) = options.http_server {
        return http::serve(server);
    }
    if options.part.is_none_or(|part| part == Part::Http) {
        http::run(report, quick);
    }
    if options.part.is_none_or(|part| part == Part::Crowd) {
        crowd::run(report, quick);
    }
    if options.part.is_none_or(|part| part == Part::Store) {
        store::run(report, quick);
    }
}
