//! The suite `mesh`: matches of three to eight players, each connected to each, over invites, introductions, ciphers,
//! channels and the lab's network, in simulated time.
//!
//! A seed is a number of players, a network, and a plot: players leave, crash, come back, come late; links are cut
//! between two or between two sides; the host leaves or dies. In the end all who are there must play one match, and
//! all must have lived through the same.

mod diary;
mod game;
mod player;
mod scenario;
mod table;

pub use game::Walk;

use crate::suite::{self, Played, times_of};
use player::Player;
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
    /// Ticks that were confirmed, by all players together.
    pub ticks: u64,
    /// How often players went back.
    pub rollbacks: u64,
    /// The most ticks that one went back at once.
    pub max_rollback: u64,
    /// Peers that were found to have another state.
    pub desyncs: u64,
    /// Players who left on purpose.
    pub leaves: u64,
    /// Processes that died.
    pub crashes: u64,
    /// Of them, those that came back.
    pub rejoins: u64,
    /// Players who came when the match was running.
    pub late_joins: u64,
    /// Spectators who came.
    pub spectators: u64,
    /// Of them, those whose process stood still for a while.
    pub hold_ups: u64,
    /// Cuts between two players or two sides.
    pub cuts: u64,
    /// Players whom hosts took out of the match.
    pub changes: u64,
    /// How often players were told of another host.
    pub hand_overs: u64,
    /// How often players waited for another.
    pub pauses: u64,
    /// First connections that failed and were made with another invite.
    pub failed_starts: u64,
    /// The longest that all needed to be together again after the last disturbance.
    pub longest_recovery_ms: u64,
}

impl Totals {
    fn add_session(&mut self, player: &Player) {
        let stats = player.stats();
        self.ticks += stats.confirmed_ticks;
        self.rollbacks += stats.rollbacks;
        self.max_rollback = self.max_rollback.max(stats.max_rollback.into());
        self.desyncs += stats.desyncs;
        self.hand_overs += player.hand_overs;
        self.pauses += player.pauses;
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
        self.desyncs += other.desyncs;
        self.leaves += other.leaves;
        self.crashes += other.crashes;
        self.rejoins += other.rejoins;
        self.late_joins += other.late_joins;
        self.spectators += other.spectators;
        self.hold_ups += other.hold_ups;
        self.cuts += other.cuts;
        self.changes += other.changes;
        self.hand_overs += other.hand_overs;
        self.pauses += other.pauses;
        self.failed_starts += other.failed_starts;
        self.longest_recovery_ms = self.longest_recovery_ms.max(other.longest_recovery_ms);
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
