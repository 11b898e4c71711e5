//! The state of a section at one tick: which entities there are, and a column of integers for each field.

use crate::error::SnapshotError;
use crate::schema::{Shape, SnapshotSchema};
use netcord_wire::NetEntity;

/// A group of entities at one tick, in columns. Values are quantised; those of components that an entity doesn't
/// have are 0.
///
/// Its memory is kept when it is cleared and filled again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectionState {
    pub(crate) entities: Vec<NetEntity>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) columns: Vec<Vec<i32>>,
}

impl SectionState {
    /// A state without entities.
    pub fn new(schema: &SnapshotSchema) -> Self {
        Self { entities: Vec::new(), shapes: Vec::new(), columns: vec![Vec::new(); schema.columns()] }
    }

    /// Removes all entities.
    pub fn clear(&mut self) {
        self.entities.clear();
        self.shapes.clear();
        self.columns.iter_mut().for_each(Vec::clear);
    }

    /// Adds an entity with all values 0, and returns its row.
    ///
    /// # Errors
    /// [`SnapshotError::NotAscending`] unless its id is higher than all before.
    pub fn push(&mut self, entity: NetEntity, shape: Shape) -> Result<usize, SnapshotError> {
        if self.entities.last().is_some_and(|&last| last >= entity) {
            return Err(SnapshotError::NotAscending { entity });
        }
        self.entities.push(entity);
        self.shapes.push(shape);
        self.columns.iter_mut().for_each(|column| column.push(0));
        Ok(self.entities.len() - 1)
    }

    /// Sets a value.
    ///
    /// # Panics
    /// When there is no such column or row.
    #[inline]
    pub fn set(&mut self, row: usize, column: usize, value: i32) {
        self.columns[column][row] = value;
    }

    /// A value; 0 where there is no such column or row.
    #[inline]
    pub fn value(&self, row: usize, column: usize) -> i32 {
        self.columns.get(column).and_then(|column| column.get(row)).copied().unwrap_or(0)
    }

    /// All values of a column, by row.
    pub fn column(&self, column: usize) -> &[i32] {
        self.columns.get(column).map_or(&[], Vec::as_slice)
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The entities, by row, in ascending order.
    pub fn entities(&self) -> &[NetEntity] {
        &self.entities
    }

    /// Which components the entities have, by row.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The row of an entity.
    pub fn row_of(&self, entity: NetEntity) -> Option<usize> {
        self.entities.binary_search(&entity).ok()
    }

    /// Becomes the same as `other`, in the memory that it has.
    pub fn copy_from(&mut self, other: &Self) {
        self.entities.clone_from(&other.entities);
        self.shapes.clone_from(&other.shapes);
        self.columns.clone_from(&other.columns);
    }
}
