//! Whether receipts and channels serve the snapshots to come: 1,000 entities in sections, 50 clients with distinct views,
//! 5 % loss. Counts encodes and bytes; every section that arrives is decoded and compared.
//!
//! A spike, to be replaced by the benchmark of the snapshot crate.

mod world;

use netcord::transport::channels::{Connection, ConnectionEvent};
use netcord::transport::lab::Pipe;
use netcord::transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use world::{CELLS, SIDE, Section, World, cells_in_view, decode, encode};

const CLIENTS: usize = 50;
const TICKS: u32 = 600;
/// Ticks before the figures count.
const WARM_UP: u32 = 60;
/// Ticks that both sides keep as baselines.
const HISTORY: u32 = 64;
const TICK: Duration = Duration::from_nanos(16_666_667);
const CHANNEL: ChannelId = ChannelId(0);
/// netcode's prefix, sequence and tag, and the headers of UDP and IPv4.
const OVERHEAD: usize = 1 + 2 + 16 + 28;
/// A view's radius: a fifth of the world is in it.
const RADIUS: i32 = SIDE / 4;

/// Which baselines a client's sections may be coded against.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Baselines {
    /// The newest that the client has.
    Newest,
    /// The newest that it has of every fourth tick: more clients share it.
    EveryFourth,
}

struct Client {
    server_side: Connection,
    client_side: Connection,
    down: Pipe,
    up: Pipe,
    x: i32,
    /// The sections under way, by receipt; the first receipt is `first`.
    sent: VecDeque<(u8, u32)>,
    first: u64,
    /// The newest tick of each cell that the client is known to have.
    acked: Vec<Option<u32>>,
    /// What the client has, by cell and tick.
    has: HashMap<(u8, u32), Section>,
}

#[derive(Default)]
struct Figures {
    bytes: usize,
    datagrams: usize,
    sections: usize,
    encodes: usize,
    received: usize,
    entities: usize,
    encoding: Duration,
    channels: Duration,
}

pub(crate) fn run(json: bool, quick: bool) {
    let ticks = if quick { TICKS / 10 + WARM_UP } else { TICKS };
    for baselines in [Baselines::Newest, Baselines::EveryFourth] {
        let figures = simulate(baselines, ticks);
        let counted = f64::from(ticks - WARM_UP);
        let per_client = counted * CLIENTS as f64;
        let rows = [
            ("bytes_per_client_per_tick", "bytes", figures.bytes as f64 / per_client),
            ("datagrams_per_client_per_tick", "datagrams", figures.datagrams as f64 / per_client),
            ("entities_in_view", "entities", figures.entities as f64 / per_client),
            ("sections_sent_per_tick", "sections", figures.sections as f64 / counted),
            ("sections_encoded_per_tick", "sections", figures.encodes as f64 / counted),
            ("sections_received", "share", figures.received as f64 / figures.sections as f64),
            ("encode_cpu_per_tick", "us", figures.encoding.as_secs_f64() * 1e6 / counted),
            ("channels_cpu_per_tick", "us", figures.channels.as_secs_f64() * 1e6 / counted),
        ];
        let case = match baselines {
            Baselines::Newest => "newest-baseline",
            Baselines::EveryFourth => "every-fourth-baseline",
        };
        for (metric, unit, value) in rows {
            let value = (value * 100.0).round() / 100.0;
            if json {
                let row = serde_json::json!({
                    "bench": "snapshot-spike", "case": case, "metric": metric, "unit": unit, "ours": value
                });
                println!("{row}");
            } else {
                println!("{case:<24} {metric:<30} {value:>10} {unit}");
            }
        }
    }
}

