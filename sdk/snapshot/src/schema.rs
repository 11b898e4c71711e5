//! What snapshots are made of, as data: components, their fields, and how each field's numbers behave.
//!
//! All that the coder knows of a game is here. It never sees a game's types.

use crate::error::SchemaError;
use crate::predict::SmallestThree;
use netcord_wire::{AngleQuantizer, ColumnKind, ComponentId, NetEntity, RangeQuantizer, RotationQuantizer};
use std::borrow::Cow;
use std::ops::Range;

/// The most components of a schema.
pub const MAX_COMPONENTS: usize = 64;
/// The most axes of a field.
pub const MAX_AXES: usize = 4;

/// What a field's numbers mean, and the columns that they take.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Numbers that move together, such as a position: a column each, from 0 to the top that stands here.
    Range(Vec<u32>),
    /// The same without bounds: so many columns, of any `i32`.
    Steps(usize),
    /// 2^n parts of a turn, or a counter of n bits: it wraps.
    Wrapping(u32),
    /// A unit quaternion as its smallest three (Fiedler, Snapshot compression, 2015): the index of the largest
    /// component, then the others in order, each from 0 to 2^n - 1 for -1/√2 to 1/√2. Four columns.
    Rotation(u32),
    /// One of so many variants, or a flag, which has two.
    Symbol(u32),
}

/// What a velocity moves.
#[derive(Clone, Debug, PartialEq)]
struct Moves {
    field: Cow<'static, str>,
    /// By how many of its steps in a tick.
    steps: f64,
    /// The value at which it stands still.
    rest: i32,
}

/// A field of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    name: Cow<'static, str>,
    kind: FieldKind,
    moves: Option<Moves>,
}

impl Field {
    /// A field of any kind.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: FieldKind) -> Self {
        Self { name: name.into(), kind, moves: None }
    }

    /// Numbers between bounds, one axis for each quantiser.
    pub fn range(name: impl Into<Cow<'static, str>>, axes: &[RangeQuantizer]) -> Self {
        Self::new(name, FieldKind::Range(axes.iter().map(RangeQuantizer::top).collect()))
    }

    /// An angle.
    pub fn angle(name: impl Into<Cow<'static, str>>, quantizer: AngleQuantizer) -> Self {
        Self::new(name, FieldKind::Wrapping(quantizer.bits()))
    }

    /// A rotation.
    pub fn rotation(name: impl Into<Cow<'static, str>>, quantizer: RotationQuantizer) -> Self {
        Self::new(name, FieldKind::Rotation(quantizer.bits()))
    }

    /// A flag: 0 or 1.
    pub fn flag(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, FieldKind::Symbol(2))
    }

    /// Declares this field the velocity of another field of the same component: in each tick, every step above
    /// `rest` moves that one by `steps` of its own. Both have the same number of axes. A snapshot then predicts by it.
    #[must_use]
    pub fn moves(mut self, field: impl Into<Cow<'static, str>>, steps: f64, rest: i32) -> Self {
        self.moves = Some(Moves { field: field.into(), steps, rest });
        self
    }
}

/// A component: a name and its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    name: Cow<'static, str>,
    fields: Vec<Field>,
}

impl Component {
    /// A component with these fields.
    pub fn new(name: impl Into<Cow<'static, str>>, fields: impl Into<Vec<Field>>) -> Self {
        Self { name: name.into(), fields: fields.into() }
    }
}

