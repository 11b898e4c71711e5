//! Texts and bytes of a section's entities: where a state keeps them, and how a section tells them.
//!
//! They take no columns. Behind the entities, before the columns, a section lists those that are others than in its newest
//! baseline, whole (STANDARD.md, section 8.8). Whether a text is UTF-8 is seen when a value is made of it.

use crate::error::SnapshotError;
use crate::schema::{BlobField, Shape, SnapshotSchema};
use crate::state::SectionState;
use netcord_wire::{CodecError, NetEntity, varint};
use std::ops::Range;

/// The most bytes of all texts and bytes of a section.
pub const MAX_BLOB_BYTES: usize = 16 * 1024;

/// The texts and bytes of a state: rows of as many as the schema has fields of them. Its memory is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlobTable {
    /// What was set, one after the other; what was replaced is still there.
    bytes: Vec<u8>,
    /// Where in `bytes` each is, row by row.
    places: Vec<Range<usize>>,
    per_row: usize,
}

impl BlobTable {
    pub(crate) const fn new(per_row: usize) -> Self {
        Self { bytes: Vec::new(), places: Vec::new(), per_row }
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
    }

    /// Adds rows of empty ones, or removes rows.
    pub(crate) fn resize(&mut self, rows: usize) {
        self.places.resize(rows * self.per_row, 0..0);
    }

    /// Empty where there is no such row or field.
    pub(crate) fn get(&self, row: usize, blob: usize) -> &[u8] {
        let place = self.row(row).get(blob).cloned();
        place.and_then(|place| self.bytes.get(place)).unwrap_or_default()
    }

    /// All of a row.
    pub(crate) fn of_row(&self, row: usize) -> impl Iterator<Item = &[u8]> {
        self.row(row).iter().map(|place| self.bytes.get(place.clone()).unwrap_or_default())
    }

    pub(crate) fn set(&mut self, row: usize, blob: usize, bytes: &[u8]) {
        let (start, place) = (self.bytes.len(), row * self.per_row + blob);
        if let Some(place) = self.places.get_mut(place).filter(|_| blob < self.per_row) {
            self.bytes.extend_from_slice(bytes);
            *place = start..self.bytes.len();
        }
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> usize {
        self.places.iter().map(ExactSizeIterator::len).sum()
    }

    /// About how many bits they take in a section that has no baseline.
    pub(crate) fn coded_bits(&self) -> u64 {
        let set = self.places.iter().filter(|place| !place.is_empty());
        set.map(|place| 8 * (place.len() as u64 + 2)).sum()
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.bytes.clone_from(&other.bytes);
        self.places.clone_from(&other.places);
        self.per_row = other.per_row;
    }

    /// A table for rows of as many.
    pub(crate) const fn without_rows(&self) -> Self {
        Self::new(self.per_row)
    }

    /// Appends some rows of `other`.
    pub(crate) fn append_from(&mut self, other: &Self, rows: Range<usize>) {
        for place in &other.places[rows.start * other.per_row..rows.end * other.per_row] {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(other.bytes.get(place.clone()).unwrap_or_default());
            self.places.push(start..self.bytes.len());
        }
    }

    fn row(&self, row: usize) -> &[Range<usize>] {
        self.places.get(row * self.per_row..).and_then(|rest| rest.get(..self.per_row)).unwrap_or_default()
    }
}

/// The same texts and bytes, wherever they are kept.
impl PartialEq for BlobTable {
    fn eq(&self, other: &Self) -> bool {
        if self.places == other.places && self.bytes == other.bytes {
            return self.per_row == other.per_row;
        }
        let same = |(one, two): (&Range<usize>, &Range<usize>)| {
            self.bytes.get(one.clone()) == other.bytes.get(two.clone())
        };
        self.per_row == other.per_row
            && self.places.len() == other.places.len()
            && self.places.iter().zip(&other.places).all(same)
    }
}

impl Eq for BlobTable {}

/// A text or bytes of a row, and what it was.
#[derive(Clone, Copy)]
struct Cell<'a> {
    row: usize,
    blob: usize,
    field: &'a BlobField,
    before: &'a [u8],
}

