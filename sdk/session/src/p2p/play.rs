//! A match in play: ticks, inputs out and in, and the stream to spectators.

use super::event::{Outcome, SessionEvent, SpectatorGone};
use super::link::{Stage, Which};
use super::state::{Match, PLAYERS, Phase, Role};
use crate::protocol::{
    InputBytes, InputHeader, MAX_LEAD, MAX_RUN_TICKS, Reader, RunWriter, expand_tick, read_runs,
};
use crate::rollback::MAX_AHEAD;
use crate::{PlayerIndex, PlayerInput, ProtocolError};
use core::time::Duration;
use netcord_transport::{PeerId, Receipt};
use netcord_wire::Tick;

/// No input is added to a message that is this long, so that it fits one datagram with all but the longest inputs.
const MAX_INPUT_BYTES: usize = 600;
/// Messages of which one must arrive before the other's prediction window is used up.
const MESSAGES_BRIDGED: u32 = 3;
/// Ticks that a spectator plays behind the newest that it has, besides the interval of the stream.
const SPECTATOR_RESERVE: i32 = 8;
/// How much faster a spectator plays for each tick that it is behind, in millionths.
const SPECTATOR_SLEW_PER_TICK: i32 = 4_000;

impl<I: PlayerInput> Match<I> {
    /// Whether a tick is to be run now.
    pub(super) fn tick_due(&self) -> bool {
        self.phase == Phase::Running && self.clock.is_due(self.now) && self.can_advance()
    }

    fn can_advance(&self) -> bool {
        match self.local {
            Some(local) => {
                // The peer may know less than it seems while acks are lost; then there is a limit too.
                let unacked = self
                    .links
                    .opponent
                    .as_ref()
                    .map_or(0, |link| self.rollback.next_input(local).since(link.delivery.undelivered()));
                self.rollback.can_advance() && unacked < MAX_AHEAD as i32
            }
            None => self.log.next().is_after(self.rollback.current()),
        }
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
        if self.rollback.advance(&mut self.requests) {
            self.counters.ticks += 1;
            if let Some(gap) = self.clock.ran(self.now) {
                self.counters.longest_gap = self.counters.longest_gap.max(gap);
            }
        }
        self.log_confirmed();
        let (now, interval, every) = (self.now, self.clock.interval(), self.send_interval());
        if let Some(link) = &mut self.links.opponent {
            let overdue = link.is_overdue(now, interval * (every + 2)) || link.delivery.has_lost();
            link.pace.tick(changed, if overdue { 1 } else { every });
        }
    }

    /// How many ticks may pass without a message when nothing changes: several must fit into the time that the
    /// other bridges by prediction.
    fn send_interval(&self) -> u32 {
        let on_the_way =
            self.links.opponent.as_ref().map_or(Duration::ZERO, |link| link.rtt / 2 + link.jitter);
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
        let Some(inputs) = self.log.get(tick) else { return false };
        for (player, bytes) in (0..PLAYERS).map(PlayerIndex).zip(inputs.chunks(I::BYTES)) {
            // The stream was decoded when it came in.
            let taken = self.rollback.add_input(player, tick, I::decode(bytes).unwrap_or_default());
            debug_assert!(taken.is_ok(), "{taken:?}");
        }
        false
    }

    /// Keeps what became confirmed, for spectators.
    pub(super) fn log_confirmed(&mut self) {
        if self.role != Role::Host {
            return;
        }
        let mut bytes = InputBytes::zeros(usize::from(PLAYERS) * I::BYTES);
        for tick in self.log.next().until(self.rollback.confirmed()) {
            for (player, bytes) in (0..PLAYERS).map(PlayerIndex).zip(bytes.chunks_mut(I::BYTES)) {
                self.rollback.input(player, tick).unwrap_or_default().encode(bytes);
            }
            self.log.push(&bytes);
        }
    }

