//! Leave to play a run that counts.

use super::{BoardId, PlayerId, TicketId, UnixTime};
use serde::{Deserialize, Serialize};

/// A run that a player may play: the service chose its seed, and knows since when the player has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// What it is called.
    pub id: TicketId,
    /// For which board.
    pub board: BoardId,
    /// For whom.
    pub player: PlayerId,
    /// What the rules are started with. In JSON a string, as JavaScript's numbers end at 2^53.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// Since when the player has it.
    pub issued: UnixTime,
    /// Until when it can be redeemed.
    pub expires: UnixTime,
}

mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
