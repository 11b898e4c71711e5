//! Pong over netcord: two players, anywhere, in step.

mod cli;
mod failure;
mod figures;
mod link;
mod local;
mod online;
mod report;
mod simulation;
#[cfg(feature = "window")]
mod window;

use clap::Parser as _;
use cli::{Cli, Command};
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
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("pong: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    match &cli.command {
        Some(command) if command.play().headless => headless(command),
        command => windowed(cli, command.as_ref()),
    }
}

/// Without a window.
fn headless(command: &Command) -> Result<(), Failure> {
    let has_keys = matches!(command, Command::Host(_) | Command::Join(_) | Command::Bot(_));
    if has_keys && !command.play().bot {
        return Err(Failure::NoKeys);
    }
    match command {
        Command::Host(options) if options.players > 2 => Err(Failure::TwoAtMost),
        Command::Host(options) => online::host(options),
        Command::Join(options) => online::join(options),
        Command::Local(options) => local::both_sides(options),
        Command::Bot(options) => local::against_bot(options),
    }
}

#[cfg(feature = "window")]
fn windowed(cli: &Cli, command: Option<&Command>) -> Result<(), Failure> {
    let start = match command {
        Some(Command::Host(options)) => window::Start::Host(options.clone()),
        Some(Command::Join(options)) => window::Start::Join(options.clone()),
        Some(Command::Local(play)) => window::Start::Local(play.clone()),
        Some(Command::Bot(play)) => window::Start::Bot(play.clone()),
        None => window::Start::Title,
    };
    window::run(start, &cli.window)
}

#[cfg(not(feature = "window"))]
fn windowed(_: &Cli, _: Option<&Command>) -> Result<(), Failure> {
    Err(Failure::NoWindow)
}
