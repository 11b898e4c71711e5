//! Columns and blobs: where values go, and where they come from.

use super::FieldQuantizer;
use crate::{ColumnError, FieldSink};
use alloc::vec::Vec;
use xxhash_rust::xxh3::xxh3_64;

/// Shows columns and blobs as the fields of a component, for its hash and its log: the columns, then the XXH3-64 of each
/// blob. [`ComponentSchema::value_name`](crate::ComponentSchema::value_name) names them.
pub fn show(columns: &[i32], blobs: &Blobs, sink: &mut dyn FieldSink) {
    columns.iter().for_each(|&column| sink.field(column.into()));
    blobs.iter().for_each(|blob| sink.field(xxh3_64(blob) as i64));
}

/// Texts and bytes of a component, one after the other. Kept and filled anew, they allocate nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Blobs {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Blobs {
    /// None.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), ends: Vec::new() }
    }

    /// Adds one.
    pub fn push(&mut self, blob: &[u8]) {
        self.bytes.extend_from_slice(blob);
        self.ends.push(self.bytes.len());
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The one at this place.
    pub fn get(&self, place: usize) -> Option<&[u8]> {
        let start = place.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..*self.ends.get(place)?)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

/// Takes the columns of a value.
#[derive(Debug)]
pub struct ColumnWriter<'a> {
    columns: &'a mut [i32],
    /// How many were written, also those that had no room.
    written: usize,
    blobs: &'a mut Blobs,
    error: Option<ColumnError>,
}

impl<'a> ColumnWriter<'a> {
    pub(super) fn new(columns: &'a mut [i32], blobs: &'a mut Blobs) -> Self {
        blobs.clear();
        Self { columns, written: 0, blobs, error: None }
    }

    /// Writes a field by its quantiser.
    pub fn field<T, S>(&mut self, quantizer: &impl FieldQuantizer<T, S>, value: &T) {
        quantizer.write(value, self);
    }

    /// Writes the next column.
    #[inline]
    pub fn push(&mut self, value: i32) {
        if let Some(column) = self.columns.get_mut(self.written) {
            *column = value;
        }
        self.written += 1;
    }

    /// Writes the next text or bytes. What is longer than `max` bytes is left out, and an error.
    pub fn push_blob(&mut self, bytes: &[u8], max: usize) {
        let fits = bytes.len() <= max;
        if !fits {
            let (blob, length) = (self.blobs.len(), bytes.len());
            self.error.get_or_insert(ColumnError::TooLong { blob, length, max });
        }
        self.blobs.push(if fits { bytes } else { &[] });
    }

    pub(super) fn finish(self) -> Result<(), ColumnError> {
        let (expected, found) = (self.written, self.columns.len());
        if expected != found {
            return Err(ColumnError::WrongColumns { expected, found });
        }
        self.error.map_or(Ok(()), Err)
    }
}

/// Gives the columns of a value.
#[derive(Debug)]
pub struct ColumnReader<'a> {
    columns: &'a [i32],
    read: usize,
    blobs: &'a Blobs,
    blobs_read: usize,
}

impl<'a> ColumnReader<'a> {
    pub(super) fn new(columns: &'a [i32], blobs: &'a Blobs) -> Self {
        Self { columns, read: 0, blobs, blobs_read: 0 }
    }

    /// Reads a field by its quantiser.
    ///
    /// # Errors
    /// Any [`ColumnError`].
    pub fn field<T, S>(&mut self, quantizer: &impl FieldQuantizer<T, S>) -> Result<T, ColumnError> {
        quantizer.read(self)
    }

    /// The next column, of any value.
    ///
    /// # Errors
    /// [`ColumnError::WrongColumns`] behind the last.
    #[inline]
    pub fn take(&mut self) -> Result<i32, ColumnError> {
        let value = self.columns.get(self.read).copied();
        self.read += 1;
        value.ok_or(ColumnError::WrongColumns { expected: self.read, found: self.columns.len() })
    }

    /// The next column, from 0 to `top`.
    ///
    /// # Errors
    /// [`ColumnError::OutOfRange`]; as [`take`](Self::take).
    #[inline]
    pub fn take_up_to(&mut self, top: u32) -> Result<u32, ColumnError> {
        let value = self.take()?;
        u32::try_from(value).ok().filter(|&value| value <= top).ok_or_else(|| self.out_of_range(value))
    }

    /// The next text or bytes, of at most `max` bytes.
    ///
    /// # Errors
    /// [`ColumnError::WrongBlobs`] behind the last; [`ColumnError::TooLong`].
    pub fn take_blob(&mut self, max: usize) -> Result<&'a [u8], ColumnError> {
        let blob = self.blobs_read;
        self.blobs_read += 1;
        let wrong = ColumnError::WrongBlobs { expected: self.blobs_read, found: self.blobs.len() };
        let bytes = self.blobs.get(blob).ok_or(wrong)?;
        if bytes.len() > max {
            return Err(ColumnError::TooLong { blob, length: bytes.len(), max });
        }
        Ok(bytes)
    }

    /// The error for a value of the column that was read last.
    pub fn out_of_range(&self, value: i32) -> ColumnError {
        ColumnError::OutOfRange { column: self.read.saturating_sub(1), value }
    }

    /// The error for the text that was read last.
    pub(super) fn not_text(&self) -> ColumnError {
        ColumnError::NotText { blob: self.blobs_read.saturating_sub(1) }
    }

    pub(super) fn finish(self) -> Result<(), ColumnError> {
        if self.read != self.columns.len() {
            return Err(ColumnError::WrongColumns { expected: self.read, found: self.columns.len() });
        }
        if self.blobs_read != self.blobs.len() {
            return Err(ColumnError::WrongBlobs { expected: self.blobs_read, found: self.blobs.len() });
        }
        Ok(())
    }
}
