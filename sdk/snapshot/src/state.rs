//! The state of a section at one tick: which entities there are, and a table of integers, a row for each of them.
//!
//! The table lies row by row in memory: from one tick to another few rows change, and then most of their columns do.

use crate::blobs::BlobTable;
use crate::error::SnapshotError;
use crate::schema::{Shape, SnapshotSchema};
use netcord_wire::quantized::Blobs;
use netcord_wire::{ColumnError, ComponentId, NetEntity, Quantized};
use std::ops::Range;

/// Four values of a row's [`tail`](SectionState::tail) from a column on, some of which may be the next row's.
#[inline]
pub(crate) fn four(tail: &[i32], column: usize) -> Four {
    match tail.get(column..).and_then(|rest| rest.first_chunk()) {
        Some(four) => *four,
        None => [0; 4],
    }
}

/// Values come in fours, which are compared and loaded at once.
pub(crate) type Four = [i32; 4];

/// A group of entities at one tick. Values are quantised; those of components that an entity doesn't
/// have are 0.
///
/// Its memory is kept when it is cleared and filled again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionState {
    /// Entities' ids and shapes as plain numbers, which are compared many at once.
    pub(crate) entities: Vec<u32>,
    pub(crate) shapes: Vec<u64>,
    /// The rows, one after the other, each filled up with zeros to whole fours, and one four more.
    pub(crate) values: Vec<Four>,
    /// Its texts and bytes.
    pub(crate) blobs: BlobTable,
    /// Values in a row, and fours.
    columns: usize,
    fours: usize,
}

impl SectionState {
    /// A state without entities, for components of `schema`.
    pub fn new(schema: &SnapshotSchema) -> Self {
        Self { blobs: BlobTable::new(schema.blobs().len()), ..Self::with_columns(schema.columns()) }
    }

    /// A state without entities, with so many columns and no texts and bytes.
    pub(crate) const fn with_columns(columns: usize) -> Self {
        let fours = columns.div_ceil(4);
        let blobs = BlobTable::new(0);
        Self { entities: Vec::new(), shapes: Vec::new(), values: Vec::new(), blobs, columns, fours }
    }

    /// A state without entities, for the same components.
    pub(crate) fn without_rows(&self) -> Self {
        Self { blobs: self.blobs.without_rows(), ..Self::with_columns(self.columns) }
    }

    /// Removes all entities.
    pub fn clear(&mut self) {
        self.entities.clear();
        self.shapes.clear();
        self.values.clear();
        self.blobs.clear();
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
        self.blobs.resize(self.entities.len());
        Ok(self.entities.len() - 1)
    }

    /// Makes room for the values of all entities.
    pub(crate) fn resize(&mut self) {
        let more = usize::from(!self.is_empty());
        self.values.resize(self.entities.len() * self.fours + more, [0; 4]);
    }

    /// All values.
    #[inline]
    pub(crate) fn flat(&self) -> &[i32] {
        self.values.as_flattened()
    }

    /// How far it is in them from a row to the next.
    #[inline]
    pub(crate) const fn stride(&self) -> usize {
        4 * self.fours
    }

    /// The values of a row, and all that follows.
    #[inline]
    pub(crate) fn tail(&self, row: usize) -> &[i32] {
        self.values.get(row * self.fours..).unwrap_or_default().as_flattened()
    }

    /// The values of a row, by column.
    ///
    /// # Panics
    /// When there is no such row.
    #[inline]
    pub fn row(&self, row: usize) -> &[i32] {
        &self.fours(row).as_flattened()[..self.columns]
    }

    /// The values of some rows.
    #[inline]
    pub(crate) fn block(&self, rows: &Range<usize>) -> &[Four] {
        &self.values[rows.start * self.fours..rows.end * self.fours]
    }

    /// The values of some rows, to be set.
    #[inline]
    pub(crate) fn block_mut(&mut self, rows: &Range<usize>) -> &mut [Four] {
        &mut self.values[rows.start * self.fours..rows.end * self.fours]
    }

    /// The values of all rows, so many rows at once.
    #[inline]
    pub(crate) fn blocks(&self, rows: usize) -> impl Iterator<Item = &[Four]> {
        let values = &self.values[..self.len() * self.fours];
        values.chunks((rows * self.fours).max(1))
    }

