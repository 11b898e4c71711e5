//! The state of a match: what it is in, who is connected, and the timers. It knows no transport.

use super::agreement::{Agreement, Departure, Voter};
use super::config::P2pConfig;
use super::delivery::Counters;
use super::event::{Outcome, SessionEvent, SpectatorGone};
use super::handover::Leaderless;
use super::introduce::Introductions;
use super::link::{Link, Links, Remote, Stage};
use super::log::InputLog;
use super::seats::Seats;
use crate::clock::TickClock;
use crate::delay::DelayPolicy;
use crate::desync::{Finding, Journal};
use crate::player_set::PlayerSet;
use crate::protocol::{Checkpoint, Control, Membership, Pair};
use crate::rollback::Rollback;
use crate::{OnDesync, PlayerIndex, PlayerInput, Request, SessionStats};
use core::time::Duration;
use netcord_transport::{ClientId, DisconnectReason, LinkStats, PeerId};
use netcord_wire::{Inspect, Tick};
use std::collections::VecDeque;

/// The host's place.
pub(super) const HOST: PlayerIndex = PlayerIndex(0);
/// The place of the one who joins a match of two.
pub(super) const GUEST: PlayerIndex = PlayerIndex(1);
/// The most time that counts between two updates: what is beyond it, the machine slept.
const MAX_STEP: Duration = Duration::from_millis(250);

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
    /// The one without whom it can't go on is absent.
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
    Introduction(Introducing),
}

/// What is to be done to introduce two guests to each other.
#[derive(Debug)]
pub(super) enum Introducing {
    /// Make an introduction for this pair, for the host.
    Make { host: PeerId, pair: Pair },
    /// Pass one on to the one who comes.
    PassOn { maker: PeerId, comer: PeerId, pair: Pair, introduction: Vec<u8> },
    /// Come to the maker of the pair.
    Meet { pair: Pair, introduction: Vec<u8> },
    /// Open the way for one who comes.
    Expect { sighting: Vec<u8> },
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
    /// Who we are, while we take part.
    pub(super) local: Option<PlayerIndex>,
    /// Who we are or will be.
    pub(super) seat: Option<PlayerIndex>,
    /// Whom the transport connects us to by itself.
    pub(super) home: PlayerIndex,
    /// What tells the connection to the host whom we joined from that of a client, once we host ourselves: its slot,
    /// which a transport keeps for it, and who we are there.
    pub(super) way_home: Option<(usize, ClientId)>,
    /// When a client lost the connection before the match began.
    pub(super) lost_at: Option<Duration>,
    /// The longest time in which nobody called us, beyond what counts as a step.
    pub(super) longest_sleep: Duration,
    pub(super) seats: Seats,
    pub(super) links: Links,
    pub(super) log: InputLog,
    pub(super) journal: Journal,
    /// The first own input that the host may not have; for a client that comes back.
    pub(super) undelivered: Tick,
    /// From where on a client that comes back needs the inputs; for a host.
    pub(super) tails_from: Tick,
    pub(super) introductions: Introductions,
    /// What is being agreed upon, to the one who asks the others.
    pub(super) agreement: Option<Agreement>,
    /// What we promised to whom.
    pub(super) voter: Voter,
    /// Who is to be removed, for a host.
    pub(super) departing: Vec<Departure>,
    /// The host is gone, to a guest.
    pub(super) leaderless: Option<Leaderless>,
    /// For whom the match waits, as the host says.
    pub(super) awaited: PlayerSet,
    pub(super) requests: VecDeque<Request<I>>,
    pub(super) events: VecDeque<SessionEvent>,
    pub(super) outbox: VecDeque<Out>,
    pub(super) outcome: Option<Outcome>,
    pub(super) counters: Counters,
}

impl<I: PlayerInput> Match<I> {
    pub(super) fn new(role: Role, config: P2pConfig) -> Self {
        let mut state = Self {
            role,
            phase: Phase::Waiting,
            now: Duration::ZERO,
            real_now: None,
            clock: TickClock::new(config.tick_rate),
            delay: DelayPolicy::new(config.input_delay),
            rollback: Rollback::new(config.players.into(), Tick(0), config.prediction.into()),
            local: (role == Role::Host).then_some(HOST),
            seat: (role == Role::Host).then_some(HOST),
            home: HOST,
            way_home: None,
            lost_at: None,
            longest_sleep: Duration::ZERO,
            seats: Seats::default(),
            links: Links::default(),
            log: InputLog::new(0, Tick(0), &[0]),
            journal: Journal::new(Tick(0), 0),
            undelivered: Tick(0),
            tails_from: Tick(0),
            introductions: Introductions::default(),
            agreement: None,
            voter: Voter::default(),
            departing: Vec::new(),
            leaderless: None,
            awaited: PlayerSet::default(),
            requests: VecDeque::new(),
            events: VecDeque::new(),
            outbox: VecDeque::new(),
            outcome: None,
            counters: Counters::default(),
            config,
        };
        state.restart_log(Tick(0));
        state
    }

    /// Whether the match is one of two seats: nobody can go on without the other.
    pub(super) fn is_duel(&self) -> bool {
        self.config.players == 2
    }

    pub(super) fn all_players(&self) -> impl Iterator<Item = PlayerIndex> + use<I> {
        (0..self.config.players).map(PlayerIndex)
    }

