//! How a match starts, and how it goes on after an absence: hello, state, ready.
//!
//! There is one way for all: the host gives the state at a final tick, with the inputs that it knows beyond; the
//! client loads it and says so; both go on from that tick at the same time. A player who kept its memory first
//! tells the host the inputs that it may not have, so none is lost.

use super::config::MAX_STATE;
use super::event::{Outcome, SessionEvent};
use super::link::{Stage, Which};
use super::log::InputLog;
use super::state::{GUEST, Match, Out, PLAYERS, Phase, Role};
use crate::clock::TickClock;
use crate::delay::{DelayPolicy, InputDelay};
use crate::protocol::{Control, Hello, InputTail, Resume, Start};
use crate::rollback::{MAX_AHEAD, MAX_PREDICTION};
use crate::{PlayerIndex, PlayerInput, ProtocolError, Request, SessionError};
use core::time::Duration;
use netcord_transport::PeerId;
use netcord_wire::Tick;

/// Ticks between the host's word that the match starts and the start, besides the time that the word takes: if
/// a few of the messages are lost, the others still bring it in time.
const LEAD_IN: u32 = 8;
/// The most time on the way that is waited for.
const MAX_HALF_WAY: Duration = Duration::from_millis(300);

impl<I: PlayerInput> Match<I> {
    pub(super) fn on_control(&mut self, which: Which, message: Control) -> Result<(), ProtocolError> {
        let Some(link) = self.links.get_mut(which) else { return Ok(()) };
        let (peer, stage) = (link.peer, link.stage);
        let is_host = self.role == Role::Host;
        match message {
            Control::Hello(hello) if is_host && stage == Stage::Greeting => self.on_hello(which, hello),
            Control::Start(start) if !is_host && stage == Stage::Greeting => self.on_start(start),
            Control::Ready(tick) if is_host && stage == Stage::Starting(tick) => {
                self.on_ready(which, tick);
                Ok(())
            }
            Control::End(verdict) if !is_host => self.on_verdict(verdict),
            Control::End(_)
                if which == Which::Opponent && stage == Stage::Greeting && self.phase != Phase::Waiting =>
            {
                // The host decides what comes of it that the guest gave up waiting.
                self.end(Outcome::Forfeit { absent: GUEST, authoritative: true });
                Ok(())
            }
            Control::Hashes { first, hashes } if stage == Stage::Live => {
                let (now, journal) = (self.now, &self.journal);
                let Some(link) = self.links.get_mut(which) else { return Ok(()) };
                let finding = link.exchange.on_hashes(now, peer, first, &hashes, journal);
                self.on_finding(peer, finding);
                Ok(())
            }
            Control::Fields { tick, fields } if stage == Stage::Live => {
                let (journal, schema) = (&self.journal, &self.config.schema);
                let Some(link) = self.links.get_mut(which) else { return Ok(()) };
                let finding = link.exchange.on_fields(tick, &fields, journal, schema);
                self.on_finding(peer, finding);
                Ok(())
            }
            // A verdict may have overtaken what the peer sent before it.
            _ if self.phase == Phase::Ended => Ok(()),
            message => Err(ProtocolError::OutOfPlace(message.name())),
        }
    }

    /// A client introduces itself, and tells what it remembers.
    pub(super) fn say_hello(&mut self, peer: PeerId) {
        let resume = self.local.filter(|_| self.phase != Phase::Waiting).map(|local| {
            let first = self.undelivered.latest(self.rollback.oldest_input(local));
            let known = first.until(self.rollback.next_input(local));
            Resume {
                session: self.config.session_id,
                confirmed: self.rollback.confirmed().earliest(self.rollback.current()),
                own: InputTail::new(first, known.map_while(|tick| self.rollback.input(local, tick))),
            }
        });
        self.send(peer, &Control::Hello(Hello { resume }));
    }

