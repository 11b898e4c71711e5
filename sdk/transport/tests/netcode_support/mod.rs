//! A world of clients and servers in simulated time, and a second, plain implementation of the packets, to look
//! into datagrams and to forge them.
#![allow(dead_code, unreachable_pub)] // each test file uses its part

use chacha20poly1305::aead::Payload;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::time::Duration;
use netcord_transport::netcode::{Client, ConnectToken, Server, ServerConfig, TokenRequest};
use netcord_transport::{ClientId, DisconnectReason, Endpoint, EndpointEvent, PeerId, SecureRng};
use rand_core::SeedableRng as _;

pub const PROTOCOL: u64 = 0x1122_3344_5566_7788;
pub const PRIVATE_KEY: [u8; 32] = [0xA5; 32];
pub const UNIX: u64 = 1_700_000_000;
pub const LIFETIME: u64 = 30;
pub const TIMEOUT: i32 = 5;
pub const SERVER: SocketAddr = address(1);
pub const OTHER_SERVER: SocketAddr = address(2);
pub const HOME: SocketAddr = address(101);
pub const ELSEWHERE: SocketAddr = address(102);
pub const USER_DATA: [u8; 256] = [0x77; 256];

pub const REQUEST: u8 = 0;
pub const DENIED: u8 = 1;
pub const CHALLENGE: u8 = 2;
pub const RESPONSE: u8 = 3;
pub const KEEP_ALIVE: u8 = 4;
pub const PAYLOAD: u8 = 5;
pub const DISCONNECT: u8 = 6;

/// A machine of the simulated network.
pub const fn address(number: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, number)), 40_000)
}

pub fn rng(seed: u64) -> SecureRng {
    SecureRng::seed_from_u64(seed)
}

pub fn config() -> ServerConfig {
    ServerConfig {
        protocol_id: PROTOCOL,
        private_key: PRIVATE_KEY,
        max_clients: 4,
        addresses: vec![SERVER],
        token_lifetime: None,
    }
}

/// A request for a token, to be changed with `..request(1)`.
pub fn request(client: u64) -> TokenRequest<'static> {
    TokenRequest {
        protocol_id: PROTOCOL,
        private_key: &PRIVATE_KEY,
        created: UNIX,
        lifetime_seconds: LIFETIME,
        timeout_seconds: TIMEOUT,
        client: ClientId(client),
        user_data: &USER_DATA,
        addresses: &[SERVER],
        internal_addresses: &[],
    }
}

/// A token whose keys follow from the client's id.
pub fn token(client: u64) -> ConnectToken {
    token_of(request(client))
}

pub fn token_of(request: TokenRequest<'_>) -> ConnectToken {
    ConnectToken::generate(request, &mut rng(request.client.0)).unwrap()
}

/// The same token once more, as an attacker or a careless program has it.
pub fn copy(token: &ConnectToken) -> ConnectToken {
    ConnectToken::from_bytes(&*token.to_bytes()).unwrap()
}

/// The keys of a token: client to server, server to client.
#[derive(Clone, Copy)]
pub struct Keys {
    pub up: [u8; 32],
    pub down: [u8; 32],
}

pub fn keys(token: &ConnectToken) -> Keys {
    Keys { up: *token.client_to_server_key(), down: *token.server_to_client_key() }
}

/// What an endpoint wants to send.
pub fn sent(endpoint: &mut impl Endpoint) -> Vec<(SocketAddr, Vec<u8>)> {
    core::iter::from_fn(|| endpoint.next_transmit().map(|t| (t.to, t.datagram.to_vec()))).collect()
}

pub fn events(endpoint: &mut impl Endpoint) -> Vec<EndpointEvent> {
    core::iter::from_fn(|| endpoint.next_event()).collect()
}

/// Hands a datagram to an endpoint; the payload, if it was one.
pub fn deliver(endpoint: &mut impl Endpoint, from: SocketAddr, datagram: &[u8]) -> Option<(PeerId, Vec<u8>)> {
    let mut datagram = datagram.to_vec();
    endpoint.receive(from, &mut datagram).map(|(peer, payload)| (peer, payload.to_vec()))
}

