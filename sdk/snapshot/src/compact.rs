//! The values of a section in as few bytes as we know how: predicted from the baselines, and what is left through the
//! range coder.
//!
//! One function serves both directions. It knows columns and their kinds, entities only as rows, and nothing of any
//! game. Each section starts with the same models, so that it can be read without any other.

use crate::error::SnapshotError;
use crate::model::{Bit, Expectation, Number, Symbol, length_bits};
use crate::predict::{Motion, SmallestThree};
use crate::range_coder::BinaryCoder;
use crate::schema::{Group, GroupKind, MAX_AXES, SnapshotSchema, Velocity};
use crate::state::SectionState;

/// What the newest baseline and two older ones are to the section's tick: states with the section's rows, and how
/// their motions go on.
#[derive(Clone, Copy)]
pub(crate) struct History<'a> {
    /// The newest first; where there are fewer, the oldest stands in for those that are missing.
    pub(crate) states: [&'a SectionState; 3],
    /// Ticks from the newest to the section.
    pub(crate) age: u32,
    /// How many of the states are others.
    pub(crate) known: usize,
    /// The motions from the second and from the third to the newest.
    pub(crate) motions: [&'a Motion; 2],
}

/// Where the values come from, or go to.
pub(crate) trait Cells {
    fn value(&self, row: usize, column: usize) -> i32;
    fn set(&mut self, row: usize, column: usize, value: i32);
    /// The state's size, entities and shapes.
    fn state(&self) -> &SectionState;
}

impl Cells for &SectionState {
    #[inline]
    fn value(&self, row: usize, column: usize) -> i32 {
        self.columns[column][row]
    }

    #[inline]
    fn set(&mut self, _: usize, _: usize, _: i32) {}

    fn state(&self) -> &SectionState {
        self
    }
}

impl Cells for &mut SectionState {
    #[inline]
    fn value(&self, _: usize, _: usize) -> i32 {
        0
    }

    #[inline]
    fn set(&mut self, row: usize, column: usize, value: i32) {
        self.columns[column][row] = value;
    }

    fn state(&self) -> &SectionState {
        self
    }
}

/// The models of all that is coded.
#[derive(Clone, Debug)]
pub(crate) struct Models {
    rows: [Bit; 64],
    groups: Vec<GroupModels>,
}

#[derive(Clone, Debug)]
struct GroupModels {
    changed: [Bit; 64],
    values: ValueModels,
}

#[derive(Clone, Debug)]
enum ValueModels {
    Numbers { moved: Box<Number>, new: Box<Number> },
    Rotation { moved: Box<Number>, largest: [Bit; 16], second: [Bit; 16] },
    Symbol(Box<Symbol>),
}

impl Models {
    pub(crate) fn new(schema: &SnapshotSchema) -> Self {
        let rows = std::array::from_fn(|context| {
            let (length, older, beside) = (context & 7, context >> 3 & 1 == 1, context >> 4);
            let probability = match length {
                0 if older => 0.1,
                0 => [0.01, 0.03, 0.03, 0.06][beside],
                1 => 0.7,
                2 => 0.85,
                _ => 0.95,
            };
            Bit::new(probability, if length == 0 { 20 } else { 4 })
        });
        let groups = schema.groups().iter().map(|group| {
            let changed = std::array::from_fn(|context| {
                let (length, earlier) = (context & 7, context >> 4);
                let probability = match (length, earlier) {
                    (0, 0) => 0.3,
                    (0, 1) => 0.1,
                    (0, _) => 0.6,
                    (1, _) => 0.8,
                    _ => 0.95,
                };
                Bit::new(probability, 3)
            });
            let values = match group.kind {
                GroupKind::Numbers { .. } => {
                    ValueModels::Numbers { moved: Box::new(Number::new()), new: Box::new(Number::new()) }
                }
                GroupKind::Rotation { .. } => ValueModels::Rotation {
                    moved: Box::new(Number::new()),
                    largest: std::array::from_fn(|gap| Bit::new(0.5 / (1.0 + gap as f64 * gap as f64), 3)),
                    second: [Bit::new(0.1, 3); 16],
                },
                GroupKind::Symbol { .. } => ValueModels::Symbol(Box::new(Symbol::new())),
            };
            GroupModels { changed, values }
        });
        Self { rows, groups: groups.collect() }
    }

    /// Becomes the same as `start`, in the memory that it has.
    pub(crate) fn restart(&mut self, start: &Self) {
        self.rows = start.rows;
        for (ours, start) in self.groups.iter_mut().zip(&start.groups) {
            ours.changed = start.changed;
            match (&mut ours.values, &start.values) {
                (ValueModels::Numbers { moved, new }, ValueModels::Numbers { moved: moved_start, new: new_start }) => {
                    moved.clone_from(moved_start);
                    new.clone_from(new_start);
                }
                (
                    ValueModels::Rotation { moved, largest, second },
                    ValueModels::Rotation { moved: moved_start, largest: largest_start, second: second_start },
                ) => {
                    moved.clone_from(moved_start);
                    *largest = *largest_start;
                    *second = *second_start;
                }
                (ValueModels::Symbol(symbol), ValueModels::Symbol(symbol_start)) => symbol.clone_from(symbol_start),
                (ours, start) => *ours = start.clone(),
            }
        }
    }
}

/// What is worked out for all rows at once, kept for its memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    /// All columns' moves from the second baseline to the newest: the bits of all of them together.
    recent: Vec<u32>,
    /// Whether anything moved from the third to the newest: not 0.
    older: Vec<u32>,
    /// Whether anything moved since the newest; for the encoder.
    now: Vec<u32>,
    /// The values of the last new entity.
    new: Vec<i32>,
}

