//! Which of this machine's addresses each peer talks to, so that answers come from there.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{IpAddr, SocketAddr};

/// Remembers the local address that a peer's last datagram was sent to.
///
/// A socket that is bound to all addresses of a machine lets the system choose where an answer comes from. With
/// several addresses (IPv6 has temporary ones by default) it may choose another than the peer wrote to, and the
/// peer drops the answer as a stranger's.
///
/// A fixed table: a peer whose place was taken by another is remembered again with its next datagram. The hash is
/// keyed, so that nobody can aim at a peer's place.
#[derive(Debug)]
pub(super) struct ReturnPaths {
    places: Box<[Option<(SocketAddr, IpAddr)>]>,
    hasher: RandomState,
}

impl ReturnPaths {
    const PLACES: usize = 1 << 10;

    pub(super) fn new() -> Self {
        Self { places: vec![None; Self::PLACES].into(), hasher: RandomState::new() }
    }

    pub(super) fn remember(&mut self, peer: SocketAddr, local: IpAddr) {
        *self.place(peer) = Some((peer, local));
    }

    pub(super) fn recall(&mut self, peer: SocketAddr) -> Option<IpAddr> {
        self.place(peer).filter(|(known, _)| *known == peer).map(|(_, local)| local)
    }

    pub(super) fn forget(&mut self, peer: SocketAddr) {
        *self.place(peer) = None;
    }

    fn place(&mut self, peer: SocketAddr) -> &mut Option<(SocketAddr, IpAddr)> {
        let index = self.hasher.hash_one(peer) as usize % Self::PLACES;
        &mut self.places[index]
    }
}
