//! A top-down game for the suite: things walk about a map of cells, and come, go, and arm themselves.

use netcord::snapshot::{GroupId, SenderConfig, Shape, SnapshotSchema, SnapshotSender};
use netcord::wire::{
    ComponentId, ComponentSchema, FieldKind, FieldSchema, GameRng, NetEntity, Schema, Tick, TimeUnit,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Cells of the map, each a group.
pub(super) const CELLS: u32 = 16;
const SIDE: i32 = 1 << 14;

#[derive(Clone, Debug)]
struct Thing {
    at: [i32; 2],
    velocity: [i32; 2],
    health: i32,
    armed: bool,
}

pub(super) struct Game {
    pub(super) sender: SnapshotSender,
    pub(super) tick: Tick,
    things: BTreeMap<u32, Thing>,
    rng: GameRng,
    /// Things that spawn and despawn in a tick, of 1,000.
    turnover: u32,
}

pub(super) fn schema() -> Arc<SnapshotSchema> {
    let range = |axes: Vec<(f64, f64)>| FieldKind::Range { axes, step: 1.0 };
    let body = [
        FieldSchema::new("position", range(vec![(0.0, f64::from(SIDE) - 1.0); 2])),
        FieldSchema::new("velocity", range(vec![(-64.0, 63.0); 2])).velocity_of("position", TimeUnit::Tick),
        FieldSchema::new("health", FieldKind::Integer { min: 0, max: 100 }),
    ];
    let weapon = [FieldSchema::new("ammunition", FieldKind::Integer { min: 0, max: 255 })];
    let schema = Schema::new()
        .with_component(ComponentSchema::new("Body", body))
        .with_component(ComponentSchema::new("Weapon", weapon));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("the schema is valid"))
}

fn cell(thing: &Thing) -> u32 {
    (thing.at[0] / (SIDE / CELLS as i32)) as u32
}

impl Game {
    pub(super) fn new(seed: u64, things: u32, turnover: u32, config: SenderConfig, first: Tick) -> Self {
        let mut rng = GameRng::new(seed);
        let things = (0..things).map(|id| (id, thing(&mut rng))).collect();
        Self { sender: SnapshotSender::new(schema(), config), tick: first, things, rng, turnover }
    }

    /// The next tick, in which nothing moves if it is `at_rest`.
    pub(super) fn step(&mut self, at_rest: bool) {
        self.tick = self.tick.next();
        if !at_rest {
            self.live();
        }
        self.sender.begin(self.tick);
        for (&id, thing) in &self.things {
            let body = Shape::default().with(ComponentId(0));
            let shape = if thing.armed { body.with(ComponentId(1)) } else { body };
            let row = self.sender.write(NetEntity(id), GroupId(cell(thing)), shape).expect("ids ascend");
            row.copy_from_slice(&thing.values(id));
        }
        self.sender.finish();
    }

    fn live(&mut self) {
        let ids: Vec<_> = self.things.keys().copied().collect();
        for id in ids {
            if self.rng.below(1_000) < self.turnover {
                self.things.remove(&id);
                // An id that was in use not long ago, half of the time.
                let new = if self.rng.below(2) == 0 { id ^ 1 } else { self.rng.below(5_000) };
                let thing = thing(&mut self.rng);
                self.things.entry(new).or_insert(thing);
            }
            let dice = self.rng.below(100);
            let velocity = [0; 2].map(|_| velocity(&mut self.rng));
            let Some(thing) = self.things.get_mut(&id) else { continue };
            match dice {
                0..2 => thing.velocity = [0; 2],
                2..5 => thing.velocity = velocity,
                5 => thing.health = (thing.health + 97) % 101,
                6 if velocity[0] == 0 => thing.armed = !thing.armed,
                _ => {}
            }
            for (at, by) in thing.at.iter_mut().zip(thing.velocity) {
                *at = (*at + by).rem_euclid(SIDE);
            }
        }
    }

    /// What can be seen in some cells: by id, its values.
    pub(super) fn visible(&self, cells: &BTreeSet<u32>) -> impl Iterator<Item = (u32, [i32; 6])> {
        let seen = self.things.iter().filter(|(_, thing)| cells.contains(&cell(thing)));
        seen.map(|(&id, thing)| (id, thing.values(id)))
    }
}

impl Thing {
    fn values(&self, id: u32) -> [i32; 6] {
        let [x, y] = self.at;
        let [dx, dy] = self.velocity.map(|velocity| velocity + 64);
        [x, y, dx, dy, self.health, if self.armed { id as i32 % 256 } else { 0 }]
    }
}

fn thing(rng: &mut GameRng) -> Thing {
    let at = [0; 2].map(|_| rng.below(SIDE as u32) as i32);
    Thing { at, velocity: [0; 2].map(|_| velocity(rng)), health: 100, armed: rng.below(2) == 0 }
}

fn velocity(rng: &mut GameRng) -> i32 {
    rng.below(61) as i32 - 30
}
