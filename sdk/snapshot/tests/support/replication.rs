//! A game, a sender, clients, and links between them that lose, delay, reorder and repeat; all from a seed.

use netcord_snapshot::{
    GroupId, MAX_MESSAGE, ReceiverLimits, SectionId, SenderConfig, Shape, SnapshotEvent, SnapshotReceiver,
    SnapshotSchema, SnapshotSender, View, ViewConfig,
};
use netcord_wire::{
    ComponentId, ComponentSchema, FieldKind, FieldSchema, GameRng, NetEntity, Schema, Tick, TimeUnit, varint,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Cells of the map, each a group.
pub(crate) const CELLS: u32 = 8;
const SIDE: i32 = 4_096;

/// What a link does to messages; shares are of 1,000.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditions {
    pub(crate) loss: u32,
    pub(crate) repeats: u32,
    /// Ticks that all take, and up to how many more some do.
    pub(crate) delay: (u32, u32),
}

/// What happens in the game.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) entities: u32,
    /// Entities of 1,000 that steer, spawn or despawn, and change shape in a tick.
    pub(crate) steering: u32,
    pub(crate) turnover: u32,
    pub(crate) reshaping: u32,
    /// How far they go in a tick, at most.
    pub(crate) speed: u32,
}

#[derive(Clone, Debug)]
struct Thing {
    at: [i32; 2],
    velocity: [i32; 2],
    health: i32,
    armed: bool,
}

pub(crate) struct Game {
    pub(crate) sender: SnapshotSender,
    pub(crate) tick: Tick,
    life: Life,
    things: BTreeMap<u32, Thing>,
    rng: GameRng,
}

pub(crate) fn schema() -> Arc<SnapshotSchema> {
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
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

impl Game {
    pub(crate) fn new(seed: u64, life: Life, config: SenderConfig, first: Tick) -> Self {
        let sender = SnapshotSender::new(schema(), config);
        let mut game =
            Self { sender, tick: first - 1, life, things: BTreeMap::new(), rng: GameRng::new(seed) };
        for id in 0..life.entities {
            let thing = game.thing();
            game.things.insert(id, thing);
        }
        game
    }

    fn thing(&mut self) -> Thing {
        let at = [0; 2].map(|_| self.rng.below(SIDE as u32) as i32);
        let velocity = [0; 2].map(|_| self.velocity());
        Thing { at, velocity, health: 100, armed: self.rng.below(2) == 0 }
    }

    fn velocity(&mut self) -> i32 {
        self.rng.below(2 * self.life.speed + 1) as i32 - self.life.speed as i32
    }

    /// One more tick; nothing moves in one that is at rest.
    pub(crate) fn step(&mut self, at_rest: bool) {
        self.tick = self.tick.next();
        if !at_rest {
            self.live();
        }
        self.sender.begin(self.tick);
        for (&id, thing) in &self.things {
            let mut shape = Shape::default().with(ComponentId(0));
            if thing.armed {
                shape = shape.with(ComponentId(1));
            }
            let row = self.sender.write(NetEntity(id), cell(thing.at), shape).expect("ids ascend");
            let [x, y] = thing.at;
            let [dx, dy] = thing.velocity.map(|velocity| velocity + 64);
            let ammunition = if thing.armed { id as i32 % 256 } else { 0 };
            row.copy_from_slice(&[x, y, dx, dy, thing.health, ammunition]);
        }
        self.sender.finish();
    }

    fn live(&mut self) {
        let ids: Vec<_> = self.things.keys().copied().collect();
        for id in ids {
            let dice = [0; 3].map(|_| self.rng.below(1_000));
            if dice[0] < self.life.turnover {
                self.things.remove(&id);
                // Half of the time, an id that was in use not long ago.
                let mut new = if dice[1] < 500 { id ^ 1 } else { self.rng.below(4 * self.life.entities) };
                while self.things.contains_key(&new) {
                    new += 1;
                }
                let thing = self.thing();
                self.things.insert(new, thing);
                continue;
            }
            let velocity = [0; 2].map(|_| self.velocity());
            let Some(thing) = self.things.get_mut(&id) else { continue };
            if dice[1] < self.life.steering {
                thing.velocity = if dice[2] < 300 { [0; 2] } else { velocity };
                thing.health = (thing.health + 99) % 101;
            }
            if dice[2] < self.life.reshaping {
                thing.armed = !thing.armed;
            }
            for axis in 0..2 {
                thing.at[axis] = (thing.at[axis] + thing.velocity[axis]).rem_euclid(SIDE);
            }
        }
    }

    /// What a client that sees these groups should have: by id, its values.
    pub(crate) fn visible(&self, groups: &BTreeSet<u32>) -> BTreeMap<u32, [i32; 2]> {
        let seen = self.things.iter().filter(|(_, thing)| groups.contains(&cell(thing.at).0));
        seen.map(|(&id, thing)| (id, thing.at)).collect()
    }
}

fn cell(at: [i32; 2]) -> GroupId {
    GroupId((at[0] / (SIDE / CELLS as i32)) as u32)
}

enum Arrival {
    Message(Vec<u8>),
    Delivered(u64),
    Lost(u64),
    Feedback(Vec<u8>),
}

/// What befalls messages that arrived and were acknowledged, of 1,000.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mishaps {
    pub(crate) forgotten: u32,
    pub(crate) garbled: u32,
}

