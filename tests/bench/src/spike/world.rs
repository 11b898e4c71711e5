//! A top-down world for the spike: entities that walk about, in sections that are cells of a grid.

use netcord::wire::{BitReader, BitWriter, CodecError, GameRng};

pub(crate) const ENTITIES: usize = 1_000;
/// The world's side, in sixteenths of a unit.
pub(crate) const SIDE: i32 = 1 << 14;
/// Cells along a side.
const GRID: i32 = 8;
pub(crate) const CELLS: usize = (GRID * GRID) as usize;
const CELL: i32 = SIDE / GRID;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    id: u16,
    x: i32,
    y: i32,
    velocity_x: i8,
    velocity_y: i8,
    health: u8,
}

/// The entities of one cell, by id.
pub(crate) type Section = Vec<Entity>;

pub(crate) struct World {
    entities: Vec<Entity>,
    rng: GameRng,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = GameRng::new(seed);
        let entities = (0..ENTITIES as u16)
            .map(|id| Entity {
                id,
                x: rng.below(SIDE as u32) as i32,
                y: rng.below(SIDE as u32) as i32,
                velocity_x: 0,
                velocity_y: 0,
                health: 100,
            })
            .collect();
        Self { entities, rng }
    }

    /// One tick: everything moves, 5 % steer (a third of those stop), 1 % lose health.
    pub(crate) fn step(&mut self) {
        for entity in &mut self.entities {
            let dice = self.rng.below(100);
            if dice < 5 {
                let moves = self.rng.below(3) > 0;
                let mut speed = || if moves { self.rng.below(33) as i8 - 16 } else { 0 };
                (entity.velocity_x, entity.velocity_y) = (speed(), speed());
            } else if dice == 99 {
                entity.health = entity.health.wrapping_sub(1);
            }
            entity.x = (entity.x + i32::from(entity.velocity_x)).rem_euclid(SIDE);
            entity.y = (entity.y + i32::from(entity.velocity_y)).rem_euclid(SIDE);
        }
    }

    pub(crate) fn sections(&self) -> Vec<Section> {
        let mut sections = vec![Section::new(); CELLS];
        for entity in &self.entities {
            sections[(entity.y / CELL * GRID + entity.x / CELL) as usize].push(*entity);
        }
        sections
    }
}

/// The cells that a circle touches; the world wraps.
pub(crate) fn cells_in_view(x: i32, y: i32, radius: i32) -> impl Iterator<Item = usize> {
    (0..CELLS as i32).filter_map(move |cell| {
        let outside = |at: i32, low: i32| {
            let to_low = (low - at).rem_euclid(SIDE);
            let past_high = (at - (low + CELL)).rem_euclid(SIDE);
            if (at - low).rem_euclid(SIDE) < CELL { 0 } else { to_low.min(past_high) }
        };
        let (dx, dy) = (outside(x, cell % GRID * CELL), outside(y, cell / GRID * CELL));
        (dx * dx + dy * dy <= radius * radius).then_some(cell as usize)
    })
}

/// Where an entity is after `ticks` if nothing steers it.
fn predict(entity: &Entity, ticks: i32) -> (i32, i32) {
    let ahead = |at: i32, velocity: i8| (at + i32::from(velocity) * ticks).rem_euclid(SIDE);
    (ahead(entity.x, entity.velocity_x), ahead(entity.y, entity.velocity_y))
}

/// Writes `section` against `baseline`, which is `age` ticks older; returns the bytes.
pub(crate) fn encode(
    section: &[Entity],
    baseline: &[Entity],
    age: u32,
    out: &mut [u8],
) -> Result<usize, CodecError> {
    let mut bits = BitWriter::new(out);
    bits.write(section.len() as u64, 8)?;
    let mut known = baseline.iter().peekable();
    for entity in section {
        // What was in the baseline and is no more is skipped, one bit each.
        while known.next_if(|old| old.id < entity.id).is_some() {
            bits.write(0b01, 2)?;
        }
        let Some(old) = known.next_if(|old| old.id == entity.id) else {
            bits.write(0b11, 2)?;
            write_whole(&mut bits, entity)?;
            continue;
        };
        bits.write_bool(false)?;
        bits.write_bool(false)?;
        let (x, y) = predict(old, age as i32);
        let steered = (entity.x, entity.y, entity.velocity_x, entity.velocity_y)
            != (x, y, old.velocity_x, old.velocity_y);
        bits.write_bool(steered)?;
        if steered {
            for (value, guess) in [(entity.x, x), (entity.y, y)] {
                // The shorter way around, zig-zag.
                let residual = (value - guess + SIDE / 2).rem_euclid(SIDE) - SIDE / 2;
                let zigzag = ((residual << 1) ^ (residual >> 31)) as u64;
                let width = if zigzag < 1 << 5 {
                    5
                } else if zigzag < 1 << 9 {
                    9
                } else {
                    15
                };
                bits.write(u64::from(width > 5) + 2 * u64::from(width > 9), 2)?;
                bits.write(zigzag, width)?;
            }
            bits.write(u64::from(entity.velocity_x as u8), 8)?;
            bits.write(u64::from(entity.velocity_y as u8), 8)?;
        }
        bits.write_bool(entity.health != old.health)?;
        if entity.health != old.health {
            bits.write(entity.health.into(), 8)?;
        }
    }
    Ok(bits.finish())
}

fn write_whole(bits: &mut BitWriter<'_>, entity: &Entity) -> Result<(), CodecError> {
    bits.write(entity.id.into(), 10)?;
    bits.write(entity.x as u64, 14)?;
    bits.write(entity.y as u64, 14)?;
    bits.write(u64::from(entity.velocity_x as u8), 8)?;
    bits.write(u64::from(entity.velocity_y as u8), 8)?;
    bits.write(entity.health.into(), 8)
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode(bytes: &[u8], baseline: &[Entity], age: u32) -> Result<Section, CodecError> {
    let mut bits = BitReader::new(bytes);
    let count = bits.read(8)?;
    let mut section = Section::new();
    let mut known = baseline.iter();
    while (section.len() as u64) < count {
        let in_baseline = !bits.read_bool()?;
        if bits.read_bool()? {
            section.push(Entity {
                id: bits.read(10)? as u16,
                x: bits.read(14)? as i32,
                y: bits.read(14)? as i32,
                velocity_x: bits.read(8)? as i8,
                velocity_y: bits.read(8)? as i8,
                health: bits.read(8)? as u8,
            });
            continue;
        }
        let Some(old) = known.next() else { break };
        if !in_baseline {
            continue;
        }
        let (x, y) = predict(old, age as i32);
        let mut entity = Entity { x, y, ..*old };
        if bits.read_bool()? {
            for value in [&mut entity.x, &mut entity.y] {
                let width = [5, 9, 9, 15][bits.read(2)? as usize & 3];
                let zigzag = bits.read(width)? as i32;
                *value = (*value + ((zigzag >> 1) ^ -(zigzag & 1))).rem_euclid(SIDE);
            }
            entity.velocity_x = bits.read(8)? as i8;
            entity.velocity_y = bits.read(8)? as i8;
        }
        if bits.read_bool()? {
            entity.health = bits.read(8)? as u8;
        }
        section.push(entity);
    }
    Ok(section)
}
