//! What is derived: schemas, columns and values back, for all kinds of fields.

use glam::{Quat, Vec2, Vec3};
use netcord_wire::quantized::Blobs;
use netcord_wire::{ColumnError, ColumnKind, ComponentSchema, Quantized};
use std::marker::PhantomData;

const REACH: f32 = 64.0;

#[derive(Quantized, Clone, Debug, PartialEq)]
struct Everything {
    #[quantize(range(-REACH..=REACH, -64.0..=64.0, 0.0..=16.0), step = 0.01)]
    position: Vec3,
    #[quantize(range(-8.0..=8.0), step = 0.02, velocity_of = "position")]
    velocity: Vec3,
    #[quantize(range(0.0..=1.0), step = 0.1)]
    charge: f32,
    #[quantize(step = 0.001)]
    drift: Vec2,
    #[quantize(angle, bits = 10)]
    facing: f32,
    #[quantize(unit, bits = 9)]
    aim: [f32; 2],
    #[quantize(unit, bits = 9)]
    normal: Vec3,
    #[quantize(rotation)]
    #[quantize(bits = 9)]
    orientation: Quat,
    #[quantize(range(-5..=250))]
    health: i16,
    #[quantize(counter, bits = 4)]
    shots: u32,
    #[quantize(bytes, max = 8)]
    name: String,
    #[quantize(bytes, max = 4)]
    badge: Vec<u8>,
    kind: Phase,
    inner: Inner<bool>,
    pair: (u8, i32),
    r#loop: [bool; 2],
    id: u64,
    #[quantize(skip)]
    trail: Vec<f32>,
}

#[derive(Quantized, Clone, Debug, PartialEq)]
struct Inner<T: Clone> {
    #[quantize(range(0..=9), )]
    digit: u8,
    item: T,
    tuple: Tuple,
}

