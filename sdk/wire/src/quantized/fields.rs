//! Quantisers over the types that fields have: numbers, vectors of any library, integers, texts.

use super::{ColumnReader, ColumnWriter};
use crate::{
    AngleQuantizer, ColumnError, CounterQuantizer, DirectionQuantizer, FieldKind, IntegerQuantizer,
    RangeQuantizer, RotationQuantizer, StepQuantizer, UnitVectorQuantizer,
};
use alloc::string::String;
use alloc::vec::Vec;

/// What quantises a field of type `T`. `S` is found by the compiler: it says which shape of numbers `T` has.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` can't be quantised by this",
    note = "ranges, steps and angles are for `f32`, `[f32; 2]` to `[f32; 4]`, and types that convert from and into these; \
            a range without a step, and a counter, are for integers; `bytes` is for `String` and `Vec<u8>`"
)]
pub trait FieldQuantizer<T, S> {
    /// What the field is.
    fn kind(&self) -> FieldKind;
    /// Appends the field's columns.
    fn write(&self, value: &T, out: &mut ColumnWriter<'_>);
    /// Takes the field's columns.
    ///
    /// # Errors
    /// [`ColumnError`] for what no value gives.
    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError>;
}

/// The most axes of a field.
const MAX_AXES: usize = 4;

/// Up to four numbers; those that are not used are 0.
pub type Axes = [f32; MAX_AXES];

/// The shape of a single number.
#[derive(Debug)]
pub enum Scalar {}
/// The shape of `N` numbers.
#[derive(Debug)]
pub enum Vector<const N: usize> {}

/// `f32`, `[f32; 2]` to `[f32; 4]`, and what converts from and into these, such as the vectors of `glam`.
pub trait Numbers<S> {
    /// How many numbers it is.
    const AXES: usize;
    /// The numbers.
    fn axes(&self) -> Axes;
    /// Of these numbers.
    fn of_axes(axes: Axes) -> Self;
}

impl Numbers<Scalar> for f32 {
    const AXES: usize = 1;

    fn axes(&self) -> Axes {
        [*self, 0.0, 0.0, 0.0]
    }

    fn of_axes([number, ..]: Axes) -> Self {
        number
    }
}

impl<T: Clone + Into<[f32; N]> + From<[f32; N]>, const N: usize> Numbers<Vector<N>> for T {
    const AXES: usize = {
        assert!(N >= 1 && N <= MAX_AXES, "a field has 1 to 4 axes");
        N
    };

    fn axes(&self) -> Axes {
        let numbers: [f32; N] = self.clone().into();
        core::array::from_fn(|axis| numbers.get(axis).copied().unwrap_or_default())
    }

    fn of_axes(axes: Axes) -> Self {
        let numbers: [f32; N] = core::array::from_fn(|axis| axes.get(axis).copied().unwrap_or_default());
        numbers.into()
    }
}

/// The shape of `glam`'s quaternions.
#[cfg(feature = "glam")]
#[derive(Debug)]
pub enum Quaternion {}

#[cfg(feature = "glam")]
impl Numbers<Quaternion> for glam::Quat {
    const AXES: usize = 4;

    fn axes(&self) -> Axes {
        self.to_array()
    }

    fn of_axes(axes: Axes) -> Self {
        Self::from_array(axes)
    }
}

/// Ranges of numbers: one for all axes, or one for each.
#[derive(Clone, Copy, Debug)]
pub struct Ranges<const N: usize>([RangeQuantizer; N]);

impl<const N: usize> Ranges<N> {
    /// From the lower to the upper bound of each axis, all with the same step.
    ///
    /// # Panics
    /// As [`RangeQuantizer::new`]; or if there are more than 2^31 steps, as a column can't hold them.
    pub const fn new(bounds: [(f64, f64); N], step: f64) -> Self {
        let mut ranges = [RangeQuantizer::new(bounds[0].0, bounds[0].1, step); N];
        let mut axis = 0;
        while axis < N {
            ranges[axis] = RangeQuantizer::new(bounds[axis].0, bounds[axis].1, step);
            assert!(ranges[axis].top() <= i32::MAX as u32, "a range that is sent has at most 2^31 steps");
            axis += 1;
        }
        Self(ranges)
    }

