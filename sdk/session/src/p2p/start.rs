//! How a match starts, and how a client comes into it: hello, state, ready.
//!
//! There is one way for all: the host gives the state at a final tick, with the inputs that it knows beyond; the
//! client loads it and says so. At the beginning, and after a pause of a match of two, all go on from that tick at the
//! same time; a player who kept its memory first tells the host the inputs that it may not have, so none is lost. Who
//! comes into a match that runs watches it, until it is there in time to take part.

use super::config::MAX_STATE;
use super::event::{Outcome, SessionEvent};
use super::link::{Link, Remote, Stage};
use super::state::{GUEST, HOST, Match, Out, Phase, Role};
use crate::clock::TickClock;
use crate::delay::{DelayPolicy, InputDelay};
use crate::player_set::PlayerSet;
use crate::protocol::{Control, Group, Hello, InputTail, Membership, Resume, Start};
use crate::rollback::{MAX_AHEAD, MAX_PREDICTION, Rollback};
use crate::{MAX_PLAYERS, PlayerIndex, PlayerInput, ProtocolError, Request, SessionError};
use core::time::Duration;
use netcord_transport::PeerId;
use netcord_wire::Tick;

/// Ticks between the host's word that the match starts and the start, besides the time that the word takes: if
/// a few of the messages are lost, the others still bring it in time.
const LEAD_IN: u32 = 8;
/// The most time on the way that is waited for.
const MAX_HALF_WAY: Duration = Duration::from_millis(300);

impl<I: PlayerInput> Match<I> {
    pub(super) fn on_control(&mut self, peer: PeerId, message: Control) -> Result<(), ProtocolError> {
        let Some(link) = self.links.get(peer) else { return Ok(()) };
        let (stage, remote) = (link.stage, link.remote);
        let is_host = self.role == Role::Host;
        let flows = matches!(stage, Stage::Live | Stage::Watching);
        match message {
            Control::Hello(hello) if is_host && stage == Stage::Greeting => self.on_hello(peer, hello),
            Control::Start(start)
                if self.is_our_host(peer)
                    && (matches!(stage, Stage::Greeting | Stage::Queued) || !self.is_duel()) =>
            {
                self.on_start(peer, start)
            }
            Control::Ready(tick) if is_host && stage == Stage::Starting(tick) => {
                self.on_ready(peer, tick);
                Ok(())
            }
            Control::End(verdict) if self.is_our_host(peer) => self.on_verdict(remote, verdict),
            Control::End(_)
                if remote == Remote::Player(GUEST)
                    && self.is_duel()
                    && stage == Stage::Greeting
                    && self.phase != Phase::Waiting =>
            {
                // The guest gave up waiting. The host decides what comes of it, and knows whether it slept itself.
                let slept = self.longest_sleep >= self.config.forfeit_after;
                let absent = if slept { HOST } else { GUEST };
                self.end(Outcome::Forfeit { absent, authoritative: true });
                Ok(())
            }
            Control::Hashes { first, hashes } if flows => {
                let (now, journal) = (self.now, &self.journal);
                let Some(link) = self.links.get_mut(peer) else { return Ok(()) };
                let finding = link.exchange.on_hashes(now, peer, first, &hashes, journal);
                self.on_finding(peer, finding);
                Ok(())
            }
            Control::Fields { tick, fields } if flows => {
                let (journal, schema) = (&self.journal, &self.config.schema);
                let Some(link) = self.links.get_mut(peer) else { return Ok(()) };
                let finding = link.exchange.on_fields(tick, &fields, journal, schema);
                self.on_finding(peer, finding);
                Ok(())
            }
            // A verdict may have overtaken what the peer sent before it.
            _ if self.phase == Phase::Ended => Ok(()),
            Control::Membership(message) => self.on_membership(peer, message),
            // What one who comes back says may cross with what is said to it.
            Control::Hashes { .. } | Control::Fields { .. } | Control::Hello(_) | Control::End(_)
                if !self.is_duel() =>
            {
                Ok(())
            }
            message => Err(ProtocolError::OutOfPlace(message.name())),
        }
    }

    /// A client introduces itself, and tells what it remembers.
    pub(super) fn say_hello(&mut self, peer: PeerId) {
        let host = self.links.get(peer).and_then(|link| link.player());
        let remembers = self.phase != Phase::Waiting && host == Some(self.seats.host());
        let resume = self.local.filter(|_| remembers).map(|local| {
            let first = self.undelivered.latest(self.rollback.oldest_input(local));
            let first = if self.is_duel() { first } else { self.rollback.next_input(local) };
            let known = first.until(self.rollback.next_input(local));
            Resume {
                session: self.config.session_id,
                confirmed: self.rollback.confirmed().earliest(self.rollback.current()),
                own: InputTail::new(first, known.map_while(|tick| self.rollback.input(local, tick))),
            }
        });
        self.send(peer, &Control::Hello(Hello { resume }));
    }

