//! Who takes part in a match of more than two: the lobby, who is awaited, and from where on a player's inputs are
//! sent.

use super::event::{PlayerGone, SessionEvent};
use super::link::{Remote, Stage};
use super::state::{Introducing, Match, Out, Phase, Role};
use crate::player_set::PlayerSet;
use crate::protocol::{Lineage, Membership};
use crate::{PlayerIndex, PlayerInput, ProtocolError};
use core::time::Duration;
use netcord_transport::{DisconnectReason, PeerId};
use netcord_wire::Tick;

/// From where on a peer lacks our inputs, in which match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    lineage: Lineage,
    number: u32,
    from: Tick,
}

impl<I: PlayerInput> Match<I> {
    pub(super) fn on_membership(&mut self, peer: PeerId, message: Membership) -> Result<(), ProtocolError> {
        let Some(link) = self.links.get(peer) else { return Ok(()) };
        let Some(player) = link.player() else { return Err(ProtocolError::OutOfPlace(message.name())) };
        let from_host = self.is_our_host(peer);
        match message {
            Membership::Seated { player, players } if from_host => self.on_seated(peer, player, players),
            Membership::Introduce { pair } if from_host => self.on_introduce(peer, pair),
            Membership::Meet { pair, introduction } if from_host => self.on_meet(pair, introduction),
            Membership::Expect { sighting } if from_host => {
                if self.introductions.enabled {
                    self.outbox.push_back(Out::Introduction(Introducing::Expect { sighting }));
                }
                Ok(())
            }
            Membership::Introduction { pair, introduction } if self.role == Role::Host => {
                self.on_introduction(peer, pair, introduction)
            }
            Membership::Links { linked, lacking } => {
                self.on_links(peer, linked, &lacking);
                Ok(())
            }
            Membership::Have { lineage, number, from } => {
                self.on_have(peer, player, Wanted { lineage, number, from });
                Ok(())
            }
            Membership::Forward { player, inputs } => self.on_forward(peer, player, &inputs),
            Membership::Absent { players } if from_host => {
                self.set_awaited(players);
                Ok(())
            }
            Membership::Prepare { ballot, joins, removed } => {
                self.on_prepare(peer, player, ballot, joins, &removed);
                Ok(())
            }
            Membership::Promise { ballot, promise } => self.on_promise(player, ballot, promise),
            Membership::Commit(commit) => self.on_commit(peer, commit),
            Membership::Refuse { lineage } => {
                self.on_refuse(player, lineage);
                Ok(())
            }
            message => Err(ProtocolError::OutOfPlace(message.name())),
        }
    }

    /// Whether it is for this peer to say what we are in the match.
    pub(super) fn is_our_host(&self, peer: PeerId) -> bool {
        let Some(link) = self.links.get(peer) else { return false };
        let player = link.player();
        link.asked_to_join || (self.role != Role::Host && player == Some(self.seats.host()))
    }

    /// The timers of matches of more than two.
    pub(super) fn run_membership(&mut self) {
        match (self.role, self.phase) {
            (_, Phase::Ended) | (Role::Spectator, _) => {}
            (Role::Host, Phase::Waiting) => {
                self.run_introductions();
                self.run_lobby();
            }
            (Role::Host, _) => {
                self.run_introductions();
                self.drop_silent_voters();
                self.run_agreement();
                self.announce_absent();
                self.forward_inputs();
            }
            (Role::Guest, _) => {
                self.report_links();
                self.drop_silent_voters();
                self.run_hand_over();
            }
        }
    }

    /// Starts the match when enough players are there and know each other.
    fn run_lobby(&mut self) {
        let Some(local) = self.local else { return };
        let links = || self.links.iter().filter_map(|link| Some((link.player()?, link.stage)));
        if self.seats.live.is_empty() {
            let there = links().filter(|(_, stage)| *stage == Stage::Queued).map(|(player, _)| player);
            let there = there.collect::<PlayerSet>().with(local);
            let least = self.config.min_players.unwrap_or(self.config.players);
            if there.len() >= usize::from(least) && self.is_meshed() {
                self.seats.live = there;
                self.rollback.restart(Tick(0), self.config.prediction.into());
                for player in self.all_players().filter(|player| !there.contains(*player)) {
                    self.rollback.remove_player(player, Tick(0));
                }
                self.restart_log(Tick(0));
                self.begin_start();
                for peer in there
                    .iter()
                    .filter_map(|player| Some(self.links.player(player)?.peer))
                    .collect::<Vec<_>>()
                {
                    self.ask_for_snapshot(peer);
                }
            }
        } else {
            self.begin_together();
        }
    }

