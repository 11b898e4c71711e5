//! Which scores are listed, and how they are found there.

use super::fixture::{ALL, BEST, Fixture, all_time, id_of, player, positions, season};
use super::{Maker, promises};
use crate::model::{Listing, Position, Score, ScoreId};
use std::slice::from_ref;

promises![
    an_empty_listing_has_nothing,
    a_board_of_all_runs_lists_each_run,
    a_board_of_bests_lists_the_best_of_each_player,
    of_equal_bests_the_first_is_listed,
    each_season_has_its_own_listing,
    of_equal_scores_the_first_is_first,
    pages_follow_each_other,
    a_place_between_scores_is_good_for_a_page,
    better_ones_are_counted_without_equals,
    extreme_points_are_ordered,
    recording_changes_the_revision_of_its_board_alone,
];

fn an_empty_listing_has_nothing(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    fixture.record(1, BEST, 1, 10);
    for listing in [all_time(ALL), season(BEST, 2), all_time("other")] {
        assert_eq!(fixture.points(&listing), [0; 0], "{listing:?}");
        assert_eq!(fixture.store.count_better(&listing, i64::MAX).unwrap(), 0);
        assert_eq!(fixture.store.best(&listing, &player(1).id).unwrap(), None);
        let anywhere = Position { key: 0, id: ScoreId(1) };
        assert_eq!(fixture.store.page_before(&listing, anywhere, 9).unwrap(), []);
        assert_eq!(fixture.store.page_after(&listing, Some(anywhere), 9).unwrap(), []);
    }
}

fn a_board_of_all_runs_lists_each_run(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    for points in [30, 10, 20, 10] {
        fixture.record(1, ALL, 1, points);
    }
    assert_eq!(fixture.points(&all_time(ALL)), [10, 10, 20, 30]);
    assert_eq!(fixture.points(&season(ALL, 1)), [10, 10, 20, 30]);
}

fn a_board_of_bests_lists_the_best_of_each_player(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    for (number, points) in [(1, 10), (2, 15), (1, 30), (1, 20), (2, 5), (3, 15)] {
        fixture.record(number, BEST, 1, points);
    }
    assert_eq!(fixture.points(&all_time(BEST)), [30, 15, 15]);
    for (number, points) in [(1, Some(30)), (2, Some(15)), (3, Some(15)), (4, None)] {
        let best = fixture.store.best(&all_time(BEST), &player(number).id).unwrap();
        assert_eq!(best.map(|score| score.points), points);
    }
}

fn of_equal_bests_the_first_is_listed(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let first = fixture.record(1, BEST, 1, 10);
    fixture.record(1, BEST, 1, 10);
    assert_eq!(fixture.store.page_after(&all_time(BEST), None, 9).unwrap(), from_ref(&first));
    assert_eq!(fixture.store.best(&all_time(BEST), &player(1).id).unwrap(), Some(first));
}

fn each_season_has_its_own_listing(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    for (number, in_season, points) in [(1, 1, 30), (2, 1, 20), (1, 2, 10), (2, 2, 40), (1, u32::MAX, 5)] {
        fixture.record(number, BEST, in_season, points);
    }
    assert_eq!(fixture.points(&season(BEST, 1)), [30, 20]);
    assert_eq!(fixture.points(&season(BEST, 2)), [40, 10]);
    assert_eq!(fixture.points(&season(BEST, u32::MAX)), [5]);
    assert_eq!(fixture.points(&season(BEST, 3)), [0; 0]);
    assert_eq!(fixture.points(&all_time(BEST)), [40, 30]);
    let best = |listing: &Listing| fixture.store.best(listing, &player(1).id).unwrap().unwrap().points;
    assert_eq!((best(&season(BEST, 2)), best(&all_time(BEST))), (10, 30));
}

fn of_equal_scores_the_first_is_first(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let recorded: Vec<_> = [3, 1, 2].map(|number| fixture.record(number, ALL, 1, 10)).to_vec();
    assert_eq!(fixture.store.page_after(&all_time(ALL), None, 9).unwrap(), recorded);
}

