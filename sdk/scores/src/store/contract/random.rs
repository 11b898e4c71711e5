//! A random walk: whatever is done to a store, it answers as a list does that is sorted and searched from one end to the
//! other for each answer.

use super::fixture::{ALL, BEST, at, board, id_of, player, run_with};
use super::{Maker, promises};
use crate::model::{
    Act, AuditEntry, BoardId, Entries, Listing, Player, PlayerId, Position, Score, ScoreId, Ticket, TicketId,
    UnixTime,
};
use crate::store::{NewScore, ScoreStore, StoreError};
use netcord_wire::GameRng;

promises![random_walks_go_as_a_list_says];

fn random_walks_go_as_a_list_says(make: Maker<'_>) {
    for seed in 0..6 {
        walk(make, seed, 150);
    }
}

/// Does so many random things to a store, and compares after each of them what there is with a list.
///
/// # Panics
/// When the store answers otherwise.
pub fn walk(make: Maker<'_>, seed: u64, steps: u32) {
    let boards = [board(BEST), board(ALL)];
    let mut walk = Walk { store: make(&boards), list: List::default(), rng: GameRng::new(seed), now: 0 };
    for step in 0..steps {
        let done = walk.step();
        walk.compare(&format!("seed {seed}, step {step}: {done}"));
    }
    let mut records = Vec::new();
    let taken = walk.store.export(&mut |record| {
        records.push(Ok(record));
        Ok(())
    });
    taken.unwrap();
    walk.store = make(&boards);
    walk.store.import(&mut records.into_iter()).unwrap();
    walk.compare(&format!("seed {seed}, a copy"));
}

const PLAYERS: u8 = 5;

struct Walk {
    store: Box<dyn ScoreStore>,
    list: List,
    rng: GameRng,
    now: u64,
}

impl Walk {
    fn any(&mut self, bound: usize) -> usize {
        self.rng.below(bound as u32) as usize
    }

    fn any_player(&mut self) -> Player {
        player(self.any(PLAYERS.into()) as u8)
    }

    /// Does something to both, and says what.
    fn step(&mut self) -> String {
        self.now += self.rng.next_u64() % 20;
        match self.any(10) {
            0 | 1 => self.put_player(),
            2 | 3 => self.issue_tickets(),
            4..=7 => self.record(),
            _ => self.moderate(),
        }
    }

    fn put_player(&mut self) -> String {
        let name_key = ["ann", "anna", "bo", "bob", "c", "", "d"][self.any(7)].to_owned();
        let player = Player { name: name_key.to_uppercase(), name_key, ..self.any_player() };
        let answer = self.store.put_player(&player);
        assert_eq!(told(answer), told(self.list.put_player(&player)), "{player:?}");
        format!("put {player:?}")
    }

    fn issue_tickets(&mut self) -> String {
        let player = self.any_player().id;
        let board = [BEST, ALL][self.any(2)];
        let fresh: Vec<_> = (0..=self.any(3))
            .map(|_| Ticket {
                id: TicketId(((u128::from(self.rng.next_u64()) << 64) | self.now as u128).to_be_bytes()),
                board: id_of(board),
                player,
                seed: self.rng.next_u64(),
                issued: at(self.now),
                expires: at(self.now + 1 + self.rng.next_u64() % 400),
            })
            .collect();
        let at_most = self.any(5);
        let answer = self.store.issue_tickets(&fresh, at_most, at(self.now));
        let expected = self.list.issue_tickets(&fresh, at_most, at(self.now));
        let done = format!("at most {at_most} of {fresh:?}");
        assert_eq!(told(answer), told(expected), "{done}");
        done
    }

    fn record(&mut self) -> String {
        let redeemable = |(ticket, redeemed): &&(Ticket, Option<ScoreId>)| {
            redeemed.is_some() || ticket.expires > at(self.now)
        };
        let tickets: Vec<_> = self.list.tickets.iter().filter(redeemable).cloned().collect();
        if tickets.is_empty() {
            return self.issue_tickets();
        }
        let (ticket, _) = &tickets[self.any(tickets.len())];
        let (season, points) = (1 + self.rng.below(2), i64::from(self.rng.below(6)) - 3);
        let mut busy_until = self.list.player(&ticket.player).map_or(at(0), |player| player.busy_until);
        if self.any(8) == 0 {
            busy_until = at(3);
        }
        let run = run_with(ticket, season, points, busy_until);
        assert_eq!(told(self.store.record(&run)), told(self.list.record(&run)), "{run:?}");
        format!("recorded {run:?}")
    }

