//! Writes the seeds of the fuzz corpora anew, from what our encoders make today: `cargo run -p netcord-tests --bin
//! corpus`. Other files of the corpora stay as they are.

use netcord_tests::fuzz::{TARGETS, folder, recorded, seeds};
use std::{fs, io};

fn main() -> io::Result<()> {
    for target in TARGETS {
        let folder = folder().join(target.name);
        fs::create_dir_all(&folder)?;
        for (name, _) in recorded(target.name)?.iter().filter(|(name, _)| name.starts_with("seed-")) {
            fs::remove_file(folder.join(name))?;
        }
        let seeds = seeds(target.name);
        for (name, bytes) in &seeds {
            fs::write(folder.join(name), bytes)?;
        }
        eprintln!("{}: {} seeds", target.name, seeds.len());
    }
    Ok(())
}
