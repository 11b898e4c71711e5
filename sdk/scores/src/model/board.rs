//! What is compared with what.

use super::{BoardId, UnixTime};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A table of scores that were made under the same rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// What it is called in addresses.
    pub id: BoardId,
    /// What players read above it.
    pub title: String,
    /// Which scores are the better ones.
    pub order: Order,
    /// What the points are.
    pub unit: Unit,
    /// Which runs are listed.
    pub entries: Entries,
    /// How it starts over.
    pub seasons: Seasons,
    /// How many ticks of the rules are a second.
    pub ticks_per_second: u32,
    /// What a run may cost to verify.
    pub limits: RunLimits,
    /// How tickets are handed out.
    pub tickets: TicketPolicy,
}

/// Which scores are the better ones. Of equal ones, the one that was accepted first is listed first; both have one rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// More points are better.
    HighestFirst,
    /// Fewer are: a race against time.
    LowestFirst,
}

/// What the points of a board are, for those who show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Points.
    Points,
    /// Ticks, to be shown as minutes and seconds.
    Ticks,
}

/// Which runs are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entries {
    /// Each player's best.
    BestPerPlayer,
    /// Each run.
    AllRuns,
}

/// How a board starts over. Whatever the seasons are, all scores of a board are in its listing of all time, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Seasons {
    /// It doesn't: there is season 1.
    Endless,
    /// A new season begins again and again. What is accepted before the first counts as the first.
    Every {
        /// When season 1 began.
        first: UnixTime,
        /// How long each lasts, in milliseconds; at least 1.
        millis: u64,
    },
}

/// What a run may cost the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLimits {
    /// How long a replay may be, in bytes.
    pub max_bytes: usize,
    /// How many ticks a run may last.
    pub max_ticks: u32,
    /// How long its verification may take, in milliseconds of a clock.
    pub max_millis: u64,
}

/// How tickets are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPolicy {
    /// How many unused ones a player may hold: so many runs can be played offline. A player knows the seeds of these, so
    /// fewer is fairer.
    pub open_at_most: usize,
    /// For how long one can be redeemed, in milliseconds.
    pub lifetime_millis: u64,
}

impl Seasons {
    /// The season of what is accepted at `now`, from 1.
    pub fn at(&self, now: UnixTime) -> u32 {
        match *self {
            Self::Endless => 1,
            Self::Every { first, millis } => {
                let over = now.as_millis().saturating_sub(first.as_millis()) / millis.max(1);
                u32::try_from(over).unwrap_or(u32::MAX).saturating_add(1)
            }
        }
    }
}

impl Default for RunLimits {
    /// A mebibyte, an hour of 60 ticks a second, five seconds.
    fn default() -> Self {
        Self { max_bytes: 1 << 20, max_ticks: 60 * 60 * 60, max_millis: 5_000 }
    }
}

impl Default for TicketPolicy {
    /// Eight, for thirty days.
    fn default() -> Self {
        let month = Duration::from_secs(30 * 24 * 60 * 60);
        Self { open_at_most: 8, lifetime_millis: month.as_millis() as u64 }
    }
}

impl Order {
    /// The points as a number of which the smaller is the better. It is its own inverse.
    pub const fn key(self, points: i64) -> i64 {
        match self {
            Self::HighestFirst => !points,
            Self::LowestFirst => points,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_are_counted_from_one() {
        assert_eq!(Seasons::Endless.at(UnixTime::from_millis(7)), 1);
        let weekly = Seasons::Every { first: UnixTime::from_millis(1_000), millis: 100 };
        for (millis, season) in [(0, 1), (1_000, 1), (1_099, 1), (1_100, 2), (u64::MAX, u32::MAX)] {
            assert_eq!(weekly.at(UnixTime::from_millis(millis)), season, "{millis}");
        }
    }

    #[test]
    fn the_better_score_has_the_smaller_key() {
        assert!(Order::HighestFirst.key(2) < Order::HighestFirst.key(1));
        assert!(Order::LowestFirst.key(1) < Order::LowestFirst.key(2));
        for points in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert_eq!(Order::HighestFirst.key(Order::HighestFirst.key(points)), points);
        }
    }
}