/// More scores than a page has, many of them equal.
fn long_listing(fixture: &mut Fixture) -> Vec<Score> {
    (0..40_i64).for_each(|run| {
        fixture.record((run % 7) as u8, ALL, 1, run * 11 % 13);
    });
    fixture.store.page_after(&all_time(ALL), None, 1_000).unwrap()
}

fn pages_follow_each_other(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let all = long_listing(&mut fixture);
    assert_eq!(all.len(), 40);
    let listing = all_time(ALL);
    for limit in [1, 3, 40, 41] {
        let (mut down, mut up) = (Vec::new(), Vec::new());
        let mut after = None;
        while let page @ [.., last] = &fixture.store.page_after(&listing, after, limit).unwrap()[..] {
            assert!(page.len() <= limit);
            after = Some(last.position());
            down.extend_from_slice(page);
        }
        let mut before = Position { key: i64::MAX, id: ScoreId(u64::MAX) };
        while let page @ [first, ..] = &fixture.store.page_before(&listing, before, limit).unwrap()[..] {
            assert!(page.len() <= limit);
            before = first.position();
            up.splice(0..0, page.iter().cloned());
        }
        assert_eq!(positions(&down), positions(&all), "down by {limit}");
        assert_eq!(positions(&up), positions(&all), "up by {limit}");
    }
    assert_eq!(fixture.store.page_after(&listing, None, 0).unwrap(), []);
    assert_eq!(fixture.store.page_before(&listing, all[9].position(), 0).unwrap(), []);
}

fn a_place_between_scores_is_good_for_a_page(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let all = long_listing(&mut fixture);
    let listing = all_time(ALL);
    for key in [i64::MIN, -1, 0, 5, 12, 13, i64::MAX] {
        for id in [0, 20, u64::MAX] {
            let place = Position { key, id: ScoreId(id) };
            let after = all.iter().filter(|score| score.position() > place).take(5);
            let page = fixture.store.page_after(&listing, Some(place), 5).unwrap();
            assert!(page.iter().eq(after), "after {place:?}");
            let better = all.iter().filter(|score| score.position() < place).count();
            let before = &all[better.saturating_sub(5)..better];
            assert_eq!(fixture.store.page_before(&listing, place, 5).unwrap(), before, "before {place:?}");
        }
    }
}

fn better_ones_are_counted_without_equals(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    for (number, points) in [(1, 30), (2, 20), (3, 20), (4, 10)] {
        fixture.record(number, BEST, 1, points);
    }
    let better = |points: i64| fixture.store.count_better(&season(BEST, 1), !points).unwrap();
    assert_eq!([31, 30, 29, 20, 19, 10, 9].map(better), [0, 0, 1, 1, 3, 3, 4]);
    assert_eq!((better(i64::MAX), better(i64::MIN)), (0, 4));
}

fn extreme_points_are_ordered(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let most = Score::MAX_POINTS;
    for (number, points) in (1..).zip([0, -most, most, -1, 1]) {
        fixture.record(number, BEST, 1, points);
        fixture.record(number, ALL, 1, points);
    }
    assert_eq!(fixture.points(&all_time(BEST)), [most, 1, 0, -1, -most]);
    assert_eq!(fixture.points(&all_time(ALL)), [-most, -1, 0, 1, most]);
}

fn recording_changes_the_revision_of_its_board_alone(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let revisions =
        |fixture: &Fixture| [BEST, ALL].map(|board| fixture.store.revision(&id_of(board)).unwrap());
    let before = revisions(&fixture);
    let run = fixture.run(1, BEST, 1, 10);
    fixture.points(&all_time(BEST));
    assert_eq!(revisions(&fixture), before, "players, tickets and questions change no revision");
    fixture.store.record(&run).unwrap();
    let after = revisions(&fixture);
    assert!(after[0] != before[0] && after[1] == before[1], "{before:?} {after:?}");
    fixture.record(1, BEST, 1, 5);
    assert_ne!(revisions(&fixture)[0], after[0], "a run that is in no listing is in its player's history");
}
