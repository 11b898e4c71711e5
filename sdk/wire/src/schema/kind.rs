//! What the numbers of a field mean, and the columns of integers that they take.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::TAU;
use core::fmt;
use serde::{Deserialize, Serialize};

/// What a field is, and how it is quantised (STANDARD.md, section 2.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FieldKind {
    /// A whole number of which nothing more is known: shown for hashes and reports, not sent.
    Plain,
    /// Numbers between bounds, of which each axis has its own: [`RangeQuantizer`](crate::RangeQuantizer).
    Range {
        /// The lower and the upper bound of each axis.
        axes: Vec<(f64, f64)>,
        /// The size of a step, on all axes.
        step: f64,
    },
    /// Numbers without bounds: [`StepQuantizer`](crate::StepQuantizer), within `i32`.
    Steps {
        /// How many numbers there are.
        axes: u8,
        /// The size of a step.
        step: f64,
    },
    /// A whole number between bounds: [`IntegerQuantizer`](crate::IntegerQuantizer).
    Integer {
        /// The lower bound.
        min: i64,
        /// The upper bound.
        max: i64,
    },
    /// Any 64 bits: the lower half, then the upper.
    Word,
    /// An angle: [`AngleQuantizer`](crate::AngleQuantizer).
    Angle {
        /// The bits that it takes.
        bits: u32,
    },
    /// A direction in the plane: [`DirectionQuantizer`](crate::DirectionQuantizer).
    Direction {
        /// The bits that it takes.
        bits: u32,
    },
    /// A direction in space: [`UnitVectorQuantizer`](crate::UnitVectorQuantizer).
    UnitVector {
        /// The bits of each of its two numbers.
        bits: u32,
    },
    /// A unit quaternion: [`RotationQuantizer`](crate::RotationQuantizer).
    Rotation {
        /// The bits of each of its three smallest components.
        bits: u32,
    },
    /// A counter that wraps: [`CounterQuantizer`](crate::CounterQuantizer).
    Counter {
        /// The bits that it takes.
        bits: u32,
    },
    /// True or false.
    Flag,
    /// One of these variants, by its place.
    Variants(Vec<Cow<'static, str>>),
    /// A text. It takes no column; it is sent whole, when it changes.
    Text {
        /// The most bytes that it has.
        max: u32,
    },
    /// Bytes that only the game understands. They take no column; they are sent whole, when they change.
    Bytes {
        /// The most bytes that there are.
        max: u32,
    },
}

/// Columns as whoever codes them sees them: how they move, not what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Numbers that move together: a column each, from 0 to the top that stands here, which is at most 2^31 - 1.
    Range(Vec<u32>),
    /// The same without bounds: so many columns, of any `i32`.
    Steps(usize),
    /// One column of n bits, of which the highest is followed by 0.
    Wrapping(u32),
    /// A rotation of n bits a component: four columns, as [`RotationQuantizer`](crate::RotationQuantizer) has them.
    Rotation(u32),
    /// One column, of one of so many symbols that are no numbers, at most 256.
    Symbol(u32),
}

