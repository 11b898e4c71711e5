//! How all agree on who takes part from which tick on, without stopping.
//!
//! The host proposes a change. Each guest promises to take no further input of those who go, and, when one comes, to
//! confirm no state after a tick a little ahead; it tells what it knows of the inputs of those who go. When all have
//! promised, the host knows the last input of each that anyone can have used: there its inputs end. Who comes begins
//! where the last of the guests would have stopped. Each change is a message with a number, the same for all.

use super::event::{Outcome, PlayerGone};
use super::link::Stage;
use super::state::{Match, Out, Role};
use crate::player_set::PlayerSet;
use crate::protocol::{Ballot, Change, Commit, Control, InputTail, Lineage, Membership, Promise};
use crate::rollback::{MAX_INPUT_DELAY, MAX_PREDICTION};
use crate::{MAX_PLAYERS, PlayerIndex, PlayerInput, ProtocolError};
use core::time::Duration;
use netcord_transport::PeerId;
use netcord_wire::Tick;

/// Ticks that a promise lies ahead, besides the time that the change takes.
const AHEAD: u32 = 8;
/// How near to the host's confirmed tick one who is to take part must be.
const NEAR: i32 = 40;
/// No honest promise lies further ahead of what another peer plays, in ticks.
const MAX_BARRIER: i32 = (MAX_PREDICTION + MAX_INPUT_DELAY) as i32 + NEAR;

/// One who is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    pub(super) player: PlayerIndex,
    pub(super) reason: PlayerGone,
}

/// A change for which promises are being collected.
#[derive(Debug)]
pub(super) struct Agreement {
    pub(super) ballot: Ballot,
    since: Duration,
    removed: Vec<Departure>,
    joins: Option<PlayerIndex>,
    waiting: PlayerSet,
    /// The last tick that anyone may have confirmed.
    barrier: Tick,
    /// From where on someone lacks the inputs of those who go.
    lacking: [Tick; MAX_PLAYERS],
    /// Who does not know the last change yet.
    behind: PlayerSet,
}

/// What this peer promised, and what it said last.
#[derive(Debug, Default)]
pub(super) struct Voter {
    /// Whose inputs are not taken any more.
    pub(super) frozen: PlayerSet,
    /// To whom the promise was given.
    pub(super) promised: Option<(PeerId, Ballot)>,
    /// The last change.
    pub(super) last: Option<Commit>,
    attempts: u8,
    /// Who went last.
    gone: Option<Departure>,
    /// The newest term that anyone spoke of.
    pub(super) term: u32,
    /// What the host was told of our links.
    pub(super) reported: Option<(PeerId, PlayerSet, PlayerSet)>,
}

impl<I: PlayerInput> Match<I> {
    /// To a host: the player is to be removed.
    pub(super) fn depart(&mut self, player: PlayerIndex, reason: PlayerGone) {
        let is_known = self.departing.iter().any(|departure| departure.player == player);
        if self.seats.live.contains(player) && !is_known {
            self.departing.push(Departure { player, reason });
        }
        // Whoever else was asked is asked again.
        self.agreement = None;
    }

    pub(super) fn is_leaving(&self, player: PlayerIndex) -> bool {
        self.departing.iter().any(|departure| departure.player == player)
    }

    /// Nothing is promised any more.
    pub(super) fn release(&mut self) {
        self.voter.frozen = PlayerSet::default();
        self.voter.promised = None;
        self.agreement = None;
        self.rollback.hold(None);
    }

    /// Gives up who withholds its promise: nobody may hold up all others.
    pub(super) fn drop_silent_voters(&mut self) {
        let Some(agreement) = &self.agreement else { return };
        if self.now.saturating_sub(agreement.since) > self.config.stall_timeout {
            let silent = agreement.waiting.iter().filter_map(|player| Some(self.links.player(player)?.peer));
            for peer in silent.collect::<Vec<_>>() {
                self.give_up(peer);
            }
            self.agreement = None;
        }
    }

    /// Proposes what is to be changed next.
    pub(super) fn run_agreement(&mut self) {
        let absent = self.seats.absent();
        let leaving = self.departing.iter().map(|departure| departure.player).collect::<PlayerSet>();
        let others = self.local.map_or(absent, |local| self.seats.live.without(leaving.with(local)));
        // The last other is waited for as long as in a match of two.
        let is_alone = !others.is_empty() && others.without(absent).is_empty() && !self.expects_players();
        let patience = if is_alone { self.config.forfeit_after } else { self.config.drop_after };
        for player in absent.without(leaving).iter() {
            let since = self.seats.absent_since(player).unwrap_or(self.now);
            if self.now.saturating_sub(since) >= patience {
                self.depart(player, PlayerGone::Lost);
            }
        }
        if is_alone && self.now.saturating_sub(self.latest_absence()) < patience {
            return;
        }
        if self.agreement.is_some() {
            return;
        }
        if self.seats.live.len() < 2 && !self.expects_players() {
            return self.end_alone();
        }
        if !self.departing.is_empty() {
            // Who is absent can't be asked, so it goes too.
            for player in self.seats.absent().iter() {
                self.depart(player, PlayerGone::Lost);
            }
            let removed = self.departing.clone();
            self.propose(self.seats.lineage, removed, None);
        } else if self.seats.absent().is_empty()
            && let Some(player) = self.next_to_join()
        {
            self.propose(self.seats.lineage, Vec::new(), Some(player));
        }
    }

