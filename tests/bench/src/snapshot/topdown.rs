//! A scene that is not physics: entities of a top-down game that walk about, with random steering, and are hit at times.

use netcord::wire::{ComponentSchema, FieldKind, FieldSchema, GameRng, NetEntity, Schema, TimeUnit};
use netcord_snapshot::{SectionState, SnapshotSchema};
use std::sync::Arc;

pub(crate) const ENTITIES: usize = 1_000;
/// The world's side, in sixteenths of a unit.
pub(crate) const SIDE: i32 = 1 << 14;
/// Values of an entity.
pub(crate) const COLUMNS: usize = 8;
const FACINGS: i32 = 256;

struct Entity {
    id: u32,
    at: [i32; 2],
    velocity: [i32; 2],
    facing: i32,
    health: i32,
    state: i32,
    ammo: i32,
}

/// The world, tick by tick.
pub(crate) struct World {
    entities: Vec<Entity>,
    rng: GameRng,
    next_id: u32,
}

/// What the entities are made of.
pub(crate) fn schema() -> Arc<SnapshotSchema> {
    let range = |axes: Vec<(f64, f64)>| FieldKind::Range { axes, step: 1.0 };
    let movement = [
        FieldSchema::new("position", range(vec![(0.0, f64::from(SIDE) - 1.0); 2])),
        FieldSchema::new("velocity", range(vec![(-32.0, 32.0); 2])).velocity_of("position", TimeUnit::Tick),
        FieldSchema::new("facing", FieldKind::Angle { bits: 8 }),
    ];
    let fighter = [
        FieldSchema::new("health", FieldKind::Integer { min: 0, max: 100 }),
        FieldSchema::new("state", FieldKind::variants(&["idle", "walking", "firing", "hurt", "fleeing"])),
        FieldSchema::new("ammo", FieldKind::Integer { min: 0, max: 30 }),
    ];
    let schema = Schema::new()
        .with_component(ComponentSchema::new("Movement", movement))
        .with_component(ComponentSchema::new("Fighter", fighter));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut world = Self { entities: Vec::new(), rng: GameRng::new(seed), next_id: 0 };
        (0..ENTITIES).for_each(|_| world.spawn());
        world
    }

    fn spawn(&mut self) {
        let rng = &mut self.rng;
        let mut below = |bound: i32| rng.below(bound as u32) as i32;
        self.entities.push(Entity {
            id: self.next_id,
            at: [below(SIDE), below(SIDE)],
            velocity: [0; 2],
            facing: below(FACINGS),
            health: 100,
            // 30 % stand about.
            state: i32::from(below(10) >= 3),
            ammo: 30,
        });
        self.next_id += 1;
    }

    /// One tick: who walks steers now and then, shoots, is hit; 1 % a second leave, and others come.
    pub(crate) fn step(&mut self) {
        let rng = &mut self.rng;
        let mut below = |bound: i32| rng.below(bound as u32) as i32;
        for entity in self.entities.iter_mut().filter(|entity| entity.state > 0) {
            if below(20) == 0 {
                let angle = below(FACINGS);
                let radians = f64::from(angle) * std::f64::consts::TAU / f64::from(FACINGS);
                let speed = f64::from(4 + below(20));
                entity.velocity = [(speed * radians.cos()) as i32, (speed * radians.sin()) as i32];
                entity.facing = angle;
            }
            for axis in 0..2 {
                let to = entity.at[axis] + entity.velocity[axis];
                if !(0..SIDE).contains(&to) {
                    entity.velocity[axis] = -entity.velocity[axis];
                } else {
                    entity.at[axis] = to;
                }
            }
            match below(400) {
                0 => entity.health = (entity.health - 1 - below(20)).max(1),
                1 => entity.state = 1 + below(4),
                2..8 => entity.ammo = if entity.ammo == 0 { 30 } else { entity.ammo - 1 },
                _ => {}
            }
        }
        if below(6) == 0 {
            let gone = below(ENTITIES as i32) as usize;
            self.entities.remove(gone);
            self.spawn();
        }
    }

    /// All entities by id: where each is, and its values.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (NetEntity, [i32; 2], [i32; COLUMNS])> {
        self.entities.iter().map(|entity| {
            let Entity { id, at: [x, y], velocity: [dx, dy], facing, health, state, ammo } = *entity;
            (NetEntity(id), [x, y], [x, y, dx + 32, dy + 32, facing, health, state, ammo])
        })
    }

    /// The state of all entities.
    pub(crate) fn write(&self, schema: &SnapshotSchema, state: &mut SectionState) {
        state.clear();
        for (entity, _, values) in self.rows() {
            let row = state.push(entity, schema.whole()).expect("ids that ascend");
            state.row_mut(row).copy_from_slice(&values);
        }
    }
}
