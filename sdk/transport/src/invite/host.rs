//! The side that invites: a netcode server behind an exchange that hands out its connect tokens.

use super::addresses;
use super::budget::Budget;
use super::code::InviteCode;
use super::noise::{Asked, Keys};
use super::sealing::{CONNECTION_REQUEST, ConnectionRequest};
use super::seats::{Grant as SeatGrant, Seats, Standing};
use super::ticket::RejoinSecret;
use super::wire::{Answer, CompactToken, Grant, HINT_BYTES, REQUEST, REQUEST_BYTES};
use crate::netcode::{ConnectToken, Server, ServerConfig, TokenRequest};
use crate::{
    ClientId, DisconnectReason, Endpoint, EndpointEvent, PeerId, SecureRng, SendError, Transmit,
    TransmitQueue, TransportError, UserData,
};
use core::fmt;
use core::time::Duration;
use rand_core::{Rng, SeedableRng};
use std::collections::VecDeque;
use std::net::SocketAddr;
use zeroize::Zeroizing;

/// How a host invites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteHostConfig {
    /// Which game this is; see [`protocol_id`](super::protocol_id). To a joiner of another one the host is silent.
    pub protocol_id: u64,
    /// The most clients that are connected at once.
    pub max_clients: usize,
    /// Where joiners reach the host, in the order of preference: 1 to 4. Behind a router, the public address with
    /// the forwarded port; on a LAN see [`local_addresses`](super::local_addresses). Each code carries them all.
    pub addresses: Vec<SocketAddr>,
    /// After how many seconds without a datagram a connection is lost; at least 1.
    pub timeout_seconds: u32,
    /// How long an invite is good for.
    pub invite_lifetime: Duration,
    /// How long a client may come back after its connection ended.
    pub rejoin_lifetime: Duration,
    /// The most invites that may be open at once.
    pub max_open_invites: usize,
}

impl InviteHostConfig {
    /// A host at these addresses, for 16 clients. A connection is lost after 10 seconds of silence; an invite is
    /// good for 30 minutes, a return for 10; 32 invites may be open.
    pub fn new(protocol_id: u64, addresses: Vec<SocketAddr>) -> Self {
        Self {
            protocol_id,
            max_clients: 16,
            addresses,
            timeout_seconds: 10,
            invite_lifetime: Duration::from_secs(30 * 60),
            rejoin_lifetime: Duration::from_secs(10 * 60),
            max_open_invites: 32,
        }
    }
}

/// Why there is no invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InviteError {
    /// As many invites are open as may be. Revoke one, or wait until one is used or expires.
    #[error("{open} invites are open, as many as may be: revoke one first")]
    TooManyOpen {
        /// How many are open.
        open: usize,
    },
}

/// How long a token is good for after its exchange, in seconds. The joiner uses it at once.
const TOKEN_SECONDS: u64 = 30;
/// Where in the token's user data the host puts the number of the grant. The game never sees it.
const SERIAL: core::ops::Range<usize> = 248..256;

/// A host that lets in whoever has one of its invites.
///
/// An [`Endpoint`]: connections are netcode's; the game's role byte of the invite comes as the first byte of
/// [`Connected`](EndpointEvent::Connected)'s user data. A client that lost its connection comes back by itself
/// under the same [`ClientId`]; if the old connection still stands by then, it ends with
/// [`TimedOut`](DisconnectReason::TimedOut) first.
///
/// Its clock is the monotonic one alone: tokens and invites are made and judged by this host, so clocks that
/// differ, or are set while it runs, change nothing.
///
/// Memory is bounded: by open invites, connected clients, and as many clients that may come back.
pub struct InviteHost {
    config: InviteHostConfig,
    /// Where codes say that we are. Tokens name the configured addresses for good, since the server looks for those.
    advertised: Vec<SocketAddr>,
    rng: SecureRng,
    server: Server,
    /// The server's key. It seals nothing that goes over the wire, so it opens nothing that was recorded.
    server_key: Zeroizing<[u8; 32]>,
    seats: Seats,
    /// When the first update was; our own time counts from there.
    epoch: Option<Duration>,
    now: Duration,
    swept: Duration,
    events: VecDeque<EndpointEvent>,
    answers: TransmitQueue,
    /// Each costs a Diffie-Hellman, and any number can be asked for with a spent secret.
    refusals: Budget,
}

