//! Targets of whole endpoints: an honest host and an honest client, and a third party on the path between them that
//! loses, repeats, redirects and damages what they say, and says things of its own.

use super::script::Script;
use netcord::transport::invite::{
    InviteCode, InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, MeshEndpoint, protocol_id,
};
use netcord::transport::netcode::{Client, ConnectToken, Server, ServerConfig, TokenRequest, fuzzing};
use netcord::transport::{ClientId, Endpoint, EndpointEvent, PeerId, SecureRng};
use rand_core::SeedableRng as _;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

pub(super) const HOST: SocketAddr = address(1);
pub(super) const CLIENT: SocketAddr = address(2);
const STRANGER: SocketAddr = address(3);
pub(super) const UNIX: u64 = 1_700_000_000;
pub(super) const PROTOCOL: u64 = 0x1122_3344_5566_7788;
pub(super) const PRIVATE_KEY: [u8; 32] = [0xa5; 32];

/// The genuine datagrams that the third party keeps.
const RECORDED: usize = 64;

pub(super) const fn address(number: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, number)), 4_000)
}

/// A netcode server and a client with a token for it.
pub(super) fn netcode(script: &[u8]) {
    let (server, client, _) = netcode_pair();
    Stage::new(server, client).play(&mut Script(script));
}

/// A host and the joiner that it invited.
pub(super) fn invite(script: &[u8]) {
    let (host, joiner) = invite_pair();
    Stage::new(host, joiner).play(&mut Script(script));
}

/// Two peers of a mesh, each of which asked the other.
pub(super) fn mesh(script: &[u8]) {
    let (host, guest) = mesh_pair();
    Stage::new(host, guest).play(&mut Script(script));
}

/// A server and a client, connected, each of which is sent authentic packets that no honest peer would send.
pub(super) fn netcode_peer(script: &[u8]) {
    let (server, client, keys) = netcode_pair();
    let mut stage = Stage::new(server, client);
    for _ in 0..4 {
        stage.pass(Duration::from_millis(1));
        stage.exchange();
    }
    let mut script = Script(script);
    let mut used = BTreeSet::new();
    while let Some(prefix) = script.next() {
        let is_up = prefix & 0x80 != 0;
        let sequence = (1_000 + u64::from(script.number())) << (6 * (prefix >> 4 & 7));
        let data = script.chunk();
        let mut sealed = fuzzing::seal(&keys[usize::from(is_up)], PROTOCOL, prefix & 0xf, sequence, data);
        let payload = if is_up {
            stage.host.receive(CLIENT, &mut sealed)
        } else {
            stage.client.receive(HOST, &mut sealed)
        };
        if let Some((_, payload)) = payload {
            assert_eq!((prefix & 0xf, payload), (5, data));
            assert!(used.insert((is_up, sequence)), "a sequence number is taken once");
        }
        stage.pass(Duration::from_millis(1));
        stage.drain();
    }
}

/// A server, a client with a token for it, and the token's keys: of what the server sends, and of what the client
/// sends.
pub(super) fn netcode_pair() -> (Server, Client, [[u8; 32]; 2]) {
    let config = ServerConfig {
        protocol_id: PROTOCOL,
        private_key: PRIVATE_KEY,
        max_clients: 2,
        addresses: vec![HOST],
        token_lifetime: None,
    };
    let token = token(&[HOST]);
    let keys = [*token.server_to_client_key(), *token.client_to_server_key()];
    (Server::new(config, SecureRng::seed_from_u64(1)), Client::new(token, SecureRng::seed_from_u64(2)), keys)
}

/// A token for servers at these addresses.
pub(super) fn token(addresses: &[SocketAddr]) -> ConnectToken {
    let request = TokenRequest {
        protocol_id: PROTOCOL,
        private_key: &PRIVATE_KEY,
        created: UNIX,
        lifetime_seconds: 30,
        timeout_seconds: 2,
        client: ClientId(7),
        user_data: &[0x77; 256],
        addresses,
        internal_addresses: &[],
    };
    ConnectToken::generate(request, &mut SecureRng::seed_from_u64(3)).expect("the addresses are few")
}

