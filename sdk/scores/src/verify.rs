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
/// No more ticks are played than are claimed, so that a run costs what it says that it costs. `clock` tells the time that
/// passed since some moment; it is asked every [`TICKS_AT_ONCE`] ticks.
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
    let mut left = claim.ticks;
    loop {
        let piece = left.min(TICKS_AT_ONCE);
        let progress = run.advance(piece, &mut timing)?;
        if clock() > deadline {
            return Err(Refusal::TooCostly { most: Duration::from_millis(limits.max_millis) });
        }
        match progress {
            Progress::Finished { played } if played == left => {
                return Ok(Verified { outcome: run.outcome(), timing });
            }
            Progress::Running if left > piece => left -= piece,
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
