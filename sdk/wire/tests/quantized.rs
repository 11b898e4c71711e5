//! Values go into columns and come back, whatever they are; and columns make values, or a typed error.

use netcord_wire::quantized::{Blobs, show};
use netcord_wire::{ColumnError, ComponentSchema, FieldKind, NetEntity, Quantized, Tick, TimeUnit};
use netcord_wire::{ComponentId, FieldLog, FieldSchema, FieldSink, Inspect, Schema};
use proptest::prelude::*;

/// One field of each kind.
#[derive(Quantized, Clone, Debug, PartialEq)]
struct Kinds {
    #[quantize(range(-64.0..=64.0, 0.0..=16.0), step = 0.3)]
    position: [f32; 2],
    #[quantize(step = 0.001)]
    drift: f32,
    #[quantize(angle, bits = 10)]
    facing: f32,
    #[quantize(unit, bits = 7)]
    aim: [f32; 2],
    #[quantize(unit, bits = 9)]
    normal: [f32; 3],
    #[quantize(rotation, bits = 9)]
    orientation: [f32; 4],
    #[quantize(range(-5..=250))]
    health: i16,
    #[quantize(range(-3_000_000_000..=-1))]
    debt: i64,
    #[quantize(counter, bits = 4)]
    shots: u16,
    #[quantize(bytes, max = 8)]
    name: String,
    #[quantize(bytes, max = 4)]
    badge: Vec<u8>,
    kind: Kind,
    integers: (u8, u16, u32, u64, i8),
    more: (i16, i32, i64, NetEntity, Tick, [bool; 2]),
}

#[derive(Quantized, Clone, Copy, Debug, PartialEq)]
enum Kind {
    One,
    Two,
    Three,
}

const COLUMNS: usize = 29;

/// What has no fraction, and comes back as it was.
fn exact(value: &Kinds) -> impl PartialEq + std::fmt::Debug {
    (
        value.health,
        value.debt,
        value.name.clone(),
        value.badge.clone(),
        value.kind,
        value.integers,
        value.more,
    )
}

fn floats<const N: usize>() -> impl Strategy<Value = [f32; N]> {
    any::<[u32; N]>().prop_map(|bits| bits.map(f32::from_bits))
}

