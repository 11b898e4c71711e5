//! A frame of the match that runs: receive, tell, simulate what is due, send.

use super::Engine;
use super::requests::{advance, carry_out};
use crate::connection::{self, Connected, Connection};
use crate::event::{MatchError, Seat};
use crate::hooks;
use crate::link::Link;
use crate::local::LocalMatch;
use crate::messages::{NetMessages, Outgoing};
use crate::schedule::{LocalInput, LocalInputs, NetInput};
use crate::storage::Store;
use bevy_ecs::prelude::*;
use core::time::Duration;
use netcord::session::{
    InputStatus, Inputs, MAX_PLAYERS, P2pSession, PacedSession as _, PlayerIndex, PlayerInput, Session as _,
    Step,
};
use netcord::transport::{ChannelId, PeerId, Transport as _};

impl<I: PlayerInput + Send + Sync> Engine<I> {
    pub(super) fn step_local(&mut self, local: &mut LocalMatch, world: &mut World, now: Duration) {
        local.update(now);
        while let Some(tick) = local.next_tick() {
            let first = self.ask_for_input(world);
            let others = world.resource::<LocalInputs<I>>();
            let mut inputs = Inputs::new();
            for player in (0..local.players as u8).map(PlayerIndex) {
                let input = if player.0 == 0 { first } else { others.get(player) };
                inputs.push(input, InputStatus::Confirmed);
            }
            advance(world, Step { tick, inputs, resimulating: false, perturbation: 0 });
            hooks::call(world, |hooks| &hooks.confirmed, tick.next());
        }
    }

    pub(super) fn step_p2p(
        &mut self,
        session: &mut P2pSession<I, Link>,
        world: &mut World,
        store: &mut Store,
        now: Duration,
    ) -> Result<(), MatchError> {
        session.update(now)?;
        self.update_connections(session, world, now);
        self.read_events(session, world, store)?;
        self.invite(session, world)?;
        self.execute(session, world, store)?;
        while session.tick_due() {
            let input = self.ask_for_input(world);
            session.advance(input);
            self.execute(session, world, store)?;
        }
        let outgoing = world.resource_scope(|world, mut messages: Mut<'_, NetMessages>| messages.take(world));
        for Outgoing { peer, channel, payload } in outgoing {
            if let Err(error) = session.send(peer, channel, &payload) {
                tracing::warn!(%peer, %error, "a message is not sent");
            }
        }
        session.flush(now)?;
        Ok(())
    }

    fn execute(
        &mut self,
        session: &mut P2pSession<I, Link>,
        world: &mut World,
        store: &mut Store,
    ) -> Result<(), MatchError> {
        while let Some(request) = session.next_request() {
            if self.current.is_none() {
                // A host has to have a state before the first player can be given it.
                self.begin(world, store, session.local_player(), false);
                self.begun_early = true;
            }
            carry_out(session, request, world, store)?;
        }
        Ok(())
    }

    /// Lets the game set the local player's input for the next tick.
    fn ask_for_input(&mut self, world: &mut World) -> I {
        let since = world.increment_change_tick();
        world.run_schedule(NetInput);
        let input = world.resource_ref::<LocalInput<I>>();
        let (value, has_changed) =
            (input.0, input.is_changed_after(self.asked_at.replace(since).unwrap_or(since)));
        self.guard.check_input(world, has_changed);
        value
    }

    /// Opens invites for the seats that are free now.
    fn invite(&mut self, session: &mut P2pSession<I, Link>, world: &mut World) -> Result<(), MatchError> {
        let Some(hosting) = &mut self.hosting else { return Ok(()) };
        let is_away =
            |&player: &_| session.local_player() != Some(player) && session.peer_of(player).is_none();
        let awaited = session.players().filter(is_away).count();
        let events = hosting.update(session.transport_mut(), self.current.is_some(), awaited)?;
        world.write_message_batch(events);
        Ok(())
    }

    /// What the local network is told of our match.
    #[cfg(feature = "lan")]
    pub(super) fn advert(&self, world: &World) -> Option<netcord::transport::lan::LanGame> {
        let (hosting, session) = (self.hosting.as_ref()?, self.session()?);
        let connected =
            (0..MAX_PLAYERS as u8).filter(|&player| session.peer_of(PlayerIndex(player)).is_some());
        hosting.advert(world.resource(), 1 + connected.count())
    }

    fn update_connections(&mut self, session: &P2pSession<I, Link>, world: &mut World, now: Duration) {
        let stats = |peer| session.transport().stats(peer);
        let players = (0..MAX_PLAYERS as u8).map(PlayerIndex);
        let players =
            players.filter_map(|player| Some((session.peer_of(player)?, Some(player), Seat::Player)));
        let spectators = session.spectators().map(|peer| (peer, None, Seat::Spectator));
        let peers: Vec<_> = players
            .chain(spectators)
            .map(|(peer, player, seat)| Connected { peer, player, seat, stats: stats(peer) })
            .collect();
        connection::update(world, &mut self.connections, now, &peers);
    }

    pub(super) fn receive(&self, world: &mut World, peer: PeerId, channel: ChannelId, payload: &[u8]) {
        let Some(&(_, entity)) = self.connections.iter().find(|(known, _)| *known == peer) else { return };
        let player = world.get::<Connection>(entity).and_then(|connection| connection.player);
        world.resource_scope(|world, messages: Mut<'_, NetMessages>| {
            messages.receive(world, entity, player, channel, payload);
        });
    }
}
