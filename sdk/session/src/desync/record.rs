//! A state's fields, taken down while it is hashed.

use super::FieldDifference;
use crate::protocol::{FieldList, WireComponent};
use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema, StateHash, StateHasher, Tick};
use std::collections::{BTreeMap, VecDeque};

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
    /// How many more fields are kept.
    room: usize,
    /// Whether there were more fields than are kept.
    cut: bool,
}

impl Record {
    /// Replaces the record by the fields of `state`; returns its hash.
    pub(crate) fn take(&mut self, state: &dyn Inspect) -> StateHash {
        self.components.clear();
        self.fields.clear();
        (self.room, self.cut) = (0, false);
        state.inspect(self);
        // Hashing what was taken down is one pass less over the state than to hash it field by field.
        if self.cut { StateHash::of(state) } else { self.hash() }
    }

    fn hash(&self) -> StateHash {
        let mut hasher = StateHasher::default();
        for (entity, component, fields) in self.components() {
            hasher.component(entity, component);
            fields.iter().for_each(|&field| hasher.field(field));
        }
        hasher.finish()
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

impl FieldSink for Record {
    fn component(&mut self, entity: NetEntity, component: ComponentId) {
        if self.components.is_empty() {
            self.room = MAX_FIELDS;
        }
        self.cut |= self.components.len() == MAX_FIELDS;
        if self.cut {
            self.room = 0;
        } else {
            self.components.push((entity, component, self.fields.len() as u32));
        }
    }

    fn field(&mut self, value: i64) {
        if self.room == 0 {
            self.cut = true;
        } else {
            self.room -= 1;
            self.fields.push(value);
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
    let mut unmatched = BTreeMap::<_, VecDeque<_>>::new();
    for (entity, component, fields) in theirs.components() {
        unmatched.entry((entity, component)).or_default().push_back(fields);
    }
    for (entity, component, our_fields) in ours.components() {
        let Some(their_fields) = unmatched.get_mut(&(entity, component)).and_then(VecDeque::pop_front) else {
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
            fields.iter().for_each(|fields| list(entity, component, 0, None, fields.first().copied()));
        }
    }
    (listed, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Components with their fields, and fields of no component before them.
    struct State(Vec<(u32, u16, Vec<i64>)>, Vec<i64>);

    impl Inspect for State {
        fn inspect(&self, sink: &mut dyn FieldSink) {
            self.1.iter().for_each(|&field| sink.field(field));
            for (entity, component, fields) in &self.0 {
                sink.component(NetEntity(*entity), ComponentId(*component));
                fields.iter().for_each(|&field| sink.field(field));
            }
        }
    }

    proptest! {
        #[test]
        fn the_hash_is_that_of_the_state(
            components in prop::collection::vec((0..9_u32, 0..3_u16, prop::collection::vec(any::<i64>(), 0..6)), 0..40),
            loose in prop::collection::vec(any::<i64>(), 0..2),
        ) {
            let state = State(components, loose);
            let mut record = Record::default();
            prop_assert_eq!(record.take(&state), StateHash::of(&state));
            prop_assert_eq!(record.cut, !state.1.is_empty());
            let again = Record::from_wire(&record.to_wire(Tick(0)));
            prop_assert_eq!(differences(&record, &again, &Schema::new()), (Vec::new(), 0));
        }
    }

    #[test]
    fn a_large_state_is_hashed_whole_and_kept_in_part() {
        let mut record = Record::default();
        for state in [
            State((0..5_000).map(|entity| (entity, 0, vec![])).collect(), vec![]),
            State(vec![(0, 0, (0..5_000).collect())], vec![]),
            State((0..3_000).map(|entity| (entity, 0, vec![1, 2])).collect(), vec![]),
        ] {
            assert_eq!(record.take(&state), StateHash::of(&state));
            assert!(record.cut && record.components.len() <= MAX_FIELDS && record.fields.len() <= MAX_FIELDS);
        }
    }

    #[test]
    fn what_only_one_side_has_is_a_difference_too() {
        let record = |components: &[(u32, u16, Vec<i64>)]| {
            let mut record = Record::default();
            record.take(&State(components.to_vec(), vec![]));
            record
        };
        let schema = Schema::new().with("Ball", &["x", "y"]);
        let ours = record(&[(1, 0, vec![5, 6]), (2, 0, vec![7, 8])]);
        let theirs = record(&[(1, 0, vec![5, 9]), (3, 0, vec![1, 2])]);
        let (listed, more) = differences(&ours, &theirs, &schema);
        let told: Vec<_> = listed.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "Ball.y of entity 1: ours 6, theirs 9",
                "Ball.x of entity 2: ours 7, theirs nothing",
                "Ball.x of entity 3: ours nothing, theirs 1",
            ]
        );
        assert_eq!(more, 0);
        let many: Vec<_> = (0..30).map(|entity| (entity, 0, vec![1])).collect();
        let (listed, more) = differences(&record(&many), &record(&[]), &schema);
        assert_eq!((listed.len(), more), (16, 14));
    }
}
