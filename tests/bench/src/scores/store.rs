//! The service and its store, beside SQLite: with 1,000 and with 1,000,000 scores, each flushed to the disk.
//!
//! Ours verifies each run that is handed in, of a few ticks, and answers with its ranks; SQLite only records it.

use super::records::{board, later, player, points, score, ticket};
use super::sqlite::Sqlite;
use crate::report::{Figure, Report};
use netcord_scores::api::Submission;
use netcord_scores::model::{Listing, PlayerId, Score, Ticket};
use netcord_scores::service::{Service, ServiceOptions};
use netcord_scores::store::{Record, RedbStore, ScoreStore};
use netcord_scores::testing::{Counter, NOON, honest_run};
use netcord_wire::GameRng;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PEER: &str = "SQLite, WAL";
const ROUNDS: usize = 5;
/// How long each query is repeated in a round.
const WINDOW: Duration = Duration::from_millis(200);
const AT_ONCE: u64 = 16;

/// What is asked, as microseconds each, ours and SQLite's.
type Times = Vec<(&'static str, f64, f64)>;

pub(super) fn run(report: &mut Report, quick: bool) {
    let large = if quick { 100_000 } else { 1_000_000 };
    let cases = [("1,000 scores", 1_000), (if quick { "100,000 scores" } else { "1,000,000 scores" }, large)];
    let [few, many] = cases.map(|(case, stored)| measure(report, case, stored, quick));
    for ((metric, ours_few, theirs_few), (_, ours, theirs)) in few.into_iter().zip(many) {
        let case = "many over few";
        let figure = Figure { bench: "scores", case, metric, unit: "times as long" };
        report.compare(&figure, Some(ours / ours_few), PEER, Some(theirs / theirs_few));
    }
}

/// Fills the stores in a process of its own, so that what is measured of memory is what an opened store takes.
pub(super) fn fill(folder: &Path, stored: u64) {
    let start = Instant::now();
    let store = RedbStore::open(folder.join("scores.redb"), &[board()]).expect("it opens");
    let players = (1..=stored).map(|number| Record::Player(player(number)));
    let tickets = (1..=stored).map(|number| Record::Ticket(ticket(number, 0)));
    let scores = (1..=stored).map(|number| {
        let (score, replay) = score(number, stored);
        Record::Score { score, replay }
    });
    store.import(&mut players.chain(tickets).chain(scores).map(Ok)).expect("they fit");
    drop(store);
    let ours = start.elapsed();
    let start = Instant::now();
    let mut sqlite = Sqlite::open(&folder.join("sqlite")).expect("it opens");
    sqlite.fill(stored).expect("they fit");
    eprintln!("{stored} scores taken in: {:.1?}; by SQLite: {:.1?}", ours, start.elapsed());
}

fn measure(report: &mut Report, case: &str, stored: u64, quick: bool) -> Times {
    let folder = tempfile::tempdir().expect("there is a disk");
    let program = std::env::current_exe().expect("it runs");
    let filled = Command::new(program)
        .args(["scores", "--stored", &stored.to_string(), "--fill"])
        .arg(folder.path())
        .status();
    assert!(filled.expect("it runs").success(), "the stores can be filled");

    let figure = |metric, unit| Figure { bench: "scores", case, metric, unit };
    let memory = resident();
    let start = Instant::now();
    let store = Arc::new(RedbStore::open(folder.path().join("scores.redb"), &[board()]).expect("it opens"));
    let ours_open = start.elapsed();
    report.note(format!("{case}: the open store takes {:.0} MB of memory", resident() - memory));
    let start = Instant::now();
    let sqlite = Sqlite::open(&folder.path().join("sqlite")).expect("it opens");
    sqlite.top().expect("it answers");
    let theirs_open = start.elapsed();
    report.compare(&figure("open", "ms"), Some(millis(ours_open)), PEER, Some(millis(theirs_open)));

    let rules = Arc::new(Counter::default());
    let service = Service::new(store.clone(), vec![(board(), rules)], ServiceOptions::default());
    let service = service.expect("a board that makes sense");
    let times = queries(report, case, stored, &service, &sqlite);
    let [ours, theirs] = ["scores.redb", "sqlite"]
        .map(|file| fs::metadata(folder.path().join(file)).expect("it was made").len() as f64 / 1e6);
    report.compare(&figure("file", "MB"), Some(ours), PEER, Some(theirs));
    submissions(report, case, stored, quick, &service, folder.path());
    times
}

/// What players ask, in turns with SQLite.
fn queries(report: &mut Report, case: &str, stored: u64, service: &Service, sqlite: &Sqlite) -> Times {
    let listing = Listing { board: board().id, season: None };
    let someone = |rng: &mut GameRng| 1 + u64::from(rng.below(u32::try_from(stored).expect("few enough")));
    let top = |_: &mut GameRng| service.top(&listing, None, 100).expect("it answers").entries.len();
    let around = |rng: &mut GameRng| {
        service.around(&listing, &player(someone(rng)).id, 11).expect("it answers").entries.len()
    };
    let rank = |rng: &mut GameRng| {
        let rank = service.rank(&listing, points(someone(rng), stored)).expect("it answers");
        usize::try_from(rank.rank).expect("few enough")
    };
    let their_top = |_: &mut GameRng| sqlite.top().expect("it answers");
    let their_around = |rng: &mut GameRng| sqlite.around(&player(someone(rng)).id).expect("it answers");
    let their_rank = |rng: &mut GameRng| {
        let key = board().order.key(points(someone(rng), stored));
        1 + usize::try_from(sqlite.count_better(key).expect("it answers")).expect("few enough")
    };
    type Query<'a> = &'a dyn Fn(&mut GameRng) -> usize;
    let pairs: [(&str, Query<'_>, Query<'_>); 3] =
        [("top 100", &top, &their_top), ("around me", &around, &their_around), ("rank", &rank, &their_rank)];
    pairs
        .map(|(metric, ours, theirs)| {
            for seed in 0..20 {
                let [ours, theirs] = [ours, theirs].map(|ask| ask(&mut GameRng::new(seed)));
                assert!(ours == theirs, "{metric}: {ours} is not {theirs}");
            }
            let [mut our_times, mut their_times] = [const { Vec::new() }; 2];
            for round in 0..ROUNDS {
                our_times.push(micros_each(round, ours));
                their_times.push(micros_each(round, theirs));
            }
            let [ours, theirs] = [our_times, their_times].map(median);
            let figure = Figure { bench: "scores", case, metric, unit: "1/s" };
            report.compare_rates(&figure, 1e6 / ours, PEER, 1e6 / theirs);
            (metric, ours, theirs)
        })
        .into()
}

fn micros_each(seed: usize, ask: impl Fn(&mut GameRng) -> usize) -> f64 {
    let mut rng = GameRng::new(seed as u64);
    let start = Instant::now();
    let mut asked = 0;
    while start.elapsed() < WINDOW {
        black_box(ask(&mut rng));
        asked += 1;
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(asked)
}

/// Runs that are handed in, by one and by several at once, in turns with SQLite.
fn submissions(report: &mut Report, case: &str, stored: u64, quick: bool, service: &Service, folder: &Path) {
    let each = if quick { 10 } else { 50 };
    let mut submitters = stored;
    for (metric, at_once) in [("submissions, 1 at once", 1), ("submissions, 16 at once", AT_ONCE)] {
        let [mut ours, mut theirs] = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            let runs: Vec<_> = (0..at_once)
                .map(|_| {
                    submitters += 1;
                    let tickets: Vec<_> = (0..each).map(|number| ticket(submitters, number)).collect();
                    (submitters, tickets)
                })
                .collect();
            ours.push(submit(service, &runs));
            theirs.push(record(folder, &runs));
        }
        let [ours, theirs] = [ours, theirs].map(median);
        let figure = Figure { bench: "scores", case, metric, unit: "1/s" };
        report.compare_rates(&figure, ours, PEER, theirs);
    }
}

/// Submissions a second, when each of these players hands in a run for each of their tickets.
fn submit(service: &Service, players: &[(u64, Vec<Ticket>)]) -> f64 {
    let store = service.store();
    for (number, tickets) in players {
        store.put_player(&player(*number)).expect("it is kept");
        store.issue_tickets(tickets, usize::MAX, NOON).expect("they are kept");
    }
    per_second(players, |of, ticket| {
        let (claim, replay) = honest_run(ticket.seed);
        let run = Submission { ticket: ticket.id, claim, replay };
        let submitted = service.submit(*of, &board().id, &run, later(), &mut || Duration::ZERO);
        submitted.expect("it counts");
    })
}

/// The same for SQLite, each player on a connection of their own.
fn record(folder: &Path, players: &[(u64, Vec<Ticket>)]) -> f64 {
    let connections: Vec<_> = players
        .iter()
        .map(|(number, tickets)| {
            let mut sqlite = Sqlite::open(&folder.join("sqlite")).expect("it opens");
            sqlite.join(*number, tickets).expect("they are kept");
            (player(*number).id, Mutex::new(sqlite))
        })
        .collect();
    let (like, _) = score(1, 10);
    per_second(players, |of, ticket| {
        let (claim, replay) = honest_run(ticket.seed);
        let key = board().order.key(claim.points);
        let run = Score { player: *of, ticket: ticket.id, points: claim.points, key, ..like.clone() };
        let (_, connection) = connections.iter().find(|(player, _)| player == of).expect("each has one");
        connection.lock().expect("nobody panicked").record(&run, &replay).expect("it is recorded");
    })
}

fn per_second(players: &[(u64, Vec<Ticket>)], hand_in: impl Fn(&PlayerId, &Ticket) + Sync) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (number, tickets) in players {
            let hand_in = &hand_in;
            scope.spawn(move || {
                let of = player(*number).id;
                tickets.iter().for_each(|ticket| hand_in(&of, ticket));
            });
        }
    });
    let runs: usize = players.iter().map(|(_, tickets)| tickets.len()).sum();
    runs as f64 / start.elapsed().as_secs_f64()
}

/// How much memory this process takes, in MB; 0 where that can't be read.
fn resident() -> f64 {
    let pages = fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<f64>().ok());
    pages.unwrap_or_default() * 4_096.0 / 1e6
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
