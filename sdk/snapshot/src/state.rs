//! The state of a section at one tick: which entities there are, and a table of integers, a row for each of them.
//!
//! The table lies row by row in memory: from one tick to another few rows change, and then most of their columns do.

use crate::error::SnapshotError;
use crate::schema::{Shape, SnapshotSchema};
use netcord_wire::NetEntity;
use std::ops::Range;

/// Four values of a row's [`tail`](SectionState::tail) from a column on, some of which may be the next row's.
#[inline]
pub(crate) fn four(tail: &[i32], column: usize) -> [i32; 4] {
    match tail.get(column..).and_then(|rest| rest.first_chunk()) {
        Some(four) => *four,
        None => [0; 4],
    }
}

/// Zeros at the end, so that four values can be taken at once anywhere.
const PADDING: usize = 3;

/// A group of entities at one tick. Values are quantised; those of components that an entity doesn't
/// have are 0.
///
/// Its memory is kept when it is cleared and filled again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectionState {
    /// Entities' ids and shapes as plain numbers, which are compared many at once.
    pub(crate) entities: Vec<u32>,
    pub(crate) shapes: Vec<u64>,
    /// The rows, one after the other, and [`PADDING`].
    pub(crate) values: Vec<i32>,
    /// Values in a row.
    pub(crate) columns: usize,
}

impl SectionState {
    /// A state without entities or columns.
    pub(crate) const EMPTY: Self =
        Self { entities: Vec::new(), shapes: Vec::new(), values: Vec::new(), columns: 0 };

    /// A state without entities.
    pub fn new(schema: &SnapshotSchema) -> Self {
        Self { columns: schema.columns(), ..Self::default() }
    }

    /// Removes all entities.
    pub fn clear(&mut self) {
        self.entities.clear();
        self.shapes.clear();
        self.values.clear();
    }

    /// Adds an entity with all values 0, and returns its row.
    ///
    /// # Errors
    /// [`SnapshotError::NotAscending`] unless its id is higher than all before.
    pub fn push(&mut self, entity: NetEntity, shape: Shape) -> Result<usize, SnapshotError> {
        if self.entities.last().is_some_and(|&last| last >= entity.0) {
            return Err(SnapshotError::NotAscending { entity });
        }
        self.entities.push(entity.0);
        self.shapes.push(shape.0);
        self.resize();
        Ok(self.entities.len() - 1)
    }

    /// Makes room for the values of all entities.
    pub(crate) fn resize(&mut self) {
        let padding = if self.is_empty() { 0 } else { PADDING };
        self.values.resize(self.entities.len() * self.columns + padding, 0);
    }

    /// The values of a row, and all that follows.
    #[inline]
    pub(crate) fn tail(&self, row: usize) -> &[i32] {
        self.values.get(row * self.columns..).unwrap_or_default()
    }

    /// The values of a row, by column.
    ///
    /// # Panics
    /// When there is no such row.
    #[inline]
    pub fn row(&self, row: usize) -> &[i32] {
        &self.values[row * self.columns..][..self.columns]
    }

    /// The values of some rows, row by row; nothing where there are no columns.
    #[inline]
    pub(crate) fn rows(&self, rows: &Range<usize>) -> impl Iterator<Item = &[i32]> {
        let values = &self.values[rows.start * self.columns..rows.end * self.columns];
        values.chunks_exact(self.columns.max(1))
    }

    /// The values of a row, to be set.
    ///
    /// # Panics
    /// When there is no such row.
    #[inline]
    pub fn row_mut(&mut self, row: usize) -> &mut [i32] {
        &mut self.values[row * self.columns..][..self.columns]
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The entities and which components they have, by row, in ascending order.
    pub fn entities(&self) -> impl ExactSizeIterator<Item = (NetEntity, Shape)> + Clone {
        self.entities.iter().zip(&self.shapes).map(|(&entity, &shape)| (NetEntity(entity), Shape(shape)))
    }

    /// The row of an entity.
    pub fn row_of(&self, entity: NetEntity) -> Option<usize> {
        self.entities.binary_search(&entity.0).ok()
    }

    /// Becomes the same as `other`, in the memory that it has.
    pub fn copy_from(&mut self, other: &Self) {
        self.entities.clone_from(&other.entities);
        self.shapes.clone_from(&other.shapes);
        self.values.clone_from(&other.values);
        self.columns = other.columns;
    }

    /// Appends all rows of `other`, whose ids are higher than all here, and leaves it empty.
    pub(crate) fn append(&mut self, other: &mut Self) {
        let (row, rows) = (self.len(), other.len());
        self.entities.append(&mut other.entities);
        self.shapes.append(&mut other.shapes);
        self.resize();
        let values = rows * self.columns;
        self.values[row * self.columns..][..values].copy_from_slice(&other.values[..values]);
        other.clear();
    }

    /// Moves all rows from one on into `other`, in place of what that had.
    pub(crate) fn split_off(&mut self, row: usize, other: &mut Self) {
        other.clear();
        other.entities.extend(self.entities.drain(row..));
        other.shapes.extend(self.shapes.drain(row..));
        other.resize();
        let values = other.entities.len() * self.columns;
        other.values[..values].copy_from_slice(&self.values[row * self.columns..][..values]);
        self.resize();
        let padding = self.entities.len() * self.columns;
        self.values[padding..].fill(0);
    }
}
