//! The service as an HTTP server inside of a program: at a LAN party, in a test, for a small game.

mod connection;
mod front;
mod gate;
mod handler;
mod limits;
mod place;
mod refusal;
mod stream;
mod workers;

pub use front::{Front, FrontError, Stopped};
pub use handler::{Handler, Queue, Route};
pub use limits::Limits;
