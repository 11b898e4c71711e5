//! What queries read: the tables as they were after a transaction.

use super::listings::ListingKey;
use super::rows::{
    ACTS, BOARDS, CHANGES, META, NAMES, PLAYED, PLAYERS, REPLAYS, SCORES, STANDINGS, Standing, Stop, TICKETS,
    TicketRow, decode, expect, find, played_before, standings_of,
};
use crate::model::{AuditEntry, BoardId, Player, PlayerId, Position, Score, ScoreId, TicketId};
use crate::store::{Record, StoreError};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable as _};

/// The tables at one moment.
pub(super) struct View {
    /// How many transactions led here.
    pub(super) changes: u64,
    boards: ReadOnlyTable<&'static str, (u32, u64)>,
    players: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    names: ReadOnlyTable<&'static str, &'static [u8; 32]>,
    tickets: ReadOnlyTable<&'static [u8; 16], &'static [u8]>,
    scores: ReadOnlyTable<u64, &'static [u8]>,
    replays: ReadOnlyTable<u64, &'static [u8]>,
    played: ReadOnlyTable<(&'static [u8; 32], u32, u64), ()>,
    standings: ReadOnlyTable<Standing<'static>, ()>,
    acts: ReadOnlyTable<u64, &'static [u8]>,
}

impl View {
    pub(super) fn open(file: &ReadTransaction) -> Result<Self, Stop> {
        let changes = file.open_table(META)?.get(CHANGES)?.map_or(0, |changes| changes.value());
        Ok(Self {
            changes,
            boards: file.open_table(BOARDS)?,
            players: file.open_table(PLAYERS)?,
            names: file.open_table(NAMES)?,
            tickets: file.open_table(TICKETS)?,
            scores: file.open_table(SCORES)?,
            replays: file.open_table(REPLAYS)?,
            played: file.open_table(PLAYED)?,
            standings: file.open_table(STANDINGS)?,
            acts: file.open_table(ACTS)?,
        })
    }

    pub(super) fn player(&self, id: &PlayerId) -> Result<Option<Player>, Stop> {
        find(&self.players, &id.0)
    }

    pub(super) fn players_named(&self, prefix: &str, limit: usize) -> Result<Vec<Player>, Stop> {
        let mut players = Vec::new();
        for name in self.names.range(prefix..)? {
            let (name, id) = name?;
            if players.len() >= limit || !name.value().starts_with(prefix) {
                break;
            }
            let player: Player = expect(find(&self.players, id.value())?, "player")?;
            if !player.banned {
                players.push(player);
            }
        }
        Ok(players)
    }

    pub(super) fn ticket(&self, id: &TicketId) -> Result<Option<TicketRow>, Stop> {
        find(&self.tickets, &id.0)
    }

    pub(super) fn score(&self, id: ScoreId) -> Result<Option<Score>, Stop> {
        find(&self.scores, id.0)
    }

    pub(super) fn replay(&self, id: ScoreId) -> Result<Option<Vec<u8>>, Stop> {
        Ok(self.replays.get(id.0)?.map(|replay| replay.value().to_vec()))
    }

    pub(super) fn scores_at(&self, positions: impl Iterator<Item = Position>) -> Result<Vec<Score>, Stop> {
        positions.map(|position| expect(self.score(position.id)?, "score")).collect()
    }

    pub(super) fn best(&self, listing: ListingKey, player: &PlayerId) -> Result<Option<Score>, Stop> {
        if self.player(player)?.is_none_or(|player| player.banned) {
            return Ok(None);
        }
        let standings = standings_of(player, Some(listing));
        match self.standings.range(standings)?.next().transpose()? {
            None => Ok(None),
            Some((standing, _)) => Ok(Some(expect(self.score(ScoreId(standing.value().4))?, "score")?)),
        }
    }

    pub(super) fn history(
        &self,
        board: &BoardId,
        player: &PlayerId,
        before: Option<ScoreId>,
        limit: usize,
    ) -> Result<Vec<Score>, Stop> {
        let Some(board) = self.boards.get(board.as_str())? else { return Ok(Vec::new()) };
        let played = played_before(player, board.value().0, before.map(|before| before.0));
        let newest_first = self.played.range(played)?.rev().take(limit);
        newest_first.map(|played| expect(self.score(ScoreId(played?.0.value().2))?, "score")).collect()
    }

    pub(super) fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>, Stop> {
        let newest_first = self.acts.range(..before.unwrap_or(u64::MAX))?.rev().take(limit);
        newest_first.map(|act| Ok(serde_json::from_slice(act?.1.value())?)).collect()
    }

    pub(super) fn revision(&self, board: &BoardId) -> Result<u64, Stop> {
        Ok(self.boards.get(board.as_str())?.map_or(0, |board| board.value().1))
    }
}

/// Hands out all tables in the order of an export.
pub(super) fn export(
    moment: &ReadTransaction,
    each: &mut dyn FnMut(Record) -> Result<(), StoreError>,
) -> Result<(), Stop> {
    for row in moment.open_table(PLAYERS)?.iter()? {
        each(Record::Player(decode(row?.1.value())?))?;
    }
    for row in moment.open_table(TICKETS)?.iter()? {
        let (ticket, _): TicketRow = decode(row?.1.value())?;
        each(Record::Ticket(ticket))?;
    }
    let replays = moment.open_table(REPLAYS)?;
    for row in moment.open_table(SCORES)?.iter()? {
        let (id, score) = row?;
        let replay = expect(replays.get(id.value())?, "replay")?.value().to_vec();
        each(Record::Score { score: decode(score.value())?, replay })?;
    }
    for row in moment.open_table(ACTS)?.iter()? {
        each(Record::Act(serde_json::from_slice(row?.1.value())?))?;
    }
    Ok(())
}
