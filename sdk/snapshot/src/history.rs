//! What both coders see of a section and its baselines: rows of values, and how they went on so far.

use crate::error::SnapshotError;
use crate::predict::Motion;
use crate::schema::{Numbers, SnapshotSchema};
use crate::state::{Four, SectionState};
use netcord_wire::NetEntity;
use std::ops::Range;

/// What the newest baseline and two older ones are to the section's tick: states with the section's rows, and how
/// their motions go on.
#[derive(Clone, Copy)]
pub(crate) struct History<'a> {
    /// The newest first; where there are fewer, the oldest stands in for those that are missing.
    pub(crate) states: [&'a SectionState; 3],
    /// Ticks from the newest to the section.
    pub(crate) age: u32,
    /// How many of the states are others.
    pub(crate) known: usize,
    /// The motions from the second and from the third to the newest.
    pub(crate) motions: [&'a Motion; 2],
    /// Whether all entities are of the shape that they had in the newest, as far as that is known without a look.
    pub(crate) same_shapes: bool,
}

impl History<'_> {
    /// Where the numbers of a row come to, on one axis: by their velocity if they have one, else as they went on so far.
    #[inline(always)]
    pub(crate) fn prediction(
        &self,
        numbers: &Numbers,
        cells: &impl Cells,
        row: usize,
        axis: usize,
        [newest, older]: [i32; 2],
    ) -> i32 {
        let moved = match &numbers.velocity {
            None => self.motions[0].ahead(numbers.shorter(newest.wrapping_sub(older))),
            Some(velocity) => {
                let column = velocity.column + axis;
                let [was, is] =
                    [self.states[0], cells.state()].map(|state| i64::from(state.row(row)[column]));
                // By the mean of what it was and what it is: halved and rounded at the end.
                let doubled = (was + is - 2 * i64::from(velocity.rest)) * i64::from(self.age);
                (doubled.wrapping_mul(velocity.factor).wrapping_add(1 << 16) >> 17) as i32
            }
        };
        newest.wrapping_add(moved)
    }
}

/// Where the values come from, or go to.
pub(crate) trait Cells {
    /// The state; values that are yet to be decoded are those of the newest baseline.
    fn state(&self) -> &SectionState;
    fn set(&mut self, row: usize, column: usize, value: i32);
    /// Sets several values, from a column on.
    fn set_all(&mut self, row: usize, column: usize, values: &[i32]);
}

impl Cells for &SectionState {
    #[inline]
    fn set(&mut self, _: usize, _: usize, _: i32) {}

    fn set_all(&mut self, _: usize, _: usize, _: &[i32]) {}

    fn state(&self) -> &SectionState {
        self
    }
}

impl Cells for &mut SectionState {
    #[inline]
    fn set(&mut self, row: usize, column: usize, value: i32) {
        self.row_mut(row)[column] = value;
    }

    #[inline]
    fn set_all(&mut self, row: usize, column: usize, values: &[i32]) {
        self.row_mut(row)[column..][..values.len()].copy_from_slice(values);
    }

    fn state(&self) -> &SectionState {
        self
    }
}

/// Rows that are passed over at once when nothing has changed in them.
pub(crate) const BLOCK: usize = 8;

/// Whether two states have the same values in some rows.
#[inline]
pub(crate) fn same(one: &SectionState, other: &SectionState, rows: &Range<usize>) -> bool {
    std::ptr::eq(one, other) || one.block(rows).as_flattened() == other.block(rows).as_flattened()
}

/// Whether two rows differ. In fours this is a few instructions, and no call.
#[inline]
pub(crate) fn differs(one: &[Four], other: &[Four]) -> bool {
    one.iter().zip(other).fold(false, |differs, (one, other)| differs | (one != other))
}

/// Sets a value that is within its bounds.
#[inline]
pub(crate) fn store(
    schema: &SnapshotSchema,
    cells: &mut impl Cells,
    row: usize,
    column: usize,
    value: i32,
    (lowest, highest): (i32, i32),
) -> Result<(), SnapshotError> {
    if value < lowest || value > highest {
        return Err(schema.out_of_range(NetEntity(cells.state().entities[row]), column, value));
    }
    cells.set(row, column, value);
    Ok(())
}
