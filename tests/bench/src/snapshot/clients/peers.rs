//! The ways without sharing: the full state, copied for each client, and a delta that is encoded for each by itself.

use super::{Client, Link, Row, Samples};
use crate::channels::cpu_time;
use crate::snapshot::{micros, topdown};
use netcord::wire::Tick;
use netcord_snapshot::{Mode, SectionCodec, Shape, StateRing};
use serde::Serialize;

/// Ticks whose states are kept: round trip and the ages of older baselines.
const KEPT: usize = 32;

/// An entity as a game would write it down: the smallest types that hold the quantised values.
#[derive(Serialize)]
struct Plain {
    id: u32,
    position: [u16; 2],
    velocity: [u8; 2],
    facing: u8,
    health: u8,
    state: u8,
    ammo: u8,
}

/// All entities through postcard once, by cell, and those that a client sees copied into its buffer.
pub(super) struct Copied {
    cells: [Vec<u8>; 64],
    out: Vec<Vec<u8>>,
    pub(super) samples: Samples,
}

impl Copied {
    pub(super) fn new(clients: usize) -> Self {
        let (cells, out) = ([const { Vec::new() }; 64], vec![Vec::new(); clients]);
        Self { cells, out, samples: Samples::default() }
    }

    pub(super) fn tick(&mut self, rows: &[Row], clients: &[Client]) {
        let start = cpu_time();
        self.cells.iter_mut().for_each(Vec::clear);
        for (entity, cell, values) in rows {
            let [x, y, dx, dy, facing, health, state, ammo] = *values;
            let plain = Plain {
                id: entity.0,
                position: [x as u16, y as u16],
                velocity: [dx as u8, dy as u8],
                facing: facing as u8,
                health: health as u8,
                state: state as u8,
                ammo: ammo as u8,
            };
            let bytes = &mut self.cells[*cell as usize];
            *bytes = postcard::to_extend(&plain, std::mem::take(bytes)).expect("plain numbers");
        }
        for (client, out) in clients.iter().zip(&mut self.out) {
            out.clear();
            for (cell, bytes) in self.cells.iter().enumerate() {
                if client.cells >> cell & 1 == 1 {
                    out.extend_from_slice(bytes);
                }
            }
        }
        self.samples.cpu.push(micros(cpu_time() - start));
        self.samples.bytes += self.out.iter().map(Vec::len).sum::<usize>();
    }
}

/// Our coding, for each client by itself: all that it sees as one section, against what it has of that. A frame is lost
/// as a whole.
pub(super) struct Unshared {
    mode: Mode,
    whole: Shape,
    codec: SectionCodec,
    clients: Vec<Alone>,
    pub(super) samples: Samples,
}

struct Alone {
    ring: StateRing,
    link: Link,
    /// Bit n: whether it has the state of n ticks before.
    known: u64,
    out: Vec<u8>,
}

impl Unshared {
    pub(super) fn new(mode: Mode, clients: usize) -> Self {
        let schema = topdown::schema();
        let alone = |seed| Alone {
            ring: StateRing::new(&schema, KEPT),
            link: Link::new(seed),
            known: 0,
            out: Vec::new(),
        };
        let clients = (0..clients as u64).map(alone).collect();
        let (whole, codec) = (schema.whole(), SectionCodec::new(schema));
        Self { mode, whole, codec, clients, samples: Samples::default() }
    }

    pub(super) fn tick(&mut self, tick: Tick, rows: &[Row], clients: &[Client]) {
        let start = cpu_time();
        for (alone, client) in self.clients.iter_mut().zip(clients) {
            let state = alone.ring.insert(tick);
            for (entity, _, values) in rows.iter().filter(|(_, cell, _)| client.cells >> cell & 1 == 1) {
                let row = state.push(*entity, self.whole).expect("ids ascend");
                state.row_mut(row).copy_from_slice(values);
            }
            alone.known <<= 1;
            for (sent, arrives) in alone.link.news(tick) {
                // One message a tick, from tick 1 on: the receipt is the tick.
                alone.known |= u64::from(arrives) << (u64::from(tick.0) - sent);
            }
            let known = alone.known;
            let baselines = alone.ring.baselines(tick, |old| known >> tick.since(old) & 1 == 1);
            alone.out.clear();
            let state = alone.ring.get(tick).expect("it was just filled");
            self.codec
                .encode(self.mode, state, baselines.as_slice(), &mut alone.out)
                .expect("values are in range");
            alone.link.send(tick);
            self.samples.messages += 1;
            self.samples.bytes += alone.out.len();
        }
        self.samples.cpu.push(micros(cpu_time() - start));
    }
}
