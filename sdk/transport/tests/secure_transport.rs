//! The whole transport: invite, secure link, manifest, channels, in the network lab.

use netcord_transport::invite::{
    InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, protocol_id,
};
use netcord_transport::lab::{LabSocket, Network};
use netcord_transport::{
    ChannelConfig, ChannelId, ChannelsConfig, ClientId, DisconnectReason, Event, Manifest, PeerId, SecureRng,
    SecureTransport, SendError, Transport,
};
use netcord_wire::{ComponentSchema, FieldKind, FieldSchema, Schema};
use rand_core::SeedableRng as _;
use std::time::Duration;

const FRAME: Duration = Duration::from_micros(16_667);
const RELIABLE: ChannelId = ChannelId(0);

/// An event that does not borrow.
#[derive(Debug, PartialEq)]
enum Seen {
    Connected(PeerId, ClientId, u8),
    Disconnected(DisconnectReason),
    Message(Vec<u8>),
    Receipt,
}

struct World {
    network: Network,
    host: SecureTransport<InviteHost, LabSocket>,
    joiner: SecureTransport<InviteJoiner, LabSocket>,
    now: Duration,
}

impl World {
    /// Both sides run this manifest; the joiner's clock is `skew` seconds ahead.
    fn new(seed: u64, conditions: &str, manifests: [Manifest; 2], skew: u64) -> Self {
        Self::with_reconnect(seed, conditions, manifests, skew, None)
    }

    fn with_reconnect(
        seed: u64,
        conditions: &str,
        manifests: [Manifest; 2],
        skew: u64,
        reconnect: Option<Duration>,
    ) -> Self {
        let network = Network::new(seed);
        network.set_conditions(conditions.parse().unwrap());
        let [host_address, joiner_address] =
            ["10.0.0.1:4000", "10.0.0.2:4000"].map(|text| text.parse().unwrap());
        let config = InviteHostConfig {
            timeout_seconds: 3,
            ..InviteHostConfig::new(protocol_id("test"), vec![host_address])
        };
        let endpoint = InviteHost::new(config, SecureRng::seed_from_u64(seed)).unwrap();
        let channels =
            || ChannelsConfig::new([ChannelConfig::reliable_ordered(), ChannelConfig::unreliable()]);
        let [ours, theirs] = manifests;
        let unix = 1_700_000_000;
        let socket = network.socket(host_address).unwrap();
        let mut host = SecureTransport::new(endpoint, socket, channels(), ours, unix).unwrap();
        host.receive(Duration::ZERO).unwrap();
        let code = host.endpoint_mut().invite(7).unwrap();
        let config = InviteJoinerConfig { reconnect, ..InviteJoinerConfig::new(protocol_id("test")) };
        let endpoint = InviteJoiner::new(&code, config, SecureRng::seed_from_u64(seed + 1));
        let socket = network.socket(joiner_address).unwrap();
        let joiner = SecureTransport::new(endpoint, socket, channels(), theirs, unix + skew).unwrap();
        Self { network, host, joiner, now: Duration::ZERO }
    }

    fn frame(&mut self) -> [Vec<Seen>; 2] {
        self.now += FRAME;
        self.network.advance_to(self.now);
        self.host.receive(self.now).unwrap();
        self.joiner.receive(self.now).unwrap();
        let seen = [drain(&mut self.host), drain(&mut self.joiner)];
        self.host.flush(self.now).unwrap();
        self.joiner.flush(self.now).unwrap();
        seen
    }

    /// Runs frames and gathers what each side sees.
    fn run(&mut self, frames: usize) -> [Vec<Seen>; 2] {
        let mut all = [Vec::new(), Vec::new()];
        for _ in 0..frames {
            for (all, seen) in all.iter_mut().zip(self.frame()) {
                all.extend(seen);
            }
        }
        all
    }

