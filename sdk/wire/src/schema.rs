//! What a state is made of: entities, components and fields with names, for hashes and desync reports.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

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

/// The names of all components and their fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    components: Vec<ComponentSchema>,
}

/// The names of one component and its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentSchema {
    /// The component's name.
    pub name: Cow<'static, str>,
    /// The fields' names, in the order in which they are shown.
    pub fields: Vec<Cow<'static, str>>,
}

impl Schema {
    /// A schema with no components.
    pub const fn new() -> Self {
        Self { components: Vec::new() }
    }

    /// Adds a component; its [`ComponentId`] is the number of components before it.
    #[must_use]
    pub fn with(mut self, name: &'static str, fields: &[&'static str]) -> Self {
        self.components.push(ComponentSchema {
            name: Cow::Borrowed(name),
            fields: fields.iter().map(|&field| Cow::Borrowed(field)).collect(),
        });
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

    /// Differs when any name or the order of names differs; for the manifest (STANDARD.md, section 2.2).
    pub fn hash(&self) -> u64 {
        let mut hasher = Xxh3Default::new();
        let count = |hasher: &mut Xxh3Default, count: usize| hasher.update(&(count as u32).to_le_bytes());
        let name = |hasher: &mut Xxh3Default, name: &str| {
            count(hasher, name.len());
            hasher.update(name.as_bytes());
        };
        count(&mut hasher, self.components.len());
        for component in &self.components {
            name(&mut hasher, &component.name);
            count(&mut hasher, component.fields.len());
            for field in &component.fields {
                name(&mut hasher, field);
            }
        }
        hasher.digest()
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
