//! What sessions do, one module a behaviour; peers play in simulated time, in one thread.
#![allow(unreachable_pub, reason = "a test program has no outside")]
#![allow(missing_docs, reason = "nor readers of its documentation")]

mod absence;
mod desync;
mod equal_states;
mod hostile;
mod input_delay;
mod over_the_lab;
mod rollback;
mod spectators;
mod support;
mod sync_test;
mod time_sync;
