//! A disk that loses power: what was not flushed is lost, torn or out of order, as POSIX allows it.
//!
//! A file's bytes last once the file was flushed; the names of a folder last once the folder was. Until then, any part of
//! what was written may be there after a power cut, zeros may stand where data should, and of the names that were given,
//! changed and removed, any may be so and any not. A name that is moved over another is either file's, never nobody's.
//!
//! Knows no saves.

use netcord::save::environment::{Draft, Environment};
use netcord::wire::GameRng;
use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The disk, in a machine that can be switched off.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<Machine>>);

#[derive(Debug)]
struct Machine {
    files: Vec<File>,
    /// Names as the running system sees them, and as they would be found.
    names: BTreeMap<String, usize>,
    lasting: BTreeMap<String, usize>,
    /// What was done to names since the folder was flushed.
    pending: Vec<Naming>,
    honesty: Honesty,
    /// Operations that change the disk, so far.
    operations: usize,
    /// After so many, the power is cut, or one fails.
    cut: Option<usize>,
    failure: Option<(usize, io::ErrorKind)>,
    /// The names of operations, for a report.
    journal: Vec<String>,
    random: u64,
    time: u64,
}

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    lasting: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Naming {
    Created { name: String, file: usize },
    Removed { name: String },
    Renamed { from: String, to: String, file: usize },
}

/// Whether the disk does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Honesty {
    /// It does.
    Honest,
    /// It says that a file is flushed, and it is not.
    LiesAboutFiles,
    /// It says that a folder is flushed, and it is not.
    LiesAboutFolders,
}

/// How a disk came out of a power cut: a choice for each thing that had not been flushed.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    namings: Vec<Survival>,
    data: BTreeMap<usize, Torn>,
}

/// What is left of a naming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Survival {
    Lost,
    Done,
    /// A renamed file that has both names.
    Both,
}

/// What is left of bytes that were written and not flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Torn {
    /// None.
    Lost,
    /// The first so many.
    Cut(usize),
    /// The first so many, and zeros for the rest.
    Zeros(usize),
    /// The sectors whose bit is set, zeros for the others.
    Sectors(u64),
}

/// Bytes that a disk writes at once.
const SECTOR: usize = 512;

/// Up to this size a file is cut at each of its bytes; larger ones at sectors and beside them.
const CUT_EVERYWHERE: usize = 256;

impl Disk {
    /// A disk with nothing on it. `seed` makes its randomness.
    pub fn new(seed: u64, honesty: Honesty) -> Self {
        Self(Arc::new(Mutex::new(Machine {
            files: Vec::new(),
            names: BTreeMap::new(),
            lasting: BTreeMap::new(),
            pending: Vec::new(),
            honesty,
            operations: 0,
            cut: None,
            failure: None,
            journal: Vec::new(),
            random: seed,
            time: 1_800_000_000,
        })))
    }

    /// Cuts the power after so many more operations.
    pub fn cut_after(&self, operations: usize) {
        let mut machine = self.machine();
        machine.cut = Some(machine.operations + operations);
    }

    /// Lets the operation after so many more fail, once.
    pub fn fail_after(&self, operations: usize, error: io::ErrorKind) {
        let mut machine = self.machine();
        machine.failure = Some((machine.operations + operations, error));
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.machine().is_off()
    }

    /// How many operations were done.
    pub fn operations(&self) -> usize {
        self.machine().operations
    }

    /// What was done, an operation a line.
    pub fn journal(&self) -> Vec<String> {
        self.machine().journal.clone()
    }

