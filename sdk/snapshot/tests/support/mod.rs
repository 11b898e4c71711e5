//! Random schemas, and states of them that go on from tick to tick.

use netcord_snapshot::{SectionState, Shape, SnapshotSchema};
use netcord_wire::{
    ComponentId, ComponentSchema, FieldKind, FieldSchema, GameRng, NetEntity, Schema, TimeUnit,
};
use proptest::prelude::*;
use std::sync::Arc;

/// The kinds of fields of a schema's components.
pub(crate) type Kinds = Vec<Vec<FieldKind>>;

pub(crate) fn range(tops: &[u32]) -> FieldKind {
    FieldKind::Range { axes: tops.iter().map(|&top| (0.0, top.into())).collect(), step: 1.0 }
}

pub(crate) fn steps(axes: u8) -> FieldKind {
    FieldKind::Steps { axes, step: 0.75 }
}

pub(crate) fn kinds() -> impl Strategy<Value = Kinds> {
    let kind = prop_oneof![
        proptest::collection::vec(prop_oneof![0..10_u32, 0..=i32::MAX as u32], 1..=4)
            .prop_map(|tops| range(&tops)),
        (1..=4_u8).prop_map(steps),
        (1..=31_u32).prop_map(|bits| FieldKind::Counter { bits }),
        (1..=31_u32).prop_map(|bits| FieldKind::Angle { bits }),
        (2..=20_u32).prop_map(|bits| FieldKind::Rotation { bits }),
        (1..=256_usize).prop_map(|variants| FieldKind::Variants(vec!["any".into(); variants])),
        (0..=12_u32).prop_map(|max| FieldKind::Bytes { max }),
    ];
    proptest::collection::vec(proptest::collection::vec(kind, 0..4), 1..4)
}