/// The one reason for which a client was disconnected.
pub fn disconnect_reason(events: &[EndpointEvent]) -> Option<DisconnectReason> {
    let mut reasons = events.iter().filter_map(|event| match event {
        EndpointEvent::Disconnected { reason, .. } => Some(reason.clone()),
        EndpointEvent::Connected { .. } => None,
    });
    let reason = reasons.next();
    assert_eq!(reasons.next(), None, "disconnected twice");
    reason
}

/// One server and one client, each at its address, with the time.
pub struct Pair {
    pub now: Duration,
    pub unix: u64,
    pub server: Server,
    pub client: Client,
    pub keys: Keys,
}

impl Pair {
    pub fn new() -> Self {
        Self::with(config(), token(1))
    }

    pub fn with(config: ServerConfig, token: ConnectToken) -> Self {
        let keys = keys(&token);
        let mut pair = Self {
            now: Duration::from_secs(1_000),
            unix: UNIX,
            server: Server::new(config, rng(1_001)),
            client: Client::new(token, rng(1_002)),
            keys,
        };
        pair.update();
        pair
    }

    pub fn connected() -> Self {
        let mut pair = Self::new();
        pair.exchange();
        assert_eq!(pair.server.connected(), 1);
        assert_eq!((events(&mut pair.server).len(), events(&mut pair.client).len()), (1, 1));
        pair
    }

    pub fn update(&mut self) {
        self.server.update(self.now, self.unix);
        self.client.update(self.now, self.unix);
    }

    /// Lets time pass in steps of 10 ms, with nothing delivered.
    pub fn pass(&mut self, time: Duration) {
        for _ in 0..time.as_millis() / 10 {
            self.tick();
            self.update();
        }
    }

    /// Lets time pass in steps of 10 ms, with everything delivered.
    pub fn run(&mut self, time: Duration) -> Traffic {
        let mut traffic = Traffic::default();
        for _ in 0..time.as_millis() / 10 {
            self.tick();
            self.update();
            let more = self.exchange();
            traffic.up.extend(more.up);
            traffic.down.extend(more.down);
        }
        traffic
    }

    fn tick(&mut self) {
        let before = self.now.as_secs();
        self.now += Duration::from_millis(10);
        self.unix += self.now.as_secs() - before;
    }

    /// Delivers what waits, until nothing does.
    pub fn exchange(&mut self) -> Traffic {
        let mut traffic = Traffic::default();
        loop {
            let (up, down) = (sent(&mut self.client), sent(&mut self.server));
            if up.is_empty() && down.is_empty() {
                return traffic;
            }
            for (to, datagram) in up {
                if to == SERVER {
                    deliver(&mut self.server, HOME, &datagram);
                }
                traffic.up.push(datagram);
            }
            for (to, datagram) in down {
                if to == HOME {
                    deliver(&mut self.client, SERVER, &datagram);
                }
                traffic.down.push(datagram);
            }
        }
    }

    /// The datagrams that the client sends now, not delivered.
    pub fn client_sends(&mut self) -> Vec<Vec<u8>> {
        sent(&mut self.client).into_iter().map(|(_, datagram)| datagram).collect()
    }

    /// The datagrams that the server sends now, not delivered.
    pub fn server_sends(&mut self) -> Vec<Vec<u8>> {
        sent(&mut self.server).into_iter().map(|(_, datagram)| datagram).collect()
    }

    pub fn server_takes(&mut self, datagram: &[u8]) -> Option<(PeerId, Vec<u8>)> {
        deliver(&mut self.server, HOME, datagram)
    }

    pub fn client_takes(&mut self, datagram: &[u8]) -> Option<(PeerId, Vec<u8>)> {
        deliver(&mut self.client, SERVER, datagram)
    }

