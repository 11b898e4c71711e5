//! Joining a player's game by a code that one reads out and the other types.
//!
//! The [`InviteHost`] makes an [`InviteCode`]: where it can be reached, and a single-use secret. The [`InviteJoiner`]
//! of the code sends a request that proves the secret; the host's answer carries a fresh netcode connect token, and
//! from there on the connection is [`netcode`](crate::netcode)'s. The exchange is a Noise handshake, so that
//!
//! - the keys of each pair are its own: a holder of one invite learns nothing about another's connection;
//! - what was recorded stays closed, even to one who gets hold of the code, or of either process, later;
//! - to those who don't know a secret the host is silent, and no answer is larger than its request.
//!
//! When the connection is lost, the joiner comes back by itself, as the same [`ClientId`](crate::ClientId) and with
//! new keys; a [`RejoinTicket`] does the same after a restart.
//!
//! Nothing here opens a socket or reads a clock. The one exception to I/O is [`local_addresses`], which asks the
//! system for the addresses that a host may advertise.
//!
//! The bytes are in STANDARD.md, "Invites".
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod addresses;
mod budget;
mod code;
mod host;
mod joiner;
mod local;
mod noise;
mod sealing;
mod seats;
mod ticket;
mod wire;

#[doc(hidden)]
pub mod fuzzing;

pub use code::{InviteCode, InviteCodeError};
pub use host::{InviteError, InviteHost, InviteHostConfig};
pub use joiner::{InviteJoiner, InviteJoinerConfig};
pub use local::local_addresses;
pub use ticket::{RejoinTicket, RejoinTicketError};

/// The protocol id of a game, from a name that no other game has, such as its reversed domain name. Games with
/// different ids can't hear each other.
pub fn protocol_id(game: &str) -> u64 {
    u64::from_le_bytes(noise::short_hash(b"netcord game", game.as_bytes()))
}
