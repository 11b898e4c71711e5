//! A host and joiners on a simulated network: simulated time, loss, duplication and reordering by seed.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use netcord_transport::invite::{
    InviteCode, InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, RejoinTicket, protocol_id,
};
use netcord_transport::{ClientId, DisconnectReason, Endpoint, EndpointEvent, PeerId, SecureRng};
use netcord_wire::GameRng;
use rand_core::SeedableRng;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub const GAME: &str = "org.example.pong";
/// How far one step goes.
pub const STEP: Duration = Duration::from_millis(10);

/// What happened to an endpoint, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Connected { peer: PeerId, client: ClientId, role: u8 },
    Disconnected { peer: PeerId, reason: DisconnectReason },
    Payload { peer: PeerId, payload: Vec<u8> },
}

/// One datagram on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
}

/// What the network does to datagrams, in per cent.
#[derive(Clone, Copy, Default)]
pub struct Weather {
    pub loss: u32,
    pub duplication: u32,
    /// Of the datagrams, how many are late by up to 200 ms.
    pub reordering: u32,
}

pub struct Joiner {
    pub endpoint: InviteJoiner,
    /// Its address is this, and the same in IPv6 clothes of its own.
    pub ip: u8,
    pub seen: Vec<Seen>,
    /// Whether its datagrams get through, in either direction.
    pub online: bool,
    pub unix: u64,
}

pub struct World {
    pub now: Duration,
    pub host: InviteHost,
    pub host_seen: Vec<Seen>,
    /// Where the host really is.
    pub reachable: Vec<SocketAddr>,
    pub joiners: Vec<Joiner>,
    pub weather: Weather,
    /// Whether each datagram comes damaged in many ways before it comes whole, and then once more.
    pub tampered: bool,
    /// Everything that was sent, lost or not.
    pub wire: Vec<Datagram>,
    random: GameRng,
    in_flight: Vec<(Duration, Datagram)>,
}

pub fn rng(seed: u64) -> SecureRng {
    SecureRng::seed_from_u64(seed)
}

pub fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

pub fn host_config(addresses: &[&str]) -> InviteHostConfig {
    let addresses = addresses.iter().map(|text| address(text)).collect();
    InviteHostConfig { timeout_seconds: 3, ..InviteHostConfig::new(protocol_id(GAME), addresses) }
}

pub fn joiner_config() -> InviteJoinerConfig {
    InviteJoinerConfig::new(protocol_id(GAME))
}

impl World {
    /// A host at these addresses, all of which reach it.
    pub fn new(seed: u64, addresses: &[&str]) -> Self {
        Self::with_config(seed, host_config(addresses))
    }

    pub fn with_config(seed: u64, config: InviteHostConfig) -> Self {
        Self {
            now: Duration::from_secs(5_000),
            reachable: config.addresses.clone(),
            host: InviteHost::new(config, rng(seed)).expect("the configuration is right"),
            host_seen: Vec::new(),
            joiners: Vec::new(),
            weather: Weather::default(),
            tampered: false,
            wire: Vec::new(),
            random: GameRng::new(seed),
            in_flight: Vec::new(),
        }
    }

    pub fn invite(&mut self, role: u8) -> InviteCode {
        self.host.invite(role).expect("there is room for an invite")
    }

    /// Adds a joiner; its index.
    pub fn join(&mut self, code: &InviteCode) -> usize {
        self.join_with(code, joiner_config())
    }

    pub fn join_with(&mut self, code: &InviteCode, config: InviteJoinerConfig) -> usize {
        let seed = 1_000 + self.joiners.len() as u64;
        self.add(InviteJoiner::new(code, config, rng(seed)))
    }

    pub fn rejoin(&mut self, ticket: &RejoinTicket) -> usize {
        let seed = 1_000 + self.joiners.len() as u64;
        self.add(InviteJoiner::rejoin(ticket, joiner_config(), rng(seed)))
    }