    fn on_hello(&mut self, peer: PeerId, hello: Hello) -> Result<(), ProtocolError> {
        let (now, duel) = (self.now, self.is_duel());
        let Some(link) = self.links.get_mut(peer) else { return Ok(()) };
        let Some(player) = link.player() else {
            link.enter(Stage::Queued, now);
            return Ok(());
        };
        if !duel {
            link.enter(Stage::Queued, now);
            let resumes = hello.resume.is_some_and(|resume| resume.session == self.config.session_id);
            self.welcome(peer, player, resumes);
            return Ok(());
        }
        let known = hello.resume.filter(|resume| {
            resume.session == self.config.session_id && matches!(self.phase, Phase::Paused { .. })
        });
        self.tails_from = self.rollback.current();
        if let Some(resume) = known {
            for (tick, input) in (0..).map(|offset| resume.own.first + offset).zip(resume.own.inputs::<I>()?)
            {
                self.rollback.add_input(GUEST, tick, input)?;
            }
            self.tails_from = resume.confirmed;
            self.log_confirmed();
        }
        self.begin_start();
        self.ask_for_snapshot(peer);
        Ok(())
    }

    /// The state from which all start is the newest final one.
    pub(super) fn begin_start(&mut self) {
        self.rollback.settle(&mut self.requests);
        if self.phase == Phase::Waiting {
            self.requests.push_back(Request::Save { tick: self.rollback.current() });
        }
    }

    pub(super) fn ask_for_snapshot(&mut self, peer: PeerId) {
        let (tick, now) = (self.rollback.final_tick(), self.now);
        if let Some(link) = self.links.get_mut(peer) {
            link.enter(Stage::Snapshot(tick), now);
            self.requests.push_back(Request::Snapshot { tick });
        }
    }

    /// Lets in those who wait to watch, once there is a state from which who takes part does not change any more.
    pub(super) fn serve_watchers(&mut self) {
        if self.role != Role::Host
            || self.phase != Phase::Running
            || self.rollback.final_tick().is_before(self.seats.changed_at)
        {
            return;
        }
        for place in 0..self.links.len() {
            let waits = |link: &&mut Link| link.stage == Stage::Queued && !link.asked_to_join;
            let Some(link) = self.links.at_mut(place).filter(waits) else { continue };
            let (peer, player) = (link.peer, link.player());
            if player.is_none_or(|player| !self.seats.live.contains(player)) {
                self.ask_for_snapshot(peer);
            }
        }
    }

    /// The game gave the state at `tick`: it goes to those who wait for it.
    pub(super) fn snapshot(&mut self, tick: Tick, state: Vec<u8>) -> Result<(), SessionError> {
        if state.len() > MAX_STATE {
            return Err(SessionError::StateTooLarge { size: state.len(), limit: MAX_STATE });
        }
        let group =
            Group { players: self.seats.live, lineage: self.seats.lineage, number: self.seats.number };
        let mut start = Start {
            session: self.config.session_id,
            player: None,
            tick_rate: self.config.tick_rate,
            window: self.config.prediction,
            delay: self.config.input_delay.to_byte(),
            tick,
            chain: self.journal.chain_before(tick).unwrap_or(0),
            tails: Vec::new(),
            group: (!self.is_duel()).then_some(group),
            setup: self.config.setup.clone(),
            state,
        };
        for place in 0..self.links.len() {
            let now = self.now;
            let link = self.links.at_mut(place).filter(|link| link.stage == Stage::Snapshot(tick));
            let Some(link) = link else { continue };
            link.enter(Stage::Starting(tick), now);
            let (peer, player) = (link.peer, link.player());
            start.player = player.map(|player| player.0);
            start.tails = match player {
                Some(_) if self.is_duel() => self.tails(self.tails_from.earliest(tick), None),
                _ => self.tails(tick, Some(1)),
            };
            self.outbox.push_back(Out::Control(peer, start.to_bytes()));
        }
        Ok(())
    }

    /// What is known of each player's inputs from the tick before `from` on, at most `count` of them.
    fn tails(&self, from: Tick, count: Option<u32>) -> Vec<InputTail> {
        self.all_players()
            .map(|player| {
                if !self.is_duel() && self.rollback.is_absent(player, from - 1) {
                    return InputTail::new(from - 1, std::iter::empty::<I>());
                }
                let first = (from - 1).latest(self.rollback.oldest_input(player));
                let end = count.map_or(self.rollback.next_input(player), |count| first + count);
                InputTail::new(first, first.until(end).map_while(|tick| self.rollback.input(player, tick)))
            })
            .collect()
    }

