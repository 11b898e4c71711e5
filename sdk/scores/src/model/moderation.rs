//! What moderators do, and what is kept of it.

use super::{PlayerId, ScoreId, UnixTime};
use serde::{Deserialize, Serialize};

/// What a moderator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Takes a score from the listings. It stays stored.
    Hide {
        /// Which one.
        score: ScoreId,
    },
    /// Puts it back.
    Show {
        /// Which one.
        score: ScoreId,
    },
    /// Takes all scores of a player from the listings, and accepts no more.
    Ban {
        /// Whom.
        player: PlayerId,
    },
    /// Undoes that.
    Pardon {
        /// Whom.
        player: PlayerId,
    },
}

/// An act that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Counted up from 1.
    pub number: u64,
    /// When.
    pub at: UnixTime,
    /// By whom.
    pub moderator: PlayerId,
    /// What.
    #[serde(flatten)]
    pub act: Act,
    /// Why, in the moderator's words.
    pub reason: String,
}
