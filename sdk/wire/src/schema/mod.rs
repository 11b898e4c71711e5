//! What a state is made of: entities, components and fields, by name and, where they are quantised, by kind. For hashes,
//! desync reports, snapshots, and for telling peers apart that would not understand each other.

mod difference;
mod kind;

pub use difference::SchemaDifference;
pub use kind::{ColumnKind, FieldKind};

use crate::codec::message;
use crate::{CodecError, Quantized, SchemaError, quantized::Fields};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// An entity's id, the same on every peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NetEntity(pub u32);

impl fmt::Display for NetEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entity {}", self.0)
    }
}

/// A component's place in the [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ComponentId(pub u16);

/// A state that can show its fields, always in the same order. The one description serves the hash and the
/// desync report, so they can't disagree.
pub trait Inspect {
    /// Shows every field of the state to `sink`, component by component.
    fn inspect(&self, sink: &mut dyn FieldSink);
}

/// What looks at the fields of a state.
pub trait FieldSink {
    /// The fields that follow belong to this component of this entity.
    fn component(&mut self, entity: NetEntity, component: ComponentId);
    /// The component's next field, in the order of the schema.
    fn field(&mut self, value: i64);
}

/// All components and their fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    components: Vec<ComponentSchema>,
}

/// One component and its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentSchema {
    /// The component's name.
    pub name: Cow<'static, str>,
    /// The fields, in the order in which they are shown.
    pub fields: Vec<FieldSchema>,
}

/// One field of a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSchema {
    /// The field's name; those of nested values after their outer one's and a dot.
    pub name: Cow<'static, str>,
    /// What it is.
    pub kind: FieldKind,
    /// The field of the same component that it moves, and the time in which it moves it by its value.
    pub velocity_of: Option<(Cow<'static, str>, TimeUnit)>,
}

/// The time in which a velocity moves something by its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeUnit {
    /// A second.
    Second,
    /// A tick.
    Tick,
}

/// How a velocity moves another field, in steps of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// The place of the field that is moved.
    pub moved: usize,
    /// By how many of its steps, in a tick, for each step of the velocity above `rest`.
    pub steps: f64,
    /// The value of the velocity's columns at which it stands still.
    pub rest: i32,
}

impl Schema {
    /// A schema with no components.
    pub const fn new() -> Self {
        Self { components: Vec::new() }
    }

    /// Adds a component of plain numbers; its [`ComponentId`] is the number of components before it.
    #[must_use]
    pub fn with(self, name: &'static str, fields: &[&'static str]) -> Self {
        let fields: Vec<_> = fields.iter().map(|&field| FieldSchema::new(field, FieldKind::Plain)).collect();
        self.with_component(ComponentSchema::new(name, fields))
    }

    /// Adds a component; its [`ComponentId`] is the number of components before it.
    #[must_use]
    pub fn with_component(mut self, component: ComponentSchema) -> Self {
        self.components.push(component);
        self
    }

    /// The component with this id.
    pub fn component(&self, id: ComponentId) -> Option<&ComponentSchema> {
        self.components.get(usize::from(id.0))
    }

    /// All components, in the order of their ids.
    pub fn components(&self) -> &[ComponentSchema] {
        &self.components
    }

    /// Differs when any name, kind, range, step or their order differs; for the manifest (STANDARD.md, section 2.2).
    pub fn hash(&self) -> u64 {
        xxh3_64(&self.to_bytes())
    }

    /// The schema as bytes, for a peer that is to be told in what it differs (STANDARD.md, section 2.2).
    pub fn to_bytes(&self) -> Vec<u8> {
        message::encode(self, usize::MAX)
            .expect("a schema is made of what postcard knows, and no limit is set")
    }

    /// The schema of a peer, of at most `limit` bytes.
    ///
    /// It is for [`first_difference`](Self::first_difference) and for eyes: its kinds may be such as no quantiser has.
    ///
    /// # Errors
    /// Any [`CodecError`].
    pub fn from_bytes(bytes: &[u8], limit: usize) -> Result<Self, CodecError> {
        message::decode(bytes, limit)
    }
}

