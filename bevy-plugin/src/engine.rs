//! Runs a match: takes the game's wishes, drives the session, and does to the world what the session asks for.

use crate::commands::{Wish, Wishes};
use crate::connection::{self, Connected, Connection};
use crate::desync::Desync;
use crate::diagnostics::NetStats;
use crate::event::{MatchError, MatchEvent, MatchState, Seat};
use crate::guard::Guard;
use crate::hooks;
use crate::hosting::Hosting;
use crate::identity::{Mode, NetEntities};
use crate::link::{self, Agreement, Backend, Link};
use crate::local::LocalMatch;
use crate::messages::{NetMessages, Outgoing};
use crate::options::{HostOptions, NetConfig};
use crate::schedule::{LocalInput, LocalInputs, Match, NetInput, NetStart, NetTime, NetUpdate, PlayerInputs};
use crate::shuffle;
use crate::storage::Store;
use crate::suspects::Suspects;
use bevy_ecs::change_detection::Tick as ChangeTick;
use bevy_ecs::prelude::*;
use bevy_state::state::NextState;
use bevy_time::{Real, Time};
use core::time::Duration;
use netcord::session::{
    InputDelay, InputStatus, Inputs, MAX_INPUT_DELAY, MAX_PLAYERS, Outcome, P2pConfig, P2pSession,
    PacedSession as _, PlayerIndex, PlayerInput, Request, Session, SessionError, SessionEvent, SessionStats,
    Step, session_channels,
};
use netcord::transport::{ChannelId, ChannelsConfig, Manifest, PeerId, Transport as _};
use netcord::wire::Tick;
use netcord::wire::codec::message;
use std::time::Instant;

/// The longest start message of a match.
const MAX_SETUP: usize = 4_096;

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

    fn grant(
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
            max_spectators: options.spectators,
            ..self.p2p_config(store)
        };
        let mut session = P2pSession::host(link, config)?.with_introductions();
        self.hosting = Some(Hosting::new(options));
        self.invite(&mut session, world)?;
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
    fn close(&mut self, world: &mut World, store: &mut Store) {
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

    fn enter(&mut self, world: &mut World, state: MatchState) {
        if self.state != state {
            self.state = state;
            world.resource_mut::<NextState<MatchState>>().set(state);
        }
    }

    fn agreement(&self, store: &Store) -> Agreement<'_> {
        let manifest = Manifest::new()
            .with("version of the game", self.config.version)
            .with("list of rollback components and resources", store.schema().hash())
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
    fn advert(&self, world: &World) -> Option<netcord::transport::lan::LanGame> {
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

    fn receive(&self, world: &mut World, peer: PeerId, channel: ChannelId, payload: &[u8]) {
        let Some(&(_, entity)) = self.connections.iter().find(|(known, _)| *known == peer) else { return };
        let player = world.get::<Connection>(entity).and_then(|connection| connection.player);
        world.resource_scope(|world, messages: Mut<'_, NetMessages>| {
            messages.receive(world, entity, player, channel, payload);
        });
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

    fn step_local(&mut self, local: &mut LocalMatch, world: &mut World, now: Duration) {
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

    fn step_p2p(
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

    fn read_events(
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

fn within_range(delay: InputDelay) -> InputDelay {
    match delay {
        InputDelay::Fixed(ticks) => InputDelay::Fixed(ticks.min(MAX_INPUT_DELAY as u8)),
        InputDelay::Auto { max } => InputDelay::Auto { max: max.min(MAX_INPUT_DELAY as u8) },
    }
}

/// Does what a session asks for.
pub(crate) fn carry_out<I: PlayerInput + Send + Sync>(
    session: &mut impl Session<Input = I>,
    request: Request<I>,
    world: &mut World,
    store: &mut Store,
) -> Result<(), SessionError> {
    let start = Instant::now();
    match request {
        Request::Save { tick } => {
            store.save(world, tick);
            world.resource_mut::<NetStats>().save += start.elapsed();
        }
        Request::Load { tick } => {
            store.load(world, tick)?;
            world.resource_mut::<NetStats>().load += start.elapsed();
        }
        Request::Advance(step) => {
            let looks = !step.resimulating && Suspects::is_due(step.tick);
            let since = looks.then(|| world.increment_change_tick());
            advance(world, step);
            let mut stats = world.resource_mut::<NetStats>();
            stats.resimulated += u32::from(step.resimulating);
            stats.simulate += start.elapsed();
            if let Some(since) = since {
                let mut suspects = core::mem::take(&mut stats.suspects);
                suspects.look(world, store, since);
                world.resource_mut::<NetStats>().suspects = suspects;
            }
        }
        Request::Confirm { tick } => {
            session.confirm(tick, &store.view(tick)?);
            store.confirmed(tick);
            hooks::call(world, |hooks| &hooks.confirmed, tick);
            world.resource_mut::<NetStats>().confirm += start.elapsed();
        }
        Request::Snapshot { tick } => {
            let bytes = store.encode(tick)?;
            session.snapshot(tick, bytes)?;
        }
        Request::Restore { tick, bytes } => store.restore(world, tick, &bytes)?,
    }
    Ok(())
}

/// Simulates one tick.
fn advance<I: PlayerInput + Send + Sync>(world: &mut World, step: Step<I>) {
    let mut time = world.resource_mut::<NetTime>();
    (time.tick, time.resimulating) = (step.tick, step.resimulating);
    world.resource_mut::<PlayerInputs<I>>().0 = step.inputs;
    if step.perturbation != 0 {
        shuffle::shuffle(world, step.perturbation);
    }
    hooks::call(world, |hooks| &hooks.before_tick, step.tick);
    simulate(world, |world| world.run_schedule(NetUpdate));
    hooks::call(world, |hooks| &hooks.after_tick, step.tick);
}

/// Runs what all peers do alike.
fn simulate(world: &mut World, run: impl FnOnce(&mut World)) {
    world.resource_mut::<NetEntities>().set_mode(Mode::Simulating);
    run(world);
    world.resource_mut::<NetEntities>().set_mode(Mode::Outside);
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
