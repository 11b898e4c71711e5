//! The service as an HTTP server inside of a program: at a LAN party, in a test, for a small game. [`Server::start`] is
//! all that a game calls.
//!
//! # What it is for, and what not
//!
//! One process, one file, on a machine that also does other things. It speaks HTTP/1.1 without TLS: on the internet, put a
//! reverse proxy in front of it, which has the certificate and speaks HTTP/2. The proxy has to hand on the `Host` that the
//! client named, as signatures cover it, and has to be named in [`ServerConfig::trusted_proxies`], so that its
//! `X-Forwarded-For` is believed; else all who come through it share the limits of one address. A service of more than one
//! machine is another program.
//!
//! # How it holds out
//!
//! `hyper` reads and writes on one thread; a handler that may wait runs on others, whose queues have an end. Who may come
//! in, how long each may take, and who makes way when there are too many, is decided by a gate of its own:
//!
//! - Connections are counted, in all and for each address. When there are too many, the one that has made the server wait
//!   longest makes way, if that was long enough; else the newest is told to come again in a second.
//! - Heads, bodies, answers and the time between requests have deadlines, bodies and answers a least rate.
//! - Heads and bodies have a longest length, and all bodies and answers together have a share of memory.
//! - When the process has no file descriptors left, who comes is told so with the last one, and it goes on.
//!
//! What it refuses it refuses as the API does, by [`Problem`](crate::api::Problem)s that pages from anywhere may read.
//!
//! `tiny_http` would have been the smaller choice, and is not built for this: its only accepting thread ends for good when
//! one accept fails, and it reads without deadlines, a thread for each connection. A gate before it would have had to be another HTTP server. `cargo xtask bench scores --part http` compares
//! the two.

mod connection;
mod embedded;
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

#[cfg(feature = "command-line")]
pub(crate) use embedded::backup_path;
pub use embedded::{GameBoards, Server, ServerConfig, ServerError, ServerHandle, StorePlace};
pub use figures::Figures;
pub use front::{Front, FrontError, FrontOptions, Stopped};
pub use handler::{Handler, Queue, Route};
pub use limits::Limits;
#[cfg(feature = "command-line")]
pub(crate) use refusal::now;
