//! The server on real sockets, with a handler for tests behind it.
#![cfg(feature = "server")]

mod client;
mod crowds;
mod deadlines;
#[cfg(target_os = "linux")]
mod process;
mod requests;
mod server;
mod stop;
