//! A service is set up, and says what it is.

use crate::fixture::{Fixture, id, refused};
use netcord_scores::api::Code;
use netcord_scores::model::{Board, Seasons};
use netcord_scores::rules::Rules;
use netcord_scores::service::{Service, ServiceError, ServiceOptions};
use netcord_scores::store::MemoryStore;
use netcord_scores::testing::{Counter, NOON, counter_board};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

fn service(boards: &[Board], options: ServiceOptions) -> Result<Service, ServiceError> {
    let rules: Arc<dyn Rules> = Arc::new(Counter::default());
    let played = boards.iter().map(|board| (board.clone(), Arc::clone(&rules))).collect();
    Service::new(Arc::new(MemoryStore::new(boards)), played, options)
}

#[test]
fn boards_come_in_the_operators_order() {
    let viewers = BTreeMap::from([(id("a"), "/viewer.js".to_owned())]);
    let options = ServiceOptions { name: "party".to_owned(), viewers, ..ServiceOptions::default() };
    let service = service(&[counter_board("b"), counter_board("a")], options).unwrap();
    let boards = service.boards(NOON).unwrap().boards;
    let told: Vec<_> = boards.iter().map(|view| (view.board.id.as_str(), view.viewer.as_deref())).collect();
    assert_eq!(told, [("b", None), ("a", Some("/viewer.js"))]);
    assert_eq!(service.board(&id("a"), NOON).unwrap(), boards[1]);
    assert_eq!((service.info(NOON).name.as_str(), service.info(NOON).time), ("party", NOON));
}

#[test]
fn boards_that_make_no_sense_are_refused() {
    let board = counter_board("a");
    let still = Board { ticks_per_second: 0, ..board.clone() };
    let viewer_of_another = ServiceOptions {
        viewers: BTreeMap::from([(id("b"), "/viewer.js".to_owned())]),
        ..ServiceOptions::default()
    };
    assert!(service(&[board.clone(), board.clone()], ServiceOptions::default()).is_err());
    assert!(service(&[still], ServiceOptions::default()).is_err());
    assert!(service(&[board], viewer_of_another).is_err());
}

#[test]
fn a_board_that_is_not_there_is_not_found() {
    let mut fixture = Fixture::new();
    let player = fixture.join(1);
    let run = fixture.play(1, "counter");
    let none = id("none");
    let listing = crate::fixture::all_time("none");
    let Fixture { service, now, rng, .. } = &mut fixture;
    let now = *now;
    refused(service.board(&none, now), Code::NotFound);
    refused(service.top(&listing, None, 1), Code::NotFound);
    refused(service.around(&listing, &player, 1), Code::NotFound);
    refused(service.best(&listing, &player), Code::NotFound);
    refused(service.history(&none, &player, None, 1), Code::NotFound);
    refused(service.rank(&listing, 1), Code::NotFound);
    refused(service.revision(&none), Code::NotFound);
    refused(service.season(&none, now), Code::NotFound);
    refused(service.tickets(player, &none, 1, now, rng), Code::NotFound);
    refused(service.submit(player, &none, &run, now, &mut || Duration::ZERO), Code::NotFound);
}

#[test]
fn a_season_begins_on_time() {
    let hourly =
        Board { seasons: Seasons::Every { first: NOON, millis: 3_600_000 }, ..counter_board("counter") };
    let mut fixture = Fixture::of(vec![hourly]);
    let season = |fixture: &Fixture| fixture.service.season(&id("counter"), fixture.now).unwrap();
    assert_eq!(season(&fixture), 1);
    fixture.wait(3_599);
    assert_eq!(season(&fixture), 1);
    let last = fixture.score(1, "counter", 5);
    fixture.wait(1);
    assert_eq!(season(&fixture), 2);
    let first = fixture.score(1, "counter", 3);
    assert_eq!(fixture.service.entry(last).unwrap().season, 1);
    assert_eq!(fixture.service.entry(first).unwrap().season, 2);
    assert_eq!(fixture.listed(&crate::fixture::season("counter", 1)), [(1, 5)]);
    assert_eq!(fixture.listed(&crate::fixture::season("counter", 2)), [(1, 3)]);
    assert_eq!(fixture.listed(&crate::fixture::all_time("counter")), [(1, 5)]);
}