#[derive(Quantized, Clone, Debug, PartialEq)]
struct Tuple(#[quantize(range(0.0..=1.0), step = 0.5)] f32, u32, Tag);

#[derive(Quantized, Clone, Debug, PartialEq)]
struct Tag;

#[derive(Quantized, Clone, Copy, Debug, PartialEq)]
enum Phase {
    Idle,
    Running,
    Fallen = 9,
}

fn everything() -> Everything {
    Everything {
        position: Vec3::new(-64.0, 0.0, 20.0),
        velocity: Vec3::new(0.5, -8.0, 0.0),
        charge: 0.5,
        drift: Vec2::new(-0.25, 1e30),
        facing: 0.0,
        aim: [0.0, -1.0],
        normal: Vec3::new(0.0, 1.0, 0.0),
        orientation: Quat::from_xyzw(1.0, 0.0, 0.0, 0.0),
        health: -5,
        shots: 18,
        name: "Ada".into(),
        badge: vec![1, 2],
        kind: Phase::Fallen,
        inner: Inner { digit: 7, item: true, tuple: Tuple(0.5, u32::MAX, Tag) },
        pair: (255, i32::MIN),
        r#loop: [false, true],
        id: u64::MAX - 1,
        trail: vec![1.0],
    }
}

/// The columns of [`Everything`].
const COLUMNS: usize = 30;

fn columns_of(value: &impl Quantized, count: usize) -> (Vec<i32>, Blobs) {
    let (mut columns, mut blobs) = (vec![0; count], Blobs::new());
    value.to_columns(&mut columns, &mut blobs).expect("as many columns as the schema says");
    (columns, blobs)
}

#[test]
fn the_schema_names_every_field_in_order() {
    let schema = ComponentSchema::of::<Everything>("Everything");
    let fields: Vec<String> =
        schema.fields.iter().map(|field| format!("{}: {}", field.name, field.kind)).collect();
    let expected = [
        "position: range -64..64, -64..64, 0..16 in steps of 0.01",
        "velocity: range -8..8 in steps of 0.02 on 3 axes",
        "charge: range 0..1 in steps of 0.1",
        "drift: steps of 0.001 on 2 axes",
        "facing: angle of 10 bits",
        "aim: direction of 9 bits",
        "normal: unit vector of 9 bits each",
        "orientation: rotation of 9 bits each",
        "health: integer -5..250",
        "shots: counter of 4 bits",
        "name: text of at most 8 bytes",
        "badge: at most 4 bytes",
        "kind: one of Idle, Running, Fallen",
        "inner.digit: integer 0..9",
        "inner.item: flag",
        "inner.tuple.0: range 0..1 in steps of 0.5",
        "inner.tuple.1: integer 0..4294967295",
        "pair.0: integer 0..255",
        "pair.1: integer -2147483648..2147483647",
        "loop.0: flag",
        "loop.1: flag",
        "id: 64 bits",
    ];
    assert_eq!(fields, expected);
    assert_eq!((schema.columns(), schema.blobs()), (COLUMNS, 2));
    for field in &schema.fields {
        let columns = match field.kind.column_kind() {
            None => 0,
            Some(ColumnKind::Range(tops)) => tops.len(),
            Some(ColumnKind::Steps(axes)) => axes,
            Some(ColumnKind::Rotation(_)) => 4,
            Some(_) => 1,
        };
        assert_eq!(columns, field.kind.columns(), "{}", field.name);
    }
    let names =
        [(0, "position[0]"), (6, "charge"), (17, "health"), (29, "id[1]"), (30, "name"), (31, "badge")];
    for (value, name) in names {
        assert_eq!(schema.value_name(value).as_deref(), Some(name));
    }
    assert_eq!(schema.value_name(32), None);
}

#[test]
fn a_velocity_says_how_far_it_moves_in_a_tick() {
    let schema = ComponentSchema::of::<Everything>("Everything");
    let motion = schema.motion(1, 50.0).unwrap().expect("the velocity of the position");
    assert_eq!((motion.moved, motion.rest), (0, 400));
    assert!((motion.steps - 0.04).abs() < 1e-12);
    assert_eq!(schema.motion(0, 50.0), Ok(None));
}

#[test]
fn columns_come_back_as_the_value_within_its_bounds() {
    let value = everything();
    let (columns, blobs) = columns_of(&value, COLUMNS);
    #[rustfmt::skip]
    let expected = [
        0, 6400, 1600, 425, 0, 400, 5, -250, i32::MAX, 0, 384, 255, 510, 0, 256, 256, 256, 0, 2, 2, 7, 1, 1, -1, 255,
        i32::MIN, 0, 1, -2, -1,
    ];
    assert_eq!(columns, expected);
    assert_eq!(blobs.iter().collect::<Vec<_>>(), [b"Ada".as_slice(), &[1, 2]]);
    let back = Everything::from_columns(&columns, &blobs).unwrap();
    assert_eq!(columns_of(&back, COLUMNS), (columns, blobs), "a second time changes nothing");
    assert_eq!(back.position, Vec3::new(-64.0, 0.0, 16.0));
    assert_eq!((back.health, back.shots, back.id, back.trail), (-5, 2, u64::MAX - 1, vec![]));
    assert_eq!(
        (back.kind, back.inner, back.pair, back.r#loop),
        (value.kind, value.inner, value.pair, value.r#loop)
    );
}

#[test]
fn columns_that_no_value_has_are_refused_by_name() {
    let schema = ComponentSchema::of::<Everything>("Everything");
    let (columns, blobs) = columns_of(&everything(), COLUMNS);
    let cases = [
        (0, -1, "position[0]"),
        (2, 1_601, "position[2]"),
        (9, 1_024, "facing"),
        (10, 512, "aim"),
        (12, 511, "normal[1]"),
        (13, 4, "orientation[0]"),
        (14, 512, "orientation[1]"),
        (17, 256, "health"),
        (18, 16, "shots"),
        (19, 3, "kind"),
        (21, 2, "inner.item"),
    ];
    for (column, value, name) in cases {
        let mut columns = columns.clone();
        columns[column] = value;
        let error = Everything::from_columns(&columns, &blobs).unwrap_err();
        assert_eq!(error, ColumnError::OutOfRange { column, value });
        assert_eq!(schema.value_name(column).as_deref(), Some(name));
    }
    let shorter = Everything::from_columns(&columns[..COLUMNS - 1], &blobs);
    assert_eq!(shorter, Err(ColumnError::WrongColumns { expected: COLUMNS, found: COLUMNS - 1 }));
    let longer = Everything::from_columns(&[columns.clone(), vec![0]].concat(), &blobs);
    assert_eq!(longer, Err(ColumnError::WrongColumns { expected: COLUMNS, found: COLUMNS + 1 }));
}

#[test]
fn texts_and_bytes_keep_to_their_caps() {
    let (columns, _) = columns_of(&everything(), COLUMNS);
    let from = |parts: &[&[u8]]| {
        let mut blobs = Blobs::new();
        parts.iter().for_each(|part| blobs.push(part));
        Everything::from_columns(&columns, &blobs)
    };
    assert!(from(&["12345678".as_bytes(), &[]]).is_ok());
    let too_long = ColumnError::TooLong { blob: 0, length: 9, max: 8 };
    assert_eq!(from(&["123456789".as_bytes(), &[]]), Err(too_long));
    assert_eq!(from(&[&[0xff], &[]]), Err(ColumnError::NotText { blob: 0 }));
    assert_eq!(from(&[&[]]), Err(ColumnError::WrongBlobs { expected: 2, found: 1 }));
    assert_eq!(from(&[&[], &[], &[]]), Err(ColumnError::WrongBlobs { expected: 2, found: 3 }));

    let value = Everything { name: "123456789".into(), ..everything() };
    assert_eq!(value.to_columns(&mut [0; COLUMNS], &mut Blobs::new()), Err(too_long));
    let no_room = everything().to_columns(&mut [0; COLUMNS - 1], &mut Blobs::new());
    assert_eq!(no_room, Err(ColumnError::WrongColumns { expected: COLUMNS, found: COLUMNS - 1 }));
}

#[derive(Quantized, Default)]
struct Marker<T> {
    #[quantize(skip)]
    of: PhantomData<T>,
}

#[test]
fn a_component_without_fields_takes_no_columns() {
    assert_eq!(ComponentSchema::of::<Marker<bool>>("Marker").columns(), 0);
    Marker::<bool>::default().to_columns(&mut [], &mut Blobs::new()).unwrap();
    assert!(Marker::<bool>::from_columns(&[], &Blobs::new()).is_ok());
}

mod elsewhere {
    pub(crate) use netcord_wire as vocabulary;
}

#[derive(Quantized)]
#[quantize(crate = crate::elsewhere::vocabulary)]
struct Renamed {
    #[quantize(step = 1.0, velocity_of = "place", per = "tick")]
    pace: f32,
    #[quantize(step = 0.5)]
    place: f32,
}

#[test]
fn a_crate_of_another_name_serves_as_well() {
    let schema = ComponentSchema::of::<Renamed>("Renamed");
    assert_eq!(schema.motion(0, 60.0).unwrap().map(|motion| (motion.moved, motion.steps)), Some((1, 2.0)));
    assert_eq!(columns_of(&Renamed { pace: 2.0, place: -0.5 }, 2).0, [2, -1]);
}

#[derive(Quantized)]
struct Body {
    limb: (u8, Renamed),
}

#[test]
fn a_nested_velocity_moves_what_is_nested_beside_it() {
    let schema = ComponentSchema::of::<Body>("Body");
    let names: Vec<&str> = schema.fields.iter().map(|field| &*field.name).collect();
    assert_eq!(names, ["limb.0", "limb.1.pace", "limb.1.place"]);
    assert_eq!(schema.motion(1, 60.0).unwrap().map(|motion| motion.moved), Some(2));
    let body = Body { limb: (1, Renamed { pace: 2.0, place: 1.0 }) };
    assert_eq!(columns_of(&body, 3).0, [1, 2, 2]);
}
