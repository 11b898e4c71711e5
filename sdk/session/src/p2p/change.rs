//! What a change of who takes part does here, once all have agreed on it (STANDARD.md, section 7.6).

use super::event::{PlayerGone, SessionEvent};
use super::link::Stage;
use super::state::{Match, Out, Role};
use crate::player_set::PlayerSet;
use crate::protocol::{Change, Commit, InputTail, Membership};
use crate::{PlayerIndex, PlayerInput, ProtocolError};
use netcord_transport::{DisconnectReason, PeerId};
use netcord_wire::Tick;

/// No honest peer is to take part that much later than what it has, in ticks.
const MAX_RANGE: i32 = 128;

impl<I: PlayerInput> Match<I> {
    /// Tells the last change once more.
    pub(super) fn repeat_commit(&mut self, peer: PeerId) {
        if let Some(last) = self.voter.last.clone() {
            self.tell(peer, Membership::Commit(last));
        }
    }

    pub(super) fn on_commit(&mut self, peer: PeerId, commit: Commit) -> Result<(), ProtocolError> {
        let lineage = commit.lineage;
        let from = self.links.get(peer).and_then(|link| link.player());
        let is_ours = lineage == self.seats.lineage && from == Some(self.seats.host());
        // A new host first tells the change before, where one lacks it.
        let promised = self.voter.promised.filter(|(to, _)| *to == peer).map(|(_, ballot)| ballot);
        let is_before = promised.is_some_and(|ballot| {
            lineage.term < ballot.lineage.term && commit.number.wrapping_add(1) == ballot.number
        });
        let is_promised = promised.is_some_and(|ballot| lineage == ballot.lineage);
        if self.role != Role::Guest || !(is_ours || is_promised || is_before) {
            self.tell(peer, Membership::Refuse { lineage });
            return Ok(());
        }
        if !self.watches() && commit.number != self.seats.number.wrapping_add(1) {
            // One that was repeated.
            return Ok(());
        }
        let (promised, frozen) = (self.voter.promised, self.voter.frozen);
        self.apply(commit)?;
        if is_before {
            (self.voter.promised, self.voter.frozen) = (promised, frozen);
        }
        Ok(())
    }

    /// Makes a change take effect here.
    pub(super) fn apply(&mut self, commit: Commit) -> Result<(), ProtocolError> {
        tracing::debug!(?commit, local = ?self.local, "change");
        self.check_change(&commit)?;
        let watches = self.watches();
        let host_before = self.seats.lineage;
        self.seats.lineage = commit.lineage;
        self.seats.number = commit.number;
        for change in &commit.changes {
            match change {
                Change::Left { player, tick, reason, code, inputs } => {
                    let reason = PlayerGone::from_wire(*reason, *code)?;
                    self.apply_left(*player, *tick, inputs)?;
                    self.events.push_back(SessionEvent::PlayerLeft { player: *player, tick: *tick, reason });
                }
                Change::Joined { player, tick } => {
                    self.seats.live.insert(*player);
                    self.seats.changed_at = self.seats.changed_at.latest(*tick);
                    if self.seat == Some(*player) && watches {
                        self.take_part(*player, *tick)?;
                    } else if !watches {
                        self.rollback.add_player(*player, *tick);
                    }
                    self.events.push_back(SessionEvent::PlayerJoined { player: *player, tick: *tick });
                }
            }
        }
        self.release();
        let joined = commit.changes.iter().filter_map(|change| match change {
            Change::Joined { player, .. } => Some(*player),
            Change::Left { .. } => None,
        });
        let joined = joined.collect::<PlayerSet>();
        self.voter.last = Some(commit);
        if host_before != self.seats.lineage {
            self.on_new_host(host_before);
        }
        for peer in
            joined.iter().filter_map(|player| Some(self.links.player(player)?.peer)).collect::<Vec<_>>()
        {
            self.say_what_is_lacking(peer);
        }
        self.settle_links();
        self.log_confirmed();
        Ok(())
    }

    /// Whether a change can be made here at all.
    fn check_change(&self, commit: &Commit) -> Result<(), ProtocolError> {
        let (players, host) = (self.config.players, commit.lineage.host());
        let is_possible = host.0 < players
            && commit.changes.iter().all(|change| match change {
                Change::Left { player, reason, code, .. } => {
                    let stays = Some(*player) == self.local || *player == host;
                    player.0 < players && !stays && PlayerGone::from_wire(*reason, *code).is_ok()
                }
                Change::Joined { player, .. } => player.0 < players,
            });
        is_possible.then_some(()).ok_or(ProtocolError::BadValue("change"))
    }

    fn apply_left(
        &mut self,
        player: PlayerIndex,
        tick: Tick,
        inputs: &InputTail,
    ) -> Result<(), ProtocolError> {
        if !self.watches() && self.seats.live.contains(player) {
            self.take_at_second_hand(player, (inputs.first, inputs.inputs::<I>()?));
            if self.rollback.next_input(player).is_before(tick) {
                return Err(ProtocolError::BadValue("end of the inputs"));
            }
            self.rollback.remove_player(player, tick);
        }
        self.seats.live.remove(player);
        self.seats.set_absent(player, None);
        self.seats.changed_at = self.seats.changed_at.latest(tick);
        self.departing.retain(|departure| departure.player != player);
        self.awaited.remove(player);
        // A host's own link to it is gone, or a new one.
        if self.role != Role::Host
            && player != self.home
            && let Some(peer) = self.links.player(player).map(|link| link.peer)
        {
            self.links.remove(peer);
            self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::TimedOut));
        }
        Ok(())
    }

    /// We take part from `tick` on, having watched so far.
    fn take_part(&mut self, local: PlayerIndex, tick: Tick) -> Result<(), ProtocolError> {
        let end = self.log.next();
        if tick.is_before(end) || tick.since(end) > MAX_RANGE {
            return Err(ProtocolError::BadValue("tick to take part from"));
        }
        // What is known is played now, so that only what is not is to be caught up with.
        while end.is_after(self.rollback.current()) {
            self.play_logged();
        }
        let players = self.all_players().map(|player| (player, self.logged_input(player, end - 1)));
        let before = players.collect::<Vec<_>>();
        self.rollback.restart(end, self.config.prediction.into());
        for (player, input) in before {
            self.rollback.preload(player, end - 1, std::iter::once(input));
            if player == local || !self.seats.live.contains(player) {
                self.rollback.remove_player(player, end);
            }
        }
        self.rollback.add_player(local, tick);
        self.local = Some(local);
        let now = self.now;
        let host = self.seats.host();
        if let Some(link) = self.links.player_mut(host) {
            link.go(Stage::Live, end, tick, end, now);
        }
        self.say_what_is_lacking_to_all();
        Ok(())
    }
}

impl PlayerGone {
    pub(super) fn to_wire(self) -> (u8, u32) {
        match self {
            Self::Left { code } => (0, code),
            Self::Lost => (1, 0),
            Self::Broken => (2, 0),
        }
    }

    fn from_wire(reason: u8, code: u32) -> Result<Self, ProtocolError> {
        match reason {
            0 => Ok(Self::Left { code }),
            1 => Ok(Self::Lost),
            2 => Ok(Self::Broken),
            _ => Err(ProtocolError::BadValue("reason")),
        }
    }
}
