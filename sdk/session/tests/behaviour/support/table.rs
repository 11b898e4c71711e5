//! Peers at a table: each with its session, its game, its player and its clock, stepped through simulated time.

use super::game::COSMIC_RAY;
use super::{Arena, Conditions, FakeTransport, Net};
use netcord_session::{
    Inputs, Outcome, P2pConfig, P2pSession, PacedSession, PlayerIndex, ROLE_PLAYER, ROLE_SPECTATOR, Request,
    Runner, Session, SessionError, SessionEvent,
};
use netcord_transport::Transport;
use netcord_wire::{GameRng, Inspect, StateHash, Tick};
use std::collections::BTreeMap;
use std::time::Duration;

pub const GUEST_ID: u64 = 7;

pub struct Peer<T = FakeTransport> {
    pub session: Recorded<T>,
    pub runner: Runner<Arena>,
    pub events: Vec<SessionEvent>,
    /// How fast this peer's clock runs, in millionths of the true speed.
    pub drift: i64,
    /// Added to this peer's clock.
    pub jump: Duration,
    /// A peer that is not awake is not polled.
    pub awake: bool,
    /// How often the peer is polled.
    pub frame: Duration,
    next_frame: Duration,
    player: Script,
}

/// Presses buttons as a person does: changes every dozen ticks or so.
struct Script {
    rng: GameRng,
    held: u8,
    left: u32,
}

/// A session that remembers what was confirmed.
pub struct Recorded<T> {
    pub inner: P2pSession<u8, T>,
    pub confirmed: BTreeMap<u32, StateHash>,
    /// At this tick a bit flips in this peer's game.
    pub cosmic_ray: Option<u32>,
    told: BTreeMap<u32, Inputs<u8>>,
    pressed: Vec<(u32, u8)>,
}

pub struct Table {
    pub net: Net,
    pub now: Duration,
    pub host: Peer,
    pub guest: Peer,
    pub spectators: Vec<Peer>,
}

impl Table {
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        Self::with_config(seed, conditions, P2pConfig::default())
    }

    pub fn with_config(seed: u64, conditions: Conditions, config: P2pConfig) -> Self {
        let net = Net::new(seed, conditions);
        let config = P2pConfig { session_id: seed, schema: Arena::schema(), ..config };
        let host = Self::host_on(&net, seed, config.clone());
        let guest = P2pSession::join(net.client(GUEST_ID, ROLE_PLAYER), config).unwrap();
        Self {
            net,
            now: Duration::ZERO,
            host,
            guest: Peer::new(guest, 0, seed * 2 + 2),
            spectators: Vec::new(),
        }
    }

    pub fn host_on(net: &Net, seed: u64, config: P2pConfig) -> Peer {
        let session = P2pSession::host(net.host(), config).unwrap();
        Peer::new(session, seed, seed * 2 + 1)
    }

    /// A third player tries to come in.
    pub fn intrude(&mut self) {
        let session = P2pSession::join(self.net.client(99, ROLE_PLAYER), P2pConfig::default()).unwrap();
        self.spectators.push(Peer::new(session, 0, 0));
    }

    /// Lets a spectator in.
    pub fn spectate(&mut self, config: P2pConfig) {
        let id = 100 + self.spectators.len() as u64;
        let config = P2pConfig { schema: Arena::schema(), ..config };
        let session = P2pSession::spectate(self.net.client(id, ROLE_SPECTATOR), config).unwrap();
        self.spectators.push(Peer::new(session, 0, 0));
    }

    /// The guest's process dies and is started anew.
    pub fn restart_guest(&mut self, config: P2pConfig, seed: u64) {
        let config = P2pConfig { schema: Arena::schema(), ..config };
        let session = P2pSession::join(self.net.client(GUEST_ID, ROLE_PLAYER), config).unwrap();
        self.guest = Peer::new(session, 0, seed);
        self.guest.next_frame = self.now;
    }

    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += Duration::from_millis(1);
            self.net.set_now(self.now);
            for peer in [&mut self.host, &mut self.guest].into_iter().chain(&mut self.spectators) {
                peer.frame_at(self.now);
            }
        }
    }

    pub fn run_seconds(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    /// Every tick that several peers confirmed has one hash. Returns how many ticks host and guest share.
    #[track_caller]
    pub fn assert_equal(&self) -> usize {
        for peer in self.spectators.iter().chain([&self.guest]) {
            for (tick, hash) in &peer.session.confirmed {
                if let Some(other) = self.host.session.confirmed.get(tick) {
                    assert_eq!(hash, other, "at tick {tick}");
                }
            }
        }
        for peer in [&self.host, &self.guest] {
            let stats = peer.session.inner.stats();
            assert_eq!((stats.desyncs, stats.lost_inputs), (0, 0), "{stats:?}");
        }
        self.guest
            .session
            .confirmed
            .keys()
            .filter(|tick| self.host.session.confirmed.contains_key(tick))
            .count()
    }
}

