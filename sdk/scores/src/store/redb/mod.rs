//! A store in one file, on [`redb`]: a B+ tree with transactions.
//!
//! What is acknowledged was flushed to the disk. Calls that come at the same time share a transaction, and its flush: the
//! first of them to get the writer's lock does what waits, for all. Who stands where is in memory, too, and built from the
//! file when it is opened.

mod backup;
mod file;
mod listings;
mod migration;
mod rows;
mod tables;
#[cfg(test)]
mod tests;
mod view;
mod writing;

use crate::model::{
    Act, AuditEntry, Board, BoardId, Listing, Player, PlayerId, Position, Score, ScoreId, Ticket, TicketId,
    UnixTime,
};
use crate::ranking::Ranking;
use crate::store::{NewScore, Record, ScoreStore, StoreError};
use listings::{ListingKey, Listings, Move, Ranked};
use migration::MIGRATIONS;
use redb::{Database, ReadableDatabase as _};
use rows::Stop;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tables::Tables;
use view::View;
use writing::Change;

/// A store in one file.
///
/// The file is this process's while it is open: another that opens it is refused. After the file failed, because the disk
/// is full for example, the next call opens it anew.
pub struct RedbStore {
    path: PathBuf,
    open: Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>,
    opened: RwLock<Opened>,
    /// What waits for a transaction.
    waiting: Mutex<Vec<Change>>,
    /// Of who writes, or opens the file again. Taken before `opened`.
    writer: Mutex<()>,
    /// Of who writes a backup.
    backup: Mutex<()>,
}

/// What is known of the file.
struct Opened {
    ranked: Arc<[Ranked]>,
    /// After so many transactions, this is who stood where.
    changes: u64,
    listings: Listings,
    /// None after it failed.
    file: Option<(Arc<Database>, View)>,
}

