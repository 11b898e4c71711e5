//! A store that forgets: for tests, and for services whose scores need not outlive them. It knows no file.

use super::{NewScore, Record, ScoreStore, StoreError};
use crate::model::{
    Act, AuditEntry, Board, BoardId, Entries, Listing, Player, PlayerId, Position, Score, ScoreId, Ticket,
    TicketId, UnixTime,
};
use crate::ranking::Ranking;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore(RwLock<Tables>);

impl MemoryStore {
    /// A store that is empty, and ranks the scores of these boards.
    pub fn new(boards: &[Board]) -> Self {
        let entries = boards.iter().map(|board| (board.id.clone(), board.entries)).collect();
        Self(RwLock::new(Tables { entries, ..Tables::default() }))
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Tables) -> Result<T, StoreError>) -> Result<T, StoreError> {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All there is, and the ways to find it.
#[derive(Clone, Debug, Default)]
struct Tables {
    entries: BTreeMap<BoardId, Entries>,
    players: BTreeMap<PlayerId, Player>,
    names: BTreeMap<String, PlayerId>,
    tickets: BTreeMap<TicketId, (Ticket, Option<ScoreId>)>,
    /// Those that are not redeemed.
    open_tickets: BTreeMap<(PlayerId, BoardId), BTreeSet<(UnixTime, TicketId)>>,
    scores: BTreeMap<ScoreId, (Score, Vec<u8>)>,
    histories: BTreeMap<PlayerId, BTreeMap<BoardId, BTreeSet<ScoreId>>>,
    /// Of each player in each listing, what is neither hidden nor of a banned player.
    standings: BTreeMap<(PlayerId, Listing), BTreeSet<Position>>,
    rankings: BTreeMap<Listing, Ranking>,
    acts: BTreeMap<u64, AuditEntry>,
    revisions: BTreeMap<BoardId, u64>,
}

impl Tables {
    fn put_player(&mut self, player: Player) -> Result<(), StoreError> {
        if self.names.get(&player.name_key).is_some_and(|other| *other != player.id) {
            return Err(StoreError::NameTaken);
        }
        self.names.insert(player.name_key.clone(), player.id);
        let Some(known) = self.players.get_mut(&player.id) else {
            self.players.insert(player.id, player);
            return Ok(());
        };
        if known.name_key != player.name_key {
            self.names.remove(&known.name_key);
        }
        let renamed = known.name != player.name;
        (known.name, known.name_key) = (player.name, player.name_key);
        if renamed {
            self.touch_boards_of(player.id);
        }
        Ok(())
    }

    fn add_ticket(&mut self, ticket: Ticket) {
        let open = self.open_tickets.entry((ticket.player, ticket.board.clone())).or_default();
        open.insert((ticket.issued, ticket.id));
        self.tickets.insert(ticket.id, (ticket, None));
    }

    /// Adds a score whose ticket and player are there.
    fn add_score(&mut self, score: Score, replay: Vec<u8>) -> Result<(), StoreError> {
        let player = self.players.get(&score.player).ok_or(StoreError::Missing("player"))?;
        let (ticket, redeemed) = self.tickets.get_mut(&score.ticket).ok_or(StoreError::Missing("ticket"))?;
        if let Some(by) = *redeemed {
            return Err(StoreError::TicketUsed(by));
        }
        *redeemed = Some(score.id);
        let listed = !score.hidden && !player.banned;
        if let Some(open) = self.open_tickets.get_mut(&(ticket.player, ticket.board.clone())) {
            open.remove(&(ticket.issued, ticket.id));
        }
        let histories = self.histories.entry(score.player).or_default();
        histories.entry(score.board.clone()).or_default().insert(score.id);
        if listed {
            self.list(&score);
        }
        self.touch(score.board.clone());
        self.scores.insert(score.id, (score, replay));
        Ok(())
    }

    /// Puts a score into its listings.
    fn list(&mut self, score: &Score) {
        self.relist(score, |standing, position| standing.insert(position));
    }

    /// Takes a score from its listings.
    fn unlist(&mut self, score: &Score) {
        self.relist(score, |standing, position| standing.remove(&position));
    }

    fn relist(&mut self, score: &Score, change: fn(&mut BTreeSet<Position>, Position) -> bool) {
        let Some(&entries) = self.entries.get(&score.board) else { return };
        let position = score.position();
        for season in [None, Some(score.season)] {
            let listing = Listing { board: score.board.clone(), season };
            let ranking = self.rankings.entry(listing.clone()).or_default();
            let standing = self.standings.entry((score.player, listing)).or_default();
            let best_before = standing.first().copied();
            change(standing, position);
            let (before, after) = match entries {
                Entries::BestPerPlayer => (best_before, standing.first().copied()),
                Entries::AllRuns => (Some(position), standing.get(&position).copied()),
            };
            before.map(|position| ranking.remove(&position));
            after.map(|position| ranking.insert(position));
        }
    }

    fn set_hidden(&mut self, id: ScoreId, hidden: bool) -> Result<(), StoreError> {
        let (score, _) = self.scores.get_mut(&id).ok_or(StoreError::Missing("score"))?;
        let changed = std::mem::replace(&mut score.hidden, hidden) != hidden;
        let score = score.clone();
        let banned = self.players.get(&score.player).is_some_and(|player| player.banned);
        if changed && !banned {
            if hidden { self.unlist(&score) } else { self.list(&score) }
        }
        self.touch(score.board);
        Ok(())
    }

    fn set_banned(&mut self, id: PlayerId, banned: bool) -> Result<(), StoreError> {
        let player = self.players.get_mut(&id).ok_or(StoreError::Missing("player"))?;
        if std::mem::replace(&mut player.banned, banned) == banned {
            return Ok(());
        }
        let shown: Vec<Score> = self
            .histories
            .get(&id)
            .into_iter()
            .flat_map(BTreeMap::values)
            .flatten()
            .filter_map(|score| self.scores.get(score))
            .filter(|(score, _)| !score.hidden)
            .map(|(score, _)| score.clone())
            .collect();
        for score in shown {
            if banned { self.unlist(&score) } else { self.list(&score) }
        }
        self.touch_boards_of(id);
        Ok(())
    }

    fn touch_boards_of(&mut self, player: PlayerId) {
        for board in self.histories.get(&player).into_iter().flat_map(BTreeMap::keys) {
            *self.revisions.entry(board.clone()).or_default() += 1;
        }
    }

    fn touch(&mut self, board: BoardId) {
        *self.revisions.entry(board).or_default() += 1;
    }

    fn next_score(&self) -> ScoreId {
        ScoreId(self.scores.last_key_value().map_or(1, |(id, _)| id.0 + 1))
    }

    fn next_act(&self) -> u64 {
        self.acts.last_key_value().map_or(1, |(number, _)| number + 1)
    }

    fn scores_at(&self, positions: impl Iterator<Item = Position>) -> Vec<Score> {
        let scores = positions.filter_map(|position| self.scores.get(&position.id));
        scores.map(|(score, _)| score.clone()).collect()
    }

    fn import(&mut self, record: Record) -> Result<(), StoreError> {
        let conflict = |what: String| Err(StoreError::Conflict(what));
        match record {
            Record::Player(player) if self.players.contains_key(&player.id) => {
                conflict(format!("player {} is there already", player.id))
            }
            Record::Player(player) => {
                let name = player.name.clone();
                self.put_player(player).or_else(|_| conflict(format!("the name {name:?} is taken")))
            }
            Record::Ticket(ticket) if self.tickets.contains_key(&ticket.id) => {
                conflict(format!("ticket {} is there already", ticket.id))
            }
            Record::Ticket(ticket) if !self.players.contains_key(&ticket.player) => {
                conflict(format!("ticket {} is of a player who is not there", ticket.id))
            }
            Record::Ticket(ticket) => {
                self.add_ticket(ticket);
                Ok(())
            }
            Record::Score { score, .. } if self.scores.contains_key(&score.id) => {
                conflict(format!("score {} is there already", score.id))
            }
            Record::Score { score, replay } => {
                let id = score.id;
                self.add_score(score, replay).or_else(|error| conflict(format!("score {id}: {error}")))
            }
            Record::Act(act) if self.acts.contains_key(&act.number) => {
                conflict(format!("act {} is there already", act.number))
            }
            Record::Act(act) => {
                self.acts.insert(act.number, act);
                Ok(())
            }
        }
    }
}

impl ScoreStore for MemoryStore {
    fn player(&self, id: &PlayerId) -> Result<Option<Player>, StoreError> {
        Ok(self.read().players.get(id).cloned())
    }

    fn players_named(&self, prefix: &str, limit: usize) -> Result<Vec<Player>, StoreError> {
        let tables = self.read();
        let named = tables.names.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        let players = named.filter_map(|(_, id)| tables.players.get(id)).filter(|player| !player.banned);
        Ok(players.take(limit).cloned().collect())
    }

    fn put_player(&self, player: &Player) -> Result<(), StoreError> {
        self.change(|tables| tables.put_player(player.clone()))
    }

    fn ticket(&self, id: &TicketId) -> Result<Option<(Ticket, Option<ScoreId>)>, StoreError> {
        Ok(self.read().tickets.get(id).cloned())
    }

    fn issue_tickets(
        &self,
        fresh: &[Ticket],
        at_most: usize,
        now: UnixTime,
    ) -> Result<Vec<Ticket>, StoreError> {
        let Some(first) = fresh.first() else { return Ok(Vec::new()) };
        self.change(|tables| {
            if !tables.players.contains_key(&first.player) {
                return Err(StoreError::Missing("player"));
            }
            let of = (first.player, first.board.clone());
            let Tables { open_tickets, tickets, .. } = tables;
            let open = open_tickets.entry(of.clone()).or_default();
            open.retain(|(_, id)| {
                let expired = tickets.get(id).is_none_or(|(ticket, _)| ticket.expires <= now);
                if expired {
                    tickets.remove(id);
                }
                !expired
            });
            let room = at_most.saturating_sub(open.len());
            for ticket in fresh.iter().take(room) {
                tables.add_ticket(ticket.clone());
            }
            let open = tables.open_tickets.get(&of).into_iter().flatten();
            Ok(open.filter_map(|(_, id)| tables.tickets.get(id)).map(|(ticket, _)| ticket.clone()).collect())
        })
    }

    fn record(&self, run: &NewScore) -> Result<Score, StoreError> {
        self.change(|tables| {
            let player = tables.players.get(&run.score.player).ok_or(StoreError::Missing("player"))?;
            let (_, redeemed) = tables.tickets.get(&run.score.ticket).ok_or(StoreError::Missing("ticket"))?;
            if let Some(by) = *redeemed {
                return Err(StoreError::TicketUsed(by));
            }
            if player.busy_until != run.was_busy_until {
                return Err(StoreError::BusyChanged);
            }
            let score = Score { id: tables.next_score(), ..run.score.clone() };
            tables.add_score(score.clone(), run.replay.clone())?;
            if let Some(player) = tables.players.get_mut(&score.player) {
                player.busy_until = run.busy_until;
            }
            Ok(score)
        })
    }

    fn score(&self, id: ScoreId) -> Result<Option<Score>, StoreError> {
        Ok(self.read().scores.get(&id).map(|(score, _)| score.clone()))
    }

    fn replay(&self, id: ScoreId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().scores.get(&id).map(|(_, replay)| replay.clone()))
    }

    fn page_after(
        &self,
        listing: &Listing,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError> {
        let tables = self.read();
        let ranking = tables.rankings.get(listing);
        Ok(ranking.map_or_else(Vec::new, |ranking| tables.scores_at(ranking.after(after, limit))))
    }

    fn page_before(
        &self,
        listing: &Listing,
        before: Position,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError> {
        let tables = self.read();
        let ranking = tables.rankings.get(listing);
        Ok(ranking.map_or_else(Vec::new, |ranking| tables.scores_at(ranking.before(before, limit))))
    }

    fn count_better(&self, listing: &Listing, key: i64) -> Result<u64, StoreError> {
        Ok(self.read().rankings.get(listing).map_or(0, |ranking| ranking.count_less(key) as u64))
    }

    fn count(&self, listing: &Listing) -> Result<u64, StoreError> {
        Ok(self.read().rankings.get(listing).map_or(0, |ranking| ranking.len() as u64))
    }

    fn best(&self, listing: &Listing, player: &PlayerId) -> Result<Option<Score>, StoreError> {
        let tables = self.read();
        let best = tables.standings.get(&(*player, listing.clone())).and_then(BTreeSet::first);
        Ok(best.and_then(|best| tables.scores.get(&best.id)).map(|(score, _)| score.clone()))
    }

    fn history(
        &self,
        board: &BoardId,
        player: &PlayerId,
        before: Option<ScoreId>,
        limit: usize,
    ) -> Result<Vec<Score>, StoreError> {
        let tables = self.read();
        let ids = tables.histories.get(player).and_then(|boards| boards.get(board));
        let older = ids.into_iter().flat_map(|ids| ids.range(..before.unwrap_or(ScoreId(u64::MAX))).rev());
        let scores = older.filter_map(|id| tables.scores.get(id)).map(|(score, _)| score.clone());
        Ok(scores.take(limit).collect())
    }

    fn moderate(
        &self,
        moderator: &PlayerId,
        act: Act,
        reason: &str,
        now: UnixTime,
    ) -> Result<AuditEntry, StoreError> {
        self.change(|tables| {
            match act {
                Act::Hide { score } => tables.set_hidden(score, true)?,
                Act::Show { score } => tables.set_hidden(score, false)?,
                Act::Ban { player } => tables.set_banned(player, true)?,
                Act::Pardon { player } => tables.set_banned(player, false)?,
            }
            let number = tables.next_act();
            let done = AuditEntry { number, at: now, moderator: *moderator, act, reason: reason.to_owned() };
            tables.acts.insert(number, done.clone());
            Ok(done)
        })
    }

    fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let tables = self.read();
        let acts = tables.acts.range(..before.unwrap_or(u64::MAX)).rev();
        Ok(acts.take(limit).map(|(_, act)| act.clone()).collect())
    }

    fn revision(&self, board: &BoardId) -> Result<u64, StoreError> {
        Ok(self.read().revisions.get(board).copied().unwrap_or_default())
    }

    fn export(&self, each: &mut dyn FnMut(Record) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let tables = self.read().clone();
        tables.players.into_values().map(Record::Player).try_for_each(&mut *each)?;
        tables.tickets.into_values().map(|(ticket, _)| Record::Ticket(ticket)).try_for_each(&mut *each)?;
        let scores = tables.scores.into_values();
        scores.map(|(score, replay)| Record::Score { score, replay }).try_for_each(&mut *each)?;
        tables.acts.into_values().map(Record::Act).try_for_each(each)
    }

    fn import(
        &self,
        records: &mut dyn Iterator<Item = Result<Record, StoreError>>,
    ) -> Result<u64, StoreError> {
        self.change(|tables| {
            let mut imported = tables.clone();
            let mut count = 0;
            for record in records {
                imported.import(record?)?;
                count += 1;
            }
            *tables = imported;
            Ok(count)
        })
    }
}