    pub(super) fn on_inputs(&mut self, which: Which, payload: &[u8]) -> Result<(), ProtocolError> {
        let stage = self.links.get_mut(which).map(|link| link.stage);
        let playing = match self.role {
            // The guest's first inputs may overtake its word that it is ready.
            Role::Host => which == Which::Opponent && matches!(stage, Some(Stage::Live | Stage::Starting(_))),
            Role::Guest | Role::Spectator => stage == Some(Stage::Live),
        };
        if self.phase == Phase::Ended {
            return Ok(());
        }
        if !playing {
            return Err(ProtocolError::OutOfPlace("inputs"));
        }
        let mut reader = Reader::new(payload);
        let header = InputHeader::decode(&mut reader)?;
        let (newest, is_news) = if self.role == Role::Spectator {
            self.read_stream(header, &mut reader)?
        } else {
            self.read_player_inputs(header, &mut reader)?
        };
        let (now, own, fraction) = (self.now, self.rollback.current(), self.clock.fraction(self.now));
        let is_running = self.phase == Phase::Running;
        let Some(link) = &mut self.links.opponent else { return Ok(()) };
        if is_news {
            link.progress_at = now;
        }
        if let Some(checkpoint) = header.checkpoint {
            link.exchange.hear(checkpoint, &self.journal);
        }
        let their_tick = newest - u32::from(header.lead);
        if is_running && self.clock.is_open() {
            let their_start = self.clock.interval() * own.since(their_tick).max(0).unsigned_abs();
            self.clock.start(now + their_start.saturating_sub(link.rtt / 2));
        }
        // An older message says nothing about now.
        if self.clock.has_run() && !newest.is_before(link.heard) {
            link.heard = newest;
            link.sync.observe(own.since(their_tick), fraction);
            if let Some(sample) = header.sample {
                link.sync.hear(sample);
            }
        }
        Ok(())
    }

    /// Returns the end of the inputs in the message, and whether any was new.
    fn read_player_inputs(
        &mut self,
        header: InputHeader,
        reader: &mut Reader<'_>,
    ) -> Result<(Tick, bool), ProtocolError> {
        let remote = self.remote();
        let expected = self.rollback.next_input(remote);
        let mut tick = expand_tick(header.start, expected);
        let Some(base) = self.rollback.input(remote, tick - 1) else {
            if tick.is_after(expected) {
                return Err(crate::rollback::InputError::Gap { player: remote, tick }.into());
            }
            // So old that all of it was known long ago.
            return Ok((tick, false));
        };
        read_runs(InputBytes::of(base), reader, |bytes| {
            let input = I::decode(bytes).ok_or(ProtocolError::BadInput(tick))?;
            self.rollback.add_input(remote, tick, input)?;
            tick += 1;
            Ok(())
        })?;
        self.log_confirmed();
        Ok((tick, tick.is_after(expected)))
    }

    fn read_stream(
        &mut self,
        header: InputHeader,
        reader: &mut Reader<'_>,
    ) -> Result<(Tick, bool), ProtocolError> {
        let expected = self.log.next();
        let mut tick = expand_tick(header.start, expected);
        if tick.is_after(expected) {
            return Err(ProtocolError::BadValue("start of the stream"));
        }
        let mut base = InputBytes::zeros(usize::from(PLAYERS) * I::BYTES);
        let Some(known) = self.log.get(tick - 1) else { return Ok((tick, false)) };
        base.copy_from_slice(known);
        let mut fell_behind = false;
        read_runs(base, reader, |bytes| {
            if tick == self.log.next() {
                if bytes.chunks(I::BYTES).any(|input| I::decode(input).is_none()) {
                    return Err(ProtocolError::BadInput(tick));
                }
                fell_behind |= self.log.is_full_from(self.rollback.current() - 1);
                self.log.push(bytes);
            }
            tick += 1;
            Ok(())
        })?;
        if fell_behind {
            self.end(Outcome::FellBehind);
            self.part(0);
        }
        Ok((tick, tick.is_after(expected)))
    }

    /// Keeps the clock in step: with the other player, or with the stream.
    pub(super) fn pace(&mut self) {
        if self.clock.is_due(self.now) && !self.can_advance() && self.clock.stall() {
            metrics::counter!("netcord_session_stalls").increment(1);
        }
        let Some(link) = &self.links.opponent else { return };
        if self.local.is_none() {
            let behind = self.log.next().since(self.rollback.current());
            let wanted = i32::from(self.config.spectator_interval) + SPECTATOR_RESERVE;
            let rate = behind.saturating_sub(wanted).saturating_mul(SPECTATOR_SLEW_PER_TICK);
            self.clock.set_rate(rate.clamp(-50_000, 1_000_000));
            return;
        }
        self.clock.set_rate(link.sync.rate());
        let one_way = link.rtt / 2 + link.jitter;
        if self.delay.follow(self.now, one_way, self.clock.interval()) {
            self.events.push_back(SessionEvent::InputDelayChanged { ticks: self.delay.ticks() });
        }
    }

