//! Many ask at once.

use crate::fixture::{Fixture, all_time, id};
use netcord_scores::api::{Code, Submission};
use netcord_scores::testing::{long_run, player_id};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::sync::Barrier;

const THREADS: u64 = 4;

/// Does the same in some threads, which begin together.
fn at_once<T: Send>(work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        let thread = |number| {
            let (start, work) = (&start, &work);
            scope.spawn(move || {
                start.wait();
                work(number)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(thread).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn the_same_run_at_once_is_recorded_once() {
    for _ in 0..50 {
        let mut fixture = Fixture::new();
        let run = fixture.play(1, "runs");
        let answers = at_once(|_| fixture.submit(1, "runs", &run).unwrap());
        assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
        assert!(answers.iter().all(|answer| answer.entry == answers[0].entry));
        assert_eq!(fixture.listed(&all_time("runs")).len(), 1);
    }
}

#[test]
fn two_runs_at_once_with_one_ticket_are_one_run() {
    for _ in 0..50 {
        let mut fixture = Fixture::new();
        let ticket = fixture.tickets(1, "runs", 1).remove(0);
        let answers = at_once(|thread| {
            let (claim, replay) = long_run(ticket.seed, 3 + thread as u32);
            fixture.submit(1, "runs", &Submission { ticket: ticket.id, claim, replay })
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.into_iter().filter_map(Result::err).all(|error| error.code == Code::TicketUsed));
    }
}

#[test]
fn runs_that_overlapped_are_refused_though_they_come_at_once() {
    for _ in 0..50 {
        let mut fixture = Fixture::new();
        let tickets = fixture.tickets(1, "runs", THREADS as usize);
        fixture.wait(100);
        let answers = at_once(|thread| {
            let ticket = &tickets[thread as usize];
            let (claim, replay) = long_run(ticket.seed, 60 * 100);
            fixture.submit(1, "runs", &Submission { ticket: ticket.id, claim, replay })
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.into_iter().filter_map(Result::err).all(|error| error.code == Code::TooSoon));
    }
}

#[test]
fn tickets_asked_for_at_once_are_not_multiplied() {
    for _ in 0..50 {
        let fixture = Fixture::new();
        fixture.join(1);
        let answers = at_once(|thread| {
            let mut rng = ChaCha8Rng::seed_from_u64(thread);
            fixture.service.tickets(player_id(1), &id("runs"), 3, fixture.now, &mut rng).unwrap().tickets
        });
        assert!(answers.iter().all(|tickets| *tickets == answers[0] && tickets.len() == 3), "{answers:?}");
    }
}