impl InviteHost {
    /// A host without invites.
    ///
    /// # Errors
    /// [`TransportError::Config`] unless there are 1 to 4 addresses that others can send to.
    pub fn new(config: InviteHostConfig, mut rng: SecureRng) -> Result<Self, TransportError> {
        check(&config.addresses)?;
        let mut server_key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *server_key);
        let server = ServerConfig {
            protocol_id: config.protocol_id,
            private_key: *server_key,
            max_clients: config.max_clients,
            addresses: config.addresses.clone(),
            token_lifetime: None,
        };
        Ok(Self {
            server: Server::new(server, SecureRng::from_rng(&mut rng)),
            advertised: config.addresses.clone(),
            config,
            rng,
            server_key,
            seats: Seats::new(),
            epoch: None,
            now: Duration::ZERO,
            swept: Duration::ZERO,
            events: VecDeque::new(),
            answers: TransmitQueue::default(),
            refusals: Budget::new(20, Duration::from_millis(50)),
        })
    }

    /// Has later codes name these addresses: after the machine came to another network, or learned its public address.
    /// What was there before this stays as it is.
    ///
    /// # Errors
    /// [`TransportError::Config`] unless there are 1 to 4 addresses that others can send to.
    pub fn advertise(&mut self, addresses: Vec<SocketAddr>) -> Result<(), TransportError> {
        check(&addresses)?;
        self.advertised = addresses;
        Ok(())
    }

    /// Opens an invite for one player. The game's `role` says what for; it comes back as the first byte of the
    /// user data when the player connects.
    ///
    /// # Errors
    /// [`InviteError::TooManyOpen`].
    pub fn invite(&mut self, role: u8) -> Result<InviteCode, InviteError> {
        self.invite_for(role, self.config.invite_lifetime)
    }

    /// As [`invite`](Self::invite), but good for as long as this.
    pub(super) fn invite_for(&mut self, role: u8, lifetime: Duration) -> Result<InviteCode, InviteError> {
        let open = self.open_invites();
        if open >= self.config.max_open_invites {
            return Err(InviteError::TooManyOpen { open });
        }
        let mut secret = [0; InviteCode::SECRET_BYTES];
        self.rng.fill_bytes(&mut secret);
        self.seats.invite(Keys::of_invite(&secret), role, self.now.saturating_add(lifetime));
        Ok(InviteCode::new(&self.advertised, secret).expect("the addresses were checked"))
    }

    /// Whether this is an invite of ours that nobody has used yet.
    pub fn is_open(&self, code: &InviteCode) -> bool {
        self.seats.invited(&Keys::of_invite(code.secret()).hint).is_some()
    }

    /// Closes an invite that nobody has used; whether there was one. Who tries it learns that it is spent.
    pub fn revoke(&mut self, code: &InviteCode) -> bool {
        let invited = self.seats.invited(&Keys::of_invite(code.secret()).hint);
        if let Some(client) = invited {
            self.seats.close(client, self.now);
        }
        invited.is_some()
    }

    /// How many invites nobody has used yet.
    pub fn open_invites(&self) -> usize {
        self.seats.open()
    }

    /// How many clients with this `role` are connected. It is known before the transport has compared manifests with
    /// them, so a place that somebody is about to take is not taken for free.
    pub fn connected(&self, role: u8) -> usize {
        self.seats.connected(role)
    }

    /// Who a connected peer is.
    pub fn client(&self, peer: PeerId) -> Option<ClientId> {
        self.server.client(peer)
    }

    /// The connection of a client.
    pub fn peer_of(&self, client: ClientId) -> Option<PeerId> {
        self.server.peer_of(client)
    }

    /// Takes a request, and queues the answer if its sender knows a secret.
    fn asked(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<()> {
        if datagram.len() != REQUEST_BYTES {
            return None;
        }
        let hint = *datagram.get(1..)?.first_chunk::<HINT_BYTES>()?;
        let keys = self.seats.keys(&hint, self.now)?;
        let asked = Asked::read(self.config.protocol_id, &keys, datagram, &mut self.rng)?;
        match self.seats.follow(&hint, self.now)? {
            Standing::Spent => {
                if self.refusals.take(self.now) {
                    tracing::debug!(%from, "a spent secret was refused");
                    self.answers.push(from, &asked.answer(&Answer::Spent.to_bytes()));
                }
            }
            Standing::Leads(client) => {
                let seat = self.seats.seat(client)?;
                if let Some(answer) = seat.answer_to(&asked.ephemeral) {
                    self.answers.push(from, answer);
                } else if seat.may_grant() {
                    let role = seat.role;
                    if let Some(stale) = seat.peer() {
                        tracing::debug!(peer = %stale, client = client.0, "the client comes back");
                        self.server.disconnect(stale);
                        self.ended(stale, DisconnectReason::TimedOut);
                    }
                    self.grant(from, client, role, asked)?;
                }
            }
        }
        Some(())
    }

    /// Makes a token and the next secret, and queues the answer that carries them.
    fn grant(&mut self, from: SocketAddr, client: ClientId, role: u8, asked: Asked) -> Option<()> {
        tracing::debug!(%from, client = client.0, "granted a connect token");
        let serial = self.seats.next_grant();
        let mut user_data: UserData = [0; 256];
        user_data[0] = role;
        user_data[SERIAL].copy_from_slice(&serial.to_le_bytes());
        let (mut token_key, mut rejoin) = (Zeroizing::new([0; 32]), RejoinSecret::default());
        self.rng.fill_bytes(&mut *token_key);
        self.rng.fill_bytes(&mut *rejoin);
        let request = TokenRequest {
            protocol_id: self.config.protocol_id,
            private_key: &token_key,
            created: self.now.as_secs(),
            lifetime_seconds: TOKEN_SECONDS,
            timeout_seconds: i32::try_from(self.config.timeout_seconds).unwrap_or(i32::MAX).max(1),
            client,
            user_data: &user_data,
            addresses: &self.config.addresses,
            internal_addresses: &[],
        };
        let token = ConnectToken::generate(request, &mut self.rng).ok()?;
        let ephemeral = asked.ephemeral;
        let next = Keys::of_rejoin(&*rejoin);
        let token_nonce = *token.nonce();
        let grant = Grant { client, role, rejoin, token: CompactToken::of(&token) };
        let answer = asked.answer(&Answer::Granted(grant).to_bytes());
        self.answers.push(from, &answer);
        self.seats
            .grant(client, SeatGrant { serial, ephemeral, answer, next, token: token_nonce, token_key });
        Some(())
    }

    /// Brings a connection request under the server's key; `false` unless it carries a token that stands.
    fn admit(&self, datagram: &mut [u8]) -> bool {
        ConnectionRequest::parse(datagram).is_some_and(|request| {
            let key = self.seats.token_key(request.nonce);
            key.is_some_and(|key| request.reseal(key, &self.server_key))
        })
    }

    /// Takes over what happened to connections.
    fn pump(&mut self) {
        while let Some(event) = self.server.next_event() {
            match event {
                EndpointEvent::Connected { peer, client, mut user_data } => {
                    let serial = user_data.get_mut(SERIAL).map_or([0; 8], |bytes| {
                        let serial = bytes.try_into().unwrap_or_default();
                        bytes.fill(0);
                        serial
                    });
                    if self.seats.connect(client, u64::from_le_bytes(serial), peer, self.now) {
                        self.events.push_back(EndpointEvent::Connected { peer, client, user_data });
                    } else {
                        self.server.disconnect(peer);
                    }
                }
                EndpointEvent::Disconnected { peer, reason } => self.ended(peer, reason),
            }
        }
    }

    /// A connection ended without our doing: its client may come back.
    fn ended(&mut self, peer: PeerId, reason: DisconnectReason) {
        self.keep_seat(peer);
        self.events.push_back(EndpointEvent::Disconnected { peer, reason });
    }

    /// The client of a connection that is no more may come back.
    fn keep_seat(&mut self, peer: PeerId) {
        let (expires, limit) =
            (self.now.saturating_add(self.config.rejoin_lifetime), self.config.max_clients);
        self.seats.leave(peer, expires, limit, self.now);
    }
}

