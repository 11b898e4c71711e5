//! Plays a run again, within limits. It knows no clock and no thread: the time that passes is told to it.

use crate::model::{Claim, RunLimits, Score, Timing};
use crate::rules::{Outcome, Progress, Rules, RunFault};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// After how many ticks it is looked whether a run takes too long.
pub const TICKS_AT_ONCE: u32 = 1_024;

/// A run that comes to what was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it comes to.
    pub outcome: Outcome,
    /// When keys were pressed.
    pub timing: Timing,
}

/// Why a run doesn't count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The replay is longer than the board allows.
    #[error("the replay has {bytes} bytes, more than the {most} that the board allows")]
    TooLarge {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// The run is said to last more ticks than the board allows.
    #[error("the run lasts {ticks} ticks, more than the {most} that the board allows")]
    TooManyTicks {
        /// How long it lasts.
        ticks: u32,
        /// How long it may last.
        most: u32,
    },
    /// The replay is no run of these rules.
    #[error(transparent)]
    Fault(#[from] RunFault),
    /// It comes to something else than was claimed.
    #[error("the run comes to another {what} than was claimed")]
    ClaimDiffers {
        /// Which part of the claim differs.
        what: &'static str,
    },
    /// It took more time than the board allows.
    #[error("the run took longer to verify than the {} ms that the board allows", most.as_millis())]
    TooCostly {
        /// How long it may take.
        most: Duration,
    },
    /// The rules panicked, or gave what no rules may give. That is a mistake in the rules, whatever the run is.
    #[error("the rules failed: {0}")]
    RulesFailed(String),
}

/// Plays the run of `replay` again, and compares what it comes to with the claim.
///
/// One tick more is played than is claimed, at most, so that a run costs what it says that it costs. `clock` tells the time
/// that passed since some moment; it is asked every [`TICKS_AT_ONCE`] ticks. A panic of the rules is a refusal.
///
/// # Errors
/// [`Refusal`] says why the run doesn't count.
pub fn verify(
    rules: &dyn Rules,
    limits: &RunLimits,
    seed: u64,
    replay: &[u8],
    claim: &Claim,
    clock: &mut dyn FnMut() -> Duration,
) -> Result<Verified, Refusal> {
    if replay.len() > limits.max_bytes {
        return Err(Refusal::TooLarge { bytes: replay.len(), most: limits.max_bytes });
    }
    if claim.ticks > limits.max_ticks {
        return Err(Refusal::TooManyTicks { ticks: claim.ticks, most: limits.max_ticks });
    }
    let deadline = clock() + Duration::from_millis(limits.max_millis);
    let play = || play(rules, limits, seed, replay, claim, &mut *clock, deadline);
    let verified = catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Refusal::RulesFailed(format!("panicked: {}", message.unwrap_or("for no reason given"))))
    })?;
    compare(&verified.outcome, claim)?;
    Ok(verified)
}

fn play(
    rules: &dyn Rules,
    limits: &RunLimits,
    seed: u64,
    replay: &[u8],
    claim: &Claim,
    clock: &mut dyn FnMut() -> Duration,
    deadline: Duration,
) -> Result<Verified, Refusal> {
    let mut run = rules.open(seed, replay)?;
    let mut timing = Timing::default();
    // One tick more than is claimed, in which the rules say whether the inputs end there or the run goes on.
    let mut left = u64::from(claim.ticks) + 1;
    loop {
        let piece = left.min(TICKS_AT_ONCE.into()) as u32;
        let progress = run.advance(piece, &mut timing)?;
        if clock() > deadline {
            return Err(Refusal::TooCostly { most: Duration::from_millis(limits.max_millis) });
        }
        match progress {
            Progress::Finished { played } if u64::from(played) + 1 == left => {
                return Ok(Verified { outcome: run.outcome(), timing });
            }
            Progress::Running if left > piece.into() => left -= u64::from(piece),
            Progress::Running | Progress::Finished { .. } => {
                return Err(Refusal::ClaimDiffers { what: "number of ticks" });
            }
        }
    }
}

