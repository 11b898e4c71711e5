//! What is known about a match while it is played: hashes to compare, and the figures for the end.

use crate::report::{MatchResult, Peer, Report};
use crate::simulation::Match;
use netcord::session::SessionStats;
use netcord::transport::LinkStats;
use netcord::transport::lab::{PipeStats, Proxy};
use netcord::wire::{StateHash, Tick};
use pong_rules::{Phase, Pong, Side, TICKS_PER_SECOND};
use serde_json::json;
use std::time::Duration;

/// Ticks between two hashes in [`MatchResult::chain`].
const SAMPLE_INTERVAL: u32 = TICKS_PER_SECOND;

/// IPv4 and UDP headers of a datagram.
const HEADERS: u64 = 28;

/// The hashes of a match at every so many ticks.
#[derive(Default)]
pub(crate) struct Samples {
    next: u32,
    chain: Vec<(u32, String)>,
}

impl Samples {
    /// Takes the samples through `confirmed` that are still missing.
    pub(crate) fn take(&mut self, confirmed: Tick, chained_hash: impl Fn(Tick) -> Option<u64>) {
        while confirmed.0 >= self.next {
            if let Some(hash) = chained_hash(Tick(self.next)) {
                self.chain.push((self.next, StateHash(hash).to_string()));
            }
            self.next += SAMPLE_INTERVAL;
        }
    }
}

pub(crate) fn score(pong: &Pong) -> [u16; 2] {
    Side::BOTH.map(|side| pong.score(side))
}

/// The report of where a match is.
pub(crate) fn progress(state: &Match, session: &SessionStats, link: &LinkStats) -> Report {
    let phase = match state.pong.phase() {
        Phase::Serve { .. } => "serve",
        Phase::Rally => "rally",
        Phase::Point { .. } => "point",
        Phase::Over { .. } => "over",
    };
    Report::Progress {
        tick: session.current_tick.0,
        score: score(&state.pong),
        rtt_ms: milliseconds(link.rtt),
        rollbacks: session.rollbacks,
        phase,
    }
}

/// The report of how a match ended, after `played`.
pub(crate) fn result(
    ended: &'static str,
    score: [u16; 2],
    session: &SessionStats,
    link: &LinkStats,
    played: Duration,
    samples: Samples,
    proxy: Option<&Proxy>,
) -> Report {
    let bytes = link.bytes_sent + HEADERS * link.packets_sent;
    let lab = proxy.map(|proxy| {
        let stats = proxy.stats();
        json!({ "up": direction(&stats.up), "down": direction(&stats.down) })
    });
    Report::Result(Box::new(MatchResult {
        ended,
        score,
        peer: Peer {
            state_hash: session.state_hash.to_string(),
            confirmed_ticks: session.confirmed_ticks,
            desyncs: session.desyncs,
            lost_inputs: session.lost_inputs,
            input_changes: session.input_changes,
            rollbacks: session.rollbacks,
            max_rollback: session.max_rollback,
            resimulated_ticks: session.resimulated_ticks,
            bytes_sent_per_second: round(bytes as f64 / played.as_secs_f64().max(0.001)),
            rtt_ms: milliseconds(link.rtt),
            ticks_per_second: (session.ticks_per_second * 100.0).round() / 100.0,
            longest_gap_ms: round(session.longest_gap_ms),
        },
        chain: samples.chain,
        lab,
    }))
}

fn direction(stats: &PipeStats) -> serde_json::Value {
    json!({
        "sent": stats.sent,
        "delivered": stats.delivered,
        "lost": stats.lost,
        "duplicated": stats.duplicated,
        "reordered": stats.reordered,
    })
}

fn milliseconds(duration: Duration) -> f64 {
    round(duration.as_secs_f64() * 1_000.0)
}

/// To a tenth: more would be noise.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
