//! The connections that this side has asked for: one joiner each, and peer ids that tell them apart.
//!
//! It knows no introductions, and nobody who came by invite of ours.

use super::joiner::InviteJoiner;
use crate::{Endpoint, EndpointEvent, PeerId};
use std::net::SocketAddr;

/// Joiners, each in its place. To a joiner its peer is in slot 0; to the outside in the slot of the joiner's place.
pub(super) struct Links {
    places: Box<[Place]>,
}

#[derive(Default)]
struct Place {
    joiner: Option<InviteJoiner>,
    /// The generation of the peer ids of the joiner's first connection.
    first_generation: u32,
}

impl Links {
    /// The most links, and with it the number of slots that they take, from 0 on.
    pub(super) const MAX: usize = 32;
    /// The place for the host that we joined by code.
    const JOINED: usize = 0;

    pub(super) fn new() -> Self {
        Self { places: (0..Self::MAX).map(|_| Place::default()).collect() }
    }

    /// Puts the joiner of a code into the place that is kept for it.
    pub(super) fn join(&mut self, joiner: InviteJoiner) {
        if let Some(place) = self.places.get_mut(Self::JOINED) {
            place.joiner = Some(joiner);
        }
    }

    /// The joiner of a code.
    pub(super) fn joined(&self) -> Option<&InviteJoiner> {
        self.places.get(Self::JOINED)?.joiner.as_ref()
    }

    /// Puts a joiner that was introduced into a free place; what the outside will call its peer.
    pub(super) fn meet(&mut self, joiner: InviteJoiner) -> Option<PeerId> {
        let mut places = (0..).zip(&mut self.places).skip(Self::JOINED + 1);
        let (slot, place) = places.find(|(_, place)| place.joiner.is_none())?;
        place.joiner = Some(joiner);
        Some(PeerId::new(slot, place.first_generation))
    }

    /// All joiners, and whether each was introduced.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (bool, &mut InviteJoiner)> {
        let places = self.places.iter_mut().enumerate();
        places.filter_map(|(at, place)| Some((at != Self::JOINED, place.joiner.as_mut()?)))
    }

    /// Frees the places of meetings that are over.
    pub(super) fn sweep(&mut self) {
        for place in self.places.iter_mut().skip(Self::JOINED + 1) {
            if let Some(over) = place.joiner.take_if(|joiner| joiner.is_finished()) {
                let ids = over.generation().wrapping_add(1);
                place.first_generation = place.first_generation.wrapping_add(ids);
            }
        }
    }

    /// Whose link this is, and what the joiner calls the peer.
    pub(super) fn get(&self, peer: PeerId) -> Option<(&InviteJoiner, PeerId)> {
        let place = self.places.get(peer.slot())?;
        Some((place.joiner.as_ref()?, place.inner(peer)))
    }

    /// Whose link this is, and what the joiner calls the peer.
    pub(super) fn get_mut(&mut self, peer: PeerId) -> Option<(&mut InviteJoiner, PeerId)> {
        let place = self.places.get_mut(peer.slot())?;
        let inner = place.inner(peer);
        Some((place.joiner.as_mut()?, inner))
    }

    /// Hands a datagram to those whom it may concern; the peer and the length of its payload, if it is one.
    ///
    /// One that no joiner can open stays as it is. Two connections may be with one address, so each is tried.
    pub(super) fn receive(&mut self, from: SocketAddr, datagram: &mut [u8]) -> Option<(PeerId, usize)> {
        (0..).zip(&mut self.places).find_map(|(slot, place)| {
            let joiner = place.joiner.as_mut().filter(|joiner| joiner.may_take(from, datagram))?;
            let (inner, payload) = joiner.receive(from, datagram)?;
            Some((place.outer(slot, inner), payload.len()))
        })
    }

    /// The next change of a link.
    pub(super) fn next_event(&mut self) -> Option<EndpointEvent> {
        (0..).zip(&mut self.places).find_map(|(slot, place)| {
            let event = place.joiner.as_mut()?.next_event()?;
            Some(match event {
                EndpointEvent::Connected { peer, client, user_data } => {
                    EndpointEvent::Connected { peer: place.outer(slot, peer), client, user_data }
                }
                EndpointEvent::Disconnected { peer, reason } => {
                    EndpointEvent::Disconnected { peer: place.outer(slot, peer), reason }
                }
            })
        })
    }
}

impl Place {
    fn outer(&self, slot: u32, inner: PeerId) -> PeerId {
        PeerId::new(slot, self.first_generation.wrapping_add(inner.generation()))
    }

    fn inner(&self, outer: PeerId) -> PeerId {
        PeerId::new(0, outer.generation().wrapping_sub(self.first_generation))
    }
}
