//! Values that need no quantiser: flags, whole integers, ids, and what is made of such values.

use super::{ColumnReader, ColumnWriter, FieldQuantizer, Fields, Quantized, full_range};
use crate::{ColumnError, FieldKind, IntegerQuantizer, NetEntity, Tick};
use alloc::format;

impl Quantized for bool {
    fn describe(fields: &mut Fields) {
        fields.leaf(FieldKind::Flag);
    }

    fn quantize(&self, out: &mut ColumnWriter<'_>) {
        out.push((*self).into());
    }

    fn dequantize(from: &mut ColumnReader<'_>) -> Result<Self, ColumnError> {
        Ok(from.take_up_to(1)? == 1)
    }
}

macro_rules! whole_integers {
    ($($integer:ty: $signed:literal)*) => {$(
        impl Quantized for $integer {
            fn describe(fields: &mut Fields) {
                const ALL: IntegerQuantizer = full_range(<$integer>::BITS, $signed);
                fields.leaf(FieldQuantizer::<$integer, _>::kind(&ALL));
            }

            fn quantize(&self, out: &mut ColumnWriter<'_>) {
                out.field(&full_range(<$integer>::BITS, $signed), self);
            }

            fn dequantize(from: &mut ColumnReader<'_>) -> Result<Self, ColumnError> {
                from.field(&full_range(<$integer>::BITS, $signed))
            }
        }
    )*};
}

whole_integers!(u8: false u16: false u32: false i8: true i16: true i32: true);

macro_rules! words {
    ($($integer:ty)*) => {$(
        impl Quantized for $integer {
            fn describe(fields: &mut Fields) {
                fields.leaf(FieldKind::Word);
            }

            fn quantize(&self, out: &mut ColumnWriter<'_>) {
                out.push(*self as i32);
                out.push((*self >> 32) as i32);
            }

            fn dequantize(from: &mut ColumnReader<'_>) -> Result<Self, ColumnError> {
                let (low, high) = (from.take()? as u32, from.take()? as u32);
                Ok(Self::from(low) | Self::from(high) << 32)
            }
        }
    )*};
}

words!(u64 i64);

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl Quantized for $id {
            fn describe(fields: &mut Fields) {
                u32::describe(fields);
            }

            fn quantize(&self, out: &mut ColumnWriter<'_>) {
                self.0.quantize(out);
            }

            fn dequantize(from: &mut ColumnReader<'_>) -> Result<Self, ColumnError> {
                u32::dequantize(from).map($id)
            }
        }
    )*};
}

ids!(NetEntity Tick);

impl<T: Quantized, const N: usize> Quantized for [T; N] {
    fn describe(fields: &mut Fields) {
        for place in 0..N {
            fields.nested::<T>(&format!("{place}"));
        }
    }

    fn quantize(&self, out: &mut ColumnWriter<'_>) {
        self.iter().for_each(|item| item.quantize(out));
    }

    fn dequantize(from: &mut ColumnReader<'_>) -> Result<Self, ColumnError> {
        let mut items = [const { None }; N];
        for item in &mut items {
            *item = Some(T::dequantize(from)?);
        }
        Ok(items.map(|item| item.expect("every item was read just now")))
    }
}

macro_rules! tuples {
    ($(($($item:ident $place:tt)*))*) => {$(
        impl<$($item: Quantized),*> Quantized for ($($item,)*) {
            fn describe(_fields: &mut Fields) {
                $(_fields.nested::<$item>(stringify!($place));)*
            }

            fn quantize(&self, _out: &mut ColumnWriter<'_>) {
                $(self.$place.quantize(_out);)*
            }

            fn dequantize(_from: &mut ColumnReader<'_>) -> Result<Self, ColumnError> {
                Ok(($($item::dequantize(_from)?,)*))
            }
        }
    )*};
}

tuples! {
    ()
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
}