    /// Writes the next input message to the opponent, if one is due; returns the tick after its last input.
    pub(super) fn write_inputs(&mut self, out: &mut Vec<u8>) -> Option<(PeerId, Tick)> {
        let local = self.local?;
        let (now, interval, every) = (self.now, self.clock.interval(), self.send_interval());
        let (current, end) = (self.rollback.current(), self.rollback.next_input(local));
        let stands_still = self.clock.is_due(now) && !self.can_advance();
        let link = self.links.opponent.as_mut().filter(|link| link.stage == Stage::Live)?;
        let start = link.delivery.undelivered();
        // While ticks stand still, time alone brings the next message.
        let patience =
            if link.is_overdue(now, interval * (every + 2)) { interval } else { interval * (every + 1) };
        let lead_in = self.clock.lead_in(now);
        let wanted = link.pace.is_due()
            // Even with no input that the other lacks: it may wait for our word that the match goes on.
            || ((stands_still || end.is_after(start)) && link.pace.is_silent(now, patience))
            || (lead_in > 0 && link.pace.is_silent(now, interval));
        if !wanted || self.phase != Phase::Running {
            return None;
        }
        let sample = link.sync.sample().filter(|_| link.pace.wants_sample());
        let header = InputHeader {
            lead: (end.since(current) + lead_in as i32).clamp(0, MAX_LEAD as i32) as u8,
            start: start.0 as u16,
            sample,
            checkpoint: link.checkpoint.take(),
        };
        header.encode(out);
        let base = self.rollback.input(local, start - 1).unwrap_or_default();
        let mut writer = RunWriter::new(InputBytes::of(base), out);
        let mut tick = start;
        while tick.is_before(end) && writer.message_len() < MAX_INPUT_BYTES {
            writer.push(&InputBytes::of(self.rollback.input(local, tick).unwrap_or_default()));
            tick += 1;
        }
        link.pace.sent(now, sample.is_some());
        Some((link.peer, tick))
    }

    /// Writes the next message to a spectator, if one is due.
    pub(super) fn write_stream(&mut self, index: usize, out: &mut Vec<u8>) -> Option<(PeerId, Tick)> {
        let (now, interval) = (self.now, self.clock.interval());
        let every = u32::from(self.config.spectator_interval);
        let log = &self.log;
        let link = self.links.spectators.get_mut(index).filter(|link| link.stage == Stage::Live)?;
        let start = link.delivery.undelivered();
        let end = log.next().earliest(start + MAX_RUN_TICKS);
        let news = log.next().since(link.heard) >= every as i32;
        let missing = end.is_after(start)
            && (link.delivery.has_lost() || link.is_overdue(now, interval * (every + 2)))
            && link.pace.is_silent(now, interval);
        if !news && !missing {
            return None;
        }
        let mut base = InputBytes::zeros(usize::from(PLAYERS) * I::BYTES);
        base.copy_from_slice(log.get(start - 1)?);
        InputHeader { start: start.0 as u16, checkpoint: link.checkpoint.take(), ..InputHeader::default() }
            .encode(out);
        let mut writer = RunWriter::new(base, out);
        let mut tick = start;
        while let Some(inputs) = log.get(tick).filter(|_| tick.is_before(end))
            && writer.message_len() < MAX_INPUT_BYTES
        {
            writer.push(inputs);
            tick += 1;
        }
        link.heard = log.next();
        link.pace.sent(now, false);
        Some((link.peer, tick))
    }

    /// A message left that ends before `end`.
    pub(super) fn sent(&mut self, which: Which, receipt: Receipt, end: Tick) {
        let now = self.now;
        if let Some(link) = self.links.get_mut(which) {
            link.delivery.sent(receipt, end, now);
        }
    }

    /// Drops spectators that the log can't serve any more.
    pub(super) fn drop_slow_spectators(&mut self) {
        while let Some(slow) = self.links.spectators.iter().position(|link| {
            link.stage == Stage::Live && self.log.get(link.delivery.undelivered() - 1).is_none()
        }) {
            self.drop_spectator(slow, SpectatorGone::TooSlow);
        }
    }

    /// The transport refused a control message: the peer takes in less than it is sent.
    pub(super) fn on_refused(&mut self, peer: PeerId) {
        match self.links.which(peer) {
            Some(Which::Spectator(index)) => self.drop_spectator(index, SpectatorGone::TooSlow),
            Some(Which::Opponent) => self.give_up_opponent(),
            None => {}
        }
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
