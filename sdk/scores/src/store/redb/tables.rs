//! What changes the tables, within one transaction. A change that is refused is refused before it wrote anything, so that
//! others can share the transaction with it.

use super::listings::{ListingKey, Move, Ranked};
use super::rows::{
    ACTS, BOARDS, CHANGES, META, NAMES, OPEN_TICKETS, OpenTicket, PLAYED, PLAYERS, REPLAYS, SCORES,
    STANDINGS, Standing, Stop, TICKETS, TicketRow, encode, expect, find, open_tickets_of, standings,
    standings_of,
};
use crate::model::{
    Act, AuditEntry, BoardId, Entries, Player, PlayerId, Position, Score, ScoreId, Ticket, TicketId, UnixTime,
};
use crate::store::{NewScore, Record, StoreError};
use redb::{ReadableTable as _, Table, WriteTransaction};

/// The tables of a transaction.
pub(super) struct Tables<'txn> {
    /// Those boards that are ranked.
    ranked: &'txn [Ranked],
    /// What this transaction changes in the rankings, in that order.
    pub(super) moves: Vec<Move>,
    meta: Table<'txn, &'static str, u64>,
    boards: Table<'txn, &'static str, (u32, u64)>,
    players: Table<'txn, &'static [u8; 32], &'static [u8]>,
    names: Table<'txn, &'static str, &'static [u8; 32]>,
    tickets: Table<'txn, &'static [u8; 16], &'static [u8]>,
    open_tickets: Table<'txn, OpenTicket<'static>, ()>,
    scores: Table<'txn, u64, &'static [u8]>,
    replays: Table<'txn, u64, &'static [u8]>,
    played: Table<'txn, (&'static [u8; 32], u32, u64), ()>,
    standings: Table<'txn, Standing<'static>, ()>,
    acts: Table<'txn, u64, &'static [u8]>,
}

impl<'txn> Tables<'txn> {
    pub(super) fn open(transaction: &'txn WriteTransaction, ranked: &'txn [Ranked]) -> Result<Self, Stop> {
        Ok(Self {
            ranked,
            moves: Vec::new(),
            meta: transaction.open_table(META)?,
            boards: transaction.open_table(BOARDS)?,
            players: transaction.open_table(PLAYERS)?,
            names: transaction.open_table(NAMES)?,
            tickets: transaction.open_table(TICKETS)?,
            open_tickets: transaction.open_table(OPEN_TICKETS)?,
            scores: transaction.open_table(SCORES)?,
            replays: transaction.open_table(REPLAYS)?,
            played: transaction.open_table(PLAYED)?,
            standings: transaction.open_table(STANDINGS)?,
            acts: transaction.open_table(ACTS)?,
        })
    }

    /// Counts this transaction; returns how many there were with it.
    pub(super) fn count_change(&mut self) -> Result<u64, Stop> {
        let changes = self.meta.get(CHANGES)?.map_or(0, |changes| changes.value()).wrapping_add(1);
        self.meta.insert(CHANGES, changes)?;
        Ok(changes)
    }

    /// The number of a board, which has one from now on.
    pub(super) fn board(&mut self, id: &BoardId) -> Result<u32, Stop> {
        if let Some(board) = self.boards.get(id.as_str())? {
            return Ok(board.value().0);
        }
        let mut number = 1;
        for board in self.boards.iter()? {
            number = number.max(board?.1.value().0.saturating_add(1));
        }
        self.boards.insert(id.as_str(), (number, 0))?;
        Ok(number)
    }

    pub(super) fn put_player(&mut self, player: Player) -> Result<(), Stop> {
        self.check_name(&player)?;
        let known: Option<Player> = find(&self.players, &player.id.0)?;
        if let Some(known) = &known
            && known.name_key != player.name_key
        {
            self.names.remove(known.name_key.as_str())?;
        }
        self.names.insert(player.name_key.as_str(), &player.id.0)?;
        match known {
            None => self.set_player(&player),
            Some(known) => {
                let renamed = known.name != player.name;
                let Player { name, name_key, .. } = player;
                self.set_player(&Player { name, name_key, ..known })?;
                if renamed { self.touch_boards_of(&player.id) } else { Ok(()) }
            }
        }
    }

