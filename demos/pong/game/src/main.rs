//! Pong over netcord: two players, anywhere, in step.

mod cli;
mod failure;
mod figures;
mod link;
mod local;
mod online;
mod report;
mod simulation;

use clap::Parser as _;
use cli::{Cli, Command, PlayOptions};
use failure::Failure;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // RUST_LOG=netcord_transport=debug shows what goes on.
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("pong: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), Failure> {
    let (Command::Host(cli::HostOptions { play, .. })
    | Command::Join(cli::JoinOptions { play, .. })
    | Command::Local(play)
    | Command::Bot(play)) = command;
    check(play, matches!(command, Command::Host(_) | Command::Join(_) | Command::Bot(_)))?;
    match command {
        Command::Host(options) => online::host(options),
        Command::Join(options) => online::join(options),
        Command::Local(options) => local::both_sides(options),
        Command::Bot(options) => local::against_bot(options),
    }
}

/// Until there is a window, a bot must play for the person.
fn check(play: &PlayOptions, has_keys: bool) -> Result<(), Failure> {
    match play {
        PlayOptions { headless: false, .. } => Err(Failure::NoWindow),
        PlayOptions { bot: false, .. } if has_keys => Err(Failure::NoKeys),
        _ => Ok(()),
    }
}
