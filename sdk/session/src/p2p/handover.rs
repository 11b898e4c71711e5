//! What guests do when their host is gone: the lowest of them who can reach the others takes its place.
//!
//! Nobody can tell a host that is gone from one that is merely out of reach. So the hosts of one match form
//! lineages: each hand-over has a number, and where two lineages meet, the lesser one counts, which is that of the
//! older host. As long as one guest still hears the host, nobody within its reach takes the host's place.

use super::agreement::Departure;
use super::event::{Outcome, PlayerGone, SessionEvent};
use super::link::{Remote, Stage};
use super::state::{Match, Phase, Role};
use crate::desync::Exchange;
use crate::player_set::PlayerSet;
use crate::protocol::{Ballot, Group, Lineage, Membership};
use crate::{PlayerIndex, PlayerInput};
use core::time::Duration;
use netcord_transport::{DisconnectReason, PeerId};
use netcord_wire::Tick;

/// How long a refused claim waits before it is made again.
const CLAIM_INTERVAL: Duration = Duration::from_millis(1_000);

/// The terms ahead of ours that are taken seriously: more claims than that nobody makes.
const MAX_TERMS_AHEAD: u32 = 1_000;

/// The host is gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaderless {
    since: Duration,
    reason: PlayerGone,
    /// When to claim the host's place, again or for the first time.
    claim_at: Duration,
}

impl<I: PlayerInput> Match<I> {
    /// The connection to the host ended, to a guest who takes part in a match of more than two.
    pub(super) fn on_host_gone(&mut self, reason: DisconnectReason) {
        if self.phase != Phase::Running || self.leaderless.is_some() {
            return;
        }
        let (reason, claim_at) = match reason {
            DisconnectReason::Left(code) => (PlayerGone::Left { code }, self.now),
            _ => (PlayerGone::Lost, self.now + self.config.hand_over_after),
        };
        self.leaderless = Some(Leaderless { since: self.now, reason, claim_at });
        self.voter.reported = None;
        if reason == PlayerGone::Lost {
            self.events.push_back(SessionEvent::Paused { player: self.seats.host() });
        }
    }

    /// Takes the host's place, when it is for us to do so.
    pub(super) fn run_hand_over(&mut self) {
        let (Some(leaderless), Some(local)) = (self.leaderless, self.local) else { return };
        if self.now.saturating_sub(leaderless.since) >= self.config.forfeit_after {
            let absent = self.seats.host();
            return self.end(Outcome::Forfeit { absent, authoritative: false });
        }
        if let Some((to, _)) = self.voter.promised
            && self.links.get(to).is_none()
        {
            self.voter.promised = None;
        }
        if self.now < leaderless.claim_at || self.agreement.is_some() || self.voter.promised.is_some() {
            return;
        }
        let near = self.links.iter().filter(|link| link.plays()).filter_map(|link| link.player());
        let near = near.filter(|&player| self.seats.live.contains(player) && player != self.seats.host());
        let near = near.collect::<PlayerSet>().with(local);
        if near.len() < 2 || near.iter().next() != Some(local) {
            return;
        }
        self.voter.term = self.voter.term.max(self.seats.lineage.term).saturating_add(1);
        let lineage = Lineage { term: self.voter.term, host: local.0 };
        let removed = self.seats.live.without(near).iter().map(|player| {
            let reason = if player == self.seats.host() { leaderless.reason } else { PlayerGone::Lost };
            Departure { player, reason }
        });
        let removed = removed.collect();
        tracing::info!(?lineage, "we claim the host's place");
        self.propose(lineage, removed, None);
    }

    /// Whether we take part under a host who is there.
    pub(super) fn is_bound(&self) -> bool {
        self.phase == Phase::Running && self.local.is_some() && self.leaderless.is_none() && !self.is_duel()
    }

    /// Whether we follow one who claims to be the host now.
    pub(super) fn may_follow(&self, peer: PeerId, player: PlayerIndex, ballot: Ballot) -> bool {
        let promised_other =
            self.voter.promised.is_some_and(|(to, _)| to != peer && self.links.get(to).is_some());
        let claims = self.agreement.is_some() && self.local.is_some_and(|local| local < player);
        self.leaderless.is_some_and(|leaderless| self.now + CLAIM_INTERVAL >= leaderless.claim_at)
            && ballot.lineage.term > self.seats.lineage.term
            && ballot.lineage.term <= self.seats.lineage.term.saturating_add(MAX_TERMS_AHEAD)
            && ballot.lineage.host() == player
            && self.seats.live.contains(player)
            && !promised_other
            && !claims
    }

