//! What the tests of sessions share: a small game, a seeded network, and a table at which peers play.

mod game;
mod net;
mod table;

pub use game::Arena;
pub use net::{Conditions, FakeTransport, Net};
pub use table::{GUEST_ID, Peer, Table};

pub const fn ms(ms: u64) -> std::time::Duration {
    std::time::Duration::from_millis(ms)
}
