//! What the session tells: what it means for the match here, and what the game is told of it.

use super::Engine;
use crate::desync::Desync;
use crate::diagnostics::NetStats;
use crate::event::{MatchError, MatchEvent, MatchState};
use crate::link::Link;
use crate::storage::Store;
use bevy_ecs::prelude::*;
use netcord::session::{Outcome, P2pSession, PlayerInput, SessionEvent};
use netcord::wire::codec::message;

/// The longest start message of a match.
const MAX_SETUP: usize = 4_096;

impl<I: PlayerInput + Send + Sync> Engine<I> {
    pub(super) fn read_events(
        &mut self,
        session: &mut P2pSession<I, Link>,
        world: &mut World,
        store: &mut Store,
    ) -> Result<(), MatchError> {
        while let Some(event) = session.next_event() {
            let event = match event {
                SessionEvent::Started { local, tick, setup } => {
                    if !core::mem::take(&mut self.begun_early) {
                        self.setup = message::decode(&setup, MAX_SETUP).map_err(|_| MatchError::BadSetup)?;
                        // The state that the session brings is loaded over it.
                        self.begin(world, store, local, false);
                    }
                    self.enter(world, MatchState::Playing);
                    MatchEvent::Started { local, tick }
                }
                SessionEvent::Paused { player } => {
                    self.awaited.push(player);
                    self.enter(world, MatchState::Paused);
                    MatchEvent::Paused { player }
                }
                SessionEvent::Resumed { tick } => {
                    self.awaited.clear();
                    self.enter(world, MatchState::Playing);
                    MatchEvent::Resumed { tick }
                }
                SessionEvent::PlayerJoined { player, tick } => {
                    self.update_match(world, |current| current.local = session.local_player());
                    MatchEvent::PlayerJoined { player, tick }
                }
                SessionEvent::PlayerLeft { player, tick, reason } => {
                    self.awaited.retain(|&awaited| awaited != player);
                    if self.awaited.is_empty() {
                        self.enter(world, MatchState::Playing);
                    }
                    MatchEvent::PlayerLeft { player, tick, reason }
                }
                SessionEvent::HostChanged { host } => {
                    let is_host = session.local_player() == Some(host);
                    self.hosting.take_if(|_| !is_host);
                    self.update_match(world, |current| current.is_host = is_host);
                    MatchEvent::HostChanged { host }
                }
                SessionEvent::Ended(outcome) => {
                    self.hosting = None;
                    let state = if self.current.is_some() { MatchState::Over } else { MatchState::Idle };
                    self.enter(world, state);
                    if let Outcome::Disconnected(reason) = &outcome {
                        tracing::warn!(%reason, "the match ended");
                    }
                    MatchEvent::Ended(outcome)
                }
                SessionEvent::Desync(report) => {
                    let suspects = world.resource::<NetStats>().suspects.names();
                    let desync = Desync::new(*report, store, suspects);
                    tracing::error!("{desync}");
                    MatchEvent::Desync(Box::new(desync))
                }
                SessionEvent::Message { peer, channel, payload } => {
                    self.receive(world, peer, channel, &payload);
                    continue;
                }
                SessionEvent::SpectatorJoined { .. } => MatchEvent::SpectatorJoined,
                SessionEvent::SpectatorLeft { .. } => MatchEvent::SpectatorLeft,
                SessionEvent::InputDelayChanged { ticks } => MatchEvent::InputDelayChanged { ticks },
                _ => continue,
            };
            world.write_message(event);
        }
        Ok(())
    }
}