    /// Begins the match once all are ready, or gone.
    pub(super) fn begin_together(&mut self) {
        if self.phase != Phase::Waiting {
            return;
        }
        let of = |player: PlayerIndex| self.links.player(player);
        let starts = |player| {
            of(player).is_some_and(|link| matches!(link.stage, Stage::Snapshot(_) | Stage::Starting(_)))
        };
        if self.seats.live.iter().any(starts) {
            return;
        }
        let ready = self.seats.live.iter().filter(|&player| of(player).is_some_and(|link| link.plays()));
        let ready = ready.collect::<PlayerSet>();
        if ready.is_empty() {
            // Back to the lobby.
            self.seats.live = ready;
            return;
        }
        let half_way = ready.iter().filter_map(|player| Some(of(player)?.rtt / 2)).max();
        let gone = self.seats.live.without(self.local.map_or(ready, |local| ready.with(local)));
        self.begin(half_way.unwrap_or_default());
        for player in gone.iter() {
            self.depart(player, PlayerGone::Lost);
        }
    }

    /// The connection to a guest ended.
    pub(super) fn on_guest_gone(&mut self, player: PlayerIndex, reason: DisconnectReason) {
        let takes_part = self.seats.live.contains(player);
        let has_left = matches!(reason, DisconnectReason::Left(_));
        match self.phase {
            Phase::Ended => {}
            Phase::Waiting if !takes_part => self.seats.vacate(player),
            Phase::Waiting => {}
            _ if !takes_part => {
                if has_left {
                    self.seats.vacate(player);
                }
            }
            _ => {
                self.seats.set_absent(player, Some(self.now));
                match reason {
                    DisconnectReason::Left(code) => {
                        self.seats.vacate(player);
                        self.depart(player, PlayerGone::Left { code });
                    }
                    DisconnectReason::ProtocolError => self.depart(player, PlayerGone::Broken),
                    _ => {}
                }
            }
        }
    }

    /// The host says whom the match waits for.
    fn announce_absent(&mut self) {
        let absent = self.seats.absent();
        if absent != self.awaited {
            self.tell_players(Membership::Absent { players: absent });
            self.set_awaited(absent);
        }
    }

    pub(super) fn set_awaited(&mut self, players: PlayerSet) {
        let before = core::mem::replace(&mut self.awaited, players);
        if self.local.is_none() {
            return;
        }
        for player in players.without(before).iter().filter(|&player| Some(player) != self.local) {
            tracing::info!(player = player.0, "the match waits");
            metrics::counter!("netcord_session_pauses").increment(1);
            self.events.push_back(SessionEvent::Paused { player });
        }
        if players.is_empty() && !before.is_empty() {
            self.events.push_back(SessionEvent::Resumed { tick: self.rollback.current() });
        }
    }

    /// Tells a player from where on its inputs are lacking here.
    pub(super) fn say_what_is_lacking(&mut self, peer: PeerId) {
        let (live, now) = (self.seats.live, self.now);
        let (lineage, number) = (self.seats.lineage, self.seats.number);
        let takes_part = |player: &PlayerIndex| live.contains(*player);
        if self.local.is_none() || self.phase == Phase::Waiting && self.role == Role::Host {
            return;
        }
        let Some(link) = self.links.get_mut(peer) else { return };
        let Some(player) = link.player() else { return };
        link.asked_at = Some(now);
        // To one who takes no part it tells who hosts.
        let from = Some(player).filter(takes_part).map_or(Tick(0), |player| self.rollback.next_input(player));
        self.tell(peer, Membership::Have { lineage, number, from });
    }

