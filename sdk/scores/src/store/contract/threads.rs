//! Calls come from many threads at once.

use super::fixture::{ALL, BEST, Fixture, all_time, player};
use super::{Maker, promises};
use crate::model::{Act, Player, Score};
use crate::store::NewScore;
use std::thread;

promises![
    the_same_run_from_many_threads_is_recorded_once,
    tickets_from_many_threads_are_not_multiplied,
    a_name_that_many_want_goes_to_one,
    a_listing_is_whole_while_runs_are_recorded,
];

const THREADS: u8 = 4;

/// What each of some threads comes to.
fn in_threads<T: Send>(work: impl Fn(u8) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn the_same_run_from_many_threads_is_recorded_once(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let runs: Vec<_> = (1..=4).map(|number| fixture.run(number, ALL, 1, number.into())).collect();
    let store = &*fixture.store;
    let recorded = in_threads(|_| runs.iter().filter(|run| store.record(run).is_ok()).count());
    assert_eq!(recorded.into_iter().sum::<usize>(), runs.len());
    assert_eq!(fixture.points(&all_time(ALL)), [1, 2, 3, 4]);
}

fn tickets_from_many_threads_are_not_multiplied(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let of = fixture.join(1);
    let fresh: Vec<_> = (0..3 * THREADS).map(|_| fixture.fresh_ticket(of, BEST)).collect();
    let store = &*fixture.store;
    let now = super::fixture::at(0);
    let issued =
        in_threads(|number| store.issue_tickets(&fresh[3 * usize::from(number)..][..3], 3, now).unwrap());
    assert!(issued.iter().all(|tickets| tickets.len() == 3 && *tickets == issued[0]), "{issued:?}");
}

fn a_name_that_many_want_goes_to_one(make: Maker<'_>) {
    let store = Fixture::new(make).store;
    let named = in_threads(|number| {
        let wanted = Player { id: player(number).id, ..player(77) };
        store.put_player(&wanted).is_ok()
    });
    assert_eq!(named.into_iter().filter(|named| *named).count(), 1);
    assert_eq!(store.players_named("", 9).unwrap().len(), 1);
}

fn a_listing_is_whole_while_runs_are_recorded(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let listing = all_time(BEST);
    for number in 0..3 {
        fixture.record(number, BEST, 1, 0);
    }
    // Each player's runs get better and better; now and then one is hidden at once.
    let runs: Vec<_> = (1..=20)
        .flat_map(|points| (0..3).map(move |number| (number, points)))
        .map(|(number, points)| fixture.run(number, BEST, 1, points))
        .collect();
    let store = &*fixture.store;
    let record = |mut run: NewScore| {
        run.was_busy_until = store.player(&run.score.player).unwrap().unwrap().busy_until;
        let score = store.record(&run).unwrap();
        if score.points % 4 == 0 {
            store.moderate(&player(9).id, Act::Hide { score: score.id }, "", run.busy_until).unwrap();
        }
    };
    let everybody = [0, 1, 2].map(|number| player(number).id);
    thread::scope(|scope| {
        let writer = scope.spawn(move || runs.into_iter().for_each(record));
        loop {
            let last = writer.is_finished();
            let page = store.page_after(&listing, None, 9).unwrap();
            let mut players: Vec<_> = page.iter().map(|score| score.player).collect();
            players.sort_unstable();
            assert_eq!(players, everybody, "each player once: {page:?}");
            assert!(page.is_sorted_by_key(Score::position), "out of order: {page:?}");
            if last {
                break;
            }
        }
        writer.join().unwrap();
    });
    assert_eq!(fixture.points(&listing), [19, 19, 19]);
}
