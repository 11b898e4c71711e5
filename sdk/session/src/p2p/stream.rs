//! The confirmed inputs of all players, from the host to those who watch.
//!
//! The entry of a tick is the inputs of all players in a row. In a match of more than two seats, a byte that says who
//! takes part in the tick stands before them.

use super::event::{Outcome, SpectatorGone};
use super::inputs::MAX_INPUT_BYTES;
use super::link::Remote;
use super::log::InputLog;
use super::state::Match;
use crate::player_set::PlayerSet;
use crate::protocol::{
    InputBytes, InputHeader, MAX_LEAD, MAX_RUN_TICKS, Reader, RunWriter, expand_tick, read_runs,
};
use crate::{PlayerIndex, PlayerInput, ProtocolError};
use netcord_transport::PeerId;
use netcord_wire::Tick;

/// The lead that marks a message of the stream, where one who watches may come to play.
pub(super) const STREAM: u8 = MAX_LEAD as u8;

impl<I: PlayerInput> Match<I> {
    /// Bytes of an entry before the inputs.
    fn log_prefix(&self) -> usize {
        usize::from(!self.is_duel())
    }

    pub(super) fn log_width(&self) -> usize {
        self.log_prefix() + usize::from(self.config.players) * I::BYTES
    }

    /// Writes the entry of a tick whose inputs are known.
    pub(super) fn write_tick(&self, tick: Tick, entry: &mut [u8]) {
        let Some((prefix, inputs)) = entry.split_at_mut_checked(self.log_prefix()) else { return };
        let mut present = PlayerSet::default();
        for (player, bytes) in self.all_players().zip(inputs.chunks_mut(I::BYTES)) {
            let is_absent = self.rollback.is_absent(player, tick);
            if !is_absent {
                present.insert(player);
            }
            let input = self.rollback.input(player, tick).filter(|_| !is_absent);
            input.unwrap_or_default().encode(bytes);
        }
        prefix.fill(present.0);
    }

    /// A player's input in the log; `None` when it took no part.
    pub(super) fn logged_input(&self, player: PlayerIndex, tick: Tick) -> Option<I> {
        let (prefix, inputs) = self.log.get(tick)?.split_at_checked(self.log_prefix())?;
        if prefix.first().is_some_and(|&present| !PlayerSet(present).contains(player)) {
            return None;
        }
        // The stream was decoded when it came in.
        Some(I::decode(inputs.chunks(I::BYTES).nth(player.index())?).unwrap_or_default())
    }

    /// The log goes on from `tick`.
    pub(super) fn restart_log(&mut self, tick: Tick) {
        let mut before = InputBytes::zeros(self.log_width());
        self.write_tick(tick - 1, &mut before);
        self.log = InputLog::new(self.config.spectator_backlog, tick, &before);
    }

    pub(super) fn read_stream(
        &mut self,
        header: InputHeader,
        reader: &mut Reader<'_>,
    ) -> Result<(Tick, bool), ProtocolError> {
        let expected = self.log.next();
        let mut tick = expand_tick(header.start, expected);
        if tick.is_after(expected) {
            return Err(ProtocolError::BadValue("start of the stream"));
        }
        let mut base = InputBytes::zeros(self.log_width());
        let prefix = self.log_prefix();
        let Some(known) = self.log.get(tick - 1) else { return Ok((tick, false)) };
        base.copy_from_slice(known);
        let mut fell_behind = false;
        read_runs(base, reader, |entry| {
            if tick == self.log.next() {
                let inputs = entry.get(prefix..).unwrap_or_default();
                if inputs.chunks(I::BYTES).any(|input| I::decode(input).is_none()) {
                    return Err(ProtocolError::BadInput(tick));
                }
                fell_behind |= self.log.is_full_from(self.rollback.current() - 1);
                self.log.push(entry);
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

    /// Writes the next message to one who watches, if one is due.
    pub(super) fn write_stream(&mut self, place: usize, out: &mut Vec<u8>) -> Option<(PeerId, Tick)> {
        let (now, interval) = (self.now, self.clock.interval());
        let every = u32::from(self.config.spectator_interval);
        let mut base = InputBytes::zeros(self.log_width());
        let lead = if self.is_duel() { 0 } else { STREAM };
        let log = &self.log;
        let link = self.links.at_mut(place).filter(|link| link.watches())?;
        let start = link.delivery.undelivered();
        let end = log.next().earliest(start + MAX_RUN_TICKS);
        let news = log.next().since(link.heard) >= every as i32;
        let missing = end.is_after(start)
            && (link.delivery.has_lost() || link.is_overdue(now, interval * (every + 2)))
            && link.pace.is_silent(now, interval);
        if !news && !missing {
            return None;
        }
        base.copy_from_slice(log.get(start - 1)?);
        let header =
            InputHeader { lead, start: start.0 as u16, sample: None, checkpoint: link.checkpoint.take() };
        header.encode(out);
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

    /// Drops those who watch and whom the log can't serve any more.
    pub(super) fn drop_slow_watchers(&mut self) {
        while let Some(slow) = self
            .links
            .iter()
            .find(|link| link.watches() && self.log.get(link.delivery.undelivered() - 1).is_none())
        {
            let (peer, remote) = (slow.peer, slow.remote);
            match remote {
                Remote::Spectator => self.drop_spectator(peer, SpectatorGone::TooSlow),
                Remote::Player(_) => self.give_up(peer),
            }
        }
    }

    /// The transport refused a control message: the peer takes in less than it is sent.
    pub(super) fn on_refused(&mut self, peer: PeerId) {
        match self.links.get(peer).map(|link| link.remote) {
            Some(Remote::Spectator) => self.drop_spectator(peer, SpectatorGone::TooSlow),
            Some(Remote::Player(_)) => self.give_up(peer),
            None => {}
        }
    }
}
