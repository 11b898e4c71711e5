//! What a player sees of components that a server sends over a lossy network: near to the truth, and never back in time.

use netcord::snapshot::interpolation::{ComponentSampler, Freshness, RenderClock, RenderClockConfig};
use netcord::snapshot::{
    GroupId, ReceiverLimits, SenderConfig, SnapshotReceiver, SnapshotSchema, SnapshotSender, View, ViewConfig,
};
use netcord::transport::channels::{Connection, ConnectionEvent};
use netcord::transport::lab::Pipe;
use netcord::transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use netcord::wire::quantized::Blobs;
use netcord::wire::{ComponentId, ComponentSchema, NetEntity, Quantized, Schema, Tick};
use std::f32::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

const TICK: Duration = Duration::from_nanos(16_666_667);
/// Ticks wrap in the midst of it.
const FIRST: Tick = Tick(u32::MAX - 600);
const SHIPS: u32 = 24;
const RADIUS: f32 = 20.0;
/// Radians a tick: once around in five seconds.
const TURN: f32 = TAU / 300.0;

/// A ship that goes round in a circle, looks where it goes, and rolls.
#[derive(Clone, Debug, Quantized)]
struct Ship {
    #[quantize(range(-64.0..=64.0), step = 0.005)]
    position: [f32; 2],
    #[quantize(range(-4.0..=4.0), step = 0.001, velocity_of = "position", per = "tick")]
    velocity: [f32; 2],
    #[quantize(angle, bits = 12)]
    heading: f32,
    #[quantize(rotation, bits = 12)]
    roll: [f32; 4],
    half: bool,
}

impl Ship {
    /// Where it is so many ticks after the first.
    fn at(id: u32, ticks: f64) -> Self {
        let around = ticks * f64::from(TURN) + f64::from(id) * 0.7;
        let around = around.rem_euclid(f64::from(TAU)) as f32;
        let (sin, cos) = around.sin_cos();
        let (half_sin, half_cos) = (around / 2.0).sin_cos();
        Self {
            position: [RADIUS * cos, RADIUS * sin],
            velocity: [-RADIUS * TURN * sin, RADIUS * TURN * cos],
            heading: around,
            roll: [0.0, 0.0, half_sin, half_cos],
            half: sin > 0.0,
        }
    }

    fn around(&self) -> f32 {
        self.position[1].atan2(self.position[0])
    }
}

