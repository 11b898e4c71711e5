//! Handshakes under way: the standard's encryption mappings of addresses that are not connected yet.

use super::history::TokenTag;
use crate::ClientId;
use crate::netcode::MAX_PENDING;
use crate::netcode::cipher::PacketCipher;
use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{BTreeSet, HashMap};

/// A client that sent a valid request and has yet to return a challenge.
pub(super) struct Pending {
    pub(super) token: TokenTag,
    pub(super) client: ClientId,
    pub(super) opener: PacketCipher,
    pub(super) sealer: PacketCipher,
    /// For the connection to be.
    pub(super) timeout: Option<Duration>,
    /// For the connection to be.
    pub(super) first_sequence: u64,
    /// The first challenge sent for this handshake: an answer to an older one proves nothing about the address.
    pub(super) first_challenge: u64,
    /// When the handshake is given up.
    pub(super) deadline: Duration,
}

/// At most [`MAX_PENDING`] handshakes, one for an address and one for a client.
#[derive(Default)]
pub(super) struct PendingTable {
    by_address: HashMap<SocketAddr, Pending>,
    by_client: HashMap<ClientId, SocketAddr>,
    deadlines: BTreeSet<(Duration, SocketAddr)>,
}

impl PendingTable {
    /// The handshake with an address.
    pub(super) fn at(&self, address: SocketAddr) -> Option<&Pending> {
        self.by_address.get(&address)
    }

    /// Adds a handshake, in the place of those of the same address and the same client where `displace` is set;
    /// `false` when these or the limit stand in its way.
    pub(super) fn insert(&mut self, address: SocketAddr, pending: Pending, displace: bool) -> bool {
        let elsewhere = self.by_client.get(&pending.client).copied();
        if displace {
            self.remove(address);
            elsewhere.map(|elsewhere| self.remove(elsewhere));
        } else if elsewhere.is_some() || self.by_address.contains_key(&address) {
            return false;
        }
        if self.by_address.len() >= MAX_PENDING {
            return false;
        }
        self.deadlines.insert((pending.deadline, address));
        self.by_client.insert(pending.client, address);
        self.by_address.insert(address, pending);
        true
    }

    /// Takes a handshake out.
    pub(super) fn remove(&mut self, address: SocketAddr) -> Option<Pending> {
        let pending = self.by_address.remove(&address)?;
        self.by_client.remove(&pending.client);
        self.deadlines.remove(&(pending.deadline, address));
        Some(pending)
    }

    /// Drops the handshakes whose deadline has passed.
    pub(super) fn expire(&mut self, now: Duration) {
        while let Some(&(deadline, address)) = self.deadlines.first()
            && deadline <= now
        {
            self.remove(address);
        }
    }
}
