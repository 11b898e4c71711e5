//! Opens the file: whether it is there, whether it is a store, of which version. What is refused is left as it is.

use super::migration::{self, Found, Migration};
use super::rows::Stop;
use crate::store::StoreError;
use redb::{Builder, Database, DatabaseError, StorageError};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How much of the file is kept in memory at most, in bytes.
const CACHE: usize = 64 << 20;

/// What the file is made and brought up to date by.
pub(super) const BUILDER: fn() -> Builder = || {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder
};

/// Opens the store at `path`, and makes it when there is none: beside it, and whole before it has that name.
pub(super) fn open(path: &Path, migrations: &[Migration]) -> Result<Database, StoreError> {
    let exists = path.try_exists().map_err(|error| Stop::from(error).error("looking for the store"))?;
    if exists {
        let file = BUILDER().open(path).map_err(|error| refusal(path, error))?;
        return bring_up_to_date(path, file, migrations);
    }
    let partial = beside(path, ".partial");
    let file = match BUILDER().create(&partial) {
        Err(DatabaseError::Storage(_)) => {
            // Whoever made it before died of it.
            fs::remove_file(&partial).ok();
            BUILDER().create(&partial)
        }
        file => file,
    };
    let file = bring_up_to_date(path, file.map_err(|error| refusal(path, error))?, migrations)?;
    let failed = |error: io::Error| Stop::from(error).error("making the store");
    // The lock on the file tells others that it is in use, whatever it is called.
    if path.try_exists().map_err(failed)? {
        return Err(StoreError::InUse(path.to_owned()));
    }
    put(&partial, path).map_err(failed)?;
    Ok(file)
}

/// Looks what the file is, and makes it the newest version.
pub(super) fn bring_up_to_date(
    path: &Path,
    file: Database,
    migrations: &[Migration],
) -> Result<Database, StoreError> {
    let newest = migration::newest(migrations);
    let migrated = (|| {
        let from = match migration::look(&file)? {
            Found::Version(version) if version == newest => return Ok(()),
            Found::Version(version) if (1..newest).contains(&version) => version,
            Found::Version(found) => {
                return Err(StoreError::Newer { path: path.to_owned(), found, newest }.into());
            }
            Found::Empty => newest,
            Found::Foreign => {
                return Err(
                    StoreError::NoStore { path: path.to_owned(), why: "it has other tables".into() }.into()
                );
            }
        };
        let transaction = file.begin_write()?;
        migration::migrate(&transaction, from, migrations)?;
        Ok(transaction.commit()?)
    })();
    migrated.map_err(|stop: Stop| stop.error("bringing the store up to date"))?;
    Ok(file)
}

/// Gives a file that is whole its name, and makes that last.
pub(super) fn put(partial: &Path, path: &Path) -> io::Result<()> {
    fs::rename(partial, path)?;
    // Windows has no such thing.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The path with something after its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn refusal(path: &Path, error: DatabaseError) -> StoreError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => StoreError::InUse(path),
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() != io::ErrorKind::InvalidData => {
            StoreError::Failed { doing: "opening the store", source: error.into() }
        }
        error => StoreError::NoStore { path, why: error.to_string() },
    }
}
