//! Sections of snapshots, and the messages that bring them, from one whose bytes can't be trusted.

use super::script::{Script, write_chunk};
use netcord::Quantized;
use netcord::snapshot::{
    GroupId, Mode, ReceiverLimits, SectionCodec, SectionHeader, SectionState, SenderConfig, SnapshotEvent,
    SnapshotReceiver, SnapshotSchema, SnapshotSender, StateRing, View, ViewConfig,
};
use netcord::wire::{
    ComponentId, ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema, Tick, TimeUnit,
};
use std::sync::Arc;

const SHIP: ComponentId = ComponentId(1);

#[derive(Quantized)]
struct Ship {
    #[quantize(angle, bits = 10)]
    heading: f32,
    burns: bool,
    #[quantize(bytes, max = 12)]
    name: String,
}

/// A field of each kind, some of them in a component that not all entities have.
fn schema() -> Arc<SnapshotSchema> {
    let position = FieldKind::Range { axes: vec![(0.0, 4_095.0); 2], step: 1.0 };
    let velocity = FieldKind::Steps { axes: 2, step: 1.0 };
    let body = [
        FieldSchema::new("position", position),
        FieldSchema::new("velocity", velocity).velocity_of("position", TimeUnit::Tick),
        FieldSchema::new("orientation", FieldKind::Rotation { bits: 9 }),
    ];
    let schema = Schema::new()
        .with_component(ComponentSchema::new("Body", body))
        .with_component(ComponentSchema::of::<Ship>("Ship"));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("the schema is sound"))
}

/// What both sides hold: twenty ticks of bodies, each third a ship, that come and go.
fn history(schema: &SnapshotSchema) -> StateRing {
    let mut ring = StateRing::new(schema, 32);
    for tick in 0..20 {
        let state = ring.insert(Tick(tick));
        for id in (0..40).filter(|id| (id + tick) % 20 != 0) {
            let shape = if id % 3 == 0 { schema.whole() } else { Default::default() };
            let shape = if id % 2 == 0 { shape.with(ComponentId(0)) } else { shape };
            let row = state.push(NetEntity(id), shape).expect("ids ascend");
            if shape == schema.whole() {
                let (at, on) = (id as i32, tick as i32);
                let values = [at * 50 + on, 700, 1, 0, 3, 255, 255 + on, 300, at + on, i32::from(on > 9)];
                state.row_mut(row).copy_from_slice(&values);
                state.set_blob(row, 0, [&b"Argo"[..], b"Bounty"][(id + tick / 18) as usize % 2]);
            }
        }
    }
    ring
}

/// Honest sections, in both modes, with all numbers of baselines.
pub(super) fn sections() -> Vec<Vec<u8>> {
    let schema = schema();
    let ring = history(&schema);
    let mut codec = SectionCodec::new(schema);
    let mut seeds = Vec::new();
    for mode in [Mode::Compact, Mode::Fast] {
        for oldest in [20, 18, 15, 0] {
            let known = ring.baselines(Tick(19), |tick| !tick.is_before(Tick(oldest)) && tick.0 % 3 == 0);
            let mut bytes = Vec::new();
            let state = ring.get(Tick(19)).expect("it is held");
            codec.encode(mode, state, known.as_slice(), &mut bytes).expect("it can be coded");
            seeds.push(bytes);
        }
    }
    seeds
}

/// One after the other.
pub(super) fn script() -> Vec<u8> {
    let mut script = Vec::new();
    sections().iter().for_each(|section| write_chunk(&mut script, section));
    script
}

/// A section: what can be read of it can be written again, and reads the same.
pub(super) fn section(bytes: &[u8]) {
    let schema = schema();
    let ring = history(&schema);
    let mut codec = SectionCodec::new(schema.clone());
    let Ok(header) = SectionHeader::read(bytes) else { return };
    let Ok(known) = ring.baselines_of(Tick(19), &header) else { return };
    let mut state = SectionState::new(&schema);
    if codec.decode(bytes, known.as_slice(), &mut state).is_err() {
        return;
    }
    let mut again = Vec::new();
    codec.encode(header.mode, &state, known.as_slice(), &mut again).expect("what was read can be written");
    let mut twice = SectionState::new(&schema);
    codec.decode(&again, known.as_slice(), &mut twice).expect("what was written can be read");
    assert_eq!(state, twice);
}

/// Several sections by one codec: none leaves anything behind that the next one sees.
pub(super) fn section_after_section(bytes: &[u8]) {
    let (schema, mut script) = (schema(), Script(bytes));
    let ring = history(&schema);
    let mut codec = SectionCodec::new(schema.clone());
    while !script.0.is_empty() {
        let section = script.chunk();
        let Ok(header) = SectionHeader::read(section) else { continue };
        let Ok(known) = ring.baselines_of(Tick(19), &header) else { continue };
        let read = |codec: &mut SectionCodec| {
            let mut state = SectionState::new(&schema);
            codec.decode(section, known.as_slice(), &mut state).map(|()| state)
        };
        assert_eq!(read(&mut codec), read(&mut SectionCodec::new(schema.clone())));
    }
}

