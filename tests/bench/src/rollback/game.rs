//! The game that both sides play: 1 kB of state, stirred by the inputs.

use netcord::session::{PlayerIndex, Simulation, Step};
use netcord::wire::{ComponentId, FieldSink, GameRng, Inspect, NetEntity};

const CELLS: usize = 128;

#[derive(Clone)]
pub(crate) struct Field {
    cells: [i64; CELLS],
    pub(crate) tick: u32,
}

impl Field {
    pub(crate) fn new() -> Self {
        Self { cells: std::array::from_fn(|index| index as i64), tick: 0 }
    }

    pub(crate) fn step(&mut self, inputs: [u8; 2]) {
        let mut carry = i64::from(inputs[0]) << 8 | i64::from(inputs[1]);
        for cell in &mut self.cells {
            carry = (carry ^ *cell).wrapping_mul(0x5851_f42d_4c95_7f2d).rotate_left(17);
            *cell = cell.wrapping_add(carry);
        }
        self.tick += 1;
    }
}

impl Inspect for Field {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        for (entity, cells) in (0..).zip(self.cells.chunks(8)) {
            sink.component(NetEntity(entity), ComponentId(0));
            cells.iter().for_each(|&cell| sink.field(cell));
        }
    }
}

impl Simulation for Field {
    type Input = u8;

    fn advance(&mut self, step: &Step<u8>) {
        self.step([step.inputs[PlayerIndex(0)], step.inputs[PlayerIndex(1)]]);
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.cells.iter().for_each(|cell| bytes.extend_from_slice(&cell.to_le_bytes()));
        bytes.extend_from_slice(&self.tick.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (cells, tick) = bytes.split_at_checked(CELLS * 8)?;
        let mut words = cells.chunks_exact(8).map(|word| word.try_into().map(i64::from_le_bytes));
        let mut field = Self::new();
        for cell in &mut field.cells {
            *cell = words.next()?.ok()?;
        }
        field.tick = u32::from_le_bytes(tick.try_into().ok()?);
        Some(field)
    }
}

/// What the players press.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// Another button every 12 ticks or so.
    Human,
    /// Another button every tick: the worst case.
    Restless,
}

/// A player's inputs, tick by tick; they repeat after a while.
pub(crate) struct Player(Vec<u8>);

impl Player {
    pub(crate) fn new(script: Script, seed: u64) -> Self {
        let mut rng = GameRng::new(seed);
        let mut held = 0;
        let inputs = (0..6_000).map(|_| {
            let changes = match script {
                Script::Human => rng.below(12) == 0,
                Script::Restless => true,
            };
            if changes {
                held = (held + 1 + rng.below(15) as u8) % 16;
            }
            held
        });
        Self(inputs.collect())
    }

    pub(crate) fn input(&self, tick: u32) -> u8 {
        self.0[tick as usize % self.0.len()]
    }
}
