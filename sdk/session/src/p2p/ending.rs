//! How a match ends, and who is told.

use super::event::{Outcome, SessionEvent, SpectatorGone};
use super::link::Which;
use super::state::{Match, Out, Phase, Role};
use crate::protocol::{Control, Verdict};
use crate::{PlayerIndex, PlayerInput, ProtocolError};
use netcord_transport::DisconnectReason;

impl<I: PlayerInput> Match<I> {
    pub(super) fn drop_spectator(&mut self, index: usize, reason: SpectatorGone) {
        let link = self.links.spectators.remove(index);
        tracing::info!(peer = %link.peer, ?reason, "spectator gone");
        match &reason {
            SpectatorGone::Disconnected(_) => {}
            SpectatorGone::Broken(_) => {
                self.outbox.push_back(Out::Disconnect(link.peer, DisconnectReason::ProtocolError));
            }
            _ => self.outbox.push_back(Out::Disconnect(link.peer, DisconnectReason::TimedOut)),
        }
        self.events.push_back(SessionEvent::SpectatorLeft { peer: link.peer, reason });
    }

    pub(super) fn on_broken(&mut self, which: Which, error: ProtocolError) {
        match which {
            Which::Spectator(index) => self.drop_spectator(index, SpectatorGone::Broken(error)),
            Which::Opponent => {
                let Some(link) = self.links.opponent.take() else { return };
                tracing::warn!(peer = %link.peer, %error, "the peer broke the protocol");
                self.outbox.push_back(Out::Disconnect(link.peer, DisconnectReason::ProtocolError));
                if self.role == Role::Host && self.phase == Phase::Waiting {
                    self.guest = None;
                } else {
                    self.end(Outcome::Broken { player: self.remote(), error: Some(error) });
                }
            }
        }
    }

    /// Ends the match, once; the host tells all.
    pub(super) fn end(&mut self, outcome: Outcome) {
        if self.phase == Phase::Ended {
            return;
        }
        tracing::info!(?outcome, tick = self.rollback.current().0, "match ended");
        self.phase = Phase::Ended;
        if self.role == Role::Host {
            let message = Control::End(verdict(&outcome)).encode();
            for link in self.links.iter() {
                self.outbox.push_back(Out::Control(link.peer, message.clone()));
            }
        }
        self.outcome = Some(outcome.clone());
        self.events.push_back(SessionEvent::Ended(outcome));
    }

    /// The host told how the match ended.
    pub(super) fn on_verdict(&mut self, said: Verdict) -> Result<(), ProtocolError> {
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
        for link in self.links.opponent.take().into_iter().chain(self.links.spectators.drain(..)) {
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
