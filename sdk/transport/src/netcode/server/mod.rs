//! The server's side (standard: "Server-Side Connection Process").

mod connections;
mod handshake;
mod history;
mod pending;

use super::challenge::Challenger;
use super::packet::{self, Kind, Packet, REQUEST_PREFIX};
use super::private_token::TokenCipher;
use super::replay::ReplayWindow;
use super::sequence::HandshakeSequence;
use super::{DISCONNECT_PACKETS, MAX_DATAGRAM, MAX_PAYLOAD};
use crate::{
    ClientId, DisconnectReason, Endpoint, EndpointEvent, PeerId, SecureRng, SendError, Transmit,
    TransmitQueue, UserData,
};
use connections::{Connection, Connections};
use core::cmp::Reverse;
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use history::TokenHistory;
use pending::PendingTable;
use std::collections::{BinaryHeap, VecDeque};
use zeroize::Zeroizing;

/// What a server must know.
#[derive(Clone)]
pub struct ServerConfig {
    /// The game and its version; tokens for others are ignored.
    pub protocol_id: u64,
    /// The key that the server shares with the issuer of tokens, and with nobody else.
    pub private_key: [u8; 32],
    /// How many clients may be connected at once; whoever comes beyond it is denied.
    pub max_clients: usize,
    /// The addresses that the server is reached at. A token must list one of them.
    pub addresses: Vec<SocketAddr>,
    /// For a server that keeps its private key when it restarts: the longest lifetime of tokens in seconds, with
    /// what the clocks of issuer and server may differ by.
    ///
    /// A token gives one connection, as a second one would repeat sequence numbers under the same keys. But a
    /// server that was restarted has forgotten which tokens were used; so it ignores those that may be older than
    /// itself, which expire by its start plus this. Leave it `None` where the private key is made at start.
    pub token_lifetime: Option<u32>,
}

/// A server to which clients with valid connect tokens connect.
///
/// A [`PeerId`]'s slot is the standard's client index. Nothing that arrives before the first
/// [`update`](Endpoint::update) is taken. Limits: [`MAX_PENDING`](super::MAX_PENDING),
/// [`MAX_PENDING_TIME`](super::MAX_PENDING_TIME), [`MAX_REMEMBERED_TOKENS`](super::MAX_REMEMBERED_TOKENS).
pub struct Server {
    protocol_id: u64,
    tokens: TokenCipher,
    max_clients: usize,
    addresses: Vec<SocketAddr>,
    token_lifetime: Option<u32>,

    is_started: bool,
    now: Duration,
    unix: u64,
    /// Tokens that expire until then are ignored, as they may have been used before this server started.
    refuse_until: u64,

    challenger: Challenger,
    handshake_sequence: HandshakeSequence,
    history: TokenHistory,
    pending: PendingTable,
    connections: Connections,
    /// When to look at which connection again: one entry for each, and some for those that are gone.
    timers: BinaryHeap<Reverse<(Duration, PeerId)>>,
    events: VecDeque<EndpointEvent>,
    transmits: TransmitQueue,
}

impl Server {
    /// A server without clients. `rng` must never have been used for another.
    pub fn new(config: ServerConfig, mut rng: SecureRng) -> Self {
        let private_key = Zeroizing::new(config.private_key);
        Self {
            protocol_id: config.protocol_id,
            tokens: TokenCipher::new(&private_key, config.protocol_id),
            max_clients: config.max_clients.min(u32::MAX as usize),
            addresses: config.addresses,
            token_lifetime: config.token_lifetime,
            is_started: false,
            now: Duration::ZERO,
            unix: 0,
            refuse_until: 0,
            challenger: Challenger::new(&mut rng),
            handshake_sequence: HandshakeSequence::new(&mut rng),
            history: TokenHistory::default(),
            pending: PendingTable::default(),
            connections: Connections::default(),
            timers: BinaryHeap::new(),
            events: VecDeque::new(),
            transmits: TransmitQueue::default(),
        }
    }

    /// Who a connected peer is.
    pub fn client(&self, peer: PeerId) -> Option<ClientId> {
        self.connections.get(peer).map(|connection| connection.client)
    }

    /// The connection of a client.
    pub fn peer_of(&self, client: ClientId) -> Option<PeerId> {
        self.connections.of(client)
    }

    /// How many clients are connected.
    pub fn connected(&self) -> usize {
        self.connections.len()
    }

    fn is_full(&self) -> bool {
        self.connections.len() >= self.max_clients
    }

    /// Makes a connection of the handshake with an address.
    fn connect(&mut self, address: SocketAddr, user_data: Box<UserData>) {
        let Some(pending) = self.pending.remove(address) else { return };
        self.history.spend(&pending.token);
        let client = pending.client;
        let connection = Connection {
            client,
            address,
            opener: pending.opener,
            sealer: pending.sealer,
            window: ReplayWindow::default(),
            next_sequence: pending.first_sequence,
            confirmed: false,
            timeout: pending.timeout,
            last_sent: self.now,
            last_received: self.now,
        };
        let Some(peer) = self.connections.insert(connection) else { return };
        self.send_keep_alive(peer);
        if let Some(connection) = self.connections.get(peer) {
            self.timers.push(Reverse((connection.next_timer(), peer)));
        }
        tracing::debug!(%peer, client = client.0, %address, "client connected");
        self.events.push_back(EndpointEvent::Connected { peer, client, user_data });
    }

