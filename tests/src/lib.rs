//! Tests over the whole SDK: the suites of the network lab, which play thousands of seeds in simulated time, and the
//! decoders of foreign bytes.
//!
//! - [`channels`]: what each kind of channel promises, on every backend.
//! - [`session`]: whole matches over bad networks.
//! - [`mesh`]: the same with more than two players, who come and go.
//! - [`snapshot`]: entities in sections, sent to clients that wander.
//! - [`save`]: saves of processes that are killed and machines that lose power.
//! - [`scores`]: forged highscores, and stores of scores whose process is killed.
//! - [`room`]: matches over a transport that a test controls, for lies and for allocations.
//! - [`fuzz`]: every decoder, and how to feed it.
//!
//! `cargo xtask lab SUITE --seeds N` and `cargo xtask fuzz` run them at length; `tests/` runs a few seeds of each.

pub mod channels;
pub mod fuzz;
pub mod mesh;
pub mod room;
pub mod save;
pub mod scores;
pub mod session;
pub mod snapshot;
pub mod suite;
