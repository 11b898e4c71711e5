//! Transactions. Changes that wait at the same time share one, and so its flush to the disk.

use super::rows::Stop;
use super::tables::Tables;
use super::view::View;
use super::{RedbStore, lock};
use crate::store::StoreError;
use redb::ReadableDatabase as _;
use std::mem;
use std::sync::mpsc;

/// A change that waits for a transaction. It returns who waits for it.
pub(super) type Change = Box<dyn FnOnce(&mut Tables<'_>) -> Result<Changed, Stop> + Send>;

/// A change that was made, or refused, in a transaction.
pub(super) struct Changed {
    refused: bool,
    /// Tells who waits, once it is known whether the transaction lasts, or why it doesn't.
    answer: Box<Answer>,
}

type Answer = dyn FnOnce(Result<(), &str>) + Send;

impl RedbStore {
    /// Makes a change, alone or with others, and waits until it lasts.
    pub(super) fn change<T: Send + 'static>(
        &self,
        doing: &'static str,
        change: impl FnOnce(&mut Tables<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, StoreError> {
        let failed = move |why: &str| StoreError::Failed { doing, source: why.into() };
        let (sender, receiver) = mpsc::sync_channel(1);
        let change: Change = Box::new(move |tables| {
            let result = match change(tables) {
                Ok(value) => Ok(value),
                Err(Stop::Refused(error)) => Err(error),
                Err(stop) => return Err(stop),
            };
            let refused = result.is_err();
            let answer = Box::new(move |lasts: Result<(), &str>| {
                // Who waits is there until it hears.
                sender.send(lasts.map_err(failed).and(result)).ok();
            });
            Ok(Changed { refused, answer })
        });
        lock(&self.waiting).push(change);
        let writer = lock(&self.writer);
        // Whoever had the lock before may have made this change, too.
        let answer = receiver.try_recv().or_else(|_| {
            let why = self.make_waiting_changes();
            receiver.try_recv().map_err(|_| failed(&why.unwrap_or_default()))
        });
        drop(writer);
        answer.unwrap_or_else(Err)
    }

    /// Makes all changes that wait in one transaction, for who has the writer's lock. Returns why it failed, if it did.
    fn make_waiting_changes(&self) -> Option<String> {
        let waiting = mem::take(&mut *lock(&self.waiting));
        let mut made = Vec::with_capacity(waiting.len());
        let lasts = self.write(|tables| {
            for change in waiting {
                made.push(change(tables)?);
            }
            Ok(!made.iter().all(|changed| changed.refused))
        });
        let why = lasts.err().map(|stop| stop.why());
        for changed in made {
            (changed.answer)(why.as_deref().map_or(Ok(()), Err));
        }
        why
    }

    /// Makes changes in a transaction of their own, for who has the writer's lock. The transaction is dropped when they return
    /// that nothing was changed.
    pub(super) fn write(
        &self,
        change: impl FnOnce(&mut Tables<'_>) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        let (file, ranked) = self.file()?;
        let made = (|| {
            let transaction = file.begin_write()?;
            let mut tables = Tables::open(&transaction, &ranked)?;
            if !change(&mut tables)? {
                return Ok(None);
            }
            let changes = tables.count_change()?;
            let moves = mem::take(&mut tables.moves);
            drop(tables);
            Ok(Some((changes, moves, transaction.commit())))
        })();
        let (changes, moves, committed) = match made {
            Ok(Some(made)) => made,
            Ok(None) => return Ok(()),
            Err(stop) => {
                if let Stop::Failed(_) = stop {
                    self.close();
                }
                return Err(stop);
            }
        };
        match committed.map_err(Stop::from).and_then(|()| View::open(&file.begin_read()?)) {
            Ok(view) => {
                self.opened_mut().advance(view, &moves);
                Ok(())
            }
            // Whether it lasts, only the file can tell.
            Err(stop) => {
                drop(file);
                self.close();
                self.open_again()?;
                if self.opened().changes == changes { Ok(()) } else { Err(stop) }
            }
        }
    }
}