    /// Every way in which the disk may come out of a power cut now.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let machine = self.machine();
        let mut outcomes = vec![Outcome::default()];
        for naming in &machine.pending {
            outcomes =
                each(&outcomes, naming.survivals(), |outcome, &survival| outcome.namings.push(survival));
        }
        for (file, File { bytes, lasting }) in machine.files.iter().enumerate() {
            if bytes != lasting {
                outcomes = each(&outcomes, &torn(bytes.len()), |outcome, &torn| {
                    outcome.data.insert(file, torn);
                });
            }
        }
        outcomes
    }

    /// One of the ways in which the disk may come out of a power cut now.
    pub fn random_outcome(&self, rng: &mut GameRng) -> Outcome {
        let machine = self.machine();
        let mut outcome = Outcome::default();
        for naming in &machine.pending {
            outcome.namings.push(*choose(rng, naming.survivals()));
        }
        for (file, File { bytes, lasting }) in machine.files.iter().enumerate() {
            if bytes != lasting {
                outcome.data.insert(file, *choose(rng, &torn(bytes.len())));
            }
        }
        outcome
    }

    /// The disk after a power cut with that outcome, in a machine that was switched on again.
    pub fn after(&self, outcome: &Outcome) -> Self {
        let machine = self.machine();
        let mut names = machine.lasting.clone();
        for (naming, survival) in machine.pending.iter().zip(&outcome.namings) {
            naming.redo(*survival, &mut names);
        }
        let survived = |(index, file): (usize, &File)| {
            if !names.values().any(|&named| named == index) {
                return File::default();
            }
            let bytes = outcome.data.get(&index).map_or_else(|| file.lasting.clone(), |torn| torn.of(file));
            File { lasting: bytes.clone(), bytes }
        };
        Self(Arc::new(Mutex::new(Machine {
            files: machine.files.iter().enumerate().map(survived).collect(),
            lasting: names.clone(),
            names,
            pending: Vec::new(),
            honesty: machine.honesty,
            operations: 0,
            cut: None,
            failure: None,
            journal: Vec::new(),
            random: machine.random ^ 0x9e37_79b9_7f4a_7c15,
            time: machine.time + 60,
        })))
    }

    /// The files that are there.
    pub fn files(&self) -> Vec<String> {
        self.machine().names.keys().cloned().collect()
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each of `outcomes` with each of `choices` added.
fn each<C>(outcomes: &[Outcome], choices: &[C], add: impl Fn(&mut Outcome, &C)) -> Vec<Outcome> {
    let with = |outcome: &Outcome, choice| {
        let mut outcome = outcome.clone();
        add(&mut outcome, choice);
        outcome
    };
    outcomes.iter().flat_map(|outcome| choices.iter().map(move |choice| with(outcome, choice))).collect()
}

fn choose<'a, C>(rng: &mut GameRng, choices: &'a [C]) -> &'a C {
    &choices[rng.next_u64() as usize % choices.len()]
}

/// What may be left of `length` bytes.
fn torn(length: usize) -> Vec<Torn> {
    let mut torn = vec![Torn::Lost, Torn::Zeros(0)];
    if length <= CUT_EVERYWHERE {
        torn.extend((1..=length).map(Torn::Cut));
        torn.extend((1..length).step_by(16).map(Torn::Zeros));
    } else {
        let edges = (SECTOR..length).step_by((length / 8).next_multiple_of(SECTOR));
        let near = edges.flat_map(|edge| [edge - 1, edge, edge + 1]).chain([1, length - 1, length]);
        near.for_each(|edge| torn.extend([Torn::Cut(edge), Torn::Zeros(edge)]));
        torn.extend([0x5555_5555_5555_5555, 0xaaaa_aaaa_aaaa_aaaa, !1, !(1 << 1)].map(Torn::Sectors));
    }
    torn
}

impl Torn {
    fn of(self, file: &File) -> Vec<u8> {
        let length = file.bytes.len();
        match self {
            Self::Lost => file.lasting.clone(),
            Self::Cut(at) => file.bytes[..at].to_vec(),
            Self::Zeros(at) => {
                let mut bytes = file.bytes[..at].to_vec();
                bytes.resize(length, 0);
                bytes
            }
            Self::Sectors(written) => {
                let mut bytes = file.bytes.clone();
                for (sector, bytes) in bytes.chunks_mut(SECTOR).enumerate() {
                    if written >> (sector % 64) & 1 == 0 {
                        bytes.fill(0);
                    }
                }
                bytes
            }
        }
    }
}

impl Naming {
    fn survivals(&self) -> &'static [Survival] {
        match self {
            Self::Renamed { .. } => &[Survival::Lost, Survival::Done, Survival::Both],
            _ => &[Survival::Lost, Survival::Done],
        }
    }

    fn redo(&self, survival: Survival, names: &mut BTreeMap<String, usize>) {
        if survival == Survival::Lost {
            return;
        }
        match self {
            Self::Created { name, file } => {
                names.insert(name.clone(), *file);
            }
            Self::Removed { name } => {
                names.remove(name);
            }
            Self::Renamed { from, to, file } => {
                names.insert(to.clone(), *file);
                if survival == Survival::Done {
                    names.remove(from);
                }
            }
        }
    }
}

impl Machine {
    fn is_off(&self) -> bool {
        self.cut.is_some_and(|cut| self.operations >= cut)
    }