    /// Our own claims, should we ever make any, are later ones.
    pub(super) fn hear_of(&mut self, lineage: Lineage) {
        if lineage.term <= self.seats.lineage.term.saturating_add(MAX_TERMS_AHEAD) {
            self.voter.term = self.voter.term.max(lineage.term);
        }
    }

    /// A player follows another host.
    pub(super) fn on_refuse(&mut self, player: PlayerIndex, lineage: Lineage) {
        self.hear_of(lineage);
        if self.role == Role::Host && lineage == self.seats.lineage {
            self.depart(player, PlayerGone::Lost);
        } else if self.agreement.as_ref().is_some_and(|agreement| agreement.ballot.lineage == lineage) {
            self.agreement = None;
            if let Some(leaderless) = &mut self.leaderless {
                leaderless.claim_at = self.now + CLAIM_INTERVAL;
            }
        } else if lineage == self.seats.lineage && player == self.seats.host() {
            self.on_host_gone(DisconnectReason::TimedOut);
        }
    }

    /// All others are out of reach of us who host in another's place.
    pub(super) fn lose_all(&mut self) {
        self.role = Role::Guest;
        self.departing.clear();
        self.release();
        self.leaderless = None;
        self.on_host_gone(DisconnectReason::TimedOut);
    }

    /// Another lineage goes on, perhaps our own.
    pub(super) fn on_new_host(&mut self, before: Lineage) {
        let host = self.seats.host();
        if before.host() != host {
            self.events.push_back(SessionEvent::HostChanged { host });
        }
        let was_paused = self.leaderless.take().is_some_and(|gone| gone.reason == PlayerGone::Lost);
        self.voter.reported = None;
        self.awaited = PlayerSet::default();
        if Some(host) == self.local {
            self.role = Role::Host;
            self.introductions.restart();
            self.restart_log(self.rollback.confirmed().earliest(self.rollback.current()));
            self.links.iter_mut().filter(|link| link.plays()).for_each(|link| link.asked_to_join = false);
            let now = self.now;
            for player in self.seats.live.iter().filter(|&player| player != host) {
                let is_there = self.links.player(player).is_some_and(|link| link.plays());
                self.seats.set_absent(player, (!is_there).then_some(now));
            }
        }
        if was_paused {
            self.events.push_back(SessionEvent::Resumed { tick: self.rollback.current() });
        }
    }

    /// A host lets us in, for the first time or from another lineage, into a match at `tick`.
    pub(super) fn enter_group(&mut self, peer: PeerId, group: Group, tick: Tick) {
        let old = self.seats.lineage;
        if self.phase != Phase::Waiting && !self.is_duel() {
            let others = self.links.iter().filter(|link| link.peer != peer).map(|link| link.peer);
            for other in others.collect::<Vec<_>>() {
                self.tell(other, Membership::Refuse { lineage: old });
            }
        }
        self.seats.lineage = group.lineage;
        self.seats.number = group.number;
        self.seats.live = group.players;
        self.seats.changed_at = tick;
        self.departing.clear();
        self.leaderless = None;
        self.awaited = PlayerSet::default();
        self.voter.reported = None;
        self.release();
        if self.role == Role::Host {
            self.role = Role::Guest;
        }
        let (host, now, is_duel) = (Remote::Player(group.lineage.host()), self.now, self.is_duel());
        for place in 0..self.links.len() {
            let Some(link) = self.links.at_mut(place) else { continue };
            if link.peer == peer {
                if link.remote == Remote::Player(self.home) {
                    self.home = group.lineage.host();
                }
                link.remote = host;
            } else if self.phase != Phase::Waiting {
                link.enter(Stage::Greeting, now);
                (link.wanted, link.asked_at) = (None, None);
                link.exchange = Exchange::new(tick);
            }
            if !is_duel {
                link.checkpoint = None;
            }
        }
    }
}
