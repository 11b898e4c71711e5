//! netcode 1.02: connect tokens, encryption, challenge and replay protection over datagrams.
//!
//! An implementation of the public [standard], as two pure state machines: [`Server`] and [`Client`], both an
//! [`Endpoint`](crate::Endpoint). The docs of the items cite the standard's sections by their headings. What we
//! add to it, without a change on the wire, is in our STANDARD.md, section 3.
//!
//! ```
//! use core::time::Duration;
//! use netcord_transport::netcode::{Client, ConnectToken, Server, ServerConfig, TokenRequest};
//! use netcord_transport::{ClientId, Endpoint, EndpointEvent, SecureRng};
//! use rand_core::SeedableRng;
//!
//! let (unix, address, sender) = (1_700_000_000, "192.0.2.1:40000".parse()?, "192.0.2.9:1".parse()?);
//! let (private_key, mut rng) = ([7; 32], SecureRng::seed_from_u64(1)); // outside of tests: from the system
//!
//! let mut server = Server::new(
//!     ServerConfig { protocol_id: 1, private_key, max_clients: 2, addresses: vec![address], token_lifetime: None },
//!     SecureRng::seed_from_u64(2),
//! );
//! let token = ConnectToken::generate(
//!     TokenRequest {
//!         protocol_id: 1,
//!         private_key: &private_key,
//!         created: unix,
//!         lifetime_seconds: 30,
//!         timeout_seconds: 5,
//!         client: ClientId(42),
//!         user_data: &[0; 256],
//!         addresses: &[address],
//!         internal_addresses: &[],
//!     },
//!     &mut rng,
//! )?;
//! let mut client = Client::new(token, rng);
//!
//! for millisecond in 0..4 {
//!     let now = Duration::from_millis(millisecond);
//!     client.update(now, unix);
//!     server.update(now, unix);
//!     while let Some(transmit) = client.next_transmit() {
//!         server.receive(sender, &mut transmit.datagram.to_vec());
//!     }
//!     while let Some(transmit) = server.next_transmit() {
//!         client.receive(address, &mut transmit.datagram.to_vec());
//!     }
//! }
//! assert!(matches!(server.next_event(), Some(EndpointEvent::Connected { client: ClientId(42), .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [standard]: https://github.com/mas-bandwidth/netcode/blob/8de93ebc7d9469dd10f1fa90ec23600f7799172e/STANDARD.md
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::arithmetic_side_effects
    )
)]

mod address;
mod challenge;
mod cipher;
mod client;
#[doc(hidden)]
pub mod fuzzing;
mod packet;
mod private_token;
mod replay;
mod sequence;
mod server;
mod token;

pub use client::{Client, ClientState};
pub use server::{Server, ServerConfig};
pub use token::{ConnectToken, TokenError, TokenRequest};

use core::time::Duration;

/// What every token and packet names as its version: ASCII, with the terminating zero.
pub const VERSION: [u8; 13] = *b"NETCODE 1.02\0";

/// Bytes in a connect token.
pub const CONNECT_TOKEN_BYTES: usize = 2048;

/// The most server addresses that a connect token lists.
pub const MAX_ADDRESSES: usize = 32;

/// The largest payload of a payload packet, in bytes; the smallest has one byte.
pub const MAX_PAYLOAD: usize = 1200;

/// The largest datagram, in bytes: a payload with prefix, sequence number and tag.
pub const MAX_DATAGRAM: usize = 1 + 8 + MAX_PAYLOAD + TAG_BYTES;

/// How often requests, responses and keep-alives are repeated: 10 Hz.
pub const SEND_INTERVAL: Duration = Duration::from_millis(100);

/// How many disconnect packets tell the peer that we leave, as none is acknowledged.
pub const DISCONNECT_PACKETS: usize = 10;

/// Handshakes that a server keeps open at once; a new one beyond it is dropped, and the client tries again.
pub const MAX_PENDING: usize = 4_096;

/// Tokens that a server remembers until they expire; while it is full, new tokens get no answer, because to
/// forget one would let it be used twice.
pub const MAX_REMEMBERED_TOKENS: usize = 65_536;

/// The longest that a handshake may stay open, whatever timeout the token asks for.
pub const MAX_PENDING_TIME: Duration = Duration::from_secs(60);

pub(crate) const TAG_BYTES: usize = 16;
const PRIVATE_TOKEN_BYTES: usize = 1024;
const TOKEN_NONCE_BYTES: usize = 24;

/// A timeout as tokens write it: negative values disable it (for development only).
fn timeout(seconds: i32) -> Option<Duration> {
    u64::try_from(seconds).ok().map(Duration::from_secs)
}
