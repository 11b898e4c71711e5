//! For a game's own tests: whole matches in one process, over a simulated network and in simulated time.

use crate::commands::NetCommands as _;
use crate::desync::Desync;
use crate::diagnostics::NetStats;
use crate::engine::{self, Engine, begin_for_test};
use crate::event::{MatchEvent, MatchState, Seat};
use crate::hooks::Hooks;
use crate::link::Backend;
use crate::options::{HostOptions, NetConfig};
use crate::plugin::NetcordPlugins;
use crate::schedule::LocalInput;
use crate::shuffle::shuffle;
use crate::storage::Store;
use bevy_app::App;
use bevy_ecs::message::MessageCursor;
use bevy_ecs::prelude::*;
use bevy_state::state::State;
use bevy_time::TimeUpdateStrategy;
use core::time::Duration;
use netcord::session::{
    MAX_PREDICTION, PlayerIndex, PlayerInput, Session, SessionError, SessionStats, SyncTestConfig,
    SyncTestSession,
};
use netcord::transport::SecureRng;
use netcord::transport::lab::{Conditions, Network};
use netcord::wire::{GameRng, StateHash, Tick};
use rand_core::SeedableRng as _;
use std::net::{Ipv4Addr, SocketAddr};

/// A frame of the simulated machines.
const FRAME: Duration = Duration::from_micros(16_667);

/// A match between copies of a game, each in an app of its own, over the network lab. The same seed plays the same match.
pub struct TestMatch<I: PlayerInput + Send + Sync> {
    network: Network,
    peers: Vec<Peer>,
    now: Duration,
    seed: u64,
    input: core::marker::PhantomData<fn(I)>,
}

struct Peer {
    app: App,
    address: SocketAddr,
    events: MessageCursor<MatchEvent>,
    /// What was told, as text.
    log: Vec<String>,
    invites: Vec<(String, Seat)>,
    desyncs: Vec<Desync>,
    /// How much time has passed since its last frame, while it has none.
    suspended: Option<Duration>,
}

impl Peer {
    /// Its next frame, unless it has none.
    fn frame(&mut self) {
        if let Some(missed) = &mut self.suspended {
            *missed += FRAME;
            return;
        }
        self.app.update();
        let messages = self.app.world().resource::<Messages<MatchEvent>>();
        for event in self.events.read(messages) {
            self.log.push(format!("{event:?}"));
            match event {
                MatchEvent::Desync(desync) => self.desyncs.push(Desync::clone(desync)),
                MatchEvent::InviteReady { code, seat } => self.invites.push((code.to_string(), *seat)),
                _ => {}
            }
        }
        self.app.insert_resource(TimeUpdateStrategy::ManualDuration(FRAME));
    }

    fn state(&self) -> MatchState {
        *self.app.world().resource::<State<MatchState>>().get()
    }
}

/// Where the orders of a [`TestMatch`] come from.
#[derive(Resource)]
struct Orders(GameRng);

impl<I: PlayerInput + Send + Sync> TestMatch<I> {
    /// Apps for `players` players, the first of which hosts; `build` adds the game to each. The match is played as soon
    /// as all have joined: see [`run_until_playing`](Self::run_until_playing).
    pub fn new(players: usize, conditions: Conditions, seed: u64, build: impl FnMut(&mut App)) -> Self {
        Self::with_config(players, conditions, seed, NetConfig::new("test"), build)
    }

    /// As [`new`](Self::new), with another configuration.
    pub fn with_config(
        players: usize,
        conditions: Conditions,
        seed: u64,
        config: NetConfig,
        build: impl FnMut(&mut App),
    ) -> Self {
        let mut game = Self::idle(players, conditions, seed, config, build);
        game.open();
        game
    }