    pub fn add(&mut self, endpoint: InviteJoiner) -> usize {
        let ip = 100 + self.joiners.len() as u8;
        self.joiners.push(Joiner { endpoint, ip, seen: Vec::new(), online: true, unix: 0 });
        self.joiners.len() - 1
    }

    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step();
        }
    }

    pub fn run_seconds(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    /// Runs until it is so, at most a minute.
    pub fn run_until(&mut self, so: impl Fn(&Self) -> bool) {
        let end = self.now + Duration::from_secs(60);
        while !so(self) {
            assert!(self.now < end, "it did not happen: {:?} {:?}", self.host_seen, self.seen());
            self.step();
        }
    }

    fn seen(&self) -> Vec<&[Seen]> {
        self.joiners.iter().map(|joiner| &joiner.seen[..]).collect()
    }

    pub fn step(&mut self) {
        self.now += STEP;
        self.host.update(self.now, 1_700_000_000);
        self.collect_host();
        for index in 0..self.joiners.len() {
            let joiner = &mut self.joiners[index];
            joiner.endpoint.update(self.now, joiner.unix);
            self.collect_joiner(index);
        }
        let (due, later) =
            std::mem::take(&mut self.in_flight).into_iter().partition(|(due, _)| *due <= self.now);
        self.in_flight = later;
        let due: Vec<(Duration, Datagram)> = due;
        for (_, datagram) in due {
            if self.is_cut_off(&datagram) {
                continue;
            }
            if self.tampered {
                self.tamper(&datagram);
            } else {
                self.deliver(datagram);
            }
        }
    }

    /// Hands a datagram to whoever it is for, now.
    pub fn deliver(&mut self, mut datagram: Datagram) {
        if self.reachable.contains(&datagram.to) {
            let (sent, stranger) = (self.wire.len(), !self.is_connected(datagram.from));
            let size = datagram.bytes.len();
            if let Some((peer, payload)) = self.host.receive(datagram.from, &mut datagram.bytes) {
                let payload = payload.to_vec();
                self.host_seen.push(Seen::Payload { peer, payload });
            }
            self.collect_host();
            let answers = self.wire[sent..].iter().filter(|answer| answer.to == datagram.from);
            let answered: usize = answers.map(|answer| answer.bytes.len()).sum();
            assert!(!stranger || answered <= size, "{size} bytes caused {answered}");
        } else if let Some(index) = self.joiners.iter().position(|joiner| joiner.has(datagram.to)) {
            let joiner = &mut self.joiners[index];
            if let Some((peer, payload)) = joiner.endpoint.receive(datagram.from, &mut datagram.bytes) {
                let payload = payload.to_vec();
                joiner.seen.push(Seen::Payload { peer, payload });
            }
            self.collect_joiner(index);
        }
    }

    /// Delivers damaged copies, which must do nothing, then the datagram, then a replay, which must not be noticed
    /// by the game.
    fn tamper(&mut self, datagram: &Datagram) {
        let length = datagram.bytes.len();
        let mut damaged = vec![datagram.bytes[..length - 1].to_vec(), datagram.bytes[..length / 2].to_vec()];
        damaged.push([&datagram.bytes[..], &[0]].concat());
        for _ in 0..5 {
            let bit = self.random.below(length as u32 * 8) as usize;
            let mut flipped = datagram.bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            damaged.push(flipped);
        }
        for bytes in damaged {
            let before = (self.wire.len(), self.all_seen());
            self.deliver(Datagram { bytes, ..datagram.clone() });
            assert!(before == (self.wire.len(), self.all_seen()), "a damaged datagram has an effect");
        }
        self.deliver(datagram.clone());
        let before = self.all_seen();
        self.deliver(datagram.clone());
        assert_eq!(before, self.all_seen(), "a replayed datagram has an effect");
    }

    fn all_seen(&self) -> Vec<Vec<Seen>> {
        let joiners = self.joiners.iter().map(|joiner| joiner.seen.clone());
        joiners.chain([self.host_seen.clone()]).collect()
    }

    fn collect_host(&mut self) {
        while let Some(event) = self.host.next_event() {
            self.host_seen.push(seen(event));
        }
        while let Some(transmit) = self.host.next_transmit() {
            let (to, bytes) = (transmit.to, transmit.datagram.to_vec());
            let same_family = |address: &&SocketAddr| address.is_ipv4() == to.is_ipv4();
            let from = *self.reachable.iter().find(same_family).unwrap_or(&self.reachable[0]);
            self.post(Datagram { from, to, bytes });
        }
    }

    fn collect_joiner(&mut self, index: usize) {
        let joiner = &mut self.joiners[index];
        while let Some(event) = joiner.endpoint.next_event() {
            joiner.seen.push(seen(event));
        }
        let (ipv4, ipv6) = (joiner.address(true), joiner.address(false));
        let mut sent = Vec::new();
        while let Some(transmit) = joiner.endpoint.next_transmit() {
            let from = if transmit.to.is_ipv4() { ipv4 } else { ipv6 };
            sent.push(Datagram { from, to: transmit.to, bytes: transmit.datagram.to_vec() });
        }
        for datagram in sent {
            self.post(datagram);
        }
    }

    fn post(&mut self, datagram: Datagram) {
        self.wire.push(datagram.clone());
        if self.is_cut_off(&datagram) {
            return;
        }
        let Weather { loss, duplication, reordering } = self.weather;
        let mut chance = |percent| self.random.below(100) < percent;
        let copies = if chance(loss) { 0 } else { 1 + usize::from(chance(duplication)) };
        for _ in 0..copies {
            let late = if self.random.below(100) < reordering { self.random.below(200) } else { 0 };
            let due = self.now + Duration::from_millis(20 + u64::from(late));
            self.in_flight.push((due, datagram.clone()));
        }
    }

    fn is_cut_off(&self, datagram: &Datagram) -> bool {
        let concerned = |joiner: &&Joiner| joiner.has(datagram.from) || joiner.has(datagram.to);
        self.joiners.iter().filter(concerned).any(|joiner| !joiner.online)
    }

    /// Whether the host has a connection with this address.
    fn is_connected(&self, from: SocketAddr) -> bool {
        self.host_connected().iter().any(|(peer, _, _)| self.host.address(*peer) == Some(from))
    }

    /// The connections that the host has made, oldest first.
    pub fn host_connected(&self) -> Vec<(PeerId, ClientId, u8)> {
        connected(&self.host_seen)
    }

    pub fn is_up(&self, joiner: usize) -> bool {
        self.joiners[joiner].peer().is_some()
    }

    /// The reasons for which a joiner was disconnected, oldest first.
    pub fn reasons(&self, joiner: usize) -> Vec<DisconnectReason> {
        let reason = |seen: &Seen| match seen {
            Seen::Disconnected { reason, .. } => Some(reason.clone()),
            _ => None,
        };
        self.joiners[joiner].seen.iter().filter_map(reason).collect()
    }

    /// Sends a payload each way and asserts that it arrives.
    pub fn talk(&mut self, joiner: usize) {
        self.weather = Weather::default();
        let at_host = *self.host_connected().last().expect("a peer is connected");
        let host = self.joiners[joiner].peer().expect("the joiner is connected");
        self.joiners[joiner].endpoint.send(host, b"up").expect("connected");
        self.host.send(at_host.0, b"down").expect("connected");
        self.run(Duration::from_millis(100));
        assert!(self.host_seen.contains(&Seen::Payload { peer: at_host.0, payload: b"up".to_vec() }));
        let down = Seen::Payload { peer: host, payload: b"down".to_vec() };
        assert!(self.joiners[joiner].seen.contains(&down));
    }
}

