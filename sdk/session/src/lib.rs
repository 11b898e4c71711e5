//! Inputs, clock sync, rollback and state transfer over a netcord transport.
pub mod rollback;

mod clock;
mod delay;
mod desync;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod input;
mod p2p;
mod protocol;
mod simulation;
mod stats;
mod sync_test;

pub use delay::InputDelay;
pub use desync::{DesyncReport, FieldDifference};
pub use error::{ProtocolError, SessionError};
pub use input::{InputStatus, Inputs, MAX_PLAYERS, PlayerIndex, PlayerInput};
pub use p2p::{
    MAX_STATE, OnDesync, Outcome, P2pConfig, P2pSession, ROLE_PLAYER, ROLE_SPECTATOR, SessionEvent,
    SpectatorGone, first_game_channel, session_channels,
};
pub use rollback::{MAX_INPUT_DELAY, MAX_PREDICTION, Request, Step};
pub use simulation::{PacedSession, Runner, Session, Simulation, StateRing};
pub use stats::SessionStats;
pub use sync_test::{SyncTestConfig, SyncTestSession};
