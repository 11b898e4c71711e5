//! `netcord-save inspect|verify|export FILE`: looks into a save that a player sent. `cargo xtask save` runs it.
//!
//! A key is never an argument, which every process of the machine could read: it is in a file or in the environment.

use clap::{Args, Parser, Subcommand};
use netcord_save::{Key, Protection, SaveError, SaveInfo, support};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// Looks into save files.
#[derive(Parser)]
#[command(name = "netcord-save")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what a save claims to be: kind, version, size, time, how often it was saved. Needs no key and proves nothing
    Inspect {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Check that a save is whole and, if it is encrypted, genuine
    Verify {
        file: PathBuf,
        #[command(flatten)]
        secret: Secret,
    },
    /// Check a save, and print its payload: JSON if it is readable, the value in bincode 2's standard format if not
    Export {
        file: PathBuf,
        /// Where to write it; stdout if it is not given
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        secret: Secret,
    },
}

/// The key: one of these, or NETCORD_SAVE_KEY or NETCORD_SAVE_PASSPHRASE in the environment; none for a readable save.
#[derive(Args)]
#[group(multiple = false)]
struct Secret {
    /// A file with the key: 32 bytes, or 64 hexadecimal digits
    #[arg(long)]
    key_file: Option<PathBuf>,
    /// A file with the passphrase; a line end at its end does not count
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

/// More than a game saves, less than a machine has.
const LIMIT: usize = 1 << 30;

fn main() -> ExitCode {
    let outcome = match Options::parse().command {
        Command::Inspect { files } => files.iter().try_for_each(|file| inspect(file)),
        Command::Verify { file, secret } => open(&file, &secret).map(|(info, _)| {
            let proof =
                if info.encrypted { "whole and genuine" } else { "whole; anybody may have written it" };
            println!("{}: {proof}: {}", file.display(), describe(&info));
        }),
        Command::Export { file, out, secret } => {
            open(&file, &secret).and_then(|(_, payload)| export(&payload, out))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn inspect(file: &Path) -> Result<(), String> {
    let inspected = support::inspect(file).map_err(said)?;
    let info = inspected.header.map_err(|damage| format!("{}: {damage}", file.display()))?;
    println!("{}: {} bytes, claims: {}", file.display(), inspected.bytes, describe(&info));
    Ok(())
}

fn describe(info: &SaveInfo) -> String {
    let SaveInfo { kind, version, counter, time, encrypted, payload_bytes } = info;
    let how = if *encrypted { "encrypted" } else { "readable" };
    format!(
        "{kind} version {version}, {how}, {payload_bytes} bytes of payload, save number {counter}, {}",
        date(*time)
    )
}

/// Seconds since 1970 as a date in UTC. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn date(time: u64) -> String {
    let (hour, minute, second) = (time / 3_600 % 24, time / 60 % 60, time % 60);
    let days = time / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + 400 * era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

fn open(file: &Path, secret: &Secret) -> Result<(SaveInfo, Vec<u8>), String> {
    support::open(file, &protection(secret)?, LIMIT).map_err(said)
}

fn said(error: SaveError) -> String {
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

fn protection(secret: &Secret) -> Result<Protection, String> {
    let read = |path: &PathBuf| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    if let Some(path) = &secret.key_file {
        let bytes = read(path)?;
        return match <[u8; 32]>::try_from(bytes.as_slice()) {
            Ok(key) => Ok(Key::from_bytes(key).into()),
            Err(_) => key(std::str::from_utf8(&bytes).unwrap_or_default()),
        };
    }
    if let Some(path) = &secret.passphrase_file {
        let text = String::from_utf8(read(path)?).map_err(|_| "the passphrase is no text".to_owned())?;
        return Ok(Key::from_passphrase(text.trim_end_matches(['\r', '\n'])).into());
    }
    match (env::var("NETCORD_SAVE_KEY"), env::var("NETCORD_SAVE_PASSPHRASE")) {
        (Ok(text), _) => key(&text),
        (_, Ok(passphrase)) => Ok(Key::from_passphrase(passphrase).into()),
        _ => Ok(Protection::Readable),
    }
}

fn key(text: &str) -> Result<Protection, String> {
    let text = text.trim();
    let digit =
        |at: usize| text.get(2 * at..2 * at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let bytes: Option<Vec<u8>> = (0..32).map(digit).collect();
    let bytes = bytes.filter(|_| text.len() == 64).and_then(|bytes| bytes.try_into().ok());
    bytes
        .map(|bytes| Key::from_bytes(bytes).into())
        .ok_or("a key has 32 bytes, or 64 hexadecimal digits".into())
}

fn export(payload: &[u8], out: Option<PathBuf>) -> Result<(), String> {
    match out {
        Some(path) => fs::write(&path, payload).map_err(|error| format!("{}: {error}", path.display())),
        None => std::io::stdout().write_all(payload).map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (time, expected) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_795_291_299, "2026-11-21 20:01:39 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(date(time), expected);
        }
        // Whatever a header claims.
        date(u64::MAX);
    }
}
