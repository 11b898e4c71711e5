//! A state's fields, taken down while it is hashed.

use super::FieldDifference;
use crate::protocol::{FieldList, WireComponent};
use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema, StateHash, StateHasher, Tick};
use std::collections::BTreeMap;

/// Fields that are kept of one state; of larger ones, the first.
const MAX_FIELDS: usize = 4_096;
/// Differences that a report lists; more are counted.
const MAX_DIFFERENCES: usize = 16;

/// The fields of one state, in the order in which they were shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Each component, and where its fields start.
    components: Vec<(NetEntity, ComponentId, u32)>,
    fields: Vec<i64>,
    /// Whether there were more fields than are kept.
    cut: bool,
}

impl Record {
    /// Replaces the record by the fields of `state`; returns its hash.
    pub(crate) fn take(&mut self, state: &dyn Inspect) -> StateHash {
        self.components.clear();
        self.fields.clear();
        self.cut = false;
        let mut recorder = Recorder { hasher: StateHasher::default(), record: self };
        state.inspect(&mut recorder);
        recorder.hasher.finish()
    }

    fn components(&self) -> impl Iterator<Item = (NetEntity, ComponentId, &[i64])> {
        let ends = self.components.iter().skip(1).map(|&(.., start)| start as usize);
        let ends = ends.chain([self.fields.len()]);
        self.components.iter().zip(ends).map(|(&(entity, component, start), end)| {
            (entity, component, self.fields.get(start as usize..end).unwrap_or_default())
        })
    }

    pub(crate) fn to_wire(&self, tick: Tick) -> FieldList {
        let components = self
            .components()
            .map(|(entity, component, fields)| WireComponent { entity, component, fields: fields.to_vec() })
            .collect();
        FieldList { tick, cut: self.cut, components }
    }

    pub(crate) fn from_wire(list: &FieldList) -> Self {
        let mut record = Self { cut: list.cut, ..Self::default() };
        for component in &list.components {
            record.components.push((component.entity, component.component, record.fields.len() as u32));
            record.fields.extend_from_slice(&component.fields);
        }
        record
    }
}

struct Recorder<'a> {
    hasher: StateHasher,
    record: &'a mut Record,
}

impl FieldSink for Recorder<'_> {
    fn component(&mut self, entity: NetEntity, component: ComponentId) {
        self.hasher.component(entity, component);
        if self.record.components.len() + self.record.fields.len() >= MAX_FIELDS {
            self.record.cut = true;
        }
        if !self.record.cut {
            self.record.components.push((entity, component, self.record.fields.len() as u32));
        }
    }

    fn field(&mut self, value: i64) {
        self.hasher.field(value);
        if !self.record.cut {
            self.record.fields.push(value);
        }
    }
}

/// What differs between two records, in the order of `ours`, and how many differences there are beyond those
/// that are listed.
pub(crate) fn differences(ours: &Record, theirs: &Record, schema: &Schema) -> (Vec<FieldDifference>, usize) {
    let mut listed = Vec::new();
    let mut more = 0;
    let mut list = |entity, component: ComponentId, field: usize, ours, theirs| {
        if listed.len() == MAX_DIFFERENCES {
            more += 1;
            return;
        }
        let names = schema.component(component);
        let component_name =
            names.map_or_else(|| format!("component {}", component.0), |names| names.name.to_string());
        let field_name = names
            .and_then(|names| names.fields.get(field))
            .map_or_else(|| format!("field {field}"), |name| name.to_string());
        listed.push(FieldDifference { entity, component, component_name, field, field_name, ours, theirs });
    };
    let mut unmatched: BTreeMap<_, _> =
        theirs.components().map(|(entity, component, fields)| ((entity, component), fields)).collect();
    for (entity, component, our_fields) in ours.components() {
        let Some(their_fields) = unmatched.remove(&(entity, component)) else {
            if !theirs.cut {
                list(entity, component, 0, our_fields.first().copied(), None);
            }
            continue;
        };
        for field in 0..our_fields.len().max(their_fields.len()) {
            let (ours, theirs) = (our_fields.get(field).copied(), their_fields.get(field).copied());
            if ours != theirs {
                list(entity, component, field, ours, theirs);
            }
        }
    }
    if !ours.cut {
        for ((entity, component), fields) in unmatched {
            list(entity, component, 0, None, fields.first().copied());
        }
    }
    (listed, more)
}
