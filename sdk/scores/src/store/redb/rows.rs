//! The tables of the file, and how their rows are spelled. Whoever changes either adds a migration.

use super::listings::ListingKey;
use crate::model::{PlayerId, Score, ScoreId, Ticket};
use crate::store::StoreError;
use netcord_wire::CodecError;
use netcord_wire::codec::message;
use redb::{Key, ReadableTable, TableDefinition};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::error::Error;
use std::ops::{Range, RangeInclusive};

/// Numbers about the file: [`VERSION`], [`CHANGES`].
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// Which version of these tables it has.
pub(super) const VERSION: &str = "version";
/// How many transactions changed it.
pub(super) const CHANGES: &str = "changes";

/// Of each board by its id: its number, by which other tables name it, and its revision.
pub(super) const BOARDS: TableDefinition<'_, &str, (u32, u64)> = TableDefinition::new("boards");
/// [`Player`](crate::model::Player)s.
pub(super) const PLAYERS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("players");
/// Whose name it is, by `name_key`.
pub(super) const NAMES: TableDefinition<'_, &str, &[u8; 32]> = TableDefinition::new("names");
/// [`TicketRow`]s.
pub(super) const TICKETS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("tickets");
/// Tickets that are not redeemed, the oldest ones of a player on a board first.
pub(super) const OPEN_TICKETS: TableDefinition<'_, OpenTicket<'static>, ()> =
    TableDefinition::new("open_tickets");
/// [`Score`]s.
pub(super) const SCORES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("scores");
/// Their replays: apart, as they are long and seldom asked for.
pub(super) const REPLAYS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("replays");
/// Who played what: the player, the number of the board, the score.
pub(super) const PLAYED: TableDefinition<'_, (&[u8; 32], u32, u64), ()> = TableDefinition::new("played");
/// Scores that are not hidden, those of banned players too, the best ones of a player in a listing first.
pub(super) const STANDINGS: TableDefinition<'_, Standing<'static>, ()> = TableDefinition::new("standings");
/// [`AuditEntry`](crate::model::AuditEntry)s in JSON.
pub(super) const ACTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("acts");

/// The player, the number of the board, the season or none for the listing of all time, the key, the score.
pub(super) type Standing<'a> = (&'a [u8; 32], u32, Option<u32>, i64, u64);

/// The player, the number of the board, when it was issued, the ticket.
pub(super) type OpenTicket<'a> = (&'a [u8; 32], u32, u64, &'a [u8; 16]);

/// A ticket, and what it was redeemed for.
pub(super) type TicketRow = (Ticket, Option<ScoreId>);

/// No row is longer, but for replays.
const LONGEST: usize = 1 << 20;

/// Why something was not done; nothing was changed.
#[derive(Debug)]
pub(super) enum Stop {
    /// It was refused.
    Refused(StoreError),
    /// A row is not as it has to be.
    Damaged(Box<dyn Error + Send + Sync>),
    /// The file failed. It has to be opened again before it does anything more.
    Failed(Box<dyn Error + Send + Sync>),
}

macro_rules! stops {
    ($stop:ident: $($error:ty),*) => {$(
        impl From<$error> for Stop {
            fn from(error: $error) -> Self {
                Self::$stop(error.into())
            }
        }
    )*};
}

stops!(Damaged: CodecError, serde_json::Error);
stops!(
    Failed:
    redb::CommitError,
    redb::DatabaseError,
    redb::SetDurabilityError,
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    std::io::Error
);

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl Stop {
    /// All that is known of it.
    pub(super) fn why(&self) -> String {
        let mut error: &dyn Error = match self {
            Self::Refused(error) => error,
            Self::Damaged(source) | Self::Failed(source) => source.as_ref(),
        };
        let mut why = error.to_string();
        while let Some(source) = error.source() {
            why = format!("{why}: {source}");
            error = source;
        }
        why
    }

    /// What a caller is told who asked for `doing`.
    pub(super) fn error(self, doing: &'static str) -> StoreError {
        match self {
            Self::Refused(error) => error,
            Self::Damaged(source) | Self::Failed(source) => StoreError::Failed { doing, source },
        }
    }
}

pub(super) fn encode<T: Serialize>(row: &T) -> Result<Vec<u8>, Stop> {
    Ok(message::encode(row, LONGEST)?)
}

pub(super) fn decode<'a, T: Deserialize<'a>>(row: &'a [u8]) -> Result<T, Stop> {
    Ok(message::decode(row, LONGEST)?)
}

/// The row of this key.
pub(super) fn find<'k, K: Key + 'static, T: DeserializeOwned>(
    table: &impl ReadableTable<K, &'static [u8]>,
    key: impl Borrow<K::SelfType<'k>>,
) -> Result<Option<T>, Stop> {
    table.get(key)?.map(|row| decode(row.value())).transpose()
}

/// A row that another row speaks of.
pub(super) fn expect<T>(row: Option<T>, what: &'static str) -> Result<T, Stop> {
    row.ok_or_else(|| Stop::Damaged(format!("the file speaks of a {what} that it doesn't have").into()))
}

/// The standings of a score in its two listings.
pub(super) fn standings(score: &Score, board: u32) -> [Standing<'_>; 2] {
    [None, Some(score.season)].map(|season| (&score.player.0, board, season, score.key, score.id.0))
}

/// All standings of a player; of one listing, if given.
pub(super) fn standings_of(player: &PlayerId, listing: Option<ListingKey>) -> RangeInclusive<Standing<'_>> {
    let (first, last) = match listing {
        Some(listing) => (listing, listing),
        None => ((0, None), (u32::MAX, Some(u32::MAX))),
    };
    (&player.0, first.0, first.1, i64::MIN, 0)..=(&player.0, last.0, last.1, i64::MAX, u64::MAX)
}

/// All that a player played on a board before a score.
pub(super) fn played_before(
    player: &PlayerId,
    board: u32,
    before: Option<u64>,
) -> Range<(&[u8; 32], u32, u64)> {
    (&player.0, board, 0)..(&player.0, board, before.unwrap_or(u64::MAX))
}

/// All open tickets of a player on a board.
pub(super) fn open_tickets_of(player: &PlayerId, board: u32) -> RangeInclusive<OpenTicket<'_>> {
    (&player.0, board, 0, &[0; 16])..=(&player.0, board, u64::MAX, &[u8::MAX; 16])
}