/// A schema of these kinds. A field of numbers moves the next, if that has as many, or is an angle.
pub(crate) fn schema(kinds: &Kinds) -> Arc<SnapshotSchema> {
    let moves = |kind: &FieldKind| matches!(kind, FieldKind::Range { .. } | FieldKind::Steps { .. });
    let is_moved = |kind: &FieldKind| moves(kind) || matches!(kind, FieldKind::Angle { .. });
    let component = |(index, kinds): (usize, &Vec<FieldKind>)| {
        let field = |(place, kind): (usize, &FieldKind)| {
            let field = FieldSchema::new(format!("field {place}"), kind.clone());
            match kinds.get(place + 1) {
                Some(next) if moves(kind) && is_moved(next) && next.columns() == kind.columns() => {
                    field.velocity_of(format!("field {}", place + 1), TimeUnit::Tick)
                }
                _ => field,
            }
        };
        let fields: Vec<_> = kinds.iter().enumerate().map(field).collect();
        ComponentSchema::new(format!("component {index}"), fields)
    };
    let schema = kinds.iter().enumerate().map(component).fold(Schema::new(), Schema::with_component);
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

/// What happens to entities, tick by tick.
pub(crate) struct World {
    pub(crate) schema: Arc<SnapshotSchema>,
    kinds: Kinds,
    rng: GameRng,
    pub(crate) state: SectionState,
}

impl World {
    pub(crate) fn new(kinds: Kinds, seed: u64, entities: u32) -> Self {
        let schema = schema(&kinds);
        let state = SectionState::new(&schema);
        let mut world = Self { schema, kinds, rng: GameRng::new(seed), state };
        let mut rows = Vec::new();
        for entity in 0..entities {
            let shape = world.shape();
            rows.push((entity * 3, shape, world.values(shape, None), world.blobs(shape, None)));
        }
        world.fill(rows);
        world
    }

    /// Some rows change in some values, by a little or altogether; sometimes entities come, leave and change shape.
    pub(crate) fn step(&mut self) {
        let mut rows = Vec::new();
        let busy = self.rng.below(4) == 0;
        let before = self.state.clone();
        for (row, (entity, shape)) in before.entities().enumerate() {
            let fate = if busy { self.rng.below(30) } else { 10 };
            if fate == 0 {
                continue;
            }
            let shape = if fate == 1 { self.shape() } else { shape };
            let values = self.values(shape, Some((before.shapes_of(row), before.row(row))));
            let blobs = self.blobs(shape, Some((&before, row)));
            rows.push((entity.0, shape, values, blobs));
            if fate == 2 {
                let shape = self.shape();
                let (values, blobs) = (self.values(shape, None), self.blobs(shape, None));
                rows.push((entity.0 + 1, shape, values, blobs));
            }
        }
        rows.dedup_by_key(|row| row.0);
        self.fill(rows);
    }

    fn fill(&mut self, rows: Vec<Row>) {
        self.state.clear();
        for (entity, shape, values, blobs) in rows {
            let row = self.state.push(NetEntity(entity), shape).expect("ascending ids");
            self.state.row_mut(row).copy_from_slice(&values);
            blobs.iter().enumerate().for_each(|(place, blob)| self.state.set_blob(row, place, blob));
        }
    }

    fn shape(&mut self) -> Shape {
        let bits = self.rng.next_u64();
        (0..self.kinds.len())
            .filter(|index| bits >> index & 3 != 0)
            .fold(Shape::default(), |shape, index| shape.with(ComponentId(index as u16)))
    }

    fn values(&mut self, shape: Shape, before: Option<(Shape, &[i32])>) -> Vec<i32> {
        let kinds = self.kinds.clone();
        let mut values = Vec::new();
        for (index, kinds) in kinds.iter().enumerate() {
            let component = ComponentId(index as u16);
            let moves = self.rng.below(3) == 0;
            for bounds in kinds.iter().flat_map(bounds) {
                let known =
                    before.filter(|(shape, _)| shape.has(component)).map(|(_, row)| row[values.len()]);
                values.push(match known {
                    _ if !shape.has(component) => 0,
                    Some(known) if !moves || self.rng.below(3) == 0 => known,
                    Some(known) if self.rng.below(10) > 0 => {
                        let by = self.rng.below(9) as i64 - 4;
                        (i64::from(known) + by).clamp(bounds.0, bounds.1) as i32
                    }
                    _ => (bounds.0 + (self.rng.next_u64() % (bounds.1 - bounds.0 + 1) as u64) as i64) as i32,
                });
            }
        }
        values
    }

    fn blobs(&mut self, shape: Shape, before: Option<(&SectionState, usize)>) -> Vec<Vec<u8>> {
        let kinds = self.kinds.clone();
        let mut blobs = Vec::new();
        for (index, kinds) in kinds.iter().enumerate() {
            let component = ComponentId(index as u16);
            for kind in kinds {
                let FieldKind::Bytes { max } = kind else { continue };
                let known = before.filter(|(state, row)| state.shapes_of(*row).has(component));
                blobs.push(match known {
                    _ if !shape.has(component) => vec![],
                    Some((state, row)) if self.rng.below(5) > 0 => state.blob(row, blobs.len()).to_vec(),
                    _ => (0..self.rng.below(max + 1)).map(|_| self.rng.below(256) as u8).collect(),
                });
            }
        }
        blobs
    }
}

/// An entity, its shape, its values, and its bytes.
type Row = (u32, Shape, Vec<i32>, Vec<Vec<u8>>);

/// The bounds of each column.
fn bounds(kind: &FieldKind) -> Vec<(i64, i64)> {
    match kind {
        FieldKind::Range { axes, .. } => axes.iter().map(|&(_, top)| (0, top as i64)).collect(),
        FieldKind::Steps { axes, .. } => vec![(i32::MIN.into(), i32::MAX.into()); (*axes).into()],
        FieldKind::Counter { bits } | FieldKind::Angle { bits } => vec![(0, (1 << bits) - 1)],
        FieldKind::Rotation { bits } => {
            let top = (1 << bits) - 1;
            vec![(0, 3), (0, top), (0, top), (0, top)]
        }
        FieldKind::Variants(names) => vec![(0, names.len() as i64 - 1)],
        FieldKind::Bytes { .. } => vec![],
        other => panic!("{other:?} is not among the kinds that are made here"),
    }
}

trait ShapesOf {
    fn shapes_of(&self, row: usize) -> Shape;
}

impl ShapesOf for SectionState {
    fn shapes_of(&self, row: usize) -> Shape {
        self.entities().nth(row).expect("a row").1
    }
}
