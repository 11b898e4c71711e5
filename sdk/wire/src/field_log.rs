//! What a state showed at one tick, as bytes that two peers compare to name a desync (STANDARD.md, section 2.6).

use crate::{CodecError, ComponentId, FieldSink, Inspect, NetEntity, Schema, varint};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// The fields of a state at one tick, in the order in which it showed them.
///
/// After a desync each peer logs its state at the first tick whose hashes differ, sends
/// [`as_bytes`](Self::as_bytes), and looks for the [`first_difference`](Self::first_difference).
///
/// ```
/// use netcord_wire::{ComponentId, FieldLog, FieldSink, Inspect, NetEntity, Schema};
///
/// struct Score(i64);
/// impl Inspect for Score {
///     fn inspect(&self, sink: &mut dyn FieldSink) {
///         sink.component(NetEntity(7), ComponentId(0));
///         sink.field(self.0);
///     }
/// }
///
/// let schema = Schema::new().with("Score", &["points"]);
/// let ours = FieldLog::of(&Score(10), 1_000);
/// let theirs = FieldLog::from_bytes(FieldLog::of(&Score(11), 1_000).as_bytes(), 1_000)?;
/// let difference = ours.first_difference(&theirs, &schema).expect("the points differ");
/// assert_eq!(difference.to_string(), "entity 7 Score.points: ours 10, theirs 11");
/// # Ok::<(), netcord_wire::CodecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldLog {
    /// One byte that says whether the log was cut, then the records; all of it valid.
    bytes: Vec<u8>,
}

/// The first field in which two logs differ, with its names: what a desync report says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDifference {
    /// The entity.
    pub entity: NetEntity,
    /// The component's name; its number where the schema doesn't know it.
    pub component: String,
    /// The field's name; its number where the schema doesn't know it.
    pub field: String,
    /// Our value; `None` where we show no such field.
    pub ours: Option<i64>,
    /// Their value; `None` where they show no such field.
    pub theirs: Option<i64>,
}

const COMPLETE: u8 = 0;
const CUT: u8 = 1;

impl FieldLog {
    /// The most fields of one component that are logged; more are left out.
    pub const MAX_FIELDS: usize = u8::MAX as usize;

    /// What `state` shows, in at most `limit` bytes: a state that needs more is logged up to the last component
    /// that fits.
    pub fn of(state: &(impl Inspect + ?Sized), limit: usize) -> Self {
        let mut recorder = Recorder { bytes: vec![COMPLETE], limit, record_at: 1, count_at: None };
        state.inspect(&mut recorder);
        Self { bytes: recorder.bytes }
    }

    /// The log that a peer sent, of at most `limit` bytes.
    ///
    /// # Errors
    /// Any [`CodecError`]: every byte is checked here, so that comparing can't fail.
    pub fn from_bytes(bytes: &[u8], limit: usize) -> Result<Self, CodecError> {
        if bytes.len() > limit {
            return Err(CodecError::TooLong { limit });
        }
        let (&end, mut rest) = bytes.split_first().ok_or(CodecError::UnexpectedEnd)?;
        if end > CUT {
            return Err(CodecError::OutOfRange);
        }
        while !rest.is_empty() {
            Record::read(&mut rest)?;
        }
        Ok(Self { bytes: bytes.into() })
    }

    /// The log as it goes over the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether all of the state is in the log.
    pub fn is_complete(&self) -> bool {
        self.bytes.first() == Some(&COMPLETE)
    }

    /// The first field that `theirs` shows otherwise, or that only one of both shows at its place; `None` when
    /// both are equal as far as both go. A component that only one shows is named by its first field. Names come
    /// from `schema`.
    pub fn first_difference(&self, theirs: &Self, schema: &Schema) -> Option<FieldDifference> {
        let (mut our_records, mut their_records) = (self.records(), theirs.records());
        loop {
            match (our_records.next(), their_records.next()) {
                (None, None) => return None,
                (Some(ours), Some(theirs)) if ours.key() == theirs.key() => {
                    if let Some((field, ours_is, theirs_is)) = ours.first_difference(&theirs) {
                        return Some(ours.name(field, ours_is, theirs_is, schema));
                    }
                }
                (Some(ours), Some(theirs)) => {
                    let theirs_is_extra = their_records.any(|later| later.key() == ours.key());
                    return Some(if theirs_is_extra {
                        theirs.name(0, None, theirs.first_field(), schema)
                    } else {
                        ours.name(0, ours.first_field(), None, schema)
                    });
                }
                // What is not in a log that was cut may yet be in the state.
                (Some(ours), None) => {
                    return theirs.is_complete().then(|| ours.name(0, ours.first_field(), None, schema));
                }
                (None, Some(theirs)) => {
                    return self.is_complete().then(|| theirs.name(0, None, theirs.first_field(), schema));
                }
            }
        }
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut rest = self.bytes.get(1..).unwrap_or_default();
        core::iter::from_fn(move || Record::read(&mut rest).ok())
    }
}

