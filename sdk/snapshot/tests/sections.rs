//! What is encoded is decoded, whatever the schema, the states and the baselines; and no bytes do harm.

mod support;

use netcord_snapshot::{
    Baseline, MAX_BLOB_BYTES, Mode, SectionCodec, SectionHeader, SectionState, SnapshotError, SnapshotSchema,
    usual_ages,
};
use netcord_wire::{CodecError, FieldKind, NetEntity};
use proptest::prelude::*;
use std::sync::Arc;
use support::{Kinds, World, kinds, range, steps};

const MODES: [Mode; 2] = [Mode::Compact, Mode::Fast];

/// States of so many ticks, the newest last.
fn states(kinds: Kinds, seed: u64, entities: u32, ticks: usize) -> (Arc<SnapshotSchema>, Vec<SectionState>) {
    let mut world = World::new(kinds, seed, entities);
    let mut states = Vec::new();
    for _ in 0..ticks {
        world.step();
        states.push(world.state.clone());
    }
    (world.schema, states)
}

/// The baselines at some distances from the newest of these states.
fn baselines<'a>(states: &'a [SectionState], ages: &[u8]) -> Vec<Baseline<'a>> {
    ages.iter().map(|&age| Baseline { age, state: &states[states.len() - 1 - usize::from(age)] }).collect()
}

