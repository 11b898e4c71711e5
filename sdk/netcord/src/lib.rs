//! Game networking that holds up on real networks: what a game links to.
//!
//! One module a layer, each behind a cargo feature of its name:
//!
//! - [`wire`]: ticks, ids, schemas, state hashes; always there.
//! - [`transport`]: secure links, invite codes, message channels, the network lab.
//! - [`session`]: inputs, clock sync and rollback between peers.
//!
//! The feature `lan` adds [`transport::lan`](https://docs.rs/netcord-transport): games on the local network, found by
//! mDNS. It is off by default, as it starts a thread.
//!
//! Nothing in here knows an engine or opens a window.

#[cfg(feature = "session")]
pub use netcord_session as session;
#[cfg(feature = "transport")]
pub use netcord_transport as transport;
pub use netcord_wire as wire;

/// The example of the README, compiled and run with the documentation's.
#[cfg(all(doctest, feature = "session"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