    fn on_start(&mut self, peer: PeerId, start: Start) -> Result<(), ProtocolError> {
        let player = start.player.map(PlayerIndex);
        let players = start.tails.len();
        if !(2..=MAX_PLAYERS).contains(&players) {
            return Err(ProtocolError::BadValue("number of players"));
        }
        let group = start.group.unwrap_or(Group {
            players: PlayerSet::first(2),
            lineage: self.seats.lineage,
            number: 0,
        });
        if self.is_bound() && group.lineage > self.seats.lineage {
            return Ok(());
        }
        let is_expected = match (self.role, start.group) {
            (Role::Spectator, _) => player.is_none(),
            (_, None) => player == Some(GUEST) && self.role == Role::Guest,
            (_, Some(_)) => {
                player.is_some_and(|player| player.index() < players && player != group.lineage.host())
            }
        };
        if !is_expected {
            return Err(ProtocolError::BadValue("player"));
        }
        if group.lineage.host().index() >= players || !group.players.contains(group.lineage.host()) {
            return Err(ProtocolError::BadValue("host"));
        }
        if !(1..=1_000).contains(&start.tick_rate) || !(1..=MAX_PREDICTION).contains(&start.window.into()) {
            return Err(ProtocolError::BadValue("rules"));
        }
        let delay = InputDelay::from_byte(start.delay).ok_or(ProtocolError::BadValue("input delay"))?;
        let local = player.filter(|&player| group.players.contains(player));
        // A spectator has the inputs from the stream, which these must not contradict.
        let most_ahead = if local.is_some() { MAX_AHEAD } else { 0 };
        let mut tails = Vec::new();
        for tail in &start.tails {
            let inputs = tail.inputs::<I>()?;
            let end = tail.first + inputs.len() as u32;
            if start.group.is_some() && inputs.is_empty() && tail.first == start.tick - 1 {
                // The player took no part.
                tails.push((tail.first, vec![None]));
                continue;
            }
            if !tail.first.is_before(start.tick)
                || end.is_before(start.tick)
                || end.since(start.tick) > most_ahead as i32
            {
                return Err(ProtocolError::BadValue("inputs of the start"));
            }
            tails.push((tail.first, inputs.into_iter().map(Some).collect()));
        }

        let knew = self.phase != Phase::Waiting && start.session == self.config.session_id;
        if knew
            && start.group.is_none()
            && let Some(local) = self.local
        {
            let (first, inputs) = tails.get(local.index()).ok_or(ProtocolError::BadValue("player"))?;
            self.count_lost_inputs(local, *first, inputs);
        }
        if !knew {
            self.delay = DelayPolicy::new(delay);
        }
        self.config.session_id = start.session;
        self.config.tick_rate = start.tick_rate;
        self.config.prediction = start.window;
        self.config.setup = start.setup.clone();
        self.set_players(players as u8);
        self.clock = TickClock::new(start.tick_rate);
        (self.local, self.seat) = (local, player);
        self.enter_group(peer, group, start.tick);
        self.load(start.tick, start.window, &tails);
        self.journal.restart(start.tick, start.chain);
        self.requests.push_back(Request::Restore { tick: start.tick, bytes: start.state });
        self.requests.push_back(Request::Save { tick: start.tick });
        self.go(start.tick, peer);
        self.send(peer, &Control::Ready(start.tick));
        if start.group.is_some() && local.is_some() {
            self.say_what_is_lacking_to_all();
            self.settle_links();
        }
        // A player's first tick is the host's, which tells when; a spectator has no one to keep up with.
        self.clock.start(if self.local.is_some() { Duration::MAX } else { self.now });
        self.events.push_back(if knew && (start.group.is_none() || player.is_none()) {
            SessionEvent::Resumed { tick: start.tick }
        } else {
            SessionEvent::Started { local: self.local, tick: start.tick, setup: start.setup }
        });
        Ok(())
    }

    /// Replaces what is known of inputs by what the host knows.
    fn load(&mut self, tick: Tick, window: u8, tails: &[(Tick, Vec<Option<I>>)]) {
        let window = if self.local.is_some() { u32::from(window) } else { 0 };
        self.rollback.restart(tick, window);
        for (player, (first, inputs)) in self.all_players().zip(tails) {
            self.rollback.preload(player, *first, inputs.iter().copied());
            if self.local.is_some() && !self.seats.live.contains(player) {
                self.rollback.remove_player(player, tick);
            }
        }
        self.restart_log(tick);
    }