/// A host, and a joiner with its code.
pub(super) fn invite_pair() -> (InviteHost, InviteJoiner) {
    let mut host = host();
    let code = host.invite(0).expect("there is room");
    let joiner = joiner(&code, 2);
    (host, joiner)
}

/// A host with a guest, whom it is going to meet, too.
pub(super) fn mesh_pair() -> (MeshEndpoint, MeshEndpoint) {
    let config = |own| InviteHostConfig { timeout_seconds: 2, ..InviteHostConfig::new(game(), vec![own]) };
    let rng = SecureRng::seed_from_u64;
    let mut host = MeshEndpoint::host(config(HOST), rng(1)).expect("reachable");
    let code = host.invite(0).expect("there is room");
    let joiner = InviteJoinerConfig::new(game());
    let mut guest = MeshEndpoint::join(&code, joiner, config(CLIENT), rng(2)).expect("reachable");
    let introduction = guest.introduction(1).expect("there is room");
    host.meet(&introduction).expect("genuine");
    (host, guest)
}

/// A host at [`HOST`].
pub(super) fn host() -> InviteHost {
    let config = InviteHostConfig { timeout_seconds: 2, ..InviteHostConfig::new(game(), vec![HOST]) };
    InviteHost::new(config, SecureRng::seed_from_u64(1)).expect("the address is reachable")
}

/// A joiner that was told this code.
pub(super) fn joiner(code: &InviteCode, seed: u64) -> InviteJoiner {
    InviteJoiner::new(code, InviteJoinerConfig::new(game()), SecureRng::seed_from_u64(seed))
}

fn game() -> u64 {
    protocol_id("fuzz")
}

/// Two endpoints and the path between them.
pub(super) struct Stage<H, C> {
    host: H,
    client: C,
    now: Duration,
    /// Genuine datagrams, and whether they went to the host.
    pub(super) recorded: Vec<(bool, Vec<u8>)>,
    /// Payloads that were sent and have not arrived, and whether they went to the host.
    under_way: BTreeSet<(bool, [u8; 8])>,
    payloads: u64,
    /// The connections, as each side names them.
    pub(super) peers: [Option<PeerId>; 2],
}

impl<H: Endpoint, C: Endpoint> Stage<H, C> {
    pub(super) fn new(host: H, client: C) -> Self {
        let mut stage = Self {
            host,
            client,
            now: Duration::ZERO,
            recorded: Vec::new(),
            under_way: BTreeSet::new(),
            payloads: 0,
            peers: [None; 2],
        };
        stage.pass(Duration::ZERO);
        stage
    }

    fn play(&mut self, script: &mut Script<'_>) {
        while let Some(step) = script.next() {
            match step % 5 {
                0 => {
                    self.pass(Duration::from_millis(u64::from(script.byte()) * 8));
                    self.exchange();
                }
                1 => {
                    self.pass(Duration::from_millis(u64::from(script.byte()) * 32));
                    self.outgoing();
                }
                2 => self.talk(),
                3 => {
                    let index = usize::from(script.byte());
                    let route = script.byte();
                    let Some((to_host, mut datagram)) = self.recorded.get(index).cloned() else { continue };
                    edit(&mut datagram, script.byte(), script.number(), script.byte());
                    self.attack(to_host ^ (route & 4 != 0), route, &datagram);
                }
                _ => {
                    let route = script.byte();
                    self.attack(route & 4 != 0, route, script.chunk());
                }
            }
        }
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.host.update(self.now, UNIX + self.now.as_secs());
        self.client.update(self.now, UNIX + self.now.as_secs());
        self.drain();
    }

    /// Hands each what the other has sent, until neither has more to say.
    pub(super) fn exchange(&mut self) {
        for _ in 0..8 {
            let sent = self.outgoing();
            if sent.is_empty() {
                break;
            }
            for (to_host, datagram) in sent {
                self.deliver(to_host, if to_host { CLIENT } else { HOST }, &datagram);
            }
            self.drain();
        }
    }

