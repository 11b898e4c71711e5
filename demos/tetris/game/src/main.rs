//! Tetris by the guideline: in a window, or played by a bot without one.

mod cli;
mod failure;
mod headless;
#[cfg(feature = "window")]
mod highscores;
mod ranked;
mod saves;
#[cfg(feature = "window")]
mod window;

use clap::Parser as _;
use cli::Cli;
use failure::Failure;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // RUST_LOG=demo_ui=debug shows how smooth it runs.
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("tetris: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    match (cli.headless, cli.bot) {
        (true, true) => match &cli.scores {
            Some(url) => ranked::play(cli, url),
            None => {
                headless::play(cli);
                Ok(())
            }
        },
        (true, false) => Err(Failure::NoKeys),
        (false, _) => windowed(cli),
    }
}

#[cfg(feature = "window")]
fn windowed(cli: &Cli) -> Result<(), Failure> {
    Ok(window::run(cli)?)
}

#[cfg(not(feature = "window"))]
fn windowed(_: &Cli) -> Result<(), Failure> {
    Err(Failure::NoWindow)
}