fn encode(
    schema: &Arc<SnapshotSchema>,
    mode: Mode,
    state: &SectionState,
    baselines: &[Baseline<'_>],
) -> Vec<u8> {
    let mut out = Vec::new();
    SectionCodec::new(schema.clone())
        .encode(mode, state, baselines, &mut out)
        .expect("a state of the schema");
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_encoded_is_decoded(
        kinds in kinds(),
        seed: u64,
        entities in 0..60_u32,
        mut ages in proptest::collection::vec(1..12_u8, 0..=3),
    ) {
        ages.sort_unstable();
        ages.dedup();
        let (schema, states) = states(kinds, seed, entities, 14);
        let baselines = baselines(&states, &ages);
        let state = states.last().unwrap();
        // One codec for all: what it did before must not matter.
        let mut codec = SectionCodec::new(schema.clone());
        let mut back = states[0].clone();
        for mode in MODES {
            let mut out = vec![7];
            codec.encode(mode, state, &baselines, &mut out).unwrap();
            prop_assert_eq!(&out[1..], encode(&schema, mode, state, &baselines));
            let header = SectionHeader::read(&out[1..]).unwrap();
            prop_assert_eq!(header.mode, mode);
            prop_assert!(ages.starts_with(header.ages()));
            codec.decode(&out[1..], &baselines, &mut back).unwrap();
            prop_assert_eq!(&back, state);
        }
    }

    #[test]
    fn mutated_sections_are_decoded_to_states_of_the_schema_or_refused(
        kinds in kinds(),
        seed: u64,
        mutations in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
    ) {
        let (schema, states) = states(kinds, seed, 40, 14);
        let baselines = baselines(&states, &[2, 5, 7]);
        let mut codec = SectionCodec::new(schema.clone());
        let mut back = SectionState::new(&schema);
        for mode in MODES {
            let mut bytes = encode(&schema, mode, states.last().unwrap(), &baselines);
            for (at, value) in &mutations {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            bytes.truncate(length.index(bytes.len()) + 1);
            if codec.decode(&bytes, &baselines, &mut back).is_ok() {
                // What came out of it can be sent on: all of it is in range.
                let again = encode(&schema, mode, &back, &baselines);
                let mut twice = SectionState::new(&schema);
                codec.decode(&again, &baselines, &mut twice).unwrap();
                prop_assert_eq!(&twice, &back);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic_or_allocate_much(kinds in kinds(), seed: u64, bytes: Vec<u8>) {
        let blobs = kinds.iter().flatten().filter(|kind| kind.is_blob()).count();
        let (schema, states) = states(kinds, seed, 10, 14);
        let baselines = baselines(&states, &[1, 2, 3]);
        let mut codec = SectionCodec::new(schema.clone());
        let mut back = SectionState::new(&schema);
        for ages in 0..=3 {
            let mut result = Ok(());
            let info = allocation_counter::measure(|| result = codec.decode(&bytes, &baselines[..ages], &mut back));
            // At most an entity for each byte, with its columns, three times; vectors double as they grow.
            let row = 12 + 4 * schema.columns() as u64 + 16 * blobs as u64;
            let most = 8_192 + 2 * MAX_BLOB_BYTES as u64 + 4 * row * (12 + 2 * bytes.len() as u64);
            prop_assert!(info.bytes_max <= most, "{info:?} {result:?}");
        }
    }
}

#[test]
fn nothing_is_allocated_once_the_memory_is_there() {
    let kinds = proptest::strategy::ValueTree::current(
        &kinds().new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap(),
    );
    let (schema, states) = states(kinds, 5, 50, 40);
    let mut codec = SectionCodec::new(schema.clone());
    let (mut out, mut back) = (Vec::with_capacity(100_000), SectionState::new(&schema));
    for round in 0..2 {
        for newest in 12..states.len() {
            let baselines = baselines(&states[..=newest], &usual_ages(6).unwrap());
            let info = allocation_counter::measure(|| {
                for mode in MODES {
                    out.clear();
                    codec.encode(mode, &states[newest], &baselines, &mut out).unwrap();
                    codec.decode(&out, &baselines, &mut back).unwrap();
                }
            });
            assert!(round == 0 || info.count_total == 0, "tick {newest}: {info:?}");
        }
    }
}

#[test]
fn a_state_at_rest_takes_next_to_nothing() {
    let (schema, states) = states(vec![vec![steps(3)]], 1, 1_000, 1);
    let rest = &states[0];
    let baselines = [Baseline { age: 1, state: rest }, Baseline { age: 2, state: rest }];
    assert!(encode(&schema, Mode::Compact, rest, &baselines).len() <= 8);
    assert!(encode(&schema, Mode::Fast, rest, &baselines).len() <= 20);
}

#[test]
fn an_empty_state_comes_back() {
    let (schema, states) = states(vec![vec![steps(1)]], 1, 9, 1);
    let empty = SectionState::new(&schema);
    let mut back = states[0].clone();
    for mode in MODES {
        for baselines in
            [&[][..], &[Baseline { age: 1, state: &states[0] }], &[Baseline { age: 1, state: &empty }]]
        {
            let bytes = encode(&schema, mode, &empty, baselines);
            SectionCodec::new(schema.clone()).decode(&bytes, baselines, &mut back).unwrap();
            assert_eq!(back, empty);
        }
    }
}

#[test]
fn a_value_out_of_range_is_named() {
    let schema = support::schema(&vec![vec![range(&[10, 10])]]);
    let mut state = SectionState::new(&schema);
    state.push(NetEntity(4), schema.whole()).unwrap();
    state.row_mut(0)[1] = 11;
    for mode in MODES {
        let error = SectionCodec::new(schema.clone()).encode(mode, &state, &[], &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "entity 4 component 0.field 0: 11 is out of range");
    }
}

#[test]
fn what_wraps_is_out_of_range_all_the_same_when_it_is() {
    let schema = support::schema(&vec![vec![FieldKind::Angle { bits: 8 }]]);
    let states = [250, 256].map(|angle| {
        let mut state = SectionState::new(&schema);
        state.push(NetEntity(4), schema.whole()).unwrap();
        state.row_mut(0)[0] = angle;
        state
    });
    let baselines = [Baseline { age: 1, state: &states[0] }];
    for mode in MODES {
        let mut codec = SectionCodec::new(schema.clone());
        let error = codec.encode(mode, &states[1], &baselines, &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "entity 4 component 0.field 0: 256 is out of range");
    }
}

#[test]
fn a_section_asks_for_its_baselines() {
    let (schema, states) = states(vec![vec![steps(1)]], 1, 9, 14);
    let known = baselines(&states, &[1, 3]);
    let bytes = encode(&schema, Mode::Compact, states.last().unwrap(), &known);
    assert_eq!(SectionHeader::read(&bytes).unwrap().ages(), [1, 3]);
    let mut codec = SectionCodec::new(schema.clone());
    let mut back = SectionState::new(&schema);
    let wrong = baselines(&states, &[1, 2]);
    assert_eq!(codec.decode(&bytes, &wrong, &mut back), Err(SnapshotError::MissingBaseline { age: 3 }));
    assert_eq!(codec.decode(&bytes, &[], &mut back), Err(SnapshotError::MissingBaseline { age: 1 }));
    assert_eq!(codec.decode(&[], &known, &mut back), Err(CodecError::UnexpectedEnd.into()));
}

#[test]
fn bytes_that_are_left_over_are_refused() {
    let (schema, states) = states(vec![vec![steps(1)]], 1, 9, 14);
    let known = baselines(&states, &[1, 3]);
    for mode in MODES {
        let mut bytes = encode(&schema, mode, states.last().unwrap(), &known);
        bytes.extend_from_slice(&[0; 20]);
        let result =
            SectionCodec::new(schema.clone()).decode(&bytes, &known, &mut SectionState::new(&schema));
        assert!(matches!(result, Err(SnapshotError::Bytes(CodecError::TrailingBytes { .. }))), "{result:?}");
    }
}