    pub fn peer(&self) -> PeerId {
        self.server.peer_of(ClientId(1)).expect("client 1 is connected")
    }
}

/// The datagrams that were delivered.
#[derive(Default)]
pub struct Traffic {
    pub up: Vec<Vec<u8>>,
    pub down: Vec<Vec<u8>>,
}

/// A packet's type, as its prefix tells.
pub fn kind(datagram: &[u8]) -> u8 {
    datagram[0] & 0x0f
}

pub fn kinds(datagrams: &[Vec<u8>]) -> Vec<u8> {
    datagrams.iter().map(|datagram| kind(datagram)).collect()
}

/// A packet's sequence number, and where its data begins.
pub fn sequence(datagram: &[u8]) -> (u64, usize) {
    let count = usize::from(datagram[0] >> 4);
    let mut bytes = [0; 8];
    bytes[..count].copy_from_slice(&datagram[1..1 + count]);
    (u64::from_le_bytes(bytes), 1 + count)
}

fn nonce(sequence: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&sequence.to_le_bytes());
    nonce
}

fn associated_data(protocol: u64, prefix: u8) -> Vec<u8> {
    [b"NETCODE 1.02\0".as_slice(), &protocol.to_le_bytes(), &[prefix]].concat()
}

/// Decrypts a packet: its type, sequence number and data.
pub fn open(key: &[u8; 32], datagram: &[u8]) -> Option<(u8, u64, Vec<u8>)> {
    let (sequence, header) = sequence(datagram);
    let aad = associated_data(PROTOCOL, datagram[0]);
    let payload = Payload { msg: &datagram[header..], aad: &aad };
    let data = ChaCha20Poly1305::new(key.into()).decrypt(&nonce(sequence).into(), payload).ok()?;
    Some((kind(datagram), sequence, data))
}

/// Forges a packet with as few sequence bytes as it needs.
pub fn seal(key: &[u8; 32], kind: u8, sequence: u64, data: &[u8]) -> Vec<u8> {
    let count = (64 - sequence.leading_zeros()).div_ceil(8).max(1) as u8;
    seal_with(key, PROTOCOL, count << 4 | kind, sequence, data)
}

/// Forges a packet with any prefix.
pub fn seal_with(key: &[u8; 32], protocol: u64, prefix: u8, sequence: u64, data: &[u8]) -> Vec<u8> {
    let aad = associated_data(protocol, prefix);
    let payload = Payload { msg: data, aad: &aad };
    let sealed = ChaCha20Poly1305::new(key.into()).encrypt(&nonce(sequence).into(), payload).unwrap();
    [&[prefix], &sequence.to_le_bytes()[..usize::from(prefix >> 4).min(8)], &sealed].concat()
}

/// Decrypts the private data of a token.
pub fn open_private(token: &ConnectToken) -> Option<Vec<u8>> {
    let aad = private_associated_data(token.protocol_id(), token.expires());
    let payload = Payload { msg: token.private_data(), aad: &aad };
    XChaCha20Poly1305::new(&PRIVATE_KEY.into()).decrypt(token.nonce().into(), payload).ok()
}

/// A request packet whose private data says `plain` (1,008 bytes), sealed with the right key.
pub fn request_packet(protocol: u64, expires: u64, nonce: &[u8; 24], plain: &[u8]) -> Vec<u8> {
    let aad = private_associated_data(protocol, expires);
    let payload = Payload { msg: plain, aad: &aad };
    let sealed = XChaCha20Poly1305::new(&PRIVATE_KEY.into()).encrypt(nonce.into(), payload).unwrap();
    let (protocol, expires) = (protocol.to_le_bytes(), expires.to_le_bytes());
    [&[0], b"NETCODE 1.02\0".as_slice(), &protocol, &expires, nonce, &sealed].concat()
}

fn private_associated_data(protocol: u64, expires: u64) -> Vec<u8> {
    [b"NETCODE 1.02\0".as_slice(), &protocol.to_le_bytes(), &expires.to_le_bytes()].concat()
}
