//! Many ask at once.

use crate::fixture::{Fixture, all_time, id};
use netcord_scores::api::{Code, Submission, Submitted};
use netcord_scores::model::Ticket;
use netcord_scores::service::ServiceError;
use netcord_scores::testing::{long_run, player_id};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::sync::Barrier;
use std::time::Duration;

/// Does the same in some threads at once.
fn at_once<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

const THREADS: usize = 4;

/// Submits runs of one player, all of which are under verification before the first one is recorded.
fn submit_at_once(fixture: &Fixture, runs: &[Submission]) -> Vec<Result<Submitted, ServiceError>> {
    assert_eq!(runs.len(), THREADS);
    let verifying = Barrier::new(THREADS);
    at_once(|number| {
        let mut looks = 0;
        let mut clock = || {
            if looks == 0 {
                verifying.wait();
            }
            looks += 1;
            Duration::ZERO
        };
        fixture.service.submit(player_id(1), &id("runs"), &runs[number], fixture.now, &mut clock)
    })
}

fn run(ticket: &Ticket, ticks: u32) -> Submission {
    let (claim, replay) = long_run(ticket.seed, ticks);
    Submission { ticket: ticket.id, claim, replay }
}

#[test]
fn the_same_run_at_once_is_recorded_once() {
    let mut fixture = Fixture::new();
    let run = fixture.play(1, "runs");
    let answers = submit_at_once(&fixture, &vec![run; THREADS]);
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
    assert!(answers.iter().all(|answer| answer.entry == answers[0].entry));
    assert_eq!(fixture.listed(&all_time("runs")).len(), 1);
}

#[test]
fn different_runs_at_once_with_one_ticket_are_one_run() {
    let mut fixture = Fixture::new();
    let ticket = fixture.tickets(1, "runs", 1).remove(0);
    let runs: Vec<_> = (0..THREADS as u32).map(|number| run(&ticket, 3 + number)).collect();
    let answers = submit_at_once(&fixture, &runs);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.into_iter().filter_map(Result::err).all(|error| error.code == Code::TicketUsed));
}

#[test]
fn runs_that_overlapped_are_refused_though_they_come_at_once() {
    let mut fixture = Fixture::new();
    let tickets = fixture.tickets(1, "runs", THREADS);
    fixture.wait(100);
    let runs: Vec<_> = tickets.iter().map(|ticket| run(ticket, 60 * 100)).collect();
    let answers = submit_at_once(&fixture, &runs);
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.into_iter().filter_map(Result::err).all(|error| error.code == Code::TooSoon));
}

#[test]
fn runs_that_fit_in_one_after_the_other_may_come_at_once() {
    let mut fixture = Fixture::new();
    let tickets = fixture.tickets(1, "runs", THREADS);
    fixture.wait(400);
    let runs: Vec<_> = tickets.iter().map(|ticket| run(ticket, 60 * 100)).collect();
    assert!(submit_at_once(&fixture, &runs).iter().all(Result::is_ok));
    assert_eq!(fixture.listed(&all_time("runs")).len(), THREADS);
}

#[test]
fn tickets_asked_for_at_once_are_not_multiplied() {
    for _ in 0..50 {
        let fixture = Fixture::new();
        fixture.join(1);
        let answers = at_once(|number| {
            let mut rng = ChaCha8Rng::seed_from_u64(number as u64);
            fixture.service.tickets(player_id(1), &id("runs"), 3, fixture.now, &mut rng).unwrap().tickets
        });
        assert!(answers.iter().all(|tickets| *tickets == answers[0] && tickets.len() == 3), "{answers:?}");
    }
}
