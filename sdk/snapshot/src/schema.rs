//! What a game's schema means to the coder: which columns there are, which belong together, and how they behave.
//!
//! All that the coder knows of a game is here. It never sees a game's types.

use crate::error::SchemaError;
use crate::predict::SmallestThree;
use netcord_wire::{ColumnKind, ComponentId, ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::iter::successors;
use std::ops::Range;

/// The most components of a schema.
pub const MAX_COMPONENTS: usize = 64;
/// The most bytes that a field of a text or bytes may allow: an entity with all of its own fits into a message. What is
/// longer goes over a reliable channel.
pub const MAX_BLOB: usize = 512;
/// The most axes of a field.
pub(crate) const MAX_AXES: usize = 4;

/// A schema as the coder sees it. Both sides make it of the same [`Schema`], whose hash goes into the manifest on which
/// they must agree.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotSchema {
    components: Vec<ComponentSchema>,
    /// The columns of each component.
    columns: Vec<Range<usize>>,
    /// The texts and bytes of all components, and which of them each component has.
    blobs: Vec<BlobField>,
    blobs_of: Vec<Range<usize>>,
    /// All fields, in the order in which they are coded.
    groups: Vec<Group>,
}

/// A text, or bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BlobField {
    pub(crate) component: usize,
    /// Its place among the component's fields.
    field: usize,
    pub(crate) max: usize,
}

/// A field as the coder sees it: columns that are coded together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) component: usize,
    /// The first of its columns.
    pub(crate) column: usize,
    /// All bits for each of its columns.
    pub(crate) mask: [i32; MAX_AXES],
    pub(crate) kind: GroupKind,
}

/// How a group's columns are predicted and coded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GroupKind {
    Numbers(Numbers),
    Rotation { bits: u32, unit: SmallestThree },
    Symbol { variants: u32, bits: u32 },
}

/// Numbers that move together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) axes: usize,
    pub(crate) bounds: [(i32, i32); MAX_AXES],
    /// How many of the highest bits don't count: 0 for numbers that don't wrap.
    pub(crate) unused_bits: u32,
    pub(crate) velocity: Option<Velocity>,
}

impl Numbers {
    /// The shorter way, for a difference of numbers that wrap.
    #[inline]
    pub(crate) fn shorter(&self, difference: i32) -> i32 {
        difference << self.unused_bits >> self.unused_bits
    }

    /// The number that a sum stands for.
    #[inline]
    pub(crate) fn within(&self, sum: i32) -> i32 {
        sum & (u32::MAX << self.unused_bits >> self.unused_bits) as i32
    }
}

/// The columns that say how a group moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Velocity {
    pub(crate) column: usize,
    /// Steps a tick, of 65,536.
    pub(crate) factor: i64,
    pub(crate) rest: i32,
}

impl SnapshotSchema {
    /// What is sent of the components of `schema`, which ticks so often a second. Plain numbers are not sent.
    ///
    /// # Errors
    /// [`SchemaError`] names what is wrong with which field.
    pub fn new(schema: &Schema, ticks_per_second: f64) -> Result<Self, SchemaError> {
        let components = schema.components().to_vec();
        if components.len() > MAX_COMPONENTS {
            return Err(SchemaError::TooManyComponents { count: components.len() });
        }
        let (mut columns, mut groups, mut column) = (Vec::new(), Vec::new(), 0);
        let (mut blobs, mut blobs_of) = (Vec::new(), Vec::new());
        for (index, component) in components.iter().enumerate() {
            let first = column;
            let mut fields = Vec::new();
            for field in &component.fields {
                let taken = field.kind.columns();
                fields.push(match field.kind.column_kind() {
                    None => None,
                    Some(kind) => {
                        let kind = group_kind(kind).map_err(|what| wrong(component, field, what))?;
                        let mask = std::array::from_fn(|place| if place < taken { -1 } else { 0 });
                        Some(Group { component: index, column, mask, kind })
                    }
                });
                column += taken;
            }
            let order = link_velocities(component, &mut fields, ticks_per_second)?;
            groups.extend(order.into_iter().filter_map(|place| fields[place].take()));
            columns.push(first..column);
            let first = blobs.len();
            for (place, field) in component.fields.iter().enumerate() {
                let (FieldKind::Text { max } | FieldKind::Bytes { max }) = field.kind else { continue };
                let max = usize::try_from(max).ok().filter(|&max| max <= MAX_BLOB);
                let max = max.ok_or_else(|| {
                    wrong(component, field, "a text or bytes in snapshots have at most 512 bytes")
                })?;
                blobs.push(BlobField { component: index, field: place, max });
            }
            blobs_of.push(first..blobs.len());
        }
        Ok(Self { components, columns, blobs, blobs_of, groups })
    }

