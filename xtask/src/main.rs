//! `cargo xtask`: what this workspace can do, one command a file.
//!
//! Plain Rust that runs cargo and the binaries it built. It knows no netcord crate: it sees games and suites
//! from outside, through their arguments, exit codes and JSON lines, as a user would.

mod bench;
mod cargo;
mod display;
mod doctor;
mod failure;
mod fuzz;
mod lab;
mod page;
mod player;
mod pong;
mod probe;
mod save;
mod scores;
mod screenshots;
mod terminal;
mod test;
mod tetris;
mod torture;
mod viewer;

use clap::{Parser, Subcommand};
use failure::Outcome;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What this workspace can do.", max_term_width = 100)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play Pong in two windows that join each other; without a display, bot against bot
    Pong(pong::Options),
    /// Play Tetris in a window; without a display, a bot does
    Tetris(tetris::Options),
    /// Serve the highscores of Tetris, and their page
    Scores(scores::Options),
    /// Run all tests, and say what did not run and why
    Test(test::Options),
    /// Run a benchmark beside the peers of the field
    Bench(bench::Options),
    /// Run a suite of the simulated network over many seeds
    Lab(lab::Options),
    /// Kill games and cut the power while they save: no save may be lost; forge highscores: none may be accepted
    Torture(torture::Options),
    /// Look into a save file: inspect, verify, export
    Save(save::Options),
    /// Fuzz the decoders (needs nightly Rust and cargo-fuzz)
    Fuzz(fuzz::Options),
    /// Take the screenshots in the documents anew (needs Xvfb, xdotool and ImageMagick)
    Screenshots(screenshots::Options),
    /// Say what is missing here, for which command, and how to get it
    Doctor(doctor::Options),
}

fn main() -> ExitCode {
    let outcome = match Options::parse().command {
        Command::Pong(options) => pong::run(&options),
        Command::Tetris(options) => tetris::run(&options),
        Command::Scores(options) => scores::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Lab(options) => lab::run(&options),
        Command::Torture(options) => torture::run(&options),
        Command::Save(options) => save::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Screenshots(options) => screenshots::run(&options),
        Command::Doctor(options) => doctor::run(&options),
    };
    finish(outcome)
}

fn finish(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                eprintln!("error: {}", failure.message);
            }
            ExitCode::from(failure.exit_code)
        }
    }
}
