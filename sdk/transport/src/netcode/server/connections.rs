//! The connected clients, in slots (standard: "Connected Clients").

use crate::netcode::SEND_INTERVAL;
use crate::netcode::cipher::PacketCipher;
use crate::netcode::packet::{self, Kind};
use crate::netcode::replay::ReplayWindow;
use crate::{ClientId, PeerId, TransmitQueue};
use core::net::SocketAddr;
use core::time::Duration;
use std::collections::HashMap;

/// A connected client.
pub(super) struct Connection {
    pub(super) client: ClientId,
    pub(super) address: SocketAddr,
    pub(super) opener: PacketCipher,
    pub(super) sealer: PacketCipher,
    pub(super) window: ReplayWindow,
    pub(super) next_sequence: u64,
    /// Whether the client knows that it is connected.
    pub(super) confirmed: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) last_sent: Duration,
    pub(super) last_received: Duration,
}

impl Connection {
    /// Seals a packet with the next sequence number and queues it; returns its length.
    pub(super) fn send(
        &mut self,
        transmits: &mut TransmitQueue,
        kind: Kind,
        body: &[u8],
        now: Duration,
    ) -> usize {
        let sequence = self.next_sequence;
        // Taken even if the queue drops the packet. A connection does not live to see 2^63 of them.
        self.next_sequence = sequence.wrapping_add(1);
        self.last_sent = now;
        transmits
            .push_with(self.address, |out| packet::seal(out, &self.sealer, kind, sequence, body))
            .unwrap_or(0)
    }

    /// When it must be looked at again: to keep it alive, or to give it up.
    pub(super) fn next_timer(&self) -> Duration {
        let keep_alive = self.last_sent.saturating_add(SEND_INTERVAL);
        self.timeout.map_or(keep_alive, |timeout| keep_alive.min(self.last_received.saturating_add(timeout)))
    }

    /// Whether it is time for a keep-alive.
    pub(super) fn is_quiet(&self, now: Duration) -> bool {
        now.saturating_sub(self.last_sent) >= SEND_INTERVAL
    }

    /// Whether nothing came for too long.
    pub(super) fn is_timed_out(&self, now: Duration) -> bool {
        self.timeout.is_some_and(|timeout| now.saturating_sub(self.last_received) >= timeout)
    }
}

/// The slots, found by peer, by address and by client.
#[derive(Default)]
pub(super) struct Connections {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_address: HashMap<SocketAddr, u32>,
    by_client: HashMap<ClientId, u32>,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    connection: Option<Connection>,
}

impl Connections {
    pub(super) fn len(&self) -> usize {
        self.by_client.len()
    }

    /// Puts a client into a free slot. Neither its address nor its id may be connected.
    pub(super) fn insert(&mut self, connection: Connection) -> Option<PeerId> {
        if self.free.is_empty() {
            self.free.push(u32::try_from(self.slots.len()).ok()?);
            self.slots.push(Slot::default());
        }
        let index = self.free.pop()?;
        let slot = self.slots.get_mut(index as usize)?;
        self.by_address.insert(connection.address, index);
        self.by_client.insert(connection.client, index);
        slot.connection = Some(connection);
        Some(PeerId::new(index, slot.generation))
    }

    /// Resets a slot, and makes it available to other clients.
    pub(super) fn remove(&mut self, peer: PeerId) -> Option<Connection> {
        let slot = self.slots.get_mut(peer.slot()).filter(|slot| slot.generation == peer.generation())?;
        let connection = slot.connection.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.by_address.remove(&connection.address);
        self.by_client.remove(&connection.client);
        self.free.push(peer.slot() as u32);
        Some(connection)
    }

    pub(super) fn get(&self, peer: PeerId) -> Option<&Connection> {
        let slot = self.slots.get(peer.slot()).filter(|slot| slot.generation == peer.generation())?;
        slot.connection.as_ref()
    }

    pub(super) fn get_mut(&mut self, peer: PeerId) -> Option<&mut Connection> {
        let slot = self.slots.get_mut(peer.slot()).filter(|slot| slot.generation == peer.generation())?;
        slot.connection.as_mut()
    }

    /// The client at an address.
    pub(super) fn at(&self, address: SocketAddr) -> Option<PeerId> {
        self.peer(*self.by_address.get(&address)?)
    }

    /// The connection of a client.
    pub(super) fn of(&self, client: ClientId) -> Option<PeerId> {
        self.peer(*self.by_client.get(&client)?)
    }

    fn peer(&self, index: u32) -> Option<PeerId> {
        self.slots.get(index as usize).map(|slot| PeerId::new(index, slot.generation))
    }
}
