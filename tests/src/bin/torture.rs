//! `torture save [--kills N] [--seed SEED] [--json]`: saves of games that are killed and of machines that lose power.
//! `torture scores [--forgeries N] [--seed SEED] [--json]`: forged highscores.
//! `torture scores-kill [--kills N] [--seed SEED] [--json]`: scores that are recorded by who is killed.
//!
//! See `cargo xtask torture`.

use clap::{Parser, Subcommand};
use netcord_tests::save::disk::Honesty;
use netcord_tests::save::{cuts, kills};
use netcord_tests::scores::{forgery, kill};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Tries to break what must not break.
#[derive(Parser)]
#[command(name = "torture")]
struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Kills a game that saves, at random moments, and cuts the power of a simulated machine at every moment
    Save {
        /// How many times a game is killed
        #[arg(long, default_value_t = 200)]
        kills: u64,
        /// How many machines lose their power again and again
        #[arg(long, default_value_t = 200)]
        machines: u64,
        /// What moments follow from
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Where the killed game saves; by default in the folder for temporary files
        #[arg(long)]
        folder: Option<PathBuf>,
        /// End with one JSON object on stdout
        #[arg(long)]
        json: bool,
    },
    /// Hands in honest runs of Tetris, and as many forged ones
    Scores {
        /// How many runs are forged
        #[arg(long, default_value_t = 10_000)]
        forgeries: u64,
        /// What all of it follows from
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// End with one JSON object on stdout
        #[arg(long)]
        json: bool,
    },
    /// Kills a process that records scores, at random moments
    ScoresKill {
        /// How many times it is killed
        #[arg(long, default_value_t = 200)]
        kills: u64,
        /// What moments follow from
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Where the killed process has its store; by default in the folder for temporary files
        #[arg(long)]
        folder: Option<PathBuf>,
        /// End with one JSON object on stdout
        #[arg(long)]
        json: bool,
    },
    /// The game that is killed
    #[command(hide = true)]
    Child { folder: PathBuf },
    /// The process that records scores and is killed
    #[command(hide = true)]
    ScoresChild { folder: PathBuf },
}

fn main() -> ExitCode {
    let outcome = match Options::parse().what {
        What::Child { folder } => kills::child(&folder).map(|()| true),
        What::ScoresChild { folder } => kill::child(&folder).map(|()| true),
        What::ScoresKill { kills, seed, folder, json } => kill_recorder(kills, seed, folder, json),
        What::Scores { forgeries, seed, json } => forge(forgeries, seed, json),
        What::Save { kills, machines, seed, folder, json } => torture(kills, machines, seed, folder, json),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn torture(
    kills: u64,
    machines: u64,
    seed: u64,
    folder: Option<PathBuf>,
    json: bool,
) -> Result<bool, String> {
    let failed = |error: std::io::Error| error.to_string();
    let disk = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in).map_err(failed)?;
    let torture = std::env::current_exe().map_err(failed)?;
    let mut totals = kills::kill(kills, seed, disk.path(), || {
        let mut command = Command::new(&torture);
        command.arg("child");
        command
    })?;
    eprintln!("{} kills, after {} acknowledged saves", totals.kills, totals.acknowledged);
    totals += cuts::exhaust(Honesty::Honest);
    totals += cuts::rename_and_delete();
    (seed..seed.saturating_add(machines)).for_each(|seed| totals += cuts::wander(seed, Honesty::Honest));
    eprintln!("{} power cuts", totals.cuts);
    for fault in &totals.faults {
        eprintln!("{fault}");
    }
    if json {
        println!("{}", serde_json::to_string(&totals).map_err(|error| error.to_string())?);
    } else {
        println!("{} lost, {} torn, {} unreadable", totals.lost, totals.torn, totals.unreadable);
    }
    Ok(totals.is_clean())
}

fn forge(forgeries: u64, seed: u64, json: bool) -> Result<bool, String> {
    let services = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let totals = forgery::torture(forgeries, seed, services);
    for fault in &totals.faults {
        eprintln!("{fault}");
    }
    if json {
        println!("{}", serde_json::to_string(&totals).map_err(|error| error.to_string())?);
    } else {
        println!("{totals}");
    }
    Ok(totals.is_clean())
}

fn kill_recorder(kills: u64, seed: u64, folder: Option<PathBuf>, json: bool) -> Result<bool, String> {
    let failed = |error: std::io::Error| error.to_string();
    let disk = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in).map_err(failed)?;
    let torture = std::env::current_exe().map_err(failed)?;
    let totals = kill::kill(kills, seed, disk.path(), || {
        let mut command = Command::new(&torture);
        command.arg("scores-child");
        command
    })?;
    for fault in &totals.faults {
        eprintln!("{fault}");
    }
    if json {
        println!("{}", serde_json::to_string(&totals).map_err(|error| error.to_string())?);
    } else {
        let kill::Totals { kills, acknowledged, lost, twice, unreadable, .. } = &totals;
        println!(
            "{kills} kills after {acknowledged} acknowledged scores: {lost} lost, {twice} twice, {unreadable} unreadable"
        );
    }
    Ok(totals.is_clean())
}