    /// When the last of those who are absent was lost.
    fn latest_absence(&self) -> Duration {
        let absent = self.seats.absent();
        absent.iter().filter_map(|player| self.seats.absent_since(player)).max().unwrap_or(self.now)
    }

    /// A player who watches, and is near enough to take part.
    fn next_to_join(&self) -> Option<PlayerIndex> {
        let confirmed = self.log.next();
        let is_ready = |link: &&super::link::Link| {
            link.watches()
                && !link.asked_to_join
                && confirmed.since(link.delivery.undelivered()) <= NEAR
                && !link.delivery.undelivered().is_before(self.seats.changed_at)
                && (self.is_introduced(link)
                    || self.now.saturating_sub(link.since) > self.config.introduction_timeout)
        };
        self.links.iter().filter(is_ready).find_map(|link| link.player())
    }

    /// Whether the peer has links to all guests who take part.
    fn is_introduced(&self, link: &super::link::Link) -> bool {
        let guests = self.seats.live.iter().filter(|&player| Some(player) != self.local);
        !self.introductions.enabled || guests.into_iter().all(|player| link.relay.linked.contains(player))
    }

    /// Asks all guests for their promise.
    pub(super) fn propose(&mut self, lineage: Lineage, removed: Vec<Departure>, joins: Option<PlayerIndex>) {
        let gone = removed.iter().map(|departure| departure.player).collect::<PlayerSet>();
        let Some(local) = self.local else { return };
        let guests = self.seats.live.without(gone.with(local));
        self.voter.attempts = self.voter.attempts.wrapping_add(1);
        let ballot = Ballot { lineage, number: self.seats.number + 1, attempt: self.voter.attempts };
        tracing::debug!(?ballot, ?removed, ?joins, "a change is proposed");
        let known = gone.iter().map(|player| (player, self.rollback.next_input(player))).collect::<Vec<_>>();
        let mut lacking = [Tick(0); MAX_PLAYERS];
        for (player, tick) in &known {
            if let Some(lacking) = lacking.get_mut(player.index()) {
                *lacking = *tick;
            }
        }
        let barrier = self.promise(gone, joins.is_some());
        for peer in
            guests.iter().filter_map(|player| Some(self.links.player(player)?.peer)).collect::<Vec<_>>()
        {
            let message = Membership::Prepare { ballot, joins: joins.is_some(), removed: known.clone() };
            self.tell(peer, message);
        }
        self.agreement = Some(Agreement {
            ballot,
            since: self.now,
            removed,
            joins,
            waiting: guests,
            barrier,
            lacking,
            behind: PlayerSet::default(),
        });
        self.conclude();
    }

    /// Freezes the inputs of those who go; returns the last tick that we shall confirm until the change.
    fn promise(&mut self, gone: PlayerSet, joins: bool) -> Tick {
        self.voter.frozen = PlayerSet(self.voter.frozen.0 | gone.0);
        let ahead = self.clock.ticks_in(self.time_for_a_change()) + AHEAD;
        let barrier = self.rollback.current().latest(self.rollback.confirmed()) + ahead.min(NEAR as u32);
        if joins {
            self.rollback.hold(Some(barrier));
        }
        barrier
    }

    pub(super) fn on_prepare(
        &mut self,
        peer: PeerId,
        player: PlayerIndex,
        ballot: Ballot,
        joins: bool,
        removed: &[(PlayerIndex, Tick)],
    ) {
        let lineage = ballot.lineage;
        self.hear_of(lineage);
        let is_ours = lineage == self.seats.lineage && player == self.seats.host();
        let takes_part = self.local.is_some() && self.role == Role::Guest;
        let is_known = is_ours && ballot.number == self.seats.number.wrapping_add(1);
        if !takes_part || !(is_known || self.may_follow(peer, player, ballot)) {
            return self.tell(peer, Membership::Refuse { lineage });
        }
        let gone = removed.iter().map(|(player, _)| *player).collect::<PlayerSet>();
        let barrier = self.promise(gone, joins);
        self.voter.promised = Some((peer, ballot));
        let known = removed
            .iter()
            .map(|&(player, from)| {
                let end = self.rollback.next_input(player);
                // Where we know less than the host, that is told too.
                let from = from.earliest(end);
                let inputs = from.until(end);
                let inputs = inputs.map_while(|tick| self.rollback.input(player, tick));
                (player, InputTail::new(from, inputs))
            })
            .collect();
        let last = if is_ours { None } else { self.voter.last.clone().map(Box::new) };
        let promise = Promise { barrier, number: self.seats.number, known, last };
        self.tell(peer, Membership::Promise { ballot, promise });
    }