    fn check_name(&self, player: &Player) -> Result<(), Stop> {
        let owner = self.names.get(player.name_key.as_str())?;
        let taken = owner.is_some_and(|owner| *owner.value() != player.id.0);
        if taken { Err(StoreError::NameTaken.into()) } else { Ok(()) }
    }

    fn set_player(&mut self, player: &Player) -> Result<(), Stop> {
        self.players.insert(&player.id.0, encode(player)?.as_slice())?;
        Ok(())
    }

    pub(super) fn issue_tickets(
        &mut self,
        fresh: &[Ticket],
        at_most: usize,
        now: UnixTime,
    ) -> Result<Vec<Ticket>, Stop> {
        let Some(first) = fresh.first() else { return Ok(Vec::new()) };
        if self.players.get(&first.player.0)?.is_none() {
            return Err(StoreError::Missing("player").into());
        }
        let board = self.board(&first.board)?;
        let (expired, open): (Vec<_>, Vec<_>) =
            self.open_tickets(&first.player, board)?.into_iter().partition(|ticket| ticket.expires <= now);
        for ticket in &expired {
            self.tickets.remove(&ticket.id.0)?;
            self.open_tickets.remove(open_ticket(ticket, board))?;
        }
        for ticket in fresh.iter().take(at_most.saturating_sub(open.len())) {
            self.add_ticket(ticket, board)?;
        }
        self.open_tickets(&first.player, board)
    }

    /// Those that are not redeemed, the oldest first.
    fn open_tickets(&self, player: &PlayerId, board: u32) -> Result<Vec<Ticket>, Stop> {
        let open = self.open_tickets.range(open_tickets_of(player, board))?;
        open.map(|key| {
            let key = key?.0;
            let row: Option<TicketRow> = find(&self.tickets, key.value().3)?;
            Ok(expect(row, "ticket")?.0)
        })
        .collect()
    }

    fn add_ticket(&mut self, ticket: &Ticket, board: u32) -> Result<(), Stop> {
        self.tickets.insert(&ticket.id.0, encode(&(ticket, None::<ScoreId>))?.as_slice())?;
        self.open_tickets.insert(open_ticket(ticket, board), ())?;
        Ok(())
    }

    pub(super) fn record(&mut self, run: &NewScore) -> Result<Score, Stop> {
        let player: Option<Player> = find(&self.players, &run.score.player.0)?;
        let mut player = player.ok_or(StoreError::Missing("player"))?;
        let ticket = self.unused_ticket(&run.score.ticket)?;
        if player.busy_until != run.was_busy_until {
            return Err(StoreError::BusyChanged.into());
        }
        let score = Score { id: ScoreId(next(self.scores.last()?)?), ..run.score.clone() };
        self.add_score(&score, &run.replay, ticket, player.banned)?;
        player.busy_until = run.busy_until;
        self.set_player(&player)?;
        Ok(score)
    }

    fn unused_ticket(&self, id: &TicketId) -> Result<Ticket, Stop> {
        match find::<_, TicketRow>(&self.tickets, &id.0)? {
            None => Err(StoreError::Missing("ticket").into()),
            Some((_, Some(score))) => Err(StoreError::TicketUsed(score).into()),
            Some((ticket, None)) => Ok(ticket),
        }
    }

    fn add_score(&mut self, score: &Score, replay: &[u8], ticket: Ticket, banned: bool) -> Result<(), Stop> {
        let opened_for = self.board(&ticket.board)?;
        self.open_tickets.remove(open_ticket(&ticket, opened_for))?;
        self.tickets.insert(&score.ticket.0, encode(&(ticket, Some(score.id)))?.as_slice())?;
        let board = self.board(&score.board)?;
        self.scores.insert(score.id.0, encode(score)?.as_slice())?;
        self.replays.insert(score.id.0, replay)?;
        self.played.insert((&score.player.0, board, score.id.0), ())?;
        if !score.hidden {
            self.stand(score, board, true, banned)?;
        }
        self.touch(board)
    }

