//! Changes that come at the same time.

use super::disk::{Disk, Fault};
use super::{open_on, player, recorded, run, ticket};
use crate::model::Score;
use crate::store::redb::lock;
use crate::store::{NewScore, RedbStore, ScoreStore as _, StoreError};
use crate::testing::NOON;
use std::slice::from_ref;
use std::thread;

const AT_ONCE: u64 = 16;

/// A store, and runs that can be recorded there.
fn ready(disk: &Disk) -> (RedbStore, Vec<NewScore>) {
    let store = open_on(disk).unwrap();
    store.put_player(&player(1)).unwrap();
    let runs = (0..AT_ONCE).map(|number| {
        let ticket = ticket(number, 1, "best");
        store.issue_tickets(from_ref(&ticket), usize::MAX, NOON).unwrap();
        run(&ticket, 2_000 * i64::try_from(number).unwrap())
    });
    let runs = runs.collect();
    (store, runs)
}

/// Records runs from a thread each, when all of them wait.
fn record_at_once(store: &RedbStore, runs: &[NewScore]) -> Vec<Result<Score, StoreError>> {
    thread::scope(|scope| {
        let writer = lock(&store.writer);
        let threads: Vec<_> = runs.iter().map(|run| scope.spawn(|| store.record(run))).collect();
        while lock(&store.waiting).len() < runs.len() {
            thread::yield_now();
        }
        drop(writer);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn changes_that_wait_share_a_transaction() {
    let disk = Disk::default();
    let (store, runs) = ready(&disk);
    let before = store.opened().changes;
    let scores = record_at_once(&store, &runs);
    assert_eq!(store.opened().changes, before + 1);
    for (score, run) in scores.into_iter().zip(runs) {
        assert_eq!(score.unwrap().points, run.score.points);
    }
    drop(store);
    assert_eq!(recorded(&open_on(&disk).unwrap()).len() as u64, AT_ONCE);
}

#[test]
fn a_change_that_is_refused_hinders_no_other() {
    let (store, mut runs) = ready(&Disk::default());
    runs[3] = runs[5].clone();
    runs[9].score.ticket = ticket(1_000, 1, "best").id;
    let scores = record_at_once(&store, &runs);
    let used = scores.iter().filter(|score| matches!(score, Err(StoreError::TicketUsed(_)))).count();
    let missing = scores.iter().filter(|score| matches!(score, Err(StoreError::Missing("ticket")))).count();
    assert_eq!((used, missing), (1, 1));
    assert_eq!(recorded(&store).len() as u64, AT_ONCE - 2);
}

#[test]
fn when_the_disk_fails_all_are_told_and_none_is_there() {
    let disk = Disk::default();
    let (store, runs) = ready(&disk);
    disk.fail_after(0, Fault::Once);
    for score in record_at_once(&store, &runs) {
        let error = score.unwrap_err();
        assert!(format!("{error:?}").contains("a simulated fault"), "{error:?}");
    }
    assert!(recorded(&store).is_empty());
    assert!(record_at_once(&store, &runs).iter().all(Result::is_ok));
    assert_eq!(recorded(&store).len() as u64, AT_ONCE);
}
