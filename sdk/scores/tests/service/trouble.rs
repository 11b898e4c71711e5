//! The store fails, or others change it in the midst of a question.

use crate::fixture::{Fixture, MODERATOR, all_time, id};
use netcord_scores::api::{Code, Moderate};
use netcord_scores::model::{
    Act, AuditEntry, BoardId, Listing, Player, PlayerId, Position, Score, ScoreId, Ticket, TicketId, UnixTime,
};
use netcord_scores::service::{Service, ServiceError, ServiceOptions};
use netcord_scores::store::{MemoryStore, NewScore, Record, ScoreStore, StoreError};
use netcord_scores::testing::{Counter, counter_board, player_id};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens before a call of that name reaches the store.
type Meddle = dyn FnMut(&'static str, &MemoryStore) -> Result<(), StoreError> + Send;

struct Meddled {
    store: MemoryStore,
    meddle: Mutex<Box<Meddle>>,
}

macro_rules! delegate {
    ($($call:ident($($name:ident: $of:ty),*) -> $answer:ty;)+) => {
        impl ScoreStore for Meddled {
            $(fn $call(&self, $($name: $of),*) -> Result<$answer, StoreError> {
                (self.meddle.lock().unwrap())(stringify!($call), &self.store)?;
                self.store.$call($($name),*)
            })+
        }
    };
}

delegate! {
    player(id: &PlayerId) -> Option<Player>;
    players_named(prefix: &str, limit: usize) -> Vec<Player>;
    put_player(player: &Player) -> ();
    ticket(id: &TicketId) -> Option<(Ticket, Option<ScoreId>)>;
    issue_tickets(fresh: &[Ticket], at_most: usize, now: UnixTime) -> Vec<Ticket>;
    record(run: &NewScore) -> Score;
    score(id: ScoreId) -> Option<Score>;
    replay(id: ScoreId) -> Option<Vec<u8>>;
    page_after(listing: &Listing, after: Option<Position>, limit: usize) -> Vec<Score>;
    page_before(listing: &Listing, before: Position, limit: usize) -> Vec<Score>;
    count_better(listing: &Listing, key: i64) -> u64;
    count(listing: &Listing) -> u64;
    best(listing: &Listing, player: &PlayerId) -> Option<Score>;
    history(board: &BoardId, player: &PlayerId, before: Option<ScoreId>, limit: usize) -> Vec<Score>;
    moderate(moderator: &PlayerId, act: Act, reason: &str, now: UnixTime) -> AuditEntry;
    audit(before: Option<u64>, limit: usize) -> Vec<AuditEntry>;
    revision(board: &BoardId) -> u64;
    export(each: &mut dyn FnMut(Record) -> Result<(), StoreError>) -> ();
    import(records: &mut dyn Iterator<Item = Result<Record, StoreError>>) -> u64;
}

/// A service whose store is well until `meddle` is set.
fn meddled() -> (Fixture, Arc<Meddled>) {
    let board = counter_board("counter");
    let store = MemoryStore::new(std::slice::from_ref(&board));
    let store = Arc::new(Meddled { store, meddle: Mutex::new(Box::new(|_, _| Ok(()))) });
    let options = ServiceOptions { moderators: vec![MODERATOR], ..ServiceOptions::default() };
    let boards = vec![(board, Arc::new(Counter::default()) as _)];
    let service = Service::new(Arc::clone(&store) as _, boards, options).unwrap();
    (Fixture { service, ..Fixture::new() }, store)
}

#[track_caller]
fn failed<T: Debug>(answer: Result<T, ServiceError>) {
    let error = answer.unwrap_err();
    assert_eq!(error.code, Code::Internal);
    assert!(!error.detail.contains("secret") && !error.detail.contains("writing"), "{error}");
}

#[test]
fn a_failure_of_the_store_is_told_without_what_is_inside() {
    let (mut fixture, store) = meddled();
    let score = fixture.score(1, "counter", 9);
    let run = fixture.play(1, "counter");
    *store.meddle.lock().unwrap() = Box::new(|_, _| {
        Err(StoreError::Failed { doing: "writing", source: "/var/secret: disk full".into() })
    });
    let Fixture { service, rng, now } = &mut fixture;
    let (now, player, listing, board) = (*now, player_id(1), all_time("counter"), id("counter"));
    let moderate = Moderate { act: Act::Hide { score }, reason: "why".to_owned() };
    failed(service.boards(now));
    failed(service.board(&board, now));
    failed(service.top(&listing, None, 9));
    failed(service.around(&listing, &player, 9));
    failed(service.best(&listing, &player));
    failed(service.history(&board, &player, None, 9));
    failed(service.rank(&listing, 9));
    failed(service.entry(score));
    failed(service.replay(score));
    failed(service.player(&player));
    failed(service.players("", 9));
    failed(service.revision(&board));
    failed(service.put_player(player, "Ann", now));
    failed(service.tickets(player, &board, 1, now, rng));
    failed(service.moderate(MODERATOR, &moderate, now));
    failed(service.audit(MODERATOR, None, 9));
    failed(fixture.submit(1, "counter", &run));
}

#[test]
fn a_failure_while_recording_records_nothing() {
    let (mut fixture, store) = meddled();
    let run = fixture.play(1, "counter");
    *store.meddle.lock().unwrap() = Box::new(|call, _| match call {
        "record" => Err(StoreError::Failed { doing: "writing", source: "disk full".into() }),
        _ => Ok(()),
    });
    assert_eq!(fixture.submit(1, "counter", &run).unwrap_err().code, Code::Internal);
    *store.meddle.lock().unwrap() = Box::new(|_, _| Ok(()));
    assert!(!fixture.submit(1, "counter", &run).unwrap().repeated);
}

#[test]
fn a_player_whose_other_runs_always_come_first_is_told_to_wait() {
    let (mut fixture, store) = meddled();
    let run = fixture.play(1, "counter");
    *store.meddle.lock().unwrap() = Box::new(|call, _| match call {
        "record" => Err(StoreError::BusyChanged),
        _ => Ok(()),
    });
    let error = fixture.submit(1, "counter", &run).unwrap_err();
    assert_eq!((error.code, error.retry_after), (Code::Busy, Some(Duration::from_secs(1))));
}

#[test]
fn who_is_banned_while_a_run_is_verified_is_answered_so() {
    let (mut fixture, store) = meddled();
    let run = fixture.play(1, "counter");
    *store.meddle.lock().unwrap() = Box::new(|call, store| match call {
        "record" => {
            store.moderate(&MODERATOR, Act::Ban { player: player_id(1) }, "bot", UnixTime::default())?;
            Err(StoreError::BusyChanged)
        }
        _ => Ok(()),
    });
    assert_eq!(fixture.submit(1, "counter", &run).unwrap_err().code, Code::Banned);
}

#[test]
fn a_page_is_of_one_moment() {
    let (mut fixture, store) = meddled();
    let scores: Vec<_> =
        (1..=5).map(|number| fixture.score(number, "counter", 50 - u32::from(number))).collect();
    let asked = |fixture: &Fixture, call: &'static str, hide: ScoreId| {
        let mut hidden = false;
        *store.meddle.lock().unwrap() = Box::new(move |called, store| {
            if called == call && !hidden {
                hidden = true;
                store.moderate(&MODERATOR, Act::Hide { score: hide }, "why", UnixTime::default())?;
            }
            Ok(())
        });
        let page = fixture.service.around(&all_time("counter"), &player_id(3), 9).unwrap();
        let rows: Vec<_> = page.entries.iter().map(|entry| (entry.rank, entry.points)).collect();
        (rows, page.total)
    };
    let between_rows = asked(&fixture, "count_better", scores[0]);
    assert_eq!(between_rows, (vec![(1, 48), (2, 47), (3, 46), (4, 45)], 4));
    let after_the_rows = asked(&fixture, "count", scores[1]);
    assert_eq!(after_the_rows, (vec![(1, 47), (2, 46), (3, 45)], 3));
}
