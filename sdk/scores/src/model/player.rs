//! Who plays.

use super::{PlayerId, UnixTime};
use serde::{Deserialize, Serialize};

/// A player as the service knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Player {
    /// The key that they sign with.
    pub id: PlayerId,
    /// What others read.
    pub name: String,
    /// What is unique about the name: the name without what looks alike.
    pub name_key: String,
    /// When they came.
    pub joined: UnixTime,
    /// Until when their accepted runs took them: a person plays one run at a time.
    pub busy_until: UnixTime,
    /// Whether a moderator bans them: their scores are not listed, and no more are accepted.
    pub banned: bool,
}