impl Joiner {
    pub fn address(&self, ipv4: bool) -> SocketAddr {
        let ip = if ipv4 {
            IpAddr::from([10, 0, 0, self.ip])
        } else {
            IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(self.ip)])
        };
        SocketAddr::new(ip, 4_000)
    }

    fn has(&self, address: SocketAddr) -> bool {
        self.address(address.is_ipv4()) == address
    }

    /// The host as this joiner's last connection names it, if it is up.
    pub fn peer(&self) -> Option<PeerId> {
        let last = self.seen.iter().rev().find(|seen| !matches!(seen, Seen::Payload { .. }));
        match last {
            Some(Seen::Connected { peer, .. }) => Some(*peer),
            _ => None,
        }
    }

    pub fn connected(&self) -> Vec<(PeerId, ClientId, u8)> {
        connected(&self.seen)
    }
}

fn connected(seen: &[Seen]) -> Vec<(PeerId, ClientId, u8)> {
    let connected = |seen: &Seen| match seen {
        Seen::Connected { peer, client, role } => Some((*peer, *client, *role)),
        _ => None,
    };
    seen.iter().filter_map(connected).collect()
}

fn seen(event: EndpointEvent) -> Seen {
    match event {
        EndpointEvent::Connected { peer, client, user_data } => {
            assert!(user_data[1..].iter().all(|&byte| byte == 0), "the game sees the role alone");
            Seen::Connected { peer, client, role: user_data[0] }
        }
        EndpointEvent::Disconnected { peer, reason } => Seen::Disconnected { peer, reason },
    }
}
