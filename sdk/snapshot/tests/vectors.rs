//! The test vectors of STANDARD.md, section 8, read from the page itself: whoever changes them changes the format.

use netcord_snapshot::{Baseline, Mode, SectionCodec, SectionState, SnapshotSchema};
use netcord_wire::{ComponentId, ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema, TimeUnit};
use std::collections::BTreeMap;
use std::sync::Arc;

const STANDARD: &str = include_str!("../../../STANDARD.md");

fn schema() -> Arc<SnapshotSchema> {
    let position = FieldKind::Range { axes: vec![(0.0, 4_095.0); 2], step: 1.0 };
    let body = [
        FieldSchema::new("orientation", FieldKind::Rotation { bits: 9 }),
        FieldSchema::new("position", position),
    ];
    let fighter = [
        FieldSchema::new("armed", FieldKind::Flag),
        FieldSchema::new("heading", FieldKind::Angle { bits: 8 }),
    ];
    let schema = Schema::new()
        .with_component(ComponentSchema::new("Body", body))
        .with_component(ComponentSchema::new("Fighter", fighter));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

/// Twenty entities at a tick: some rest, some move, one turns, one comes, one has another shape now and then.
fn state(schema: &SnapshotSchema, tick: i32) -> SectionState {
    let mut state = SectionState::new(schema);
    for entity in (0..20).filter(|&entity| entity != 3 || tick > 8) {
        let body = netcord_snapshot::Shape::default().with(ComponentId(0));
        let shape = if entity % 2 == 0 && (entity != 4 || tick > 8) { schema.whole() } else { body };
        let row = state.push(NetEntity(entity as u32), shape).expect("ascending ids");
        let moved = if entity % 3 == 0 { tick * (entity - 9) + tick * tick / 8 } else { 0 };
        let turned = if entity == 6 { 12 * tick } else { 0 };
        let values = state.row_mut(row);
        values[..6].copy_from_slice(&[3, 256 + turned, 255, 256 - turned / 3, 2_000 + moved, 100 * entity]);
        if shape == schema.whole() {
            values[6..]
                .copy_from_slice(&[i32::from(entity == 8 && tick > 9), (250 + tick * entity / 4) & 255]);
        }
    }
    state
}

/// What stands in the place of states that are spelled out: things with a position, and a velocity that moves it.
fn things() -> Arc<SnapshotSchema> {
    let steps = || FieldKind::Steps { axes: 1, step: 1.0 };
    let fields = [
        FieldSchema::new("position", steps()),
        FieldSchema::new("velocity", steps()).velocity_of("position", TimeUnit::Tick),
    ];
    let schema = Schema::new().with_component(ComponentSchema::new("Thing", fields));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

/// A state such as `3:70,2 4:9,0`: entity, position, velocity.
fn thing_states(schema: &SnapshotSchema, text: &str) -> SectionState {
    let mut state = SectionState::new(schema);
    for thing in text.split_whitespace() {
        let numbers: Vec<i32> =
            thing.split([':', ',']).map(|number| number.parse().expect("a number")).collect();
        let row = state.push(NetEntity(numbers[0] as u32), schema.whole()).expect("ascending ids");
        state.row_mut(row).copy_from_slice(&numbers[1..]);
    }
    state
}

/// Players with a name, a flag and a badge: at tick 3 one more has come, one has a badge, and one another name.
fn players() -> Arc<SnapshotSchema> {
    let player = [
        FieldSchema::new("name", FieldKind::Text { max: 16 }),
        FieldSchema::new("armed", FieldKind::Flag),
        FieldSchema::new("badge", FieldKind::Bytes { max: 4 }),
    ];
    let schema = Schema::new().with_component(ComponentSchema::new("Player", player));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

fn player_states(schema: &SnapshotSchema, tick: i32) -> SectionState {
    let players: &[(u32, &str, &[u8])] = if tick < 3 {
        &[(1, "Ada", &[]), (2, "Bob", &[7]), (5, "Eve", &[])]
    } else {
        &[(1, "Ada", &[1, 2]), (2, "Bob", &[7]), (4, "Zoë", &[]), (5, "Eva", &[])]
    };
    let mut state = SectionState::new(schema);
    for &(entity, name, badge) in players {
        let row = state.push(NetEntity(entity), schema.whole()).expect("ascending ids");
        state.set_blob(row, 0, name.as_bytes());
        state.set_blob(row, 1, badge);
    }
    state
}

/// The bytes of a vector's input, decoded again.
fn bytes(name: &str, input: &str) -> String {
    let (mode, schema, states) = match name {
        "scene" | "players" => {
            let (schema, tick, state): (_, _, fn(&SnapshotSchema, i32) -> SectionState) =
                if name == "scene" { (schema(), 12, state) } else { (players(), 3, player_states) };
            let (mode, ages) = input.split_once(':').expect("a mode, and ages");
            let ages = ages.split_whitespace().map(|age| age.parse().expect("an age"));
            let states =
                std::iter::once(0).chain(ages).map(|age: u8| (age, state(&schema, tick - i32::from(age))));
            let states: Vec<_> = states.collect();
            (mode, schema, states)
        }
        mode => {
            let schema = things();
            let states = [0, 1, 2, 4].into_iter().zip(input.split('|'));
            let states = states.map(|(age, text)| (age, thing_states(&schema, text))).collect();
            (mode, schema, states)
        }
    };
    let mode = if mode == "fast" { Mode::Fast } else { Mode::Compact };
    let [(_, now), older @ ..] = states.as_slice() else { panic!("no state in {input}") };
    let baselines: Vec<_> = older.iter().map(|(age, state)| Baseline { age: *age, state }).collect();
    let (mut codec, mut bytes) = (SectionCodec::new(schema.clone()), Vec::new());
    codec.encode(mode, now, &baselines, &mut bytes).expect("a state of the schema");
    let mut back = SectionState::new(&schema);
    codec.decode(&bytes, &baselines, &mut back).expect("what was encoded");
    assert_eq!(&back, now, "{name}({input})");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_vector_of_the_standard_holds() {
    let section = STANDARD.split("\n## ").find(|section| section.starts_with("8. ")).expect("section 8");
    let (mut checked, mut wrong) = (BTreeMap::new(), Vec::new());
    for line in section.lines() {
        let Some((call, expected)) = line.strip_prefix("    ").and_then(|line| line.split_once(") = "))
        else {
            continue;
        };
        let Some((name @ ("compact" | "fast" | "players" | "scene"), input)) = call.split_once('(') else {
            continue;
        };
        let is = bytes(name, input);
        if is != expected {
            wrong.push(format!("    {call}) = {is}"));
        }
        *checked.entry(name).or_insert(0) += 1;
    }
    assert!(wrong.is_empty(), "these are others now:\n{}", wrong.join("\n"));
    assert_eq!(
        checked.into_iter().collect::<Vec<_>>(),
        [("compact", 7), ("fast", 7), ("players", 3), ("scene", 3)]
    );
}