/// What a sender says in some ticks, of entities that move from group to group.
pub(super) fn conversation() -> Vec<u8> {
    let mut talk = Talk::new();
    let mut script = Vec::new();
    for _ in 1..12 {
        talk.tick(|message| write_chunk(&mut script, message));
    }
    script
}

/// A sender and one view, of which every message arrives.
struct Talk {
    sender: SnapshotSender,
    view: View,
    tick: u32,
    receipt: u64,
}

impl Talk {
    const THINGS: u32 = 24;
    const BUDGET: usize = 4_000;

    fn new() -> Self {
        let config = ViewConfig { budget: Self::BUDGET, overhead: 0, ..ViewConfig::default() };
        let sender = SnapshotSender::new(schema(), SenderConfig::default());
        Self { sender, view: View::new(config), tick: 0, receipt: 0 }
    }

    /// What is sent of a thing.
    fn values(id: u32, tick: u32) -> [i32; 8] {
        [(id * 50 + tick) as i32, 700, 1, 0, 3, 255, 256, 300]
    }

    fn tick(&mut self, mut receive: impl FnMut(&[u8])) {
        self.tick += 1;
        let tick = self.tick;
        self.view.show(GroupId(0), 1);
        if tick.is_multiple_of(5) {
            self.view.hide(GroupId(1));
        } else {
            self.view.show(GroupId(1), 3);
        }
        self.sender.begin(Tick(tick));
        for id in 0..Self::THINGS {
            let group = GroupId((id + tick / 4) % 2);
            let row = self.sender.write(NetEntity(id), group, schema().whole()).expect("ids ascend");
            row[..8].copy_from_slice(&Self::values(id, tick));
            let name = ["Argo", "Bounty"][(id + tick / 6) as usize % 2].to_owned();
            let ship = Ship { heading: id as f32 / 10.0, burns: tick > 5, name };
            self.sender.set(SHIP, &ship).expect("it has a ship");
        }
        self.sender.finish();
        let mut bytes = 0;
        while let Some(message) = self.view.next_message(&mut self.sender).expect("it can be coded") {
            bytes += message.len();
            receive(message);
            self.receipt += 1;
            self.view.sent(self.receipt);
            self.view.delivered(self.receipt);
        }
        assert!(bytes <= Self::BUDGET, "{bytes} bytes in a tick");
    }
}

/// What receivers say that have lost what they had, now and then.
pub(super) fn complaints() -> Vec<u8> {
    let mut talk = Talk::new();
    let renewed = || SnapshotReceiver::new(schema(), ReceiverLimits::default());
    let (mut receiver, mut script) = (renewed(), Vec::new());
    for tick in 1..100 {
        if tick % 23 == 0 {
            receiver = renewed();
        }
        talk.tick(|message| drop(receiver.receive(message)));
        let feedback = receiver.feedback().unwrap_or_default();
        write_chunk(&mut script, feedback);
        let _ = talk.view.receive_feedback(&talk.sender, feedback);
    }
    script
}

/// Feedback to a view, once a tick: whatever it says, the budget holds, and who receives all has all.
pub(super) fn feedback(bytes: &[u8]) {
    let (mut talk, mut script) = (Talk::new(), Script(bytes));
    let mut receiver = SnapshotReceiver::new(schema(), ReceiverLimits::default());
    let mut step = |talk: &mut Talk| {
        talk.tick(|message| {
            receiver.receive(message).expect("what a sender says can be read");
        });
        for id in 0..Talk::THINGS {
            let Some((Tick(tick), _, row)) = receiver.entity(NetEntity(id)) else { continue };
            assert_eq!(row[..8], Talk::values(id, tick), "thing {id}");
        }
        receiver.entities()
    };
    step(&mut talk);
    while !script.0.is_empty() {
        let _ = talk.view.receive_feedback(&talk.sender, script.chunk());
        step(&mut talk);
    }
    // All groups are seen again.
    while talk.tick % 5 != 2 {
        step(&mut talk);
    }
    assert_eq!(step(&mut talk), Talk::THINGS as usize);
}

/// Messages to a receiver: whatever they say, it holds no more than it may, and knows what it holds.
pub(super) fn receiver(bytes: &[u8]) {
    let limits = ReceiverLimits { sections: 16, entities: 100, ..ReceiverLimits::default() };
    let mut receiver = SnapshotReceiver::new(schema(), limits);
    let mut script = Script(bytes);
    while !script.0.is_empty() {
        let message = script.chunk();
        let entered: Vec<_> = match receiver.receive(message) {
            Ok(events) => events
                .iter()
                .filter_map(|event| match event {
                    SnapshotEvent::Entered { entity, .. } => Some(*entity),
                    _ => None,
                })
                .collect(),
            Err(_) => continue,
        };
        assert!(receiver.sections().count() <= limits.sections && receiver.entities() <= limits.entities);
        for entity in entered {
            assert!(receiver.entity(entity).is_some(), "{entity} has entered, and is not there");
            if let Ok(Some((_, ship))) = receiver.component::<Ship>(entity, SHIP) {
                assert!(ship.heading.is_finite() && ship.name.len() <= 12, "{entity} is {}", ship.name);
            }
        }
        let sections: Vec<_> = receiver.sections().collect();
        for (section, newest) in sections {
            assert!(receiver.state(section, newest).is_some(), "the newest state is held");
        }
    }
}
