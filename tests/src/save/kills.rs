//! Processes that save in a loop and are killed at any moment.

use super::page::{Page, options};
use super::{Totals, Verdict};
use netcord::save::{Loaded, SaveFile, SaveFolder};
use netcord::wire::GameRng;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const NAME: &str = "slot";

/// The killed process: saves one page after the other, and says on stdout which were acknowledged.
pub fn child(folder: &Path) -> Result<(), String> {
    let mut file = open(folder)?;
    let mut number = load(&mut file).map_err(|verdict| format!("{verdict:?}"))?;
    let mut stdout = io::stdout().lock();
    loop {
        number += 1;
        file.save(&Page::new(number, bytes_of(number))).map_err(|error| error.to_string())?;
        writeln!(stdout, "{number}").and_then(|()| stdout.flush()).map_err(|error| error.to_string())?;
    }
}

/// Small pages, and now and then a large one.
fn bytes_of(number: u64) -> usize {
    let mut rng = GameRng::new(!number);
    let most = if number.is_multiple_of(8) { 300_000 } else { 2_000 };
    rng.below(most) as usize
}

/// Starts `program` with `folder` as its last argument, kills it at a random moment, and looks at what it left; and again,
/// so many times, on the same save.
pub fn kill(kills: u64, seed: u64, folder: &Path, program: impl Fn() -> Command) -> Result<Totals, String> {
    let mut rng = GameRng::new(seed);
    let mut totals = Totals::default();
    let mut newest = 0;
    for _ in 0..kills {
        let mut child = program()
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("can't start the game that is to be killed: {error}"))?;
        let mut pipe = BufReader::new(child.stdout.take().ok_or("the game has no output")?);
        let mut output = String::new();
        let failed = |error| format!("lost the game that is to be killed: {error}");
        // Some while they start, most while they save: at any moment of a save, or between two.
        for _ in 0..rng.below(5) {
            pipe.read_line(&mut output).map_err(failed)?;
        }
        std::thread::sleep(Duration::from_micros(rng.below(6_000).into()));
        child.kill().and_then(|()| child.wait()).map_err(failed)?;
        pipe.read_to_string(&mut output).map_err(failed)?;
        let mut acknowledged = newest;
        // The last line may be cut off.
        for line in output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            acknowledged = line.parse().map_err(|_| format!("the game says {line:?}"))?;
        }
        totals.kills += 1;
        totals.acknowledged += acknowledged - newest;
        let found = open(folder).map_err(Verdict::Unreadable).and_then(|mut file| load(&mut file));
        let found = match found {
            Ok(number) if number < acknowledged => {
                Err(Verdict::Lost(format!("{number}, but {acknowledged} was acknowledged")))
            }
            found => found,
        };
        newest = *found.as_ref().unwrap_or(&acknowledged);
        let kill = totals.kills;
        totals.count(found.map(drop), || format!("kill {kill}"));
    }
    Ok(totals)
}

fn open(folder: &Path) -> Result<SaveFile<Page>, String> {
    let folder = SaveFolder::at(folder).map_err(|error| error.to_string())?;
    folder.open(NAME, options(1)).map_err(|error| error.to_string())
}

/// The number of the page that is offered; 0 for none.
fn load(file: &mut SaveFile<Page>) -> Result<u64, Verdict> {
    match file.load().map_err(|error| Verdict::Unreadable(error.to_string()))? {
        Loaded::Nothing => Ok(0),
        Loaded::Found { value, .. } if value.is_whole() => Ok(value.number),
        Loaded::Found { value, .. } => Err(Verdict::Torn(format!("page {}", value.number))),
        Loaded::Recovered { lost, .. } => Err(Verdict::Torn(format!("{lost:?}"))),
    }
}
