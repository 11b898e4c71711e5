//! Highscores that are replayed before they count.
//!
//! A score is accepted because the service played the run again, not because a client claimed it.

pub mod api;
mod base64;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "command-line")]
pub mod command_line;
#[cfg(feature = "server")]
pub mod http;
#[cfg(any(feature = "client", feature = "server"))]
pub mod identity;
pub mod model;
#[cfg(feature = "service")]
pub mod ranking;
#[cfg(feature = "service")]
pub mod rules;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "service")]
pub mod service;
#[cfg(any(feature = "client", feature = "server"))]
pub mod signing;
#[cfg(feature = "service")]
pub mod store;
#[cfg(feature = "service")]
#[doc(hidden)]
pub mod testing;
#[cfg(feature = "service")]
pub mod verify;
