//! No (key, nonce) pair is used twice: not when clients come again with tokens that were used, not when handshakes
//! are lost, repeated and reordered, not at another server of the token, not after a server was restarted.
//!
//! Told from outside: every datagram that leaves an endpoint is opened with the keys of all tokens.

mod netcode_support;

use core::net::SocketAddr;
use core::time::Duration;
use netcode_support::*;
use netcord_transport::netcode::{Client, ClientState, ConnectToken, Server, ServerConfig, TokenRequest};
use netcord_transport::{ClientId, Endpoint, EndpointEvent, SecureRng};
use rand_core::Rng as _;
use std::collections::{HashMap, HashSet};

const STEP: Duration = Duration::from_millis(20);
const SERVERS: [SocketAddr; 2] = [SERVER, OTHER_SERVER];

/// A token, which is kept and used again and again.
struct Kept {
    token: ConnectToken,
    keys: Keys,
    /// When a client was last made of it. A program takes a second to crash and start again.
    last_use: u64,
}

#[derive(Default)]
struct Sniffer {
    seen: HashSet<(usize, bool, u64)>,
    /// Which servers sent packets of a connection under which token.
    served: HashMap<usize, HashSet<SocketAddr>>,
    clients_connected: usize,
}

impl Sniffer {
    /// Notes the nonce that a datagram used, under the key of one of the tokens.
    fn note(&mut self, tokens: &[Kept], from: SocketAddr, datagram: &[u8], seed: u64) {
        if datagram[0] == REQUEST {
            return;
        }
        let is_server = SERVERS.contains(&from);
        let key = |kept: &Kept| if is_server { kept.keys.down } else { kept.keys.up };
        let (token, (kind, sequence, _)) = tokens
            .iter()
            .enumerate()
            .rev()
            .take(24) // older ones are long expired and disconnected
            .find_map(|(index, kept)| Some((index, open(&key(kept), datagram)?)))
            .expect("sealed under some token");
        assert!(
            self.seen.insert((token, is_server, sequence)),
            "seed {seed}: nonce {sequence:#x} came twice under token {token}, from {from}, type {kind}"
        );
        let is_handshake = matches!(kind, DENIED | CHALLENGE | RESPONSE);
        assert_eq!(is_handshake, sequence >= 1 << 63, "handshake and connection keep to their halves");
        if is_server && !is_handshake {
            self.served.entry(token).or_default().insert(from);
        }
    }
}

