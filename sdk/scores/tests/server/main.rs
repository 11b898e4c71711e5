//! The server on real sockets.
#![cfg(feature = "server")]

mod client;
mod requests;
