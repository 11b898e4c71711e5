//! How guests get a link to each other: the host introduces every two of them, and tries again while they have none.

use super::link::{Link, Stage};
use super::state::{Introducing, Match, Out, Phase};
use crate::PlayerInput;
use crate::ProtocolError;
use crate::protocol::{Membership, Pair};
use core::time::Duration;
use netcord_transport::PeerId;

/// The most meetings of our own that are remembered.
const MAX_MEETINGS: usize = 32;

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Introductions {
    /// Whether the transport can introduce peers at all.
    pub(super) enabled: bool,
    /// To a host: the pairs without a link.
    pairs: Vec<Attempt>,
    /// To a guest: the slots of the links that it asked for, which the transport keeps for them, and as whose the host
    /// named them.
    meetings: Vec<(usize, Pair)>,
}

#[derive(Debug)]
struct Attempt {
    pair: Pair,
    since: Duration,
    tried_at: Duration,
    /// The one who makes the introduction was asked for it.
    awaited: bool,
}

impl Introductions {
    /// To one who hosts from now on: nobody is introduced yet.
    pub(super) fn restart(&mut self) {
        self.pairs.clear();
    }

    /// We set out to meet this peer, who is the maker of the pair.
    pub(super) fn met(&mut self, peer: PeerId, pair: Pair) {
        self.forget(peer);
        if self.meetings.len() == MAX_MEETINGS {
            self.meetings.remove(0);
        }
        self.meetings.push((peer.slot(), pair));
    }

    /// Whom the host named at the other end of a link that we asked for.
    pub(super) fn meeting(&self, peer: PeerId) -> Option<Pair> {
        self.meetings.iter().find(|(slot, _)| *slot == peer.slot()).map(|&(_, pair)| pair)
    }

    /// A connection could not be made; returns whether it was one to meet another guest.
    pub(super) fn forget(&mut self, peer: PeerId) -> bool {
        let before = self.meetings.len();
        self.meetings.retain(|(slot, _)| *slot != peer.slot());
        before != self.meetings.len()
    }
}

impl<I: PlayerInput> Match<I> {
    /// Introduces guests who have no link to each other.
    pub(super) fn run_introductions(&mut self) {
        if !self.introductions.enabled {
            return;
        }
        let (now, patience) = (self.now, self.config.introduction_timeout);
        let mut pairs = core::mem::take(&mut self.introductions.pairs);
        pairs.retain(|attempt| self.is_apart(attempt.pair));
        let is_guest = |link: &&Link| link.stage != Stage::Greeting && !link.asked_to_join;
        let guests = || self.links.iter().filter(is_guest).filter_map(|link| link.player());
        for comer in guests() {
            for maker in guests().filter(|maker| *maker < comer) {
                let pair = Pair { comer, maker };
                let is_known = pairs.iter().any(|attempt| attempt.pair.other(comer) == Some(maker));
                if !is_known && self.is_apart(pair) {
                    let tried_at = now.saturating_sub(patience);
                    pairs.push(Attempt { pair, since: now, tried_at, awaited: false });
                }
            }
        }
        for attempt in &mut pairs {
            if now.saturating_sub(attempt.tried_at) < patience && attempt.since != now {
                continue;
            }
            if attempt.since != now {
                // Perhaps there is a way in the other direction.
                attempt.pair = Pair { comer: attempt.pair.maker, maker: attempt.pair.comer };
            }
            (attempt.tried_at, attempt.awaited) = (now, true);
            if let Some(maker) = self.links.player(attempt.pair.maker).map(|link| link.peer) {
                self.tell(maker, Membership::Introduce { pair: attempt.pair });
            }
        }
        self.introductions.pairs = pairs;
    }

    /// Whether both are connected to us, and not to each other.
    fn is_apart(&self, pair: Pair) -> bool {
        let linked = |one, other| self.links.player(one).map(|link| link.relay.linked.contains(other));
        match (linked(pair.comer, pair.maker), linked(pair.maker, pair.comer)) {
            (Some(one), Some(other)) => !(one && other),
            _ => false,
        }
    }

    /// Whether every two guests have a link, or had long enough to try.
    pub(super) fn is_meshed(&self) -> bool {
        let patience = self.config.introduction_timeout;
        self.introductions.pairs.iter().all(|attempt| self.now.saturating_sub(attempt.since) > patience)
    }

    pub(super) fn on_introduce(&mut self, peer: PeerId, pair: Pair) -> Result<(), ProtocolError> {
        if self.seat != Some(pair.maker) {
            return Err(ProtocolError::BadValue("pair"));
        }
        if self.introductions.enabled && self.phase != Phase::Ended {
            self.outbox.push_back(Out::Introduction(Introducing::Make { host: peer, pair }));
        }
        Ok(())
    }

    pub(super) fn on_introduction(
        &mut self,
        peer: PeerId,
        pair: Pair,
        introduction: Vec<u8>,
    ) -> Result<(), ProtocolError> {
        if self.links.get(peer).and_then(|link| link.player()) != Some(pair.maker) {
            return Err(ProtocolError::BadValue("pair"));
        }
        let attempt =
            self.introductions.pairs.iter_mut().find(|attempt| attempt.pair == pair && attempt.awaited);
        let comer = self.links.player(pair.comer).map(|link| link.peer);
        if let (Some(attempt), Some(comer)) = (attempt, comer) {
            attempt.awaited = false;
            self.outbox.push_back(Out::Introduction(Introducing::PassOn {
                maker: peer,
                comer,
                pair,
                introduction,
            }));
        }
        Ok(())
    }

    pub(super) fn on_meet(&mut self, pair: Pair, introduction: Vec<u8>) -> Result<(), ProtocolError> {
        if self.seat != Some(pair.comer) {
            return Err(ProtocolError::BadValue("pair"));
        }
        if self.introductions.enabled && self.phase != Phase::Ended {
            self.outbox.push_back(Out::Introduction(Introducing::Meet { pair, introduction }));
        }
        Ok(())
    }
}