    /// Runs until both sides are connected.
    fn connect(&mut self) -> [PeerId; 2] {
        let [host, joiner] = self.run(120);
        match (&host[..], &joiner[..]) {
            (&[Seen::Connected(of_host, _, role)], &[Seen::Connected(of_joiner, ..)]) => {
                assert_eq!(role, 7);
                [of_host, of_joiner]
            }
            other => panic!("{other:?}"),
        }
    }
}

fn drain(transport: &mut impl Transport) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(event) = transport.next_event() {
        seen.push(match event {
            Event::Connected { peer, client, user_data } => Seen::Connected(peer, client, user_data[0]),
            Event::Disconnected { reason, .. } => Seen::Disconnected(reason),
            Event::Message { payload, .. } => Seen::Message(payload.to_vec()),
            Event::Delivered { .. } | Event::Lost { .. } => Seen::Receipt,
        });
    }
    seen
}

fn same() -> [Manifest; 2] {
    [Manifest::new().with("game", 1), Manifest::new().with("game", 1)]
}

#[test]
fn two_peers_meet_by_invite_and_talk() {
    let mut world = World::new(1, "latency=40ms,jitter=10ms,loss=10%", same(), 0);
    let [joiner, host] = world.connect();
    for n in 0..100_u8 {
        world.host.send(joiner, RELIABLE, &[n; 40]).unwrap();
        world.joiner.send(host, RELIABLE, &[!n; 40]).unwrap();
    }
    let [at_host, at_joiner] = world.run(120);
    let expected = |f: fn(u8) -> u8| (0..100).map(|n| Seen::Message(vec![f(n); 40])).collect::<Vec<_>>();
    assert_eq!((at_host, at_joiner), (expected(|n| !n), expected(|n| n)));
    let stats = world.host.stats(joiner).unwrap();
    assert!(stats.rtt > Duration::from_millis(60) && stats.rtt < Duration::from_millis(120), "{stats:?}");
    assert!(stats.bytes_sent > 4_000 && stats.packets_sent > 3 && stats.bytes_received > 4_000, "{stats:?}");
}

#[test]
fn clocks_that_are_hours_apart_do_not_matter() {
    World::new(2, "latency=10ms", same(), 5 * 3600).connect();
}

#[test]
fn a_difference_is_named_on_both_sides() {
    for seed in 0..20 {
        let manifests = [1, 2].map(|version| Manifest::new().with("game", 1).with("rules", version));
        let mut world = World::new(seed, "latency=30ms,loss=20%", manifests, 0);
        let [host, joiner] = world.run(300);
        for (seen, [ours, theirs]) in [(host, [1, 2]), (joiner, [2, 1])] {
            let [Seen::Disconnected(DisconnectReason::Incompatible(mismatch))] = &seen[..] else {
                panic!("{seed}: {seen:?}")
            };
            assert_eq!(
                (&*mismatch.name, mismatch.ours, mismatch.theirs),
                ("rules", Some(ours), Some(theirs))
            );
        }
    }
}

/// What each side of two that run these manifests is told, in the end.
fn told(seed: u64, conditions: &str, manifests: [Manifest; 2]) -> [String; 2] {
    World::new(seed, conditions, manifests, 0).run(600).map(|seen| {
        let [Seen::Disconnected(reason @ DisconnectReason::Incompatible(_))] = &seen[..] else {
            panic!("{seed}: {seen:?}")
        };
        reason.to_string()
    })
}

/// A ship whose position has this step, beside a score.
fn ship(step: f64) -> [ComponentSchema; 2] {
    let position = FieldKind::Range { axes: vec![(-64.0, 64.0); 2], step };
    let ship = [FieldSchema::new("armed", FieldKind::Flag), FieldSchema::new("position", position)];
    let points = FieldSchema::new("points", FieldKind::Integer { min: 0, max: 999 });
    [ComponentSchema::new("Ship", ship), ComponentSchema::new("Score", [points])]
}

fn schema(components: impl IntoIterator<Item = ComponentSchema>) -> Schema {
    components.into_iter().fold(Schema::new(), Schema::with_component)
}

