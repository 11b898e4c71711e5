//! A top-down game for the suite: things walk about a map of cells, and come, go, and arm themselves.

use netcord::Quantized;
use netcord::snapshot::{GroupId, SenderConfig, Shape, SnapshotReceiver, SnapshotSchema, SnapshotSender};
use netcord::wire::{ComponentId, ComponentSchema, GameRng, NetEntity, Schema, Tick};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Cells of the map, each a group.
pub(super) const CELLS: u32 = 16;
const SIDE: i32 = 1 << 14;
/// Ticks whose things are remembered.
const REMEMBERED: usize = 100;
/// The names of a thing's values.
pub(super) const FIELDS: [&str; 6] =
    ["position.x", "position.y", "velocity.x", "velocity.y", "health", "ammunition"];
/// The names that things have, now this one, now that.
const NAMES: [&str; 4] = ["", "Ada", "Grace Hopper", "Zoë"];
/// What is sent of a thing: its values, and its name.
pub(super) type Seen = ([i32; 6], &'static str);
/// By id, what is sent of a thing.
pub(super) type Things = BTreeMap<u32, Seen>;

const BODY: ComponentId = ComponentId(0);
const WEAPON: ComponentId = ComponentId(1);

#[derive(Quantized)]
struct Body {
    #[quantize(range(0.0..=16_383.0), step = 1.0)]
    position: [f32; 2],
    #[quantize(range(-64.0..=63.0), step = 1.0, velocity_of = "position", per = "tick")]
    velocity: [f32; 2],
    #[quantize(range(0..=100))]
    health: u8,
    #[quantize(bytes, max = 12)]
    name: String,
}

#[derive(Quantized)]
struct Weapon {
    ammunition: u8,
}

#[derive(Clone, Debug)]
struct Thing {
    at: [i32; 2],
    velocity: [i32; 2],
    health: i32,
    armed: bool,
    /// Which of the names.
    name: usize,
}

pub(super) struct Game {
    pub(super) sender: SnapshotSender,
    pub(super) tick: Tick,
    things: BTreeMap<u32, Thing>,
    rng: GameRng,
    /// Things that spawn and despawn in a tick, of 1,000.
    turnover: u32,
    past: VecDeque<(Tick, Things)>,
    sections: usize,
    /// Ticks in which there were as many sections as before no more.
    pub(super) rearranged: u64,
}

pub(super) fn schema() -> Arc<SnapshotSchema> {
    let schema = Schema::new()
        .with_component(ComponentSchema::of::<Body>("Body"))
        .with_component(ComponentSchema::of::<Weapon>("Weapon"));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("the schema is valid"))
}

/// The cell at a position's `x`.
fn cell(x: i32) -> u32 {
    (x / (SIDE / CELLS as i32)) as u32
}

impl Game {
    pub(super) fn new(seed: u64, things: u32, turnover: u32, config: SenderConfig, first: Tick) -> Self {
        let mut rng = GameRng::new(seed);
        let things = (0..things).map(|id| (id, thing(&mut rng))).collect();
        let sender = SnapshotSender::new(schema(), config);
        let past = VecDeque::new();
        Self { sender, tick: first, things, rng, turnover, past, sections: 0, rearranged: 0 }
    }

    /// The next tick, in which nothing moves if it is `at_rest`.
    pub(super) fn step(&mut self, at_rest: bool) {
        self.tick = self.tick.next();
        if !at_rest {
            self.live();
        }
        self.sender.begin(self.tick);
        for (&id, thing) in &self.things {
            let body = Shape::default().with(BODY);
            let shape = if thing.armed { body.with(WEAPON) } else { body };
            self.sender.write(NetEntity(id), GroupId(cell(thing.at[0])), shape).expect("ids ascend");
            self.sender.set(BODY, &thing.body()).expect("it has a body");
            if thing.armed {
                self.sender.set(WEAPON, &Weapon { ammunition: id as u8 }).expect("it has a weapon");
            }
        }
        self.sender.finish();
        self.rearranged += u64::from(self.sections != self.sender.sections());
        self.sections = self.sender.sections();
        let forgotten = (self.past.len() >= REMEMBERED).then(|| self.past.pop_front()).flatten();
        let mut things = forgotten.map_or_else(Things::new, |(_, things)| things);
        things.clear();
        things.extend(self.things.iter().map(|(&id, thing)| (id, thing.seen(id))));
        self.past.push_back((self.tick, things));
    }

    /// What there was at a tick, as long as that is remembered.
    pub(super) fn at(&self, tick: Tick) -> Option<&Things> {
        self.past.iter().find(|(then, _)| *then == tick).map(|(_, things)| things)
    }

    /// How often a thing has crossed from cell to cell since a tick.
    pub(super) fn crossings(&self, id: u32, since: Tick) -> usize {
        let past = self.past.iter().filter(|(then, _)| !then.is_before(since));
        let cells: Vec<_> = past.filter_map(|(_, things)| Some(cell(things.get(&id)?.0[0]))).collect();
        cells.windows(2).filter(|cells| cells[0] != cells[1]).count()
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
                7 if velocity[0].abs() < 3 => thing.name = (thing.name + 1) % NAMES.len(),
                _ => {}
            }
            for (at, by) in thing.at.iter_mut().zip(thing.velocity) {
                *at = (*at + by).rem_euclid(SIDE);
            }
        }
    }

    /// What can be seen in some cells, by id.
    pub(super) fn visible(&self, cells: &BTreeSet<u32>) -> impl Iterator<Item = (u32, Seen)> {
        let seen = self.things.iter().filter(|(_, thing)| cells.contains(&cell(thing.at[0])));
        seen.map(|(&id, thing)| (id, thing.seen(id)))
    }
}

impl Thing {
    fn body(&self) -> Body {
        let [position, velocity] = [self.at, self.velocity].map(|axes| axes.map(|axis| axis as f32));
        Body { position, velocity, health: self.health as u8, name: NAMES[self.name].to_owned() }
    }

    fn seen(&self, id: u32) -> Seen {
        let [x, y] = self.at;
        let [dx, dy] = self.velocity.map(|velocity| velocity + 64);
        let values = [x, y, dx, dy, self.health, if self.armed { id as i32 % 256 } else { 0 }];
        (values, NAMES[self.name])
    }
}

/// Says what differs when a receiver has not `seen` this of a thing; none is what is no more.
pub(super) fn compare(receiver: &SnapshotReceiver, id: u32, seen: Option<&Seen>) -> Result<(), String> {
    let entity = NetEntity(id);
    let row = receiver.entity(entity).map(|(_, _, row)| row);
    if row != seen.map(|(values, _)| &values[..]) {
        return Err(format!("{entity} is {row:?}, not {seen:?}"));
    }
    let body = receiver.component::<Body>(entity, BODY).map_err(|error| format!("{entity}: {error}"))?;
    let name = body.as_ref().map(|(_, body)| &*body.name);
    let expected = seen.map(|(_, name)| *name);
    if name == expected { Ok(()) } else { Err(format!("{entity} has the name {name:?}, not {expected:?}")) }
}

fn thing(rng: &mut GameRng) -> Thing {
    let at = [0; 2].map(|_| rng.below(SIDE as u32) as i32);
    let name = at[0] as usize % NAMES.len();
    Thing { at, velocity: [0; 2].map(|_| velocity(rng)), health: 100, armed: rng.below(2) == 0, name }
}

fn velocity(rng: &mut GameRng) -> i32 {
    rng.below(61) as i32 - 30
}