    /// The one without whom we can't go on: to a client the host, to the host of two the other.
    pub(super) fn counterpart(&self) -> PlayerIndex {
        if self.role == Role::Host { GUEST } else { self.seats.host() }
    }

    /// The connection to our host, or to the other one of two.
    pub(super) fn counterpart_link(&self) -> Option<&Link> {
        self.links.player(self.counterpart())
    }

    /// Whether we watch the match, for good or until we can join.
    pub(super) fn watches(&self) -> bool {
        self.role != Role::Host && self.local.is_none()
    }

    /// Moves the clock; before the events of the transport are handled.
    pub(super) fn set_now(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.real_now.unwrap_or(now));
        let elapsed = passed.min(MAX_STEP);
        self.longest_sleep = self.longest_sleep.max(passed - elapsed);
        self.real_now = Some(now);
        self.now += elapsed;
        if self.phase == Phase::Running && self.clock.has_run() {
            self.counters.running += elapsed;
        }
    }

    pub(super) fn send(&mut self, peer: PeerId, message: &Control) {
        self.outbox.push_back(Out::Control(peer, message.encode()));
    }

    pub(super) fn tell(&mut self, peer: PeerId, message: Membership) {
        self.send(peer, &Control::Membership(message));
    }

    /// Tells all players to whom inputs flow.
    pub(super) fn tell_players(&mut self, message: Membership) {
        let bytes = Control::Membership(message).encode();
        for link in self.links.iter().filter(|link| link.plays()) {
            self.outbox.push_back(Out::Control(link.peer, bytes.clone()));
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
                self.drop_stalled();
                self.pace();
            }
            Phase::Paused { since } => {
                if self.counterpart_link().is_none()
                    && self.now.saturating_sub(since) >= self.config.forfeit_after
                {
                    let authoritative = self.role == Role::Host;
                    self.end(Outcome::Forfeit { absent: self.counterpart(), authoritative });
                }
            }
            Phase::Waiting => {
                let lost_for = self.lost_at.map_or(Duration::ZERO, |since| self.now.saturating_sub(since));
                if self.counterpart_link().is_none() && lost_for >= self.config.forfeit_after {
                    self.end(Outcome::Disconnected(DisconnectReason::TimedOut));
                }
            }
            Phase::Ended => {}
        }
        if !self.is_duel() {
            self.run_membership();
        }
        self.serve_watchers();
        self.compare_hashes();
    }

    fn drop_late_starters(&mut self) {
        let (now, limit, role) = (self.now, self.config.start_timeout, self.role);
        let home = self.counterpart();
        let is_late = |link: &Link| {
            // A spectator's host may itself be waiting for a player, and guests start together.
            let counts = role == Role::Host || (role == Role::Guest && link.remote == Remote::Player(home));
            let starts = matches!(link.stage, Stage::Greeting | Stage::Snapshot(_) | Stage::Starting(_));
            counts && starts && now.saturating_sub(link.since) > limit
        };
        if self.phase == Phase::Ended {
            return;
        }
        while let Some(late) = self.links.iter().find(|link| is_late(link)) {
            let (peer, remote) = (late.peer, late.remote);
            if remote == Remote::Spectator {
                self.drop_spectator(peer, SpectatorGone::NoStart);
            } else {
                self.give_up(peer);
                if self.phase == Phase::Waiting && self.role != Role::Host {
                    self.end(Outcome::Disconnected(DisconnectReason::TimedOut));
                    return;
                }
            }
        }
    }

    /// Gives up connections that work, but bring nothing while the match waits for it.
    fn drop_stalled(&mut self) {
        if self.watches() {
            return;
        }
        if !self.is_duel() && (self.leaderless.is_some() || !self.seats.absent().is_empty()) {
            let now = self.now;
            self.links.iter_mut().for_each(|link| link.progress_at = now);
            return;
        }
        let (now, limit, duel) = (self.now, self.config.stall_timeout, self.is_duel());
        let counterpart = Remote::Player(self.counterpart());
        let is_host = self.role == Role::Host;
        let last =
            self.seats.live.iter().map(|player| self.rollback.next_input(player)).reduce(Tick::earliest);
        let stalled = self.links.iter().find(|link| {
            let counts = if duel || !is_host { link.remote == counterpart } else { link.plays() };
            let holds_up = duel || link.player().map(|player| self.rollback.next_input(player)) == last;
            counts && holds_up && now.saturating_sub(link.progress_at) > limit
        });
        if let Some(peer) = stalled.map(|link| link.peer) {
            self.give_up(peer);
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
        for place in 0..self.links.len() {
            let (now, journal) = (self.now, &self.journal);
            let Some(link) = self.links.at_mut(place) else { continue };
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
            let with_player = self.links.get(peer).is_some_and(|link| link.remote != Remote::Spectator);
            self.events.push_back(SessionEvent::Desync(report));
            if self.config.on_desync == OnDesync::End && with_player && !self.watches() {
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
            input_changes: self.counters.input_changes,
            rollbacks: rollback.rollbacks,
            max_rollback: rollback.max_rollback,
            resimulated_ticks: rollback.resimulated_ticks,
            ticks_per_second: if seconds > 0.0 { self.counters.ticks as f64 / seconds } else { 0.0 },
            longest_gap_ms: self.counters.longest_gap.as_secs_f64() * 1_000.0,
            lead_ticks: self.counterpart_link().map_or(0.0, |link| link.sync.lead() as f32 / 256.0),
            input_delay: self.delay.ticks(),
        }
    }
}