    fn send_keep_alive(&mut self, peer: PeerId) {
        let data = packet::keep_alive(peer.slot() as u32, self.max_clients as u32);
        if let Some(connection) = self.connections.get_mut(peer) {
            connection.send(&mut self.transmits, Kind::KeepAlive, &data, self.now);
        }
    }

    /// Takes a packet of a connected client.
    fn take_packet<'d>(&mut self, peer: PeerId, datagram: &'d mut [u8]) -> Option<&'d [u8]> {
        let connection = self.connections.get_mut(peer)?;
        let takes = |kind| matches!(kind, Kind::KeepAlive | Kind::Payload | Kind::Disconnect);
        let packet = packet::open(datagram, &connection.opener, &mut connection.window, takes)?;
        if packet == Packet::Disconnect {
            self.drop_client(peer, DisconnectReason::Left(0));
            return None;
        }
        connection.confirmed = true;
        connection.last_received = self.now;
        match packet {
            Packet::Payload(payload) => Some(payload),
            _ => None,
        }
    }

    fn drop_client(&mut self, peer: PeerId, reason: DisconnectReason) {
        self.connections.remove(peer);
        tracing::debug!(%peer, %reason, "client disconnected");
        self.events.push_back(EndpointEvent::Disconnected { peer, reason });
    }

    /// Keeps alive the connections that are due for it, and gives up those whose timeout had passed when the
    /// server last looked (so that a server that was stalled reads what waits before it blames the clients).
    fn run_timers(&mut self, last_update: Duration) {
        while let Some(&Reverse((due, peer))) = self.timers.peek()
            && due <= self.now
        {
            self.timers.pop();
            let Some(connection) = self.connections.get(peer) else { continue };
            if connection.is_timed_out(last_update) {
                self.drop_client(peer, DisconnectReason::TimedOut);
                continue;
            }
            if connection.is_quiet(self.now) {
                self.send_keep_alive(peer);
            }
            if let Some(connection) = self.connections.get(peer) {
                let next_update = self.now.saturating_add(Duration::from_nanos(1));
                self.timers.push(Reverse((connection.next_timer().max(next_update), peer)));
            }
        }
    }
}

impl Endpoint for Server {
    const MAX_PAYLOAD: usize = MAX_PAYLOAD;
    const OVERHEAD: usize = MAX_DATAGRAM - MAX_PAYLOAD;

    /// Time that goes back is taken as standing still; so is `unix`, since tokens that were forgotten as
    /// expired must not become valid again.
    fn update(&mut self, now: Duration, unix: u64) {
        if !self.is_started {
            self.is_started = true;
            self.now = now;
            self.refuse_until =
                self.token_lifetime.map_or(0, |lifetime| unix.saturating_add(lifetime.into()));
        }
        let last_update = self.now;
        self.now = now.max(last_update);
        self.unix = unix.max(self.unix);
        self.history.forget_expired(self.unix);
        self.pending.expire(self.now);
        self.run_timers(last_update);
    }

    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        if !self.is_started {
            return None;
        }
        let taken = if datagram.first() == Some(&REQUEST_PREFIX) {
            self.take_request(from, datagram)
        } else if let Some(peer) = self.connections.at(from) {
            return self.take_packet(peer, datagram).map(|payload| (peer, payload));
        } else {
            self.take_response(from, datagram)
        };
        if let Err(why) = taken {
            tracing::debug!(%from, why, "datagram ignored");
        }
        None
    }

    /// An empty payload can't be expressed in netcode: nothing is sent.
    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        let connection = self.connections.get(peer).ok_or(SendError::NotConnected { peer })?;
        if payload.len() > MAX_PAYLOAD {
            return Err(SendError::TooLarge { size: payload.len(), limit: MAX_PAYLOAD });
        }
        if payload.is_empty() {
            return Ok(0);
        }
        if !connection.confirmed {
            self.send_keep_alive(peer);
        }
        let connection = self.connections.get_mut(peer).ok_or(SendError::NotConnected { peer })?;
        Ok(connection.send(&mut self.transmits, Kind::Payload, payload, self.now))
    }

    fn disconnect(&mut self, peer: PeerId) {
        let Some(mut connection) = self.connections.remove(peer) else { return };
        for _ in 0..DISCONNECT_PACKETS {
            connection.send(&mut self.transmits, Kind::Disconnect, &[], self.now);
        }
    }

    fn abandon(&mut self, peer: PeerId) {
        self.connections.remove(peer);
    }

    fn next_event(&mut self) -> Option<EndpointEvent> {
        self.events.pop_front()
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        self.transmits.pop()
    }

    fn address(&self, peer: PeerId) -> Option<SocketAddr> {
        self.connections.get(peer).map(|connection| connection.address)
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig")
            .field("protocol_id", &self.protocol_id)
            .field("max_clients", &self.max_clients)
            .field("addresses", &self.addresses)
            .field("token_lifetime", &self.token_lifetime)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("protocol_id", &self.protocol_id)
            .field("addresses", &self.addresses)
            .field("connected", &self.connected())
            .finish_non_exhaustive()
    }
}
