//! Runs a match: takes the game's wishes, drives the session, and does to the world what the session asks for.

mod events;
mod open;
mod play;
mod requests;

pub(crate) use requests::carry_out;

use crate::commands::Wishes;
use crate::diagnostics::NetStats;
use crate::event::{MatchEvent, MatchState};
use crate::guard::Guard;
use crate::hooks;
use crate::hosting::Hosting;
use crate::link::Link;
use crate::local::LocalMatch;
use crate::options::NetConfig;
use crate::schedule::{Match, NetStart};
use crate::storage::Store;
use crate::suspects::Suspects;
use bevy_ecs::change_detection::Tick as ChangeTick;
use bevy_ecs::prelude::*;
use bevy_state::state::NextState;
use bevy_time::{Real, Time};
use core::time::Duration;
use netcord::session::{P2pSession, PlayerIndex, PlayerInput, SessionStats};
use netcord::transport::PeerId;
use requests::simulate;

/// The match of this app, if there is one.
#[derive(Resource)]
pub(crate) struct Engine<I: PlayerInput + Send + Sync> {
    config: NetConfig,
    running: Option<Running<I>>,
    state: MatchState,
    /// The match that the world is in, once it has begun.
    current: Option<Match>,
    /// What the host gave.
    setup: Setup,
    is_host: bool,
    /// The match that we opened, while others may come into it.
    hosting: Option<Hosting>,
    /// Whether the match has begun here before the session said so.
    begun_early: bool,
    /// The players without whom no tick runs.
    awaited: Vec<PlayerIndex>,
    guard: Guard,
    /// When the local player's input was asked for last.
    asked_at: Option<ChangeTick>,
    /// The entities of those who are connected.
    connections: Vec<(PeerId, Entity)>,
    /// What the types of messages are known by.
    messages_hash: u64,
}

/// What a host tells all peers before the first tick.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Setup {
    seed: u64,
    players: u8,
    game: Vec<u8>,
}

enum Running<I: PlayerInput + Send + Sync> {
    P2p(Box<P2pSession<I, Link>>),
    Local(LocalMatch),
}

/// The plugin's part of a frame.
pub(crate) fn frame<I: PlayerInput + Send + Sync>(world: &mut World) {
    let now = world.resource::<Time<Real>>().elapsed();
    world.resource_scope(|world, mut engine: Mut<'_, Engine<I>>| {
        world.resource_scope(|world, mut store: Mut<'_, Store>| engine.frame(world, &mut store, now));
    });
}

impl<I: PlayerInput + Send + Sync> Engine<I> {
    pub(crate) fn new(config: NetConfig) -> Self {
        Self {
            config,
            running: None,
            state: MatchState::Idle,
            current: None,
            setup: Setup::default(),
            is_host: false,
            hosting: None,
            begun_early: false,
            awaited: Vec::new(),
            guard: Guard::default(),
            asked_at: None,
            connections: Vec::new(),
            messages_hash: 0,
        }
    }

    /// The session of a match that is not local.
    pub(crate) fn session(&self) -> Option<&P2pSession<I, Link>> {
        match &self.running {
            Some(Running::P2p(session)) => Some(session),
            _ => None,
        }
    }

    pub(crate) fn stats(&self) -> SessionStats {
        match &self.running {
            Some(Running::P2p(session)) => session.stats(),
            Some(Running::Local(local)) => {
                SessionStats { current_tick: local.tick, ..SessionStats::default() }
            }
            None => SessionStats::default(),
        }
    }

    /// How much of the time from the last tick to the next has passed: 0 to 1.
    pub(crate) fn between_ticks(&self) -> f32 {
        let interval = Duration::from_secs(1) / u32::from(self.config.tick_rate.max(1));
        let left = match &self.running {
            Some(Running::P2p(session)) => session.next_tick_in(),
            Some(Running::Local(local)) => Some(local.next_tick_in()),
            None => None,
        };
        left.map_or(1.0, |left| 1.0 - (left.as_secs_f32() / interval.as_secs_f32()).clamp(0.0, 1.0))
    }

    fn frame(&mut self, world: &mut World, store: &mut Store, now: Duration) {
        if self.config.warn_outside_writes && self.current.is_some() {
            self.guard.check(world, store);
        }
        world.resource_mut::<NetStats>().begin_frame();
        let wishes = core::mem::take(&mut world.resource_mut::<Wishes>().0);
        for wish in wishes {
            if let Err(error) = self.grant(world, store, wish, now) {
                tracing::error!("{error}");
                world.write_message(MatchEvent::Failed(error));
            }
        }
        let result = match self.running.take() {
            Some(Running::P2p(mut session)) => {
                let result = self.step_p2p(&mut session, world, store, now);
                self.running = Some(Running::P2p(session));
                result
            }
            Some(Running::Local(mut local)) => {
                self.step_local(&mut local, world, now);
                self.running = Some(Running::Local(local));
                Ok(())
            }
            None => Ok(()),
        };
        if let Err(error) = result {
            tracing::error!("the match can't go on: {error}");
            self.close(world, store);
            world.write_message(MatchEvent::Failed(error));
        }
        #[cfg(feature = "lan")]
        crate::lan::advertise(world, self.advert(world));
        world.resource_mut::<NetStats>().session = self.stats();
        self.guard.watch(world);
    }

    fn enter(&mut self, world: &mut World, state: MatchState) {
        if self.state != state {
            self.state = state;
            world.resource_mut::<NextState<MatchState>>().set(state);
        }
    }

    /// Makes the world ready for the first tick.
    fn begin(&mut self, world: &mut World, store: &mut Store, local: Option<PlayerIndex>, is_local: bool) {
        let current = Match {
            seed: self.setup.seed,
            setup: self.setup.game.clone(),
            players: self.setup.players.into(),
            local,
            is_host: self.is_host,
            is_local,
        };
        store.reset(world);
        hooks::begin(world);
        if local.is_some() {
            self.guard.expect_input();
        }
        world.resource_mut::<NetStats>().suspects = Suspects::default();
        world.insert_resource(current.clone());
        self.current = Some(current);
        simulate(world, |world| world.run_schedule(NetStart));
    }

    fn update_match(&mut self, world: &mut World, change: impl FnOnce(&mut Match)) {
        if let Some(current) = &mut self.current {
            change(current);
            world.insert_resource(current.clone());
        }
    }
}

/// Begins a match that a test drives by itself.
pub(crate) fn begin_for_test<I: PlayerInput + Send + Sync>(world: &mut World, seed: u64, players: u8) {
    world.resource_scope(|world, mut engine: Mut<'_, Engine<I>>| {
        world.resource_scope(|world, mut store: Mut<'_, Store>| {
            engine.setup = Setup { seed, players, game: Vec::new() };
            engine.begin(world, &mut store, None, false);
        });
    });
}