/// All bits of the differences of two states' rows. The same state twice has none.
fn differences(out: &mut Vec<u32>, one: &SectionState, other: &SectionState) {
    out.clear();
    out.resize(one.len(), 0);
    if std::ptr::eq(one, other) {
        return;
    }
    for (one, other) in one.columns.iter().zip(&other.columns) {
        for ((out, &one), &other) in out.iter_mut().zip(one).zip(other) {
            *out |= one.wrapping_sub(other).unsigned_abs();
        }
    }
}

/// Codes the values of all rows.
pub(crate) fn code<C: BinaryCoder>(
    schema: &SnapshotSchema,
    models: &mut Models,
    activity: &mut Activity,
    coder: &mut C,
    cells: &mut impl Cells,
    history: &History<'_>,
) -> Result<(), SnapshotError> {
    let [newest, second, third] = history.states;
    differences(&mut activity.recent, newest, second);
    differences(&mut activity.older, newest, third);
    if !C::DECODES {
        differences(&mut activity.now, cells.state(), newest);
    }
    activity.new.clear();
    activity.new.resize(schema.columns(), 0);
    let mut before = false;
    for row in 0..cells.state().len() {
        let shape = cells.state().shapes[row];
        let recent = activity.recent[row];
        let next = activity.recent.get(row + 1).is_some_and(|&next| next != 0);
        let context = (u32::BITS - recent.leading_zeros()).min(7) as usize
            | usize::from(activity.older[row] != 0) << 3
            | usize::from(before) << 4
            | usize::from(next) << 5;
        let reshaped = shape != newest.shapes[row];
        let changed = !C::DECODES && (activity.now[row] != 0 || reshaped);
        before = reshaped || coder.bit(&mut models.rows[context], changed);
        if before {
            let mut cursor = Row { row, history, schema, earlier: 0 };
            let mut left = schema.groups().iter().filter(|group| shape.has_index(group.component)).count();
            for (group, models) in schema.groups().iter().zip(&mut models.groups) {
                if !shape.has_index(group.component) {
                    continue;
                }
                left -= 1;
                if newest.shapes[row].has_index(group.component) {
                    cursor.known(group, models, coder, cells, left == 0 && !reshaped)?;
                } else {
                    cursor.new(group, models, coder, cells, &mut activity.new)?;
                }
            }
        }
    }
    Ok(())
}

/// The row that is being coded.
struct Row<'a, 'h> {
    row: usize,
    history: &'a History<'h>,
    schema: &'a SnapshotSchema,
    /// 0 before the first group, 1 when an earlier one has changed, 2 when none has.
    earlier: usize,
}