    pub(super) fn say_what_is_lacking_to_all(&mut self) {
        for place in 0..self.links.len() {
            if let Some(peer) = self.links.at_mut(place).map(|link| link.peer) {
                self.say_what_is_lacking(peer);
            }
        }
    }

    fn on_have(&mut self, peer: PeerId, player: PlayerIndex, wanted: Wanted) {
        let Some(link) = self.links.get_mut(peer) else { return };
        let is_first = link.asked_at.is_none();
        link.wanted = Some(wanted);
        let is_new = link.stage == Stage::Greeting;
        let is_ours = wanted.lineage == self.seats.lineage;
        if is_ours && is_new && self.role == Role::Host && !self.seats.live.contains(player) {
            // It was dropped, and does not know that yet.
            let now = self.now;
            if let Some(link) = self.links.get_mut(peer) {
                link.enter(Stage::Queued, now);
            }
            return self.welcome(peer, player, false);
        }
        if is_ours && self.role == Role::Host && self.seats.live.contains(player) {
            if self.is_leaving(player) {
                let players = self.config.players;
                return self.tell(peer, Membership::Seated { player, players });
            }
            match self.seats.number.wrapping_sub(wanted.number) {
                0 => {}
                1 => self.repeat_commit(peer),
                _ => return self.depart(player, PlayerGone::Lost),
            }
        }
        self.settle_link(peer);
        if is_ours && is_first {
            self.say_what_is_lacking(peer);
        }
        // A host that counts more than ours, or the only one that there is. Who takes part with us hosts nothing else.
        let is_better = player == wanted.lineage.host() && !is_ours;
        let is_older = wanted.lineage < self.seats.lineage && !self.seats.live.contains(player);
        let is_free = self.leaderless.is_some() || is_older;
        if is_better && is_free && self.seat.is_some() && self.phase == Phase::Running {
            self.ask_to_join(peer);
        }
    }

    /// Asks another host to let us in.
    pub(super) fn ask_to_join(&mut self, peer: PeerId) {
        let now = self.now;
        if let Some(link) = self.links.get_mut(peer).filter(|link| link.stage == Stage::Greeting) {
            link.enter(Stage::Queued, now);
            link.asked_to_join = true;
            self.say_hello(peer);
        }
    }

    /// Inputs flow to a peer who said from where on they are lacking, if both take part in the same match.
    pub(super) fn settle_link(&mut self, peer: PeerId) {
        let (live, now, tick) = (self.seats.live, self.now, self.rollback.final_tick());
        let (ours, number, host) = (self.seats.lineage, self.seats.number, self.seats.host());
        let Some(local) = self.local else { return };
        let Some(link) = self.links.get_mut(peer) else { return };
        let Some(player) = link.player().filter(|&player| live.contains(player)) else { return };
        // What the host has changed meanwhile comes first.
        let is_host = player == host;
        let is_ready = |wanted: &mut Wanted| wanted.lineage == ours && (!is_host || wanted.number == number);
        let Some(wanted) = link.wanted.take_if(is_ready) else { return };
        let from = wanted.from.latest(self.rollback.oldest_input(local).next());
        if link.plays() {
            link.delivery = super::delivery::Delivery::new(from);
        } else {
            let heard = self.rollback.next_input(player);
            link.go(Stage::Live, tick, from, heard, now);
        }
        if self.role == Role::Host {
            self.seats.set_absent(player, None);
        } else if is_host && self.leaderless.take().is_some() {
            // What was promised to the host before counts no more, nor what was to another.
            self.release();
            self.events.push_back(SessionEvent::Resumed { tick: self.rollback.current() });
        }
    }

    /// Settles all links, after who takes part has changed.
    pub(super) fn settle_links(&mut self) {
        for place in 0..self.links.len() {
            if let Some(peer) = self.links.at_mut(place).map(|link| link.peer) {
                self.settle_link(peer);
            }
        }
    }

    /// How long the word of a change takes, at most, as a rule.
    pub(super) fn time_for_a_change(&self) -> Duration {
        let ways = self.links.iter().filter(|link| link.remote != Remote::Spectator);
        ways.map(|link| link.rtt + 2 * link.jitter).max().unwrap_or_default()
    }
}
