//! How a match ends, and who is told.

use super::event::{Outcome, PlayerGone, SessionEvent, SpectatorGone};
use super::link::Remote;
use super::state::{Match, Out, Phase, Role};
use crate::protocol::{Control, Verdict};
use crate::{PlayerIndex, PlayerInput, ProtocolError};
use netcord_transport::{DisconnectReason, PeerId};

impl<I: PlayerInput> Match<I> {
    pub(super) fn drop_spectator(&mut self, peer: PeerId, reason: SpectatorGone) {
        self.links.remove(peer);
        tracing::info!(%peer, ?reason, "spectator gone");
        match &reason {
            SpectatorGone::Disconnected(_) => {}
            SpectatorGone::Broken(_) => {
                self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::ProtocolError));
            }
            _ => self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::TimedOut)),
        }
        self.events.push_back(SessionEvent::SpectatorLeft { peer, reason });
    }

    pub(super) fn on_broken(&mut self, peer: PeerId, error: ProtocolError) {
        let Some(remote) = self.links.get(peer).map(|link| link.remote) else { return };
        let Remote::Player(player) = remote else {
            return self.drop_spectator(peer, SpectatorGone::Broken(error));
        };
        self.links.remove(peer);
        tracing::warn!(%peer, %error, "the peer broke the protocol");
        self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::ProtocolError));
        let is_host = self.role == Role::Host;
        if is_host && self.phase == Phase::Waiting {
            self.seats.vacate(player);
        } else if self.is_duel() || (!is_host && player == self.seats.host()) {
            self.end(Outcome::Broken { player, error: Some(error) });
        } else if is_host && self.phase == Phase::Running {
            self.seats.vacate(player);
            if self.seats.live.contains(player) {
                self.seats.set_absent(player, Some(self.now));
                self.depart(player, PlayerGone::Broken);
            }
        }
    }

    /// Ends the match, once; the host tells all.
    pub(super) fn end(&mut self, outcome: Outcome) {
        let is_over_for_all =
            self.is_duel() || !matches!(outcome, Outcome::Left { player, .. } if self.local == Some(player));
        if self.phase == Phase::Ended {
            return;
        }
        tracing::info!(?outcome, tick = self.rollback.current().0, "match ended");
        self.phase = Phase::Ended;
        if self.role == Role::Host && is_over_for_all {
            let message = Control::End(verdict(&outcome)).encode();
            for link in self.links.iter() {
                self.outbox.push_back(Out::Control(link.peer, message.clone()));
            }
        }
        self.outcome = Some(outcome.clone());
        self.events.push_back(SessionEvent::Ended(outcome));
    }

    /// The host told how the match ended.
    pub(super) fn on_verdict(&mut self, from: Remote, said: Verdict) -> Result<(), ProtocolError> {
        let is_ours = from == Remote::Player(self.seats.host());
        if !is_ours && self.is_bound() {
            // That of a host whose place was taken.
            return Ok(());
        }
        let player = PlayerIndex(said.player);
        let outcome = match said.kind {
            1 => Outcome::Forfeit { absent: player, authoritative: true },
            2 => Outcome::Left { player, code: said.code },
            3 => Outcome::Desync,
            4 => Outcome::Broken { player, error: None },
            5 => Outcome::Disconnected(DisconnectReason::TimedOut),
            _ => return Err(ProtocolError::BadValue("verdict")),
        };
        let provisional = matches!(self.outcome, None | Some(Outcome::Forfeit { authoritative: false, .. }));
        if provisional {
            self.phase = Phase::Ended;
            self.outcome = Some(outcome.clone());
            self.events.push_back(SessionEvent::Ended(outcome));
        }
        Ok(())
    }

    /// Ends the match on purpose.
    pub(super) fn leave(&mut self, code: u32) {
        self.end(match self.local {
            Some(player) => Outcome::Left { player, code },
            None => Outcome::Disconnected(DisconnectReason::Left(code)),
        });
        self.part(code);
    }

    /// Closes all connections.
    pub(super) fn part(&mut self, code: u32) {
        for link in self.links.drain() {
            self.outbox.push_back(Out::Disconnect(link.peer, DisconnectReason::Left(code)));
        }
    }
}

/// The outcome as a message.
pub(super) fn verdict(outcome: &Outcome) -> Verdict {
    let (kind, player, code) = match outcome {
        Outcome::Forfeit { absent, .. } => (1, absent.0, 0),
        Outcome::Left { player, code } => (2, player.0, *code),
        Outcome::Desync => (3, 0, 0),
        Outcome::Broken { player, .. } => (4, player.0, 0),
        Outcome::Disconnected(_) | Outcome::FellBehind => (5, 0, 0),
    };
    Verdict { kind, player, code }
}
