//! The peer: the same tables in SQLite, with an index for each query. A rank is counted, as SQL has it.

use super::records::{player, score, ticket};
use netcord_scores::model::{PlayerId, Score, Ticket};
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};
use std::path::Path;
use std::time::Duration;

const SCHEMA: &str = "
    CREATE TABLE players (id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, busy_until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE tickets (id BLOB PRIMARY KEY, player BLOB NOT NULL, seed INTEGER NOT NULL, score INTEGER) WITHOUT ROWID;
    CREATE TABLE scores (id INTEGER PRIMARY KEY, season INTEGER NOT NULL, player BLOB NOT NULL, ticket BLOB NOT NULL,
        points INTEGER NOT NULL, key INTEGER NOT NULL, ticks INTEGER NOT NULL, accepted INTEGER NOT NULL, details TEXT NOT NULL);
    CREATE TABLE replays (id INTEGER PRIMARY KEY, replay BLOB NOT NULL);
    CREATE INDEX played ON scores (player, id);
    CREATE TABLE best (season INTEGER NOT NULL, player BLOB NOT NULL, key INTEGER NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (season, player)) WITHOUT ROWID;
    CREATE INDEX listing ON best (season, key, id);
";

/// The listing of all time.
const ALL_TIME: u32 = 0;

pub(super) struct Sqlite(Connection);

impl Sqlite {
    /// As its documentation advises for speed and durability: a write-ahead log that is flushed at each commit. It may keep
    /// as much in memory as our store.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -(64 << 10))?;
        connection.busy_timeout(Duration::from_secs(60))?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(Self(connection))
    }

    /// Makes the tables, with so many scores.
    pub(super) fn fill(&mut self, scores: u64) -> Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        for number in 1..=scores {
            join(&transaction, number)?;
            issue(&transaction, &ticket(number, 0))?;
            let (score, replay) = score(number, scores);
            insert(&transaction, &score, &replay)?;
        }
        transaction.commit()
    }

    pub(super) fn join(&mut self, number: u64, tickets: &[Ticket]) -> Result<()> {
        let transaction = self.0.transaction()?;
        join(&transaction, number)?;
        tickets.iter().try_for_each(|ticket| issue(&transaction, ticket))?;
        transaction.commit()
    }

    /// Records a score, the next one, when its ticket is unused and its player has no other run meanwhile.
    pub(super) fn record(&mut self, score: &Score, replay: &[u8]) -> Result<()> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let used = "SELECT score FROM tickets WHERE id = ?1 AND player = ?2";
        let used: Option<i64> = transaction
            .prepare_cached(used)?
            .query_row(params![score.ticket.0, score.player.0], |row| row.get(0))?;
        assert_eq!(used, None, "each ticket is used once");
        let next: i64 =
            transaction.prepare_cached("SELECT max(id) + 1 FROM scores")?.query_row((), |row| row.get(0))?;
        let mut score = score.clone();
        score.id.0 = u64::try_from(next).expect("it counts up");
        insert(&transaction, &score, replay)?;
        transaction
            .prepare_cached("UPDATE players SET busy_until = busy_until + ?2 WHERE id = ?1")?
            .execute(params![score.player.0, score.ticks])?;
        transaction.commit()
    }

    /// The best 100, with their names.
    pub(super) fn top(&self) -> Result<usize> {
        self.page("best.season = ?1 AND ?2 = 0 AND ?3 = 0 ORDER BY best.key, best.id LIMIT 100", (0, 0))
    }

    /// A player's rank, and the five before and after them.
    pub(super) fn around(&self, player: &PlayerId) -> Result<usize> {
        let of = self
            .0
            .prepare_cached("SELECT key, id FROM best WHERE season = ?1 AND player = ?2")?
            .query_row(params![ALL_TIME, player.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.count_better(of.0)?;
        let better = "best.season = ?1 AND (best.key, best.id) < (?2, ?3) ORDER BY best.key DESC, best.id DESC LIMIT 5";
        let worse = "best.season = ?1 AND (best.key, best.id) >= (?2, ?3) ORDER BY best.key, best.id LIMIT 6";
        Ok(self.page(better, of)? + self.page(worse, of)?)
    }

    /// How many are better.
    pub(super) fn count_better(&self, key: i64) -> Result<i64> {
        self.0
            .prepare_cached("SELECT count(*) FROM best WHERE season = ?1 AND key < ?2")?
            .query_row(params![ALL_TIME, key], |row| row.get(0))
    }

    fn page(&self, which: &str, of: (i64, i64)) -> Result<usize> {
        let select = format!(
            "SELECT scores.*, players.name FROM best CROSS JOIN scores ON scores.id = best.id \
             CROSS JOIN players ON players.id = best.player WHERE {which}"
        );
        let mut select = self.0.prepare_cached(&select)?;
        let rows = select.query_map(params![ALL_TIME, of.0, of.1], |row| {
            let details: String = row.get("details")?;
            let name: String = row.get("name")?;
            Ok(row.get::<_, i64>("points")? != 0 || details.is_empty() || name.is_empty())
        })?;
        rows.map(|row| row.map(usize::from).map(|_| 1)).sum()
    }
}

fn join(transaction: &Transaction<'_>, number: u64) -> Result<()> {
    let player = player(number);
    transaction
        .prepare_cached("INSERT INTO players VALUES (?1, ?2, 0)")?
        .execute(params![player.id.0, player.name])?;
    Ok(())
}

fn issue(transaction: &Transaction<'_>, ticket: &Ticket) -> Result<()> {
    transaction.prepare_cached("INSERT INTO tickets VALUES (?1, ?2, ?3, NULL)")?.execute(params![
        ticket.id.0,
        ticket.player.0,
        ticket.seed.cast_signed()
    ])?;
    Ok(())
}

fn insert(transaction: &Transaction<'_>, score: &Score, replay: &[u8]) -> Result<()> {
    let id = score.id.0.cast_signed();
    transaction
        .prepare_cached("UPDATE tickets SET score = ?2 WHERE id = ?1")?
        .execute(params![score.ticket.0, id])?;
    let details = serde_json::to_string(&score.details).expect("a map of numbers");
    let accepted = score.accepted.as_millis().cast_signed();
    transaction.prepare_cached("INSERT INTO scores VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
        params![
            id,
            score.season,
            score.player.0,
            score.ticket.0,
            score.points,
            score.key,
            score.ticks,
            accepted,
            details
        ],
    )?;
    transaction.prepare_cached("INSERT INTO replays VALUES (?1, ?2)")?.execute(params![id, replay])?;
    for season in [ALL_TIME, score.season] {
        transaction
            .prepare_cached(
                "INSERT INTO best VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE \
                 SET key = excluded.key, id = excluded.id WHERE excluded.key < key",
            )?
            .execute(params![season, score.player.0, score.key, id])?;
    }
    Ok(())
}
