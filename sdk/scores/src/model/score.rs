//! What a run came to.

use super::{BoardId, PlayerId, ScoreId, TicketId, UnixTime};
use netcord_wire::StateHash;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a client says that a run comes to. The service refuses a run that comes to something else: one of the two plays
/// by other rules, or lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The points, within ±(2^53 - 1): what JavaScript's numbers hold.
    pub points: i64,
    /// For how many ticks it lasted.
    pub ticks: u32,
    /// The hash of the last state. In JSON, 16 hexadecimal digits.
    #[serde(with = "digits")]
    pub state_hash: StateHash,
}

/// A run that was played again and counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// What it is called.
    pub id: ScoreId,
    /// On which board.
    pub board: BoardId,
    /// In which season.
    pub season: u32,
    /// Who played it.
    pub player: PlayerId,
    /// With which ticket.
    pub ticket: TicketId,
    /// What it came to.
    pub points: i64,
    /// The points as a number of which the smaller is the better: [`Order::key`](super::Order::key).
    pub key: i64,
    /// For how many ticks it lasted.
    pub ticks: u32,
    /// The hash of the last state. In JSON, 16 hexadecimal digits.
    #[serde(with = "digits")]
    pub state_hash: StateHash,
    /// When it was accepted.
    pub accepted: UnixTime,
    /// What else the rules tell of it, by name: lines, level.
    pub details: BTreeMap<String, i64>,
    /// When keys were pressed, for who reviews it.
    pub timing: Timing,
    /// Whether a moderator took it from the listings.
    pub hidden: bool,
}

/// When keys were pressed in a run, in short. People differ from press to press; programs need not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// How often the input changed.
    pub changes: u32,
    /// How many ticks after the one before: `intervals[i]` changes came within 2^i ticks and not within 2^(i-1); the last
    /// has all longer ones.
    pub intervals: [u32; 12],
    /// How many changes came as long after the one before as that one after its own.
    pub repeated: u32,
    /// The tick of the last change, and how long after the one before it came.
    last: Option<(u32, u32)>,
}

/// Which scores of a board are ranked against each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listing {
    /// Of which board.
    pub board: BoardId,
    /// Those of one season; without, those of all time.
    pub season: Option<u32>,
}

/// Where a score stands in a listing: by key, then by id. What is less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// [`Score::key`].
    pub key: i64,
    /// [`Score::id`].
    pub id: ScoreId,
}

impl Score {
    /// The most points that there are, and with a minus the fewest: 2^53 - 1, as JavaScript's numbers are exact up to it.
    pub const MAX_POINTS: i64 = (1 << 53) - 1;

    /// Where it stands.
    pub const fn position(&self) -> Position {
        Position { key: self.key, id: self.id }
    }
}

impl Timing {
    /// Notes that the input changed at `tick`, counted from the start of the run.
    pub fn note(&mut self, tick: u32) {
        self.changes += 1;
        let interval = match self.last {
            Some((last, before)) => {
                let interval = tick.wrapping_sub(last);
                let bucket = (u32::BITS - interval.saturating_sub(1).leading_zeros()) as usize;
                self.intervals[bucket.min(self.intervals.len() - 1)] += 1;
                self.repeated += u32::from(interval == before);
                interval
            }
            None => 0,
        };
        self.last = Some((tick, interval));
    }
}

mod digits {
    use netcord_wire::StateHash;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(hash: &StateHash, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(hash) } else { hash.serialize(serializer) }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StateHash, D::Error> {
        if !deserializer.is_human_readable() {
            return StateHash::deserialize(deserializer);
        }
        let digits = String::deserialize(deserializer)?;
        let spelled = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() != 16 || !spelled {
            return Err(D::Error::custom("not 16 of 0-9 and a-f"));
        }
        u64::from_str_radix(&digits, 16).map(StateHash).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timing_tells_a_metronome_from_a_hand() {
        let (mut program, mut hand) = (Timing::default(), Timing::default());
        for change in 0..100_u32 {
            program.note(7 * change);
            hand.note(7 * change + change * change % 5);
        }
        assert_eq!(program.changes, 100);
        assert_eq!(program.intervals.iter().sum::<u32>(), 99);
        assert_eq!((program.intervals[3], program.repeated), (99, 98));
        assert!(hand.repeated < 50);
    }

    #[test]
    fn a_hash_is_a_string_in_json() {
        let claim = Claim { points: -5, ticks: 7, state_hash: StateHash(0xfedc_ba98_7654_3210) };
        let json = r#"{"points":-5,"ticks":7,"state_hash":"fedcba9876543210"}"#;
        assert_eq!(serde_json::to_string(&claim).unwrap(), json);
        assert_eq!(serde_json::from_str::<Claim>(json).unwrap(), claim);
        assert!(serde_json::from_str::<Claim>(&json.replace("fe", "FE")).is_err());
    }

    #[test]
    fn any_tick_can_be_noted() {
        let mut timing = Timing::default();
        for tick in [0, 0, 1, u32::MAX, 0] {
            timing.note(tick);
        }
        assert_eq!(timing.intervals[0], 3);
        assert_eq!(timing.intervals[11], 1);
    }
}
