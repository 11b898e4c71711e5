//! Baselines brought to the rows of a section, so that the coder finds each entity in the same row everywhere.
//!
//! Where they have the same entities anyway, which is almost always, nothing is copied.

use crate::history::History;
use crate::predict::Motion;
use crate::schema::{Shape, SnapshotSchema};
use crate::section::{Baseline, MAX_BASELINES};
use crate::state::SectionState;
use netcord_wire::ComponentId;

/// The baselines with the rows of a section, and how they move.
pub(crate) struct Aligned<'a> {
    states: [&'a SectionState; MAX_BASELINES],
    age: u32,
    known: usize,
    motions: [Motion; 2],
    same_entities: bool,
}

impl<'a> Aligned<'a> {
    /// `same_entities` says whether `state` has those of the newest baseline.
    pub(crate) fn new(
        schema: &SnapshotSchema,
        scratch: &'a mut [SectionState; MAX_BASELINES],
        state: &SectionState,
        baselines: &[Baseline<'a>],
        same_entities: bool,
    ) -> Self {
        let [newest_scratch, scratch @ ..] = scratch;
        let newest = match baselines.first() {
            Some(newest) if same_entities => newest.state,
            newest => {
                align(schema, newest_scratch, state, newest.map(|newest| newest.state), None);
                &*newest_scratch
            }
        };
        let mut states = [newest; MAX_BASELINES];
        for (place, scratch) in scratch.iter_mut().enumerate() {
            states[place + 1] = match baselines.get(place + 1) {
                None => states[place],
                Some(older) if has_rows_of(newest, older.state) => older.state,
                Some(older) => {
                    align(schema, scratch, newest, Some(older.state), Some(newest));
                    &*scratch
                }
            };
        }
        let age = |place: usize| baselines.get(place).map_or(0, |baseline| u32::from(baseline.age));
        let motion = |place| Motion::new(age(0), age(place).saturating_sub(age(0)));
        let motions = [motion(1), if baselines.len() > 2 { motion(2) } else { motion(1) }];
        Self { states, age: age(0), known: baselines.len(), motions, same_entities }
    }

    pub(crate) fn history(&self) -> History<'_> {
        let [short, long] = &self.motions;
        History {
            states: self.states,
            age: self.age,
            known: self.known,
            motions: [short, long],
            same_shapes: self.same_entities,
        }
    }
}

/// Whether both have the same entities of the same shapes.
pub(crate) fn has_rows_of(one: &SectionState, other: &SectionState) -> bool {
    one.entities == other.entities && one.shapes == other.shapes
}

/// Fills `out` with the rows of `rows`, and the values that they have in `from`. What `from` doesn't have is taken from
/// `fallback`; without one it is 0, and missing in the shape.
fn align(
    schema: &SnapshotSchema,
    out: &mut SectionState,
    rows: &SectionState,
    from: Option<&SectionState>,
    fallback: Option<&SectionState>,
) {
    out.clear();
    out.entities.extend_from_slice(&rows.entities);
    out.resize();
    let (mut row, mut from_row) = (0, 0);
    while let Some(&entity) = rows.entities.get(row) {
        let shape = Shape(rows.shapes[row]);
        let from = from.filter(|from| {
            while from.entities.get(from_row).is_some_and(|&before| before < entity) {
                from_row += 1;
            }
            from.entities.get(from_row) == Some(&entity)
        });
        if let Some(from) = from {
            let run = same_rows(rows, row, from, from_row);
            out.shapes.extend_from_slice(&rows.shapes[row..row + run]);
            out.block_mut(&(row..row + run)).copy_from_slice(from.block(&(from_row..from_row + run)));
            (row, from_row) = (row + run, from_row + run);
            if run > 0 {
                continue;
            }
        }
        let both = Shape(from.map_or(0, |from| from.shapes[from_row] & shape.0));
        out.shapes.push(if fallback.is_some() { shape.0 } else { both.0 });
        for component in (0..schema.components()).filter(|&component| shape.has_index(component)) {
            for column in schema.columns_of(ComponentId(component as u16)) {
                out.row_mut(row)[column] = match (from, fallback) {
                    (Some(from), _) if both.has_index(component) => from.row(from_row)[column],
                    (_, Some(fallback)) => fallback.row(row)[column],
                    _ => 0,
                };
            }
        }
        row += 1;
    }
}

/// How many rows on both have the same entities, of the same shapes.
fn same_rows(one: &SectionState, row: usize, other: &SectionState, other_row: usize) -> usize {
    let [one, other] =
        [(one, row), (other, other_row)].map(|(state, row)| (&state.entities[row..], &state.shapes[row..]));
    let entities = one.0.iter().zip(other.0);
    let shapes = one.1.iter().zip(other.1);
    entities
        .zip(shapes)
        .take_while(|((one, other), (shape, other_shape))| one == other && shape == other_shape)
        .count()
}