fn kinds() -> impl Strategy<Value = Kinds> {
    let floats = (floats(), floats(), floats(), floats(), floats());
    let exact =
        (-5..=250_i16, -3_000_000_000..=-1_i64, any::<u16>(), "[a-zß]{0,4}", any::<[u8; 4]>(), 0..3_usize);
    let more = any::<(i16, i32, i64, u32, u32, [bool; 2])>();
    (floats, exact, any::<(u8, u16, u32, u64, i8)>(), more).prop_map(|(floats, exact, integers, more)| {
        let ([drift, facing], position, aim, normal, orientation) = floats;
        let (health, debt, shots, name, badge, kind) = exact;
        let (a, b, c, entity, tick, flags) = more;
        Kinds {
            position,
            drift,
            facing,
            aim,
            normal,
            orientation,
            health,
            debt,
            shots,
            name,
            badge: badge[..kind].into(),
            kind: [Kind::One, Kind::Two, Kind::Three][kind],
            integers,
            more: (a, b, c, NetEntity(entity), Tick(tick), flags),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_value_goes_into_columns_that_make_it_again(value in kinds()) {
        let (mut columns, mut blobs) = ([0; COLUMNS], Blobs::new());
        value.to_columns(&mut columns, &mut blobs).expect("within its caps");
        let back = Kinds::from_columns(&columns, &blobs).expect("what was written is read");
        prop_assert_eq!(exact(&back), exact(&value));
        prop_assert_eq!(back.shots, value.shots & 15);
        if value.position.iter().chain([&value.drift]).all(|number| number.abs() <= 16.0) {
            prop_assert!((back.position[0] - value.position[0]).abs() <= 0.1501);
            prop_assert!((back.drift - value.drift).abs() <= 0.000_502);
        }
    }

    #[test]
    fn any_columns_make_a_value_or_a_typed_error(
        small in any::<[i8; COLUMNS]>(), place in 0..COLUMNS, wide: i32, first: Vec<u8>, second: Vec<u8>, count in 0..COLUMNS + 2,
    ) {
        let mut columns = small.map(|column| i32::from(column) & 7);
        columns[place] = wide;
        let mut blobs = Blobs::new();
        blobs.push(&first[..first.len().min(9)]);
        blobs.push(&second[..second.len().min(5)]);
        match Kinds::from_columns(&columns, &blobs) {
            Ok(value) => {
                prop_assert!(value.to_columns(&mut columns, &mut blobs).is_ok());
                prop_assert!(value.facing.is_finite() && value.drift.is_finite());
            }
            Err(ColumnError::OutOfRange { column, value }) => prop_assert_eq!(columns[column], value),
            Err(ColumnError::TooLong { blob, .. } | ColumnError::NotText { blob }) => prop_assert!(blob < 2),
            Err(other) => prop_assert!(false, "{}", other),
        }
        let columns: Vec<i32> = columns.into_iter().cycle().take(count).collect();
        prop_assert!(Kinds::from_columns(&columns, &blobs).is_err() || count == COLUMNS);
    }
}

#[test]
fn the_schema_counts_what_is_written() {
    let schema = ComponentSchema::of::<Kinds>("Kinds");
    assert_eq!((schema.columns(), schema.blobs()), (COLUMNS, 2));
}

#[test]
fn values_that_are_fields_themselves_have_a_name() {
    let fields = |schema: ComponentSchema| {
        schema.fields.iter().map(|field| field.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(fields(ComponentSchema::of::<bool>("Held")), ["value"]);
    assert_eq!(fields(ComponentSchema::of::<(u8, [bool; 2])>("Keys")), ["0", "1.0", "1.1"]);
}

#[test]
fn a_velocity_that_moves_nothing_is_named() {
    let field = |name: &'static str, kind: &FieldKind| FieldSchema::new(name, kind.clone());
    let (one, two) = (FieldKind::Steps { axes: 1, step: 0.5 }, FieldKind::Steps { axes: 2, step: 0.5 });
    let motion = |velocity: FieldSchema, moved: FieldSchema| {
        ComponentSchema::new("Ball", [velocity, moved]).motion(0, 60.0).map_err(|error| error.to_string())
    };
    let of = |kind: &FieldKind| field("velocity", kind).velocity_of("position", TimeUnit::Tick);
    assert_eq!(motion(of(&one), field("position", &one)).unwrap().map(|motion| motion.steps), Some(1.0));
    let steps_of_an_angle = |kind| motion(of(&one), field("position", &kind)).unwrap().unwrap().steps;
    let quarter = FieldKind::Range { axes: vec![(-9.0, 9.0)], step: std::f64::consts::FRAC_PI_2 };
    let turned = motion(of(&quarter), field("position", &FieldKind::Angle { bits: 4 })).unwrap().unwrap();
    assert_eq!((turned.steps, turned.moved), (4.0, 1), "a quarter of a turn a tick, in sixteenths");
    assert_eq!(
        steps_of_an_angle(FieldKind::Direction { bits: 8 }),
        steps_of_an_angle(FieldKind::Angle { bits: 8 })
    );
    let why = "component Ball: field velocity is the velocity of position, ";
    let cases = [
        (of(&one), field("place", &one), "which the component doesn't have"),
        (of(&one), field("position", &two), "which doesn't have as many axes"),
        (of(&one), field("position", &FieldKind::Flag), "which has no steps"),
        (of(&FieldKind::Flag), field("position", &one), "though it is no number with steps"),
    ];
    for (velocity, moved, what) in cases {
        assert_eq!(motion(velocity, moved), Err(format!("{why}{what}")));
    }
}

#[test]
fn a_peers_schema_is_read_within_a_limit() {
    let schema =
        Schema::new().with("Score", &["points"]).with_component(ComponentSchema::of::<Kinds>("Kinds"));
    let bytes = schema.to_bytes();
    assert_eq!(Schema::from_bytes(&bytes, bytes.len()), Ok(schema));
    assert!(Schema::from_bytes(&bytes, bytes.len() - 1).is_err());
    for end in 0..bytes.len() {
        assert!(Schema::from_bytes(&bytes[..end], bytes.len()).is_err(), "cut at {end}");
    }
}

/// A state of one component, shown as its columns.
struct Shown(Vec<i32>, Blobs);

impl Inspect for Shown {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        sink.component(NetEntity(7), ComponentId(0));
        show(&self.0, &self.1, sink);
    }
}

#[test]
fn a_desync_names_the_axis_and_the_text_that_differ() {
    let schema = Schema::new().with_component(ComponentSchema::of::<Kinds>("Kinds"));
    let shown = |name: &[u8], height: i32| {
        let mut columns = vec![0; COLUMNS];
        columns[1] = height;
        let mut blobs = Blobs::new();
        blobs.push(name);
        blobs.push(&[]);
        FieldLog::of(&Shown(columns, blobs), 4_096)
    };
    let difference = |theirs: FieldLog| {
        shown(b"Ada", 5)
            .first_difference(&theirs, &schema)
            .map(|difference| difference.to_string())
            .unwrap_or_default()
    };
    assert_eq!(difference(shown(b"Ada", 6)), "entity 7 Kinds.position[1]: ours 5, theirs 6");
    assert!(difference(shown(b"Bob", 5)).starts_with("entity 7 Kinds.name: ours "));
}
