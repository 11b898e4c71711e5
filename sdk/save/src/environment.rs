//! What saves need of the machine, as a trait: files, a lock, the time of day, randomness. The real one is [`System`];
//! tests have one that loses power. Knows nothing of saves.

use std::any::Any;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::NamedTempFile;

/// The machine. Not for games: it may change at any time.
pub trait Environment: fmt::Debug + Send + Sync {
    /// Makes a folder and those above it, to last.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;
    /// The names in a folder, as far as they are text.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// The first `at_most` bytes of a file, and how many it has.
    fn read(&self, file: &Path, at_most: usize) -> io::Result<(Vec<u8>, u64)>;
    /// A new file whose name begins with `prefix`, ends with `suffix` and is nobody else's.
    fn draft(&self, folder: &Path, prefix: &str, suffix: &str) -> io::Result<Box<dyn Draft>>;
    /// Gives a file another name, in place of the file that has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, file: &Path) -> io::Result<()>;
    /// Returns when the names in the folder will last.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Locks `file` until what it returns is dropped. `WouldBlock` if someone else has it for as long as `wait`.
    fn lock(&self, file: &Path, wait: Duration) -> io::Result<Box<dyn Any + Send + Sync>>;
    /// Seconds since 1970.
    fn unix_time(&self) -> u64;
    /// Fills `bytes` with what nobody can guess.
    fn randomize(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// A file that has no final name yet. It is removed if it is dropped.
pub trait Draft: Write {
    /// Returns when what was written will last.
    fn sync(&mut self) -> io::Result<()>;
    /// Gives it its name, in place of the file that has it.
    fn persist(self: Box<Self>, to: &Path) -> io::Result<()>;
}

/// The machine that we run on.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Environment for System {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent {
            self.create_folder(parent)?;
        }
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !folder.is_dir() => {
                return Err(error);
            }
            _ => {}
        }
        // Some folders above ours may be of those that we can't open.
        let _ = self.sync_folder(parent.unwrap_or(Path::new(".")));
        Ok(())
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        entries.map(|entry| Ok(entry?.file_name().into_string().ok())).filter_map(Result::transpose).collect()
    }

    fn read(&self, file: &Path, at_most: usize) -> io::Result<(Vec<u8>, u64)> {
        again(|| {
            let mut file = File::open(file)?;
            let length = file.metadata()?.len();
            let mut bytes = Vec::with_capacity(at_most.min(usize::try_from(length).unwrap_or(usize::MAX)));
            (&mut file).take(at_most as u64).read_to_end(&mut bytes)?;
            Ok((bytes, length))
        })
    }

    fn draft(&self, folder: &Path, prefix: &str, suffix: &str) -> io::Result<Box<dyn Draft>> {
        let draft = tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile_in(folder)?;
        Ok(Box::new(SystemDraft(draft)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        again(|| fs::rename(from, to))
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        again(|| fs::remove_file(file))
    }

    /// On Unix, `fsync` of the folder. On Apple's, std's `sync_all` is `fcntl(F_FULLFSYNC)`, which has the disk write its
    /// cache, too (library/std/src/sys/fs/unix.rs). Windows has nothing of the kind for folders: [`Draft::persist`] asks
    /// there for the file to be flushed under its new name.
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if !cfg!(unix) {
            return Ok(());
        }
        match File::open(folder)?.sync_all() {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
            {
                // Some network folders and file systems of phones: it is as durable as they have it.
                tracing::warn!(folder = %folder.display(), "this file system can't flush a folder");
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn lock(&self, path: &Path, wait: Duration) -> io::Result<Box<dyn Any + Send + Sync>> {
        let mut file = File::options().create(true).truncate(false).write(true).open(path)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < wait => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    tracing::warn!(path = %path.display(), "this file system has no locks");
                    break;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        // For whoever waits in vain. The lock holds without it.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Box::new(file))
    }

    fn unix_time(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn randomize(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(io::Error::other)
    }
}

/// Between two tries at a lock.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

struct SystemDraft(NamedTempFile);

impl Write for SystemDraft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Draft for SystemDraft {
    fn sync(&mut self) -> io::Result<()> {
        self.0.as_file().sync_all()
    }

    fn persist(self: Box<Self>, to: &Path) -> io::Result<()> {
        let mut draft = Some(self.0);
        let file = again(|| match draft.take().map(|draft| draft.persist(to)) {
            Some(Ok(file)) => Ok(file),
            Some(Err(failed)) => {
                draft = Some(failed.file);
                Err(failed.error)
            }
            None => Err(io::ErrorKind::NotFound.into()),
        })?;
        if cfg!(windows) { file.sync_all() } else { Ok(()) }
    }
}

/// Does what on Windows fails while a virus scanner or a cloud looks at the file, until it works or half a second has
/// passed. Elsewhere a failure is final.
fn again<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut pause = Duration::from_millis(1);
    loop {
        match attempt() {
            Err(error) if is_sharing_violation(&error) && pause < Duration::from_millis(400) => {
                std::thread::sleep(pause);
                pause *= 2;
            }
            outcome => return outcome,
        }
    }
}

/// `ERROR_ACCESS_DENIED`, `ERROR_SHARING_VIOLATION`, `ERROR_LOCK_VIOLATION`.
fn is_sharing_violation(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33))
}
