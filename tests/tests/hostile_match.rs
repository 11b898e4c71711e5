//! A live match of two goes on, states equal on every tick, while a third party floods both players.

mod stack;

use netcord::session::{
    P2pConfig, P2pSession, PacedSession, Request, Runner, Session, SessionError, SessionEvent,
    session_channels,
};
use netcord::transport::lab::Network;
use netcord::transport::{ChannelsConfig, Transport};
use netcord::wire::{Inspect, StateHash, Tick};
use netcord_tests::session::{Keys, Match};
use pong_rules::{Bot, Pong, Side, Skill};
use stack::attacker::Attacker;
use stack::{ALICE, FRAME, host, join};
use std::collections::BTreeMap;

/// A session that remembers the hash of every confirmed state.
struct Recorded<T> {
    inner: P2pSession<Keys, T>,
    confirmed: BTreeMap<u32, StateHash>,
}

impl<T: Transport> Session for Recorded<T> {
    type Input = Keys;

    fn next_request(&mut self) -> Option<Request<Keys>> {
        self.inner.next_request()
    }

    fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        assert_eq!(self.confirmed.insert(tick.0, StateHash::of(state)), None, "each tick is confirmed once");
        self.inner.confirm(tick, state);
    }

    fn snapshot(&mut self, tick: Tick, bytes: Vec<u8>) -> Result<(), SessionError> {
        self.inner.snapshot(tick, bytes)
    }
}

impl<T: Transport> PacedSession for Recorded<T> {
    fn update(&mut self, now: std::time::Duration) -> Result<(), SessionError> {
        self.inner.update(now)
    }

    fn tick_due(&self) -> bool {
        self.inner.tick_due()
    }

    fn advance(&mut self, input: Keys) {
        self.inner.advance(input);
    }

    fn flush(&mut self, now: std::time::Duration) -> Result<(), SessionError> {
        self.inner.flush(now)
    }
}

/// One who plays.
struct Player<T> {
    session: Recorded<T>,
    runner: Runner<Match>,
    bot: Bot,
    side: Side,
    started: bool,
}

impl<T: Transport> Player<T> {
    fn new(session: P2pSession<Keys, T>, seed: u64, side: Side) -> Self {
        Self {
            session: Recorded { inner: session, confirmed: BTreeMap::new() },
            runner: Runner::new(Match(Pong::new(seed))),
            bot: Bot::new(seed, Skill::Expert),
            side,
            started: false,
        }
    }

    fn frame(&mut self, now: std::time::Duration) {
        let (bot, side) = (&mut self.bot, self.side);
        let input = |state: &Match| Keys(bot.input(&state.0, side));
        self.runner.frame(&mut self.session, now, input).expect("the session goes on");
        while let Some(event) = self.session.inner.next_event() {
            match event {
                SessionEvent::Started { .. } if !self.started => self.started = true,
                SessionEvent::InputDelayChanged { .. } => {}
                other => panic!("the match is disturbed: {other:?}"),
            }
        }
    }
}

/// Plays for so many frames, with a flood from the start of the match on, whose copies race what they copy or not.
fn play(seed: u64, conditions: &str, frames: u32, races: Option<bool>) -> [BTreeMap<u32, StateHash>; 2] {
    let network = Network::new(seed);
    network.set_conditions(conditions.parse().unwrap());
    let channels = || ChannelsConfig::new(session_channels());
    let mut transport = host(&network, seed, channels());
    let code = transport.endpoint_mut().invite(netcord::session::ROLE_PLAYER).unwrap();
    let guest = join(&network, ALICE, &code, channels());
    let config = || P2pConfig { session_id: seed, schema: Pong::schema(), ..P2pConfig::default() };
    let mut host = Player::new(P2pSession::host(transport, config()).unwrap(), seed, Side::Left);
    let mut guest = Player::new(P2pSession::join(guest, config()).unwrap(), seed + 1, Side::Right);
    let mut attacker = None;
    for frame in 1..=frames {
        let now = FRAME * frame;
        network.advance_to(now);
        host.frame(now);
        guest.frame(now);
        if host.started && guest.started && attacker.is_none() {
            attacker = races.map(|races| Attacker::new(&network, seed, 20, races));
        }
        if let Some(attacker) = &mut attacker {
            attacker.strike();
        }
    }
    if let Some(attacker) = attacker {
        assert!(attacker.injected >= 10 * attacker.observed && attacker.injected > 5_000, "a flood");
    }
    for stats in [host.session.inner.stats(), guest.session.inner.stats()] {
        assert_eq!((stats.desyncs, stats.lost_inputs), (0, 0), "{stats:?}");
    }
    [host.session.confirmed, guest.session.confirmed]
}

/// The ticks that both have confirmed; all equal.
fn shared(confirmed: &[BTreeMap<u32, StateHash>; 2]) -> usize {
    let [host, guest] = confirmed;
    let shared = guest.iter().filter_map(|(tick, hash)| Some((tick, hash, host.get(tick)?)));
    shared.inspect(|(tick, guest, host)| assert_eq!(guest, host, "tick {tick}")).count()
}

#[test]
fn a_match_over_a_fair_network_is_the_same_to_the_last_state_with_and_without_a_flood() {
    for seed in 0..2 {
        let conditions = "latency=40ms,jitter=10ms,dup=1%,reorder=2%";
        let calm = play(seed, conditions, 600, None);
        let flooded = play(seed, conditions, 600, Some(false));
        assert!(shared(&flooded) > 500, "seed {seed}: {} ticks", shared(&flooded));
        assert!(calm == flooded, "seed {seed}: the flood changed the match");
    }
}

#[test]
fn a_match_over_a_bad_network_goes_on_though_copies_overtake_what_the_players_say() {
    for seed in 10..12 {
        let conditions = "latency=80ms,jitter=20ms,loss=5%,burst,dup=1%,reorder=2%,corrupt=1%";
        let ticks = shared(&play(seed, conditions, 900, Some(true)));
        assert!(ticks > 780, "seed {seed}: {ticks} ticks");
    }
}