    fn on_hello(&mut self, which: Which, hello: Hello) -> Result<(), ProtocolError> {
        if which == Which::Opponent {
            let known = hello.resume.filter(|resume| {
                resume.session == self.config.session_id && matches!(self.phase, Phase::Paused { .. })
            });
            self.tails_from = self.rollback.current();
            if let Some(resume) = known {
                for (tick, input) in
                    (0..).map(|offset| resume.own.first + offset).zip(resume.own.inputs::<I>()?)
                {
                    self.rollback.add_input(GUEST, tick, input)?;
                }
                self.tails_from = resume.confirmed;
                self.log_confirmed();
            }
            self.rollback.settle(&mut self.requests);
            if self.phase == Phase::Waiting {
                self.requests.push_back(Request::Save { tick: self.rollback.current() });
            }
        } else if self.phase != Phase::Running {
            let now = self.now;
            if let Some(link) = self.links.get_mut(which) {
                link.enter(Stage::Queued, now);
            }
            return Ok(());
        }
        self.ask_for_snapshot(which);
        Ok(())
    }

    fn ask_for_snapshot(&mut self, which: Which) {
        let (tick, now) = (self.rollback.final_tick(), self.now);
        if let Some(link) = self.links.get_mut(which) {
            link.enter(Stage::Snapshot(tick), now);
            self.requests.push_back(Request::Snapshot { tick });
        }
    }

    /// The game gave the state at `tick`: it goes to those who wait for it.
    pub(super) fn snapshot(&mut self, tick: Tick, state: Vec<u8>) -> Result<(), SessionError> {
        if state.len() > MAX_STATE {
            return Err(SessionError::StateTooLarge { size: state.len(), limit: MAX_STATE });
        }
        let mut start = Start {
            session: self.config.session_id,
            player: None,
            tick_rate: self.config.tick_rate,
            window: self.config.prediction,
            delay: self.config.input_delay.to_byte(),
            tick,
            chain: self.journal.chain_before(tick).unwrap_or(0),
            tails: Vec::new(),
            setup: self.config.setup.clone(),
            state,
        };
        for which in self.links.all() {
            let now = self.now;
            let link = self.links.get_mut(which).filter(|link| link.stage == Stage::Snapshot(tick));
            let Some(link) = link else { continue };
            link.enter(Stage::Starting(tick), now);
            let peer = link.peer;
            (start.player, start.tails) = match which {
                Which::Opponent => (Some(GUEST.0), self.tails(self.tails_from.earliest(tick), None)),
                Which::Spectator(_) => (None, self.tails(tick, Some(1))),
            };
            self.outbox.push_back(Out::Control(peer, start.to_bytes()));
        }
        Ok(())
    }

    /// What is known of each player's inputs from the tick before `from` on, at most `count` of them.
    fn tails(&self, from: Tick, count: Option<u32>) -> Vec<InputTail> {
        let players = (0..PLAYERS).map(PlayerIndex);
        players
            .map(|player| {
                let first = (from - 1).latest(self.rollback.oldest_input(player));
                let end = count.map_or(self.rollback.next_input(player), |count| first + count);
                InputTail::new(first, first.until(end).map_while(|tick| self.rollback.input(player, tick)))
            })
            .collect()
    }

    fn on_start(&mut self, start: Start) -> Result<(), ProtocolError> {
        let player = start.player.map(PlayerIndex);
        let expected = if self.role == Role::Guest { Some(GUEST) } else { None };
        if player != expected {
            return Err(ProtocolError::BadValue("player"));
        }
        if start.tails.len() != usize::from(PLAYERS) {
            return Err(ProtocolError::BadValue("number of players"));
        }
        if !(1..=1_000).contains(&start.tick_rate) || !(1..=MAX_PREDICTION).contains(&start.window.into()) {
            return Err(ProtocolError::BadValue("rules"));
        }
        let delay = InputDelay::from_byte(start.delay).ok_or(ProtocolError::BadValue("input delay"))?;
        // A spectator has the inputs from the stream, which these must not contradict.
        let most_ahead = if self.role == Role::Guest { MAX_AHEAD } else { 0 };
        let mut tails = Vec::new();
        for tail in &start.tails {
            let inputs = tail.inputs::<I>()?;
            let end = tail.first + inputs.len() as u32;
            if !tail.first.is_before(start.tick)
                || end.is_before(start.tick)
                || end.since(start.tick) > most_ahead as i32
            {
                return Err(ProtocolError::BadValue("inputs of the start"));
            }
            tails.push((tail.first, inputs));
        }

        let knew = self.phase != Phase::Waiting && start.session == self.config.session_id;
        if knew && let Some(local) = self.local {
            let (first, inputs) = tails.get(local.index()).ok_or(ProtocolError::BadValue("player"))?;
            self.count_lost_inputs(local, *first, inputs);
        }
        if !knew {
            self.delay = DelayPolicy::new(delay);
        }
        self.config.session_id = start.session;
        self.config.tick_rate = start.tick_rate;
        self.config.prediction = start.window;
        self.clock = TickClock::new(start.tick_rate);
        self.local = player;
        self.load(start.tick, start.window, &tails);
        self.journal.restart(start.tick, start.chain);
        self.requests.push_back(Request::Restore { tick: start.tick, bytes: start.state });
        self.requests.push_back(Request::Save { tick: start.tick });
        self.go(start.tick, Which::Opponent);
        if let Some(peer) = self.links.opponent.as_ref().map(|link| link.peer) {
            self.send(peer, &Control::Ready(start.tick));
        }
        // A player's first tick is the host's, which tells when; a spectator has no one to keep up with.
        self.clock.start(if self.local.is_some() { Duration::MAX } else { self.now });
        self.events.push_back(if knew {
            SessionEvent::Resumed { tick: start.tick }
        } else {
            SessionEvent::Started { local: self.local, tick: start.tick, setup: start.setup }
        });
        Ok(())
    }

