//! The inputs of players, from one to the other.

use super::link::{Remote, Stage};
use super::state::{Match, Phase};
use super::stream::STREAM;
use crate::protocol::{InputBytes, InputHeader, MAX_LEAD, Reader, RunWriter, expand_tick, read_runs};
use crate::rollback::InputError;
use crate::{PlayerIndex, PlayerInput, ProtocolError};
use netcord_transport::{PeerId, Receipt};
use netcord_wire::Tick;

/// No input is added to a message that is this long, so that it fits one datagram with all but the longest inputs.
pub(super) const MAX_INPUT_BYTES: usize = 600;

impl<I: PlayerInput> Match<I> {
    pub(super) fn on_inputs(&mut self, peer: PeerId, payload: &[u8]) -> Result<(), ProtocolError> {
        let Some(link) = self.links.get(peer) else { return Ok(()) };
        let (stage, remote) = (link.stage, link.remote);
        if self.phase == Phase::Ended {
            return Ok(());
        }
        let Remote::Player(player) = remote else { return Err(ProtocolError::OutOfPlace("inputs")) };
        let from_counterpart = player == self.counterpart();
        let mut reader = Reader::new(payload);
        let (header, newest, is_news) = if self.watches() {
            if !from_counterpart || stage != Stage::Live {
                // In a match of more than two, players may be ahead of the host's word that we take part.
                return if self.seat.is_some() && self.phase != Phase::Waiting {
                    Ok(())
                } else {
                    Err(ProtocolError::OutOfPlace("inputs"))
                };
            }
            let header = InputHeader::decode(&mut reader)?;
            if !self.is_duel() && header.lead != STREAM {
                return Ok(());
            }
            let (newest, is_news) = self.read_stream(header, &mut reader)?;
            (header, newest, is_news)
        } else {
            // The guest's first inputs may overtake its word that it is ready.
            let plays = match self.is_duel() {
                true => matches!(stage, Stage::Live | Stage::Starting(_)),
                false => self.seats.live.contains(player),
            };
            if !plays && self.is_duel() {
                return Err(ProtocolError::OutOfPlace("inputs"));
            }
            let header = InputHeader::decode(&mut reader)?;
            let is_stream = !self.is_duel() && header.lead == STREAM;
            if !plays || is_stream || self.voter.frozen.contains(player) {
                return Ok(());
            }
            let Some((newest, is_news)) = self.read_player_inputs(peer, player, header, &mut reader)? else {
                return Ok(());
            };
            (header, newest, is_news)
        };
        let (now, own, fraction) = (self.now, self.rollback.current(), self.clock.fraction(self.now));
        let is_running = self.phase == Phase::Running;
        let Some(link) = self.links.get_mut(peer) else { return Ok(()) };
        if is_news {
            link.progress_at = now;
        }
        if let Some(checkpoint) = header.checkpoint {
            link.exchange.hear(checkpoint, &self.journal);
        }
        let their_tick = newest - u32::from(header.lead);
        if is_running && from_counterpart && self.clock.is_open() {
            let their_start = self.clock.interval() * own.since(their_tick).max(0).unsigned_abs();
            self.clock.start(now + their_start.saturating_sub(link.rtt / 2));
        }
        // An older message says nothing about now.
        if self.clock.has_run() && !newest.is_before(link.heard) {
            (link.heard, link.tick) = (newest, their_tick);
            link.sync.observe(own.since(their_tick), fraction);
            if let Some(sample) = header.sample {
                link.sync.hear(sample);
            }
        }
        Ok(())
    }

    /// Returns the end of the inputs in the message, and whether any was new; nothing when it can't be used.
    fn read_player_inputs(
        &mut self,
        peer: PeerId,
        player: PlayerIndex,
        header: InputHeader,
        reader: &mut Reader<'_>,
    ) -> Result<Option<(Tick, bool)>, ProtocolError> {
        let expected = self.rollback.next_input(player);
        let mut tick = expand_tick(header.start, expected);
        let Some(base) = self.rollback.input(player, tick - 1) else {
            if tick.is_after(expected) {
                return self.ask_again(peer, InputError::Gap { player, tick });
            }
            // So old that all of it was known long ago.
            return Ok(Some((tick, false)));
        };
        let mut unusable = None;
        read_runs(InputBytes::of(base), reader, |bytes| {
            let input = I::decode(bytes).ok_or(ProtocolError::BadInput(tick))?;
            match self.rollback.add_input(player, tick, input) {
                Ok(()) => {}
                Err(error @ (InputError::Gap { .. } | InputError::TooFarAhead { .. })) => {
                    unusable = unusable.or(Some(error));
                }
                Err(error) => return Err(error.into()),
            }
            tick += 1;
            Ok(())
        })?;
        self.log_confirmed();
        match unusable {
            Some(error) => self.ask_again(peer, error),
            None => Ok(Some((tick, tick.is_after(expected)))),
        }
    }

    /// A message that can't be used. Of two, no honest peer sends one; among more, it may have crossed with a change,
    /// so the sender is told from where on its inputs are lacking.
    fn ask_again(&mut self, peer: PeerId, error: InputError) -> Result<Option<(Tick, bool)>, ProtocolError> {
        if self.is_duel() {
            return Err(error.into());
        }
        let now = self.now;
        let Some(link) = self.links.get_mut(peer) else { return Ok(None) };
        let patience = 2 * (link.rtt + self.clock.interval());
        if link.asked_at.is_none_or(|at| now.saturating_sub(at) > patience) {
            self.say_what_is_lacking(peer);
        }
        Ok(None)
    }

    /// Writes the next input message to a player, if one is due; returns the tick after its last input.
    pub(super) fn write_inputs(&mut self, place: usize, out: &mut Vec<u8>) -> Option<(PeerId, Tick)> {
        let local = self.local?;
        let (now, interval) = (self.now, self.clock.interval());
        let (current, end) = (self.rollback.current(), self.rollback.next_input(local));
        let most_lead = MAX_LEAD as i32 - i32::from(!self.is_duel());
        let stands_still = self.clock.is_due(now) && !self.can_advance();
        let link = self.links.at_mut(place).filter(|link| link.plays())?;
        let on_the_way = link.rtt / 2 + link.jitter;
        let every = self.send_interval(on_the_way);
        let link = self.links.at_mut(place)?;
        let start = link.delivery.undelivered();
        // While ticks stand still, time alone brings the next message.
        let patience =
            if link.is_overdue(now, interval * (every + 2)) { interval } else { interval * (every + 1) };
        let lead_in = self.clock.lead_in(now);
        let wanted = link.pace.is_due()
            // Even with no input that the other lacks: it may wait for our word that the match goes on.
            || ((stands_still || end.is_after(start)) && link.pace.is_silent(now, patience))
            || (lead_in > 0 && link.pace.is_silent(now, interval));
        if !wanted || self.phase != Phase::Running || end.is_before(start) {
            return None;
        }
        let sample = link.sync.sample().filter(|_| link.pace.wants_sample());
        let header = InputHeader {
            lead: (end.since(current) + lead_in as i32).clamp(0, most_lead) as u8,
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

    /// A message left that ends before `end`.
    pub(super) fn sent(&mut self, peer: PeerId, receipt: Receipt, end: Tick) {
        let now = self.now;
        if let Some(link) = self.links.get_mut(peer) {
            link.delivery.sent(receipt, end, now);
        }
    }
}
