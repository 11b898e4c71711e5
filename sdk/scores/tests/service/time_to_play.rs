//! A person plays one run at a time, and it takes its time.

use crate::fixture::{Fixture, all_time, refused};
use netcord_scores::api::{Code, Submission};
use netcord_scores::model::Ticket;
use netcord_scores::testing::long_run;
use std::time::Duration;

/// A run of so many seconds.
fn run(ticket: &Ticket, seconds: u32) -> Submission {
    let (claim, replay) = long_run(ticket.seed, 60 * seconds);
    Submission { ticket: ticket.id, claim, replay }
}

#[test]
fn a_run_is_not_submitted_sooner_than_it_lasts() {
    let mut fixture = Fixture::new();
    let run = run(&fixture.tickets(1, "counter", 1)[0], 100);
    for (seconds, left) in [(0, 97), (90, 7), (6, 1)] {
        fixture.wait(seconds);
        let error = fixture.submit(1, "counter", &run).unwrap_err();
        assert_eq!((error.code, error.retry_after), (Code::TooSoon, Some(Duration::from_secs(left))));
    }
    fixture.wait(1);
    fixture.submit(1, "counter", &run).unwrap();
}

#[test]
fn a_run_that_comes_too_soon_is_not_played() {
    let mut fixture = Fixture::new();
    let ticket = &fixture.tickets(1, "counter", 1)[0];
    let run = Submission { replay: Vec::new(), ..run(ticket, 100) };
    refused(fixture.submit(1, "counter", &run), Code::TooSoon);
    fixture.wait(100);
    refused(fixture.submit(1, "counter", &run), Code::MalformedReplay);
}

#[test]
fn runs_that_were_played_offline_come_all_at_once() {
    let mut fixture = Fixture::new();
    let tickets = fixture.tickets(1, "runs", 4);
    fixture.wait(400);
    for ticket in &tickets {
        fixture.submit(1, "runs", &run(ticket, 100)).unwrap();
    }
    assert_eq!(fixture.listed(&all_time("runs")).len(), 4);
}

#[test]
fn runs_of_one_player_do_not_overlap() {
    let mut fixture = Fixture::new();
    let tickets = fixture.tickets(1, "runs", 4);
    fixture.wait(300);
    for ticket in &tickets[..3] {
        fixture.submit(1, "runs", &run(ticket, 100)).unwrap();
    }
    refused(fixture.submit(1, "runs", &run(&tickets[3], 100)), Code::TooSoon);
    fixture.wait(97);
    fixture.submit(1, "runs", &run(&tickets[3], 100)).unwrap();
}

#[test]
fn runs_of_two_players_may() {
    let mut fixture = Fixture::new();
    let tickets = [1, 2].map(|number| fixture.tickets(number, "runs", 1).remove(0));
    fixture.wait(100);
    for (number, ticket) in (1..).zip(&tickets) {
        fixture.submit(number, "runs", &run(ticket, 100)).unwrap();
    }
}

#[test]
fn runs_of_two_boards_do_not_overlap_either() {
    let mut fixture = Fixture::new();
    let tickets = ["runs", "counter"].map(|board| fixture.tickets(1, board, 1).remove(0));
    fixture.wait(100);
    fixture.submit(1, "runs", &run(&tickets[0], 100)).unwrap();
    refused(fixture.submit(1, "counter", &run(&tickets[1], 100)), Code::TooSoon);
}

#[test]
fn a_clock_that_runs_fast_by_a_hundredth_never_falls_behind() {
    let mut fixture = Fixture::new();
    for _ in 0..200 {
        let ticket = fixture.tickets(1, "runs", 1).remove(0);
        fixture.wait(99);
        fixture.submit(1, "runs", &run(&ticket, 100)).unwrap();
    }
}
