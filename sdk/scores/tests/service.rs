//! A service, from a name to a place in the listing.
#![cfg(feature = "service")]

use netcord_scores::api::{Code, Submission};
use netcord_scores::model::{BoardId, Listing};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::store::MemoryStore;
use netcord_scores::testing::{Counter, NOON, counter_board, honest_run, player_id};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn an_honest_run_is_listed() {
    let board = counter_board("counter");
    let store = Arc::new(MemoryStore::new(std::slice::from_ref(&board)));
    let service =
        Service::new(store, vec![(board, Arc::new(Counter::default()))], ServiceOptions::default()).unwrap();
    let board = BoardId::new("counter").unwrap();
    let ann = player_id(1);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    assert_eq!(service.tickets(ann, &board, 1, NOON, &mut rng).unwrap_err().code, Code::NotFound);
    service.put_player(ann, " Ann ", NOON).unwrap();
    let ticket = service.tickets(ann, &board, 1, NOON, &mut rng).unwrap().tickets.remove(0);
    let (claim, replay) = honest_run(ticket.seed);
    let run = Submission { ticket: ticket.id, claim, replay };
    let submitted = service.submit(ann, &board, &run, NOON, &mut || Duration::ZERO).unwrap();
    assert_eq!((submitted.entry.rank, submitted.entry.points, submitted.repeated), (1, claim.points, false));
    let again = service.submit(ann, &board, &run, NOON, &mut || Duration::ZERO).unwrap();
    assert!(again.repeated && again.entry == submitted.entry);
    let top = service.top(&Listing { board, season: None }, None, 10).unwrap();
    assert_eq!(top.entries, [submitted.entry]);
}