    /// The columns of a component, field by field; none for one that the schema doesn't have.
    pub fn columns_of(&self, component: ComponentId) -> Range<usize> {
        self.columns.get(usize::from(component.0)).cloned().unwrap_or_default()
    }

    /// The places of a component's texts and bytes among those of all; none for a component that the schema doesn't have.
    pub fn blobs_of(&self, component: ComponentId) -> Range<usize> {
        self.blobs_of.get(usize::from(component.0)).cloned().unwrap_or_default()
    }

    /// The texts and bytes of all components.
    pub(crate) fn blobs(&self) -> &[BlobField] {
        &self.blobs
    }

    /// What the schema says of a component.
    pub fn component(&self, component: ComponentId) -> Option<&ComponentSchema> {
        self.components.get(usize::from(component.0))
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns.last().map_or(0, |last| last.end)
    }

    /// How many components there are.
    pub fn components(&self) -> usize {
        self.components.len()
    }

    /// The shape of an entity that has all components.
    pub fn whole(&self) -> Shape {
        Shape(u64::MAX.checked_shr((MAX_COMPONENTS - self.components.len()) as u32).unwrap_or(0))
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What is wrong with a text or bytes, for an error.
    pub(crate) fn too_long(
        &self,
        entity: NetEntity,
        blob: &BlobField,
        length: usize,
    ) -> crate::SnapshotError {
        let component = &self.components[blob.component];
        let field = component.fields[blob.field].name.clone();
        let max = blob.max;
        crate::SnapshotError::TooLong { entity, component: component.name.clone(), field, length, max }
    }

    /// What is wrong with the value of a column, for an error.
    pub(crate) fn out_of_range(&self, entity: NetEntity, column: usize, value: i32) -> crate::SnapshotError {
        let place = self.columns.iter().position(|columns| columns.contains(&column)).unwrap_or(0);
        let component = &self.components[place];
        let mut next = self.columns[place].start;
        let field = component.fields.iter().find(|field| {
            next += field.kind.columns();
            column < next
        });
        crate::SnapshotError::OutOfRange {
            entity,
            component: component.name.clone(),
            field: field.map_or(Cow::Borrowed("?"), |field| field.name.clone()),
            value,
        }
    }
}

/// Which components an entity has: a bit for each, the lowest the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape(pub u64);

impl Shape {
    /// Whether it has this component.
    #[inline]
    pub const fn has(self, component: ComponentId) -> bool {
        self.has_index(component.0 as usize)
    }

    #[inline]
    pub(crate) const fn has_index(self, component: usize) -> bool {
        component < MAX_COMPONENTS && self.0 >> component & 1 == 1
    }