#[test]
fn schemas_that_differ_are_told_by_component_and_field_on_both_sides() {
    let [whole, score] = ship(0.01);
    let swapped = [score, whole.clone()];
    let range = |step: &str| format!("range -64..64 in steps of {step} on 2 axes");
    let cases = [
        (schema(ship(0.02)), "component Ship, field position", range("0.01"), range("0.02")),
        (schema([whole]), "component Score", "Score".into(), "nothing".into()),
        (schema(swapped), "component", "Ship".into(), "Score".into()),
    ];
    for (other, place, ours, theirs) in cases {
        for seed in 0..10 {
            // The version of the game comes before the components, and is the same.
            let manifests = [schema(ship(0.01)), other.clone()]
                .map(|schema| Manifest::new().with("game", 1).with_schema("components", &schema));
            let [host, joiner] = told(seed, "latency=30ms,loss=20%", manifests);
            for (told, [here, there]) in [(host, [&ours, &theirs]), (joiner, [&theirs, &ours])] {
                assert!(told.starts_with(&format!("the peer runs another components: {place}")), "{told}");
                assert!(told.ends_with(&format!(": {here} here, {there} there")), "{told}");
            }
        }
    }
}

#[test]
fn a_schema_of_many_datagrams_is_told_over_a_thin_link() {
    let many = |last| {
        let component = |n| ComponentSchema::new(format!("component {n}"), ship(0.5)[0].fields.clone());
        schema((0..300).map(component).chain([ComponentSchema::new("Last", [last])]))
    };
    let schemas = [FieldKind::Flag, FieldKind::Word].map(|kind| many(FieldSchema::new("value", kind)));
    assert!((20_000..Manifest::MAX_SCHEMA).contains(&schemas[0].to_bytes().len()));
    let manifests = schemas.map(|schema| Manifest::new().with_schema("components", &schema));
    let conditions = "latency=40ms,loss=5%,bandwidth=400kbit";
    let [host, joiner] = told(1, conditions, manifests);
    assert!(host.ends_with("component Last, field value: flag here, 64 bits there"), "{host}");
    assert!(joiner.ends_with("component Last, field value: 64 bits here, flag there"), "{joiner}");
}

#[test]
fn what_is_not_told_in_full_is_told_by_its_hash() {
    let [one, other] = [1_500, 1_600].map(|fields| {
        let fields: Vec<_> = (0..fields)
            .map(|n| FieldSchema::new(format!("a field with a long name, {n}"), FieldKind::Flag))
            .collect();
        schema([ComponentSchema::new("Ship", fields)])
    });
    assert!(one.to_bytes().len() > Manifest::MAX_SCHEMA);
    let hashes = [one.hash(), other.hash()];
    let with = |schema| Manifest::new().with_schema("components", schema);
    let without = |hash| Manifest::new().with("components", hash);
    for manifests in [[with(&one), with(&other)], [with(&one), without(hashes[1])]] {
        let [host, joiner] = told(1, "latency=30ms,loss=20%", manifests);
        let text = |ours: u64, theirs: u64| {
            format!("the peer runs another components: we have {ours:016x}, it has {theirs:016x}")
        };
        assert_eq!((host, joiner), (text(hashes[0], hashes[1]), text(hashes[1], hashes[0])));
    }
}

#[test]
fn other_channels_are_a_difference() {
    let mut world = World::new(3, "perfect", same(), 0);
    let host = world.host.endpoint_mut().invite(0).unwrap();
    let endpoint =
        InviteJoiner::new(&host, InviteJoinerConfig::new(protocol_id("test")), SecureRng::seed_from_u64(9));
    let socket = world.network.socket("10.0.0.3:1".parse().unwrap()).unwrap();
    let channels = ChannelsConfig::new([ChannelConfig::unreliable()]);
    let mut other = SecureTransport::new(endpoint, socket, channels, same()[0].clone(), 0).unwrap();
    let mut seen = Vec::new();
    for _ in 0..60 {
        world.frame();
        other.receive(world.now).unwrap();
        seen.extend(drain(&mut other));
        other.flush(world.now).unwrap();
    }
    let [Seen::Disconnected(DisconnectReason::Incompatible(mismatch))] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(mismatch.name, "channels");
}