/// All cells of some entities, in their order.
fn cells<'a>(
    schema: &'a SnapshotSchema,
    (entities, shapes): (&'a [u32], &'a [u64]),
    newest: Option<&'a SectionState>,
) -> impl Iterator<Item = Cell<'a>> + Clone {
    let mut row_before = 0;
    entities.iter().zip(shapes).enumerate().flat_map(move |(row, (&entity, &shape))| {
        let known = newest.and_then(|newest| {
            while newest.entities.get(row_before).is_some_and(|&before| before < entity) {
                row_before += 1;
            }
            let known = newest.entities.get(row_before) == Some(&entity);
            known.then(|| (newest, row_before, Shape(newest.shapes[row_before])))
        });
        let fields = schema.blobs().iter().enumerate();
        fields.filter(move |(_, field)| Shape(shape).has_index(field.component)).map(move |(blob, field)| {
            let before = known.filter(|(_, _, shape)| shape.has_index(field.component));
            let before = before.map_or(&[][..], |(newest, row, _)| newest.blobs.get(row, blob));
            Cell { row, blob, field, before }
        })
    })
}

/// Writes the blobs that are others than in the newest baseline.
pub(crate) fn write(
    schema: &SnapshotSchema,
    state: &SectionState,
    newest: Option<&SectionState>,
    out: &mut Vec<u8>,
) -> Result<(), SnapshotError> {
    if schema.blobs().is_empty() {
        return Ok(());
    }
    if state.blobs.len() > MAX_BLOB_BYTES {
        return Err(SnapshotError::TooManyBytes { limit: MAX_BLOB_BYTES });
    }
    let changed = cells(schema, (&state.entities, &state.shapes), newest)
        .enumerate()
        .filter(|(_, cell)| state.blobs.get(cell.row, cell.blob) != cell.before);
    varint::write(out, changed.clone().count() as u64);
    let mut next = 0;
    for (index, Cell { row, blob, field, .. }) in changed {
        let bytes = state.blobs.get(row, blob);
        if bytes.len() > field.max {
            return Err(schema.too_long(NetEntity(state.entities[row]), field, bytes.len()));
        }
        varint::write(out, (index - next) as u64);
        varint::write(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
        next = index + 1;
    }
    Ok(())
}

/// Reads what [`write`] wrote, and takes all others from the newest baseline. The state's entities are known;
/// `same_entities` says that its blobs are those of the baseline already.
pub(crate) fn read(
    bytes: &mut &[u8],
    schema: &SnapshotSchema,
    newest: Option<&SectionState>,
    same_entities: bool,
    state: &mut SectionState,
) -> Result<(), SnapshotError> {
    if schema.blobs().is_empty() {
        return Ok(());
    }
    let mut left = varint::read(bytes)?;
    // Each takes two bytes at least.
    if left > bytes.len() as u64 / 2 {
        return Err(CodecError::TooManyElements.into());
    }
    if left == 0 && same_entities {
        return Ok(());
    }
    let SectionState { entities, shapes, blobs, .. } = state;
    blobs.clear();
    blobs.resize(entities.len());
    let mut distance = |bytes: &mut &[u8]| -> Result<Option<u64>, CodecError> {
        left.checked_sub(1)
            .map(|fewer| {
                left = fewer;
                varint::read(bytes)
            })
            .transpose()
    };
    let (mut ahead, mut total) = (distance(bytes)?, 0);
    for Cell { row, blob, field, before } in cells(schema, (entities, shapes), newest) {
        let blob_bytes = match ahead {
            Some(0) => {
                let length = varint::read(bytes)?;
                let length = usize::try_from(length).ok().filter(|&length| length <= field.max);
                let (taken, rest) = length
                    .ok_or(CodecError::OutOfRange)
                    .and_then(|length| bytes.split_at_checked(length).ok_or(CodecError::UnexpectedEnd))?;
                *bytes = rest;
                ahead = distance(bytes)?;
                taken
            }
            _ => {
                ahead = ahead.map(|ahead| ahead - 1);
                before
            }
        };
        total += blob_bytes.len();
        if total > MAX_BLOB_BYTES {
            return Err(SnapshotError::TooManyBytes { limit: MAX_BLOB_BYTES });
        }
        blobs.set(row, blob, blob_bytes);
    }
    if ahead.is_some() { Err(CodecError::OutOfRange.into()) } else { Ok(()) }
}
