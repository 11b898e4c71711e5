//! The service as an HTTP server inside of a program: at a LAN party, in a test, for a small game.

mod connection;
mod exchange;
mod figures;
mod forwarded;
mod front;
mod gate;
mod handler;
mod limits;
mod place;
mod refusal;
mod stream;
mod workers;

pub use figures::Figures;
pub use front::{Front, FrontError, FrontOptions, Stopped};
pub use handler::{Handler, Queue, Route};
pub use limits::Limits;
