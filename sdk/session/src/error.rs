//! What can go wrong in a session.

use crate::rollback::InputError;
use netcord_transport::TransportError;
use netcord_wire::{CodecError, Tick};

/// A session that can't go on, or could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The transport can't go on. Make a new transport and session.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A value of the configuration is out of range. The text says which; change it.
    #[error("bad session configuration: {0}")]
    Config(&'static str),
    /// A state was asked for that is not in the ring: the requests were not all executed, in order.
    #[error("no state is saved at {tick:?}: execute every request, in order")]
    NotSaved {
        /// The tick that was asked for.
        tick: Tick,
    },
    /// The game's state is longer than can be transferred. Encode less of it.
    #[error("a state of {size} bytes is over the limit of {limit}")]
    StateTooLarge {
        /// Bytes in the state.
        size: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// The host sent a state that can't be read. Leave the session; report it when both run the same version.
    #[error("the state at {tick:?} that the host sent can't be read")]
    BadState {
        /// The tick of the state.
        tick: Tick,
    },
}

/// How a peer broke the protocol: a bug or an attack, but authenticated. The peer is disconnected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A message ends too early.
    #[error("a message is cut short")]
    Truncated,
    /// A message goes on after its end.
    #[error("{0} bytes follow the end of a message")]
    TrailingBytes(usize),
    /// A message of no known kind.
    #[error("unknown message kind {0}")]
    UnknownKind(u8),
    /// A count or value is over its limit.
    #[error("{what} is {value}, over the limit of {limit}")]
    OverLimit {
        /// What was counted.
        what: &'static str,
        /// The value in the message.
        value: u64,
        /// The most that is allowed.
        limit: u64,
    },
    /// A value that no honest peer sends.
    #[error("bad {0}")]
    BadValue(&'static str),
    /// Fields of a state that are malformed.
    #[error("malformed fields: {0}")]
    Fields(#[from] CodecError),
    /// An input that the game's decoder refuses.
    #[error("the input for {0:?} can't be read")]
    BadInput(Tick),
    /// An input that contradicts an earlier one, or comes out of order.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A message that has no place in the peer's role or the match's phase.
    #[error("{0} is out of place")]
    OutOfPlace(&'static str),
}