pub(crate) struct Client {
    pub(crate) view: View,
    pub(crate) receiver: SnapshotReceiver,
    pub(crate) groups: BTreeSet<u32>,
    pub(crate) conditions: Conditions,
    /// Nothing more gets through; what is under way does.
    pub(crate) cut_off: bool,
    pub(crate) mishaps: Mishaps,
    /// Whether what arrives is compared, and errors are none of those that may be.
    pub(crate) strict: bool,
    pub(crate) feedback_bytes: u64,
    pub(crate) bytes: u64,
    pub(crate) most_bytes: usize,
    pub(crate) messages: u64,
    pub(crate) compared: u64,
    rng: GameRng,
    receipt: u64,
    under_way: BTreeMap<(u64, u64), Arrival>,
    sequence: u64,
    age: u64,
    /// For how many ticks each entity has been visible without a break.
    seen_for: HashMap<u32, u32>,
}

impl Client {
    pub(crate) fn new(seed: u64, config: ViewConfig, conditions: Conditions) -> Self {
        Self {
            view: View::new(config),
            receiver: SnapshotReceiver::new(schema(), ReceiverLimits::default()),
            groups: BTreeSet::new(),
            conditions,
            cut_off: false,
            mishaps: Mishaps::default(),
            strict: true,
            feedback_bytes: 0,
            bytes: 0,
            most_bytes: 0,
            messages: 0,
            compared: 0,
            rng: GameRng::new(seed ^ 0x5eed),
            receipt: 0,
            under_way: BTreeMap::new(),
            sequence: 0,
            age: 0,
            seen_for: HashMap::new(),
        }
    }

    pub(crate) fn show(&mut self, group: u32, weight: u32) {
        self.view.show(GroupId(group), weight);
        self.groups.insert(group);
    }

    pub(crate) fn hide(&mut self, group: u32) {
        self.view.hide(GroupId(group));
        // Of what has just moved out of it, the client can't know that it still sees it.
        self.seen_for.clear();
        self.groups.remove(&group);
    }

    fn later(&mut self, arrival: Arrival) {
        let (all, more) = self.conditions.delay;
        let at = self.age + u64::from(all + self.rng.below(more + 1));
        self.under_way.insert((at, self.sequence), arrival);
        self.sequence += 1;
    }

