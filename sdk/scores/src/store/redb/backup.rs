//! Copies of the store while it runs.

use super::file::{self, BUILDER};
use super::rows::{
    ACTS, BOARDS, META, NAMES, OPEN_TICKETS, PLAYED, PLAYERS, REPLAYS, SCORES, STANDINGS, Stop, TICKETS,
};
use super::{RedbStore, lock};
use crate::store::StoreError;
use redb::{
    Database, Key, ReadTransaction, ReadableDatabase as _, ReadableTable as _, TableDefinition, Value,
    WriteTransaction,
};
use std::fs;
use std::path::Path;

impl RedbStore {
    /// Writes a copy of the store as it is at this moment, which [`open`](Self::open) opens. Others go on meanwhile. It is
    /// written beside `to`, and gets that name when it is whole and lasts; a copy that has the name is replaced.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when `to` is this store itself, [`StoreError::Failed`]; `to` is as before then.
    pub fn backup(&self, to: impl AsRef<Path>) -> Result<(), StoreError> {
        let to = to.as_ref();
        self.write_backup(to).map_err(|stop| stop.error("writing a backup"))
    }

    fn write_backup(&self, to: &Path) -> Result<(), Stop> {
        let same =
            fs::canonicalize(to).is_ok_and(|to| fs::canonicalize(&self.path).is_ok_and(|from| from == to));
        if same {
            return Err(StoreError::Conflict("a store can't be its own backup".into()).into());
        }
        let _only_one = lock(&self.backup);
        let moment = self.moment("writing a backup")?;
        let partial = file::beside(to, ".partial");
        // Of a backup that did not come to its end.
        fs::remove_file(&partial).ok();
        let written = BUILDER().create(&partial).map_err(Stop::from).and_then(|copy| fill(&copy, &moment));
        if let Err(stop) = written.and_then(|()| Ok(file::put(&partial, to)?)) {
            fs::remove_file(&partial).ok();
            return Err(stop);
        }
        Ok(())
    }

    /// The tables as they are now.
    pub(super) fn moment(&self, doing: &'static str) -> Result<ReadTransaction, StoreError> {
        self.read(doing, |opened, _| match &opened.file {
            Some((file, _)) => Ok(file.begin_read()?),
            None => Err(Stop::Failed("the file failed".into())),
        })
    }
}

fn fill(copy: &Database, moment: &ReadTransaction) -> Result<(), Stop> {
    let transaction = copy.begin_write()?;
    copy_table(moment, &transaction, META)?;
    copy_table(moment, &transaction, BOARDS)?;
    copy_table(moment, &transaction, PLAYERS)?;
    copy_table(moment, &transaction, NAMES)?;
    copy_table(moment, &transaction, TICKETS)?;
    copy_table(moment, &transaction, OPEN_TICKETS)?;
    copy_table(moment, &transaction, SCORES)?;
    copy_table(moment, &transaction, REPLAYS)?;
    copy_table(moment, &transaction, PLAYED)?;
    copy_table(moment, &transaction, STANDINGS)?;
    copy_table(moment, &transaction, ACTS)?;
    Ok(transaction.commit()?)
}

fn copy_table<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<(), Stop> {
    let mut copy = to.open_table(table)?;
    for row in from.open_table(table)?.iter()? {
        let (key, value) = row?;
        copy.insert(key.value(), value.value())?;
    }
    Ok(())
}