    /// As [`with_config`](Self::with_config), but no match is opened yet: see [`open_with`](Self::open_with), or have the
    /// apps host and join by commands, as players do.
    pub fn idle(
        apps: usize,
        conditions: Conditions,
        seed: u64,
        config: NetConfig,
        mut build: impl FnMut(&mut App),
    ) -> Self {
        #[cfg(feature = "lan")]
        let lan = crate::lan::LabLan::default();
        let network = Network::new(seed);
        network.set_conditions(conditions);
        let peers = (0..apps).map(|player| {
            let address = SocketAddr::from((Ipv4Addr::new(10, 0, 0, player as u8 + 1), 4_000));
            let mut app = App::new();
            app.add_plugins(NetcordPlugins::p2p::<I>(config.clone()));
            app.insert_resource(TimeUpdateStrategy::ManualDuration(FRAME));
            let rng = Box::new(SecureRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(player as u64)));
            app.insert_resource(Backend::Lab {
                network: network.clone(),
                address,
                rng,
                #[cfg(feature = "lan")]
                lan: lan.clone(),
            });
            build(&mut app);
            app.finish();
            app.cleanup();
            Peer {
                app,
                address,
                events: MessageCursor::default(),
                log: Vec::new(),
                invites: Vec::new(),
                desyncs: Vec::new(),
                suspended: None,
            }
        });
        Self { peers: peers.collect(), network, now: Duration::ZERO, seed, input: core::marker::PhantomData }
    }

    /// The first player hosts a match, and the others join it; for another match once all have left theirs.
    pub fn open(&mut self) {
        self.open_with(HostOptions::new().with_players(self.peers.len()).with_seed(self.seed));
    }

    /// As [`open`](Self::open), for a match with these options: the second app and those after it take the seats of its
    /// players first, then those of who watches.
    pub fn open_with(&mut self, options: HostOptions) {
        let known = self.peers[0].invites.len();
        self.peers[0].app.world_mut().commands().host_match(options);
        self.frame();
        let invites = self.peers[0].invites[known..].to_vec();
        for (peer, (code, _)) in self.peers.iter_mut().skip(1).zip(invites) {
            peer.app.world_mut().commands().join_match(code);
        }
    }

    /// The invite codes that a player was told so far, used or not.
    pub fn invites(&self, player: usize) -> &[(String, Seat)] {
        &self.peers[player].invites
    }

    /// One frame of every app.
    pub fn frame(&mut self) {
        self.now += FRAME;
        self.network.advance_to(self.now);
        self.peers.iter_mut().for_each(Peer::frame);
    }

    /// That many frames of every app.
    pub fn frames(&mut self, frames: usize) {
        (0..frames).for_each(|_| self.frame());
    }

    /// Frames until all are in the match.
    ///
    /// # Panics
    /// When that takes more than 20 seconds of simulated time.
    pub fn run_until_playing(&mut self) {
        for _ in 0..1_200 {
            self.frame();
            if (0..self.peers.len()).all(|player| self.state(player) == MatchState::Playing) {
                return;
            }
        }
        let logs: Vec<_> = self.peers.iter().map(|peer| &peer.log).collect();
        panic!("the match did not begin: {logs:#?}");
    }

    /// From now on, each peer finds its entities in another order in each run of each tick, as rules must stand it.
    pub fn shuffle(&mut self) {
        for (peer, seed) in self.peers.iter_mut().zip(self.seed..) {
            peer.app.insert_resource(Orders(GameRng::new(seed)));
            peer.app.world_mut().resource_mut::<Hooks>().before_tick.push(|world, _| {
                let seed = world.resource_mut::<Orders>().0.next_u64();
                shuffle(world, seed);
            });
        }
    }

    /// What a player presses from now on; an app's own systems in `NetInput` may say otherwise.
    pub fn set_input(&mut self, player: usize, input: I) {
        self.peers[player].app.world_mut().resource_mut::<LocalInput<I>>().0 = input;
    }

    /// A player's app.
    pub fn app(&mut self, player: usize) -> &mut App {
        &mut self.peers[player].app
    }

    /// A player's world.
    pub fn world(&mut self, player: usize) -> &mut World {
        self.peers[player].app.world_mut()
    }

    /// What a player's match is in.
    pub fn state(&self, player: usize) -> MatchState {
        self.peers[player].state()
    }

    /// All events that a player was told so far, as text.
    pub fn log(&self, player: usize) -> &[String] {
        &self.peers[player].log
    }

    /// The desyncs that a player was told of.
    pub fn desyncs(&self, player: usize) -> &[Desync] {
        &self.peers[player].desyncs
    }

    /// A player's figures.
    pub fn stats(&self, player: usize) -> SessionStats {
        self.peers[player].app.world().resource::<Engine<I>>().stats()
    }

    /// Cuts a player off from all others.
    pub fn cut(&mut self, player: usize) {
        let others: Vec<_> =
            self.addresses().filter(|&(other, _)| other != player).map(|(_, at)| at).collect();
        self.network.partition(&[self.peers[player].address], &others);
    }

    /// Ends all cuts.
    pub fn heal(&mut self) {
        self.network.heal();
    }

    /// A player's app has no more frames, as when its window is minimised or its phone locked.
    pub fn suspend(&mut self, player: usize) {
        self.peers[player].suspended = Some(Duration::ZERO);
    }

    /// It has frames again, the first of which is as long as it was [suspended](Self::suspend).
    pub fn resume(&mut self, player: usize) {
        let peer = &mut self.peers[player];
        let missed = peer.suspended.take().unwrap_or_default();
        peer.app.insert_resource(TimeUpdateStrategy::ManualDuration(missed + FRAME));
    }

    /// A player leaves.
    pub fn leave(&mut self, player: usize) {
        self.peers[player].app.world_mut().commands().leave_match();
    }

    /// The network between them.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The newest tick that is final for all who play, with everyone's hash of it.
    pub fn confirmed(&self) -> Option<(Tick, Vec<StateHash>)> {
        let sessions: Vec<_> = self
            .peers
            .iter()
            .filter(|peer| peer.state() == MatchState::Playing)
            .filter_map(|peer| peer.app.world().resource::<Engine<I>>().session())
            .filter(|session| session.stats().confirmed_ticks > 0)
            .collect();
        let tick = sessions.iter().map(|session| session.stats().confirmed_tick).reduce(Tick::earliest)?;
        let hashes = sessions.iter().filter_map(|session| session.confirmed_hash(tick)).collect();
        Some((tick, hashes))
    }

    /// Checks that all who play have had equal states so far.
    ///
    /// # Panics
    /// When a desync was found, or the hashes of the newest common tick differ.
    pub fn assert_equal(&self) {
        for (player, peer) in self.peers.iter().enumerate() {
            if let Some(desync) = peer.desyncs.first() {
                panic!("player {player} saw a {desync}");
            }
        }
        let (tick, hashes) = self.confirmed().expect("a tick is confirmed");
        assert!(hashes.len() > 1, "at least two know {tick:?}");
        assert!(hashes.iter().all(|hash| *hash == hashes[0]), "the states at {tick:?} differ: {hashes:?}");
    }

    fn addresses(&self) -> impl Iterator<Item = (usize, SocketAddr)> + '_ {
        self.peers.iter().map(|peer| peer.address).enumerate()
    }
}

