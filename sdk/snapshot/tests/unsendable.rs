//! What can't be sent is said, once, and keeps nothing else back.

use netcord_snapshot::{
    GroupId, MAX_MESSAGE, Mode, ReceiverLimits, SenderConfig, Shape, SnapshotError, SnapshotReceiver,
    SnapshotSchema, SnapshotSender, View, ViewConfig,
};
use netcord_wire::{ComponentSchema, FieldKind, FieldSchema, GameRng, NetEntity, Schema, Tick};
use std::sync::Arc;

/// Components of so many numbers each.
fn schema(components: &[usize], kind: &FieldKind) -> Arc<SnapshotSchema> {
    let field = |number| FieldSchema::new(format!("number {number}"), kind.clone());
    let component = |(place, &numbers): (usize, &usize)| {
        ComponentSchema::new(format!("Component {place}"), (0..numbers).map(field).collect::<Vec<_>>())
    };
    let all = components.iter().enumerate().map(component);
    Arc::new(SnapshotSchema::new(&all.fold(Schema::new(), Schema::with_component), 60.0).expect("a schema"))
}

/// With the first component alone.
const FIRST: Shape = Shape(1);

struct Game {
    sender: SnapshotSender,
    view: View,
    receiver: SnapshotReceiver,
    tick: Tick,
    receipt: u64,
}

impl Game {
    fn new(schema: Arc<SnapshotSchema>, mode: Mode, limits: ReceiverLimits) -> Self {
        Self {
            sender: SnapshotSender::new(schema.clone(), SenderConfig { mode, ..SenderConfig::default() }),
            view: View::new(ViewConfig { budget: 1 << 20, ..ViewConfig::default() }),
            receiver: SnapshotReceiver::new(schema, limits),
            tick: Tick(0),
            receipt: 0,
        }
    }

    /// A tick with these entities: the group and shape of each, and a function that fills its values. All messages
    /// arrive. Returns the errors.
    fn step(
        &mut self,
        entities: &[(u32, u32, Shape)],
        mut fill: impl FnMut(u32, &mut [i32]),
    ) -> Vec<SnapshotError> {
        self.tick = self.tick.next();
        self.sender.begin(self.tick);
        for &(entity, group, shape) in entities {
            let row = self.sender.write(NetEntity(entity), GroupId(group), shape);
            fill(entity, row.expect("ids ascend"));
        }
        self.sender.finish();
        let mut errors = Vec::new();
        loop {
            match self.view.next_message(&mut self.sender) {
                Ok(None) => return errors,
                Ok(Some(message)) => {
                    self.receiver.receive(message).expect("nothing is lost");
                    self.receipt += 1;
                    self.view.sent(self.receipt);
                    self.view.delivered(self.receipt);
                }
                Err(error) => errors.push(error),
            }
        }
    }

    fn held(&self, entity: u32) -> Option<(Tick, i32)> {
        self.receiver.entity(NetEntity(entity)).map(|(tick, _, row)| (tick, row[0]))
    }
}

#[test]
fn an_entity_that_outgrows_a_message_is_named_and_others_go_on() {
    for mode in [Mode::Compact, Mode::Fast] {
        let schema = schema(&[1, 320], &FieldKind::Steps { axes: 1, step: 1.0 });
        let whole = schema.whole();
        let mut game = Game::new(schema, mode, ReceiverLimits::default());
        game.view.show(GroupId(0), 1);
        let mut entities: Vec<_> = (0..20).map(|entity| (entity, 0, FIRST)).collect();
        for tick in 1..20 {
            assert_eq!(game.step(&entities, |_, row| row[0] = tick), []);
        }
        let mut rng = GameRng::new(1);
        let huge: Vec<_> = (0..321).map(|_| rng.next_u64() as i32).collect();
        entities[7].2 = whole;
        let mut errors = Vec::new();
        for tick in 20..60 {
            let fill = |entity, row: &mut [i32]| {
                if entity == 7 { row.copy_from_slice(&huge) } else { row[0] = tick }
            };
            errors.extend(game.step(&entities, fill));
        }
        // It doesn't change: once is enough.
        let [SnapshotError::TooLarge { entity: NetEntity(7), bytes, limit: MAX_MESSAGE }] = errors[..] else {
            panic!("{errors:?}");
        };
        assert!(bytes > 1_200, "{bytes}");
        assert_eq!(game.held(7), Some((Tick(19), 19)));
        for entity in (0..20).filter(|&entity| entity != 7) {
            assert_eq!(game.held(entity), Some((Tick(59), 59)), "{entity}");
        }
        entities[7].2 = FIRST;
        assert_eq!(game.step(&entities, |_, row| row[0] = 60), []);
        assert_eq!(game.held(7), Some((Tick(60), 60)));
    }
}

#[test]
fn a_value_out_of_range_is_told_once_a_tick_and_keeps_back_its_section_alone() {
    let mut game = Game::new(
        schema(&[2], &FieldKind::Integer { min: 0, max: 100 }),
        Mode::Compact,
        ReceiverLimits::default(),
    );
    let mut other = View::new(ViewConfig::default());
    for view in [&mut game.view, &mut other] {
        (0..2).for_each(|group| view.show(GroupId(group), 1));
    }
    for tick in 1..10 {
        let errors = game
            .step(&[(0, 0, FIRST), (1, 1, FIRST)], |entity, row| row[0] = 95 + tick * (1 + entity as i32));
        let is_wrong = |error: &SnapshotError| {
            matches!(error, SnapshotError::OutOfRange { entity, value, .. }
                if *value == 95 + tick * (1 + entity.0 as i32))
        };
        assert_eq!(errors.len(), [0, 0, 0, 1, 1, 1, 2, 2, 2, 2][tick as usize], "{tick}: {errors:?}");
        assert!(errors.iter().all(is_wrong), "{errors:?}");
        // Another view gets what there is, and is told nothing that was told before.
        while other.next_message(&mut game.sender).expect("it was told").is_some() {
            other.sent(tick as u64 * 100 + u64::from(game.receipt > 0));
        }
    }
    assert_eq!((game.held(0), game.held(1)), (Some((Tick(5), 100)), Some((Tick(2), 99))));
}

#[test]
fn sections_that_a_view_can_not_list_are_counted_and_the_others_arrive() {
    let limits = ReceiverLimits { sections: 4_096, ..ReceiverLimits::default() };
    let mut game = Game::new(schema(&[1], &FieldKind::Flag), Mode::Fast, limits);
    let entities: Vec<_> = (0..1_500).map(|entity| (entity, entity, FIRST)).collect();
    (0..1_500).for_each(|group| game.view.show(GroupId(group), 1));
    let one = |_: u32, row: &mut [i32]| row[0] = 1;
    let errors = game.step(&entities, one);
    assert_eq!(errors, [SnapshotError::TooManySections { listed: 1_118, unlisted: 382 }]);
    assert_eq!((game.view.unlisted(), game.receiver.entities()), (382, 1_118));
    assert_eq!(game.step(&entities, one), []);

    // Every other one, of which each takes a byte still.
    (0..1_500).step_by(2).for_each(|group| game.view.hide(GroupId(group)));
    assert_eq!(game.step(&entities, one), []);
    assert_eq!((game.view.unlisted(), game.receiver.entities()), (0, 750));
}
