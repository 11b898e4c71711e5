//! A state's fields, taken down while it is hashed.

use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, StateHash};

/// Components that are kept of one state, and fields; of larger ones, the first.
const MAX_KEPT: usize = 4_096;

/// The fields of one state, in the order in which they were shown. It shows them again, as the state did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Each component, and where its fields start.
    components: Vec<(NetEntity, ComponentId, u32)>,
    fields: Vec<i64>,
    /// How many more fields are kept.
    room: usize,
    /// Whether there was more than is kept.
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
        if self.cut { StateHash::of(state) } else { StateHash::of(self) }
    }
}

impl Inspect for Record {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        let ends = self.components.iter().skip(1).map(|&(.., start)| start as usize);
        for (&(entity, component, start), end) in self.components.iter().zip(ends.chain([self.fields.len()]))
        {
            sink.component(entity, component);
            let fields = self.fields.get(start as usize..end).unwrap_or_default();
            fields.iter().for_each(|&field| sink.field(field));
        }
    }
}

impl FieldSink for Record {
    fn component(&mut self, entity: NetEntity, component: ComponentId) {
        if self.components.is_empty() {
            self.room = MAX_KEPT;
        }
        self.cut |= self.components.len() == MAX_KEPT;
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

#[cfg(test)]
mod tests {
    use super::*;
    use netcord_wire::FieldLog;
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
        fn a_record_has_the_hash_of_the_state_and_shows_the_same_fields(
            components in prop::collection::vec((0..9_u32, 0..3_u16, prop::collection::vec(any::<i64>(), 0..6)), 0..40),
            loose in prop::collection::vec(any::<i64>(), 0..2),
        ) {
            let state = State(components, loose);
            let mut record = Record::default();
            prop_assert_eq!(record.take(&state), StateHash::of(&state));
            prop_assert_eq!(record.cut, !state.1.is_empty());
            if !record.cut {
                prop_assert_eq!(FieldLog::of(&record, 1 << 20), FieldLog::of(&state, 1 << 20));
            }
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
            assert!(record.cut && record.components.len() <= MAX_KEPT && record.fields.len() <= MAX_KEPT);
        }
    }
}
