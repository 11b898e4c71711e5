//! Peers who become a full mesh: a host that introduces each newcomer to all who are there, on any kind of socket.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod lab;

use netcord_transport::invite::{
    InviteCode, InviteHostConfig, InviteJoinerConfig, MeshEndpoint, RejoinTicket, protocol_id,
};
use netcord_transport::{
    ChannelConfig, ChannelId, ChannelsConfig, DatagramSocket, DisconnectReason, Event, Introduce,
    IntroductionError, Manifest, PeerId, SecureRng, SecureTransport, Transport,
};
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

pub const FRAME: Duration = Duration::from_millis(16);
pub const CHANNEL: ChannelId = ChannelId(0);

/// The messages of this mesh: what comes first says which it is.
const ASK: u8 = 0; // host to guest: make an introduction for the peer of this number
const MADE: u8 = 1; // guest to host: for this number, the introduction
const MEET: u8 = 2; // host to guest: of this number, the introduction
const EXPECT: u8 = 3; // host to guest: the sighting
pub const TALK: u8 = 4; // to anybody: my number

/// One peer of the mesh. The host has number 0; a guest's number is the role of its invite.
pub struct Node<S: DatagramSocket> {
    pub number: u8,
    pub transport: SecureTransport<MeshEndpoint, S>,
    /// The connections by the other's number.
    pub peers: BTreeMap<u8, PeerId>,
    /// Whom each slot was used to meet.
    met: BTreeMap<usize, u8>,
    /// Who talked to us.
    pub heard: Vec<u8>,
    /// Every connection that was ever made.
    pub connected: Vec<PeerId>,
    /// Every end of a connection or an attempt.
    pub ended: Vec<(PeerId, DisconnectReason)>,
    /// Introductions that were handed to us, by their maker's number.
    pub introductions: Vec<(u8, Vec<u8>)>,
    /// What became of the calls that the others' messages caused.
    pub errors: Vec<IntroductionError>,
    /// Whether it meets those to whom it is introduced.
    pub is_sociable: bool,
}

impl<S: DatagramSocket> Node<S> {
    fn new(number: u8, endpoint: MeshEndpoint, socket: S) -> Self {
        let channels = ChannelsConfig::new([ChannelConfig::reliable_ordered()]);
        let manifest = Manifest::new().with("mesh", 1);
        Self {
            number,
            transport: SecureTransport::new(endpoint, socket, channels, manifest, 1_700_000_000)
                .expect("the channels are right"),
            peers: BTreeMap::new(),
            met: BTreeMap::new(),
            heard: Vec::new(),
            connected: Vec::new(),
            ended: Vec::new(),
            introductions: Vec::new(),
            errors: Vec::new(),
            is_sociable: true,
        }
    }

    pub fn say(&mut self, to: u8, message: &[u8]) {
        if let Some(&peer) = self.peers.get(&to) {
            self.transport.send(peer, CHANNEL, message).expect("a short message to a connected peer");
        }
    }

    pub fn meet(&mut self, number: u8, introduction: &[u8]) {
        match self.transport.meet(introduction) {
            Ok(peer) => drop(self.met.insert(peer.slot(), number)),
            Err(error) => self.errors.push(error),
        }
    }

    fn step(&mut self, now: Duration) {
        self.transport.receive(now).expect("the socket works");
        let mut messages = Vec::new();
        let mut newcomers = Vec::new();
        while let Some(event) = self.transport.next_event() {
            match event {
                Event::Connected { peer, user_data, .. } => {
                    let number = match peer.slot() {
                        0 => 0,
                        slot @ 1..32 => self.met[&slot],
                        _ => user_data[0],
                    };
                    if peer.slot() >= 32 && self.number == 0 {
                        newcomers.push((number, self.peers.keys().copied().collect::<Vec<u8>>()));
                    }
                    self.peers.insert(number, peer);
                    self.connected.push(peer);
                }
                Event::Disconnected { peer, reason } => {
                    self.peers.retain(|_, known| *known != peer);
                    self.ended.push((peer, reason));
                }
                Event::Message { peer, payload, .. } => messages.push((peer, payload.to_vec())),
                Event::Delivered { .. } | Event::Lost { .. } => {}
            }
        }
        for (newcomer, those_there) in newcomers {
            // As the host: has everybody who was there make an introduction.
            for other in those_there.into_iter().filter(|&number| number != newcomer) {
                self.say(other, &[ASK, newcomer]);
            }
        }
        for (peer, message) in messages {
            self.take(peer, &message);
        }
    }

