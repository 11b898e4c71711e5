//! Where scores are kept: what the service wants of it. A store knows neither rules nor requests; it is told what was
//! verified, and what time it is.
//!
//! [`MemoryStore`] forgets, and `RedbStore` (feature `redb`) keeps all in one file. A store of your own has to keep the
//! promises of [`ScoreStore`]; [`contract`] has them as checks, to be called from a test.

pub mod contract;
#[cfg(feature = "redb")]
mod lines;
mod memory;
#[cfg(feature = "redb")]
mod redb;

#[cfg(feature = "redb")]
pub use lines::{read_lines, write_lines};
pub use memory::MemoryStore;
#[cfg(feature = "redb")]
pub use redb::RedbStore;

use crate::model::{
    Act, AuditEntry, BoardId, Listing, Player, PlayerId, Position, Score, ScoreId, Ticket, TicketId, UnixTime,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A store of players, tickets, scores and what moderators did.
///
/// Each call that changes something is one transaction: when it returns `Ok`, all of it lasts; when it returns an error,
/// nothing was changed. Calls may come from many threads at once.
///
/// A store ranks what it keeps. A score is *listed* in its board's listing of all time and in that of its season, unless it
/// is hidden or its player banned; on boards of [`Entries::BestPerPlayer`](crate::model::Entries), only a player's best in
/// that listing is.
pub trait ScoreStore: Send + Sync + 'static {
    /// The player of this id.
    fn player(&self, id: &PlayerId) -> Result<Option<Player>, StoreError>;

    /// The first `limit` players whose [`name_key`](Player::name_key) begins with `prefix` and who are not banned, in the
    /// order of the keys.
    fn players_named(&self, prefix: &str, limit: usize) -> Result<Vec<Player>, StoreError>;

    /// Adds a player, or changes the name of one who is there; nothing else of them changes.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] when another player has that `name_key`.
    fn put_player(&self, player: &Player) -> Result<(), StoreError>;

    /// The ticket of this id, and the score that it was redeemed for.
    fn ticket(&self, id: &TicketId) -> Result<Option<(Ticket, Option<ScoreId>)>, StoreError>;

    /// Adds as many of `fresh`, the first ones, as it takes for the player to hold `at_most` open tickets of that board:
    /// neither redeemed nor expired, which they are when `expires` is not after `now`. All of `fresh` are of one player
    /// and one board; it is not empty. Returns the open ones then, the oldest first, those of one moment by their ids.
    /// Expired tickets that were never redeemed may be forgotten.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such player.
    fn issue_tickets(
        &self,
        fresh: &[Ticket],
        at_most: usize,
        now: UnixTime,
    ) -> Result<Vec<Ticket>, StoreError>;

    /// Records a score: gives it the next id, redeems its ticket, and notes until when its player was busy.
    ///
    /// # Errors
    /// [`StoreError::TicketUsed`] when the ticket was redeemed before, [`StoreError::Missing`] when there is no such
    /// ticket or player, and [`StoreError::BusyChanged`] when the player's `busy_until` is not `was_busy_until`: another run
    /// of theirs was recorded meanwhile.
    fn record(&self, run: &NewScore) -> Result<Score, StoreError>;

    /// The score of this id, hidden or not.
    fn score(&self, id: ScoreId) -> Result<Option<Score>, StoreError>;

    /// The replay of a score.
    fn replay(&self, id: ScoreId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Up to `limit` listed scores: the best that are worse than `after`, the better ones first. Without `after`, the best.
    fn page_after(
        &self,
        listing: &Listing,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError>;

    /// Up to `limit` listed scores: the worst that are better than `before`, the better ones first.
    fn page_before(
        &self,
        listing: &Listing,
        before: Position,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError>;

    /// How many listed scores have a smaller [`key`](Score::key), which is a better score.
    fn count_better(&self, listing: &Listing, key: i64) -> Result<u64, StoreError>;

    /// How many scores are listed.
    fn count(&self, listing: &Listing) -> Result<u64, StoreError>;

    /// The best score of a player that is neither hidden nor of a banned player.
    fn best(&self, listing: &Listing, player: &PlayerId) -> Result<Option<Score>, StoreError>;

    /// Up to `limit` scores of a player on a board, hidden ones too, the newest first; those before `before`, if given.
    fn history(
        &self,
        board: &BoardId,
        player: &PlayerId,
        before: Option<ScoreId>,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError>;

    /// Does what a moderator says, and notes it. What is so already is noted again.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such score or player.
    fn moderate(
        &self,
        moderator: &PlayerId,
        act: Act,
        reason: &str,
        now: UnixTime,
    ) -> Result<AuditEntry, StoreError>;

    /// Up to `limit` acts, the newest first; those before number `before`, if given.
    fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>, StoreError>;

    /// A number that changes whenever a score is recorded on this board, hidden or shown, or a player who has scores there
    /// is banned, pardoned or renamed: what has the same one looks the same. Nothing else changes it.
    fn revision(&self, board: &BoardId) -> Result<u64, StoreError>;

    /// Hands out all there is, as it was at one moment: players first, then tickets, scores in the order of their ids, and
    /// acts. Stops at the first error of `each`.
    fn export(&self, each: &mut dyn FnMut(Record) -> Result<(), StoreError>) -> Result<(), StoreError>;

    /// Takes in what was exported, in that order, in one transaction; ids stay. The store must have nothing of the same id.
    /// Of `records`, nothing is taken after what does not fit.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has.
    fn import(
        &self,
        records: &mut dyn Iterator<Item = Result<Record, StoreError>>,
    ) -> Result<u64, StoreError>;
}

/// A score to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewScore {
    /// All of it but the id, which the store chooses.
    pub score: Score,
    /// What it was verified by.
    pub replay: Vec<u8>,
    /// What [`Player::busy_until`] was when this run was found to fit in. It has to be so yet: of two runs that were
    /// played at the same time, and submitted at the same time, one comes too late.
    pub was_busy_until: UnixTime,
    /// What it is from now on.
    pub busy_until: UnixTime,
}

/// One line of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A player.
    Player(Player),
    /// A ticket. Which score it was redeemed for, that score says.
    Ticket(Ticket),
    /// A score and its replay, in base64.
    Score {
        /// The score.
        score: Score,
        /// Its replay.
        #[serde(with = "crate::base64")]
        replay: Vec<u8>,
    },
    /// What a moderator did.
    Act(AuditEntry),
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another player has the name. Ask for another.
    #[error("the name is taken")]
    NameTaken,
    /// The ticket was redeemed before: by that score.
    #[error("the ticket was redeemed for score {0}")]
    TicketUsed(ScoreId),
    /// Another run of the player was recorded meanwhile. Look again whether this one fits in.
    #[error("another run of the player was recorded meanwhile")]
    BusyChanged,
    /// There is no such thing.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// What is imported is there already, or does not fit together.
    #[error("can't import: {0}")]
    Conflict(String),
    /// Another process has the file open. Stop that one, or ask it.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A newer program wrote the file. Use that one; nothing in the file was changed.
    #[error("{} has version {found}, and this program knows none after {newest}", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest that this program knows.
        newest: u64,
    },
    /// The file is none of a store, or damaged. It was left as it is: name another, or put a backup in its place.
    #[error("{} is no store of scores, or is damaged: {why}", path.display())]
    NoStore {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The store failed, and the call changed nothing. Try again later; tell the operator.
    #[error("the store failed while {doing}")]
    Failed {
        /// What was done.
        doing: &'static str,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