impl Row<'_, '_> {
    /// A group that the newest baseline has, too.
    #[inline]
    fn known<C: BinaryCoder>(
        &mut self,
        group: &Group,
        models: &mut GroupModels,
        coder: &mut C,
        cells: &mut impl Cells,
        is_last: bool,
    ) -> Result<(), SnapshotError> {
        let [newest, second, third] = self.history.states;
        let columns = group.column..group.column + group.kind.columns();
        let (mut recent, mut older, mut now) = (0, false, false);
        for column in columns.clone() {
            let value = newest.columns[column][self.row];
            recent |= value.wrapping_sub(second.columns[column][self.row]).unsigned_abs();
            older |= value != third.columns[column][self.row];
            now |= !C::DECODES && value != cells.value(self.row, column);
        }
        let context = (u32::BITS - recent.leading_zeros()).min(7) as usize
            | usize::from(older) << 3
            | self.earlier << 4;
        // Something has changed: if nothing else did, this.
        let is_certain = is_last && self.earlier != 1;
        let changed = is_certain || coder.bit(&mut models.changed[context], now);
        if changed {
            self.earlier = 1;
        } else if self.earlier == 0 {
            self.earlier = 2;
        }
        if !changed {
            return Ok(());
        }
        match (&group.kind, &mut models.values) {
            (
                GroupKind::Numbers { axes, bounds, unused_bits, velocity },
                ValueModels::Numbers { moved, .. },
            ) => {
                let mut beside = 0;
                for axis in 0..*axes {
                    let column = group.column + axis;
                    let (lowest, highest) = bounds[axis];
                    let [x1, x2, x3] = self.history.states.map(|state| state.columns[column][self.row]);
                    let wrap = |difference: i32| difference << unused_bits >> unused_bits;
                    let recent = x1.wrapping_sub(wrap(x1.wrapping_sub(x2)));
                    let older = x1.wrapping_sub(wrap(x1.wrapping_sub(x3)));
                    let mut short = self.history.motions[0].number(x1, recent);
                    let mut long = self.history.motions[1].number(x1, older);
                    if let Some(velocity) = velocity {
                        long = short;
                        short = x1.wrapping_add(self.carried(velocity, axis, cells));
                    }
                    let scale = match self.history.known {
                        3 => length_bits(long.wrapping_sub(short)),
                        2 => length_bits(short.wrapping_sub(x1)),
                        _ => 4,
                    };
                    let lean = axis * 3 + if scale < 2 { 0 } else { 1 + usize::from(long > short) };
                    let known = wrap(cells.value(self.row, column).wrapping_sub(short));
                    let residual = moved.code(coder, Expectation { scale, beside, lean }, known);
                    beside = beside.max(1 + length_bits(residual));
                    let mask = ((u32::MAX << unused_bits) >> unused_bits) as i32;
                    let value = short.wrapping_add(residual) & mask;
                    self.store(cells, column, value, lowest, highest)?;
                }
            }
            (GroupKind::Rotation { bits }, ValueModels::Rotation { moved, largest, second }) => {
                let unit = SmallestThree::new(*bits);
                let [q1, q2, q3] = self.history.states.map(|state| {
                    let [largest, a, b, c] =
                        std::array::from_fn(|index| state.columns[group.column + index][self.row]);
                    unit.quaternion(largest as usize, [a, b, c])
                });
                let short = self.history.motions[0].rotation(&q1, &q2);
                let long = self.history.motions[1].rotation(&q1, &q3);
                let (first, next, gap) = short.largest();
                let gap = length_bits(unit.in_steps(gap)).min(15);
                let known: [i32; 4] = std::array::from_fn(|index| cells.value(self.row, group.column + index));
                self.store(cells, group.column, known[0], 0, 3)?;
                let mut place = first;
                if coder.bit(&mut largest[gap], known[0] as usize != first) {
                    place = next;
                    if coder.bit(&mut second[gap], known[0] as usize != next) {
                        // One of the two others.
                        let mut others = (0..4).filter(|&other| other != first && other != next);
                        let (low, high) = (others.next().unwrap_or(0), others.next().unwrap_or(0));
                        place = if coder.direct(u32::from(known[0] as usize == high), 1) == 1 { high } else { low };
                    }
                }
                cells.set(self.row, group.column, place as i32);
                let scale = match self.history.known {
                    3 => length_bits(unit.in_steps(short.apart(&long))),
                    2 => length_bits(unit.in_steps(short.apart(&q1))),
                    _ => 4,
                };
                let mut beside = 0;
                for (index, predicted) in unit.others(&short, place).into_iter().enumerate() {
                    let residual = moved.code(
                        coder,
                        Expectation { scale, beside, lean: 0 },
                        known[1 + index].wrapping_sub(predicted),
                    );
                    beside = beside.max(1 + length_bits(residual));
                    let value = predicted.wrapping_add(residual);
                    self.store(cells, group.column + 1 + index, value, 0, unit.top())?;
                }
            }
            (GroupKind::Symbol { variants, bits }, ValueModels::Symbol(symbol)) => {
                let before = newest.columns[group.column][self.row];
                let known = cells.value(self.row, group.column);
                let value = symbol.code(coder, *bits, before, known);
                let value = if C::DECODES { value } else { known };
                self.store(cells, group.column, value, 0, *variants as i32 - 1)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// How far a velocity carries one of its axes: the mean of what it was and what it is.
    fn carried(&self, velocity: &Velocity, axis: usize, cells: &impl Cells) -> i32 {
        let column = velocity.column + axis;
        let [was, is] =
            [self.history.states[0].columns[column][self.row], cells.state().columns[column][self.row]];
        let doubled = (i64::from(was) + i64::from(is)) * i64::from(self.history.age);
        // Half of it, rounded.
        (doubled.wrapping_mul(velocity.factor).wrapping_add(1 << 16) >> 17) as i32
    }

    /// A group that the newest baseline doesn't have.
    fn new<C: BinaryCoder>(
        &mut self,
        group: &Group,
        models: &mut GroupModels,
        coder: &mut C,
        cells: &mut impl Cells,
        last: &mut [i32],
    ) -> Result<(), SnapshotError> {
        self.earlier = 1;
        match (&group.kind, &mut models.values) {
            (GroupKind::Numbers { axes, bounds, .. }, ValueModels::Numbers { new, .. }) => {
                let mut beside = 0;
                for axis in 0..*axes {
                    let column = group.column + axis;
                    let known = cells.value(self.row, column).wrapping_sub(last[column]);
                    let residual = new.code(coder, Expectation { scale: 9, beside, lean: axis }, known);
                    beside = beside.max(1 + length_bits(residual));
                    last[column] = last[column].wrapping_add(residual);
                    self.store(cells, column, last[column], bounds[axis].0, bounds[axis].1)?;
                }
            }
            (GroupKind::Rotation { bits }, _) => {
                for index in 0..4 {
                    let column = group.column + index;
                    let bits = if index == 0 { 2 } else { *bits };
                    let top = (1 << bits) - 1;
                    let known = cells.value(self.row, column);
                    self.store(cells, column, known, 0, top)?;
                    let value = coder.direct(known as u32, bits) as i32;
                    cells.set(self.row, column, value);
                }
            }
            (GroupKind::Symbol { variants, bits }, ValueModels::Symbol(symbol)) => {
                let known = cells.value(self.row, group.column);
                let value = symbol.code(coder, *bits, last[group.column], known);
                let value = if C::DECODES { value } else { known };
                last[group.column] = value;
                self.store(cells, group.column, value, 0, *variants as i32 - 1)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Sets a value that is within its bounds.
    #[inline]
    fn store(
        &self,
        cells: &mut impl Cells,
        column: usize,
        value: i32,
        lowest: i32,
        highest: i32,
    ) -> Result<(), SnapshotError> {
        if value < lowest || value > highest {
            let entity = cells.state().entities[self.row];
            return Err(self.schema.out_of_range(entity, column, value));
        }
        cells.set(self.row, column, value);
        Ok(())
    }
}

impl GroupKind {
    pub(crate) const fn columns(&self) -> usize {
        match self {
            Self::Numbers { axes, .. } => *axes,
            Self::Rotation { .. } => MAX_AXES,
            Self::Symbol { .. } => 1,
        }
    }
}