    fn axis<T: Numbers<S>, S>(&self, axis: usize) -> &RangeQuantizer {
        const { assert!(N == 1 || N == T::AXES, "one range for all axes of a field, or one for each") };
        &self.0[if N == 1 { 0 } else { axis }]
    }
}

impl<T: Numbers<S>, S, const N: usize> FieldQuantizer<T, S> for Ranges<N> {
    fn kind(&self) -> FieldKind {
        let bounds = |axis| {
            let (min, max, _) = self.axis::<T, S>(axis).parameters();
            // To a schema's hash, 0 and -0 are not the same.
            (min + 0.0, max + 0.0)
        };
        let (_, _, step) = self.axis::<T, S>(0).parameters();
        FieldKind::Range { axes: (0..T::AXES).map(bounds).collect(), step }
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        for (axis, number) in value.axes().into_iter().enumerate().take(T::AXES) {
            out.push(self.axis::<T, S>(axis).quantize(number) as i32);
        }
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        let mut axes = [0.0; MAX_AXES];
        for (axis, number) in axes.iter_mut().enumerate().take(T::AXES) {
            let range = self.axis::<T, S>(axis);
            *number = range.dequantize(from.take_up_to(range.top())?);
        }
        Ok(T::of_axes(axes))
    }
}

/// What is beyond the steps of an `i32` becomes the last of them.
impl<T: Numbers<S>, S> FieldQuantizer<T, S> for StepQuantizer {
    fn kind(&self) -> FieldKind {
        FieldKind::Steps { axes: T::AXES as u8, step: self.step() }
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        for number in value.axes().into_iter().take(T::AXES) {
            out.push(self.quantize(number).clamp(i32::MIN.into(), i32::MAX.into()) as i32);
        }
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        let mut axes = [0.0; MAX_AXES];
        for number in axes.iter_mut().take(T::AXES) {
            *number = self.dequantize(from.take()?.into());
        }
        Ok(T::of_axes(axes))
    }
}

impl FieldQuantizer<f32, Scalar> for AngleQuantizer {
    fn kind(&self) -> FieldKind {
        FieldKind::Angle { bits: self.bits() }
    }

