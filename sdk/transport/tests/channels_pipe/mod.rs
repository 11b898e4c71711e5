//! Two connections with a simulated path between them: latency, jitter, loss, duplication, a bottleneck.
//! Everything follows from a seed.
#![allow(dead_code, unreachable_pub)]

use netcord_transport::channels::{Connection, ConnectionEvent};
use netcord_transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId, Receipt};
use netcord_wire::GameRng;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a path does to datagrams, in one direction.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// Every datagram takes this long, and up to `jitter` more.
    pub latency: Duration,
    pub jitter: Duration,
    /// In percent.
    pub loss: u32,
    pub duplicates: u32,
    /// Bytes a second, with 28 for headers; what exceeds it waits in a queue of `queue` bytes.
    pub bottleneck: Option<(u32, usize)>,
}

impl Path {
    pub const CLEAN: Self = Self {
        latency: Duration::from_millis(50),
        jitter: Duration::ZERO,
        loss: 0,
        duplicates: 0,
        bottleneck: None,
    };

    /// 50 ms one way with this loss, much reordering and some duplicates.
    pub const fn rough(loss: u32) -> Self {
        Self { jitter: Duration::from_millis(40), loss, duplicates: 5, ..Self::CLEAN }
    }

    pub const fn lossy(loss: u32) -> Self {
        Self { loss, ..Self::CLEAN }
    }
}

/// One direction.
#[derive(Debug)]
struct Wire {
    path: Path,
    rng: GameRng,
    /// Datagrams on their way, by arrival and order of sending.
    flying: BTreeMap<(Duration, u64), Vec<u8>>,
    sent: u64,
    /// When the bottleneck will have sent all that waits.
    busy_until: Duration,
}

impl Wire {
    fn send(&mut self, datagram: &[u8], now: Duration) {
        let mut start = now;
        if let Some((rate, queue)) = self.path.bottleneck {
            let waiting = self.busy_until.saturating_sub(now).as_secs_f64() * f64::from(rate);
            if waiting > queue as f64 {
                return;
            }
            let takes = Duration::from_secs_f64((datagram.len() + 28) as f64 / f64::from(rate));
            self.busy_until = self.busy_until.max(now) + takes;
            start = self.busy_until;
        }
        if self.rng.below(100) < self.path.loss {
            return;
        }
        let copies = if self.rng.below(100) < self.path.duplicates { 2 } else { 1 };
        for _ in 0..copies {
            let jitter = self.path.jitter.as_micros() as u32;
            let jitter = Duration::from_micros(u64::from(self.rng.below(jitter)));
            self.sent += 1;
            self.flying.insert((start + self.path.latency + jitter, self.sent), datagram.to_vec());
        }
    }
}

/// An event, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Message(ChannelId, Vec<u8>),
    Delivered(Receipt),
    Lost(Receipt),
}

/// Two ends and the path between them, flushed 60 times a second.
pub struct Lab {
    tick: u64,
    pub now: Duration,
    pub ends: [Connection; 2],
    wires: [Wire; 2],
    /// Bytes and datagrams that each end put on the wire, with 28 bytes of headers each.
    pub bytes: [u64; 2],
    pub datagrams: [u64; 2],
    /// Every datagram that was sent, and by which end, while `recording`.
    pub recorded: Vec<(usize, Vec<u8>)>,
    pub recording: bool,
    /// An end that runs no frame for now.
    pub frozen: Option<usize>,
}

const START: Duration = Duration::from_secs(100);

impl Lab {
    pub fn new(channels: impl Into<Vec<ChannelConfig>>, path: Path, seed: u64) -> Self {
        Self::with_config(ChannelsConfig::new(channels), path, seed)
    }

    pub fn with_config(config: ChannelsConfig, path: Path, seed: u64) -> Self {
        let config = Arc::new(config);
        let end = || Connection::new(config.clone(), PeerId::new(0, 0)).expect("a valid configuration");
        let wire = |salt| Wire {
            path,
            rng: GameRng::new(seed * 2 + salt),
            flying: BTreeMap::new(),
            sent: 0,
            busy_until: Duration::ZERO,
        };
        Self {
            tick: 0,
            now: START,
            ends: [end(), end()],
            wires: [wire(0), wire(1)],
            bytes: [0; 2],
            datagrams: [0; 2],
            recorded: Vec::new(),
            recording: false,
            frozen: None,
        }
    }

    pub fn set_path(&mut self, path: Path) {
        self.wires.iter_mut().for_each(|wire| wire.path = path);
    }

    /// Hands over what has arrived.
    pub fn deliver(&mut self) {
        for to in (0..2).filter(|&end| self.frozen != Some(end)) {
            let wire = &mut self.wires[1 - to];
            while let Some(entry) = wire.flying.first_entry()
                && entry.key().0 <= self.now
            {
                let datagram = entry.remove();
                self.ends[to].receive(&datagram, self.now).expect("what a connection sends is well-formed");
            }
        }
    }

    /// Sends what waits, and lets a tick pass.
    pub fn flush(&mut self) {
        let mut datagram = Vec::new();
        for from in (0..2).filter(|&end| self.frozen != Some(end)) {
            while self.ends[from].next_datagram(self.now, &mut datagram) {
                assert!(datagram.len() <= 1_200);
                self.bytes[from] += datagram.len() as u64 + 28;
                self.datagrams[from] += 1;
                if self.recording {
                    self.recorded.push((from, datagram.clone()));
                }
                self.wires[from].send(&datagram, self.now);
                datagram.clear();
            }
            assert!(datagram.is_empty(), "nothing is appended when there is nothing to send");
        }
        self.tick += 1;
        // Three ticks are 50 ms to the nanosecond.
        self.now = START + Duration::from_nanos(self.tick * 1_000_000_000 / 60);
    }

    /// All events that wait at one end.
    pub fn drain(&mut self, end: usize) -> Vec<Seen> {
        let mut seen = Vec::new();
        while let Some(event) = self.ends[end].next_event() {
            seen.push(match event {
                ConnectionEvent::Message { channel, payload } => Seen::Message(channel, payload.to_vec()),
                ConnectionEvent::Delivered(receipt) => Seen::Delivered(receipt),
                ConnectionEvent::Lost(receipt) => Seen::Lost(receipt),
            });
        }
        seen
    }

    /// Runs for some ticks and returns what both ends saw.
    pub fn run(&mut self, ticks: u32) -> [Vec<Seen>; 2] {
        let mut seen = [Vec::new(), Vec::new()];
        for _ in 0..ticks {
            self.deliver();
            for (end, seen) in seen.iter_mut().enumerate() {
                seen.extend(self.drain(end));
            }
            self.flush();
        }
        seen
    }
}

/// The messages among events.
pub fn messages(seen: &[Seen]) -> impl Iterator<Item = &[u8]> {
    seen.iter().filter_map(|seen| match seen {
        Seen::Message(_, payload) => Some(payload.as_slice()),
        _ => None,
    })
}

/// A message of `length` bytes that tells its number: 4 bytes at least, and the rest follows from it.
pub fn message(number: u32, length: usize) -> Vec<u8> {
    let mut rng = GameRng::new(u64::from(number));
    let mut bytes = number.to_le_bytes().to_vec();
    bytes.extend((4..length).map(|_| rng.next_u64() as u8));
    bytes
}

/// The number of a [`message`], whose bytes are checked.
pub fn number(payload: &[u8]) -> u32 {
    let number = u32::from_le_bytes(payload[..4].try_into().expect("four bytes"));
    assert_eq!(payload, message(number, payload.len()), "message {number} is damaged");
    number
}
