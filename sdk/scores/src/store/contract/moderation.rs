//! What moderators do, and what it does to the listings.

use super::fixture::{ALL, BEST, Fixture, all_time, at, id_of, player, refusal, season};
use super::{Maker, promises};
use crate::model::{Act, AuditEntry, Player, ScoreId};
use std::slice::from_ref;

promises![
    a_hidden_score_is_in_no_listing,
    a_hidden_best_lets_the_next_best_in,
    a_shown_score_is_listed_again,
    a_banned_player_is_in_no_listing,
    a_pardoned_player_is_listed_again_without_what_is_hidden,
    what_is_recorded_during_a_ban_is_listed_after_it,
    hidden_scores_stay_in_the_history,
    doing_it_again_changes_no_listing,
    acts_are_kept_newest_first,
    an_act_on_what_is_not_there_is_refused_and_not_kept,
    moderation_and_renaming_change_revisions,
];

fn moderate(fixture: &Fixture, act: Act) -> AuditEntry {
    fixture.store.moderate(&player(9).id, act, "why", at(1)).unwrap()
}

fn a_hidden_score_is_in_no_listing(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let scores: Vec<_> = [10, 20, 30].map(|points| fixture.record(1, ALL, 1, points)).to_vec();
    moderate(&fixture, Act::Hide { score: scores[1].id });
    assert_eq!(fixture.points(&all_time(ALL)), [10, 30]);
    assert_eq!(fixture.points(&season(ALL, 1)), [10, 30]);
    assert_eq!(fixture.store.count_better(&all_time(ALL), 30).unwrap(), 1);
    assert!(fixture.store.score(scores[1].id).unwrap().unwrap().hidden);
    assert!(fixture.store.replay(scores[1].id).unwrap().is_some());
}

fn a_hidden_best_lets_the_next_best_in(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let scores: Vec<_> = [10, 30, 20].map(|points| fixture.record(1, BEST, 1, points)).to_vec();
    for (hide, left) in [(1, vec![20]), (0, vec![20]), (2, vec![])] {
        moderate(&fixture, Act::Hide { score: scores[hide].id });
        assert_eq!(fixture.points(&all_time(BEST)), left);
        assert_eq!(fixture.points(&season(BEST, 1)), left);
        let best = fixture.store.best(&all_time(BEST), &player(1).id).unwrap();
        assert_eq!(best.map(|score| score.points), left.first().copied());
    }
}

fn a_shown_score_is_listed_again(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let best = fixture.record(1, BEST, 1, 30);
    fixture.record(1, BEST, 1, 20);
    moderate(&fixture, Act::Hide { score: best.id });
    moderate(&fixture, Act::Show { score: best.id });
    assert_eq!(fixture.store.page_after(&all_time(BEST), None, 9).unwrap(), from_ref(&best));
    assert_eq!(fixture.store.score(best.id).unwrap(), Some(best));
}

fn a_banned_player_is_in_no_listing(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    for board in [BEST, ALL] {
        for (number, in_season, points) in [(1, 1, 10), (2, 1, 20), (1, 2, 30), (1, 2, 40)] {
            fixture.record(number, board, in_season, points);
        }
    }
    moderate(&fixture, Act::Ban { player: player(1).id });
    for board in [BEST, ALL] {
        assert_eq!(fixture.points(&all_time(board)), [20]);
        assert_eq!(fixture.points(&season(board, 1)), [20]);
        assert_eq!(fixture.points(&season(board, 2)), [0; 0]);
        assert_eq!(fixture.store.best(&all_time(board), &player(1).id).unwrap(), None);
    }
    assert!(fixture.store.player(&player(1).id).unwrap().unwrap().banned);
    assert!(!fixture.store.score(ScoreId(1)).unwrap().unwrap().hidden);
}

fn a_pardoned_player_is_listed_again_without_what_is_hidden(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let scores: Vec<_> = [10, 30, 20, 40].map(|points| fixture.record(1, BEST, 1, points)).to_vec();
    moderate(&fixture, Act::Hide { score: scores[1].id });
    moderate(&fixture, Act::Ban { player: player(1).id });
    moderate(&fixture, Act::Show { score: scores[1].id });
    moderate(&fixture, Act::Hide { score: scores[3].id });
    assert_eq!(fixture.points(&all_time(BEST)), [0; 0], "what is shown of a banned player is not listed");
    moderate(&fixture, Act::Pardon { player: player(1).id });
    assert_eq!(fixture.points(&all_time(BEST)), [30]);
    assert_eq!(fixture.points(&season(BEST, 1)), [30]);
}