    /// Sends and receives what there is in this tick; all that arrives is compared with what the sender had.
    pub(crate) fn step(&mut self, game: &mut Game) {
        self.age += 1;
        let visible = game.visible(&self.groups);
        self.seen_for.retain(|id, _| visible.contains_key(id));
        visible.keys().for_each(|&id| *self.seen_for.entry(id).or_default() += 1);
        self.arrive(game);
        if let Some(feedback) = self.receiver.feedback().map(<[u8]>::to_vec) {
            self.feedback_bytes += feedback.len() as u64;
            if !self.cut_off && self.rng.below(1_000) >= self.conditions.loss {
                self.later(Arrival::Feedback(feedback));
            }
        }
        let mut bytes = 0;
        while let Some(message) = self.view.next_message(&mut game.sender).expect("values are in range") {
            assert!(message.len() <= MAX_MESSAGE);
            let message = message.to_vec();
            bytes += message.len();
            self.messages += 1;
            self.receipt += 1;
            let receipt = self.receipt;
            self.view.sent(receipt);
            if self.cut_off || self.rng.below(1_000) < self.conditions.loss {
                self.later(Arrival::Lost(receipt));
                continue;
            }
            if self.rng.below(1_000) < self.conditions.repeats {
                self.later(Arrival::Message(message.clone()));
            }
            self.later(Arrival::Message(message));
            // The news of it comes after it, or not at all.
            let (all, more) = self.conditions.delay;
            self.age += u64::from(all + more);
            let known = self.rng.below(1_000) >= self.conditions.loss;
            self.later(if known { Arrival::Delivered(receipt) } else { Arrival::Lost(receipt) });
            self.age -= u64::from(all + more);
        }
        self.bytes += bytes as u64;
        self.most_bytes = self.most_bytes.max(bytes);
    }

    fn arrive(&mut self, game: &Game) {
        while let Some(entry) = self.under_way.first_entry() {
            if entry.key().0 > self.age {
                break;
            }
            match entry.remove() {
                Arrival::Delivered(receipt) => self.view.delivered(receipt),
                Arrival::Lost(receipt) => self.view.lost(receipt),
                Arrival::Message(message) => self.receive(game, message),
                Arrival::Feedback(feedback) => {
                    self.view.receive_feedback(&game.sender, &feedback).expect("it is feedback");
                }
            }
        }
    }

    fn receive(&mut self, game: &Game, mut message: Vec<u8>) {
        let Mishaps { forgotten, garbled } = self.mishaps;
        if self.rng.below(1_000) < forgotten {
            return;
        }
        if self.rng.below(1_000) < garbled {
            // Behind the headers.
            let at = message.len() as u32 / 2;
            let at = at + self.rng.below(message.len() as u32 - at);
            message[at as usize] ^= 1 << self.rng.below(8);
        }
        let message = &*message;
        let before = self.receiver.stats().missing_baselines;
        let events = match self.receiver.receive(message) {
            Ok(events) => events.to_vec(),
            Err(error) => {
                // Only of what the client doesn't see any more, or again, can a state be missing.
                assert!(!self.strict || self.receiver.stats().missing_baselines > before, "{error}");
                return;
            }
        };
        for event in events {
            if let SnapshotEvent::Left { entity } = event {
                let seen_for = self.seen_for.get(&entity.0).copied().unwrap_or(0);
                assert!(
                    !self.strict || seen_for < 110,
                    "{entity} left though it has been visible for {seen_for} ticks"
                );
            }
        }
        if let Some((section, tick)) = section_of(message)
            && let (Some(held), Some(sent)) =
                (self.receiver.state(section, tick), game.sender.state(section, tick))
        {
            assert!(!self.strict || held == sent, "{section:?} at {tick}: {held:?}, not {sent:?}");
            self.compared += u64::from(held == sent);
        }
    }

    /// How many ticks old the oldest is that is known of an entity; of one that the client doesn't have, how long it has
    /// been visible.
    #[allow(dead_code)] // In some of the tests.
    pub(crate) fn stalest_entity(&self, now: Tick) -> i32 {
        let age = |(&id, &seen_for): (&u32, &u32)| {
            let held = self.receiver.entity(NetEntity(id)).map_or(i32::MAX, |(tick, _, _)| now.since(tick));
            // What it has may be from when it was visible before.
            held.min(seen_for as i32)
        };
        self.seen_for.iter().map(age).max().unwrap_or(0)
    }

    /// Compares all entities.
    pub(crate) fn assert_same(&self, game: &Game) {
        let visible = game.visible(&self.groups);
        assert_eq!(self.receiver.entities(), visible.len());
        for (id, at) in visible {
            let (_, _, row) = self.receiver.entity(NetEntity(id)).expect("it is visible");
            assert_eq!(row[..2], at, "entity {id}");
        }
    }
}

fn section_of(message: &[u8]) -> Option<(SectionId, Tick)> {
    let (&[first, a, b, c, d], mut rest) = message.split_first_chunk()?;
    let id = varint::read(&mut rest).ok()?;
    (first != u8::MAX).then_some((SectionId(id as u32), Tick(u32::from_le_bytes([a, b, c, d]))))
}