#[test]
fn a_goodbye_carries_its_code_and_comes_after_the_messages_before_it() {
    for seed in 0..20 {
        let mut world = World::new(seed, "latency=20ms", same(), 0);
        let [joiner, _] = world.connect();
        world.host.send(joiner, RELIABLE, b"last words").unwrap();
        world.host.flush(world.now).unwrap();
        world.host.disconnect(joiner, DisconnectReason::Left(42));
        let [host, guest] = world.run(30);
        assert_eq!(host, [], "no event follows a disconnect of one's own");
        assert_eq!(
            guest,
            [Seen::Message(b"last words".to_vec()), Seen::Disconnected(DisconnectReason::Left(42))]
        );
        assert_eq!(
            world.host.send(joiner, RELIABLE, b"too late"),
            Err(SendError::NotConnected { peer: joiner })
        );
        assert_eq!(world.host.stats(joiner), None);
    }
}

#[test]
fn close_tells_everybody() {
    let mut world = World::new(4, "latency=20ms", same(), 0);
    world.connect();
    world.host.close(&DisconnectReason::Left(3)).unwrap();
    let [_, guest] = world.run(30);
    assert_eq!(guest, [Seen::Disconnected(DisconnectReason::Left(3))]);
}

#[test]
fn silence_ends_in_a_timeout_on_both_sides() {
    let mut world = World::new(5, "latency=20ms", same(), 0);
    world.connect();
    world.network.partition(&["10.0.0.1:4000".parse().unwrap()], &["10.0.0.2:4000".parse().unwrap()]);
    let [host, joiner] = world.run(60 * 4);
    assert_eq!(host, [Seen::Disconnected(DisconnectReason::TimedOut)]);
    assert_eq!(joiner, [Seen::Disconnected(DisconnectReason::TimedOut)]);
}

#[test]
fn a_connection_that_is_given_up_is_made_anew_whoever_gave_it_up() {
    for by_host in [true, false] {
        let way_back = Some(Duration::from_secs(60));
        let mut world = World::with_reconnect(8, "latency=20ms", same(), 0, way_back);
        let [joiner, host] = world.connect();
        if by_host {
            world.host.disconnect(joiner, DisconnectReason::TimedOut);
        } else {
            world.joiner.disconnect(host, DisconnectReason::TimedOut);
        }
        let [at_host, at_joiner] = world.run(60 * 6);
        let lost = Seen::Disconnected(DisconnectReason::TimedOut);
        let (gave_up, was_given_up) = if by_host { (at_host, at_joiner) } else { (at_joiner, at_host) };
        assert!(matches!(&gave_up[..], [Seen::Connected(..)]), "{gave_up:?}");
        assert!(
            matches!(&was_given_up[..], [first, Seen::Connected(..)] if *first == lost),
            "{was_given_up:?}"
        );
    }
}

#[test]
fn a_host_that_is_not_there_is_no_answer() {
    let mut world = World::new(6, "latency=20ms", same(), 0);
    world.network.partition(&["10.0.0.1:4000".parse().unwrap()], &["10.0.0.2:4000".parse().unwrap()]);
    let [host, joiner] = world.run(60 * 30);
    assert_eq!((host, joiner), (vec![], vec![Seen::Disconnected(DisconnectReason::NoAnswer)]));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let trace = |seed| {
        let mut world = World::new(seed, "latency=40ms,jitter=20ms,loss=10%,dup=2%,reorder=2%", same(), 0);
        let [joiner, host] = world.connect();
        for n in 0..50_u8 {
            world.host.send(joiner, RELIABLE, &[n; 100]).unwrap();
            world.joiner.send(host, ChannelId(1), &[n; 10]).unwrap();
            world.frame();
        }
        world.network.trace_hash()
    };
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}
