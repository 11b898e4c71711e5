//! The values of a section in as few bytes as we know how: predicted from the baselines, and what is left through the
//! range coder.
//!
//! One function serves both directions. It knows columns and their kinds, entities only as rows, and nothing of any
//! game. Each section starts with the same models, so that it can be read without any other.

mod models;
mod row;

use crate::error::SnapshotError;
use crate::history::{BLOCK, Cells, History, differs, same};
use crate::model::bit_length;
use crate::range_coder::BinaryCoder;
use crate::schema::{Shape, SnapshotSchema};
use crate::state::Four;
pub(crate) use models::Models;
use row::Row;

/// By how many bits any of two rows' values differ, at most 7: 0 for rows that are the same.
#[inline]
fn difference(one: &[Four], other: &[Four]) -> usize {
    let mut all = [0; 4];
    for (one, other) in one.iter().zip(other) {
        for ((all, one), other) in all.iter_mut().zip(one).zip(other) {
            *all |= one.wrapping_sub(*other).unsigned_abs();
        }
    }
    bit_length(all[0] | all[1] | all[2] | all[3]).min(7)
}

/// Codes the values of all rows. `last_new` is memory to work in.
pub(crate) fn code<C: BinaryCoder>(
    schema: &SnapshotSchema,
    models: &mut Models,
    last_new: &mut Vec<i32>,
    coder: &mut C,
    cells: &mut impl Cells,
    history: &History<'_>,
) -> Result<(), SnapshotError> {
    let [newest, second, _] = history.states;
    last_new.clear();
    last_new.resize(schema.columns(), 0);
    let mut before = false;
    let count = cells.state().len();
    let same_shapes = history.same_shapes || newest.shapes == cells.state().shapes;
    for start in (0..count).step_by(BLOCK) {
        let rows = start..(start + BLOCK).min(count);
        let rested = same(newest, second, &rows)
            && (same_shapes || newest.shapes[rows.clone()] == cells.state().shapes[rows.clone()]);
        if rested {
            let wakes = !C::DECODES && !same(cells.state(), newest, &rows);
            if !coder.bit(&mut models.blocks[usize::from(before)], wakes) {
                before = false;
                continue;
            }
        }
        let mut recent = difference(newest.fours(start), second.fours(start));
        for row in rows {
            let next =
                if row + 1 < count { difference(newest.fours(row + 1), second.fours(row + 1)) } else { 0 };
            let context = recent | usize::from(before) << 3 | usize::from(next != 0) << 4;
            let shape = Shape(cells.state().shapes[row]);
            let reshaped = shape.0 != newest.shapes[row];
            let changed = !C::DECODES && differs(cells.state().fours(row), newest.fours(row));
            before = reshaped || coder.bit(&mut models.rows[context], changed);
            if before {
                let known = history.states.map(|state| state.tail(row));
                let mut row = Row { row, known, history, schema, earlier: 0 };
                row.code(shape, Shape(newest.shapes[row.row]), models, coder, cells, last_new)?;
            }
            recent = next;
        }
    }
    Ok(())
}
