//! How matches are opened and closed: what the game wishes, checked and carried out.

use super::{Engine, Running, Setup};
use crate::commands::Wish;
use crate::connection;
use crate::event::{MatchError, MatchEvent, MatchState};
use crate::hosting::Hosting;
use crate::link::{self, Agreement, Backend};
use crate::local::LocalMatch;
use crate::messages::NetMessages;
use crate::options::HostOptions;
use crate::schedule::{Match, NetTime};
use crate::storage::Store;
use bevy_ecs::prelude::*;
use core::time::Duration;
use netcord::session::{
    InputDelay, MAX_INPUT_DELAY, MAX_PLAYERS, P2pConfig, P2pSession, PacedSession as _, PlayerIndex,
    PlayerInput, session_channels,
};
use netcord::transport::{ChannelsConfig, Manifest};
use netcord::wire::Tick;
use netcord::wire::codec::message;

impl<I: PlayerInput + Send + Sync> Engine<I> {
    pub(super) fn grant(
        &mut self,
        world: &mut World,
        store: &mut Store,
        wish: Wish,
        now: Duration,
    ) -> Result<(), MatchError> {
        if matches!(wish, Wish::Leave) {
            if let Some(Running::P2p(session)) = &mut self.running {
                session.leave(0);
                // The others are told now or never.
                session.flush(now).ok();
            }
            self.close(world, store);
            return Ok(());
        }
        if let Wish::InputDelay(delay) = wish {
            self.config.input_delay = within_range(delay);
            if let Some(Running::P2p(session)) = &mut self.running {
                session.set_input_delay(self.config.input_delay)?;
            }
            return Ok(());
        }
        if !matches!(self.state, MatchState::Idle | MatchState::Over) {
            return Err(MatchError::AlreadyInMatch);
        }
        self.close(world, store);
        self.messages_hash = world.resource::<NetMessages>().hash();
        match wish {
            Wish::Host(options) => self.host(world, store, options, now),
            Wish::Join(options) => {
                let agreement = self.agreement(store);
                let link = link::join(&mut world.resource_mut::<Backend>(), agreement, &options, now)?;
                let session = P2pSession::join(link, self.p2p_config(store))?.with_introductions();
                self.open(world, Running::P2p(Box::new(session)), MatchState::Connecting);
                Ok(())
            }
            Wish::Local(options) => self.play_locally(world, store, &options),
            Wish::InputDelay(_) | Wish::Leave => Ok(()),
        }
    }

    fn host(
        &mut self,
        world: &mut World,
        store: &Store,
        options: HostOptions,
        now: Duration,
    ) -> Result<(), MatchError> {
        let players = options.players;
        if !(2..=MAX_PLAYERS).contains(&players) {
            return Err(MatchError::Players { players, range: "2 to 8" });
        }
        let mut backend = world.resource_mut::<Backend>();
        self.is_host = true;
        self.setup = Setup {
            seed: options.seed.map_or_else(|| backend.random(), Ok)?,
            players: players as u8,
            game: options.setup.clone(),
        };
        let link = link::host(&mut backend, self.agreement(store), &options, now)?;
        let config = P2pConfig {
            session_id: backend.random()?,
            setup: message::encode(&self.setup, usize::MAX).unwrap_or_default(),
            players: players as u8,
            min_players: options.min_players.map(|least| least.clamp(2, players) as u8),
            max_spectators: options.spectators,
            ..self.p2p_config(store)
        };
        let session = P2pSession::host(link, config)?.with_introductions();
        self.hosting = Some(Hosting::new(options));
        self.open(world, Running::P2p(Box::new(session)), MatchState::Waiting);
        Ok(())
    }

    fn play_locally(
        &mut self,
        world: &mut World,
        store: &mut Store,
        options: &HostOptions,
    ) -> Result<(), MatchError> {
        let players = options.players;
        if !(1..=MAX_PLAYERS).contains(&players) {
            return Err(MatchError::Players { players, range: "1 to 8" });
        }
        self.is_host = true;
        let seed = options.seed.map_or_else(|| world.resource_mut::<Backend>().random(), Ok)?;
        self.setup = Setup { seed, players: players as u8, game: options.setup.clone() };
        let local = LocalMatch::new(players, self.config.tick_rate);
        self.open(world, Running::Local(local), MatchState::Playing);
        self.begin(world, store, Some(PlayerIndex(0)), true);
        world.write_message(MatchEvent::Started { local: Some(PlayerIndex(0)), tick: Tick(0) });
        Ok(())
    }

    fn open(&mut self, world: &mut World, running: Running<I>, state: MatchState) {
        self.running = Some(running);
        world.insert_resource(NetTime { tick_rate: self.config.tick_rate, ..NetTime::default() });
        self.enter(world, state);
    }

    /// Ends the match here, and takes its entities from the world.
    pub(super) fn close(&mut self, world: &mut World, store: &mut Store) {
        (self.running, self.hosting) = (None, None);
        (self.is_host, self.begun_early) = (false, false);
        self.awaited.clear();
        connection::update(world, &mut self.connections, Duration::ZERO, &[]);
        if self.current.take().is_some() {
            store.reset(world);
            world.remove_resource::<Match>();
        }
        self.enter(world, MatchState::Idle);
    }

    fn agreement(&self, store: &Store) -> Agreement<'_> {
        let manifest = Manifest::new()
            .with("version of the game", self.config.version)
            .with_schema("list of rollback components and resources", &store.schema())
            .with("list of net messages", self.messages_hash);
        let channels: Vec<_> = session_channels().into_iter().chain(NetMessages::channels()).collect();
        Agreement { config: &self.config, manifest, channels: ChannelsConfig::new(channels) }
    }

    fn p2p_config(&self, store: &Store) -> P2pConfig {
        P2pConfig {
            tick_rate: self.config.tick_rate,
            prediction: self.config.prediction,
            input_delay: self.config.input_delay,
            forfeit_after: self.config.forfeit_after,
            drop_after: self.config.drop_after,
            on_desync: self.config.on_desync,
            schema: store.schema(),
            ..P2pConfig::default()
        }
    }
}

fn within_range(delay: InputDelay) -> InputDelay {
    match delay {
        InputDelay::Fixed(ticks) => InputDelay::Fixed(ticks.min(MAX_INPUT_DELAY as u8)),
        InputDelay::Auto { max } => InputDelay::Auto { max: max.min(MAX_INPUT_DELAY as u8) },
    }
}
