//! What a [`ScoreStore`] promises, as checks that any store has to pass.
//!
//! ```
//! use netcord_scores::store::{MemoryStore, contract};
//!
//! contract::check(&mut |boards| Box::new(MemoryStore::new(boards)));
//! ```

mod copies;
mod fixture;
mod listings;
mod moderation;
mod names;
mod random;
mod runs;
mod threads;
mod tickets;

pub use random::walk;

use super::ScoreStore;
use crate::model::Board;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Makes empty stores of these boards, one that has nothing of another.
pub type Maker<'a> = &'a mut dyn FnMut(&[Board]) -> Box<dyn ScoreStore>;

/// One thing that a store promises, and the check of it: it panics when the store breaks the promise.
pub type Check = (&'static str, fn(Maker<'_>));

/// All checks.
pub fn checks() -> impl Iterator<Item = Check> {
    let parts = [
        names::CHECKS,
        tickets::CHECKS,
        runs::CHECKS,
        listings::CHECKS,
        moderation::CHECKS,
        copies::CHECKS,
        threads::CHECKS,
        random::CHECKS,
    ];
    parts.into_iter().flatten().copied()
}

/// Runs all checks.
///
/// # Panics
/// When some fail, with their names.
pub fn check(make: Maker<'_>) {
    let mut broken = Vec::new();
    for (promise, check) in checks() {
        if catch_unwind(AssertUnwindSafe(|| check(&mut *make))).is_err() {
            broken.push(promise);
        }
    }
    assert!(broken.is_empty(), "the store breaks {} promises: {broken:#?}", broken.len());
}

/// A list of checks by the names of their functions.
macro_rules! promises {
    ($($check:ident),+ $(,)?) => {
        pub(super) const CHECKS: &[super::Check] = &[$((stringify!($check), $check)),+];
    };
}
use promises;
