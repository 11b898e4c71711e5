//! The state of a match: what it is in, who is connected, and the timers. It knows no transport.

use super::config::{CONTROL, P2pConfig};
use super::ending::verdict;
use super::event::{Outcome, SessionEvent, SpectatorGone};
use super::link::{Link, Links, Stage, Which};
use super::log::InputLog;
use crate::clock::TickClock;
use crate::delay::DelayPolicy;
use crate::desync::{Finding, Journal};
use crate::protocol::{Checkpoint, Control};
use crate::rollback::Rollback;
use crate::{OnDesync, PlayerIndex, PlayerInput, Request, SessionStats};
use core::time::Duration;
use netcord_transport::{ClientId, DisconnectReason, Event, LinkStats, PeerId, UserData};
use netcord_wire::{Inspect, Tick};
use std::collections::VecDeque;

/// Players of a match.
pub(super) const PLAYERS: u8 = 2;
/// The host's place.
pub(super) const HOST: PlayerIndex = PlayerIndex(0);
/// The place of the one who joins.
pub(super) const GUEST: PlayerIndex = PlayerIndex(1);
/// The most time that counts between two updates: what is beyond it, the machine slept.
const MAX_STEP: Duration = Duration::from_millis(250);

/// Events that may wait before the game's messages are dropped.
const MAX_EVENTS: usize = 4_096;

/// What this peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Host,
    Guest,
    Spectator,
}

/// What the match is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has not begun.
    Waiting,
    Running,
    /// A player is absent.
    Paused {
        since: Duration,
    },
    Ended,
}

/// What is to be done on the transport.
#[derive(Debug)]
pub(super) enum Out {
    Control(PeerId, Vec<u8>),
    Disconnect(PeerId, DisconnectReason),
}

/// A match.
pub(super) struct Match<I> {
    pub(super) role: Role,
    pub(super) config: P2pConfig,
    pub(super) phase: Phase,
    /// Time as the match counts it: without what the machine slept.
    pub(super) now: Duration,
    real_now: Option<Duration>,
    pub(super) clock: TickClock,
    pub(super) delay: DelayPolicy,
    pub(super) rollback: Rollback<I>,
    pub(super) local: Option<PlayerIndex>,
    /// When a client lost the connection before the match began.
    lost_at: Option<Duration>,
    /// The one who plays against the host, also while absent.
    pub(super) guest: Option<ClientId>,
    pub(super) links: Links,
    pub(super) log: InputLog,
    pub(super) journal: Journal,
    /// The first own input that the host may not have; for a client that comes back.
    pub(super) undelivered: Tick,
    /// From where on a client that comes back needs the inputs; for a host.
    pub(super) tails_from: Tick,
    pub(super) requests: VecDeque<Request<I>>,
    pub(super) events: VecDeque<SessionEvent>,
    pub(super) outbox: VecDeque<Out>,
    pub(super) outcome: Option<Outcome>,
    pub(super) counters: Counters,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) confirmed: u64,
    pub(super) desyncs: u64,
    pub(super) lost_inputs: u64,
    pub(super) ticks: u64,
    pub(super) running: Duration,
    pub(super) longest_gap: Duration,
}

impl<I: PlayerInput> Match<I> {
    pub(super) fn new(role: Role, config: P2pConfig) -> Self {
        let players = usize::from(PLAYERS);
        Self {
            role,
            phase: Phase::Waiting,
            now: Duration::ZERO,
            real_now: None,
            clock: TickClock::new(config.tick_rate),
            delay: DelayPolicy::new(config.input_delay),
            rollback: Rollback::new(players, Tick(0), config.prediction.into()),
            local: (role == Role::Host).then_some(HOST),
            lost_at: None,
            guest: None,
            links: Links::default(),
            log: InputLog::new(config.spectator_backlog, Tick(0), &Self::no_inputs()),
            journal: Journal::new(Tick(0), 0),
            undelivered: Tick(0),
            tails_from: Tick(0),
            requests: VecDeque::new(),
            events: VecDeque::new(),
            outbox: VecDeque::new(),
            outcome: None,
            counters: Counters::default(),
            config,
        }
    }

    /// The bytes of a tick in which no player does anything.
    pub(super) fn no_inputs() -> Vec<u8> {
        let mut bytes = vec![0; usize::from(PLAYERS) * I::BYTES];
        bytes.chunks_mut(I::BYTES).for_each(|input| I::default().encode(input));
        bytes
    }

    /// The player on the other side of the opponent's link.
    pub(super) fn remote(&self) -> PlayerIndex {
        if self.role == Role::Host { GUEST } else { HOST }
    }

