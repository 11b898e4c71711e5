//! A match in play: when ticks run, with whose inputs, and how fast.

use super::event::SessionEvent;
use super::link::Link;
use super::state::{Match, Phase, Role};
use crate::protocol::InputBytes;
use crate::rollback::MAX_AHEAD;
use crate::{PlayerIndex, PlayerInput};
use core::time::Duration;

/// Messages of which one must arrive before the other's prediction window is used up.
const MESSAGES_BRIDGED: u32 = 3;
/// Ticks that a spectator plays behind the newest that it has, besides the interval of the stream.
const SPECTATOR_RESERVE: i32 = 8;
/// How much faster a spectator plays for each tick that it is behind, in millionths.
const SPECTATOR_SLEW_PER_TICK: i32 = 4_000;
/// One who is so many ticks behind the newest that it heard of its host catches up.
const CATCH_UP: i32 = 4;
/// How much faster it plays for each tick beyond that, in millionths.
const CATCH_UP_PER_TICK: i32 = 100_000;

impl<I: PlayerInput> Match<I> {
    /// Whether a tick is to be run now.
    pub(super) fn tick_due(&self) -> bool {
        self.phase == Phase::Running && self.clock.is_due(self.now) && self.can_advance()
    }

    pub(super) fn can_advance(&self) -> bool {
        let Some(local) = self.local else { return self.log.next().is_after(self.rollback.current()) };
        // A peer may know less than it seems while acks are lost; then there is a limit too.
        let next = self.rollback.next_input(local);
        let takes_part = |link: &&Link| link.player().is_some_and(|player| self.seats.live.contains(player));
        let unacked = |link: &Link| next.since(link.delivery.undelivered());
        let mut players = self.links.iter().filter(|link| link.plays()).filter(takes_part);
        self.rollback.can_advance() && players.all(|link| unacked(link) < MAX_AHEAD as i32)
    }

    /// Runs a tick, if one is due.
    pub(super) fn advance(&mut self, input: I) {
        if !self.tick_due() {
            return;
        }
        let changed = match self.local {
            Some(local) => self.take_local_input(local, input),
            None => self.take_logged_inputs(),
        };
        self.counters.input_changes += u64::from(changed);
        if self.rollback.advance(&mut self.requests) {
            self.counters.ticks += 1;
            if let Some(gap) = self.clock.ran(self.now) {
                self.counters.longest_gap = self.counters.longest_gap.max(gap);
            }
        }
        self.log_confirmed();
        let (now, interval) = (self.now, self.clock.interval());
        for place in 0..self.links.len() {
            let Some(link) = self.links.at_mut(place).filter(|link| link.plays()) else { continue };
            let on_the_way = link.rtt / 2 + link.jitter;
            let every = self.send_interval(on_the_way);
            let Some(link) = self.links.at_mut(place) else { continue };
            let overdue = link.is_overdue(now, interval * (every + 2)) || link.delivery.has_lost();
            link.pace.tick(changed, if overdue { 1 } else { every });
        }
    }

    /// How many ticks may pass without a message when nothing changes: several must fit into the time that the
    /// other bridges by prediction.
    pub(super) fn send_interval(&self, on_the_way: Duration) -> u32 {
        let on_the_way = self.clock.ticks_in(on_the_way);
        let bridged = u32::from(self.config.prediction) + self.delay.ticks();
        (bridged.saturating_sub(on_the_way) / MESSAGES_BRIDGED).clamp(1, self.config.send_interval.into())
    }

    /// Queues the local player's input behind the delay; returns whether it differs from the one before. After
    /// the delay shrank, or the match went back, inputs for the next ticks are there already.
    fn take_local_input(&mut self, local: PlayerIndex, input: I) -> bool {
        let (next, last) = (self.rollback.next_input(local), self.rollback.current() + self.delay.ticks());
        let held = self.rollback.input(local, next - 1).unwrap_or_default();
        for tick in next.until(last.next()) {
            let value = if tick == last { input } else { held };
            let taken = self.rollback.add_input(local, tick, value);
            debug_assert!(taken.is_ok(), "{taken:?}");
        }
        !last.is_before(next) && input != held
    }

    /// A spectator's next inputs are those of the stream.
    fn take_logged_inputs(&mut self) -> bool {
        let tick = self.rollback.current();
        for player in self.all_players() {
            let taken = self.rollback.add(player, tick, self.logged_input(player, tick));
            debug_assert!(taken.is_ok(), "{taken:?}");
        }
        false
    }

    /// Plays a tick of the stream.
    pub(super) fn play_logged(&mut self) {
        self.take_logged_inputs();
        if self.rollback.advance(&mut self.requests) {
            self.counters.ticks += 1;
        }
    }

    /// Keeps what became confirmed, for those who watch.
    pub(super) fn log_confirmed(&mut self) {
        if self.role != Role::Host {
            return;
        }
        let mut bytes = InputBytes::zeros(self.log_width());
        for tick in self.log.next().until(self.rollback.confirmed()) {
            self.write_tick(tick, &mut bytes);
            self.log.push(&bytes);
        }
    }

    /// Keeps the clock in step: with the other player, the host, or the stream.
    pub(super) fn pace(&mut self) {
        if self.clock.is_due(self.now) && !self.can_advance() && self.clock.stall() {
            metrics::counter!("netcord_session_stalls").increment(1);
        }
        if self.watches() {
            let behind = self.log.next().since(self.rollback.current());
            let wanted = i32::from(self.config.spectator_interval) + SPECTATOR_RESERVE;
            let rate = behind.saturating_sub(wanted).saturating_mul(SPECTATOR_SLEW_PER_TICK);
            self.clock.set_rate(rate.clamp(-50_000, 1_000_000));
            return;
        }
        let ways = self.links.iter().filter(|link| link.plays()).map(|link| link.rtt / 2 + link.jitter);
        let one_way = ways.max().unwrap_or_default();
        if self.delay.follow(self.now, one_way, self.clock.interval()) {
            self.events.push_back(SessionEvent::InputDelayChanged { ticks: self.delay.ticks() });
        }
        // Of two, each meets the other half way. Of more, all follow the host.
        let leads = !self.is_duel() && self.role == Role::Host;
        let rate = match self.counterpart_link().filter(|_| !leads) {
            Some(link) => {
                let behind = link.tick.since(self.rollback.current()) - CATCH_UP;
                if behind > 0 && !self.is_duel() {
                    behind.min(10) * CATCH_UP_PER_TICK
                } else {
                    link.sync.rate()
                }
            }
            None => 0,
        };
        self.clock.set_rate(rate);
    }

    pub(super) fn next_tick_in(&self) -> Option<Duration> {
        (self.phase == Phase::Running).then(|| self.clock.due().saturating_sub(self.now))
    }

    /// How long no tick could run because the other's inputs are missing.
    pub(super) fn stalled_for(&self) -> Duration {
        if self.phase == Phase::Running && !self.can_advance() {
            self.now.saturating_sub(self.clock.due())
        } else {
            Duration::ZERO
        }
    }
}
