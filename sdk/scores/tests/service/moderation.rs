//! Moderators hide scores and ban players; nobody else does, and nobody else sees it.

use crate::fixture::{Fixture, MODERATOR, all_time, id, refused};
use netcord_scores::api::{Code, Moderate, Submitted};
use netcord_scores::model::{Act, AuditEntry, PlayerId, ScoreId};
use netcord_scores::service::ServiceError;
use netcord_scores::testing::player_id;

fn moderate(fixture: &Fixture, by: PlayerId, act: Act) -> Result<AuditEntry, ServiceError> {
    fixture.service.moderate(by, &Moderate { act, reason: " because ".to_owned() }, fixture.now)
}

#[test]
fn only_a_moderator_moderates() {
    let mut fixture = Fixture::new();
    let score = fixture.score(1, "counter", 5);
    refused(moderate(&fixture, player_id(1), Act::Hide { score }), Code::NotAllowed);
    refused(fixture.service.audit(player_id(1), None, 9), Code::NotAllowed);
    assert_eq!(fixture.listed(&all_time("counter")), [(1, 5)]);
    assert!(fixture.service.is_moderator(&MODERATOR) && !fixture.service.is_moderator(&player_id(1)));
}

#[test]
fn what_is_hidden_is_not_found() {
    let mut fixture = Fixture::new();
    let (lesser, score) = (fixture.score(1, "counter", 5), fixture.score(1, "counter", 9));
    moderate(&fixture, MODERATOR, Act::Hide { score }).unwrap();
    refused(fixture.service.entry(score), Code::NotFound);
    refused(fixture.service.replay(score), Code::NotFound);
    assert_eq!(fixture.listed(&all_time("counter")), [(1, 5)]);
    assert_eq!(fixture.service.best(&all_time("counter"), &player_id(1)).unwrap().score, lesser);
    let history = fixture.service.history(&id("counter"), &player_id(1), None, 9).unwrap().scores;
    assert_eq!(history.iter().map(|score| score.hidden).collect::<Vec<_>>(), [true, false]);
    moderate(&fixture, MODERATOR, Act::Show { score }).unwrap();
    assert_eq!(fixture.service.entry(score).unwrap().points, 9);
    assert_eq!(fixture.listed(&all_time("counter")), [(1, 9)]);
}

#[test]
fn who_is_banned_is_not_listed() {
    let mut fixture = Fixture::new();
    let (player, score) = (player_id(1), fixture.score(1, "counter", 9));
    fixture.score(2, "counter", 5);
    moderate(&fixture, MODERATOR, Act::Ban { player }).unwrap();
    assert_eq!(fixture.listed(&all_time("counter")), [(1, 5)]);
    refused(fixture.service.entry(score), Code::NotFound);
    refused(fixture.service.replay(score), Code::NotFound);
    refused(fixture.service.best(&all_time("counter"), &player), Code::NotFound);
    refused(fixture.service.around(&all_time("counter"), &player, 5), Code::NotFound);
    moderate(&fixture, MODERATOR, Act::Pardon { player }).unwrap();
    assert_eq!(fixture.listed(&all_time("counter")), [(1, 9), (2, 5)]);
    assert_eq!(fixture.service.entry(score).unwrap().rank, 1);
}

#[test]
fn a_hidden_run_that_is_submitted_again_is_answered_and_stays_hidden() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "counter");
    let first = fixture.submit(1, "counter", &run).unwrap();
    moderate(&fixture, MODERATOR, Act::Hide { score: first.entry.score }).unwrap();
    let again = fixture.submit(1, "counter", &run).unwrap();
    assert_eq!(again, Submitted { best: false, repeated: true, ..first });
    assert_eq!(fixture.listed(&all_time("counter")), []);
}

#[test]
fn each_act_is_kept() {
    let mut fixture = Fixture::new();
    let score = fixture.score(1, "counter", 9);
    let done: Vec<_> = [Act::Hide { score }, Act::Show { score }, Act::Hide { score }]
        .map(|act| moderate(&fixture, MODERATOR, act).unwrap())
        .into_iter()
        .rev()
        .collect();
    assert_eq!((done[0].reason.as_str(), done[0].moderator), ("because", MODERATOR));
    let audit = |before, limit| fixture.service.audit(MODERATOR, before, limit).unwrap();
    let first = audit(None, 2);
    assert_eq!((&first.entries[..], first.next), (&done[..2], Some(2)));
    let second = audit(first.next, 2);
    assert_eq!((&second.entries[..], second.next), (&done[2..], None));
    assert_eq!(audit(None, usize::MAX).entries, done);
}

#[test]
fn an_act_needs_a_reason_and_somebody_to_act_on() {
    let mut fixture = Fixture::new();
    let score = fixture.score(1, "counter", 9);
    for reason in ["", " \n", &"x".repeat(1_001)] {
        let moderate = Moderate { act: Act::Hide { score }, reason: reason.to_owned() };
        refused(fixture.service.moderate(MODERATOR, &moderate, fixture.now), Code::BadRequest);
    }
    refused(moderate(&fixture, MODERATOR, Act::Hide { score: ScoreId(99) }), Code::NotFound);
    refused(moderate(&fixture, MODERATOR, Act::Ban { player: player_id(99) }), Code::NotFound);
    assert_eq!(fixture.service.audit(MODERATOR, None, 9).unwrap().entries, []);
}
