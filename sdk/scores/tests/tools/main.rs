//! What other people's programs make of a server that runs: schemathesis and curl.
//!
//! Not among the tests that `cargo test` runs, as not every machine has them: `cargo xtask test` runs this one, and says so
//! when it can't.

mod curl;
mod host;
mod schemathesis;