    fn write(&self, value: &f32, out: &mut ColumnWriter<'_>) {
        out.push(self.quantize(*value) as i32);
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<f32, ColumnError> {
        Ok(self.dequantize(from.take_up_to((1 << self.bits()) - 1)?))
    }
}

/// Directions, in the plane or in space, whichever the field's type has.
#[derive(Clone, Copy, Debug)]
pub struct UnitQuantizer {
    plane: DirectionQuantizer,
    space: UnitVectorQuantizer,
}

impl UnitQuantizer {
    /// `bits` for each number.
    ///
    /// # Panics
    /// As [`DirectionQuantizer::new`].
    pub const fn new(bits: u32) -> Self {
        Self { plane: DirectionQuantizer::new(bits), space: UnitVectorQuantizer::new(bits) }
    }
}

impl<T: Numbers<Vector<2>>> FieldQuantizer<T, Vector<2>> for UnitQuantizer {
    fn kind(&self) -> FieldKind {
        FieldKind::Direction { bits: self.plane.bits() }
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        let [x, y, ..] = value.axes();
        out.push(self.plane.quantize([x, y]) as i32);
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        let [x, y] = self.plane.dequantize(from.take_up_to(self.plane.top())?);
        Ok(T::of_axes([x, y, 0.0, 0.0]))
    }
}

impl<T: Numbers<Vector<3>>> FieldQuantizer<T, Vector<3>> for UnitQuantizer {
    fn kind(&self) -> FieldKind {
        FieldKind::UnitVector { bits: self.space.bits() }
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        let [x, y, z, _] = value.axes();
        self.space.quantize([x, y, z]).into_iter().for_each(|number| out.push(number as i32));
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        let top = self.space.top();
        let [x, y, z] = self.space.dequantize([from.take_up_to(top)?, from.take_up_to(top)?]);
        Ok(T::of_axes([x, y, z, 0.0]))
    }
}

impl<T: Numbers<S>, S> FieldQuantizer<T, S> for RotationQuantizer {
    fn kind(&self) -> FieldKind {
        const { assert!(T::AXES == 4, "a rotation is a quaternion of four numbers") };
        FieldKind::Rotation { bits: self.bits() }
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        self.quantize(value.axes()).into_iter().for_each(|number| out.push(number as i32));
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        let top = self.top();
        let largest = from.take_up_to(3)?;
        let others = [from.take_up_to(top)?, from.take_up_to(top)?, from.take_up_to(top)?];
        Ok(T::of_axes(self.dequantize([largest, others[0], others[1], others[2]])))
    }
}

/// The integers of Rust up to 64 bits.
pub trait Integer: Copy {
    /// Its lowest 64 bits, its sign extended.
    fn bits(self) -> u64;
    /// Of the lowest bits, as many as it has.
    fn of_bits(bits: u64) -> Self;
    /// The number as an `i64`; the largest, where it is larger.
    fn saturated(self) -> i64;
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Integer for $integer {
            fn bits(self) -> u64 {
                self as u64
            }

            fn of_bits(bits: u64) -> Self {
                bits as Self
            }

            fn saturated(self) -> i64 {
                self.try_into().unwrap_or(i64::MAX)
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 i8 i16 i32 i64);

/// A range that is wider than a column's positive half keeps its lowest 32 bits, which are enough to tell its numbers
/// apart.
impl<T: Integer> FieldQuantizer<T, Scalar> for IntegerQuantizer {
    fn kind(&self) -> FieldKind {
        let (min, max) = self.bounds();
        FieldKind::Integer { min, max }
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        let distance = self.quantize(value.saturated());
        let wide = self.top() > i32::MAX as u32;
        out.push(if wide { self.dequantize(distance) as i32 } else { distance as i32 });
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        let distance = if self.top() > i32::MAX as u32 {
            let column = from.take()?;
            let distance = (column as u32).wrapping_sub(self.bounds().0 as u32);
            if distance > self.top() {
                return Err(from.out_of_range(column));
            }
            distance
        } else {
            from.take_up_to(self.top())?
        };
        Ok(T::of_bits(self.dequantize(distance) as u64))
    }
}

/// The range of all numbers of an integer type of up to 32 bits.
pub const fn full_range(bits: u32, signed: bool) -> IntegerQuantizer {
    if signed {
        IntegerQuantizer::new(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        IntegerQuantizer::new(0, (1 << bits) - 1)
    }
}

/// What comes back are the lowest bits: [`CounterQuantizer::dequantize_near`] finds the counter again.
impl<T: Integer> FieldQuantizer<T, Scalar> for CounterQuantizer {
    fn kind(&self) -> FieldKind {
        FieldKind::Counter { bits: self.bits() }
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        out.push(self.quantize(value.bits()) as i32);
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        Ok(T::of_bits(from.take_up_to(self.top())?.into()))
    }
}

/// `String` and `Vec<u8>`: what is sent whole, when it changes.
pub trait Opaque: Sized {
    /// What such a field is.
    fn kind(max: u32) -> FieldKind;
    /// Its bytes.
    fn as_bytes(&self) -> &[u8];
    /// Of these bytes; `None` if they are no text, where they should be.
    fn of_bytes(bytes: &[u8]) -> Option<Self>;
}

impl Opaque for String {
    fn kind(max: u32) -> FieldKind {
        FieldKind::Text { max }
    }

    fn as_bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        core::str::from_utf8(bytes).ok().map(Into::into)
    }
}

impl Opaque for Vec<u8> {
    fn kind(max: u32) -> FieldKind {
        FieldKind::Bytes { max }
    }

    fn as_bytes(&self) -> &[u8] {
        self
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        Some(bytes.into())
    }
}

/// Texts and bytes of at most so many bytes. Longer ones are an error where they are written, not cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BytesLimit(pub u32);

impl<T: Opaque> FieldQuantizer<T, Scalar> for BytesLimit {
    fn kind(&self) -> FieldKind {
        T::kind(self.0)
    }

    fn write(&self, value: &T, out: &mut ColumnWriter<'_>) {
        out.push_blob(value.as_bytes(), self.0 as usize);
    }

    fn read(&self, from: &mut ColumnReader<'_>) -> Result<T, ColumnError> {
        let bytes = from.take_blob(self.0 as usize)?;
        T::of_bytes(bytes).ok_or_else(|| from.not_text())
    }
}
