//! Tests over the whole SDK: the suites of the network lab, which play thousands of seeds in simulated time.
//!
//! - [`channels`]: what each kind of channel promises, on every backend.
//! - [`session`]: whole matches over bad networks.
//!
//! `cargo xtask lab SUITE --seeds N` runs them at length; `tests/` runs a few seeds of each.

pub mod channels;
pub mod session;
pub mod suite;