    pub(super) fn on_promise(
        &mut self,
        player: PlayerIndex,
        ballot: Ballot,
        promise: Promise,
    ) -> Result<(), ProtocolError> {
        let (number, lineage) = (self.seats.number, self.seats.lineage);
        let Some(agreement) = self.agreement.as_mut() else { return Ok(()) };
        if agreement.ballot != ballot || !agreement.waiting.contains(player) {
            return Ok(());
        }
        let mut known = Vec::new();
        for (gone, tail) in promise.known {
            if !agreement.removed.iter().any(|departure| departure.player == gone) {
                return Err(ProtocolError::BadValue("player"));
            }
            known.push((gone, tail.first, tail.inputs::<I>()?));
        }
        if let Some(last) = promise.last.filter(|_| promise.number == number.wrapping_add(1)) {
            // The host that is gone told it a change, and not us. Where the host is there, none is unknown to it.
            let is_possible = ballot.lineage != lineage
                && last.number == promise.number
                && (lineage.term..ballot.lineage.term).contains(&last.lineage.term)
                && Some(last.lineage.host()) != self.local
                && last.lineage.host() != player;
            if !is_possible {
                return Err(ProtocolError::BadValue("last change"));
            }
            self.agreement = None;
            return self.apply(*last);
        }
        if promise.number.wrapping_add(1) == number {
            agreement.behind.insert(player);
        } else if promise.number != number {
            return Err(ProtocolError::BadValue("number of the last change"));
        }
        if promise.barrier.since(self.rollback.current()) > MAX_BARRIER {
            return Err(ProtocolError::BadValue("promise"));
        }
        agreement.barrier = agreement.barrier.latest(promise.barrier);
        agreement.waiting.remove(player);
        for (gone, first, inputs) in known {
            let end = first + inputs.len() as u32;
            let oldest = self.rollback.oldest_input(gone).next();
            if let Some(agreement) = &mut self.agreement
                && let Some(lacking) = agreement.lacking.get_mut(gone.index())
            {
                *lacking = lacking.earliest(end.latest(oldest));
            }
            self.take_at_second_hand(gone, (first, inputs));
        }
        self.conclude();
        Ok(())
    }

    /// Makes the change, when all have promised.
    fn conclude(&mut self) {
        let Some(agreement) = self.agreement.take_if(|agreement| agreement.waiting.is_empty()) else {
            return;
        };
        let mut changes = Vec::new();
        for Departure { player, reason } in &agreement.removed {
            let lacking = agreement.lacking.get(player.index()).copied().unwrap_or_default();
            let tick = self.rollback.next_input(*player);
            let inputs = lacking.until(tick).map_while(|tick| self.rollback.input(*player, tick));
            let (reason, code) = reason.to_wire();
            let inputs = InputTail::new(lacking, inputs);
            changes.push(Change::Left { player: *player, tick, reason, code, inputs });
        }
        if let Some(player) = agreement.joins {
            changes.push(Change::Joined { player, tick: agreement.barrier });
        }
        let Ballot { lineage, number, .. } = agreement.ballot;
        let gone = agreement.removed.iter().map(|departure| departure.player).collect::<PlayerSet>();
        let stay = self.seats.live.without(gone);
        if stay.len() < 2
            && lineage.term > 0
            && agreement.removed.iter().all(|gone| gone.reason == PlayerGone::Lost)
        {
            // Perhaps it is us who are cut off.
            return self.lose_all();
        }
        for player in agreement.behind.iter() {
            if let Some(peer) = self.links.player(player).map(|link| link.peer) {
                self.repeat_commit(peer);
            }
        }
        let commit = Commit { lineage, number, changes };
        let bytes = Control::Membership(Membership::Commit(commit.clone())).encode();
        for link in self.links.iter().filter(|link| {
            link.plays()
                || (matches!(link.stage, Stage::Starting(_) | Stage::Watching) && link.player().is_some())
        }) {
            self.outbox.push_back(Out::Control(link.peer, bytes.clone()));
        }
        let applied = self.apply(commit);
        debug_assert!(applied.is_ok(), "{applied:?}");
        if let Some(last) = agreement.removed.last() {
            self.voter.gone = Some(*last);
        }
    }

    /// Whether somebody is about to join.
    fn expects_players(&self) -> bool {
        self.links.iter().any(|link| {
            let joins = matches!(
                link.stage,
                Stage::Queued | Stage::Snapshot(_) | Stage::Starting(_) | Stage::Watching
            );
            joins && link.player().is_some() && !link.asked_to_join
        })
    }

    /// Nobody is left to play with.
    fn end_alone(&mut self) {
        let Some(Departure { player, reason }) = self.voter.gone else { return };
        self.end(match reason {
            PlayerGone::Left { code } => Outcome::Left { player, code },
            PlayerGone::Broken => Outcome::Broken { player, error: None },
            PlayerGone::Lost => Outcome::Forfeit { absent: player, authoritative: true },
        });
    }
}
