//! Walks through a value by its `Serialize`: what serde has, in terms of fields. It knows no names but serde's.

use super::{FieldKind, FieldVisitor};
use serde::ser::{self, Serialize};
use std::fmt;

/// Shows every field of `value`. Fails only where the value's own `Serialize` does.
pub(crate) fn visit<T: Serialize>(value: &T, visitor: &mut impl FieldVisitor) -> Result<(), FieldsError> {
    value.serialize(Fields(visitor))
}

/// A value refused to be serialized.
#[derive(Debug)]
pub(crate) struct FieldsError(String);

impl fmt::Display for FieldsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FieldsError {}

impl ser::Error for FieldsError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

type Done = Result<(), FieldsError>;

/// Turns a value into calls of a visitor.
struct Fields<'a, V>(&'a mut V);

impl<V: FieldVisitor> Fields<'_, V> {
    fn integer(self, value: i64) -> Done {
        self.0.field(value, FieldKind::Integer);
        Ok(())
    }

    fn bytes(self, bytes: &[u8], kind: FieldKind) -> Done {
        self.0.field(bytes.len() as i64, FieldKind::Integer);
        for chunk in bytes.chunks(8) {
            let mut padded = [0; 8];
            padded[..chunk.len()].copy_from_slice(chunk);
            self.0.field(i64::from_le_bytes(padded), kind);
        }
        Ok(())
    }
}

impl<'a, V: FieldVisitor> ser::Serializer for Fields<'a, V> {
    type Ok = ();
    type Error = FieldsError;
    type SerializeSeq = Elements<'a, V>;
    type SerializeTuple = Elements<'a, V>;
    type SerializeTupleStruct = Elements<'a, V>;
    type SerializeTupleVariant = Elements<'a, V>;
    type SerializeMap = Elements<'a, V>;
    type SerializeStruct = Elements<'a, V>;
    type SerializeStructVariant = Elements<'a, V>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Done {
        self.0.field(value.into(), FieldKind::Bool);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.integer(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.integer(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.integer(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        self.integer(value)
    }

    fn serialize_i128(self, value: i128) -> Done {
        self.serialize_u128(value as u128)
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.integer(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.integer(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.integer(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        self.0.field(value as i64, FieldKind::Unsigned);
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Done {
        self.0.field(value as i64, FieldKind::Unsigned);
        self.0.field((value >> 64) as i64, FieldKind::Unsigned);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.0.field(value.to_bits().into(), FieldKind::F32);
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Done {
        self.0.field(value.to_bits() as i64, FieldKind::F64);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        self.0.field(u32::from(value).into(), FieldKind::Char);
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Done {
        self.bytes(value.as_bytes(), FieldKind::Text)
    }

    fn serialize_bytes(self, value: &[u8]) -> Done {
        self.bytes(value, FieldKind::Integer)
    }

    fn serialize_none(self) -> Done {
        self.integer(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        self.0.field(1, FieldKind::Integer);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Done {
        self.integer(index.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        self.0.field(index.into(), FieldKind::Integer);
        self.0.enter(variant);
        value.serialize(Fields(&mut *self.0))?;
        self.0.leave();
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Elements<'a, V>, FieldsError> {
        // Where the length is not known before, the elements alone must tell.
        if let Some(length) = length {
            self.0.field(length as i64, FieldKind::Integer);
        }
        Ok(Elements::new(self.0))
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements<'a, V>, FieldsError> {
        Ok(Elements::new(self.0))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements<'a, V>, FieldsError> {
        Ok(Elements { dotted: true, ..Elements::new(self.0) })
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Elements<'a, V>, FieldsError> {
        self.0.field(index.into(), FieldKind::Integer);
        self.0.enter(variant);
        Ok(Elements { in_variant: true, ..Elements::new(self.0) })
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Elements<'a, V>, FieldsError> {
        self.serialize_seq(length)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Elements<'a, V>, FieldsError> {
        Ok(Elements::new(self.0))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Elements<'a, V>, FieldsError> {
        self.serialize_tuple_variant(name, index, variant, length)
    }
}

/// The parts of a value that has several.
struct Elements<'a, V> {
    visitor: &'a mut V,
    next: usize,
    in_variant: bool,
    /// A tuple struct's fields are named `0`, `1`, as Rust does, not `[0]`.
    dotted: bool,
}

/// Rust's names of the fields of tuple structs.
const NUMBERS: [&str; 12] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];

impl<'a, V: FieldVisitor> Elements<'a, V> {
    fn new(visitor: &'a mut V) -> Self {
        Self { visitor, next: 0, in_variant: false, dotted: false }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        match NUMBERS.get(self.next).filter(|_| self.dotted) {
            Some(number) => self.visitor.enter(number),
            None => self.visitor.enter_element(self.next),
        }
        self.next += 1;
        value.serialize(Fields(&mut *self.visitor))?;
        self.visitor.leave();
        Ok(())
    }

    #[inline]
    fn named<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.visitor.enter(name);
        value.serialize(Fields(&mut *self.visitor))?;
        self.visitor.leave();
        Ok(())
    }

    fn done(self) -> Done {
        if self.in_variant {
            self.visitor.leave();
        }
        Ok(())
    }
}

macro_rules! parts {
    ($($part:ident :: $method:ident),*) => {$(
        impl<V: FieldVisitor> ser::$part for Elements<'_, V> {
            type Ok = ();
            type Error = FieldsError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                self.element(value)
            }

            fn end(self) -> Done {
                self.done()
            }
        }
    )*};
}

parts!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

impl<V: FieldVisitor> ser::SerializeMap for Elements<'_, V> {
    type Ok = ();
    type Error = FieldsError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.visitor.enter("key");
        self.visitor.enter_element(self.next);
        key.serialize(Fields(&mut *self.visitor))?;
        self.visitor.leave();
        self.visitor.leave();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.element(value)
    }

    fn end(self) -> Done {
        self.done()
    }
}

impl<V: FieldVisitor> ser::SerializeStruct for Elements<'_, V> {
    type Ok = ();
    type Error = FieldsError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.named(name, value)
    }

    fn end(self) -> Done {
        self.done()
    }
}

impl<V: FieldVisitor> ser::SerializeStructVariant for Elements<'_, V> {
    type Ok = ();
    type Error = FieldsError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.named(name, value)
    }

    fn end(self) -> Done {
        self.done()
    }
}
