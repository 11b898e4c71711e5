//! Bounds on what bytes can make a decoder do, whatever the type and the library.
//!
//! Libraries check that they read no further than the bytes. Left to them, though, some messages of a few bytes
//! would reserve memory for any number of map entries or characters, loop over 2^64 elements that take no bytes,
//! or recurse until the stack is used up. So this wraps around a library's deserializer and all that it hands out:
//!
//! - all lists and maps together announce no more elements than there are bytes (elements that take no bytes, such as
//!   units, are thus not for lists);
//! - texts and byte strings are borrowed from the input first, so they are never longer than it;
//! - nesting ends at [`MAX_DEPTH`].

use crate::CodecError;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// How deep values may be nested: options, newtypes, structs, lists and variants each count as one.
pub const MAX_DEPTH: usize = 128;

/// What is left of the bounds of one value.
pub(super) struct Bounds {
    /// Elements that lists and maps may still announce.
    elements: Cell<usize>,
    /// The bound that was hit: the library's own error can't say it.
    hit: Cell<Option<CodecError>>,
}

impl Bounds {
    /// The bounds of a value of `length` bytes: every element of a list takes one of them at least.
    pub(super) fn new(length: usize) -> Self {
        Self { elements: Cell::new(length), hit: Cell::new(None) }
    }

    /// What takes a `T` from a deserializer, within the bounds.
    pub(super) fn seed<'de, T: Deserialize<'de>>(&self) -> impl DeserializeSeed<'de, Value = T> {
        Bounded { inner: PhantomData, bounds: self, depth: 0, is_list: false }
    }

    /// The bound that the value hit, or else the error that the library found.
    pub(super) fn error(&self, found: CodecError) -> CodecError {
        self.hit.take().unwrap_or(found)
    }

    fn refuse<E: Error>(&self, bound: CodecError) -> E {
        self.hit.set(Some(bound));
        // Some libraries allocate for a text, and this one is not looked at.
        E::custom("")
    }
}

/// Any part of a deserializer, within bounds.
struct Bounded<'b, T> {
    inner: T,
    bounds: &'b Bounds,
    depth: usize,
    /// Whether `inner` visits a list or map whose length the bytes name, and not the type.
    is_list: bool,
}

impl<'b, T> Bounded<'b, T> {
    /// Another part, at the same depth.
    fn with<U>(&self, inner: U) -> Bounded<'b, U> {
        Bounded { inner, bounds: self.bounds, depth: self.depth, is_list: false }
    }

    /// The visitor of a list or map.
    fn list_visitor<V>(&self, visitor: V) -> Bounded<'b, V> {
        Bounded { is_list: true, ..self.with(visitor) }
    }

    /// The visitor that this is, and the part that it is shown, a level deeper.
    fn deeper<U, E: Error>(self, inner: U) -> Result<(T, Bounded<'b, U>), E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.bounds.refuse(CodecError::TooDeep));
        }
        let part = Bounded { depth: self.depth + 1, ..self.with(inner) };
        Ok((self.inner, part))
    }

    /// Takes the elements that a list announces off the bounds. Postcard announces `None` for more than it has bytes
    /// left.
    fn announce<E: Error>(&self, elements: Option<usize>) -> Result<(), E> {
        if self.is_list {
            let left = elements.and_then(|elements| self.bounds.elements.get().checked_sub(elements));
            self.bounds.elements.set(left.ok_or_else(|| self.bounds.refuse(CodecError::TooManyElements))?);
        }
        Ok(())
    }
}

macro_rules! deserialize {
    ($($name:ident)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.with(visitor);
            self.inner.$name(visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    deserialize! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_bytes deserialize_option
        deserialize_unit deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.list_visitor(visitor);
        self.inner.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.list_visitor(visitor);
        self.inner.deserialize_map(visitor)
    }

    fn deserialize_unit_struct<V>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error>
    where
        V: Visitor<'de>,
    {
        let visitor = self.with(visitor);
        self.inner.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error>
    where
        V: Visitor<'de>,
    {
        let visitor = self.with(visitor);
        self.inner.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.with(visitor);
        self.inner.deserialize_tuple(length, visitor)
    }

    fn deserialize_tuple_struct<V>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error>
    where
        V: Visitor<'de>,
    {
        let visitor = self.with(visitor);
        self.inner.deserialize_tuple_struct(name, length, visitor)
    }

    fn deserialize_struct<V>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error>
    where
        V: Visitor<'de>,
    {
        let visitor = self.with(visitor);
        self.inner.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error>
    where
        V: Visitor<'de>,
    {
        let visitor = self.with(visitor);
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($name:ident: $value:ty)*) => {
        $(fn $name<E: Error>(self, value: $value) -> Result<V::Value, E> {
            self.inner.$name(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, V> {
    type Value = V::Value;

    visit! {
        visit_bool: bool visit_i8: i8 visit_i16: i16 visit_i32: i32 visit_i64: i64 visit_i128: i128
        visit_u8: u8 visit_u16: u16 visit_u32: u32 visit_u64: u64 visit_u128: u128
        visit_f32: f32 visit_f64: f64 visit_char: char
        visit_str: &str visit_borrowed_str: &'de str visit_bytes: &[u8] visit_borrowed_bytes: &'de [u8]
    }

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(formatter)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let (visitor, deserializer) = self.deeper(deserializer)?;
        visitor.visit_some(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let (visitor, deserializer) = self.deeper(deserializer)?;
        visitor.visit_newtype_struct(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.announce(list.size_hint())?;
        let (visitor, list) = self.deeper(list)?;
        visitor.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.announce(map.size_hint())?;
        let (visitor, map) = self.deeper(map)?;
        visitor.visit_map(map)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        let (visitor, variant) = self.deeper(variant)?;
        visitor.visit_enum(variant)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.deserialize(deserializer)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error>
    where
        S: DeserializeSeed<'de>,
    {
        let seed = self.with(seed);
        self.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error>
    where
        S: DeserializeSeed<'de>,
    {
        let seed = self.with(seed);
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'b, 'de, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'b, A> {
    type Error = A::Error;
    type Variant = Bounded<'b, A::Variant>;

    fn variant_seed<S>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error>
    where
        S: DeserializeSeed<'de>,
    {
        let part = self.with(());
        let (value, variant) = self.inner.variant_seed(seed)?;
        Ok((value, part.with(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.tuple_variant(length, visitor)
    }

    fn struct_variant<V>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error>
    where
        V: Visitor<'de>,
    {
        let visitor = self.with(visitor);
        self.inner.struct_variant(fields, visitor)
    }
}
