//! What both coders see of a section and its baselines: rows of values, and how they went on so far.

use crate::error::SnapshotError;
use crate::predict::Motion;
use crate::schema::{SnapshotSchema, Velocity};
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
    /// How far a velocity moves numbers, by the mean of what it was and what it is.
    #[inline(always)]
    pub(crate) fn driven(&self, velocity: &Velocity, [was, is]: [i32; 2]) -> i32 {
        // Halved and rounded at the end.
        let doubled = (i64::from(was) + i64::from(is) - 2 * i64::from(velocity.rest)) * i64::from(self.age);
        (doubled.wrapping_mul(velocity.factor).wrapping_add(1 << 16) >> 17) as i32
    }
}

/// Where the values come from, or go to.
pub(crate) trait Cells {
    /// All values, row by row.
    type Table<'a>: Table
    where
        Self: 'a;

    /// The state; values that are yet to be decoded are those of the newest baseline.
    fn state(&self) -> &SectionState;
    fn set(&mut self, row: usize, column: usize, value: i32);
    fn table(&mut self) -> Self::Table<'_>;
}

/// Values as they lie in memory.
pub(crate) trait Table {
    fn values(&self) -> &[i32];
    /// Sets several of them, if they can be set, and if there are so many.
    fn set<const COUNT: usize>(&mut self, at: usize, values: [i32; COUNT]);
}

impl Cells for &SectionState {
    type Table<'a>
        = &'a [i32]
    where
        Self: 'a;

    fn state(&self) -> &SectionState {
        self
    }

    #[inline]
    fn set(&mut self, _: usize, _: usize, _: i32) {}

    fn table(&mut self) -> &[i32] {
        self.flat()
    }
}

impl Table for &[i32] {
    #[inline(always)]
    fn values(&self) -> &[i32] {
        self
    }

    #[inline(always)]
    fn set<const COUNT: usize>(&mut self, _: usize, _: [i32; COUNT]) {}
}

impl Cells for &mut SectionState {
    type Table<'a>
        = &'a mut [i32]
    where
        Self: 'a;

    fn state(&self) -> &SectionState {
        self
    }

    #[inline]
    fn set(&mut self, row: usize, column: usize, value: i32) {
        self.row_mut(row)[column] = value;
    }

    fn table(&mut self) -> &mut [i32] {
        self.values.as_flattened_mut()
    }
}

impl Table for &mut [i32] {
    #[inline(always)]
    fn values(&self) -> &[i32] {
        self
    }

    #[inline(always)]
    fn set<const COUNT: usize>(&mut self, at: usize, values: [i32; COUNT]) {
        if let Some(places) = self.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *places = values;
        }
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
