//! The whole stack in the lab: a host, joiners, their channels, and a third party on the path.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod attacker;

use netcord::transport::invite::{
    InviteCode, InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, protocol_id,
};
use netcord::transport::lab::{LabSocket, Network};
use netcord::transport::{
    ChannelConfig, ChannelId, ChannelsConfig, ClientId, DisconnectReason, Event, Manifest, PeerId, Receipt,
    SecureRng, SecureTransport, Transport,
};
use rand_core::SeedableRng as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

pub type Host = SecureTransport<InviteHost, LabSocket>;
pub type Joiner = SecureTransport<InviteJoiner, LabSocket>;

pub const FRAME: Duration = Duration::from_micros(16_667);
pub const GAME: &str = "org.example.stack";
pub const HOST: SocketAddr = address(1);
pub const ALICE: SocketAddr = address(2);
pub const BOB: SocketAddr = address(3);
pub const CAROL: SocketAddr = address(4);
pub const MALLORY: SocketAddr = address(66);
pub const UNIX: u64 = 1_700_000_000;

pub const RELIABLE: ChannelId = ChannelId(0);
pub const UNRELIABLE: ChannelId = ChannelId(1);

pub const fn address(number: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, number)), 4_000)
}

/// A reliable and an unreliable channel, both with receipts.
pub fn channels() -> ChannelsConfig {
    ChannelsConfig::new([
        ChannelConfig::reliable_ordered().with_receipts(),
        ChannelConfig::unreliable().with_receipts(),
    ])
}

/// A host with room for two.
pub fn host_config() -> InviteHostConfig {
    let config = InviteHostConfig::new(protocol_id(GAME), vec![HOST]);
    InviteHostConfig { timeout_seconds: 3, max_clients: 2, ..config }
}

pub fn joiner_config() -> InviteJoinerConfig {
    InviteJoinerConfig { reconnect: None, ..InviteJoinerConfig::new(protocol_id(GAME)) }
}

/// A host that can invite at once.
pub fn host(network: &Network, seed: u64, channels: ChannelsConfig) -> Host {
    let endpoint = InviteHost::new(host_config(), SecureRng::seed_from_u64(seed)).unwrap();
    let socket = network.socket(HOST).unwrap();
    let mut host = SecureTransport::new(endpoint, socket, channels, manifest(), UNIX).unwrap();
    host.receive(network.now()).unwrap();
    host
}

pub fn join(network: &Network, at: SocketAddr, code: &InviteCode, channels: ChannelsConfig) -> Joiner {
    let seed = 1_000 + u64::from(at.port()) + u64::from(at.ip().to_string().len() as u32);
    let endpoint = InviteJoiner::new(code, joiner_config(), SecureRng::seed_from_u64(seed));
    let socket = network.socket(at).unwrap();
    SecureTransport::new(endpoint, socket, channels, manifest(), UNIX).unwrap()
}

fn manifest() -> Manifest {
    Manifest::new().with("game", 1)
}

/// An event that does not borrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Connected(PeerId, ClientId),
    Disconnected(PeerId, DisconnectReason),
    Message(PeerId, ChannelId, Vec<u8>),
    Delivered(PeerId, Receipt),
    Lost(PeerId, Receipt),
}

/// All events that wait.
pub fn drain(transport: &mut impl Transport) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(event) = transport.next_event() {
        seen.push(match event {
            Event::Connected { peer, client, .. } => Seen::Connected(peer, client),
            Event::Disconnected { peer, reason } => Seen::Disconnected(peer, reason),
            Event::Message { peer, channel, payload } => Seen::Message(peer, channel, payload.to_vec()),
            Event::Delivered { peer, receipt } => Seen::Delivered(peer, receipt),
            Event::Lost { peer, receipt } => Seen::Lost(peer, receipt),
        });
    }
    seen
}

/// A host and a joiner.
pub struct Pair {
    pub network: Network,
    pub host: Host,
    pub joiner: Joiner,
    pub now: Duration,
}

impl Pair {
    /// A host, and Alice with its invite; nothing was sent yet.
    pub fn new(seed: u64, conditions: &str) -> Self {
        let network = Network::new(seed);
        network.set_conditions(conditions.parse().unwrap());
        let mut host = host(&network, seed, channels());
        let code = host.endpoint_mut().invite(0).unwrap();
        let joiner = join(&network, ALICE, &code, channels());
        Self { network, host, joiner, now: Duration::ZERO }
    }

    /// What both sides see in a frame.
    pub fn receive(&mut self) -> [Vec<Seen>; 2] {
        self.now += FRAME;
        self.network.advance_to(self.now);
        self.host.receive(self.now).unwrap();
        self.joiner.receive(self.now).unwrap();
        [drain(&mut self.host), drain(&mut self.joiner)]
    }

    pub fn flush(&mut self) {
        self.host.flush(self.now).unwrap();
        self.joiner.flush(self.now).unwrap();
    }

    /// Runs until both sides are connected; each side's name of the other.
    pub fn connect(&mut self) -> [PeerId; 2] {
        let mut peers = [None; 2];
        for _ in 0..300 {
            for (peer, seen) in peers.iter_mut().zip(self.receive()) {
                if let [Seen::Connected(connected, _)] = seen[..] {
                    *peer = Some(connected);
                }
            }
            self.flush();
            if let [Some(joiner), Some(host)] = peers {
                return [joiner, host];
            }
        }
        panic!("no connection: {peers:?}");
    }
}
