//! Runs are recorded: each once, all of it or nothing.

use super::fixture::{ALL, BEST, Fixture, all_time, id_of, player, refusal, run_with};
use super::{Maker, promises};
use crate::model::{Score, ScoreId};
use crate::store::NewScore;

promises![
    a_score_is_kept_as_recorded,
    scores_are_counted_up_from_one,
    a_ticket_is_redeemed_once,
    of_two_runs_at_the_same_time_one_is_too_late,
    a_run_without_ticket_or_player_is_refused,
    recording_says_until_when_the_player_was_busy,
    a_history_is_of_one_player_and_board_newest_first,
];

fn a_score_is_kept_as_recorded(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let run = NewScore { replay: (0..=255).cycle().take(70_000).collect(), ..fixture.run(1, BEST, 3, -7) };
    let score = fixture.store.record(&run).unwrap();
    assert_eq!(score, Score { id: score.id, ..run.score });
    assert_eq!(fixture.store.score(score.id).unwrap(), Some(score.clone()));
    assert_eq!(fixture.store.replay(score.id).unwrap(), Some(run.replay));
    for other in [0, score.id.0 + 1, u64::MAX] {
        assert_eq!(fixture.store.score(ScoreId(other)).unwrap(), None);
        assert_eq!(fixture.store.replay(ScoreId(other)).unwrap(), None);
    }
}

fn scores_are_counted_up_from_one(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let ids: Vec<_> = [BEST, ALL, BEST].map(|board| fixture.record(1, board, 1, 10).id.0).to_vec();
    assert_eq!(ids, [1, 2, 3]);
}

fn a_ticket_is_redeemed_once(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let run = fixture.run(1, ALL, 1, 10);
    let score = fixture.store.record(&run).unwrap();
    let revision = fixture.store.revision(&id_of(ALL)).unwrap();
    let again = [run.clone(), NewScore { was_busy_until: run.busy_until, ..run }];
    for run in again {
        assert_eq!(refusal(fixture.store.record(&run)), format!("TicketUsed({:?})", score.id));
    }
    assert_eq!(fixture.points(&all_time(ALL)), [10]);
    assert_eq!(fixture.store.revision(&id_of(ALL)).unwrap(), revision);
    assert_eq!(fixture.store.history(&id_of(ALL), &player(1).id, None, 9).unwrap(), [score]);
}

fn of_two_runs_at_the_same_time_one_is_too_late(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let (first, mut second) = (fixture.run(1, ALL, 1, 10), fixture.run(1, ALL, 1, 20));
    fixture.store.record(&first).unwrap();
    assert_eq!(refusal(fixture.store.record(&second)), "BusyChanged");
    assert_eq!(fixture.points(&all_time(ALL)), [10]);
    assert_eq!(fixture.store.ticket(&second.score.ticket).unwrap().unwrap().1, None);
    second.was_busy_until = first.busy_until;
    fixture.store.record(&second).unwrap();
    assert_eq!(fixture.points(&all_time(ALL)), [10, 20]);
}

fn a_run_without_ticket_or_player_is_refused(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let known = fixture.join(1);
    for of in [known, player(2).id] {
        let run = run_with(&fixture.fresh_ticket(of, BEST), 1, 10, player(1).busy_until);
        assert!(refusal(fixture.store.record(&run)).starts_with("Missing"));
    }
    assert_eq!(fixture.points(&all_time(BEST)), [0; 0]);
    assert_eq!(fixture.record(1, BEST, 1, 5).id, ScoreId(1));
}

fn recording_says_until_when_the_player_was_busy(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    fixture.join(2);
    let run = fixture.run(1, BEST, 1, 10);
    fixture.store.record(&run).unwrap();
    assert_eq!(fixture.store.player(&player(1).id).unwrap().unwrap().busy_until, run.busy_until);
    assert_eq!(fixture.store.player(&player(2).id).unwrap(), Some(player(2)));
}

fn a_history_is_of_one_player_and_board_newest_first(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let mut mine: Vec<_> = (0..5)
        .map(|points| {
            fixture.record(2, BEST, 1, points);
            fixture.record(1, ALL, 1, points);
            fixture.record(1, BEST, 1 + points as u32 % 2, 3 * points % 5)
        })
        .collect();
    mine.reverse();
    let history = |before: Option<ScoreId>, limit| {
        fixture.store.history(&id_of(BEST), &player(1).id, before, limit).unwrap()
    };
    assert_eq!(history(None, 9), mine);
    assert_eq!(history(None, 2), mine[..2]);
    assert_eq!(history(Some(mine[1].id), 2), mine[2..4]);
    assert_eq!(history(Some(ScoreId(mine[1].id.0 - 1)), 9), mine[2..]);
    assert_eq!(history(Some(mine[4].id), 9), []);
    assert_eq!(history(Some(ScoreId(u64::MAX)), 1), mine[..1]);
    assert_eq!(history(None, 0), []);
    assert_eq!(fixture.store.history(&id_of("other"), &player(1).id, None, 9).unwrap(), []);
    assert_eq!(fixture.store.history(&id_of(BEST), &player(3).id, None, 9).unwrap(), []);
}
