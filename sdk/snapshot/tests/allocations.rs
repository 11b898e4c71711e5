//! In steady state nothing is allocated, at the sender or at the receiver.

use netcord_snapshot::{
    GroupId, Mode, ReceiverLimits, SenderConfig, SnapshotReceiver, SnapshotSchema, SnapshotSender, View,
    ViewConfig,
};
use netcord_wire::{ComponentSchema, FieldKind, FieldSchema, GameRng, NetEntity, Schema, Tick};
use std::collections::VecDeque;
use std::sync::Arc;

const GROUPS: u32 = 3;

fn schema() -> Arc<SnapshotSchema> {
    let range = FieldKind::Range { axes: vec![(0.0, 4_095.0); 2], step: 1.0 };
    let body = [
        FieldSchema::new("position", range),
        FieldSchema::new("health", FieldKind::Integer { min: 0, max: 100 }),
    ];
    let schema = Schema::new().with_component(ComponentSchema::new("Body", body));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

struct Game {
    schema: Arc<SnapshotSchema>,
    sender: SnapshotSender,
    clients: Vec<(View, SnapshotReceiver)>,
    /// Ids that ascend, and groups.
    entities: Vec<(u32, u32)>,
    rng: GameRng,
    tick: Tick,
    receipt: u64,
    /// The last receipts of the last ticks.
    ends: VecDeque<u64>,
}

impl Game {
    fn new(mode: Mode, entities: u32) -> Self {
        let schema = schema();
        let clients = (0..3).map(|_| {
            let mut view = View::new(ViewConfig { budget: 1_500, ..ViewConfig::default() });
            (0..GROUPS).for_each(|group| view.show(GroupId(group), 1));
            (view, SnapshotReceiver::new(schema.clone(), ReceiverLimits::default()))
        });
        Self {
            sender: SnapshotSender::new(schema.clone(), SenderConfig { mode, ..SenderConfig::default() }),
            clients: clients.collect(),
            schema,
            entities: (0..entities).map(|id| (id, id % GROUPS)).collect(),
            rng: GameRng::new(1),
            tick: Tick(0),
            receipt: 0,
            ends: VecDeque::from([0; 6]),
        }
    }

    /// Some spawn and despawn: one of each in so many ticks. Some go to another group.
    fn churn(&mut self, ticks: u32) {
        if self.rng.below(ticks) == 0 {
            let gone = self.rng.below(self.entities.len() as u32) as usize;
            let last = self.entities.last().map_or(0, |&(id, _)| id);
            self.entities.remove(gone);
            self.entities.push((last + 1, last % GROUPS));
        }
        if self.rng.below(ticks) == 0 {
            let moved = self.rng.below(self.entities.len() as u32) as usize;
            self.entities[moved].1 = self.rng.below(GROUPS);
        }
    }

    /// A tick, in which all messages arrive, and the receipts of those of five ticks before.
    fn step(&mut self) {
        self.tick = self.tick.next();
        self.sender.begin(self.tick);
        for &(id, group) in &self.entities {
            let row = self.sender.write(NetEntity(id), GroupId(group), self.schema.whole());
            let health = if self.rng.below(10) == 0 { 99 } else { 50 };
            row.expect("ids ascend").copy_from_slice(&[
                (self.tick.0 % 4_096) as i32,
                id as i32 % 4_096,
                health,
            ]);
        }
        self.sender.finish();
        for (view, receiver) in &mut self.clients {
            while let Some(message) = view.next_message(&mut self.sender).expect("values are in range") {
                receiver.receive(message).expect("it has all baselines");
                self.receipt += 1;
                view.sent(self.receipt);
            }
            // Each view knows its own.
            (self.ends[0] + 1..=self.ends[1]).for_each(|receipt| view.delivered(receipt));
        }
        self.ends.rotate_left(1);
        self.ends[5] = self.receipt;
    }
}

#[test]
fn nothing_is_allocated_once_the_memory_is_there() {
    for mode in [Mode::Compact, Mode::Fast] {
        let mut game = Game::new(mode, 300);
        (0..600).for_each(|_| game.step());
        let info = allocation_counter::measure(|| (0..600).for_each(|_| game.step()));
        assert_eq!((info.count_total, info.bytes_total), (0, 0), "{mode:?}");
        assert!(game.clients.iter().all(|(_, receiver)| receiver.entities() == 300));
    }
}

#[test]
fn few_ticks_allocate_when_entities_come_and_go() {
    for mode in [Mode::Compact, Mode::Fast] {
        let mut game = Game::new(mode, 300);
        let tick = |game: &mut Game| {
            // 1 % a second.
            game.churn(20);
            game.step();
        };
        (0..2_400).for_each(|_| tick(&mut game));
        let counts: Vec<_> =
            (0..1_200).map(|_| allocation_counter::measure(|| tick(&mut game)).count_total).collect();
        let allocating = counts.iter().filter(|&&count| count > 0).count();
        eprintln!(
            "{mode:?}: {allocating} of {} ticks allocate, {} times",
            counts.len(),
            counts.iter().sum::<u64>()
        );
        assert!(allocating < 12, "{mode:?}: {allocating}");
        assert!(game.clients.iter().all(|(_, receiver)| receiver.entities() == 300));
    }
}