    /// Puts a score among its player's standings, or takes it from there; and the listings follow.
    fn stand(&mut self, score: &Score, board: u32, shown: bool, banned: bool) -> Result<(), Stop> {
        let entries = self.entries(board);
        for standing in standings(score, board) {
            let listing = (board, standing.2);
            let before = self.first_standing(&score.player, listing)?;
            if shown {
                self.standings.insert(standing, ())?;
            } else {
                self.standings.remove(standing)?;
            }
            let (leaves, enters) = match entries {
                None => (None, None),
                Some(Entries::AllRuns) if shown => (None, Some(score.position())),
                Some(Entries::AllRuns) => (Some(score.position()), None),
                Some(Entries::BestPerPlayer) => {
                    let after = self.first_standing(&score.player, listing)?;
                    if before == after { (None, None) } else { (before, after) }
                }
            };
            if !banned {
                self.moves.extend(leaves.map(|position| Move::Leave(listing, position)));
                self.moves.extend(enters.map(|position| Move::Enter(listing, position)));
            }
        }
        Ok(())
    }

    fn first_standing(&self, player: &PlayerId, listing: ListingKey) -> Result<Option<Position>, Stop> {
        let first = self.standings.range(standings_of(player, Some(listing)))?.next().transpose()?;
        Ok(first.map(|(standing, _)| position(&standing.value())))
    }

    fn entries(&self, board: u32) -> Option<Entries> {
        self.ranked.iter().find(|ranked| ranked.number == board).map(|ranked| ranked.entries)
    }

    pub(super) fn moderate(
        &mut self,
        moderator: &PlayerId,
        act: Act,
        reason: &str,
        now: UnixTime,
    ) -> Result<AuditEntry, Stop> {
        match act {
            Act::Hide { score } => self.set_hidden(score, true)?,
            Act::Show { score } => self.set_hidden(score, false)?,
            Act::Ban { player } => self.set_banned(&player, true)?,
            Act::Pardon { player } => self.set_banned(&player, false)?,
        }
        let number = next(self.acts.last()?)?;
        let done = AuditEntry { number, at: now, moderator: *moderator, act, reason: reason.to_owned() };
        self.acts.insert(number, serde_json::to_vec(&done)?.as_slice())?;
        Ok(done)
    }

    fn set_hidden(&mut self, id: ScoreId, hidden: bool) -> Result<(), Stop> {
        let score: Option<Score> = find(&self.scores, id.0)?;
        let mut score = score.ok_or(StoreError::Missing("score"))?;
        let board = self.board(&score.board)?;
        if score.hidden != hidden {
            score.hidden = hidden;
            self.scores.insert(id.0, encode(&score)?.as_slice())?;
            let player: Player = expect(find(&self.players, &score.player.0)?, "player")?;
            self.stand(&score, board, !hidden, player.banned)?;
        }
        self.touch(board)
    }

    fn set_banned(&mut self, id: &PlayerId, banned: bool) -> Result<(), Stop> {
        let player: Option<Player> = find(&self.players, &id.0)?;
        let mut player = player.ok_or(StoreError::Missing("player"))?;
        if player.banned == banned {
            return Ok(());
        }
        player.banned = banned;
        self.set_player(&player)?;
        let mut last = None;
        for standing in self.standings.range(standings_of(id, None))? {
            let standing = standing?.0;
            let standing = standing.value();
            let listing = (standing.1, standing.2);
            let first = last.replace(listing) != Some(listing);
            let listed = match self.entries(listing.0) {
                Some(Entries::BestPerPlayer) => first,
                Some(Entries::AllRuns) => true,
                None => false,
            };
            if listed {
                let change = if banned { Move::Leave } else { Move::Enter };
                self.moves.push(change(listing, position(&standing)));
            }
        }
        self.touch_boards_of(id)
    }