    /// The same with one component more.
    #[must_use]
    pub const fn with(self, component: ComponentId) -> Self {
        Self(self.0 | 1 << (component.0 as usize % MAX_COMPONENTS))
    }
}

fn wrong(component: &ComponentSchema, field: &FieldSchema, what: &'static str) -> SchemaError {
    SchemaError::Field { component: component.name.clone(), field: field.name.clone(), what }
}

/// How columns are coded, or what is wrong with them.
fn group_kind(kind: ColumnKind) -> Result<GroupKind, &'static str> {
    let numbers = |axes: usize, unused_bits, bound: &dyn Fn(usize) -> (i32, i32)| {
        if axes == 0 || axes > MAX_AXES {
            return Err("a field has 1 to 4 axes");
        }
        let bounds = std::array::from_fn(|axis| if axis < axes { bound(axis) } else { (0, 0) });
        Ok(GroupKind::Numbers(Numbers { axes, bounds, unused_bits, velocity: None }))
    };
    match kind {
        ColumnKind::Range(tops) if tops.iter().any(|&top| top > i32::MAX as u32) => {
            Err("a range has at most 2^31 steps")
        }
        ColumnKind::Range(tops) => numbers(tops.len(), 0, &|axis| (0, tops[axis] as i32)),
        ColumnKind::Steps(axes) => numbers(axes, 0, &|_| (i32::MIN, i32::MAX)),
        ColumnKind::Wrapping(bits @ 1..=31) => numbers(1, 32 - bits, &|_| (0, ((1_u32 << bits) - 1) as i32)),
        ColumnKind::Wrapping(_) => Err("what wraps has 1 to 31 bits"),
        ColumnKind::Rotation(bits @ 2..=20) => {
            Ok(GroupKind::Rotation { bits, unit: SmallestThree::new(bits) })
        }
        ColumnKind::Rotation(_) => Err("a rotation has 2 to 20 bits a component"),
        ColumnKind::Symbol(variants @ 1..=256) => {
            Ok(GroupKind::Symbol { variants, bits: u32::BITS - (variants - 1).leading_zeros() })
        }
        ColumnKind::Symbol(_) => Err("a symbol has 1 to 256 variants"),
        _ => Err("snapshots don't know how to send it"),
    }
}

/// Tells groups by what they are moved, and returns the order in which they are coded: what moves others comes before
/// them, as by then its new value is known.
fn link_velocities(
    component: &ComponentSchema,
    groups: &mut [Option<Group>],
    ticks_per_second: f64,
) -> Result<Vec<usize>, SchemaError> {
    let mut moved_by = vec![None; groups.len()];
    for place in 0..groups.len() {
        let Some(motion) = component.motion(place, ticks_per_second)? else { continue };
        moved_by[place] = Some(motion.moved);
        let column = groups[place].as_ref().map(|group| group.column);
        if let (Some(column), Some(Group { kind: GroupKind::Numbers(numbers), .. })) =
            (column, &mut groups[motion.moved])
        {
            let factor = (motion.steps * 65_536.0) as i64;
            numbers.velocity = Some(Velocity { column, factor, rest: motion.rest });
        }
    }
    // An acceleration moves what moves another.
    let moves = |place: usize| successors(moved_by[place], |&next| moved_by[next]).take(groups.len()).count();
    let mut order: Vec<_> = (0..groups.len()).collect();
    if let Some(place) = order.iter().copied().find(|&place| moves(place) >= groups.len()) {
        return Err(wrong(component, &component.fields[place], "it moves itself, through others"));
    }
    order.sort_by_key(|&place| Reverse(moves(place)));
    Ok(order)
}

