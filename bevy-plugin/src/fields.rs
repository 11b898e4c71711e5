//! Shows any serde value as a list of integer fields, and names them: what is hashed can always be named.
//!
//! It knows no entities, no components and no network.

use serde::ser::{self, Serialize};
use std::fmt;

/// Looks at the fields of a value, and at where in it they are.
pub(crate) trait FieldVisitor {
    /// The next field.
    fn field(&mut self, value: i64, kind: FieldKind);
    /// What follows is in the field or variant of that name.
    fn enter(&mut self, _name: &'static str) {}
    /// What follows is in the element of that number.
    fn enter_element(&mut self, _index: usize) {}
    /// What was entered last ends.
    fn leave(&mut self) {}
}

/// What the integer of a field stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FieldKind {
    #[default]
    Integer,
    /// An unsigned one of 64 bits.
    Unsigned,
    Bool,
    F32,
    F64,
    Char,
    /// Eight bytes of a text.
    Text,
}

impl FieldKind {
    /// The value as it stood in the game.
    pub(crate) fn show(self, value: i64) -> String {
        match self {
            Self::Integer => value.to_string(),
            Self::Unsigned => (value as u64).to_string(),
            Self::Bool => (value != 0).to_string(),
            Self::F32 => format!("{:?}", f32::from_bits(value as u32)),
            Self::F64 => format!("{:?}", f64::from_bits(value as u64)),
            Self::Char => u32::try_from(value)
                .ok()
                .and_then(char::from_u32)
                .map_or(value.to_string(), |c| format!("{c:?}")),
            Self::Text => {
                format!("{:?}", String::from_utf8_lossy(&value.to_le_bytes()).trim_end_matches('\0'))
            }
        }
    }
}

/// Shows every field of `value`. Fails only where the value's own `Serialize` does.
pub(crate) fn visit<T: Serialize>(value: &T, visitor: &mut impl FieldVisitor) -> Result<(), FieldsError> {
    value.serialize(Fields(visitor))
}

/// The name and kind of field number `index` of `value`, as `velocity.x` or `items[3]`.
pub(crate) fn name<T: Serialize>(value: &T, index: usize) -> Option<(String, FieldKind)> {
    let mut namer = Namer { path: Vec::new(), left: index, found: None };
    visit(value, &mut namer).ok()?;
    namer.found
}

struct Namer {
    path: Vec<Step>,
    left: usize,
    found: Option<(String, FieldKind)>,
}

enum Step {
    Name(&'static str),
    Element(usize),
}

impl FieldVisitor for Namer {
    fn field(&mut self, _: i64, kind: FieldKind) {
        if self.found.is_some() {
            return;
        }
        if self.left > 0 {
            self.left -= 1;
            return;
        }
        let mut name = String::new();
        for step in &self.path {
            match step {
                Step::Name(step) if name.is_empty() => name.push_str(step),
                Step::Name(step) => name.extend([".", step]),
                Step::Element(index) => name.push_str(&format!("[{index}]")),
            }
        }
        // Of a tuple struct with one field, or a bare integer.
        if name.is_empty() {
            name.push('0');
        }
        self.found = Some((name, kind));
    }

    fn enter(&mut self, name: &'static str) {
        self.path.push(Step::Name(name));
    }

    fn enter_element(&mut self, index: usize) {
        self.path.push(Step::Element(index));
    }

    fn leave(&mut self) {
        self.path.pop();
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Ship {
        at: Point,
        fuel: f32,
        cargo: Vec<u8>,
        order: Order,
        name: &'static str,
        target: Option<u32>,
        wings: (bool, bool),
        seal: Seal,
    }

    #[derive(Serialize)]
    struct Point(i32, i32);

    #[derive(Serialize)]
    struct Seal(u64);

    #[derive(Serialize)]
    enum Order {
        Wait,
        Fly { to: Point },
        Trade(u8, u8),
    }

    fn ship(order: Order) -> Ship {
        Ship {
            at: Point(3, -4),
            fuel: 0.5,
            cargo: vec![7, 8],
            order,
            name: "Nostromo 2",
            target: Some(9),
            wings: (true, false),
            seal: Seal(u64::MAX),
        }
    }

    #[derive(Default)]
    struct All(Vec<(i64, FieldKind)>);

    impl FieldVisitor for All {
        fn field(&mut self, value: i64, kind: FieldKind) {
            self.0.push((value, kind));
        }
    }

    fn shown(value: &impl Serialize) -> Vec<(String, String)> {
        let mut all = All::default();
        visit(value, &mut all).expect("it serializes");
        let names = (0..).map_while(|index| name(value, index));
        let shown: Vec<_> =
            names.zip(&all.0).map(|((name, kind), (value, _))| (name, kind.show(*value))).collect();
        assert_eq!(shown.len(), all.0.len(), "every field has a name");
        shown
    }

    #[test]
    fn every_field_has_the_name_that_rust_gives_it() {
        let expected = [
            ("at.0", "3"),
            ("at.1", "-4"),
            ("fuel", "0.5"),
            ("cargo", "2"),
            ("cargo[0]", "7"),
            ("cargo[1]", "8"),
            ("order", "1"),
            ("order.Fly.to.0", "1"),
            ("order.Fly.to.1", "2"),
            ("name", "10"),
            ("name", "\"Nostromo\""),
            ("name", "\" 2\""),
            ("target", "1"),
            ("target", "9"),
            ("wings[0]", "true"),
            ("wings[1]", "false"),
            ("seal", "18446744073709551615"),
        ];
        let shown = shown(&ship(Order::Fly { to: Point(1, 2) }));
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn variants_without_fields_and_bare_integers_have_names_too() {
        assert!(shown(&ship(Order::Wait)).contains(&("order".into(), "0".into())));
        assert!(shown(&ship(Order::Trade(5, 6))).contains(&("order.Trade[1]".into(), "6".into())));
        assert_eq!(shown(&7_u8), [("0".to_owned(), "7".to_owned())]);
    }
}
