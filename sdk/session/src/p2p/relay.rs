//! The host passes on inputs to guests who have no link to each other: because there is no way between them, or it is
//! lost, or not found yet.

use super::link::{Link, Remote, Stage};
use super::state::{Match, Role};
use crate::player_set::PlayerSet;
use crate::protocol::{InputTail, Membership};
use crate::{MAX_PLAYERS, PlayerIndex, PlayerInput, ProtocolError};
use core::time::Duration;
use netcord_transport::PeerId;
use netcord_wire::Tick;

/// A player of whom nothing new came for so long is asked after at the host: perhaps it reaches others better.
const SILENCE: Duration = Duration::from_secs(2);

/// What a guest told about its links, and how far it was served.
#[derive(Debug, Default)]
pub(super) struct Relay {
    /// To whom it has a link.
    pub(super) linked: PlayerSet,
    /// Whose inputs it lacks, and from where on.
    next: [Option<Tick>; MAX_PLAYERS],
}

impl<I: PlayerInput> Match<I> {
    /// Tells the host of changes of our links, and whose inputs we lack.
    pub(super) fn report_links(&mut self) {
        let host = self.seats.host();
        let Some(link) = self.links.player(host) else { return };
        if !matches!(link.stage, Stage::Live | Stage::Queued) {
            return;
        }
        let peer = link.peer;
        let linked = self.links.iter().filter_map(|link| link.player()).collect::<PlayerSet>();
        let brings = |link: &&Link| link.plays() && self.now.saturating_sub(link.progress_at) < SILENCE;
        let served = self.links.iter().filter(brings).filter_map(|link| link.player());
        let served = served.collect::<PlayerSet>().with(host);
        let lacking = match self.local {
            Some(local) => self.seats.live.without(served.with(local)),
            None => PlayerSet::default(),
        };
        let report = (peer, linked, lacking);
        if self.voter.reported != Some(report) {
            self.voter.reported = Some(report);
            let lacking = lacking.iter().map(|player| (player, self.rollback.next_input(player))).collect();
            self.tell(peer, Membership::Links { linked, lacking });
        }
    }

    pub(super) fn on_links(&mut self, peer: PeerId, linked: PlayerSet, lacking: &[(PlayerIndex, Tick)]) {
        let Some(link) = self.links.get_mut(peer) else { return };
        link.relay = Relay { linked, next: Default::default() };
        for (player, tick) in lacking {
            if let Some(next) = link.relay.next.get_mut(player.index()) {
                *next = Some(*tick);
            }
        }
    }

    /// Passes on what is new.
    pub(super) fn forward_inputs(&mut self) {
        for place in 0..self.links.len() {
            for player in self.seats.live.without(self.voter.frozen).iter() {
                let Some(link) = self.links.at_mut(place).filter(|link| link.plays()) else { continue };
                let (peer, on_the_way) = (link.peer, link.rtt / 2 + link.jitter);
                let Some(from) = link.relay.next.get(player.index()).copied().flatten() else { continue };
                let end = self.rollback.next_input(player);
                let Some(held) = self.rollback.input(player, from - 1).filter(|_| from.is_before(end)) else {
                    continue;
                };
                let mut inputs = from.until(end).map_while(|tick| self.rollback.input(player, tick));
                let is_due = end.since(from) >= self.send_interval(on_the_way) as i32;
                if !is_due && inputs.all(|input| input == held) {
                    continue;
                }
                let inputs = from.until(end).map_while(|tick| self.rollback.input(player, tick));
                let inputs = InputTail::new(from, inputs);
                if let Some(link) = self.links.at_mut(place)
                    && let Some(next) = link.relay.next.get_mut(player.index())
                {
                    *next = Some(end);
                }
                self.tell(peer, Membership::Forward { player, inputs });
            }
        }
    }

    /// Takes inputs that another peer passes on, as far as they are new. It answers for none of them: a player who tells
    /// two peers different things makes neither a liar, and its own state differ from others'.
    pub(super) fn take_at_second_hand(&mut self, player: PlayerIndex, (first, inputs): (Tick, Vec<I>)) {
        for (tick, input) in (0..).map(|offset| first + offset).zip(inputs) {
            if tick == self.rollback.next_input(player)
                && let Err(error) = self.rollback.add_input(player, tick, input)
            {
                tracing::debug!(%error, "inputs that were passed on are not taken");
                return;
            }
        }
    }

    pub(super) fn on_forward(
        &mut self,
        peer: PeerId,
        player: PlayerIndex,
        inputs: &InputTail,
    ) -> Result<(), ProtocolError> {
        let is_host =
            self.links.get(peer).is_some_and(|link| link.remote == Remote::Player(self.seats.host()));
        if !is_host || self.role == Role::Host {
            return Err(ProtocolError::OutOfPlace("forward"));
        }
        let inputs = (inputs.first, inputs.inputs::<I>()?);
        if self.local.is_none_or(|local| local == player)
            || !self.seats.live.contains(player)
            || self.voter.frozen.contains(player)
        {
            return Ok(());
        }
        let end = inputs.0 + inputs.1.len() as u32;
        self.take_at_second_hand(player, inputs);
        if self.rollback.next_input(player).is_before(end) {
            // It crossed with a change: the host is told again from where on we lack them.
            self.voter.reported = None;
        }
        Ok(())
    }
}
