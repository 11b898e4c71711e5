//! In whatever order messages come, an entity that moves between sections neither leaves nor goes back, and one that is
//! gone doesn't come again. All orders are tried.

use netcord_snapshot::{
    GroupId, ReceiverLimits, SenderConfig, Shape, SnapshotEvent, SnapshotReceiver, SnapshotSchema,
    SnapshotSender, View, ViewConfig,
};
use netcord_wire::{ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema, Tick};
use std::sync::Arc;

const MOVER: NetEntity = NetEntity(7);
/// Ticks wrap in the midst of it.
const FIRST: Tick = Tick(u32::MAX - 1);

fn schema() -> Arc<SnapshotSchema> {
    let age = FieldSchema::new("age", FieldKind::Integer { min: 0, max: 1_000 });
    let schema = Schema::new().with_component(ComponentSchema::new("Thing", [age]));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

fn receiver() -> SnapshotReceiver {
    SnapshotReceiver::new(schema(), ReceiverLimits::default())
}

/// The messages of some ticks, in each of which the entity is in one of the groups, or gone. `shown` groups are seen.
fn messages(groups: &[Option<u32>], shown: impl Fn(usize) -> Vec<u32>) -> Vec<Vec<u8>> {
    let mut sender = SnapshotSender::new(schema(), SenderConfig::default());
    let mut view = View::new(ViewConfig { budget: 1 << 20, stalest: 4, ..ViewConfig::default() });
    let mut messages = Vec::new();
    for (age, group) in groups.iter().enumerate() {
        (0..3).for_each(|group| view.hide(GroupId(group)));
        shown(age).into_iter().for_each(|group| view.show(GroupId(group), 1));
        sender.begin(FIRST + age as u32);
        // Each group has one that stays.
        for id in [0, 1, 2, MOVER.0] {
            let group = if id == MOVER.0 { *group } else { Some(id) };
            let Some(group) = group else { continue };
            let row = sender.write(NetEntity(id), GroupId(group), Shape(1)).expect("ids ascend");
            row[0] = age as i32;
        }
        sender.finish();
        // None is ever acknowledged, so each can be read alone.
        while let Some(message) = view.next_message(&mut sender).expect("values are in range") {
            messages.push(message.to_vec());
        }
    }
    // As many as can be tried in all orders.
    messages.drain(..messages.len().saturating_sub(7));
    messages
}

/// Calls `check` with each order of so many.
fn orders(count: usize, check: &mut impl FnMut(&[usize])) {
    fn rest(order: &mut Vec<usize>, from: usize, check: &mut impl FnMut(&[usize])) {
        if from == order.len() {
            return check(order);
        }
        for next in from..order.len() {
            order.swap(from, next);
            rest(order, from + 1, check);
            order.swap(from, next);
        }
    }
    rest(&mut (0..count).collect(), 0, check);
}

/// What was told of the entity, message by message: events, and the tick at which it is shown then.
fn play(messages: &[Vec<u8>], order: &[usize]) -> (Vec<SnapshotEvent>, Vec<Option<Tick>>) {
    let mut receiver = receiver();
    let (mut told, mut ticks) = (Vec::new(), Vec::new());
    for &place in order {
        let events = receiver.receive(&messages[place]).expect("it can be read");
        told.extend(events.iter().copied().filter(|event| match event {
            SnapshotEvent::Entered { entity, .. } | SnapshotEvent::Left { entity } => *entity == MOVER,
            _ => false,
        }));
        let shown = receiver.entity(MOVER);
        // What is shown is what was at that tick.
        if let Some((tick, _, row)) = shown {
            assert_eq!(tick.since(FIRST), row[0], "{order:?}");
        }
        ticks.push(shown.map(|(tick, ..)| tick));
    }
    (told, ticks)
}

fn assert_steady(messages: &[Vec<u8>]) {
    assert!((4..=7).contains(&messages.len()), "{} messages", messages.len());
    let mut orders_tried = 0;
    orders(messages.len(), &mut |order| {
        orders_tried += 1;
        let (told, ticks) = play(messages, order);
        assert!(matches!(told[..], [SnapshotEvent::Entered { .. }]), "{order:?}: {told:?}");
        let shown: Vec<_> = ticks.iter().skip_while(|tick| tick.is_none()).collect();
        let goes_on = |pair: &[&Option<Tick>]| match (pair[0], pair[1]) {
            (Some(before), Some(now)) => !now.is_before(*before),
            _ => false,
        };
        assert!(shown.windows(2).all(goes_on), "{order:?}: {shown:?}");
    });
    assert!(orders_tried >= 24);
}

#[test]
fn an_entity_that_moves_never_leaves() {
    assert_steady(&messages(&[Some(0), Some(1), Some(1)], |_| vec![0, 1]));
}

#[test]
fn an_entity_that_moves_there_and_back_never_leaves() {
    assert_steady(&messages(&[Some(0), Some(1), Some(0)], |_| vec![0, 1]));
}

#[test]
fn an_entity_that_moves_on_and_on_never_leaves() {
    assert_steady(&messages(&[Some(0), Some(1), Some(2)], |_| vec![0, 1, 2]));
}

#[test]
fn an_entity_that_is_gone_stays_gone_once_that_is_known() {
    let messages = messages(&[Some(0), Some(1), None], |_| vec![0, 1]);
    orders(messages.len(), &mut |order| {
        let (told, ticks) = play(&messages, order);
        assert_eq!(ticks.last(), Some(&None), "{order:?}");
        let (entered, left) = told.iter().fold((0, 0), |(entered, left), event| match event {
            SnapshotEvent::Entered { .. } => (entered + 1, left),
            _ => (entered, left + 1),
        });
        assert!(entered == left && entered <= 1, "{order:?}: {told:?}");
    });
}

#[test]
fn an_entity_that_moves_out_of_sight_leaves_once() {
    let messages = messages(&[Some(0), Some(1), Some(1)], |_| vec![0]);
    orders(messages.len(), &mut |order| {
        let (told, ticks) = play(&messages, order);
        assert_eq!(ticks.last(), Some(&None), "{order:?}: {told:?}");
        assert!(told.len() <= 2, "{order:?}: {told:?}");
    });
}

#[test]
fn what_is_old_by_its_tick_is_never_taken_for_new() {
    let mut sender = SnapshotSender::new(schema(), SenderConfig::default());
    let mut message = |tick: Tick| {
        let mut view = View::new(ViewConfig::default());
        view.show(GroupId(0), 1);
        sender.begin(tick);
        let row = sender.write(MOVER, GroupId(0), Shape(1)).expect("it is the only one");
        row[0] = (tick.0 % 1_000) as i32;
        sender.finish();
        let _manifest = view.next_message(&mut sender).expect("values are in range").map(<[u8]>::to_vec);
        view.next_message(&mut sender).expect("values are in range").expect("it is new").to_vec()
    };
    let far = FIRST + (1 << 31) - 1;
    let [first, soon, late] = [FIRST, FIRST + 5, far].map(&mut message);
    let mut receiver = receiver();
    let shown = |receiver: &SnapshotReceiver| receiver.entity(MOVER).map(|(tick, ..)| tick);
    receiver.receive(&first).expect("it can be read");
    // After an outage of half of all ticks, less one, what comes is new.
    receiver.receive(&late).expect("it can be read");
    assert_eq!(shown(&receiver), Some(far));
    // And what is from before it is old, as is what seems to be from before it.
    for old in [&first, &soon] {
        assert_eq!(receiver.receive(old).expect("it is old"), []);
        assert_eq!(shown(&receiver), Some(far));
    }
    assert_eq!(receiver.stats().superseded, 2);
}
