//! A run is handed in, and counts or doesn't.

use crate::fixture::{Fixture, MODERATOR, all_time, id, refused};
use netcord_scores::api::{Code, Moderate, Submission, Submitted};
use netcord_scores::model::{Act, Board, Claim, RunLimits, TicketId};
use netcord_scores::rules::{Rules, Run, RunFault};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::store::MemoryStore;
use netcord_scores::testing::{Input, NOON, counter_board, honest_run, player_id, run_of, run_with_points};
use netcord_wire::StateHash;
use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn an_honest_run_is_listed() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "counter");
    let Submitted { entry, all_time_rank, best, repeated } = fixture.submit(1, "counter", &run).unwrap();
    assert_eq!((entry.rank, all_time_rank, best, repeated), (1, 1, true, false));
    assert_eq!((entry.points, entry.ticks), (run.claim.points, run.claim.ticks));
    assert_eq!((entry.player.name.as_str(), entry.accepted), ("Player 1", NOON));
    assert_eq!(entry.details["ticks"], i64::from(run.claim.ticks));
    assert_eq!(fixture.service.top(&all_time("counter"), None, 9).unwrap().entries, from_ref(&entry));
    assert_eq!(fixture.service.replay(entry.score).unwrap(), run.replay);
    let kept = fixture.service.store().score(entry.score).unwrap().unwrap();
    assert!(kept.timing.changes > 0, "when keys were pressed is kept: {:?}", kept.timing);
}

#[test]
fn the_same_again_is_answered_as_at_first() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "runs");
    let first = fixture.submit(1, "runs", &run).unwrap();
    let again = fixture.submit(1, "runs", &run).unwrap();
    assert_eq!(again, Submitted { repeated: true, ..first });
    assert_eq!(fixture.listed(&all_time("runs")).len(), 1);
}

#[test]
fn a_lesser_run_has_the_rank_that_it_would_have() {
    let mut fixture = Fixture::new();
    for (number, points) in [(1, 30), (2, 20), (3, 10)] {
        fixture.score(number, "counter", points);
    }
    let ticket = fixture.tickets(1, "counter", 1).remove(0);
    let (claim, replay) = run_with_points(ticket.seed, 15);
    let lesser = fixture.submit(1, "counter", &Submission { ticket: ticket.id, claim, replay }).unwrap();
    assert_eq!((lesser.entry.rank, lesser.all_time_rank, lesser.best), (3, 3, false));
    assert_eq!(fixture.service.entry(lesser.entry.score).unwrap(), lesser.entry);
    assert_eq!(fixture.listed(&all_time("counter")), [(1, 30), (2, 20), (3, 10)]);
}

#[test]
fn another_run_with_a_used_ticket_is_refused() {
    let mut fixture = Fixture::new();
    let ticket = fixture.tickets(1, "counter", 1).remove(0);
    let submission = |(claim, replay): (Claim, Vec<u8>)| Submission { ticket: ticket.id, claim, replay };
    let first = submission(run_with_points(ticket.seed, 5));
    fixture.submit(1, "counter", &first).unwrap();
    refused(fixture.submit(1, "counter", &submission(run_with_points(ticket.seed, 6))), Code::TicketUsed);
    let same_claim = Submission { replay: Vec::new(), ..first.clone() };
    refused(fixture.submit(1, "counter", &same_claim), Code::TicketUsed);
    let same_replay = Submission { claim: Claim { points: 6, ..first.claim }, ..first };
    refused(fixture.submit(1, "counter", &same_replay), Code::TicketUsed);
}