fn what_is_recorded_during_a_ban_is_listed_after_it(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let run = fixture.run(1, ALL, 1, 10);
    moderate(&fixture, Act::Ban { player: player(1).id });
    fixture.store.record(&run).unwrap();
    assert_eq!(fixture.points(&all_time(ALL)), [0; 0]);
    moderate(&fixture, Act::Pardon { player: player(1).id });
    assert_eq!(fixture.points(&all_time(ALL)), [10]);
}

fn hidden_scores_stay_in_the_history(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let score = fixture.record(1, BEST, 1, 10);
    moderate(&fixture, Act::Hide { score: score.id });
    moderate(&fixture, Act::Ban { player: player(1).id });
    let history = fixture.store.history(&id_of(BEST), &player(1).id, None, 9).unwrap();
    assert_eq!(history.iter().map(|score| (score.id, score.hidden)).collect::<Vec<_>>(), [(score.id, true)]);
}

fn doing_it_again_changes_no_listing(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let score = fixture.record(1, ALL, 1, 10);
    fixture.record(2, ALL, 1, 20);
    let (hide, show) = (Act::Hide { score: score.id }, Act::Show { score: score.id });
    let (ban, pardon) = (Act::Ban { player: player(1).id }, Act::Pardon { player: player(1).id });
    for (act, points) in [(show, vec![10, 20]), (pardon, vec![10, 20]), (hide, vec![20]), (ban, vec![20])] {
        for _ in 0..2 {
            moderate(&fixture, act);
            assert_eq!(fixture.points(&all_time(ALL)), points, "{act:?}");
        }
    }
    assert_eq!(fixture.store.audit(None, 99).unwrap().len(), 8);
}

fn acts_are_kept_newest_first(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let score = fixture.record(1, BEST, 1, 10).id;
    let player = player(1).id;
    let acts = [Act::Hide { score }, Act::Ban { player }, Act::Show { score }, Act::Pardon { player }];
    let mut done: Vec<_> = (1..)
        .zip(acts)
        .map(|(number, act)| {
            let (moderator, reason) =
                (super::fixture::player(100 + number as u8).id, format!("because {number}"));
            let done = fixture.store.moderate(&moderator, act, &reason, at(number)).unwrap();
            assert_eq!(done, AuditEntry { number, at: at(number), moderator, act, reason });
            done
        })
        .collect();
    done.reverse();
    let audit = |before, limit| fixture.store.audit(before, limit).unwrap();
    assert_eq!(audit(None, 9), done);
    assert_eq!(audit(None, 2), done[..2]);
    assert_eq!(audit(Some(3), 9), done[2..]);
    assert_eq!(audit(Some(u64::MAX), 1), done[..1]);
    assert_eq!(audit(Some(1), 9), []);
    assert_eq!(audit(Some(0), 9), []);
    assert_eq!(audit(None, 0), []);
}

fn an_act_on_what_is_not_there_is_refused_and_not_kept(make: Maker<'_>) {
    let fixture = Fixture::new(make);
    let (score, player) = (ScoreId(7), player(1).id);
    for act in [Act::Hide { score }, Act::Show { score }, Act::Ban { player }, Act::Pardon { player }] {
        let done = fixture.store.moderate(&super::fixture::player(9).id, act, "why", at(1));
        assert!(refusal(done).starts_with("Missing"), "{act:?}");
    }
    assert_eq!(fixture.store.audit(None, 9).unwrap(), []);
}

fn moderation_and_renaming_change_revisions(make: Maker<'_>) {
    let mut fixture = Fixture::new(make);
    let score = fixture.record(1, BEST, 1, 10).id;
    fixture.record(2, ALL, 1, 10);
    let of = player(1).id;
    let acts =
        [Act::Hide { score }, Act::Show { score }, Act::Ban { player: of }, Act::Pardon { player: of }];
    let revisions = || [BEST, ALL].map(|board| fixture.store.revision(&id_of(board)).unwrap());
    let mut before = revisions();
    for act in acts {
        moderate(&fixture, act);
        let after = revisions();
        assert!(after[0] != before[0] && after[1] == before[1], "{act:?}: {before:?} {after:?}");
        before = after;
    }
    fixture.store.put_player(&Player { id: of, ..player(3) }).unwrap();
    let after = revisions();
    assert!(after[0] != before[0] && after[1] == before[1], "renamed: {before:?} {after:?}");
}