impl ComponentSchema {
    /// A component with these fields.
    pub fn new(name: impl Into<Cow<'static, str>>, fields: impl Into<Vec<FieldSchema>>) -> Self {
        Self { name: name.into(), fields: fields.into() }
    }

    /// A component that says itself what its fields are.
    pub fn of<T: Quantized>(name: impl Into<Cow<'static, str>>) -> Self {
        let mut fields = Fields::default();
        T::describe(&mut fields);
        Self::new(name, fields.into_fields())
    }

    /// How many columns its fields take together.
    pub fn columns(&self) -> usize {
        self.fields.iter().map(|field| field.kind.columns()).sum()
    }

    /// How many of its fields are texts or bytes.
    pub fn blobs(&self) -> usize {
        self.fields.iter().filter(|field| field.kind.is_blob()).count()
    }

    /// The name of a value, as hashes and reports show them: plain numbers and columns in the order of fields, then
    /// texts and bytes. A column of several has its place in brackets.
    pub fn value_name(&self, value: usize) -> Option<Cow<'_, str>> {
        let mut left = value;
        for field in self.fields.iter().filter(|field| !field.kind.is_blob()) {
            let values = field.kind.columns().max(1);
            if left < values {
                let several = || format!("{}[{left}]", field.name).into();
                return Some(if values == 1 { Cow::Borrowed(&*field.name) } else { several() });
            }
            left -= values;
        }
        let blob = self.fields.iter().filter(|field| field.kind.is_blob()).nth(left)?;
        Some(Cow::Borrowed(&*blob.name))
    }

    /// How the field at this place moves another, if it is the velocity of one.
    ///
    /// # Errors
    /// [`SchemaError`] if it can't be.
    pub fn motion(&self, field: usize, ticks_per_second: f64) -> Result<Option<Motion>, SchemaError> {
        let Some(velocity) = self.fields.get(field) else { return Ok(None) };
        let Some((name, unit)) = &velocity.velocity_of else { return Ok(None) };
        let wrong = |what| SchemaError::Velocity {
            component: String::from(&*self.name),
            field: String::from(&*velocity.name),
            moved: String::from(&**name),
            what,
        };
        let moved = self.fields.iter().position(|other| other.name == *name);
        let moved = moved.ok_or_else(|| wrong("which the component doesn't have"))?;
        let (step, rests) =
            velocity.kind.motion().ok_or_else(|| wrong("though it is no number with steps"))?;
        let (moved_step, axes) =
            self.fields[moved].kind.moved().ok_or_else(|| wrong("which has no steps"))?;
        if moved == field || axes != rests.len() {
            return Err(wrong("which doesn't have as many axes"));
        }
        let rest = rests.first().copied().unwrap_or_default();
        if rests.iter().any(|&other| other != rest) {
            return Err(wrong("though its own axes don't begin at the same bound"));
        }
        let ticks = match unit {
            TimeUnit::Second => ticks_per_second,
            TimeUnit::Tick => 1.0,
        };
        Ok(Some(Motion { moved, steps: step / moved_step / ticks, rest }))
    }
}

impl FieldSchema {
    /// A field of this kind.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: FieldKind) -> Self {
        Self { name: name.into(), kind, velocity_of: None }
    }

    /// Says that this field is the velocity of another of its component, which it moves by its value in each `unit`.
    #[must_use]
    pub fn velocity_of(mut self, field: impl Into<Cow<'static, str>>, unit: TimeUnit) -> Self {
        self.velocity_of = Some((field.into(), unit));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn schemas_that_differ_in_any_name_or_order_have_other_hashes() {
        let schemas = [
            Schema::new(),
            Schema::new().with("", &[]),
            Schema::new().with("", &[""]),
            Schema::new().with("", &[]).with("", &[]),
            Schema::new().with("Ball", &["x", "y"]),
            Schema::new().with("Ball", &["y", "x"]),
            Schema::new().with("Ball", &["xy"]),
            Schema::new().with("Ball", &["x"]).with("y", &[]),
            Schema::new().with("Ball", &[]).with("x", &["y"]),
            Schema::new().with("ball", &["x", "y"]),
        ];
        let hashes: BTreeSet<u64> = schemas.iter().map(Schema::hash).collect();
        assert_eq!(hashes.len(), schemas.len());
    }
}
