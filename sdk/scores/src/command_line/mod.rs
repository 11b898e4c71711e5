//! A program that serves a game's scores and looks after them: what its `main` calls.
//!
//! ```no_run
//! use netcord_scores::command_line;
//! use netcord_scores::server::GameBoards;
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     command_line::main(GameBoards {
//!         name: "Maze".into(),
//!         boards: vec![/* each board with its rules */],
//!         viewers: [].into(),
//!         assets: vec![],
//!     })
//! }
//! ```
//!
//! It is the only part of the crate that prints, reads arguments and waits for signals.

mod keys;
mod moderate;
mod serve;
mod stored;

use crate::model::Board;
use crate::server::GameBoards;
use clap::{Parser, Subcommand};
use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

/// Highscores that are replayed before they count
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve scores until Ctrl-C or SIGTERM
    Serve(serve::Options),
    /// Copy a store that no server has open; a server makes its own backups: POST /v1/backups
    Backup(stored::Backup),
    /// Write all of a store that no server has open as JSON lines
    Export(stored::Export),
    /// Read JSON lines into a store that no server has open
    Import(stored::Import),
    /// Make a key, unless the file is there, and print its id: what a server's --moderator takes
    Key(keys::Key),
    /// Sign a request, and print the headers for `curl --config -`
    Sign(keys::Sign),
    /// Hide scores and ban players at a running server, or undo it; list what was done
    Moderate(moderate::Options),
}

/// What goes wrong, for a person to read.
type Failure = Box<dyn Error>;

/// Does what the program's arguments say.
pub fn main(game: GameBoards) -> ExitCode {
    run_with(std::env::args_os(), game)
}

/// Does what these arguments say, of which the first is what the program is called. Ends the process when they say nothing
/// that it knows.
pub fn run_with(arguments: impl IntoIterator<Item = OsString>, game: GameBoards) -> ExitCode {
    match run(Arguments::parse_from(arguments).command, game) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            let mut source = failure.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, game: GameBoards) -> Result<(), Failure> {
    let boards = || game.boards.iter().map(|(board, _)| board.clone()).collect::<Vec<Board>>();
    match command {
        Command::Serve(options) => serve::run(options, game),
        Command::Backup(options) => stored::backup(&options, &boards()),
        Command::Export(options) => stored::export(&options, &boards()),
        Command::Import(options) => stored::import(&options, &boards()),
        Command::Key(options) => keys::key(&options),
        Command::Sign(options) => keys::sign(&options),
        Command::Moderate(options) => moderate::run(options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