impl GroupKind {
    /// How many columns it takes.
    pub(crate) const fn columns(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.axes,
            Self::Rotation { .. } => 4,
            Self::Symbol { .. } => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netcord_wire::{Quantized, TimeUnit};

    #[derive(Quantized)]
    struct Ball {
        #[quantize(range(-64.0..=64.0), step = 0.01)]
        position: [f32; 2],
        #[quantize(bytes, max = 16)]
        name: String,
        #[quantize(range(-8.0..=8.0), step = 0.02, velocity_of = "position")]
        velocity: [f32; 2],
        #[quantize(rotation, bits = 9)]
        orientation: [f32; 4],
        is_held: bool,
    }

    #[test]
    fn fields_have_the_columns_that_components_write_and_velocities_come_first() {
        let component = ComponentSchema::of::<Ball>("Ball");
        let columns = component.columns();
        let schema = Schema::new().with("Score", &["points"]).with_component(component);
        let schema = SnapshotSchema::new(&schema, 50.0).unwrap();
        assert_eq!((schema.columns(), schema.components()), (columns, 2));
        assert_eq!((schema.blobs_of(ComponentId(0)), schema.blobs_of(ComponentId(1))), (0..0, 0..1));
        assert_eq!(schema.blobs()[0].max, 16);
        assert_eq!(
            (schema.columns_of(ComponentId(0)), schema.columns_of(ComponentId(1))),
            (0..0, 0..columns)
        );
        let order: Vec<_> = schema.groups().iter().map(|group| (group.component, group.column)).collect();
        assert_eq!(order, [(1, 2), (1, 0), (1, 4), (1, 8)]);
        let GroupKind::Numbers(position) = &schema.groups()[1].kind else { panic!("{schema:?}") };
        assert_eq!(position.bounds[..2], [(0, 12_800); 2]);
        let factor = (0.04 * 65_536.0) as i64;
        assert_eq!(position.velocity, Some(Velocity { column: 2, factor, rest: 400 }));
    }

    #[test]
    fn an_acceleration_is_coded_before_the_velocity_that_it_moves() {
        let field = |name| FieldSchema::new(name, FieldKind::Steps { axes: 1, step: 1.0 });
        let fields = [
            field("position"),
            field("velocity").velocity_of("position", TimeUnit::Tick),
            field("acceleration").velocity_of("velocity", TimeUnit::Tick),
        ];
        let schema = Schema::new().with_component(ComponentSchema::new("Ball", fields));
        let schema = SnapshotSchema::new(&schema, 60.0).unwrap();
        assert_eq!(schema.groups().iter().map(|group| group.column).collect::<Vec<_>>(), [2, 1, 0]);
    }

    #[test]
    fn fields_that_cannot_be_are_named() {
        let range = |axes: usize, max| FieldKind::Range { axes: vec![(0.0, max); axes], step: 1.0 };
        let steps = |axes| FieldKind::Steps { axes, step: 1.0 };
        let cases = [
            (range(0, 1.0), "Ball.x: a field has 1 to 4 axes"),
            (range(1, 2_147_483_648.0), "Ball.x: a range has at most 2^31 steps"),
            (steps(5), "Ball.x: a field has 1 to 4 axes"),
            (FieldKind::Counter { bits: 32 }, "Ball.x: what wraps has 1 to 31 bits"),
            (FieldKind::Rotation { bits: 1 }, "Ball.x: a rotation has 2 to 20 bits a component"),
            (FieldKind::variants(&[]), "Ball.x: a symbol has 1 to 256 variants"),
            (FieldKind::Text { max: 513 }, "Ball.x: a text or bytes in snapshots have at most 512 bytes"),
        ];
        let error = |field| {
            let ball = ComponentSchema::new("Ball", [field]);
            SnapshotSchema::new(&Schema::new().with_component(ball), 60.0).unwrap_err().to_string()
        };
        for (kind, message) in cases {
            assert_eq!(error(FieldSchema::new("x", kind)), message);
        }
        for (moved, what) in
            [("y", "which the component doesn't have"), ("x", "which doesn't have as many axes")]
        {
            let field = FieldSchema::new("x", steps(1)).velocity_of(moved, TimeUnit::Second);
            assert_eq!(error(field), format!("component Ball: field x is the velocity of {moved}, {what}"));
        }
        let [x, y] = [("x", "y"), ("y", "x")]
            .map(|(name, moved)| FieldSchema::new(name, steps(1)).velocity_of(moved, TimeUnit::Tick));
        let circle = Schema::new().with_component(ComponentSchema::new("Ball", [x, y]));
        let error = SnapshotSchema::new(&circle, 60.0).unwrap_err();
        assert_eq!(error.to_string(), "Ball.x: it moves itself, through others");
        let many = (0..65).fold(Schema::new(), |schema, _| schema.with("Ball", &[]));
        assert!(SnapshotSchema::new(&many, 60.0).is_err());
    }
}