impl<T: Transport> Peer<T> {
    pub fn new(session: P2pSession<u8, T>, world: u64, player: u64) -> Self {
        Self {
            session: Recorded {
                inner: session,
                confirmed: BTreeMap::new(),
                cosmic_ray: None,
                told: BTreeMap::new(),
                pressed: Vec::new(),
            },
            runner: Runner::new(Arena::new(world)),
            events: Vec::new(),
            drift: 0,
            jump: Duration::ZERO,
            awake: true,
            frame: Duration::from_millis(4),
            next_frame: Duration::ZERO,
            player: Script { rng: GameRng::new(player), held: 0, left: 0 },
        }
    }

    pub fn frame_at(&mut self, now: Duration) {
        if now < self.next_frame || !self.awake {
            return;
        }
        self.next_frame = now + self.frame;
        let nanos = now.as_nanos() as i64;
        let own = Duration::from_nanos((nanos + nanos / 1_000_000 * self.drift) as u64) + self.jump;
        let player = &mut self.player;
        let session = &mut self.session;
        session.update(own).unwrap();
        self.runner.run(session).unwrap();
        while session.tick_due() {
            let (stats, input) = (session.inner.stats(), player.next());
            session.pressed.push((stats.current_tick.0 + stats.input_delay, input));
            session.advance(input);
            self.runner.run(session).unwrap();
        }
        session.flush(own).unwrap();
        while let Some(event) = self.session.inner.next_event() {
            self.events.push(event);
        }
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        self.events.iter().rev().find_map(|event| match event {
            SessionEvent::Ended(outcome) => Some(outcome),
            _ => None,
        })
    }

    pub fn saw(&self, wanted: impl Fn(&SessionEvent) -> bool) -> bool {
        self.events.iter().any(wanted)
    }

    /// What the player pressed for each tick: the first time, if the match went back.
    pub fn pressed(&self) -> BTreeMap<u32, u8> {
        let mut pressed = BTreeMap::new();
        let mut newest = None;
        for &(tick, input) in &self.session.pressed {
            if newest.is_none_or(|newest| tick > newest) {
                pressed.insert(tick, input);
                newest = Some(tick);
            }
        }
        pressed
    }

    /// What the game was last told of a player's input.
    pub fn told(&self, tick: u32, player: u8) -> Option<u8> {
        self.session.told.get(&tick).map(|inputs| inputs[PlayerIndex(player)])
    }

    pub fn stats(&self) -> netcord_session::SessionStats {
        self.session.inner.stats()
    }
}

impl Script {
    fn next(&mut self) -> u8 {
        if self.left == 0 {
            self.left = 1 + self.rng.below(23);
            self.held = self.rng.below(16) as u8;
        }
        self.left -= 1;
        self.held
    }
}

impl<T: Transport> Session for Recorded<T> {
    type Input = u8;

    fn next_request(&mut self) -> Option<Request<u8>> {
        let mut request = self.inner.next_request();
        if let Some(Request::Advance(step)) = &mut request {
            if self.cosmic_ray == Some(step.tick.0) {
                step.perturbation = COSMIC_RAY;
            }
            self.told.insert(step.tick.0, step.inputs);
        }
        request
    }

    #[track_caller]
    fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        let hash = StateHash::of(state);
        let before = self.confirmed.insert(tick.0, hash);
        assert!(before.is_none_or(|before| before == hash), "tick {tick} was confirmed with another state");
        self.inner.confirm(tick, state);
    }

    fn snapshot(&mut self, tick: Tick, bytes: Vec<u8>) -> Result<(), SessionError> {
        self.inner.snapshot(tick, bytes)
    }
}

impl<T: Transport> PacedSession for Recorded<T> {
    fn update(&mut self, now: Duration) -> Result<(), SessionError> {
        self.inner.update(now)
    }

    fn tick_due(&self) -> bool {
        self.inner.tick_due()
    }

    fn advance(&mut self, input: u8) {
        self.inner.advance(input);
    }

    fn flush(&mut self, now: Duration) -> Result<(), SessionError> {
        self.inner.flush(now)
    }
}
