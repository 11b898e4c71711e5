//! What `pong --json` prints, one object a line, and what `cargo xtask pong --json` prints in the end.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A line on the stdout of a player.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The host has an invite code for somebody.
    Invite {
        /// What the other side passes to `pong join`.
        code: String,
        /// Who it is for: `player` or `spectator`.
        role: String,
    },
    /// The two are joined, by a secure link.
    Connected,
    /// Where the match is, a few times a second.
    Progress(Progress),
    /// The other side is not heard of; the match waits for it.
    Paused,
    /// The match goes on.
    Resumed,
    /// The two simulations differ.
    Desync {
        /// The first tick, entity, component and field that differ, and both values.
        report: String,
    },
    /// The match is over; the last line.
    Result(Box<MatchResult>),
    /// Something that this view doesn't show.
    #[serde(other)]
    Other,
}

/// Where a match is, as one side sees it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Progress {
    /// The tick that is shown to the player; it may yet be rolled back.
    pub(crate) tick: u64,
    /// The host's points, then the joiner's.
    pub(crate) score: [u32; 2],
    /// Round trip to the other side, in milliseconds.
    pub(crate) rtt_ms: f64,
    /// Rollbacks so far.
    pub(crate) rollbacks: u64,
    /// What the match is doing.
    pub(crate) phase: String,
}

/// How a match ended, as one side saw it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MatchResult {
    /// Why it ended: `time`, `match`, `forfeit` or `left`.
    pub(crate) ended: String,
    /// The host's points, then the joiner's.
    pub(crate) score: [u32; 2],
    /// The side's figures.
    pub(crate) peer: Peer,
    /// Hashes at sampled confirmed ticks, each chained to all confirmed ticks before it.
    pub(crate) chain: Vec<(u64, String)>,
    /// What the lab did to the datagrams, by direction and counter; on the side that ran it.
    #[serde(default)]
    pub(crate) lab: Option<BTreeMap<String, BTreeMap<String, serde_json::Value>>>,
}

/// The figures of one side.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Peer {
    /// The hash of the state at the last confirmed tick.
    pub(crate) state_hash: String,
    /// Ticks for which both sides' inputs are known.
    pub(crate) confirmed_ticks: u64,
    /// Confirmed ticks on which the sides were found to differ.
    pub(crate) desyncs: u64,
    /// Inputs that never arrived.
    pub(crate) lost_inputs: u64,
    /// How often the player pressed or let go of something.
    pub(crate) input_changes: u64,
    /// How often the simulation went back.
    pub(crate) rollbacks: u64,
    /// The longest way back, in ticks.
    pub(crate) max_rollback: u64,
    /// Ticks that were simulated again.
    pub(crate) resimulated_ticks: u64,
    /// What went on the wire, in bytes a second.
    pub(crate) bytes_sent_per_second: f64,
    /// Round trip, in milliseconds.
    pub(crate) rtt_ms: f64,
    /// Ticks a second that were shown.
    pub(crate) ticks_per_second: f64,
    /// The longest time without a new tick, in milliseconds.
    pub(crate) longest_gap_ms: f64,
}

/// What every headless game ends with under `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// Which game.
    pub(crate) game: &'static str,
    /// The host's seed.
    pub(crate) seed: u64,
    /// Ticks that both sides confirmed.
    pub(crate) ticks: u64,
    /// The host, then the joiner.
    pub(crate) peers: [Peer; 2],
    /// Whether the sides agree on every confirmed tick.
    pub(crate) equal: bool,
}