#[test]
fn each_forgery_is_refused_with_its_own_reason() {
    let mut fixture = Fixture::new();
    let ticket = fixture.tickets(1, "counter", 1).remove(0);
    fixture.wait(3_600);
    let run = |(claim, replay): (Claim, Vec<u8>)| Submission { ticket: ticket.id, claim, replay };
    let honest = run(honest_run(ticket.seed));
    let claiming = |claim: Claim| Submission { claim, ..honest.clone() };
    let with = |change: fn(&mut Vec<u8>)| {
        let mut forged = honest.clone();
        change(&mut forged.replay);
        forged
    };
    let claim = honest.claim;
    let forgeries = [
        (claiming(Claim { points: claim.points + 1, ..claim }), Code::ClaimDiffers),
        (claiming(Claim { points: i64::MAX, ..claim }), Code::ClaimDiffers),
        (claiming(Claim { ticks: claim.ticks + 1, ..claim }), Code::ClaimDiffers),
        (claiming(Claim { ticks: claim.ticks - 1, ..claim }), Code::ClaimDiffers),
        (claiming(Claim { ticks: 0, ..claim }), Code::ClaimDiffers),
        (claiming(Claim { ticks: u32::MAX, ..claim }), Code::TooManyTicks),
        (claiming(Claim { ticks: 36_001, ..claim }), Code::TooManyTicks),
        (claiming(Claim { state_hash: StateHash(claim.state_hash.0 ^ 1), ..claim }), Code::ClaimDiffers),
        (run(honest_run(ticket.seed + 1)), Code::OtherSeed),
        (run(run_of(ticket.seed, &[(Input::Press, 9)])), Code::Unfinished),
        (
            run(run_of(ticket.seed, &[(Input::Press, 9), (Input::Stop, 1), (Input::Press, 1)])),
            Code::InputsAfterEnd,
        ),
        (with(|replay| replay[0] += 1), Code::OtherVersion),
        (with(|replay| replay[1] += 1), Code::OtherGame),
        (with(|replay| replay.truncate(1)), Code::MalformedReplay),
        (with(|replay| replay.push(0)), Code::MalformedReplay),
        (with(|replay| replay[10] = 77), Code::MalformedReplay),
        (with(|replay| replay.resize(4_097, 0)), Code::TooLarge),
        (with(|replay| replay.splice(10..10, [0, 255, 255, 255, 255]).for_each(drop)), Code::ClaimDiffers),
        (Submission { ticket: TicketId([9; 16]), ..honest.clone() }, Code::NotFound),
    ];
    for (number, (forged, code)) in forgeries.into_iter().enumerate() {
        let error = fixture.submit(1, "counter", &forged).expect_err("a forgery");
        assert_eq!(error.code, code, "{number}: {error}");
    }
    assert_eq!(fixture.listed(&all_time("counter")), []);
    fixture.submit(1, "counter", &honest).expect("what was refused burnt no ticket");
}

#[test]
fn a_ticket_is_good_for_one_player_and_one_board() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "counter");
    fixture.join(2);
    refused(fixture.submit(2, "counter", &run), Code::TicketNotYours);
    refused(fixture.submit(1, "runs", &run), Code::TicketNotYours);
    fixture.submit(1, "counter", &run).unwrap();
    refused(fixture.submit(2, "counter", &run), Code::TicketNotYours);
}

#[test]
fn an_unknown_or_banned_player_submits_nothing() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "counter");
    refused(fixture.submit(2, "counter", &run), Code::NotFound);
    let ban = Moderate { act: Act::Ban { player: player_id(1) }, reason: "bot".to_owned() };
    fixture.service.moderate(MODERATOR, &ban, fixture.now).unwrap();
    refused(fixture.submit(1, "counter", &run), Code::Banned);
}

#[test]
fn a_run_that_takes_too_long_to_verify_is_refused() {
    let mut fixture = Fixture::new();
    let ticket = fixture.tickets(1, "counter", 1).remove(0);
    fixture.wait(600);
    let (claim, replay) = run_with_points(ticket.seed, 30_000);
    let run = Submission { ticket: ticket.id, claim, replay };
    let submit = |millis_a_look: u64| {
        let mut looks = 0;
        let mut clock = || {
            looks += 1;
            Duration::from_millis(looks * millis_a_look)
        };
        fixture.service.submit(player_id(1), &id("counter"), &run, fixture.now, &mut clock)
    };
    refused(submit(100), Code::TooCostly);
    submit(10).unwrap();
}

/// Rules that have a mistake in them.
struct Broken;

impl Rules for Broken {
    fn open(&self, _: u64, replay: &[u8]) -> Result<Box<dyn Run>, RunFault> {
        panic!("index {} out of bounds", replay.len())
    }
}

#[test]
fn rules_that_panic_record_nothing_and_tell_nothing() {
    let board = Board { limits: RunLimits::default(), ..counter_board("counter") };
    let store = Arc::new(MemoryStore::new(from_ref(&board)));
    let service = Service::new(store, vec![(board, Arc::new(Broken))], ServiceOptions::default()).unwrap();
    let mut fixture = Fixture { service, ..Fixture::new() };
    let run = fixture.play(1, "counter");
    for _ in 0..2 {
        let error = fixture.submit(1, "counter", &run).unwrap_err();
        assert_eq!(error.code, Code::Internal);
        assert!(!error.detail.contains("index"), "{error}");
    }
    assert_eq!(fixture.listed(&all_time("counter")), []);
}