impl fmt::Display for FieldDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |value: Option<i64>| value.map_or("nothing".into(), |value| format!("{value}"));
        let Self { entity, component, field, .. } = self;
        write!(f, "{entity} {component}.{field}: ours {}, theirs {}", show(self.ours), show(self.theirs))
    }
}

/// Writes a log.
struct Recorder {
    bytes: Vec<u8>,
    limit: usize,
    /// Where the last record starts.
    record_at: usize,
    /// Where it counts its fields; `None` before the first record and after a cut.
    count_at: Option<usize>,
}

impl Recorder {
    fn keep_to_limit(&mut self) {
        if self.bytes.len() > self.limit {
            self.bytes.truncate(self.record_at);
            self.bytes[0] = CUT;
            self.count_at = None;
        }
    }
}

impl FieldSink for Recorder {
    fn component(&mut self, entity: NetEntity, component: ComponentId) {
        if self.bytes[0] == CUT {
            return;
        }
        self.record_at = self.bytes.len();
        varint::write(&mut self.bytes, entity.0.into());
        varint::write(&mut self.bytes, component.0.into());
        self.count_at = Some(self.bytes.len());
        self.bytes.push(0);
        self.keep_to_limit();
    }

    fn field(&mut self, value: i64) {
        let Some(at) = self.count_at else { return };
        let Some(count) = self.bytes[at].checked_add(1) else { return };
        self.bytes[at] = count;
        varint::write_signed(&mut self.bytes, value);
        self.keep_to_limit();
    }
}

/// One component in a log.
struct Record<'a> {
    entity: NetEntity,
    component: ComponentId,
    fields: &'a [u8],
}

impl<'a> Record<'a> {
    /// Takes a record off the front of `bytes`.
    fn read(bytes: &mut &'a [u8]) -> Result<Self, CodecError> {
        let entity = varint::read(bytes)?.try_into().map_err(|_| CodecError::OutOfRange)?;
        let component = varint::read(bytes)?.try_into().map_err(|_| CodecError::OutOfRange)?;
        let (&count, fields) = bytes.split_first().ok_or(CodecError::UnexpectedEnd)?;
        let mut rest = fields;
        for _ in 0..count {
            varint::read_signed(&mut rest)?;
        }
        *bytes = rest;
        let fields = fields.get(..fields.len() - rest.len()).unwrap_or_default();
        Ok(Self { entity: NetEntity(entity), component: ComponentId(component), fields })
    }

    fn key(&self) -> (NetEntity, ComponentId) {
        (self.entity, self.component)
    }