    /// Notes that a board does not look as before.
    fn touch(&mut self, board: u32) -> Result<(), Stop> {
        let mut touched = None;
        for row in self.boards.iter()? {
            let (id, row) = row?;
            let (number, revision) = row.value();
            if number == board {
                touched = Some((id.value().to_owned(), revision));
            }
        }
        let (id, revision) = expect(touched, "board")?;
        self.boards.insert(id.as_str(), (board, revision.wrapping_add(1)))?;
        Ok(())
    }

    fn touch_boards_of(&mut self, player: &PlayerId) -> Result<(), Stop> {
        let mut boards = Vec::new();
        for played in self.played.range((&player.0, 0, 0)..=(&player.0, u32::MAX, u64::MAX))? {
            boards.push(played?.0.value().1);
        }
        boards.dedup();
        boards.into_iter().try_for_each(|board| self.touch(board))
    }
}

/// The import of what another store exported.
impl Tables<'_> {
    pub(super) fn import(&mut self, record: Record) -> Result<(), Stop> {
        match record {
            Record::Player(player) => self.import_player(&player),
            Record::Ticket(ticket) => self.import_ticket(&ticket),
            Record::Score { score, replay } => self.import_score(&score, &replay),
            Record::Act(act) => self.import_act(&act),
        }
    }

    fn import_player(&mut self, player: &Player) -> Result<(), Stop> {
        if self.players.get(&player.id.0)?.is_some() {
            return conflict(format!("player {} is there already", player.id));
        }
        if self.names.insert(player.name_key.as_str(), &player.id.0)?.is_some() {
            return conflict(format!("the name {:?} is taken", player.name));
        }
        self.set_player(player)
    }

    fn import_ticket(&mut self, ticket: &Ticket) -> Result<(), Stop> {
        if self.tickets.get(&ticket.id.0)?.is_some() {
            return conflict(format!("ticket {} is there already", ticket.id));
        }
        if self.players.get(&ticket.player.0)?.is_none() {
            return conflict(format!("ticket {} is of a player who is not there", ticket.id));
        }
        let board = self.board(&ticket.board)?;
        self.add_ticket(ticket, board)
    }

    fn import_score(&mut self, score: &Score, replay: &[u8]) -> Result<(), Stop> {
        let id = score.id;
        if id.0 == u64::MAX || self.scores.get(id.0)?.is_some() {
            return conflict(format!("score {id} is there already"));
        }
        let Some(player): Option<Player> = find(&self.players, &score.player.0)? else {
            return conflict(format!("score {id} is of a player who is not there"));
        };
        match self.unused_ticket(&score.ticket) {
            Ok(ticket) => self.add_score(score, replay, ticket, player.banned),
            Err(Stop::Refused(error)) => conflict(format!("score {id}: {error}")),
            Err(failed) => Err(failed),
        }
    }

    fn import_act(&mut self, act: &AuditEntry) -> Result<(), Stop> {
        if act.number == u64::MAX
            || self.acts.insert(act.number, serde_json::to_vec(act)?.as_slice())?.is_some()
        {
            return conflict(format!("act {} is there already", act.number));
        }
        Ok(())
    }
}

fn conflict<T>(what: String) -> Result<T, Stop> {
    Err(StoreError::Conflict(what).into())
}

fn open_ticket(ticket: &Ticket, board: u32) -> OpenTicket<'_> {
    (&ticket.player.0, board, ticket.issued.as_millis(), &ticket.id.0)
}

pub(super) fn position(standing: &Standing<'_>) -> Position {
    Position { key: standing.3, id: ScoreId(standing.4) }
}

/// What is one more than the last key of a table.
fn next<V: redb::Value>(
    last: Option<(redb::AccessGuard<'_, u64>, redb::AccessGuard<'_, V>)>,
) -> Result<u64, Stop> {
    let last = last.map_or(0, |(last, _)| last.value());
    last.checked_add(1).ok_or_else(|| Stop::Damaged("the last id is used up".into()))
}
