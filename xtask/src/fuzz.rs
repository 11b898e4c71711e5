//! `cargo xtask fuzz [TARGET]`: coverage-guided fuzzing of the decoders.
//!
//! The corpora in the repository are read, never written: what the fuzzer finds goes to the target folder, and an
//! input worth keeping is copied into the corpus by hand.

use crate::cargo;
use crate::failure::{Failure, Outcome};
use crate::probe;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which decoder; all of them, one after the other, if none is named
    target: Option<String>,
    /// How long to fuzz each, in seconds
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u32,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let folder = cargo::root().join("tests/fuzz");
    let targets = targets(&folder)?;
    let chosen = match &options.target {
        None => targets,
        Some(target) if targets.contains(target) => vec![target.clone()],
        Some(target) => {
            return Err(Failure::new(format!("no fuzz target {target}; there are: {}", targets.join(", "))));
        }
    };
    if probe::version("cargo", &["+nightly", "fuzz", "--version"]).is_none() {
        return Err(Failure::new(
            "fuzzing needs nightly Rust and cargo-fuzz: `rustup toolchain install nightly` and \
             `cargo install --locked cargo-fuzz`",
        ));
    }
    for target in &chosen {
        eprintln!("fuzzing {target} for {} s", options.seconds);
        fuzz(&folder, target, options.seconds)?;
    }
    Ok(())
}

/// The fuzz targets: a file each.
fn targets(folder: &Path) -> Outcome<Vec<String>> {
    let sources = folder.join("fuzz_targets");
    let entries = fs::read_dir(&sources)
        .map_err(|error| Failure::new(format!("no fuzz targets in {}: {error}", sources.display())))?;
    let mut targets: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    targets.sort();
    Ok(targets)
}

fn fuzz(folder: &Path, target: &str, seconds: u32) -> Outcome {
    let found = folder.join("target/found").join(target);
    fs::create_dir_all(&found)
        .map_err(|error| Failure::new(format!("can't make {}: {error}", found.display())))?;
    // libFuzzer writes to the first corpus that it is given, and only reads the others.
    let corpora: [PathBuf; 2] = [found, folder.join("corpus").join(target)];
    let mut command = Command::new("cargo");
    command.current_dir(cargo::root()).stdin(Stdio::null());
    command.args(["+nightly", "fuzz", "run", "--fuzz-dir"]).arg(folder).arg(target);
    command.args(corpora.iter().filter(|corpus| corpus.is_dir()));
    cargo::run(command.arg("--").arg(format!("-max_total_time={seconds}")))
}