    /// Replaces what is known of inputs by what the host knows.
    fn load(&mut self, tick: Tick, window: u8, tails: &[(Tick, Vec<I>)]) {
        let window = if self.local.is_some() { u32::from(window) } else { 0 };
        self.rollback.restart(tick, window);
        let mut before = Self::no_inputs();
        for ((index, (first, inputs)), bytes) in (0..).zip(tails).zip(before.chunks_mut(I::BYTES)) {
            let player = PlayerIndex(index);
            self.rollback.preload(player, *first, inputs.iter().copied());
            if let Some(input) = self.rollback.input(player, tick - 1) {
                input.encode(bytes);
            }
        }
        self.log = InputLog::new(self.config.spectator_backlog, tick, &before);
    }

    /// Counts own inputs that the host decided otherwise, or does not have.
    fn count_lost_inputs(&mut self, local: PlayerIndex, first: Tick, inputs: &[I]) {
        let ours = first.until(self.rollback.next_input(local));
        let lost = ours
            .enumerate()
            .filter_map(|(index, tick)| Some((index, self.rollback.input(local, tick)?)))
            .filter(|(index, ours)| inputs.get(*index) != Some(ours))
            .count() as u64;
        if lost > 0 {
            tracing::error!(lost, "the host does not have all of our inputs");
        }
        self.counters.lost_inputs += lost;
    }

    fn on_ready(&mut self, which: Which, tick: Tick) {
        if let Which::Spectator(_) = which {
            self.go(tick, which);
            let peer = self.links.get_mut(which).map(|link| link.peer);
            self.events.extend(peer.map(|peer| SessionEvent::SpectatorJoined { peer }));
            return;
        }
        let first_time = self.phase == Phase::Waiting;
        self.rollback.rewind(&mut self.requests);
        self.go(tick, which);
        // Until then, every message says how long it is.
        let half_way = self.links.opponent.as_ref().map_or(Duration::ZERO, |link| link.rtt / 2);
        let lead_in = self.clock.interval() * LEAD_IN + half_way.min(MAX_HALF_WAY);
        self.clock.start(self.now + lead_in);
        let tick = self.rollback.current();
        self.events.push_back(if first_time {
            SessionEvent::Started { local: self.local, tick, setup: self.config.setup.clone() }
        } else {
            SessionEvent::Resumed { tick }
        });
        for which in self.links.all() {
            if self.links.get_mut(which).is_some_and(|link| link.stage == Stage::Queued) {
                self.ask_for_snapshot(which);
            }
        }
    }

    /// Inputs flow on the link from `tick` on.
    fn go(&mut self, tick: Tick, which: Which) {
        let delivered = match (which, self.local) {
            (Which::Opponent, Some(local)) => self.rollback.next_input(local),
            _ => tick,
        };
        let heard = if which == Which::Opponent && self.local.is_some() {
            self.rollback.next_input(self.remote())
        } else {
            tick
        };
        let now = self.now;
        if let Some(link) = self.links.get_mut(which) {
            tracing::info!(peer = %link.peer, tick = tick.0, "inputs flow");
            link.go_live(tick, delivered, heard, now);
        }
        if which == Which::Opponent {
            self.phase = Phase::Running;
        }
    }
}