impl FieldKind {
    /// One of variants of these names.
    pub fn variants(names: &[&'static str]) -> Self {
        Self::Variants(names.iter().map(|&name| name.into()).collect())
    }

    /// The columns that it takes; `None` for what has none.
    pub fn column_kind(&self) -> Option<ColumnKind> {
        Some(match self {
            Self::Plain | Self::Text { .. } | Self::Bytes { .. } => return None,
            Self::Range { axes, step } => ColumnKind::Range(
                axes.iter().map(|(min, max)| crate::quantize::top(*min, *max, *step)).collect(),
            ),
            Self::Steps { axes, .. } => ColumnKind::Steps((*axes).into()),
            Self::Integer { min, max } => match i32::try_from(max.abs_diff(*min)) {
                Ok(top) => ColumnKind::Range(vec![top.unsigned_abs()]),
                Err(_) => ColumnKind::Steps(1),
            },
            Self::Word => ColumnKind::Steps(2),
            Self::Angle { bits } | Self::Direction { bits } | Self::Counter { bits } => {
                ColumnKind::Wrapping(*bits)
            }
            Self::UnitVector { bits } => {
                let top = 1_u32.checked_shl(*bits).unwrap_or_default().saturating_sub(2);
                ColumnKind::Range(vec![top; 2])
            }
            Self::Rotation { bits } => ColumnKind::Rotation(*bits),
            Self::Flag => ColumnKind::Symbol(2),
            Self::Variants(names) => match u32::try_from(names.len()) {
                Ok(variants @ ..=256) => ColumnKind::Symbol(variants),
                other => ColumnKind::Range(vec![other.unwrap_or(u32::MAX) - 1]),
            },
        })
    }

    /// How many columns it takes.
    pub fn columns(&self) -> usize {
        match self {
            Self::Plain | Self::Text { .. } | Self::Bytes { .. } => 0,
            Self::Range { axes, .. } => axes.len(),
            Self::Steps { axes, .. } => (*axes).into(),
            Self::Word | Self::UnitVector { .. } => 2,
            Self::Rotation { .. } => 4,
            Self::Integer { .. }
            | Self::Angle { .. }
            | Self::Direction { .. }
            | Self::Counter { .. }
            | Self::Flag
            | Self::Variants(_) => 1,
        }
    }

    /// Whether it is a text or bytes, sent beside the columns.
    pub fn is_blob(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Bytes { .. })
    }

    /// The size of a step and, for each axis, the column's value of 0, if it is a number that can stand still.
    pub(super) fn motion(&self) -> Option<(f64, Vec<i32>)> {
        let rest = |min: f64, step: f64| (-min / step + 0.5) as i32;
        match self {
            Self::Range { axes, step } => {
                Some((*step, axes.iter().map(|(min, _)| rest(*min, *step)).collect()))
            }
            Self::Steps { axes, step } => Some((*step, vec![0; (*axes).into()])),
            Self::Integer { min, .. } => match self.column_kind() {
                Some(ColumnKind::Range(_)) => Some((1.0, vec![min.saturating_neg().try_into().ok()?])),
                _ => Some((1.0, vec![0])),
            },
            _ => None,
        }
    }

    /// The size of a step and how many axes there are, if a velocity can move it. An angle is moved in radians.
    pub(super) fn moved(&self) -> Option<(f64, usize)> {
        match self {
            Self::Angle { bits } | Self::Direction { bits } => {
                Some((TAU / (1_u64.checked_shl(*bits)? as f64), 1))
            }
            _ => self.motion().map(|(step, rests)| (step, rests.len())),
        }
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => write!(f, "a plain number"),
            Self::Range { axes, step } => {
                let same = axes.iter().all(|axis| Some(axis) == axes.first());
                for (place, (min, max)) in axes.iter().take(if same { 1 } else { axes.len() }).enumerate() {
                    write!(f, "{}{min}..{max}", if place == 0 { "range " } else { ", " })?;
                }
                write!(f, " in steps of {step}")?;
                write_axes(f, if same { axes.len() } else { 1 })
            }
            Self::Steps { axes, step } => {
                write!(f, "steps of {step}")?;
                write_axes(f, (*axes).into())
            }
            Self::Integer { min, max } => write!(f, "integer {min}..{max}"),
            Self::Word => write!(f, "64 bits"),
            Self::Angle { bits } => write!(f, "angle of {bits} bits"),
            Self::Direction { bits } => write!(f, "direction of {bits} bits"),
            Self::UnitVector { bits } => write!(f, "unit vector of {bits} bits each"),
            Self::Rotation { bits } => write!(f, "rotation of {bits} bits each"),
            Self::Counter { bits } => write!(f, "counter of {bits} bits"),
            Self::Flag => write!(f, "flag"),
            Self::Variants(names) => write!(f, "one of {}", names.join(", ")),
            Self::Text { max } => write!(f, "text of at most {max} bytes"),
            Self::Bytes { max } => write!(f, "at most {max} bytes"),
        }
    }
}

fn write_axes(f: &mut fmt::Formatter<'_>, axes: usize) -> fmt::Result {
    if axes == 1 { Ok(()) } else { write!(f, " on {axes} axes") }
}
