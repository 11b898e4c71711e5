//! The bytes of a small section: whoever changes them changes the format. The same on every machine.

use netcord_snapshot::{Baseline, Mode, SectionCodec, SectionState, SnapshotSchema};
use netcord_wire::{ComponentId, ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema};
use std::sync::Arc;

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

#[test]
fn sections_have_these_bytes() {
    let schema = schema();
    let [now, newest, second, third] = [12, 6, 4, 0].map(|tick| state(&schema, tick));
    let baselines = [(6, &newest), (8, &second), (12, &third)].map(|(age, state)| Baseline { age, state });
    let mut codec = SectionCodec::new(schema.clone());
    let mut back = SectionState::new(&schema);
    for (mode, count, expected) in [
        (Mode::Compact, 3, "1c0600010301010303ad5e3fd9d0f948e4fd2530c07f00698e850600000a"),
        (
            Mode::Compact,
            0,
            "00001400030001000300010003000100030001000300010003000100030001000300010003000100030001000c3086aa6499ec0c26850ff91906c538b003fc0790ddf403fc0790861ce03f80c8fa01fe03d82207f80f208be400ff01440ef91fb482e400ff0124c801fe0388e400ff0124c801fe0358901ce03f80c801fe03c82239c07f005be400ff01447280ff00d29003fc07b086e400ff01440ef01f403e9203fc07b08f046a",
        ),
        (
            Mode::Fast,
            2,
            "190600010301010303efbaae146080ff008255b520d03c9628080a8282a0202808a200eb6e3000000000",
        ),
    ] {
        let mut bytes = Vec::new();
        codec.encode(mode, &now, &baselines[..count], &mut bytes).unwrap();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected, "{mode:?} against {count}");
        codec.decode(&bytes, &baselines[..count], &mut back).unwrap();
        assert_eq!(back, now);
    }
}