struct World {
    seed: u64,
    rng: SecureRng,
    now: Duration,
    servers: Vec<Server>,
    clients: Vec<Option<(usize, Client)>>,
    tokens: Vec<Kept>,
    /// Due time, from, to, datagram.
    flying: Vec<(Duration, SocketAddr, SocketAddr, Vec<u8>)>,
    sniffer: Sniffer,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            seed,
            rng: rng(seed),
            now: Duration::ZERO,
            servers: Vec::new(),
            clients: (0..4).map(|_| None).collect(),
            tokens: Vec::new(),
            flying: Vec::new(),
            sniffer: Sniffer::default(),
        };
        world.servers = SERVERS.map(|address| world.start_server(address)).into();
        world
    }

    /// True once in `times`.
    fn once_in(&mut self, times: u64) -> bool {
        self.rng.next_u64().is_multiple_of(times)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.rng.next_u64() % bound as u64) as usize
    }

    fn unix(&self) -> u64 {
        UNIX + self.now.as_secs()
    }

    fn start_server(&mut self, address: SocketAddr) -> Server {
        let seed = self.rng.next_u64();
        Server::new(
            ServerConfig {
                addresses: vec![address],
                max_clients: 2,
                token_lifetime: Some(LIFETIME as u32),
                ..config()
            },
            rng(seed),
        )
    }

    /// Makes a client of a token that is new or, more often, was used before.
    fn start_client(&mut self, slot: usize) {
        let unix = self.unix();
        let index = if self.tokens.is_empty() || self.once_in(3) {
            let mut addresses = SERVERS;
            if self.once_in(2) {
                addresses.reverse();
            }
            let request = TokenRequest {
                created: unix,
                addresses: &addresses,
                timeout_seconds: 1,
                client: ClientId(self.rng.next_u64() % 6),
                ..request(0)
            };
            let token = ConnectToken::generate(request, &mut self.rng).unwrap();
            self.tokens.push(Kept { keys: keys(&token), token, last_use: 0 });
            self.tokens.len() - 1
        } else {
            let recent = self.tokens.len().saturating_sub(6);
            recent + self.below(self.tokens.len() - recent)
        };
        if self.tokens[index].last_use < unix {
            self.tokens[index].last_use = unix;
            let seed = self.rng.next_u64();
            self.clients[slot] = Some((index, Client::new(copy(&self.tokens[index].token), rng(seed))));
        }
    }

    fn step(&mut self) {
        self.now += STEP;
        let unix = self.unix();
        if self.once_in(1_000) {
            let which = self.below(2);
            self.servers[which] = self.start_server(SERVERS[which]);
        }
        for server in &mut self.servers {
            server.update(self.now, unix);
        }
        for slot in 0..self.clients.len() {
            if self.once_in(60) {
                let leaves_politely = self.once_in(2);
                if let Some((_, client)) = &mut self.clients[slot]
                    && leaves_politely
                {
                    client.disconnect(Client::SERVER);
                    self.launch(slot);
                }
                self.start_client(slot);
            }
            if let Some((_, client)) = &mut self.clients[slot] {
                client.update(self.now, unix);
                if client.state() == ClientState::Connected {
                    client.send(Client::SERVER, b"from the client").unwrap();
                }
                while let Some(event) = client.next_event() {
                    let is_connected = matches!(event, EndpointEvent::Connected { .. });
                    self.sniffer.clients_connected += usize::from(is_connected);
                }
            }
            self.launch(slot);
        }
        for (which, address) in SERVERS.into_iter().enumerate() {
            while self.servers[which].next_event().is_some() {}
            for client in 0..6 {
                if let Some(peer) = self.servers[which].peer_of(ClientId(client)) {
                    self.servers[which].send(peer, b"from the server").unwrap();
                    if self.once_in(500) {
                        self.servers[which].disconnect(peer);
                    }
                }
            }
            let datagrams = sent(&mut self.servers[which]);
            self.fly(address, datagrams);
        }
        self.land();
    }

    fn launch(&mut self, slot: usize) {
        if let Some((_, client)) = &mut self.clients[slot] {
            let datagrams = sent(client);
            self.fly(address(101 + slot as u8), datagrams);
        }
    }

    /// Sniffs datagrams, and loses, repeats and delays them. What servers send is lost for whole seconds.
    fn fly(&mut self, from: SocketAddr, datagrams: Vec<(SocketAddr, Vec<u8>)>) {
        let outage = SERVERS.contains(&from) && self.now.as_secs() % 5 < 2;
        for (to, datagram) in datagrams {
            self.sniffer.note(&self.tokens, from, &datagram, self.seed);
            for _ in 0..1 + usize::from(self.once_in(4)) {
                let is_lost = self.once_in(5) || outage && !self.once_in(8);
                let longest = if self.once_in(6) { 3_000 } else { 60 };
                let delay = Duration::from_millis(self.below(longest) as u64);
                if !is_lost {
                    self.flying.push((self.now + delay, from, to, datagram.clone()));
                }
            }
        }
    }

    fn land(&mut self) {
        let now = self.now;
        let (landed, flying) =
            core::mem::take(&mut self.flying).into_iter().partition(|(due, ..)| *due <= now);
        self.flying = flying;
        let landed: Vec<(Duration, SocketAddr, SocketAddr, Vec<u8>)> = landed;
        for (_, from, to, datagram) in landed {
            if let Some(which) = SERVERS.iter().position(|&server| server == to) {
                deliver(&mut self.servers[which], from, &datagram);
            }
            for slot in 0..self.clients.len() {
                if let Some((_, client)) = &mut self.clients[slot]
                    && to == address(101 + slot as u8)
                {
                    deliver(client, from, &datagram);
                }
            }
        }
    }
}

#[test]
fn no_key_and_nonce_are_used_twice() {
    let (mut connections, mut reused, mut at_both) = (0, 0, 0);
    for seed in 0..5 {
        let mut world = World::new(seed);
        for _ in 0..2_000 {
            world.step();
        }
        connections += world.sniffer.clients_connected;
        reused += world.sniffer.clients_connected.saturating_sub(world.sniffer.served.len());
        at_both += world.sniffer.served.values().filter(|servers| servers.len() == 2).count();
    }
    println!("{connections} connections, {reused} with tokens used before, {at_both} tokens served twice");
    assert!(connections > 50 && reused > 0 && at_both > 0, "the world is wild enough to show something");
}
