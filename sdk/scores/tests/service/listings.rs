//! Top, pages, around me, my best, history, rank.

use crate::fixture::{Fixture, all_time, id, refused, season};
use netcord_scores::api::{Code, Page};
use netcord_scores::model::ScoreId;
use netcord_scores::testing::player_id;

/// Twenty players; the one of number n has 100 - n points.
fn twenty() -> Fixture {
    let mut fixture = Fixture::new();
    for number in 1..=20 {
        fixture.score(number, "counter", 100 - u32::from(number));
    }
    fixture
}

fn ranks(page: &Page) -> Vec<u64> {
    page.entries.iter().map(|entry| entry.rank).collect()
}

#[test]
fn equal_points_share_a_rank() {
    let mut fixture = Fixture::new();
    for (number, points) in (1..).zip([5, 7, 7, 9, 7, 5, 1]) {
        fixture.score(number, "counter", points);
    }
    let listed = [(1, 9), (2, 7), (2, 7), (2, 7), (5, 5), (5, 5), (7, 1)];
    assert_eq!(fixture.listed(&all_time("counter")), listed);
    let rank = |points| fixture.service.rank(&all_time("counter"), points).unwrap();
    let ranks = [i64::MAX, 9, 8, 7, 5, 1, 0, i64::MIN].map(|points| rank(points).rank);
    assert_eq!(ranks, [1, 1, 2, 2, 5, 7, 8, 8]);
    assert_eq!(rank(0).total, 7);
    for limit in 1..=8 {
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let page = fixture.service.top(&all_time("counter"), after.as_deref(), limit).unwrap();
            walked.extend(page.entries.iter().map(|entry| (entry.rank, entry.points)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(walked, listed, "pages of {limit}");
    }
}

#[test]
fn pages_follow_each_other_to_the_end() {
    let fixture = twenty();
    let top = |after: Option<&str>, limit| fixture.service.top(&all_time("counter"), after, limit).unwrap();
    let first = top(None, 8);
    let second = top(first.next.as_deref(), 8);
    let third = top(second.next.as_deref(), 8);
    assert_eq!([&first, &second, &third].map(|page| page.entries.len()), [8, 8, 4]);
    assert_eq!(ranks(&second), (9..=16).collect::<Vec<_>>());
    assert_eq!((third.next, third.total), (None, 20));
    assert_eq!(top(None, 20).next, None, "a page that is just full is the last");
    assert_eq!(ranks(&top(None, 0)), [1], "a limit of nothing is one");
    assert_eq!(top(None, usize::MAX).entries.len(), 20);
}

#[test]
fn a_page_goes_on_where_it_stopped_whatever_came_between() {
    let mut fixture = twenty();
    let first = fixture.service.top(&all_time("counter"), None, 5).unwrap();
    fixture.score(21, "counter", 500);
    fixture.score(5, "counter", 499);
    let second = fixture.service.top(&all_time("counter"), first.next.as_deref(), 5).unwrap();
    let points: Vec<_> = second.entries.iter().map(|entry| entry.points).collect();
    assert_eq!(
        points,
        [94, 93, 92, 91, 90],
        "no row is told twice, though the last one of the page before is gone"
    );
    assert_eq!(ranks(&second), [7, 8, 9, 10, 11]);
}

#[test]
fn a_cursor_that_no_page_gave_is_refused() {
    let fixture = twenty();
    for cursor in ["", "0", "zz", &"0".repeat(33), &"F".repeat(32), &"9".repeat(100_000)] {
        refused(fixture.service.top(&all_time("counter"), Some(cursor), 5), Code::BadRequest);
    }
    for cursor in ["00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff"] {
        let page = fixture.service.top(&all_time("counter"), Some(cursor), 5).unwrap();
        assert_eq!(page.total, 20, "a place that no score has is a place");
    }
}

#[test]
fn around_me_i_am_in_the_middle() {
    let fixture = twenty();
    let around =
        |number, limit| fixture.service.around(&all_time("counter"), &player_id(number), limit).unwrap();
    assert_eq!(ranks(&around(10, 5)), [8, 9, 10, 11, 12]);
    assert_eq!(ranks(&around(10, 4)), [9, 10, 11, 12]);
    assert_eq!(ranks(&around(10, 1)), [10]);
    assert_eq!(ranks(&around(10, 0)), [10]);
    assert_eq!(around(10, 5).total, 20);
}

#[test]
fn near_an_end_there_are_more_on_the_other_side() {
    let fixture = twenty();
    let around = |number, limit| {
        ranks(&fixture.service.around(&all_time("counter"), &player_id(number), limit).unwrap())
    };
    assert_eq!(around(1, 5), [1, 2, 3, 4, 5]);
    assert_eq!(around(2, 5), [1, 2, 3, 4, 5]);
    assert_eq!(around(19, 5), [16, 17, 18, 19, 20]);
    assert_eq!(around(20, 5), [16, 17, 18, 19, 20]);
    assert_eq!(around(20, 4), [17, 18, 19, 20]);
    for number in [1, 7, 20] {
        assert_eq!(around(number, 101), (1..=20).collect::<Vec<_>>());
        assert_eq!(around(number, usize::MAX), (1..=20).collect::<Vec<_>>());
    }
}

#[test]
fn around_me_goes_on_as_a_page_does() {
    let fixture = twenty();
    let listing = all_time("counter");
    let around = fixture.service.around(&listing, &player_id(10), 5).unwrap();
    let after = fixture.service.top(&listing, around.next.as_deref(), 3).unwrap();
    assert_eq!(ranks(&after), [13, 14, 15]);
    assert_eq!(fixture.service.around(&listing, &player_id(18), 5).unwrap().next, None);
}

#[test]
fn around_me_on_a_board_of_all_runs_is_around_my_best() {
    let mut fixture = Fixture::new();
    for (number, points) in [(1, 9), (2, 5), (1, 3), (3, 4), (2, 1)] {
        fixture.score(number, "runs", points);
    }
    let around = fixture.service.around(&all_time("runs"), &player_id(1), 3).unwrap();
    let told: Vec<_> = around.entries.iter().map(|entry| (entry.rank, entry.points)).collect();
    assert_eq!(told, [(1, 1), (2, 3), (3, 4)]);
}

#[test]
fn my_best_is_of_the_listing() {
    let mut fixture = Fixture::new();
    fixture.score(1, "counter", 9);
    fixture.score(2, "counter", 20);
    fixture.wait(7 * 24 * 60 * 60);
    fixture.score(1, "counter", 5);
    let best = |listing| {
        let entry = fixture.service.best(&listing, &player_id(1)).unwrap();
        (entry.rank, entry.points)
    };
    assert_eq!(best(all_time("counter")), (2, 9));
    assert_eq!(best(season("counter", 1)), (2, 9));
    assert_eq!(best(season("counter", 2)), (1, 5));
    refused(fixture.service.best(&season("counter", 2), &player_id(2)), Code::NotFound);
    refused(fixture.service.around(&season("counter", 2), &player_id(2), 5), Code::NotFound);
    refused(fixture.service.best(&season("counter", u32::MAX), &player_id(1)), Code::NotFound);
}

#[test]
fn a_history_is_told_newest_first_and_in_parts() {
    let mut fixture = Fixture::new();
    let mut mine: Vec<_> = [3, 9, 1, 5, 2].map(|points| fixture.score(1, "counter", points)).to_vec();
    fixture.score(2, "counter", 7);
    mine.reverse();
    let history = |before, limit| {
        let history = fixture.service.history(&id("counter"), &player_id(1), before, limit).unwrap();
        (history.scores.iter().map(|score| score.id).collect::<Vec<_>>(), history.next)
    };
    assert_eq!(history(None, 2), (mine[..2].to_vec(), Some(mine[1])));
    assert_eq!(history(Some(mine[1]), 3), (mine[2..].to_vec(), None));
    assert_eq!(history(Some(ScoreId(0)), 3), (Vec::new(), None));
    assert_eq!(history(None, usize::MAX).0, mine);
    refused(fixture.service.history(&id("counter"), &player_id(9), None, 5), Code::NotFound);
}

#[test]
fn a_score_that_is_not_there_is_not_found() {
    let fixture = twenty();
    for score in [0, 21, u64::MAX] {
        refused(fixture.service.entry(ScoreId(score)), Code::NotFound);
        refused(fixture.service.replay(ScoreId(score)), Code::NotFound);
    }
}

#[test]
fn a_revision_changes_with_its_board() {
    let mut fixture = Fixture::new();
    let revisions =
        |fixture: &Fixture| ["counter", "runs"].map(|board| fixture.service.revision(&id(board)).unwrap());
    let before = revisions(&fixture);
    fixture.tickets(1, "counter", 2);
    assert_eq!(revisions(&fixture), before);
    fixture.score(1, "counter", 5);
    let after = revisions(&fixture);
    assert!(after[0] != before[0] && after[1] == before[1]);
}