/// Plays a game by itself for that many ticks, each several times over, from kept and from transferred states, with the
/// entities in another order each time; what comes out differently is named. It finds what depends on hash maps, on the
/// order of queries, on `Local`s and clocks, and what is not registered for rollback, without a network.
///
/// `inputs` is asked for each player's input of each tick; let it be as wild as players are.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use bevy_netcord::prelude::*;
/// use bevy_netcord::testing::sync_test;
///
/// #[derive(Resource, Clone, Default, serde::Serialize, serde::Deserialize)]
/// struct Steps(u32);
///
/// fn walk(mut steps: ResMut<Steps>, mut forgotten: Local<u32>) {
///     // Not rolled back: counts replays, too.
///     *forgotten += 1;
///     steps.0 += *forgotten;
/// }
///
/// let desync = sync_test(
///     2,
///     60,
///     |app| {
///         app.rollback_resource::<Steps>().add_systems(NetUpdate, walk);
///     },
///     |_tick, _player| 0_u8,
/// );
/// assert!(desync.unwrap_err().to_string().contains("resource Steps.0: ours"));
/// ```
///
/// # Errors
/// The first difference.
///
/// # Panics
/// When `players` is not 1 to 8.
pub fn sync_test<I: PlayerInput + Send + Sync>(
    players: u8,
    ticks: u32,
    build: impl FnOnce(&mut App),
    mut inputs: impl FnMut(Tick, PlayerIndex) -> I,
) -> Result<(), Box<Desync>> {
    let mut app = App::new();
    app.add_plugins(NetcordPlugins::p2p::<I>(NetConfig::new("sync test")));
    build(&mut app);
    app.finish();
    app.cleanup();
    // What the app does at its start is done before a match begins.
    app.update();
    let world = app.world_mut();
    begin_for_test::<I>(world, 0, players);
    world.resource_scope(|world, mut store: Mut<'_, Store>| {
        store.keep_back = MAX_PREDICTION + 1;
        let config =
            SyncTestConfig { players: players.into(), schema: store.schema(), ..SyncTestConfig::default() };
        let mut session = SyncTestSession::new(config).expect("1 to 8 players");
        for tick in Tick(0).until(Tick(ticks)) {
            let inputs: Vec<I> = (0..players).map(|player| inputs(tick, PlayerIndex(player))).collect();
            session.advance(&inputs);
            while let Some(request) = session.next_request() {
                if let Err(error) = engine::carry_out(&mut session, request, world, &mut store) {
                    panic!("the state can't be kept or transferred: {error}");
                }
            }
            if let Some(report) = session.report() {
                let suspects = world.resource::<NetStats>().suspects.names();
                return Err(Box::new(Desync::new(report.clone(), &store, suspects)));
            }
        }
        Ok(())
    })
}

/// Does to an app's world what a session of your own asks for, until it asks for nothing more: to test or to measure a
/// game without a network. Open a [`local_match`](crate::NetCommands::local_match) before, which makes the world.
///
/// # Errors
/// What a session is told as well: see [`SessionError`].
///
/// # Panics
/// When the app has no [`NetcordPlugins`].
pub fn carry_out<I: PlayerInput + Send + Sync>(
    app: &mut App,
    session: &mut impl Session<Input = I>,
) -> Result<(), SessionError> {
    app.world_mut().resource_scope(|world, mut store: Mut<'_, Store>| {
        while let Some(request) = session.next_request() {
            engine::carry_out(session, request, world, &mut store)?;
        }
        Ok(())
    })
}