impl RedbStore {
    /// Opens the file at `path`, and makes it if there is none. Ranks the scores of these boards; those of others are kept.
    ///
    /// All of the file is read and checked, and the rankings are built: `cargo xtask bench scores` tells how long that takes,
    /// and how much memory, with a million scores.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Newer`], [`StoreError::NoStore`], [`StoreError::Failed`]: the file is as before.
    pub fn open(path: impl AsRef<Path>, boards: &[Board]) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let file = path.clone();
        Self::open_with(path, boards, Box::new(move || file::open(&file, MIGRATIONS)))
    }

    fn open_with(
        path: PathBuf,
        boards: &[Board],
        open: Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>,
    ) -> Result<Self, StoreError> {
        let file = open()?;
        let opened = Opened::new(file, boards).map_err(|stop| stop.error("reading the store"))?;
        let opened = RwLock::new(opened);
        Ok(Self {
            path,
            open,
            opened,
            waiting: Mutex::default(),
            writer: Mutex::default(),
            backup: Mutex::default(),
        })
    }

    /// Asks what the file and the memory hold. A file that failed is opened again first.
    fn read<T>(
        &self,
        doing: &'static str,
        ask: impl FnOnce(&Opened, &View) -> Result<T, Stop>,
    ) -> Result<T, StoreError> {
        let answer = (|| {
            let mut opened = self.opened();
            if opened.file.is_none() {
                drop(opened);
                let writer = lock(&self.writer);
                self.open_again()?;
                opened = self.opened();
                drop(writer);
            }
            match &opened.file {
                Some((_, view)) => ask(&opened, view),
                None => Err(Stop::Failed("the file failed again".into())),
            }
        })();
        if let Err(Stop::Failed(_)) = answer {
            self.close();
        }
        answer.map_err(|stop| stop.error(doing))
    }

    /// The file, for who has the writer's lock.
    fn file(&self) -> Result<(Arc<Database>, Arc<[Ranked]>), Stop> {
        self.open_again()?;
        let opened = self.opened();
        match &opened.file {
            Some((file, _)) => Ok((file.clone(), opened.ranked.clone())),
            None => Err(Stop::Failed("the file failed again".into())),
        }
    }

    /// Opens the file if it isn't open, for who has the writer's lock.
    fn open_again(&self) -> Result<(), Stop> {
        if self.opened().file.is_none() {
            self.opened_mut().open_again((self.open)()?)?;
        }
        Ok(())
    }

    /// Closes a file that failed: nothing more can be done with it.
    fn close(&self) {
        self.opened_mut().file = None;
    }

    fn opened(&self) -> RwLockReadGuard<'_, Opened> {
        self.opened.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened_mut(&self) -> RwLockWriteGuard<'_, Opened> {
        self.opened.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    fn new(file: Database, boards: &[Board]) -> Result<Self, Stop> {
        let transaction = file.begin_write()?;
        let mut tables = Tables::open(&transaction, &[])?;
        let ranked: Vec<_> = boards
            .iter()
            .map(|board| {
                let number = tables.board(&board.id)?;
                Ok(Ranked { id: board.id.clone(), number, entries: board.entries })
            })
            .collect::<Result<_, Stop>>()?;
        drop(tables);
        transaction.commit()?;
        let transaction = file.begin_read()?;
        let view = View::open(&transaction)?;
        let listings = Listings::build(&transaction, &ranked)?;
        Ok(Self {
            ranked: ranked.into(),
            changes: view.changes,
            listings,
            file: Some((Arc::new(file), view)),
        })
    }

    /// Goes on with the file, which was closed.
    fn open_again(&mut self, file: Database) -> Result<(), Stop> {
        let transaction = file.begin_read()?;
        let view = View::open(&transaction)?;
        if view.changes != self.changes {
            self.listings = Listings::build(&transaction, &self.ranked)?;
            self.changes = view.changes;
        }
        self.file = Some((Arc::new(file), view));
        Ok(())
    }

    /// Goes on to the moment after a transaction.
    fn advance(&mut self, view: View, moves: &[Move]) {
        self.changes = view.changes;
        self.listings.apply(moves);
        if let Some((_, last)) = &mut self.file {
            *last = view;
        }
    }

    fn key(&self, listing: &Listing) -> Option<ListingKey> {
        let board = self.ranked.iter().find(|ranked| ranked.id == listing.board)?;
        Some((board.number, listing.season))
    }

    fn ranking(&self, listing: &Listing) -> Option<&Ranking> {
        self.listings.get(self.key(listing)?)
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("path", &self.path).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ScoreStore for RedbStore {
    fn player(&self, id: &PlayerId) -> Result<Option<Player>, StoreError> {
        self.read("looking for a player", |_, view| view.player(id))
    }

    fn players_named(&self, prefix: &str, limit: usize) -> Result<Vec<Player>, StoreError> {
        self.read("looking for players", |_, view| view.players_named(prefix, limit))
    }

    fn put_player(&self, player: &Player) -> Result<(), StoreError> {
        let player = player.clone();
        self.change("keeping a player", |tables| tables.put_player(player))
    }

    fn ticket(&self, id: &TicketId) -> Result<Option<(Ticket, Option<ScoreId>)>, StoreError> {
        self.read("looking for a ticket", |_, view| view.ticket(id))
    }

    fn issue_tickets(
        &self,
        fresh: &[Ticket],
        at_most: usize,
        now: UnixTime,
    ) -> Result<Vec<Ticket>, StoreError> {
        let fresh = fresh.to_vec();
        self.change("issuing tickets", move |tables| tables.issue_tickets(&fresh, at_most, now))
    }

    fn record(&self, run: &NewScore) -> Result<Score, StoreError> {
        let run = run.clone();
        self.change("recording a score", move |tables| tables.record(&run))
    }

    fn score(&self, id: ScoreId) -> Result<Option<Score>, StoreError> {
        self.read("looking for a score", |_, view| view.score(id))
    }

    fn replay(&self, id: ScoreId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read("looking for a replay", |_, view| view.replay(id))
    }

    fn page_after(
        &self,
        listing: &Listing,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError> {
        self.read("listing scores", |opened, view| match opened.ranking(listing) {
            Some(ranking) => view.scores_at(ranking.after(after, limit)),
            None => Ok(Vec::new()),
        })
    }

    fn page_before(
        &self,
        listing: &Listing,
        before: Position,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError> {
        self.read("listing scores", |opened, view| match opened.ranking(listing) {
            Some(ranking) => view.scores_at(ranking.before(before, limit)),
            None => Ok(Vec::new()),
        })
    }

    fn count_better(&self, listing: &Listing, key: i64) -> Result<u64, StoreError> {
        let ranking = |opened: &Opened| opened.ranking(listing).map_or(0, |ranking| ranking.count_less(key));
        self.read("counting scores", |opened, _| Ok(ranking(opened) as u64))
    }

    fn count(&self, listing: &Listing) -> Result<u64, StoreError> {
        let count = |opened: &Opened| opened.ranking(listing).map_or(0, Ranking::len);
        self.read("counting scores", |opened, _| Ok(count(opened) as u64))
    }

    fn best(&self, listing: &Listing, player: &PlayerId) -> Result<Option<Score>, StoreError> {
        self.read("looking for a player's best", |opened, view| match opened.key(listing) {
            Some(listing) => view.best(listing, player),
            None => Ok(None),
        })
    }

    fn history(
        &self,
        board: &BoardId,
        player: &PlayerId,
        before: Option<ScoreId>,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError> {
        self.read("looking for a player's scores", |_, view| view.history(board, player, before, limit))
    }

    fn moderate(
        &self,
        moderator: &PlayerId,
        act: Act,
        reason: &str,
        now: UnixTime,
    ) -> Result<AuditEntry, StoreError> {
        let (moderator, reason) = (*moderator, reason.to_owned());
        self.change("moderating", move |tables| tables.moderate(&moderator, act, &reason, now))
    }

    fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.read("looking for acts", |_, view| view.audit(before, limit))
    }

    fn revision(&self, board: &BoardId) -> Result<u64, StoreError> {
        self.read("looking for a board", |_, view| view.revision(board))
    }

    fn export(&self, each: &mut dyn FnMut(Record) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let moment = self.moment("exporting")?;
        view::export(&moment, each).map_err(|stop| stop.error("exporting"))
    }

    fn import(
        &self,
        records: &mut dyn Iterator<Item = Result<Record, StoreError>>,
    ) -> Result<u64, StoreError> {
        let mut count = 0;
        let writer = lock(&self.writer);
        let imported = self.write(|tables| {
            for record in records {
                tables.import(record?)?;
                count += 1;
            }
            Ok(count > 0)
        });
        drop(writer);
        imported.map(|()| count).map_err(|stop| stop.error("importing"))
    }
}
