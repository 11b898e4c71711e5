//! Versions of the file: what an older one is made into, and what is refused.

use super::rows::{META, Stop, VERSION};
use redb::{Database, ReadableDatabase as _, TableError, WriteTransaction};

/// Makes the tables of one version into those of the next.
pub(super) type Migration = fn(&WriteTransaction) -> Result<(), Stop>;

/// How version 1 becomes version 2, and so on: the newest version is one more than there are.
pub(super) const MIGRATIONS: &[Migration] = &[];

/// What a file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A store of this version.
    Version(u64),
    /// A file without tables: a store that is about to be made.
    Empty,
    /// A file with other tables.
    Foreign,
}

/// Looks, and changes nothing.
pub(super) fn look(file: &Database) -> Result<Found, Stop> {
    let transaction = file.begin_read()?;
    let version = match transaction.open_table(META) {
        Ok(meta) => meta.get(VERSION)?.map(|version| version.value()),
        Err(TableError::TableDoesNotExist(_)) if transaction.list_tables()?.next().is_none() => {
            return Ok(Found::Empty);
        }
        Err(TableError::Storage(error)) => return Err(error.into()),
        Err(_) => None,
    };
    Ok(version.map_or(Found::Foreign, Found::Version))
}

/// The version that these migrations lead to.
pub(super) fn newest(migrations: &[Migration]) -> u64 {
    migrations.len() as u64 + 1
}

/// Makes a file of version `from` into the newest, within the transaction.
pub(super) fn migrate(
    transaction: &WriteTransaction,
    from: u64,
    migrations: &[Migration],
) -> Result<(), Stop> {
    let done = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
    for migration in migrations.iter().skip(done) {
        migration(transaction)?;
    }
    transaction.open_table(META)?.insert(VERSION, newest(migrations))?;
    Ok(())
}
