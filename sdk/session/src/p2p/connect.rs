//! Who comes and who goes: what the transport's events mean for the match.

use super::config::CONTROL;
use super::ending::verdict;
use super::event::{Outcome, SessionEvent, SpectatorGone};
use super::link::{Link, Remote};
use super::state::{Match, Out, Phase, Role};
use super::{ROLE_PLAYER, ROLE_SPECTATOR};
use crate::protocol::{Control, Pair};
use crate::{PlayerIndex, PlayerInput};
use netcord_transport::{ClientId, DisconnectReason, Event, PeerId, UserData};

/// Events that may wait before the game's messages are dropped.
const MAX_EVENTS: usize = 4_096;

impl<I: PlayerInput> Match<I> {
    pub(super) fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::Connected { peer, client, user_data } => self.on_connected(peer, client, &user_data),
            Event::Disconnected { peer, reason } => self.on_disconnected(peer, reason),
            Event::Message { peer, channel, payload } if channel >= super::first_game_channel() => {
                if self.events.len() < MAX_EVENTS {
                    self.events.push_back(SessionEvent::Message { peer, channel, payload: payload.to_vec() });
                } else {
                    tracing::warn!(%peer, "a message is dropped: the game does not read its events");
                }
            }
            Event::Message { peer, channel, payload } => {
                if self.links.get(peer).is_none() {
                    return;
                }
                let result = if channel == CONTROL {
                    Control::decode(payload).and_then(|message| self.on_control(peer, message))
                } else {
                    self.on_inputs(peer, payload)
                };
                if let Err(error) = result {
                    self.on_broken(peer, error);
                }
            }
            Event::Delivered { peer, receipt } => {
                if let Some(link) = self.links.get_mut(peer) {
                    link.delivery.delivered(receipt);
                }
            }
            Event::Lost { peer, receipt } => {
                if let Some(link) = self.links.get_mut(peer) {
                    link.delivery.lost(receipt);
                }
            }
        }
    }

    fn on_connected(&mut self, peer: PeerId, client: ClientId, user_data: &UserData) {
        let role = user_data[0];
        // Who comes to us has the role that we gave it, who lets us in may say anything.
        let is_honest = match (self.introductions.meeting(peer), Pair::of_role(role)) {
            (None, None) => true,
            (None, Some(pair)) => self.seat == Some(pair.maker),
            (Some(named), pair) => pair == Some(named),
        };
        if !is_honest {
            self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::Denied));
        } else if let Some(pair) = Pair::of_role(role) {
            self.on_mate(peer, pair);
        } else if self.role == Role::Host && self.way_home != Some((peer.slot(), client)) {
            self.on_client(peer, client, role);
        } else {
            self.way_home = Some((peer.slot(), client));
            if self.role == Role::Guest && self.phase == Phase::Waiting && role == ROLE_SPECTATOR {
                self.role = Role::Spectator;
            }
            self.replace(self.home);
            let link = Link::new(peer, Remote::Player(self.home), self.now);
            self.links.add(Link { asked_to_join: true, ..link });
            match &self.outcome {
                None => self.say_hello(peer),
                Some(outcome) => self.send(peer, &Control::End(verdict(outcome))),
            }
        }
    }

    /// A client that comes to its host.
    fn on_client(&mut self, peer: PeerId, client: ClientId, role: u8) {
        if let Some(outcome) = &self.outcome {
            return self.send(peer, &Control::End(verdict(outcome)));
        }
        let remote = match role {
            ROLE_PLAYER => self.seat_for(client).map(Remote::Player),
            ROLE_SPECTATOR => {
                (self.links.spectators().count() < self.config.max_spectators).then_some(Remote::Spectator)
            }
            _ => None,
        };
        let Some(remote) = remote else {
            self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::Denied));
            return;
        };
        if let Remote::Player(player) = remote {
            self.replace(player);
        }
        self.links.add(Link::new(peer, remote, self.now));
    }

    /// A place for a client that plays.
    fn seat_for(&mut self, client: ClientId) -> Option<PlayerIndex> {
        let is_welcome = self.phase == Phase::Waiting
            || self.seats.knows(client)
            || (!self.is_duel() && self.config.late_join);
        if !is_welcome {
            return None;
        }
        let (live, local, links) = (self.seats.live, self.local, &self.links);
        self.seats.take(client, self.config.players, |player| {
            live.contains(player) || local == Some(player) || links.player(player).is_some()
        })
    }

    /// Another guest, to whom the host introduced us.
    fn on_mate(&mut self, peer: PeerId, pair: Pair) {
        let mate = self.seat.and_then(|seat| pair.other(seat));
        let Some(mate) = mate.filter(|_| self.outcome.is_none()) else {
            self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::Denied));
            return;
        };
        if let Some(old) = self.links.player(mate) {
            let old_peer = old.peer;
            // Of two that crossed, both sides keep the same one; else the newer.
            let stays = old.pair.is_some_and(|old| old != pair && old.comer < pair.comer);
            let gone = if stays { peer } else { old_peer };
            self.outbox.push_back(Out::Disconnect(gone, DisconnectReason::Left(0)));
            if stays {
                return;
            }
            self.links.remove(old_peer);
        }
        let link = Link::new(peer, Remote::Player(mate), self.now);
        self.links.add(Link { pair: Some(pair), ..link });
        self.say_what_is_lacking(peer);
    }

    /// A new connection to a player is there; the old one may not have noticed its end yet.
    fn replace(&mut self, player: PlayerIndex) {
        let Some(old) = self.links.player(player).map(|link| link.peer) else { return };
        if self.phase == Phase::Waiting {
            self.forget(old);
            self.outbox.push_back(Out::Disconnect(old, DisconnectReason::TimedOut));
        } else {
            self.give_up(old);
        }
    }

    fn on_disconnected(&mut self, peer: PeerId, reason: DisconnectReason) {
        match self.links.get(peer).map(|link| link.remote) {
            Some(Remote::Spectator) => self.drop_spectator(peer, SpectatorGone::Disconnected(reason)),
            Some(Remote::Player(player)) => {
                self.forget(peer);
                self.on_player_gone(player, reason);
            }
            None if self.introductions.forget(peer) => {}
            // A client whose connection never came about has no link yet.
            None if self.role != Role::Host
                && (self.phase == Phase::Waiting || self.is_duel() || self.local.is_none())
                && self.counterpart_link().is_none() =>
            {
                self.on_counterpart_gone(reason);
            }
            None => {}
        }
    }

    fn on_player_gone(&mut self, player: PlayerIndex, reason: DisconnectReason) {
        if self.is_duel()
            || (self.role != Role::Host && (self.local.is_none() || self.phase == Phase::Waiting))
        {
            if player == self.counterpart() {
                self.on_counterpart_gone(reason);
            }
        } else if self.role == Role::Host {
            self.on_guest_gone(player, reason);
        } else if player == self.seats.host() {
            self.on_host_gone(reason);
        } else {
            // Should we have asked it to follow us, the others are asked again.
            self.agreement = None;
        }
    }

    /// The connection ended without which the match can't go on: for good, or until it is back.
    fn on_counterpart_gone(&mut self, reason: DisconnectReason) {
        match (self.phase, reason) {
            (Phase::Ended, _) => {}
            (Phase::Waiting, _) if self.role == Role::Host => self.seats.vacate(self.counterpart()),
            (_, DisconnectReason::Left(code)) => {
                self.end(Outcome::Left { player: self.counterpart(), code });
            }
            // The transport tries again.
            (Phase::Waiting, DisconnectReason::TimedOut) => self.lost_at = Some(self.now),
            (Phase::Waiting, reason)
            | (_, reason @ (DisconnectReason::Incompatible(_) | DisconnectReason::ProtocolError)) => {
                self.end(Outcome::Disconnected(reason));
            }
            _ => self.pause(),
        }
    }

    /// Forgets a connection, but for what a later one needs.
    fn forget(&mut self, peer: PeerId) -> Option<Link> {
        let link = self.links.remove(peer)?;
        if link.plays() && self.is_duel() {
            self.undelivered = link.delivery.undelivered();
        }
        Some(link)
    }

    /// Closes a player's connection as if it had been lost, so that it may come back.
    pub(super) fn give_up(&mut self, peer: PeerId) {
        let Some(link) = self.forget(peer) else { return };
        self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::TimedOut));
        if let Some(player) =
            link.player().filter(|_| self.phase != Phase::Waiting || self.role == Role::Host)
        {
            self.on_player_gone(player, DisconnectReason::TimedOut);
        }
    }

    fn pause(&mut self) {
        if self.phase == Phase::Running {
            let player = self.counterpart();
            tracing::info!(player = player.0, tick = self.rollback.current().0, "match paused");
            metrics::counter!("netcord_session_pauses").increment(1);
            self.phase = Phase::Paused { since: self.now };
            self.events.push_back(SessionEvent::Paused { player });
        }
    }
}