    /// Goes on to the next operation that changes something, if the power is on and it is not one that fails.
    fn operate(&mut self, what: impl FnOnce() -> String) -> io::Result<()> {
        self.look()?;
        if let Some((at, error)) = self.failure
            && at == self.operations
        {
            self.failure = None;
            self.journal.push(format!("{} fails: {error}", what()));
            return Err(error.into());
        }
        self.operations += 1;
        self.journal.push(what());
        Ok(())
    }

    /// Looks at something, if the power is on.
    fn look(&self) -> io::Result<()> {
        if self.is_off() { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    fn name(&mut self, naming: Naming) {
        naming.redo(Survival::Done, &mut self.names);
        self.pending.push(naming);
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn next_random(&mut self) -> u64 {
        let mut rng = GameRng::new(self.random);
        self.random = rng.next_u64();
        self.random
    }
}

fn name_of(path: &Path) -> io::Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| io::ErrorKind::InvalidFilename.into())
}

impl Environment for Disk {
    fn create_folder(&self, _: &Path) -> io::Result<()> {
        self.machine().look()
    }

    fn names(&self, _: &Path) -> io::Result<Vec<String>> {
        let machine = self.machine();
        machine.look()?;
        Ok(machine.names.keys().cloned().collect())
    }

    fn read(&self, path: &Path, at_most: usize) -> io::Result<(Vec<u8>, u64)> {
        let machine = self.machine();
        machine.look()?;
        let bytes = &machine.files[machine.find(&name_of(path)?)?].bytes;
        Ok((bytes[..at_most.min(bytes.len())].to_vec(), bytes.len() as u64))
    }

    fn draft(&self, _: &Path, prefix: &str, suffix: &str) -> io::Result<Box<dyn Draft>> {
        let mut machine = self.machine();
        let name = format!("{prefix}{:08x}{suffix}", machine.next_random() as u32);
        machine.operate(|| format!("create {name}"))?;
        let file = machine.files.len();
        machine.files.push(File::default());
        machine.name(Naming::Created { name: name.clone(), file });
        Ok(Box::new(DiskDraft { disk: self.clone(), name, file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (name_of(from)?, name_of(to)?);
        let mut machine = self.machine();
        let file = machine.find(&from)?;
        machine.operate(|| format!("rename {from} to {to}"))?;
        machine.name(Naming::Renamed { from, to, file });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let name = name_of(path)?;
        let mut machine = self.machine();
        machine.find(&name)?;
        machine.operate(|| format!("remove {name}"))?;
        machine.name(Naming::Removed { name });
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        let mut machine = self.machine();
        machine.operate(|| "flush the folder".into())?;
        if machine.honesty != Honesty::LiesAboutFolders {
            machine.pending.clear();
            machine.lasting = machine.names.clone();
        }
        Ok(())
    }

    fn lock(&self, _: &Path, _: Duration) -> io::Result<Box<dyn Any + Send + Sync>> {
        self.machine().look()?;
        Ok(Box::new(()))
    }

    fn unix_time(&self) -> u64 {
        self.machine().time
    }

    fn randomize(&self, bytes: &mut [u8]) -> io::Result<()> {
        let mut machine = self.machine();
        bytes.iter_mut().for_each(|byte| *byte = machine.next_random() as u8);
        Ok(())
    }
}

struct DiskDraft {
    disk: Disk,
    name: String,
    file: usize,
}

impl Write for DiskDraft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut machine = self.disk.machine();
        // As a kernel may: in pieces.
        let taken = bytes.len().min(1 << 16);
        machine.operate(|| format!("write {taken} bytes to {}", self.name))?;
        machine.files[self.file].bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Draft for DiskDraft {
    fn sync(&mut self) -> io::Result<()> {
        let mut machine = self.disk.machine();
        machine.operate(|| format!("flush {}", self.name))?;
        if machine.honesty != Honesty::LiesAboutFiles {
            let file = &mut machine.files[self.file];
            file.lasting = file.bytes.clone();
        }
        Ok(())
    }

    fn persist(self: Box<Self>, to: &Path) -> io::Result<()> {
        let to = name_of(to)?;
        let mut machine = self.disk.machine();
        machine.operate(|| format!("rename {} to {to}", self.name))?;
        machine.name(Naming::Renamed { from: self.name.clone(), to, file: self.file });
        Ok(())
    }
}

impl Drop for DiskDraft {
    fn drop(&mut self) {
        let mut machine = self.disk.machine();
        let is_draft = machine.names.get(&self.name) == Some(&self.file);
        if is_draft && machine.operate(|| format!("remove {}", self.name)).is_ok() {
            machine.name(Naming::Removed { name: self.name.clone() });
        }
    }
}
