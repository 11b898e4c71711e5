//! What a session asks of the game, as values.

use crate::Inputs;
use netcord_wire::Tick;

/// Something the game must do, in the order in which the requests come. "The state at a tick" is the state
/// before that tick's inputs are applied.
#[derive(Clone, Debug, PartialEq)]
pub enum Request<I> {
    /// Keep a copy of the current state, which is the state at `tick`. No more than the prediction window and
    /// two are ever needed at once; [`StateRing`](crate::StateRing) keeps them.
    Save {
        /// The tick that is about to be simulated.
        tick: Tick,
    },
    /// Go back to the copy that was saved at `tick`.
    Load {
        /// The tick that the game is at afterwards.
        tick: Tick,
    },
    /// Simulate one tick.
    Advance(Step<I>),
    /// The copy that was saved at `tick` is final: show it to
    /// [`Session::confirm`](crate::Session::confirm), which hashes it.
    Confirm {
        /// A saved tick.
        tick: Tick,
    },
    /// Give the copy that was saved at `tick` to [`Session::snapshot`](crate::Session::snapshot) as bytes: a
    /// peer needs the state.
    Snapshot {
        /// A saved tick.
        tick: Tick,
    },
    /// Replace the state by the one in `bytes`, which another peer made on a [`Snapshot`](Self::Snapshot)
    /// request. The bytes come from the network: check them.
    Restore {
        /// The tick that the game is at afterwards.
        tick: Tick,
        /// The state at that tick.
        bytes: Vec<u8>,
    },
}

/// One tick to simulate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<I> {
    /// The tick.
    pub tick: Tick,
    /// What each player does in it.
    pub inputs: Inputs<I>,
    /// Whether the tick was simulated before, with other inputs: sounds and the like were played then.
    pub resimulating: bool,
    /// Zero in play. A [`SyncTestSession`](crate::SyncTestSession) puts a random number here when it simulates
    /// a tick again: shuffle by it what must not matter, such as the order of iteration.
    pub perturbation: u64,
}
