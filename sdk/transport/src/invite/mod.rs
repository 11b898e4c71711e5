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
//! A [`MeshEndpoint`] is both sides at once: guests of one host come to be connected with each other.
//!
//! When the connection is lost, the joiner comes back by itself, as the same [`ClientId`](crate::ClientId) and with
//! new keys; a [`RejoinTicket`] does the same after a restart.
//!
//! ```
//! use core::time::Duration;
//! use netcord_transport::invite::{InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, protocol_id};
//! use netcord_transport::{Endpoint, EndpointEvent, SecureRng};
//! use rand_core::SeedableRng;
//!
//! let game = protocol_id("org.example.pong");
//! let (host_address, joiner_address) = ("192.0.2.1:7777".parse()?, "192.0.2.2:40000".parse()?);
//!
//! // Outside of tests, the generators are seeded by the system.
//! let mut host = InviteHost::new(InviteHostConfig::new(game, vec![host_address]), SecureRng::seed_from_u64(1))?;
//! let read_out = host.invite(2)?.to_string();
//!
//! let typed = read_out.to_lowercase().parse()?;
//! let mut joiner = InviteJoiner::new(&typed, InviteJoinerConfig::new(game), SecureRng::seed_from_u64(2));
//!
//! for millisecond in 0..5 {
//!     let (now, unix) = (Duration::from_millis(millisecond), 1_700_000_000);
//!     host.update(now, unix);
//!     joiner.update(now, unix);
//!     while let Some(transmit) = joiner.next_transmit() {
//!         host.receive(joiner_address, &mut transmit.datagram.to_vec());
//!     }
//!     while let Some(transmit) = host.next_transmit() {
//!         joiner.receive(host_address, &mut transmit.datagram.to_vec());
//!     }
//! }
//! let Some(EndpointEvent::Connected { user_data, .. }) = host.next_event() else { panic!("nobody came") };
//! assert_eq!(user_data[0], 2, "the role that the invite was for");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here opens a socket or reads a clock. The one exception to I/O is [`local_addresses`], which asks the
//! system for the addresses that a host may advertise.
//!
//! The bytes are in STANDARD.md, section 4.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod addresses;
mod budget;
mod code;
mod host;
mod joiner;
mod links;
mod local;
mod mesh;
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
pub use mesh::MeshEndpoint;
pub use ticket::{RejoinTicket, RejoinTicketError};

/// The protocol id of a game, from a name that no other game has, such as its reversed domain name. Games with
/// different ids can't hear each other.
pub fn protocol_id(game: &str) -> u64 {
    u64::from_le_bytes(noise::short_hash(b"netcord game", game.as_bytes()))
}