    /// The values of a row.
    #[inline]
    pub(crate) fn fours(&self, row: usize) -> &[Four] {
        &self.values[row * self.fours..][..self.fours]
    }

    /// The values of a row, to be set.
    ///
    /// # Panics
    /// When there is no such row.
    #[inline]
    pub fn row_mut(&mut self, row: usize) -> &mut [i32] {
        &mut self.values[row * self.fours..][..self.fours].as_flattened_mut()[..self.columns]
    }

    /// A text or bytes of a row, by its place among all of the schema: [`SnapshotSchema::blobs_of`]. Empty for one that
    /// was not set.
    pub fn blob(&self, row: usize, blob: usize) -> &[u8] {
        self.blobs.get(row, blob)
    }

    /// Sets a text or bytes of a row, by its place among all of the schema. Does nothing where there is no such row or
    /// place.
    pub fn set_blob(&mut self, row: usize, blob: usize, bytes: &[u8]) {
        self.blobs.set(row, blob, bytes);
    }

    /// Sets a component of a row; `memory` is to work in.
    ///
    /// # Errors
    /// [`ColumnError`] when the entity doesn't have the component, when that is of another type, or when a text or bytes
    /// are too long.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn set<T: Quantized>(
        &mut self,
        schema: &SnapshotSchema,
        row: usize,
        component: ComponentId,
        value: &T,
        memory: &mut Blobs,
    ) -> Result<(), ColumnError> {
        let has = Shape(self.shapes[row]).has(component);
        let [columns, places] = [schema.columns_of(component), schema.blobs_of(component)]
            .map(|places| if has { places } else { 0..0 });
        value.to_columns(&mut self.row_mut(row)[columns], memory)?;
        if memory.len() != places.len() {
            return Err(ColumnError::WrongBlobs { expected: memory.len(), found: places.len() });
        }
        places.zip(memory.iter()).for_each(|(place, blob)| self.blobs.set(row, place, blob));
        Ok(())
    }

    /// A component of a row; none if the entity doesn't have it.
    ///
    /// # Errors
    /// [`ColumnError`] when the component is of another type, or a text is not UTF-8.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn get<T: Quantized>(
        &self,
        schema: &SnapshotSchema,
        row: usize,
        component: ComponentId,
    ) -> Result<Option<T>, ColumnError> {
        if !Shape(self.shapes[row]).has(component) {
            return Ok(None);
        }
        let mut blobs = Blobs::new();
        schema.blobs_of(component).for_each(|place| blobs.push(self.blobs.get(row, place)));
        T::from_columns(&self.row(row)[schema.columns_of(component)], &blobs).map(Some)
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
        self.blobs.copy_from(&other.blobs);
        (self.columns, self.fours) = (other.columns, other.fours);
    }

    /// Becomes one row of `other`, in the memory that it has.
    pub(crate) fn copy_row_from(&mut self, other: &Self, row: usize) {
        self.clear();
        self.entities.push(other.entities[row]);
        self.shapes.push(other.shapes[row]);
        self.resize();
        self.values[..self.fours].copy_from_slice(other.fours(row));
        self.blobs.append_from(&other.blobs, row..row + 1);
    }

    /// Appends all rows of `other`, whose ids are higher than all here, and leaves it empty.
    pub(crate) fn append(&mut self, other: &mut Self) {
        let (row, rows) = (self.len(), other.len());
        self.entities.append(&mut other.entities);
        self.shapes.append(&mut other.shapes);
        self.resize();
        let values = rows * self.fours;
        self.values[row * self.fours..][..values].copy_from_slice(&other.values[..values]);
        self.blobs.append_from(&other.blobs, 0..rows);
        other.clear();
    }

    /// Moves all rows from one on into `other`, in place of what that had.
    pub(crate) fn split_off(&mut self, row: usize, other: &mut Self) {
        other.clear();
        other.entities.extend(self.entities.drain(row..));
        other.shapes.extend(self.shapes.drain(row..));
        other.resize();
        let values = other.entities.len() * self.fours;
        other.values[..values].copy_from_slice(&self.values[row * self.fours..][..values]);
        other.blobs.append_from(&self.blobs, row..row + other.entities.len());
        self.blobs.resize(row);
        self.resize();
        let padding = self.entities.len() * self.fours;
        self.values[padding..].fill([0; 4]);
    }
}
