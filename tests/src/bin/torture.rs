//! `torture save [--kills N] [--seed SEED] [--json]`: saves of games that are killed and of machines that lose power. See
//! `cargo xtask torture`.

use clap::{Parser, Subcommand};
use netcord_tests::save::disk::Honesty;
use netcord_tests::save::{cuts, kills};
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
    /// The game that is killed
    #[command(hide = true)]
    Child { folder: PathBuf },
}

fn main() -> ExitCode {
    let outcome = match Options::parse().what {
        What::Child { folder } => kills::child(&folder).map(|()| true),
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