    fn take(&mut self, from: PeerId, message: &[u8]) {
        let (&kind, rest) = message.split_first().expect("a message has a kind");
        match (kind, rest) {
            (ASK, &[number]) => match self.transport.introduction(number) {
                Ok(introduction) => {
                    if let Some(stale) = self.peers.remove(&number) {
                        self.transport.disconnect(stale, DisconnectReason::Left(0));
                    }
                    self.say(0, &[&[MADE, number], &introduction[..]].concat());
                }
                Err(error) => self.errors.push(error),
            },
            (MADE, [number, introduction @ ..]) => {
                let maker = self.peers.iter().find(|(_, peer)| **peer == from).map(|(number, _)| *number);
                let maker = maker.expect("only those who are connected say something");
                match self.transport.vouch(from, introduction) {
                    Ok(vouched) => self.say(*number, &[&[MEET, maker], &vouched[..]].concat()),
                    Err(error) => self.errors.push(error),
                }
                let sighting = self.peers.get(number).and_then(|peer| self.transport.sighting(*peer));
                if let Some(sighting) = sighting {
                    self.say(maker, &[&[EXPECT], &sighting[..]].concat());
                }
            }
            (MEET, [maker, introduction @ ..]) => {
                self.introductions.push((*maker, introduction.to_vec()));
                if self.is_sociable {
                    self.meet(*maker, introduction);
                }
            }
            (EXPECT, sighting) => {
                if let Err(error) = self.transport.expect(sighting) {
                    self.errors.push(error);
                }
            }
            (TALK, &[number]) => self.heard.push(number),
            _ => panic!("{message:?}"),
        }
    }
}

/// A mesh, and the time.
pub struct Mesh<S: DatagramSocket> {
    pub nodes: Vec<Node<S>>,
    pub now: Duration,
    seed: u64,
}

pub fn host_config(addresses: Vec<SocketAddr>) -> InviteHostConfig {
    InviteHostConfig { timeout_seconds: 3, ..InviteHostConfig::new(protocol_id("mesh"), addresses) }
}

pub fn joiner_config() -> InviteJoinerConfig {
    InviteJoinerConfig::new(protocol_id("mesh"))
}

impl<S: DatagramSocket> Mesh<S> {
    /// A host that advertises these addresses.
    pub fn new(seed: u64, socket: S, addresses: Vec<SocketAddr>) -> Self {
        let rng = SecureRng::seed_from_u64(seed << 8);
        let endpoint = MeshEndpoint::host(host_config(addresses), rng).expect("reachable");
        Self { nodes: vec![Node::new(0, endpoint, socket)], now: Duration::from_secs(100), seed }
    }

    pub fn rng(&mut self) -> SecureRng {
        self.seed += 1 << 20;
        SecureRng::seed_from_u64(self.seed)
    }

    pub fn invite(&mut self, role: u8) -> InviteCode {
        self.nodes[0].transport.endpoint_mut().invite(role).expect("there is room")
    }

    /// Adds a guest, whose number is the next; it.
    pub fn join(&mut self, socket: S, addresses: Vec<SocketAddr>) -> u8 {
        let number = self.nodes.len() as u8;
        let code = self.invite(number);
        let rng = self.rng();
        let endpoint = MeshEndpoint::join(&code, joiner_config(), host_config(addresses), rng);
        self.add(endpoint.expect("reachable"), socket);
        number
    }

    /// Adds a peer.
    pub fn add(&mut self, endpoint: MeshEndpoint, socket: S) {
        self.nodes.push(Node::new(self.nodes.len() as u8, endpoint, socket));
    }

    /// Puts a guest into the place of one that is gone, with its ticket.
    pub fn rejoin(&mut self, number: u8, ticket: &RejoinTicket, socket: S, addresses: Vec<SocketAddr>) {
        let rng = self.rng();
        let endpoint = MeshEndpoint::rejoin(ticket, joiner_config(), host_config(addresses), rng);
        self.nodes[usize::from(number)] = Node::new(number, endpoint.expect("reachable"), socket);
    }

    /// One frame. `between` is what the network does meanwhile.
    pub fn frame(&mut self, between: impl FnOnce(Duration)) {
        self.now += FRAME;
        between(self.now);
        for node in &mut self.nodes {
            node.step(self.now);
            node.transport.flush(self.now).expect("the socket works");
        }
    }

    /// Whether everybody is connected to everybody else.
    pub fn is_full(&self) -> bool {
        self.nodes.iter().all(|node| node.peers.len() + 1 == self.nodes.len())
    }

    /// Everybody talks to everybody else.
    pub fn talk(&mut self) {
        for node in &mut self.nodes {
            node.heard.clear();
            let (others, own): (Vec<u8>, _) = (node.peers.keys().copied().collect(), node.number);
            for other in others {
                node.say(other, &[TALK, own]);
            }
        }
    }

    /// Whether everybody heard everybody else, once.
    pub fn all_heard(&self) -> bool {
        let everybody = 0..self.nodes.len() as u8;
        self.nodes.iter().all(|node| {
            let mut heard = node.heard.clone();
            heard.sort_unstable();
            heard.into_iter().eq(everybody.clone().filter(|&number| number != node.number))
        })
    }
}
