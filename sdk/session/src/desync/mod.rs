//! Finds the first tick at which two peers differ, and names the field.
//!
//! Only confirmed ticks are compared. Each peer hashes every confirmed state and chains the hashes, so one equal
//! value proves all ticks before it. When a value differs, the peers exchange the hashes of single ticks, then the
//! fields of the first tick that differs.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod exchange;
mod journal;
mod record;
mod report;

pub(crate) use exchange::{Exchange, Finding};
pub(crate) use journal::Journal;
#[cfg(test)]
pub(crate) use journal::chained;
pub(crate) use record::Record;
pub use report::DesyncReport;