/// All components that snapshots are made of. Both sides build the same: the hash of the [`Schema`](netcord_wire::Schema)
/// that it is made of goes into the manifest on which they must agree.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotSchema {
    components: Vec<Component>,
    /// The columns of each component.
    columns: Vec<Range<usize>>,
    /// All fields, in the order in which they are coded.
    groups: Vec<Group>,
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
    /// A schema of these components; a component's [`ComponentId`] is its place among them.
    ///
    /// # Errors
    /// [`SchemaError`] names what is wrong with which field.
    pub fn new(components: impl Into<Vec<Component>>) -> Result<Self, SchemaError> {
        let mut schema = Self { components: components.into(), columns: Vec::new(), groups: Vec::new() };
        if schema.components.len() > MAX_COMPONENTS {
            return Err(SchemaError::TooManyComponents { count: schema.components.len() });
        }
        let mut column = 0;
        for (index, component) in schema.components.iter().enumerate() {
            let first = column;
            let mut groups = Vec::new();
            for field in &component.fields {
                let kind = group_kind(component, field)?;
                let columns = field.kind.columns();
                let mask = std::array::from_fn(|place| if place < columns { -1 } else { 0 });
                groups.push(Group { component: index, column, mask, kind });
                column += columns;
            }
            link_velocities(component, &mut groups)?;
            // What moves others is coded before them: by then its new value is known.
            let moves = |place: usize| component.fields[place].moves.is_some();
            let mut order: Vec<_> = (0..groups.len()).collect();
            order.sort_by_key(|&place| !moves(place));
            schema.groups.extend(order.into_iter().map(|place| groups[place].clone()));
            schema.columns.push(first..column);
        }
        Ok(schema)
    }

    /// The schema of components that say themselves what they are made of, at so many ticks a second. Texts and bytes have no
    /// columns, and plain numbers are not sent: neither is in it.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`SchemaError::Velocity`].
    pub fn of(schema: &netcord_wire::Schema, ticks_per_second: f64) -> Result<Self, SchemaError> {
        let mut components = Vec::new();
        for component in schema.components() {
            let mut fields = Vec::new();
            for (place, field) in component.fields.iter().enumerate() {
                let kind = match field.kind.column_kind() {
                    Some(ColumnKind::Range(tops)) => FieldKind::Range(tops),
                    Some(ColumnKind::Steps(axes)) => FieldKind::Steps(axes),
                    Some(ColumnKind::Wrapping(bits)) => FieldKind::Wrapping(bits),
                    Some(ColumnKind::Rotation(bits)) => FieldKind::Rotation(bits),
                    Some(ColumnKind::Symbol(variants)) => FieldKind::Symbol(variants),
                    _ => continue,
                };
                let mut coded = Field::new(field.name.clone(), kind);
                if let Some(motion) = component.motion(place, ticks_per_second)? {
                    coded =
                        coded.moves(component.fields[motion.moved].name.clone(), motion.steps, motion.rest);
                }
                fields.push(coded);
            }
            components.push(Component::new(component.name.clone(), fields));
        }
        Self::new(components)
    }

    /// The columns of a component, field by field; none for one that the schema doesn't have.
    pub fn columns_of(&self, component: ComponentId) -> Range<usize> {
        self.columns.get(usize::from(component.0)).cloned().unwrap_or_default()
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

impl FieldKind {
    /// How many columns it takes.
    pub fn columns(&self) -> usize {
        match self {
            Self::Range(tops) => tops.len(),
            Self::Steps(axes) => *axes,
            Self::Wrapping(_) | Self::Symbol(_) => 1,
            Self::Rotation(_) => 4,
        }
    }
}

fn group_kind(component: &Component, field: &Field) -> Result<GroupKind, SchemaError> {
    let wrong =
        |what| SchemaError::Field { component: component.name.clone(), field: field.name.clone(), what };
    let numbers = |axes: usize, unused_bits, bound: &dyn Fn(usize) -> (i32, i32)| {
        if axes == 0 || axes > MAX_AXES {
            return Err(wrong("a field has 1 to 4 axes"));
        }
        let bounds = std::array::from_fn(|axis| if axis < axes { bound(axis) } else { (0, 0) });
        Ok(GroupKind::Numbers(Numbers { axes, bounds, unused_bits, velocity: None }))
    };
    match &field.kind {
        FieldKind::Range(tops) if tops.iter().any(|&top| top > i32::MAX as u32) => {
            Err(wrong("a range has at most 2^31 steps"))
        }
        FieldKind::Range(tops) => numbers(tops.len(), 0, &|axis| (0, tops[axis] as i32)),
        FieldKind::Steps(axes) => numbers(*axes, 0, &|_| (i32::MIN, i32::MAX)),
        FieldKind::Wrapping(bits @ 1..=31) => numbers(1, 32 - bits, &|_| (0, ((1_u32 << bits) - 1) as i32)),
        FieldKind::Wrapping(_) => Err(wrong("what wraps has 1 to 31 bits")),
        FieldKind::Rotation(bits @ 2..=20) => {
            Ok(GroupKind::Rotation { bits: *bits, unit: SmallestThree::new(*bits) })
        }
        FieldKind::Rotation(_) => Err(wrong("a rotation has 2 to 20 bits a component")),
        FieldKind::Symbol(variants @ 1..=256) => {
            Ok(GroupKind::Symbol { variants: *variants, bits: u32::BITS - (variants - 1).leading_zeros() })
        }
        FieldKind::Symbol(_) => Err(wrong("a symbol has 1 to 256 variants")),
    }
}

fn link_velocities(component: &Component, groups: &mut [Group]) -> Result<(), SchemaError> {
    for (place, field) in component.fields.iter().enumerate() {
        let Some(moves) = &field.moves else { continue };
        let wrong =
            |what| SchemaError::Field { component: component.name.clone(), field: field.name.clone(), what };
        let moved = component.fields.iter().position(|field| field.name == moves.field);
        let moved = moved.ok_or_else(|| wrong("it moves a field that the component doesn't have"))?;
        let (from_axes, from_column) = match &groups[place] {
            Group { kind: GroupKind::Numbers(numbers), column, .. } => (numbers.axes, *column),
            _ => return Err(wrong("only numbers can move others")),
        };
        match &mut groups[moved].kind {
            GroupKind::Numbers(numbers) if numbers.axes == from_axes && moved != place => {
                numbers.velocity = Some(Velocity {
                    column: from_column,
                    factor: (moves.steps * 65_536.0) as i64,
                    rest: moves.rest,
                });
            }
            _ => return Err(wrong("it moves a field with other axes")),
        }
    }
    Ok(())
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

    /// Components with their fields.
    type Parts<'a> = &'a [(&'static str, &'a [Field])];

    fn schema(components: Parts<'_>) -> SnapshotSchema {
        let components = components.iter().map(|(name, fields)| Component::new(*name, *fields));
        SnapshotSchema::new(components.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn components_that_say_what_they_are_have_the_columns_that_they_write() {
        #[derive(netcord_wire::Quantized)]
        struct Ball {
            #[quantize(range(-64.0..=64.0), step = 0.01)]
            position: [f32; 2],
            #[quantize(range(-8.0..=8.0), step = 0.02, velocity_of = "position")]
            velocity: [f32; 2],
            #[quantize(rotation, bits = 9)]
            orientation: [f32; 4],
            #[quantize(bytes, max = 16)]
            name: String,
            is_held: bool,
        }
        let component = netcord_wire::ComponentSchema::of::<Ball>("Ball");
        let columns = component.columns();
        let described = netcord_wire::Schema::new().with_component(component);
        let derived = SnapshotSchema::of(&described, 50.0).unwrap();
        assert_eq!(derived.columns(), columns);
        let range = |name, top| Field::new(name, FieldKind::Range(vec![top; 2]));
        let ours = schema(&[(
            "Ball",
            &[
                range("position", 12_800),
                range("velocity", 800).moves("position", 0.04, 400),
                Field::new("orientation", FieldKind::Rotation(9)),
                Field::flag("is_held"),
            ],
        )]);
        assert_eq!(ours, derived);
    }

    #[test]
    fn fields_that_cannot_be_are_named() {
        let cases = [
            (Field::new("x", FieldKind::Range(vec![])), "Ball.x: a field has 1 to 4 axes"),
            (Field::new("x", FieldKind::Range(vec![1 << 31])), "Ball.x: a range has at most 2^31 steps"),
            (Field::new("x", FieldKind::Steps(5)), "Ball.x: a field has 1 to 4 axes"),
            (Field::new("x", FieldKind::Wrapping(32)), "Ball.x: what wraps has 1 to 31 bits"),
            (Field::new("x", FieldKind::Rotation(1)), "Ball.x: a rotation has 2 to 20 bits a component"),
            (Field::new("x", FieldKind::Symbol(0)), "Ball.x: a symbol has 1 to 256 variants"),
            (Field::flag("x").moves("x", 1.0, 0), "Ball.x: only numbers can move others"),
            (
                Field::new("x", FieldKind::Steps(1)).moves("y", 1.0, 0),
                "Ball.x: it moves a field that the component doesn't have",
            ),
            (
                Field::new("x", FieldKind::Steps(1)).moves("x", 1.0, 0),
                "Ball.x: it moves a field with other axes",
            ),
        ];
        for (field, message) in cases {
            let error = SnapshotSchema::new([Component::new("Ball", [field])]).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        let many = vec![Component::new("Ball", []); 65];
        assert!(SnapshotSchema::new(many).is_err());
    }
}
