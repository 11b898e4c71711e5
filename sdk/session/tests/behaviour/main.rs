//! What sessions do, one module a behaviour; peers play in simulated time, in one thread.
#![allow(unreachable_pub, reason = "a test program has no outside")]
#![allow(missing_docs, reason = "nor readers of its documentation")]

mod equal_states;
mod support;
