//! How a game's rules play a run again. They know runs; no players, tickets or listings.
//!
//! The front page of this crate has an example. What is easy to get wrong:
//!
//! - Rules of a service and of the game have to come to the same in each tick on every machine: integers or fixed point, a
//!   generator of their own, no order that a hash table made. Use the same crate in both.
//! - The points and the hash are those after the last tick: of the tick in which the run ends.
//! - A replay is of a stranger's making. Whatever it says is checked before it is believed, above all how long something is;
//!   a panic is caught, but it is a mistake, and the run does not count.
//! - Say in a replay by which version of the rules it was recorded. Then players who have an old one are told that they need
//!   another ([`RunFault::OtherVersion`]), and not that they lie.

use crate::model::Timing;
use netcord_wire::StateHash;
use std::collections::BTreeMap;

/// The rules of a board. They must be deterministic, and the same as the game's.
///
/// The service plays a run in pieces, between which it looks at how many ticks and how much time it took. What it asks of
/// the rules is that no single tick is long, and that reading a replay costs no more than its length.
pub trait Rules: Send + Sync + 'static {
    /// Reads a replay, without playing it.
    ///
    /// # Errors
    /// [`RunFault::Malformed`], [`RunFault::OtherVersion`], [`RunFault::OtherSeed`] or [`RunFault::OtherGame`].
    fn open(&self, seed: u64, replay: &[u8]) -> Result<Box<dyn Run>, RunFault>;
}

/// A run that is played again.
pub trait Run {
    /// Plays up to `ticks` ticks, and notes in `timing` the ticks in which the input changed.
    ///
    /// # Errors
    /// [`RunFault::Unfinished`] when the inputs end before the game does, or it comes to nothing;
    /// [`RunFault::InputsAfterEnd`] when they go on after it.
    fn advance(&mut self, ticks: u32, timing: &mut Timing) -> Result<Progress, RunFault>;

    /// What it comes to so far.
    fn outcome(&self) -> Outcome;
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All the ticks were played, and it goes on.
    Running,
    /// It ended.
    Finished {
        /// How many of the ticks were played, the last one included.
        played: u32,
    },
}

/// What a run comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The points, within ±[`MAX_POINTS`](crate::model::Score::MAX_POINTS).
    pub points: i64,
    /// The hash of the last state.
    pub state_hash: StateHash,
    /// What else there is to tell, by name: lines, level.
    pub details: BTreeMap<String, i64>,
}

/// Why a replay is no run of these rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunFault {
    /// The bytes are none.
    #[error("{0}")]
    Malformed(String),
    /// It was recorded by other rules. The player needs another version of the game.
    #[error("{0}")]
    OtherVersion(String),
    /// It starts from another seed than the ticket's.
    #[error("the replay starts from another seed than the ticket's")]
    OtherSeed,
    /// It is of another mode, or another start, than the board's.
    #[error("{0}")]
    OtherGame(String),
    /// The inputs end before the game does, or the game before it came to anything: a race that was not finished.
    #[error("the run is not finished")]
    Unfinished,
    /// The inputs go on after the game's end.
    #[error("the inputs go on after the game's end")]
    InputsAfterEnd,
}