    /// Counts own inputs that the host decided otherwise, or does not have.
    fn count_lost_inputs(&mut self, local: PlayerIndex, first: Tick, inputs: &[Option<I>]) {
        let ours = first.until(self.rollback.next_input(local));
        let lost = ours
            .enumerate()
            .filter_map(|(index, tick)| Some((index, self.rollback.input(local, tick)?)))
            .filter(|(index, ours)| inputs.get(*index) != Some(&Some(*ours)))
            .count() as u64;
        if lost > 0 {
            tracing::error!(lost, "the host does not have all of our inputs");
        }
        self.counters.lost_inputs += lost;
    }

    fn on_ready(&mut self, peer: PeerId, tick: Tick) {
        let remote = self.links.get(peer).map(|link| link.remote);
        let plays = matches!(remote, Some(Remote::Player(player)) if self.seats.live.contains(player));
        if !plays && !self.is_duel() || remote == Some(Remote::Spectator) {
            self.go(tick, peer);
            if remote == Some(Remote::Spectator) {
                self.events.push_back(SessionEvent::SpectatorJoined { peer });
            }
            return;
        }
        if self.is_duel() {
            self.seats.live = PlayerSet::first(2);
            self.rollback.rewind(&mut self.requests);
            self.go(tick, peer);
            let half_way = self.links.get(peer).map_or(Duration::ZERO, |link| link.rtt / 2);
            self.begin(half_way);
        } else {
            self.go(tick, peer);
            self.begin_together();
        }
    }

    /// All are ready: the ticks begin.
    pub(super) fn begin(&mut self, half_way: Duration) {
        let first_time = self.phase == Phase::Waiting;
        // Until then, every message says how long it is.
        let lead_in = self.clock.interval() * LEAD_IN + half_way.min(MAX_HALF_WAY);
        self.clock.start(self.now + lead_in);
        self.phase = Phase::Running;
        let tick = self.rollback.current();
        self.events.push_back(if first_time {
            SessionEvent::Started { local: self.local, tick, setup: self.config.setup.clone() }
        } else {
            SessionEvent::Resumed { tick }
        });
    }

    /// Inputs flow on the link from `tick` on.
    pub(super) fn go(&mut self, tick: Tick, peer: PeerId) {
        let Some(remote) = self.links.get(peer).map(|link| link.remote) else { return };
        let is_host = self.role == Role::Host;
        let plays = |player| self.is_duel() || self.seats.live.contains(player);
        let (stage, delivered, heard) = match (remote, self.local) {
            (Remote::Player(player), Some(local)) if plays(player) => {
                (Stage::Live, self.rollback.next_input(local), self.rollback.next_input(player))
            }
            _ if is_host => (Stage::Watching, tick, tick),
            _ => (Stage::Live, tick, tick),
        };
        let now = self.now;
        if let Some(link) = self.links.get_mut(peer) {
            tracing::info!(%peer, tick = tick.0, "inputs flow");
            link.go(stage, tick, delivered, heard, now);
        }
        if !is_host {
            self.phase = Phase::Running;
        }
    }

    /// A host told us our place, and to wait.
    pub(super) fn on_seated(
        &mut self,
        peer: PeerId,
        player: PlayerIndex,
        players: u8,
    ) -> Result<(), ProtocolError> {
        let now = self.now;
        if !(3..=MAX_PLAYERS as u8).contains(&players) || player.0 >= players || self.role == Role::Spectator
        {
            return Err(ProtocolError::BadValue("place"));
        }
        // One who took part may have come back too late to go on where it was.
        if let Some(link) = self.links.get_mut(peer)
            && matches!(link.stage, Stage::Greeting | Stage::Live)
        {
            link.enter(Stage::Queued, now);
        }
        if self.phase == Phase::Waiting {
            self.seat = Some(player);
            // From now on it meets the others.
            self.set_players(players);
        }
        Ok(())
    }

    /// Learns from the host how many players there are, before the game's state is there.
    fn set_players(&mut self, players: u8) {
        if self.config.players != players {
            self.config.players = players;
            self.rollback = Rollback::new(players.into(), Tick(0), self.config.prediction.into());
        }
    }

    /// A player comes to its host, in a match of more than two: for the first time, again, or after a short absence.
    pub(super) fn welcome(&mut self, peer: PeerId, player: PlayerIndex, resumes: bool) {
        let players = self.config.players;
        if !self.seats.live.contains(player) || self.phase == Phase::Waiting {
            return self.tell(peer, Membership::Seated { player, players });
        }
        if resumes && !self.is_leaving(player) {
            return self.say_what_is_lacking(peer);
        }
        // It knows nothing of the match, so it takes no part in it any more, until it does again.
        self.tell(peer, Membership::Seated { player, players });
        self.depart(player, super::event::PlayerGone::Lost);
    }
}
