//! Game networking that holds up on real networks: what a game links to.
//!
//! One module a layer, each behind a cargo feature of its name:
//!
//! - [`wire`]: ticks, ids, schemas, state hashes; always there.
//! - [`transport`]: secure links, invite codes, message channels, the network lab.
//! - [`session`]: inputs, clock sync and rollback between peers.
//! - [`snapshot`](https://docs.rs/netcord-snapshot), off by default: states of many entities as few bytes, sent to many
//!   clients within a budget, and the moments between two of them.
//! - [`save`](https://docs.rs/netcord-save), off by default: save files that are encrypted, versioned, and whole whenever
//!   the machine dies. With `keychain`, keys in the keychain of the operating system.
//! - [`scores`](https://docs.rs/netcord-scores), off by default: highscores that are replayed before they count, submitted
//!   whenever there is a network.
//!
//! The feature `lan` adds [`transport::lan`](https://docs.rs/netcord-transport): games on the local network, found by
//! mDNS. It is off by default, as it starts a thread.
//!
//! The feature `derive`, on by default, is [`Quantized`] as a macro: components say above their fields how exact they are.
//!
//! With `glam`, rotations may be that crate's quaternions.
//!
//! ```
//! use netcord::{Quantized, wire::quantized::Blobs};
//!
//! #[derive(Quantized)]
//! struct Position(#[quantize(range(-256.0..=256.0), step = 0.01)] [f32; 2]);
//!
//! let (mut columns, mut blobs) = ([0; 2], Blobs::new());
//! Position([1.5, -256.0]).to_columns(&mut columns, &mut blobs)?;
//! assert_eq!(Position::from_columns(&columns, &blobs)?.0, [1.5, -256.0]);
//! # Ok::<(), netcord::wire::ColumnError>(())
//! ```
//!
//! Nothing in here knows an engine or opens a window.

/// Implements the trait of the same name: see [`netcord_derive`].
#[cfg(feature = "derive")]
pub use netcord_derive::FacadeQuantized as Quantized;
#[cfg(feature = "save")]
pub use netcord_save as save;
#[cfg(feature = "scores")]
pub use netcord_scores as scores;
#[cfg(feature = "session")]
pub use netcord_session as session;
#[cfg(feature = "snapshot")]
pub use netcord_snapshot as snapshot;
#[cfg(feature = "transport")]
pub use netcord_transport as transport;
pub use netcord_wire as wire;
pub use netcord_wire::quantized::Quantized;

/// The example of the README, compiled and run with the documentation's.
#[cfg(all(doctest, feature = "session"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
