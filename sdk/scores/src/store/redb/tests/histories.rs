//! Whatever happens to a store, it answers as the one in memory does; and as before when it is opened again.

use super::disk::Disk;
use super::{boards, open_on, player, run, ticket};
use crate::model::{Act, Listing, PlayerId, Position, Score, ScoreId};
use crate::store::{MemoryStore, Record, ScoreStore, StoreError};
use crate::testing::{NOON, player_id};
use netcord_wire::GameRng;
use std::fmt::Debug;
use std::slice::from_ref;

const PLAYERS: u64 = 6;
const BOARDS: [&str; 2] = ["best", "all"];

/// Does something to a store.
fn step(store: &dyn ScoreStore, seed: u64) -> String {
    let mut rng = GameRng::new(seed);
    let of = u64::from(rng.below(PLAYERS as u32));
    match rng.below(12) {
        0 => {
            let name = format!("Player {}", rng.below(9));
            let name_key = name.to_lowercase();
            said(store.put_player(&crate::model::Player { name, name_key, ..player(of) }))
        }
        1 | 2 => {
            let score = ScoreId(u64::from(rng.below(30)));
            let player = player(of).id;
            let act = match rng.below(4) {
                0 => Act::Hide { score },
                1 => Act::Show { score },
                2 => Act::Ban { player },
                _ => Act::Pardon { player },
            };
            said(store.moderate(&player_id(9), act, "why", NOON))
        }
        _ => {
            let ticket = ticket(u64::from(rng.below(60)), of, BOARDS[rng.below(2) as usize]);
            if !matches!(store.ticket(&ticket.id), Ok(None)) {
                return "taken".into();
            }
            let open = said(store.issue_tickets(from_ref(&ticket), usize::MAX, NOON));
            let points = i64::from(rng.below(8)) - 3;
            open + &said(store.record(&run(&ticket, points)))
        }
    }
}

/// What a store answered.
fn said<T: Debug>(answer: Result<T, StoreError>) -> String {
    assert!(!matches!(answer, Err(StoreError::Failed { .. })), "{answer:?}");
    format!("{answer:?}")
}

/// All that a store knows.
fn knowledge(store: &dyn ScoreStore) -> Vec<String> {
    let mut known = Vec::new();
    store
        .export(&mut |record: Record| {
            known.push(format!("{record:?}"));
            Ok(())
        })
        .unwrap();
    for board in boards() {
        for season in [None, Some(1), Some(2), Some(3)] {
            let listing = Listing { board: board.id.clone(), season };
            let page = store.page_after(&listing, None, 100).unwrap();
            known.push(format!("{season:?}: {}, {page:?}", store.count(&listing).unwrap()));
            for key in -5..5 {
                let place = Position { key, id: ScoreId(key.unsigned_abs() * 3) };
                let better: Vec<Score> = store.page_before(&listing, place, 3).unwrap();
                let worse = store.page_after(&listing, Some(place), 3).unwrap();
                known.push(format!("{} {better:?} {worse:?}", store.count_better(&listing, key).unwrap()));
            }
            for player in (0..PLAYERS).map(|number| player(number).id) {
                known.push(said(store.best(&listing, &player)) + &history(store, &listing, &player));
            }
        }
        known.push(said(store.revision(&board.id)));
    }
    known.push(said(store.players_named("player", 4)) + &said(store.audit(None, 100)));
    known
}

fn history(store: &dyn ScoreStore, listing: &Listing, player: &PlayerId) -> String {
    let newest = store.history(&listing.board, player, None, 3).unwrap();
    let older = store.history(&listing.board, player, newest.last().map(|score| score.id), 3).unwrap();
    format!("{newest:?} {older:?}")
}

#[test]
fn the_store_in_a_file_answers_as_the_one_in_memory() {
    for seed in 0..4_u64 {
        let memory = MemoryStore::new(&boards());
        let disk = Disk::default();
        let mut file = open_on(&disk).unwrap();
        for number in 0..PLAYERS {
            memory.put_player(&player(number)).unwrap();
            file.put_player(&player(number)).unwrap();
        }
        for number in 0..60 {
            let seed = seed << 32 | number;
            assert_eq!(step(&file, seed), step(&memory, seed), "seed {seed}");
            if number % 10 == 9 {
                assert_eq!(knowledge(&file), knowledge(&memory), "seed {seed}");
                drop(file);
                file = open_on(&disk).unwrap();
                assert_eq!(knowledge(&file), knowledge(&memory), "seed {seed}, opened again");
            }
        }
    }
}