    fn moderate(&mut self) -> String {
        let score = ScoreId(self.any(self.list.scores.len() + 2) as u64);
        let player = self.any_player().id;
        let act = match self.any(8) {
            0..=3 => Act::Hide { score },
            4 | 5 => Act::Show { score },
            6 => Act::Ban { player },
            _ => Act::Pardon { player },
        };
        let (moderator, now) = (super::fixture::player(99).id, at(self.now));
        let answer = self.store.moderate(&moderator, act, "why", now);
        assert_eq!(told(answer), told(self.list.moderate(&moderator, act, "why", now)), "{act:?}");
        format!("{act:?}")
    }

    /// Asks both for all there is, and for some places in it.
    fn compare(&mut self, when: &str) {
        for number in 0..PLAYERS {
            let id = player(number).id;
            assert_eq!(self.store.player(&id).unwrap().as_ref(), self.list.player(&id), "{when}");
        }
        for prefix in ["", "a", "ann", "anna", "b", "c", "x"] {
            let limit = self.any(4);
            let found = self.store.players_named(prefix, limit).unwrap();
            assert_eq!(found, self.list.players_named(prefix, limit), "{when}, named {prefix}");
        }
        for (ticket, redeemed) in &self.list.tickets {
            match self.store.ticket(&ticket.id).unwrap() {
                None => assert!(redeemed.is_none() && ticket.expires <= at(self.now), "{when}: {ticket:?}"),
                Some(kept) => assert_eq!(kept, (ticket.clone(), *redeemed), "{when}"),
            }
        }
        for (score, replay) in &self.list.scores {
            assert_eq!(self.store.score(score.id).unwrap().as_ref(), Some(score), "{when}");
            assert_eq!(self.store.replay(score.id).unwrap().as_ref(), Some(replay), "{when}");
        }
        let (before, limit) = (Some(self.rng.next_u64() % 9), self.any(9));
        assert_eq!(self.store.audit(before, limit).unwrap(), self.list.audit(before, limit), "{when}");
        assert_eq!(self.store.audit(None, 999).unwrap(), self.list.audit(None, 999), "{when}");
        for board in [BEST, ALL].map(id_of) {
            let (before, limit) = (Some(ScoreId(self.any(60) as u64)), self.any(9));
            let of = self.any_player().id;
            let history = self.store.history(&board, &of, before, limit).unwrap();
            assert_eq!(history, self.list.history(&board, &of, before, limit), "{when}");
            for season in [None, Some(1), Some(2), Some(3)] {
                self.compare_listing(&Listing { board: board.clone(), season }, when);
            }
        }
    }

    fn compare_listing(&mut self, listing: &Listing, when: &str) {
        let when = format!("{when}, {listing:?}");
        let listed = self.list.listed(listing);
        assert_eq!(self.store.count(listing).unwrap(), listed.len() as u64, "{when}");
        assert_eq!(self.store.page_after(listing, None, 999).unwrap(), listed, "{when}");
        let place =
            Position { key: self.rng.below(8).cast_signed().into(), id: ScoreId(self.any(60) as u64) };
        let place = Position { key: place.key - 4, ..place };
        let limit = self.any(6);
        let better: Vec<_> = listed.iter().filter(|score| score.position() < place).cloned().collect();
        let worse: Vec<_> = listed.iter().filter(|score| score.position() > place).cloned().collect();
        let after = self.store.page_after(listing, Some(place), limit).unwrap();
        assert_eq!(after, worse[..limit.min(worse.len())], "{when}, {limit} after {place:?}");
        let before = self.store.page_before(listing, place, limit).unwrap();
        assert_eq!(before, better[better.len().saturating_sub(limit)..], "{when}, {limit} before {place:?}");
        let count = listed.iter().filter(|score| score.key < place.key).count();
        assert_eq!(self.store.count_better(listing, place.key).unwrap(), count as u64, "{when}, {place:?}");
        for number in 0..PLAYERS {
            let of = player(number).id;
            let best = listed.iter().find(|score| score.player == of).cloned();
            assert_eq!(self.store.best(listing, &of).unwrap(), best, "{when}, best of {of}");
        }
    }
}

/// An answer, as something that can be compared.
fn told<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Missing(_)) => "Missing".to_owned(),
        answer => format!("{answer:?}"),
    }
}

/// The list that is searched.
#[derive(Default)]
struct List {
    players: Vec<Player>,
    tickets: Vec<(Ticket, Option<ScoreId>)>,
    scores: Vec<(Score, Vec<u8>)>,
    acts: Vec<AuditEntry>,
}

impl List {
    fn player(&self, id: &PlayerId) -> Option<&Player> {
        self.players.iter().find(|player| player.id == *id)
    }

    fn player_mut(&mut self, id: &PlayerId) -> Result<&mut Player, StoreError> {
        self.players.iter_mut().find(|player| player.id == *id).ok_or(StoreError::Missing("player"))
    }

    fn players_named(&self, prefix: &str, limit: usize) -> Vec<Player> {
        let mut found: Vec<_> = self
            .players
            .iter()
            .filter(|player| player.name_key.starts_with(prefix) && !player.banned)
            .cloned()
            .collect();
        found.sort_by(|one, other| one.name_key.cmp(&other.name_key));
        found.truncate(limit);
        found
    }

