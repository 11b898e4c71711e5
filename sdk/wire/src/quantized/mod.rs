//! Values that say themselves what they are made of, and that go into columns of integers and come back.
//!
//! [`#[derive(Quantized)]`](https://docs.rs/netcord-derive) implements [`Quantized`]; nothing here knows what is sent, or
//! how columns are coded.

mod columns;
mod fields;
mod values;

pub use columns::{Blobs, ColumnReader, ColumnWriter, show};
#[cfg(feature = "glam")]
pub use fields::Quaternion;
pub use fields::{
    Axes, BytesLimit, FieldQuantizer, Integer, Numbers, Opaque, Ranges, Scalar, UnitQuantizer, Vector,
    full_range,
};

use crate::{ColumnError, FieldKind, FieldSchema, TimeUnit};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A value of quantised fields.
///
/// What comes back has each field within its quantiser's error bound; the same columns give the same value on every
/// platform.
#[diagnostic::on_unimplemented(
    message = "`{Self}` doesn't say how it is quantised",
    note = "derive `Quantized` for it, or say it where it is a field, such as `#[quantize(step = 0.001)]`"
)]
pub trait Quantized: Sized {
    /// Adds what it is made of.
    fn describe(fields: &mut Fields);

    /// Appends its columns, as many as its description says.
    fn quantize(&self, out: &mut ColumnWriter<'_>);

    /// Takes as many columns as [`quantize`](Self::quantize) appends.
    ///
    /// # Errors
    /// [`ColumnError`] for what no value gives.
    fn dequantize(from: &mut ColumnReader<'_>) -> Result<Self, ColumnError>;

    /// Writes all columns, and all texts and bytes in place of those that `blobs` had.
    ///
    /// # Errors
    /// [`ColumnError::WrongColumns`] unless `columns` are as many as its
    /// [`ComponentSchema`](crate::ComponentSchema::columns) says; [`ColumnError::TooLong`].
    fn to_columns(&self, columns: &mut [i32], blobs: &mut Blobs) -> Result<(), ColumnError> {
        let mut writer = ColumnWriter::new(columns, blobs);
        self.quantize(&mut writer);
        writer.finish()
    }

    /// The value that all of `columns` and `blobs` stand for.
    ///
    /// # Errors
    /// [`ColumnError`] for what [`to_columns`](Self::to_columns) never writes.
    fn from_columns(columns: &[i32], blobs: &Blobs) -> Result<Self, ColumnError> {
        let mut reader = ColumnReader::new(columns, blobs);
        let value = Self::dequantize(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

/// The fields of a component, as [`Quantized::describe`] adds them.
#[derive(Debug, Default)]
pub struct Fields {
    fields: Vec<FieldSchema>,
    /// The names of the fields that what is described is in, with dots.
    within: String,
}

impl Fields {
    /// Adds a field that `quantizer` quantises.
    pub fn field<T, S>(&mut self, name: &str, quantizer: &impl FieldQuantizer<T, S>) {
        let name = self.path(name);
        self.fields.push(FieldSchema::new(name, quantizer.kind()));
    }

    /// Adds the fields of a value that has its own.
    pub fn nested<T: Quantized>(&mut self, name: &str) {
        let length = self.within.len();
        self.within = self.path(name);
        T::describe(self);
        self.within.truncate(length);
    }

    /// Adds what is a field by itself, such as a flag. It is named as the field that it is in, or `value`.
    pub fn leaf(&mut self, kind: FieldKind) {
        let name =
            if self.within.is_empty() { Cow::Borrowed("value") } else { Cow::Owned(self.within.clone()) };
        self.fields.push(FieldSchema::new(name, kind));
    }

    /// Says that the field that was added last is the velocity of another, which stands beside it.
    pub fn velocity_of(&mut self, name: &str, unit: TimeUnit) {
        let name = self.path(name);
        if let Some(field) = self.fields.last_mut() {
            field.velocity_of = Some((name.into(), unit));
        }
    }

    pub(crate) fn into_fields(self) -> Vec<FieldSchema> {
        self.fields
    }

    fn path(&self, name: &str) -> String {
        if self.within.is_empty() { name.into() } else { format!("{}.{name}", self.within) }
    }
}
