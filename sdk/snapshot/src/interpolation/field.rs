//! The columns of a field as numbers that can be interpolated, and back.

use super::sample::Interpolation;
use netcord_wire::{AngleQuantizer, DirectionQuantizer, FieldKind, RotationQuantizer, UnitVectorQuantizer};

/// The most numbers, and columns, of a field.
pub(super) const MAX_NUMBERS: usize = 4;

/// What columns stand for.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    /// Steps, each axis from its own bound on.
    Steps {
        axes: Vec<Axis>,
        step: f64,
    },
    /// Radians.
    Angle(AngleQuantizer),
    /// The same, of a vector.
    Direction(DirectionQuantizer),
    UnitVector(UnitVectorQuantizer),
    Rotation(RotationQuantizer),
    /// No numbers of which there is anything in between.
    Symbols,
}

/// The bound that a column counts from, and the highest column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    least: f64,
    columns: (f64, f64),
}

impl Numbers {
    pub(super) fn of(kind: &FieldKind) -> Self {
        let axis = |least: f64, lowest: f64, top: f64| Axis { least, columns: (lowest, top) };
        match kind {
            FieldKind::Range { axes, step } if axes.len() <= MAX_NUMBERS => {
                let top = |min: f64, max: f64| ((max - min) / step).round();
                let axes = axes.iter().map(|&(min, max)| axis(min, 0.0, top(min, max))).collect();
                Self::Steps { axes, step: *step }
            }
            FieldKind::Steps { axes, step } if usize::from(*axes) <= MAX_NUMBERS => {
                let any = axis(0.0, i32::MIN.into(), i32::MAX.into());
                Self::Steps { axes: vec![any; (*axes).into()], step: *step }
            }
            FieldKind::Integer { min, max } if max.abs_diff(*min) <= i32::MAX as u64 => {
                let axes = vec![axis(*min as f64, 0.0, max.abs_diff(*min) as f64)];
                Self::Steps { axes, step: 1.0 }
            }
            FieldKind::Angle { bits: bits @ 1..=22 } => Self::Angle(AngleQuantizer::new(*bits)),
            FieldKind::Direction { bits: bits @ 2..=22 } => Self::Direction(DirectionQuantizer::new(*bits)),
            FieldKind::UnitVector { bits: bits @ 2..=22 } => {
                Self::UnitVector(UnitVectorQuantizer::new(*bits))
            }
            FieldKind::Rotation { bits: bits @ 2..=20 } => Self::Rotation(RotationQuantizer::new(*bits)),
            _ => Self::Symbols,
        }
    }

    /// How such a field goes on, unless a game says otherwise. Whole numbers are steps in a count, but where something
    /// moves them.
    pub(super) fn usual_mode(&self, kind: &FieldKind, is_moved: bool) -> Interpolation {
        match self {
            Self::Steps { .. } if matches!(kind, FieldKind::Integer { .. }) && !is_moved => {
                Interpolation::Snap
            }
            Self::Steps { .. } | Self::UnitVector(_) => Interpolation::Linear,
            Self::Angle(_) | Self::Direction(_) => Interpolation::Angular,
            Self::Rotation(_) => Interpolation::Slerp,
            Self::Symbols => Interpolation::Snap,
        }
    }

    /// The size of a step, where there is one.
    pub(super) fn step(&self) -> f64 {
        if let Self::Steps { step, .. } = self { *step } else { 0.0 }
    }

    /// The numbers of columns; returns how many there are.
    pub(super) fn read(&self, columns: &[i32], out: &mut [f32; MAX_NUMBERS]) -> usize {
        match (self, columns) {
            (Self::Steps { axes, step }, _) => {
                for ((out, &column), axis) in out.iter_mut().zip(columns).zip(axes) {
                    *out = (axis.least + f64::from(column) * step) as f32;
                }
                axes.len()
            }
            (Self::Angle(angle), &[column]) => {
                out[0] = angle.dequantize(column as u32);
                1
            }
            (Self::Direction(direction), &[column]) => {
                let [x, y] = direction.dequantize(column as u32);
                out[0] = y.atan2(x);
                1
            }
            (Self::UnitVector(unit), &[u, v]) => {
                out[..3].copy_from_slice(&unit.dequantize([u as u32, v as u32]));
                3
            }
            (Self::Rotation(rotation), &[largest, a, b, c]) => {
                *out = rotation.dequantize([largest, a, b, c].map(|column| column as u32));
                4
            }
            _ => 0,
        }
    }

    /// The columns that are nearest to numbers.
    pub(super) fn write(&self, numbers: &[f32; MAX_NUMBERS], columns: &mut [i32]) {
        let mut put = |values: &[u32]| {
            for (column, &value) in columns.iter_mut().zip(values) {
                *column = value as i32;
            }
        };
        let &[x, y, z, _] = numbers;
        match self {
            Self::Steps { axes, step } => {
                for ((column, &number), axis) in columns.iter_mut().zip(numbers).zip(axes) {
                    let steps = ((f64::from(number) - axis.least) / step).round();
                    // Within an i32, as the bounds are.
                    *column = steps.clamp(axis.columns.0, axis.columns.1) as i32;
                }
            }
            Self::Angle(angle) => put(&[angle.quantize(x)]),
            Self::Direction(direction) => put(&[direction.quantize([x.cos(), x.sin()])]),
            Self::UnitVector(unit) => put(&unit.quantize([x, y, z])),
            Self::Rotation(rotation) => put(&rotation.quantize(*numbers)),
            Self::Symbols => {}
        }
    }
}