fn check(addresses: &[SocketAddr]) -> Result<(), TransportError> {
    let message = "advertise 1 to 4 addresses that joiners can send to";
    addresses::are_reachable(addresses).then_some(()).ok_or(TransportError::Config(message))
}

impl fmt::Debug for InviteHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteHost")
            .field("config", &self.config)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Endpoint for InviteHost {
    const MAX_PAYLOAD: usize = Server::MAX_PAYLOAD;
    const OVERHEAD: usize = Server::OVERHEAD;

    fn update(&mut self, now: Duration, _unix: u64) {
        self.now = now.saturating_sub(*self.epoch.get_or_insert(now)).max(self.now);
        self.server.update(now, self.now.as_secs());
        self.pump();
        if self.now.saturating_sub(self.swept) >= Duration::from_secs(1) {
            self.swept = self.now;
            self.seats.sweep(self.now);
        }
    }

    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        match datagram.first().copied() {
            Some(REQUEST) => {
                self.asked(from, datagram);
                None
            }
            Some(CONNECTION_REQUEST) if !self.admit(datagram) => None,
            _ => {
                let received = self.server.receive(from, datagram);
                self.pump();
                received
            }
        }
    }

    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        self.server.send(peer, payload)
    }

    /// As [`Endpoint::disconnect`]; the client can't come back without a new invite.
    fn disconnect(&mut self, peer: PeerId) {
        self.server.disconnect(peer);
        if let Some(client) = self.seats.client(peer) {
            self.seats.close(client, self.now);
        }
    }

    fn abandon(&mut self, peer: PeerId) {
        self.server.abandon(peer);
        self.keep_seat(peer);
    }

    fn next_event(&mut self) -> Option<EndpointEvent> {
        self.events.pop_front()
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        if self.answers.is_empty() { self.server.next_transmit() } else { self.answers.pop() }
    }

    fn address(&self, peer: PeerId) -> Option<SocketAddr> {
        self.server.address(peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::{InviteJoiner, InviteJoinerConfig};

    #[test]
    fn what_the_host_keeps_opens_no_recorded_connection_request() {
        let address = SocketAddr::from(([192, 0, 2, 1], 7777));
        let from = SocketAddr::from(([192, 0, 2, 2], 4000));
        let config = InviteHostConfig::new(1, vec![address]);
        let mut host = InviteHost::new(config, SecureRng::seed_from_u64(1)).expect("reachable");
        let code = host.invite(0).expect("there is room");
        let mut joiner = InviteJoiner::new(&code, InviteJoinerConfig::new(1), SecureRng::seed_from_u64(2));

        let mut recorded = Vec::new();
        for millisecond in 0..5 {
            let now = Duration::from_millis(millisecond);
            host.update(now, 0);
            joiner.update(now, 0);
            while let Some(sent) = joiner.next_transmit() {
                let mut datagram = sent.datagram.to_vec();
                if datagram[0] == CONNECTION_REQUEST {
                    recorded.push(datagram.clone());
                    assert!(host.admit(&mut datagram.clone()), "as long as there is no connection");
                }
                host.receive(from, &mut datagram);
            }
            while let Some(sent) = host.next_transmit() {
                joiner.receive(address, &mut sent.datagram.to_vec());
            }
        }
        assert!(matches!(host.next_event(), Some(EndpointEvent::Connected { .. })));

        let mut recorded = recorded.pop().expect("a connection request");
        assert!(!host.admit(&mut recorded.clone()), "its key is gone");
        let request = ConnectionRequest::parse(&mut recorded).expect("a connection request");
        assert!(!request.reseal(&host.server_key, &host.server_key), "the server's key never sealed it");
    }
}