fn turn(from: f32, to: f32) -> f32 {
    (to - from + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0
}

#[derive(Debug, Default)]
struct Seen {
    samples: u32,
    interpolated: u32,
    extrapolated: u32,
    beyond: u32,
    /// The largest errors of position, while interpolated.
    worst: f32,
    worst_angle: f32,
}

fn watch(seed: u64, network: &str) -> Seen {
    let schema = Schema::new().with_component(ComponentSchema::of::<Ship>("Ship"));
    let schema = Arc::new(SnapshotSchema::new(&schema, 60.0).expect("the schema is sound"));
    let mut sender = SnapshotSender::new(schema.clone(), SenderConfig::default());
    let mut view = View::new(ViewConfig { budget: 2_000, ..ViewConfig::default() });
    (0..4).for_each(|group| view.show(GroupId(group), 1));
    let mut receiver = SnapshotReceiver::new(schema.clone(), ReceiverLimits::default());
    let channels = Arc::new(ChannelsConfig::new([ChannelConfig::unreliable().with_receipts()]));
    let connection = || Connection::new(channels.clone(), PeerId::new(0, 0)).expect("the channels are valid");
    let (mut server, mut client) = (connection(), connection());
    let conditions = network.parse().expect("the words are in range");
    let (mut down, mut up) = (Pipe::new(conditions, seed), Pipe::new(conditions, seed + 1));

    let mut ships = ComponentSampler::<Ship>::new(&schema, ComponentId(0)).expect("it is the only component");
    let config = RenderClockConfig::new(TICK, 1);
    let mut clock = RenderClock::new(config);
    let mut seen = Seen::default();
    let mut last = [None::<f32>; SHIPS as usize];
    let mut datagram = Vec::new();
    // Frames, of which each third one begins a tick.
    for frame in 0..3 * 750_u32 {
        let now = TICK * frame / 3;
        if frame.is_multiple_of(3) {
            let elapsed = frame / 3;
            sender.begin(FIRST + elapsed);
            for id in 0..SHIPS {
                let ship = Ship::at(id, elapsed.into());
                // Ships go from section to section, four times in a round.
                let group = (ship.around() / TAU * 4.0).rem_euclid(4.0) as u32 % 4;
                let row = sender.write(NetEntity(id), GroupId(group), schema.whole()).expect("ids ascend");
                ship.to_columns(row, &mut Blobs::new()).expect("values are in range");
            }
            sender.finish();
            while let Some(datagram) = up.pop(now) {
                server.receive(datagram, now).expect("it is the client's");
            }
            while let Some(event) = server.next_event() {
                match event {
                    ConnectionEvent::Delivered(receipt) => view.delivered(receipt.0),
                    ConnectionEvent::Lost(receipt) => view.lost(receipt.0),
                    ConnectionEvent::Message { .. } => {}
                }
            }
            while let Some(message) = view.next_message(&mut sender).expect("values are in range") {
                let receipt = server.send(ChannelId(0), message).expect("it fits");
                view.sent(receipt.0);
            }
            while server.next_datagram(now, &mut datagram) {
                down.push(now, &datagram);
                datagram.clear();
            }
        }
        while let Some(datagram) = down.pop(now) {
            client.receive(datagram, now).expect("it is the server's");
        }
        while let Some(event) = client.next_event() {
            let ConnectionEvent::Message { payload, .. } = event else { continue };
            if receiver.receive(payload).is_ok()
                && let Some(newest) = receiver.sections().map(|(_, tick)| tick).reduce(Tick::latest)
            {
                clock.receive(newest, now);
            }
        }
        while client.next_datagram(now, &mut datagram) {
            up.push(now, &datagram);
            datagram.clear();
        }

        let Some(time) = clock.advance(now) else { continue };
        if frame < 3 * 120 {
            continue;
        }
        let elapsed = f64::from(time.tick.since(FIRST)) + f64::from(time.fraction);
        for id in 0..SHIPS {
            let shown = ships.sample(&receiver, &time, &config.limits, NetEntity(id));
            let shown = shown.unwrap_or_else(|| panic!("seed {seed}: ship {id} is not there at {elapsed}"));
            let (ship, truth) = (shown.value, Ship::at(id, elapsed));
            let [dx, dy] = [0, 1].map(|axis| ship.position[axis] - truth.position[axis]);
            let off = dx.hypot(dy);
            let angle = turn(truth.heading, ship.heading).abs();
            let dot: f32 = ship.roll.iter().zip(truth.roll).map(|(a, b)| a * b).sum();
            let roll = 2.0 * dot.abs().min(1.0).acos();
            seen.samples += 1;
            match shown.freshness {
                Freshness::Interpolated => {
                    seen.interpolated += 1;
                    assert!(off < 0.02, "seed {seed}: ship {id} is off by {off} at {elapsed}");
                    assert!(angle < 0.004 && roll < 0.01, "seed {seed}: ship {id}: {angle} {roll}");
                    seen.worst = seen.worst.max(off);
                    seen.worst_angle = seen.worst_angle.max(angle);
                }
                Freshness::Extrapolated { ticks } => {
                    seen.extrapolated += 1;
                    assert!(ticks <= config.limits.extrapolate);
                    // It flies straight on for so long.
                    let most = 0.02 + 0.5 * RADIUS * TURN * TURN * ticks * ticks + 0.002 * ticks;
                    assert!(off < most, "seed {seed}: ship {id} is off by {off} after {ticks} ticks");
                }
                _ => seen.beyond += 1,
            }
            let around = ship.around();
            if let Some(last) = last[id as usize] {
                let went = turn(last, around);
                // A third of a tick on, at 5 % more or less; and what straight on was short of.
                assert!(went > -0.002, "seed {seed}: ship {id} goes back by {went} at {elapsed}");
                let beyond = if shown.freshness == Freshness::Interpolated { 10.0 } else { 20.0 };
                assert!(went < beyond * TURN, "seed {seed}: ship {id} jumps by {went} at {elapsed}");
            }
            last[id as usize] = Some(around);
        }
    }
    seen
}

#[test]
fn what_is_shown_under_burst_loss_and_jitter_is_near_the_truth_and_never_goes_back() {
    for seed in 0..2 {
        let seen =
            watch(seed, "latency=60ms,jitter=30ms,tail=1%:100ms,loss=8%,burst=4,dup=3%,reorder=5%:30ms");
        let share = f64::from(seen.interpolated) / f64::from(seen.samples);
        assert!(share > 0.9, "seed {seed}: {seen:?}");
        assert!(seen.extrapolated > 100, "seed {seed}: {seen:?}");
    }
}

#[test]
fn what_is_shown_on_a_quiet_network_is_never_extrapolated() {
    let seen = watch(7, "latency=30ms");
    assert_eq!((seen.interpolated, seen.extrapolated + seen.beyond), (seen.samples, 0), "{seen:?}");
}
