//! Highscores that are replayed before they count.
//!
//! A score is accepted because the service played the run again, not because a client claimed it.

pub mod api;
mod base64;
pub mod model;
#[cfg(feature = "service")]
pub mod rules;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "service")]
pub mod store;