    fn fields(&self) -> impl Iterator<Item = i64> + use<'a> {
        let mut rest = self.fields;
        core::iter::from_fn(move || varint::read_signed(&mut rest).ok())
    }

    /// What stands for the whole component; 0 for one that has no fields.
    fn first_field(&self) -> Option<i64> {
        self.fields().next().or(Some(0))
    }

    fn first_difference(&self, theirs: &Self) -> Option<(usize, Option<i64>, Option<i64>)> {
        let (mut ours, mut theirs) = (self.fields(), theirs.fields());
        for field in 0..=FieldLog::MAX_FIELDS {
            match (ours.next(), theirs.next()) {
                (None, None) => break,
                (ours, theirs) if ours != theirs => return Some((field, ours, theirs)),
                _ => {}
            }
        }
        None
    }

    fn name(&self, field: usize, ours: Option<i64>, theirs: Option<i64>, schema: &Schema) -> FieldDifference {
        let component = schema.component(self.component);
        let field_name = component.and_then(|component| component.value_name(field));
        FieldDifference {
            entity: self.entity,
            component: component
                .map_or_else(|| format!("component {}", self.component.0), |known| known.name.clone().into()),
            field: field_name.map_or_else(|| format!("field {field}"), |name| name.into_owned()),
            ours,
            theirs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    /// A state of components with their fields.
    #[derive(Clone, Debug)]
    struct State(Vec<(u32, u16, Vec<i64>)>);

    impl Inspect for State {
        fn inspect(&self, sink: &mut dyn FieldSink) {
            for (entity, component, fields) in &self.0 {
                sink.component(NetEntity(*entity), ComponentId(*component));
                fields.iter().for_each(|&field| sink.field(field));
            }
        }
    }

    fn log(components: &[(u32, u16, &[i64])]) -> FieldLog {
        let components =
            components.iter().map(|&(entity, component, fields)| (entity, component, fields.into()));
        FieldLog::of(&State(components.collect()), usize::MAX)
    }

    fn difference(ours: &FieldLog, theirs: &FieldLog) -> Option<String> {
        let schema = Schema::new().with("Ball", &["x", "y"]).with("Paddle", &["y"]);
        ours.first_difference(theirs, &schema).map(|difference| difference.to_string())
    }

    #[test]
    fn the_first_difference_is_named_from_both_sides() {
        let ours = log(&[(0, 0, &[1, -2]), (1, 1, &[3])]);
        let theirs = log(&[(0, 0, &[1, 900]), (1, 1, &[4])]);
        assert_eq!(difference(&ours, &ours), None);
        assert_eq!(difference(&ours, &theirs).unwrap(), "entity 0 Ball.y: ours -2, theirs 900");
        assert_eq!(difference(&theirs, &ours).unwrap(), "entity 0 Ball.y: ours 900, theirs -2");
    }

    #[test]
    fn a_component_that_only_one_shows_is_named() {
        let both = log(&[(0, 0, &[1, 2]), (7, 1, &[5]), (9, 1, &[6])]);
        for fewer in [log(&[(0, 0, &[1, 2]), (9, 1, &[6])]), log(&[(0, 0, &[1, 2])])] {
            assert_eq!(difference(&both, &fewer).unwrap(), "entity 7 Paddle.y: ours 5, theirs nothing");
            assert_eq!(difference(&fewer, &both).unwrap(), "entity 7 Paddle.y: ours nothing, theirs 5");
        }
    }

    #[test]
    fn what_the_schema_does_not_know_has_a_number() {
        let (ours, theirs) = (log(&[(0, 1, &[1, 2]), (0, 9, &[0])]), log(&[(0, 1, &[1]), (0, 9, &[1])]));
        assert_eq!(difference(&ours, &theirs).unwrap(), "entity 0 Paddle.field 1: ours 2, theirs nothing");
        let (ours, theirs) = (log(&[(0, 9, &[0])]), log(&[(0, 9, &[1])]));
        assert_eq!(difference(&ours, &theirs).unwrap(), "entity 0 component 9.field 0: ours 0, theirs 1");
    }

    #[test]
    fn a_log_that_was_cut_says_nothing_about_the_rest() {
        let state = State((0..100).map(|entity| (entity, 0, [1, 2].into())).collect());
        let (whole, cut) = (FieldLog::of(&state, 1_000), FieldLog::of(&state, 52));
        assert!(whole.is_complete() && !cut.is_complete());
        assert_eq!(cut.as_bytes().len(), 51, "ten records of five bytes");
        assert_eq!((difference(&whole, &cut), difference(&cut, &whole)), (None, None));
        assert_eq!(FieldLog::from_bytes(cut.as_bytes(), 51), Ok(cut));
        assert_eq!(FieldLog::of(&state, 0).as_bytes(), [CUT]);
    }

    #[test]
    fn more_fields_than_a_record_counts_are_left_out() {
        let log = log(&[(0, 0, &[0; 300]), (1, 0, &[1])]);
        assert_eq!(log.records().map(|record| record.fields().count()).collect::<Vec<_>>(), [255, 1]);
    }

    #[test]
    fn bytes_that_are_no_log_are_refused() {
        let cases: [(&[u8], CodecError); 7] = [
            (&[], CodecError::UnexpectedEnd),
            (&[2], CodecError::OutOfRange),
            (&[0, 1], CodecError::UnexpectedEnd),
            (&[0, 1, 1, 2, 0], CodecError::UnexpectedEnd),
            (&[0, 0xff, 0xff, 0xff, 0xff, 0x10, 0, 0], CodecError::OutOfRange),
            (&[0, 0x81, 0x00, 0, 0], CodecError::NotCanonical),
            (&[0; 9], CodecError::TooLong { limit: 8 }),
        ];
        for (bytes, error) in cases {
            assert_eq!(FieldLog::from_bytes(bytes, 8), Err(error), "{bytes:x?}");
        }
    }

    prop_compose! {
        fn states()(components in proptest::collection::vec(
            (0..20u32, 0..3u16, proptest::collection::vec(-2..2i64, 0..4)), 0..10,
        )) -> State { State(components) }
    }

    proptest! {
        #[test]
        fn logs_differ_when_states_do(ours in states(), theirs in states()) {
            let (our_log, their_log) = (FieldLog::of(&ours, 1_000), FieldLog::of(&theirs, 1_000));
            prop_assert_eq!(difference(&our_log, &their_log).is_none(), ours.0 == theirs.0);
            prop_assert_eq!(FieldLog::from_bytes(our_log.as_bytes(), 1_000), Ok(our_log));
        }

        #[test]
        fn no_bytes_break_a_log(bytes: Vec<u8>, others: Vec<u8>) {
            if let (Ok(ours), Ok(theirs)) = (FieldLog::from_bytes(&bytes, 100), FieldLog::from_bytes(&others, 100)) {
                difference(&ours, &theirs);
            }
        }
    }
}