    /// Moves the clock; before the events of the transport are handled.
    pub(super) fn set_now(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.real_now.unwrap_or(now)).min(MAX_STEP);
        self.real_now = Some(now);
        self.now += elapsed;
        if self.phase == Phase::Running && self.clock.has_run() {
            self.counters.running += elapsed;
        }
    }

    pub(super) fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::Connected { peer, client, user_data } => self.on_connected(peer, client, &user_data),
            Event::Disconnected { peer, reason } => self.on_disconnected(peer, reason),
            Event::Message { peer, channel, payload } if channel >= super::first_game_channel() => {
                if self.events.len() < MAX_EVENTS {
                    self.events.push_back(SessionEvent::Message { peer, channel, payload: payload.to_vec() });
                } else {
                    tracing::warn!(%peer, "a message is dropped: the game does not read its events");
                }
            }
            Event::Message { peer, channel, payload } => {
                let Some(which) = self.links.which(peer) else { return };
                let result = if channel == CONTROL {
                    Control::decode(payload).and_then(|message| self.on_control(which, message))
                } else {
                    self.on_inputs(which, payload)
                };
                if let Err(error) = result {
                    self.on_broken(which, error);
                }
            }
            Event::Delivered { peer, receipt } => {
                if let Some(link) = self.links.which(peer).and_then(|which| self.links.get_mut(which)) {
                    link.delivery.delivered(receipt);
                }
            }
            Event::Lost { peer, receipt } => {
                if let Some(link) = self.links.which(peer).and_then(|which| self.links.get_mut(which)) {
                    link.delivery.lost(receipt);
                }
            }
        }
    }

    fn on_connected(&mut self, peer: PeerId, client: ClientId, user_data: &UserData) {
        let link = Link::new(peer, self.now);
        if self.role != Role::Host {
            if self.role == Role::Guest
                && self.phase == Phase::Waiting
                && user_data[0] == super::ROLE_SPECTATOR
            {
                self.role = Role::Spectator;
            }
            self.replace_opponent(link);
            match &self.outcome {
                None => self.say_hello(peer),
                Some(outcome) => self.send(peer, &Control::End(verdict(outcome))),
            }
            return;
        }
        if let Some(outcome) = &self.outcome {
            self.send(peer, &Control::End(verdict(outcome)));
            return;
        }
        match user_data[0] {
            super::ROLE_PLAYER if self.guest.is_none_or(|guest| guest == client) => {
                self.guest = Some(client);
                self.replace_opponent(link);
            }
            super::ROLE_SPECTATOR if self.links.spectators.len() < self.config.max_spectators => {
                self.links.spectators.push(link)
            }
            _ => self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::Denied)),
        }
    }

    /// A new connection of the opponent; the old one may not have noticed its end yet.
    fn replace_opponent(&mut self, link: Link) {
        self.give_up_opponent();
        self.links.opponent = Some(link);
    }

    pub(super) fn send(&mut self, peer: PeerId, message: &Control) {
        self.outbox.push_back(Out::Control(peer, message.encode()));
    }

    fn on_disconnected(&mut self, peer: PeerId, reason: DisconnectReason) {
        match self.links.which(peer) {
            Some(Which::Spectator(index)) => {
                let gone = SpectatorGone::Disconnected(reason);
                self.drop_spectator(index, gone);
            }
            Some(Which::Opponent) => {
                self.forget_opponent();
                self.on_opponent_gone(reason);
            }
            // A client whose connection never came about has no link yet.
            None if self.role != Role::Host && self.links.opponent.is_none() => self.on_opponent_gone(reason),
            None => {}
        }
    }

    /// The opponent's connection ended: for good, or until it is back.
    fn on_opponent_gone(&mut self, reason: DisconnectReason) {
        match (self.phase, reason) {
            (Phase::Ended, _) => {}
            (Phase::Waiting, _) if self.role == Role::Host => self.guest = None,
            (_, DisconnectReason::Left(code)) => self.end(Outcome::Left { player: self.remote(), code }),
            // The transport tries again.
            (Phase::Waiting, DisconnectReason::TimedOut) => self.lost_at = Some(self.now),
            (Phase::Waiting, reason)
            | (_, reason @ (DisconnectReason::Incompatible(_) | DisconnectReason::ProtocolError)) => {
                self.end(Outcome::Disconnected(reason));
            }
            _ => self.pause(),
        }
    }

    /// Forgets the opponent's connection, but for what a later one needs.
    fn forget_opponent(&mut self) -> Option<PeerId> {
        let link = self.links.opponent.take()?;
        if link.stage == Stage::Live {
            self.undelivered = link.delivery.undelivered();
        }
        Some(link.peer)
    }

    /// Closes the opponent's connection, and waits for another if the match was running.
    pub(super) fn give_up_opponent(&mut self) {
        if let Some(peer) = self.forget_opponent() {
            self.outbox.push_back(Out::Disconnect(peer, DisconnectReason::TimedOut));
        }
        self.pause();
    }

    fn pause(&mut self) {
        if self.phase == Phase::Running {
            tracing::info!(player = self.remote().0, tick = self.rollback.current().0, "match paused");
            metrics::counter!("netcord_session_pauses").increment(1);
            self.phase = Phase::Paused { since: self.now };
            self.events.push_back(SessionEvent::Paused { player: self.remote() });
        }
    }

    /// Runs the timers; after the events of the transport were handled.
    pub(super) fn run_timers(&mut self, stats: impl Fn(PeerId) -> Option<LinkStats>) {
        for link in self.links.iter_mut() {
            if let Some(stats) = stats(link.peer) {
                (link.rtt, link.jitter) = (stats.rtt, stats.jitter);
            }
        }
        self.drop_late_starters();
        match self.phase {
            Phase::Running => {
                self.drop_stalled_opponent();
                self.pace();
            }
            Phase::Paused { since } => {
                if self.links.opponent.is_none()
                    && self.now.saturating_sub(since) >= self.config.forfeit_after
                {
                    let authoritative = self.role == Role::Host;
                    self.end(Outcome::Forfeit { absent: self.remote(), authoritative });
                }
            }
            Phase::Waiting => {
                let lost_for = self.lost_at.map_or(Duration::ZERO, |since| self.now.saturating_sub(since));
                if self.links.opponent.is_none() && lost_for >= self.config.forfeit_after {
                    self.end(Outcome::Disconnected(DisconnectReason::TimedOut));
                }
            }
            Phase::Ended => {}
        }
        self.compare_hashes();
    }

    fn drop_late_starters(&mut self) {
        let (now, limit) = (self.now, self.config.start_timeout);
        let is_late = |link: &Link| {
            !matches!(link.stage, Stage::Live | Stage::Queued) && now.saturating_sub(link.since) > limit
        };
        while let Some(late) = self.links.spectators.iter().position(is_late) {
            self.drop_spectator(late, SpectatorGone::NoStart);
        }
        // A spectator's host may itself be waiting for a player.
        if self.role != Role::Spectator
            && self.phase != Phase::Ended
            && self.links.opponent.as_ref().is_some_and(is_late)
        {
            self.give_up_opponent();
            match (self.phase, self.role) {
                (Phase::Waiting, Role::Host) => self.guest = None,
                (Phase::Waiting, _) => self.end(Outcome::Disconnected(DisconnectReason::TimedOut)),
                _ => {}
            }
        }
    }

    fn drop_stalled_opponent(&mut self) {
        let stalled = self
            .links
            .opponent
            .as_ref()
            .is_some_and(|link| self.now.saturating_sub(link.progress_at) > self.config.stall_timeout);
        if stalled && self.role != Role::Spectator {
            self.give_up_opponent();
        }
    }

    /// A final state, shown by the game.
    pub(super) fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        if !self.journal.push(tick, state) {
            return;
        }
        self.counters.confirmed += 1;
        let interval = u32::from(self.config.desync_interval);
        if interval > 0
            && tick.0.is_multiple_of(interval)
            && let Some(chain) = self.journal.chain(tick)
        {
            let checkpoint = Checkpoint { tick: tick.0 as u16, chain: chain as u32 };
            for link in self.links.iter_mut() {
                link.checkpoint = Some(checkpoint);
            }
        }
    }

    fn compare_hashes(&mut self) {
        for which in self.links.all() {
            let (now, journal) = (self.now, &self.journal);
            let Some(link) = self.links.get_mut(which) else { continue };
            let mut finding = link.exchange.compare(now, journal);
            let peer = link.peer;
            finding.report = finding.report.or_else(|| link.exchange.time_out(now, peer, journal));
            self.on_finding(peer, finding);
        }
    }

    pub(super) fn on_finding(&mut self, peer: PeerId, finding: Finding) {
        for message in finding.messages {
            self.outbox.push_back(Out::Control(peer, message.encode()));
        }
        if let Some(report) = finding.report {
            tracing::error!(%peer, tick = report.tick.0, "{report}");
            metrics::counter!("netcord_session_desyncs").increment(1);
            self.counters.desyncs += 1;
            let with_player = self.links.opponent.as_ref().is_some_and(|link| link.peer == peer);
            self.events.push_back(SessionEvent::Desync(report));
            if self.config.on_desync == OnDesync::End && with_player && self.role != Role::Spectator {
                self.end(Outcome::Desync);
            }
        }
    }

    pub(super) fn stats(&self) -> SessionStats {
        let rollback = self.rollback.stats();
        let (confirmed_tick, state_hash) = self.journal.newest().unwrap_or_default();
        let seconds = self.counters.running.as_secs_f64();
        SessionStats {
            current_tick: self.rollback.current(),
            confirmed_tick,
            confirmed_ticks: self.counters.confirmed,
            state_hash,
            desyncs: self.counters.desyncs,
            lost_inputs: self.counters.lost_inputs,
            rollbacks: rollback.rollbacks,
            max_rollback: rollback.max_rollback,
            resimulated_ticks: rollback.resimulated_ticks,
            ticks_per_second: if seconds > 0.0 { self.counters.ticks as f64 / seconds } else { 0.0 },
            longest_gap_ms: self.counters.longest_gap.as_secs_f64() * 1_000.0,
            lead_ticks: self.links.opponent.as_ref().map_or(0.0, |link| link.sync.lead() as f32 / 256.0),
            input_delay: self.delay.ticks(),
        }
    }
}
