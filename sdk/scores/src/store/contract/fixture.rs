//! What the checks have in common: boards, players, and runs that were verified already.

use super::Maker;
use crate::model::{
    Board, BoardId, Entries, Listing, Order, Player, PlayerId, Position, RunLimits, Score, ScoreId, Seasons,
    Ticket, TicketId, TicketPolicy, Timing, Unit, UnixTime,
};
use crate::store::{NewScore, ScoreStore, StoreError};
use netcord_wire::StateHash;
use std::collections::BTreeMap;
use std::slice::from_ref;

/// A board of each player's best.
pub(super) const BEST: &str = "best";
/// A board of all runs, on which fewer points are better.
pub(super) const ALL: &str = "all";

/// A store with two boards, and what the checks do with it.
pub(super) struct Fixture {
    pub(super) store: Box<dyn ScoreStore>,
    /// Counts up: each thing that is made is another.
    made: u64,
}

impl Fixture {
    pub(super) fn new(make: Maker<'_>) -> Self {
        Self { store: make(&[board(BEST), board(ALL)]), made: 0 }
    }

    /// Adds a player of that number, if there is none.
    pub(super) fn join(&self, number: u8) -> PlayerId {
        let player = player(number);
        if self.store.player(&player.id).unwrap().is_none() {
            self.store.put_player(&player).unwrap();
        }
        player.id
    }

    /// A ticket that the store hasn't seen.
    pub(super) fn fresh_ticket(&mut self, player: PlayerId, board: &str) -> Ticket {
        self.made += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        Ticket {
            id: TicketId(id),
            board: id_of(board),
            player,
            seed: self.made,
            issued: at(0),
            expires: at(1_000_000),
        }
    }

    /// A run that is ready to be recorded: its player and its ticket are there.
    pub(super) fn run(&mut self, number: u8, board: &str, season: u32, points: i64) -> NewScore {
        let player = self.join(number);
        let ticket = self.fresh_ticket(player, board);
        self.store.issue_tickets(from_ref(&ticket), usize::MAX, at(0)).unwrap();
        let busy_until = self.store.player(&player).unwrap().unwrap().busy_until;
        run_with(&ticket, season, points, busy_until)
    }

    pub(super) fn record(&mut self, number: u8, board: &str, season: u32, points: i64) -> Score {
        let run = self.run(number, board, season, points);
        self.store.record(&run).unwrap()
    }

    /// Points of all that is listed, in order.
    pub(super) fn points(&self, listing: &Listing) -> Vec<i64> {
        let all = self.store.page_after(listing, None, 1_000).unwrap();
        assert_eq!(all.len() as u64, self.store.count(listing).unwrap(), "count and page differ");
        assert!(all.is_sorted_by_key(Score::position), "a page out of order: {all:?}");
        all.into_iter().map(|score| score.points).collect()
    }
}

/// A run that was verified.
pub(super) fn run_with(ticket: &Ticket, season: u32, points: i64, busy_until: UnixTime) -> NewScore {
    let order = board(ticket.board.as_str()).order;
    let mut timing = Timing::default();
    [1, 4, 9].into_iter().for_each(|tick| timing.note(tick));
    NewScore {
        score: Score {
            id: ScoreId(0),
            board: ticket.board.clone(),
            season,
            player: ticket.player,
            ticket: ticket.id,
            points,
            key: order.key(points),
            ticks: 100,
            state_hash: StateHash(u64::MAX - ticket.seed),
            accepted: at(ticket.seed),
            details: BTreeMap::from([("lines".to_owned(), -3), ("level".to_owned(), i64::MAX)]),
            timing,
            hidden: false,
        },
        replay: ticket.seed.to_le_bytes().to_vec(),
        was_busy_until: busy_until,
        busy_until: busy_until.after(std::time::Duration::from_millis(7)),
    }
}

pub(super) fn board(id: &str) -> Board {
    let all = id == ALL;
    Board {
        id: id_of(id),
        title: id.to_owned(),
        order: if all { Order::LowestFirst } else { Order::HighestFirst },
        unit: Unit::Points,
        entries: if all { Entries::AllRuns } else { Entries::BestPerPlayer },
        seasons: Seasons::Endless,
        ticks_per_second: 60,
        limits: RunLimits::default(),
        tickets: TicketPolicy::default(),
    }
}

pub(super) fn player(number: u8) -> Player {
    Player {
        id: PlayerId([number; 32]),
        name: format!("Player {number:03}"),
        name_key: format!("player {number:03}"),
        joined: at(u64::from(number)),
        busy_until: at(5),
        banned: false,
    }
}

pub(super) fn id_of(board: &str) -> BoardId {
    BoardId::new(board).unwrap()
}

pub(super) const fn at(millis: u64) -> UnixTime {
    UnixTime::from_millis(1_795_256_000_000 + millis)
}

pub(super) fn all_time(board: &str) -> Listing {
    Listing { board: id_of(board), season: None }
}

pub(super) fn season(board: &str, season: u32) -> Listing {
    Listing { board: id_of(board), season: Some(season) }
}

pub(super) fn positions(scores: &[Score]) -> Vec<Position> {
    scores.iter().map(Score::position).collect()
}

/// What a call refuses with.
pub(super) fn refusal<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result.unwrap_err() {
        error @ StoreError::Failed { .. } => panic!("the store failed: {error:?}"),
        error => format!("{error:?}"),
    }
}