    /// A payload each way, where there is a connection.
    pub(super) fn talk(&mut self) {
        for (to_host, peer) in [(true, self.peers[1]), (false, self.peers[0])] {
            let Some(peer) = peer else { continue };
            self.payloads += 1;
            let payload = self.payloads.to_le_bytes();
            let sent =
                if to_host { self.client.send(peer, &payload) } else { self.host.send(peer, &payload) };
            if sent.is_ok() {
                self.under_way.insert((to_host, payload));
            }
        }
    }

    /// What both sides send to each other, which the third party records. What they send elsewhere is lost.
    fn outgoing(&mut self) -> Vec<(bool, Vec<u8>)> {
        let mut sent = Vec::new();
        while let Some(transmit) = self.client.next_transmit() {
            if transmit.to == HOST {
                sent.push((true, transmit.datagram.to_vec()));
            }
        }
        while let Some(transmit) = self.host.next_transmit() {
            if transmit.to == CLIENT {
                sent.push((false, transmit.datagram.to_vec()));
            }
        }
        let room = RECORDED.saturating_sub(self.recorded.len());
        self.recorded.extend(sent.iter().take(room).cloned());
        sent
    }

    /// Hands over a datagram; a payload that comes of it is one that was sent, and comes once.
    fn deliver(&mut self, to_host: bool, from: SocketAddr, datagram: &[u8]) -> bool {
        let mut buffer = datagram.to_vec();
        let payload = if to_host {
            self.host.receive(from, &mut buffer)
        } else {
            self.client.receive(from, &mut buffer)
        };
        let Some((_, payload)) = payload else { return false };
        let payload = payload.try_into().expect("payloads have eight bytes");
        assert!(self.under_way.remove(&(to_host, payload)), "a payload was forged, or comes twice");
        true
    }

    /// Hands over what the third party made up. If it is no copy of a genuine datagram, nothing comes of it.
    fn attack(&mut self, to_host: bool, route: u8, datagram: &[u8]) {
        let from = [if to_host { CLIENT } else { HOST }, STRANGER, HOST, CLIENT][usize::from(route % 4)];
        self.outgoing();
        self.drain();
        let is_copy = self.recorded.iter().any(|(_, genuine)| genuine == datagram);
        let is_payload = self.deliver(to_host, from, datagram);
        let events = self.drain();
        let (mut sent, mut answered) = (0, 0);
        while let Some(answer) = self.host.next_transmit() {
            sent += 1;
            if self.peers[0].is_none() || answer.to != CLIENT {
                answered += answer.datagram.len();
            }
        }
        while self.client.next_transmit().is_some() {
            sent += 1;
        }
        assert!(answered <= datagram.len(), "{answered} bytes answer {}", datagram.len());
        let is_silent = !is_payload && events == 0 && sent == 0;
        assert!(is_silent || is_copy || self.recorded.len() >= RECORDED, "a datagram was forged");
    }

    /// Takes in what happened to connections; how much it was.
    fn drain(&mut self) -> usize {
        let mut count = 0;
        for side in 0..2 {
            while let Some(event) = if side == 0 { self.host.next_event() } else { self.client.next_event() }
            {
                count += 1;
                self.peers[side] = match event {
                    EndpointEvent::Connected { peer, .. } => Some(peer),
                    EndpointEvent::Disconnected { .. } => None,
                };
            }
        }
        count
    }
}

/// Damages a datagram in one of the ways that networks and attackers know.
fn edit(datagram: &mut Vec<u8>, kind: u8, at: u16, value: u8) {
    let at = usize::from(at);
    match kind % 4 {
        0 => {
            let length = datagram.len().max(1);
            if let Some(byte) = datagram.get_mut(at % length) {
                *byte ^= value;
            }
        }
        1 => datagram.truncate(at % (datagram.len() + 1)),
        2 => datagram.extend(std::iter::repeat_n(value, at % 64)),
        _ => {}
    }
}