fn simulate(baselines: Baselines, ticks: u32) -> Figures {
    let channel = ChannelConfig::unreliable().with_receipts();
    let config = Arc::new(ChannelsConfig::new([channel]));
    let connection =
        || Connection::new(config.clone(), PeerId::new(0, 0)).expect("the configuration is valid");
    let conditions: netcord::transport::lab::Conditions =
        "latency=50ms,jitter=5ms,loss=5%".parse().expect("these conditions are valid");
    let mut clients: Vec<_> = (0..CLIENTS)
        .map(|n| Client {
            server_side: connection(),
            client_side: connection(),
            down: Pipe::new(conditions.clone(), 2 * n as u64),
            up: Pipe::new(conditions.clone(), 2 * n as u64 + 1),
            x: n as i32 * SIDE / CLIENTS as i32,
            sent: VecDeque::new(),
            first: 0,
            acked: vec![None; CELLS],
            has: HashMap::new(),
        })
        .collect();
    let mut world = World::new(7);
    let mut history: VecDeque<Vec<Section>> = VecDeque::new();
    let mut figures = Figures::default();
    let mut shared: HashMap<(usize, Option<u32>), std::ops::Range<usize>> = HashMap::new();
    let mut encoded = Vec::new();
    let (mut scratch, mut message, mut datagram) = (vec![0; 4096], Vec::new(), Vec::new());
    for tick in 0..ticks {
        let now = TICK * tick;
        if tick == WARM_UP {
            figures = Figures::default();
        }
        world.step();
        history.push_front(world.sections());
        history.truncate(HISTORY as usize);
        shared.clear();
        encoded.clear();
        for (n, client) in clients.iter_mut().enumerate() {
            let started = Instant::now();
            while let Some(datagram) = client.up.pop(now) {
                client.server_side.receive(datagram, now).expect("an honest peer");
            }
            while let Some(event) = client.server_side.next_event() {
                let (ConnectionEvent::Delivered(receipt) | ConnectionEvent::Lost(receipt)) = event else {
                    continue;
                };
                let Some(&(cell, sent)) = client.sent.get((receipt.0 - client.first) as usize) else {
                    continue;
                };
                if matches!(event, ConnectionEvent::Delivered(_)) {
                    let acked = &mut client.acked[usize::from(cell)];
                    *acked = (*acked)
                        .max(Some(sent))
                        .filter(|_| baselines == Baselines::Newest || sent % 4 == 0)
                        .or(*acked);
                }
            }
            // Receipts of sections that are too old to be a baseline are of no more interest.
            while client.sent.front().is_some_and(|&(_, sent)| tick - sent >= HISTORY) {
                client.sent.pop_front();
                client.first += 1;
            }
            figures.channels += started.elapsed();
            client.x = (client.x + 20).rem_euclid(SIDE);
            for cell in cells_in_view(client.x, n as i32 * 7919 % SIDE, RADIUS) {
                let baseline = client.acked[cell].filter(|&acked| tick - acked < HISTORY);
                let started = Instant::now();
                let range = shared.entry((cell, baseline)).or_insert_with(|| {
                    figures.encodes += 1;
                    let age = baseline.map_or(0, |baseline| tick - baseline);
                    let old = baseline.map_or(&[][..], |_| &history[age as usize][cell]);
                    let length = encode(&history[0][cell], old, age, &mut scratch).expect("a section fits");
                    let start = encoded.len();
                    encoded.extend_from_slice(&scratch[..length]);
                    start..encoded.len()
                });
                let bytes = &encoded[range.clone()];
                figures.encoding += started.elapsed();
                let started = Instant::now();
                message.clear();
                message.extend([cell as u8, baseline.map_or(0, |baseline| (tick - baseline) as u8)]);
                message.extend(tick.to_le_bytes());
                message.extend_from_slice(bytes);
                client.server_side.send(CHANNEL, &message).expect("the channel takes what is unreliable");
                client.sent.push_back((cell as u8, tick));
                figures.sections += 1;
                figures.entities += history[0][cell].len();
                figures.channels += started.elapsed();
            }
            let started = Instant::now();
            while client.server_side.next_datagram(now, &mut datagram) {
                figures.bytes += datagram.len() + OVERHEAD;
                figures.datagrams += 1;
                client.down.push(now, &datagram);
                datagram.clear();
            }
            figures.channels += started.elapsed();
            receive(client, now, tick, &history, &mut figures);
        }
    }
    figures
}

/// The client's side: decodes every section that arrived, and compares it with the world as it was.
fn receive(
    client: &mut Client,
    now: Duration,
    tick: u32,
    history: &VecDeque<Vec<Section>>,
    figures: &mut Figures,
) {
    while let Some(datagram) = client.down.pop(now) {
        client.client_side.receive(datagram, now).expect("an honest peer");
    }
    while let Some(event) = client.client_side.next_event() {
        let ConnectionEvent::Message { payload, .. } = event else { continue };
        let [cell, age, a, b, c, d, bytes @ ..] = payload else { panic!("a section has a header") };
        let sent = u32::from_le_bytes([*a, *b, *c, *d]);
        let empty = Section::new();
        let baseline = match age {
            0 => &empty,
            _ => client.has.get(&(*cell, sent - u32::from(*age))).expect("the client has what it acked"),
        };
        let section = decode(bytes, baseline, (*age).into()).expect("an honest peer");
        assert_eq!(section, history[(tick - sent) as usize][usize::from(*cell)], "decoded is what was sent");
        figures.received += 1;
        client.has.insert((*cell, sent), section);
    }
    client.has.retain(|&(_, sent), _| tick - sent <= HISTORY);
    let mut datagram = Vec::new();
    while client.client_side.next_datagram(now, &mut datagram) {
        client.up.push(now, &datagram);
        datagram.clear();
    }
}
