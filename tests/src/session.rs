//! The suite `session`: whole matches of Pong, bots against each other, over invites, ciphers, channels and the
//! lab's network, in simulated time.
//!
//! A seed is a place in a grid of losses and latencies, a match's rules and frame rates, and a plot: partitions,
//! a guest's process that dies and comes back with its ticket, a machine that sleeps, a change of address.
//! Host, guest and spectator keep a diary each; in the end all must tell the same story, tick by tick.

mod game;
mod judgement;
mod player;
mod scenario;
mod table;
mod witness;

pub use game::{Keys, Match};

use crate::suite::{self, Played, times_of};
use netcord::session::SessionStats;
use scenario::Scenario;
use serde::Serialize;
use std::ops::AddAssign;

/// What the suite counts over all seeds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    /// Matches that were played, replays not counted.
    pub matches: u64,
    /// Matches that were played a second time and were equal to the byte.
    pub replays: u64,
    /// Simulated time.
    pub simulated_seconds: u64,
    /// Ticks that the hosts confirmed.
    pub ticks: u64,
    /// How often players went back.
    pub rollbacks: u64,
    /// The most ticks that one went back at once.
    pub max_rollback: u64,
    /// Ticks that were simulated again.
    pub resimulated_ticks: u64,
    /// Own inputs that a match was decided without.
    pub lost_inputs: u64,
    /// Peers that were found to have another state.
    pub desyncs: u64,
    /// How often hosts paused because the guest was absent.
    pub pauses: u64,
    /// How often the match went on after that.
    pub resumes: u64,
    /// Matches that ended by forfeit.
    pub forfeits: u64,
    /// Processes of guests that died and came back.
    pub restarts: u64,
    /// Processes that slept.
    pub sleeps: u64,
    /// Changes of the guest's address.
    pub moves: u64,
    /// Spectators that came.
    pub spectators: u64,
    /// First connections that failed and were made with another invite.
    pub failed_starts: u64,
    /// Goodbyes of which every copy was lost.
    pub goodbyes_lost: u64,
    /// The longest that a match stood still while nothing disturbed it any more.
    pub longest_standstill_ms: u64,
    /// The longest of that while both were connected and in the match.
    pub longest_stall_ms: u64,
}

impl Totals {
    fn add_session(&mut self, stats: &SessionStats) {
        self.rollbacks += stats.rollbacks;
        self.max_rollback = self.max_rollback.max(stats.max_rollback.into());
        self.resimulated_ticks += stats.resimulated_ticks;
        self.lost_inputs += stats.lost_inputs;
        self.desyncs += stats.desyncs;
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.matches += other.matches;
        self.replays += other.replays;
        self.simulated_seconds += other.simulated_seconds;
        self.ticks += other.ticks;
        self.rollbacks += other.rollbacks;
        self.max_rollback = self.max_rollback.max(other.max_rollback);
        self.resimulated_ticks += other.resimulated_ticks;
        self.lost_inputs += other.lost_inputs;
        self.desyncs += other.desyncs;
        self.pauses += other.pauses;
        self.resumes += other.resumes;
        self.forfeits += other.forfeits;
        self.restarts += other.restarts;
        self.sleeps += other.sleeps;
        self.moves += other.moves;
        self.spectators += other.spectators;
        self.failed_starts += other.failed_starts;
        self.goodbyes_lost += other.goodbyes_lost;
        self.longest_stall_ms = self.longest_stall_ms.max(other.longest_stall_ms);
        self.longest_standstill_ms = self.longest_standstill_ms.max(other.longest_standstill_ms);
    }
}

/// Plays one seed; one in ten is played twice, to compare every byte.
pub fn play(seed: u64) -> Played<Totals> {
    play_times(seed, times_of(seed))
}

/// Plays one seed twice, to compare every byte.
pub fn play_twice(seed: u64) -> Played<Totals> {
    play_times(seed, 2)
}

fn play_times(seed: u64, times: u32) -> Played<Totals> {
    suite::play_times(&Scenario::of(seed), times, table::play, |totals: &mut Totals| totals.replays += 1)
}
