//! Saves under torture: processes that are killed, machines that lose power.
//!
//! After each, a load has to give the save that was acknowledged last or a newer one, whole. `cargo xtask torture save`
//! does it at length.

pub mod cuts;
pub mod disk;
pub mod kills;
pub mod page;

use netcord::wire::serde::Serialize;
use std::ops::AddAssign;

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(crate = "netcord::wire::serde")]
pub struct Totals {
    /// Processes that were killed.
    pub kills: u64,
    /// Saves that the killed ones had acknowledged.
    pub acknowledged: u64,
    /// Power cuts, each with one way in which the disk came out of it.
    pub cuts: u64,
    /// Loads that gave an older save than was acknowledged.
    pub lost: u64,
    /// Loads that met a save that was not whole.
    pub torn: u64,
    /// Loads that failed.
    pub unreadable: u64,
    /// The first of them, in words.
    #[serde(skip)]
    pub faults: Vec<String>,
}

/// What is wrong after a kill or a cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An acknowledged save is gone.
    Lost(String),
    /// A save is not whole.
    Torn(String),
    /// A load fails.
    Unreadable(String),
}

impl Totals {
    /// Counts what was found, and keeps the first few faults with their circumstances.
    pub fn count(&mut self, found: Result<(), Verdict>, circumstances: impl FnOnce() -> String) {
        let Err(verdict) = found else { return };
        match verdict {
            Verdict::Lost(_) => self.lost += 1,
            Verdict::Torn(_) => self.torn += 1,
            Verdict::Unreadable(_) => self.unreadable += 1,
        }
        if self.faults.len() < 10 {
            self.faults.push(format!("{verdict:?} ({})", circumstances()));
        }
    }

    /// Whether every save survived.
    pub fn is_clean(&self) -> bool {
        (self.lost, self.torn, self.unreadable) == (0, 0, 0)
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.acknowledged += other.acknowledged;
        self.cuts += other.cuts;
        self.lost += other.lost;
        self.torn += other.torn;
        self.unreadable += other.unreadable;
        self.faults.extend(other.faults);
    }
}
