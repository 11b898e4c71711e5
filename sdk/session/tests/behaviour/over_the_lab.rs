//! The same over the real transport: invites, ciphers, channels, in the network lab.

use crate::support::{Arena, Peer, ms};
use netcord_session::{Outcome, P2pConfig, P2pSession, ROLE_PLAYER, SessionEvent, session_channels};
use netcord_transport::invite::{
    InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, protocol_id,
};
use netcord_transport::lab::{LabSocket, Network};
use netcord_transport::{ChannelsConfig, Manifest, SecureRng, SecureTransport, Transport as _};
use netcord_wire::{ComponentSchema, FieldKind, FieldSchema, Schema};
use rand_core::SeedableRng as _;
use std::net::SocketAddr;
use std::time::Duration;

struct LabTable {
    network: Network,
    addresses: [SocketAddr; 2],
    now: Duration,
    host: Peer<SecureTransport<InviteHost, LabSocket>>,
    guest: Peer<SecureTransport<InviteJoiner, LabSocket>>,
}

impl LabTable {
    fn new(seed: u64, conditions: &str, config: &P2pConfig) -> Self {
        Self::with_manifests(seed, conditions, config, [Manifest::new(), Manifest::new()])
    }

    fn with_manifests(seed: u64, conditions: &str, config: &P2pConfig, manifests: [Manifest; 2]) -> Self {
        let [manifest_of_host, manifest_of_guest] = manifests;
        let network = Network::new(seed);
        network.set_conditions(conditions.parse().unwrap());
        let addresses = ["10.0.0.1:4000", "10.0.0.2:4000"].map(|text| text.parse().unwrap());
        let protocol = protocol_id("test");
        let host_config =
            InviteHostConfig { timeout_seconds: 2, ..InviteHostConfig::new(protocol, vec![addresses[0]]) };
        let endpoint = InviteHost::new(host_config, SecureRng::seed_from_u64(seed)).unwrap();
        let channels = || ChannelsConfig::new(session_channels());
        let unix = 1_700_000_000;
        let socket = network.socket(addresses[0]).unwrap();
        let mut transport =
            SecureTransport::new(endpoint, socket, channels(), manifest_of_host, unix).unwrap();
        transport.receive(Duration::ZERO).unwrap();
        let code = transport.endpoint_mut().invite(ROLE_PLAYER).unwrap();
        let config = P2pConfig { session_id: seed, schema: Arena::schema(), ..config.clone() };
        let host = P2pSession::host(transport, config.clone()).unwrap();
        let joiner_config =
            InviteJoinerConfig { reconnect: Some(ms(60_000)), ..InviteJoinerConfig::new(protocol) };
        let endpoint = InviteJoiner::new(&code, joiner_config, SecureRng::seed_from_u64(seed + 1));
        let socket = network.socket(addresses[1]).unwrap();
        let transport = SecureTransport::new(endpoint, socket, channels(), manifest_of_guest, unix).unwrap();
        let guest = P2pSession::join(transport, config).unwrap();
        Self {
            network,
            addresses,
            now: Duration::ZERO,
            host: Peer::new(host, seed, seed * 2 + 1),
            guest: Peer::new(guest, 0, seed * 2 + 2),
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += ms(1);
            self.network.advance_to(self.now);
            self.host.frame_at(self.now);
            self.guest.frame_at(self.now);
        }
    }

    #[track_caller]
    fn assert_equal(&self) -> usize {
        let mut shared = 0;
        for (tick, hash) in &self.guest.session.confirmed {
            if let Some(other) = self.host.session.confirmed.get(tick) {
                assert_eq!(hash, other, "at tick {tick}");
                shared += 1;
            }
        }
        for stats in [self.host.stats(), self.guest.stats()] {
            assert_eq!((stats.desyncs, stats.lost_inputs), (0, 0), "{stats:?}");
        }
        shared
    }
}

#[test]
fn a_bad_network_costs_no_ticks_and_no_long_gaps() {
    for seed in 0..3 {
        let config = P2pConfig { prediction: 30, ..P2pConfig::default() };
        let weather = "latency=100ms,jitter=20ms,loss=5%,burst,dup=1%,reorder=2%";
        let mut table = LabTable::new(seed, weather, &config);
        table.run(ms(20_000));
        assert!(table.assert_equal() > 1_000);
        for stats in [table.host.stats(), table.guest.stats()] {
            assert!(stats.ticks_per_second >= 59.5 && stats.longest_gap_ms <= 50.0, "seed {seed}: {stats:?}");
        }
    }
}

#[test]
fn a_partition_of_three_seconds_pauses_and_resumes_with_fresh_keys() {
    for seed in 0..5 {
        let mut table = LabTable::new(seed, "latency=30ms,jitter=10ms,loss=5%", &P2pConfig::default());
        table.run(ms(4_000));
        let before = table.host.stats().current_tick;
        let [host, guest] = table.addresses;
        table.network.partition(&[host], &[guest]);
        table.run(ms(3_000));
        table.network.heal();
        table.run(ms(6_000));
        let resumed = |event: &SessionEvent| matches!(event, SessionEvent::Resumed { .. });
        assert!(table.host.saw(resumed) && table.guest.saw(resumed), "seed {seed}: {:?}", table.guest.events);
        assert!(table.host.stats().current_tick.since(before) > 150, "seed {seed}");
        assert!(table.assert_equal() > 300, "seed {seed}");
    }
}

#[test]
fn who_has_another_schema_is_told_in_which_field() {
    let schema = |step| {
        let kind = FieldKind::Range { axes: vec![(0.0, 1.0)], step };
        Schema::new()
            .with_component(ComponentSchema::new("Player", [FieldSchema::new("health", FieldKind::Flag)]))
            .with_component(ComponentSchema::new("Shot", [FieldSchema::new("charge", kind)]))
    };
    for seed in 0..5 {
        let manifests = [0.1, 0.25].map(|step| Manifest::new().with_schema("schema", &schema(step)));
        let weather = "latency=60ms,jitter=20ms,loss=10%";
        let mut table = LabTable::with_manifests(seed, weather, &P2pConfig::default(), manifests);
        table.run(ms(4_000));
        let ended = table.guest.events.iter().find_map(|event| match event {
            SessionEvent::Ended(Outcome::Disconnected(reason)) => Some(reason.to_string()),
            _ => None,
        });
        assert_eq!(
            ended.as_deref(),
            Some(
                "the peer runs another schema: component Shot, field charge: range 0..1 in steps of 0.25 here, \
                 range 0..1 in steps of 0.1 there"
            ),
            "seed {seed}"
        );
        assert!(!table.host.saw(|event| matches!(event, SessionEvent::Ended(_))), "it waits for others");
    }
}

#[test]
fn the_same_seed_gives_the_same_ciphertext() {
    let trace = |seed| {
        let mut table = LabTable::new(seed, "latency=50ms,jitter=20ms,loss=10%,burst", &P2pConfig::default());
        table.run(ms(5_000));
        (table.network.trace_hash(), table.guest.stats())
    };
    assert_eq!(trace(4), trace(4));
    assert_ne!(trace(4).0, trace(5).0);
}
