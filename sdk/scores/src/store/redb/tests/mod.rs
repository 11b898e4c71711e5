//! What the store does when the file, the disk or the program beneath it is not as it should be.

mod disk;
mod faults;
mod files;
mod histories;
mod sharing;
mod versions;

use super::RedbStore;
use super::file::{BUILDER, bring_up_to_date};
use super::migration::MIGRATIONS;
use crate::model::{
    Board, BoardId, Entries, Player, PlayerId, Score, ScoreId, Ticket, TicketId, Timing, UnixTime,
};
use crate::store::{NewScore, ScoreStore, StoreError};
use crate::testing::{NOON, counter_board};
use disk::Disk;
use netcord_wire::StateHash;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A board of each player's best, and one of all runs.
fn boards() -> [Board; 2] {
    [counter_board("best"), Board { entries: Entries::AllRuns, ..counter_board("all") }]
}

fn player(number: u64) -> Player {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Player {
        id: PlayerId(id),
        name: format!("Player {number}"),
        name_key: format!("player {number}"),
        joined: NOON,
        busy_until: NOON,
        banned: false,
    }
}

/// Ticket `number`, for player `of`.
fn ticket(number: u64, of: u64, board: &str) -> Ticket {
    let mut id = [7; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Ticket {
        id: TicketId(id),
        board: BoardId::new(board).unwrap(),
        player: player(of).id,
        seed: number,
        issued: NOON,
        expires: UnixTime::from_millis(u64::MAX),
    }
}

/// A run with that ticket, of someone whom other runs don't keep busy.
fn run(ticket: &Ticket, points: i64) -> NewScore {
    NewScore {
        score: Score {
            id: ScoreId(0),
            board: ticket.board.clone(),
            season: 1 + u32::try_from(ticket.seed % 2).unwrap(),
            player: ticket.player,
            ticket: ticket.id,
            points,
            key: !points,
            ticks: 60,
            state_hash: StateHash(ticket.seed),
            accepted: NOON,
            details: BTreeMap::from([("presses".to_owned(), points)]),
            timing: Timing::default(),
            hidden: false,
        },
        replay: vec![u8::try_from(ticket.seed % 251).unwrap(); 300],
        was_busy_until: NOON,
        busy_until: NOON,
    }
}

/// A store on a simulated disk.
fn open_on(disk: &Disk) -> Result<RedbStore, StoreError> {
    let disk = disk.clone();
    let open = move || {
        let file = BUILDER().create_with_backend(disk.clone());
        let file = file.map_err(|error| StoreError::Failed { doing: "opening", source: error.into() })?;
        bring_up_to_date(Path::new("disk"), file, MIGRATIONS)
    };
    RedbStore::open_with(PathBuf::from("disk"), &boards(), Box::new(open))
}

/// What one call after the other does, as long as all goes well: three players come, and play. Returns the points of all runs
/// that were acknowledged.
fn play(store: &RedbStore, first: u64, runs: u64) -> (Vec<i64>, Result<(), StoreError>) {
    let mut acknowledged = Vec::new();
    let mut step = |number: u64| {
        let of = number % 3;
        store.put_player(&player(of))?;
        let ticket = ticket(number, of, if number.is_multiple_of(2) { "best" } else { "all" });
        store.issue_tickets(std::slice::from_ref(&ticket), usize::MAX, NOON)?;
        let points = i64::try_from(number * 37 % 101).unwrap() * 1_000 + i64::try_from(number).unwrap();
        store.record(&run(&ticket, points))?;
        acknowledged.push(points);
        Ok(())
    };
    let end = (first..first + runs).try_for_each(&mut step);
    (acknowledged, end)
}

/// The points of all scores that a store has, in the order of their ids; each has its replay, and its place in the listings.
fn recorded(store: &RedbStore) -> Vec<i64> {
    let mut points = Vec::new();
    while let Some(score) = store.score(ScoreId(points.len() as u64 + 1)).unwrap() {
        assert!(store.replay(score.id).unwrap().is_some());
        assert!(matches!(store.ticket(&score.ticket).unwrap(), Some((_, Some(id))) if id == score.id));
        points.push(score.points);
    }
    let all = crate::model::Listing { board: BoardId::new("all").unwrap(), season: None };
    let mut listed: Vec<_> =
        store.page_after(&all, None, usize::MAX).unwrap().into_iter().map(|score| score.points).collect();
    let mut expected: Vec<_> = points.iter().copied().filter(|points| points % 1_000 % 2 == 1).collect();
    expected.sort_unstable();
    listed.reverse();
    assert_eq!(listed, expected);
    points
}