fn compare(outcome: &Outcome, claim: &Claim) -> Result<(), Refusal> {
    if outcome.points.unsigned_abs() > Score::MAX_POINTS.unsigned_abs() {
        return Err(Refusal::RulesFailed(format!("gave {} points, more than there are", outcome.points)));
    }
    if outcome.points != claim.points {
        return Err(Refusal::ClaimDiffers { what: "number of points" });
    }
    if outcome.state_hash != claim.state_hash {
        return Err(Refusal::ClaimDiffers { what: "hash of the last state" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Run;
    use crate::testing::{Counter, Input, honest_run, long_run, run_of};
    use netcord_wire::StateHash;
    use std::collections::BTreeMap;

    const LIMITS: RunLimits = RunLimits { max_bytes: 1_000, max_ticks: 10_000, max_millis: 50 };

    /// Verifies by a clock on which each look takes so many milliseconds.
    fn verify_with(
        rules: &dyn Rules,
        seed: u64,
        (claim, replay): &(Claim, Vec<u8>),
        millis_a_look: u64,
    ) -> Result<Verified, Refusal> {
        let mut now = Duration::from_secs(1_000_000);
        verify(rules, &LIMITS, seed, replay, claim, &mut || {
            now += Duration::from_millis(millis_a_look);
            now
        })
    }

    #[test]
    fn an_honest_run_comes_to_what_it_claims() {
        for seed in 0..100 {
            let run = honest_run(seed);
            let verified = verify_with(&Counter::default(), seed, &run, 0).unwrap();
            assert_eq!(
                (verified.outcome.points, verified.outcome.state_hash),
                (run.0.points, run.0.state_hash)
            );
            assert!(verified.timing.changes > 0);
        }
    }

    #[test]
    fn a_run_of_any_length_is_played_to_its_end() {
        let pieces = [1, 2, 1_022, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 9_999, 10_000];
        for ticks in pieces {
            let run = long_run(3, ticks);
            assert!(verify_with(&Counter::default(), 3, &run, 0).is_ok(), "{ticks}");
            for claimed in [ticks - 1, ticks + 1].into_iter().filter(|claimed| *claimed <= LIMITS.max_ticks) {
                let other = (Claim { ticks: claimed, ..run.0 }, run.1.clone());
                let refusal = verify_with(&Counter::default(), 3, &other, 0).unwrap_err();
                assert_eq!(refusal, Refusal::ClaimDiffers { what: "number of ticks" }, "{ticks}, {claimed}");
            }
        }
    }

    #[test]
    fn inputs_that_end_before_the_run_does_are_unfinished() {
        for ticks in [1, 1_023, 1_024, 1_025] {
            let run = run_of(5, &[(Input::Press, ticks)]);
            let refusal = verify_with(&Counter::default(), 5, &run, 0).unwrap_err();
            assert_eq!(refusal, Refusal::Fault(RunFault::Unfinished), "{ticks}");
        }
    }

    #[test]
    fn limits_are_inclusive() {
        assert!(verify_with(&Counter::default(), 1, &long_run(1, 10_000), 0).is_ok());
        let refusal = verify_with(&Counter::default(), 1, &long_run(1, 10_001), 0).unwrap_err();
        assert_eq!(refusal, Refusal::TooManyTicks { ticks: 10_001, most: 10_000 });
        let steps = [&[(Input::Press, 1); 197][..], &[(Input::Stop, 1)]].concat();
        let mut run = run_of(1, &steps);
        assert_eq!((run.1.len(), verify_with(&Counter::default(), 1, &run, 0).is_ok()), (1_000, true));
        run.1.push(0);
        let refusal = verify_with(&Counter::default(), 1, &run, 0).unwrap_err();
        assert_eq!(refusal, Refusal::TooLarge { bytes: 1_001, most: 1_000 });
    }

    #[test]
    fn a_run_may_take_so_long_and_no_longer() {
        // Five pieces, after each of which the clock is looked at.
        let run = long_run(1, 5_000);
        assert!(verify_with(&Counter::default(), 1, &run, 10).is_ok());
        let refusal = verify_with(&Counter::default(), 1, &run, 11).unwrap_err();
        assert_eq!(refusal, Refusal::TooCostly { most: Duration::from_millis(50) });
    }

    /// A game that does in each tick what the test says, and counts the ticks.
    struct Scripted<F>(F);

    impl<F: Fn(u32) -> Option<Progress> + Clone + Send + Sync + 'static> Rules for Scripted<F> {
        fn open(&self, _: u64, _: &[u8]) -> Result<Box<dyn Run>, RunFault> {
            Ok(Box::new(ScriptedRun { script: self.0.clone(), ticks: 0 }))
        }
    }

    struct ScriptedRun<F> {
        script: F,
        ticks: u32,
    }

    impl<F: Fn(u32) -> Option<Progress>> Run for ScriptedRun<F> {
        fn advance(&mut self, ticks: u32, _: &mut Timing) -> Result<Progress, RunFault> {
            self.ticks += ticks;
            (self.script)(self.ticks).ok_or(RunFault::Unfinished)
        }

        fn outcome(&self) -> Outcome {
            Outcome { points: Score::MAX_POINTS + 1, state_hash: StateHash(0), details: BTreeMap::new() }
        }
    }

    fn claim(ticks: u32) -> (Claim, Vec<u8>) {
        (Claim { points: Score::MAX_POINTS + 1, ticks, state_hash: StateHash(0) }, Vec::new())
    }

    #[test]
    fn a_run_without_end_is_played_for_one_tick_more_than_it_claims() {
        let endless = Scripted(|ticks| {
            assert!(ticks <= 5_001, "{ticks} ticks");
            Some(Progress::Running)
        });
        let refusal = verify_with(&endless, 1, &claim(5_000), 0).unwrap_err();
        assert_eq!(refusal, Refusal::ClaimDiffers { what: "number of ticks" });
    }

    #[test]
    fn rules_that_fail_refuse_the_run() {
        let failed = |rules: &dyn Rules| match verify_with(rules, 1, &claim(5), 0) {
            Err(Refusal::RulesFailed(why)) => why,
            other => panic!("{other:?}"),
        };
        let text = Scripted(|_| panic!("no such piece"));
        assert_eq!(failed(&text), "panicked: no such piece");
        let formatted = Scripted(|ticks| panic!("tick {ticks}"));
        assert_eq!(failed(&formatted), "panicked: tick 6");
        let silent = Scripted(|_| std::panic::panic_any(7));
        assert_eq!(failed(&silent), "panicked: for no reason given");
        let boundless = Scripted(|_| Some(Progress::Finished { played: 5 }));
        assert!(failed(&boundless).contains("points"));
    }

    #[test]
    fn rules_that_claim_to_have_played_more_than_they_were_asked_are_not_believed() {
        for played in [0, 4, 6, 7, u32::MAX] {
            let rules = Scripted(move |_| Some(Progress::Finished { played }));
            let refusal = verify_with(&rules, 1, &claim(5), 0).unwrap_err();
            assert_eq!(refusal, Refusal::ClaimDiffers { what: "number of ticks" }, "{played}");
        }
    }
}