    fn put_player(&mut self, player: &Player) -> Result<(), StoreError> {
        if self.players.iter().any(|other| other.name_key == player.name_key && other.id != player.id) {
            return Err(StoreError::NameTaken);
        }
        match self.player_mut(&player.id) {
            Ok(known) => {
                (known.name, known.name_key) = (player.name.clone(), player.name_key.clone());
            }
            Err(_) => self.players.push(player.clone()),
        }
        Ok(())
    }

    fn issue_tickets(
        &mut self,
        fresh: &[Ticket],
        at_most: usize,
        now: UnixTime,
    ) -> Result<Vec<Ticket>, StoreError> {
        let (player, board) = (fresh[0].player, fresh[0].board.clone());
        self.player_mut(&player)?;
        let open = |list: &Self| -> Vec<Ticket> {
            let open = list.tickets.iter().filter(|(ticket, redeemed)| {
                (ticket.player, &ticket.board) == (player, &board)
                    && redeemed.is_none()
                    && ticket.expires > now
            });
            open.map(|(ticket, _)| ticket.clone()).collect()
        };
        let room = at_most.saturating_sub(open(self).len());
        self.tickets.extend(fresh.iter().take(room).map(|ticket| (ticket.clone(), None)));
        let mut issued = open(self);
        issued.sort_by_key(|ticket| (ticket.issued, ticket.id));
        Ok(issued)
    }

    fn record(&mut self, run: &NewScore) -> Result<Score, StoreError> {
        let id = ScoreId(self.scores.len() as u64 + 1);
        let ticket = self.tickets.iter_mut().find(|(ticket, _)| ticket.id == run.score.ticket);
        let (_, redeemed) = ticket.ok_or(StoreError::Missing("ticket"))?;
        if let Some(by) = redeemed {
            return Err(StoreError::TicketUsed(*by));
        }
        let player = self.players.iter_mut().find(|player| player.id == run.score.player);
        let player = player.ok_or(StoreError::Missing("player"))?;
        if player.busy_until != run.was_busy_until {
            return Err(StoreError::BusyChanged);
        }
        (player.busy_until, *redeemed) = (run.busy_until, Some(id));
        let score = Score { id, ..run.score.clone() };
        self.scores.push((score.clone(), run.replay.clone()));
        Ok(score)
    }

    fn listed(&self, listing: &Listing) -> Vec<Score> {
        let mut listed: Vec<_> = self
            .scores
            .iter()
            .map(|(score, _)| score)
            .filter(|score| score.board == listing.board)
            .filter(|score| listing.season.is_none_or(|season| season == score.season))
            .filter(|score| !score.hidden && !self.player(&score.player).is_some_and(|player| player.banned))
            .cloned()
            .collect();
        listed.sort_by_key(Score::position);
        if board(listing.board.as_str()).entries == Entries::BestPerPlayer {
            let mut seen = Vec::new();
            listed.retain(|score| {
                let first = !seen.contains(&score.player);
                seen.push(score.player);
                first
            });
        }
        listed
    }

    fn history(
        &self,
        board: &BoardId,
        player: &PlayerId,
        before: Option<ScoreId>,
        limit: usize,
    ) -> Vec<Score> {
        let newest_first = self.scores.iter().rev().map(|(score, _)| score);
        newest_first
            .filter(|score| score.board == *board && score.player == *player)
            .filter(|score| before.is_none_or(|before| score.id < before))
            .take(limit)
            .cloned()
            .collect()
    }

    fn moderate(
        &mut self,
        moderator: &PlayerId,
        act: Act,
        reason: &str,
        now: UnixTime,
    ) -> Result<AuditEntry, StoreError> {
        let hide = |list: &mut Self, id: ScoreId, hidden| {
            let score = list.scores.iter_mut().find(|(score, _)| score.id == id);
            score.map(|(score, _)| score.hidden = hidden).ok_or(StoreError::Missing("score"))
        };
        match act {
            Act::Hide { score } => hide(self, score, true)?,
            Act::Show { score } => hide(self, score, false)?,
            Act::Ban { player } => self.player_mut(&player)?.banned = true,
            Act::Pardon { player } => self.player_mut(&player)?.banned = false,
        }
        let number = self.acts.len() as u64 + 1;
        let done = AuditEntry { number, at: now, moderator: *moderator, act, reason: reason.to_owned() };
        self.acts.push(done.clone());
        Ok(done)
    }

    fn audit(&self, before: Option<u64>, limit: usize) -> Vec<AuditEntry> {
        let newest_first = self.acts.iter().rev();
        newest_first
            .filter(|act| before.is_none_or(|before| act.number < before))
            .take(limit)
            .cloned()
            .collect()
    }
}
