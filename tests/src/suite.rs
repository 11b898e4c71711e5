//! Plays a suite seed after seed on all cores, and tells what failed and how to see it again.

use serde::Serialize;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::ops::{AddAssign, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a suite does with one seed. All of it follows from the seed.
pub type Play<T> = fn(seed: u64) -> Played<T>;

/// How one seed went.
#[derive(Debug, Default)]
pub struct Played<T> {
    /// What is counted over all seeds.
    pub totals: T,
    /// What went wrong.
    pub faults: Vec<Fault>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What the network and the match were like.
    pub conditions: String,
    /// What it was.
    pub what: String,
}

impl<T> Played<T> {
    /// Plays one case of the seed. An error or a panic in it is a failure under these `conditions`.
    pub fn case<R>(
        &mut self,
        conditions: impl Display,
        play: impl FnOnce(&mut T) -> Result<R, String>,
    ) -> Option<R> {
        let totals = &mut self.totals;
        let what = match catch_unwind(AssertUnwindSafe(|| play(totals))) {
            Ok(Ok(result)) => return Some(result),
            Ok(Err(what)) => what,
            Err(panic) => format!("panic: {}", message(&*panic)),
        };
        self.faults.push(Fault { conditions: conditions.to_string(), what });
        None
    }
}

/// How often a suite plays a seed: one in ten twice, to compare every byte.
pub fn times_of(seed: u64) -> u32 {
    if seed.is_multiple_of(10) { 2 } else { 1 }
}

/// Plays a scenario so many times: `play` returns a trace, and all must be equal. Only the first is counted; `replayed`
/// counts the others.
pub fn play_times<S: Display, T: Default, R: PartialEq>(
    scenario: &S,
    times: u32,
    play: impl Fn(&S, &mut T) -> Result<R, String>,
    replayed: impl Fn(&mut T),
) -> Played<T> {
    let mut played = Played::default();
    played.case(scenario, |totals| {
        let trace = play(scenario, totals)?;
        for _ in 1..times {
            if play(scenario, &mut T::default())? != trace {
                return Err("the same seed gave another trace".to_owned());
            }
            replayed(totals);
        }
        Ok(())
    });
    played
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("of no message")
}

/// One thing that a seed showed to be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The seed that shows it.
    pub seed: u64,
    /// What the network and the match were like.
    pub conditions: String,
    /// What went wrong.
    pub what: String,
}

/// How a suite went: its last line of output with `--json`.
#[derive(Debug, Serialize)]
pub struct Report<T> {
    /// The suite's name.
    pub suite: &'static str,
    /// How many seeds were played.
    pub seeds: u64,
    /// The first of them; the others follow it.
    pub first: u64,
    /// All that went wrong, by seed.
    pub failures: Vec<Failure>,
    /// What was counted.
    #[serde(flatten)]
    pub totals: T,
    /// How long it took.
    pub seconds: f64,
}

/// Plays all `seeds` on all cores. Progress and failures are told on stderr.
pub fn run<T>(suite: &'static str, seeds: Range<u64>, play: Play<T>) -> Report<T>
where
    T: Default + AddAssign + Send,
{
    let report = Report {
        suite,
        seeds: seeds.end.saturating_sub(seeds.start),
        first: seeds.start,
        failures: Vec::new(),
        totals: T::default(),
        seconds: 0.0,
    };
    let progress = Progress::new(suite, report.seeds);
    let state = Mutex::new((seeds, report, progress));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = lock(&state).0.next();
                    let Some(seed) = next else { break };
                    let played = play(seed);
                    let (_, report, progress) = &mut *lock(&state);
                    report.totals += played.totals;
                    for Fault { conditions, what } in played.faults {
                        let failure = Failure { seed, conditions, what };
                        progress.failed(suite, &failure);
                        report.failures.push(failure);
                    }
                    progress.step(report.failures.len());
                }
            });
        }
    });
    let (_, mut report, progress) = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.seconds = progress.finish(report.failures.len());
    report.failures.sort_by_key(|failure| failure.seed);
    report
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A line on stderr that says how far it is: rewritten in place on a terminal, now and then elsewhere.
struct Progress {
    suite: &'static str,
    seeds: u64,
    done: u64,
    began: Instant,
    due: Instant,
    in_place: bool,
}

impl Progress {
    fn new(suite: &'static str, seeds: u64) -> Self {
        let began = Instant::now();
        Self { suite, seeds, done: 0, began, due: began, in_place: std::io::stderr().is_terminal() }
    }

    fn step(&mut self, failures: usize) {
        self.done += 1;
        let now = Instant::now();
        if now >= self.due {
            self.due = now + Duration::from_millis(if self.in_place { 100 } else { 10_000 });
            self.tell(failures);
        }
    }

    fn tell(&self, failures: usize) {
        let (start, end) = if self.in_place { ("\r", "\x1b[K") } else { ("", "\n") };
        let Self { suite, seeds, done, .. } = self;
        let seconds = self.began.elapsed().as_secs();
        let line = format!("{start}{suite}: {done} of {seeds} seeds, {failures} failures, {seconds} s{end}");
        // Nobody is there to be told that nobody reads it.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    fn failed(&self, suite: &str, failure: &Failure) {
        let Failure { seed, conditions, what } = failure;
        let start = if self.in_place { "\r\x1b[K" } else { "" };
        eprintln!(
            "{start}{suite}: seed {seed} failed: {what}\n  with {conditions}\n  again: cargo xtask lab {suite} --first {seed} --seeds 1"
        );
    }

    /// Returns the seconds that it took.
    fn finish(mut self, failures: usize) -> f64 {
        self.done = self.seeds;
        self.tell(failures);
        if self.in_place {
            eprintln!();
        }
        self.began.elapsed().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Count(u64);

    impl AddAssign for Count {
        fn add_assign(&mut self, other: Self) {
            self.0 += other.0;
        }
    }

    #[test]
    fn every_seed_is_played_once_and_errors_and_panics_are_failures() {
        let report = run("test", 10..110, |seed| {
            let mut played = Played::default();
            played.case(format_args!("place {seed}"), |count: &mut Count| {
                count.0 += 1;
                match seed {
                    20 => Err("an error".to_owned()),
                    30 => panic!("at {seed}"),
                    _ => Ok(()),
                }
            });
            played
        });
        let failure = |seed: u64, what: &str| Failure {
            seed,
            conditions: format!("place {seed}"),
            what: what.to_owned(),
        };
        assert_eq!((report.first, report.seeds, report.totals), (10, 100, Count(100)));
        assert_eq!(report.failures, [failure(20, "an error"), failure(30, "panic: at 30")]);
    }
}
