//! A service of the counter, players, and a time of day that is as the test says.

use netcord_scores::api::{Code, Submission, Submitted};
use netcord_scores::model::{Board, BoardId, Entries, Listing, Order, PlayerId, ScoreId, Ticket, UnixTime};
use netcord_scores::service::{Service, ServiceError, ServiceOptions};
use netcord_scores::store::MemoryStore;
use netcord_scores::testing::{Counter, NOON, counter_board, honest_run, player_id, run_with_points};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const MODERATOR: PlayerId = player_id(200);

pub(crate) struct Fixture {
    pub(crate) service: Service,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) now: UnixTime,
}

impl Fixture {
    /// A service with the board `counter`, of each player's best, and `runs`, of all runs.
    pub(crate) fn new() -> Self {
        let all = Board { entries: Entries::AllRuns, order: Order::LowestFirst, ..counter_board("runs") };
        Self::of(vec![counter_board("counter"), all])
    }

    pub(crate) fn of(boards: Vec<Board>) -> Self {
        let store = Arc::new(MemoryStore::new(&boards));
        let boards = boards.into_iter().map(|board| (board, Arc::new(Counter::default()) as _)).collect();
        let options = ServiceOptions { moderators: vec![MODERATOR], ..ServiceOptions::default() };
        let service = Service::new(store, boards, options).unwrap();
        Self { service, rng: ChaCha8Rng::seed_from_u64(7), now: NOON }
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    /// Gives a player of that number a name, if they have none.
    pub(crate) fn join(&self, number: u8) -> PlayerId {
        let player = player_id(number);
        if self.service.player(&player).is_err() {
            self.service.put_player(player, &format!("Player {number}"), self.now).unwrap();
        }
        player
    }

    pub(crate) fn tickets(&mut self, number: u8, board: &str, count: usize) -> Vec<Ticket> {
        let player = self.join(number);
        self.service.tickets(player, &id(board), count, self.now, &mut self.rng).unwrap().tickets
    }

    /// A short honest run that was not submitted yet.
    pub(crate) fn play(&mut self, number: u8, board: &str) -> Submission {
        let ticket = self.tickets(number, board, 1).remove(0);
        let (claim, replay) = honest_run(ticket.seed);
        Submission { ticket: ticket.id, claim, replay }
    }

    pub(crate) fn submit(
        &self,
        number: u8,
        board: &str,
        run: &Submission,
    ) -> Result<Submitted, ServiceError> {
        self.service.submit(player_id(number), &id(board), run, self.now, &mut || Duration::ZERO)
    }

    /// Plays a run that comes to so many points, which takes its time, and submits it.
    pub(crate) fn score(&mut self, number: u8, board: &str, points: u32) -> ScoreId {
        let ticket = self.tickets(number, board, 1).remove(0);
        let (claim, replay) = run_with_points(ticket.seed, points);
        self.wait(u64::from(points / 60));
        let run = Submission { ticket: ticket.id, claim, replay };
        self.submit(number, board, &run).unwrap().entry.score
    }

    /// Rank and points of all that is listed.
    pub(crate) fn listed(&self, listing: &Listing) -> Vec<(u64, i64)> {
        let page = self.service.top(listing, None, 100).unwrap();
        assert_eq!((page.entries.len() as u64, page.next), (page.total, None));
        page.entries.iter().map(|entry| (entry.rank, entry.points)).collect()
    }
}

pub(crate) fn id(board: &str) -> BoardId {
    BoardId::new(board).unwrap()
}

pub(crate) fn all_time(board: &str) -> Listing {
    Listing { board: id(board), season: None }
}

pub(crate) fn season(board: &str, season: u32) -> Listing {
    Listing { board: id(board), season: Some(season) }
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, ServiceError>, code: Code) {
    let error = answer.unwrap_err();
    assert_eq!(error.code, code, "{error}");
}
