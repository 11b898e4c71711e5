//! The values of a section in as few bytes as we know how: predicted from the baselines, and what is left through the
//! range coder.
//!
//! One function serves both directions. It knows columns and their kinds, entities only as rows, and nothing of any
//! game. Each section starts with the same models, so that it can be read without any other.

use crate::error::SnapshotError;
use crate::model::{Bit, Expectation, Number, Symbol, length_bits};
use crate::predict::{Motion, PLACES};
use crate::range_coder::BinaryCoder;
use crate::schema::{Group, GroupKind, MAX_AXES, Shape, SnapshotSchema, Velocity};
use crate::state::SectionState;
use netcord_wire::NetEntity;
use std::ops::Range;

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
    /// The values of a row; of no meaning where they are yet to be decoded.
    fn row(&self, row: usize) -> &[i32];
    fn set(&mut self, row: usize, column: usize, value: i32);
    /// The state's entities and shapes.
    fn state(&self) -> &SectionState;
}

impl Cells for &SectionState {
    #[inline]
    fn row(&self, row: usize) -> &[i32] {
        SectionState::row(self, row)
    }

    #[inline]
    fn set(&mut self, _: usize, _: usize, _: i32) {}

    fn state(&self) -> &SectionState {
        self
    }
}

impl Cells for &mut SectionState {
    #[inline]
    fn row(&self, row: usize) -> &[i32] {
        SectionState::row(self, row)
    }

    #[inline]
    fn set(&mut self, row: usize, column: usize, value: i32) {
        self.row_mut(row)[column] = value;
    }

    fn state(&self) -> &SectionState {
        self
    }
}

/// The models of all that is coded.
#[derive(Clone, Debug)]
pub(crate) struct Models {
    /// Whether anything changes in rows where nothing has; by whether the row before them did.
    blocks: [Bit; 2],
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
                0 if older => 0.25,
                0 => [0.004, 0.01, 0.01, 0.03][beside],
                1 => 0.65,
                2 => 0.95,
                _ => 0.98,
            };
            Bit::new(probability, if length == 0 { 20 } else { 4 })
        });
        let groups = schema.groups().iter().map(|group| {
            let changed = std::array::from_fn(|context| {
                let (length, earlier) = (context & 7, context >> 4);
                let probability = match (&group.kind, length, earlier) {
                    (GroupKind::Symbol { .. }, _, 0 | 1) => 0.05,
                    (_, 0, 1) => 0.2,
                    (_, 0, _) => 0.6,
                    (_, 1, _) => 0.8,
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
                    largest: std::array::from_fn(|context| Bit::new(MISJUDGED[context.min(8)], 3)),
                    second: [Bit::new(0.1, 3); 16],
                },
                GroupKind::Symbol { .. } => ValueModels::Symbol(Box::new(Symbol::new())),
            };
            GroupModels { changed, values }
        });
        Self { blocks: [Bit::new(0.03, 6), Bit::new(0.06, 6)], rows, groups: groups.collect() }
    }

    /// Becomes the same as `start`, in the memory that it has.
    pub(crate) fn restart(&mut self, start: &Self) {
        (self.blocks, self.rows) = (start.blocks, start.rows);
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

/// So many rows in which nothing has changed lately are passed over with one bit.
const BLOCK: usize = 8;

/// How often the largest component is not the predicted one, when the next comes close: by how many bits the gap is longer
/// than what the prediction is likely to be wrong by, and 4.
const MISJUDGED: [f64; 9] = [0.45, 0.45, 0.43, 0.4, 0.3, 0.15, 0.05, 0.01, 0.003];

/// Whether two states have the same values in some rows.
#[inline]
fn same(one: &SectionState, other: &SectionState, rows: &Range<usize>) -> bool {
    let values = rows.start * one.columns..rows.end * one.columns;
    std::ptr::eq(one, other) || one.values[values.clone()] == other.values[values]
}

/// By how many bits any of two rows' values differ, at most 7: 0 for rows that are the same.
#[inline]
fn difference(one: &[i32], other: &[i32]) -> usize {
    let all = one.iter().zip(other).fold(0, |all, (&one, &other)| all | one.wrapping_sub(other).unsigned_abs());
    (u32::BITS - all.leading_zeros()).min(7) as usize
}

/// Codes the values of all rows. `last_new` is memory to work in.
pub(crate) fn code<C: BinaryCoder>(
    schema: &SnapshotSchema,
    models: &mut Models,
    last_new: &mut Vec<i32>,
    coder: &mut C,
    cells: &mut impl Cells,
    history: &History<'_>,
) -> Result<(), SnapshotError> {
    let [newest, second, third] = history.states;
    last_new.clear();
    last_new.resize(schema.columns(), 0);
    let mut before = false;
    let count = cells.state().len();
    for start in (0..count).step_by(BLOCK) {
        let rows = start..(start + BLOCK).min(count);
        let rested = same(newest, second, &rows)
            && same(newest, third, &rows)
            && newest.shapes[rows.clone()] == cells.state().shapes[rows.clone()];
        if rested {
            let wakes = !C::DECODES && !same(cells.state(), newest, &rows);
            if !coder.bit(&mut models.blocks[usize::from(before)], wakes) {
                before = false;
                continue;
            }
        }
        let mut recent = difference(newest.row(start), second.row(start));
        for row in rows {
            let next = if row + 1 < count { difference(newest.row(row + 1), second.row(row + 1)) } else { 0 };
            let older = newest.row(row) != third.row(row);
            let context =
                recent | usize::from(older) << 3 | usize::from(before) << 4 | usize::from(next != 0) << 5;
            let shape = Shape(cells.state().shapes[row]);
            let reshaped = shape.0 != newest.shapes[row];
            let changed = !C::DECODES && cells.row(row) != newest.row(row);
            before = reshaped || coder.bit(&mut models.rows[context], changed);
            if before {
                let known = [newest, second, third].map(|state| state.row(row));
                let mut row = Row { row, known, history, schema, earlier: 0 };
                row.code(shape, Shape(newest.shapes[row.row]), models, coder, cells, last_new)?;
            }
            recent = next;
        }
    }
    Ok(())
}

/// The row that is being coded.
struct Row<'a, 'h> {
    row: usize,
    /// Its values in the baselines.
    known: [&'a [i32]; 3],
    history: &'a History<'h>,
    schema: &'a SnapshotSchema,
    /// 0 before the first group, 1 when an earlier one has changed, 2 when none has.
    earlier: usize,
}

impl Row<'_, '_> {
    /// All groups of a row that was of shape `before`.
    #[inline]
    fn code<C: BinaryCoder>(
        &mut self,
        shape: Shape,
        before: Shape,
        models: &mut Models,
        coder: &mut C,
        cells: &mut impl Cells,
        last_new: &mut [i32],
    ) -> Result<(), SnapshotError> {
        let has = |group: &&Group| shape.has_index(group.component);
        let last = self.schema.groups().iter().rposition(|group| has(&group)).unwrap_or(0);
        for (place, (group, models)) in self.schema.groups().iter().zip(&mut models.groups).enumerate() {
            if !has(&group) {
                continue;
            }
            if before.has_index(group.component) {
                self.known(group, models, coder, cells, place == last && shape == before)?;
            } else {
                self.new(group, models, coder, cells, last_new)?;
            }
        }
        Ok(())
    }

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
        let columns = group.column..group.column + group.kind.columns();
        let [newest, second, third] = self.known.map(|known| &known[columns.clone()]);
        let older = newest != third;
        let context = difference(newest, second) | usize::from(older) << 3 | self.earlier << 4;
        let now = !C::DECODES && cells.row(self.row)[columns.clone()] != *newest;
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
                    let [x1, x2, x3] = self.known.map(|known| known[column]);
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
                    let known = wrap(cells.row(self.row)[column].wrapping_sub(short));
                    let residual = moved.code(coder, Expectation { scale, beside, lean: Some(lean) }, known);
                    beside = beside.max(1 + length_bits(residual));
                    let mask = ((u32::MAX << unused_bits) >> unused_bits) as i32;
                    let value = short.wrapping_add(residual) & mask;
                    self.store(cells, column, value, lowest, highest)?;
                }
            }
            (GroupKind::Rotation { unit, .. }, ValueModels::Rotation { moved, largest, second: other }) => {
                let [q1, q2, q3] =
                    [newest, second, third].map(|known| [known[0], known[1], known[2], known[3]]);
                // All as seen from the largest component of the newest.
                let view = q1[0] as usize & 3;
                let [q1, q2, q3] = [q1, q2, q3].map(|q| unit.quaternion(q, view));
                let short = self.history.motions[0].rotation(&q1, &q2);
                let long = self.history.motions[1].rotation(&q1, &q3);
                let scale = match self.history.known {
                    3 => length_bits(unit.in_steps(short.apart(&long))),
                    2 => length_bits(unit.in_steps(short.apart(&q1))),
                    _ => 4,
                };
                let (first, next, gap) = short.largest();
                let [first, next] = [first, next].map(|place| PLACES[view][place]);
                let gap = (length_bits(unit.in_steps(gap)) + 4).saturating_sub(scale).min(15);
                let now = &cells.row(self.row)[columns];
                let known = [now[0], now[1], now[2], now[3]];
                self.store(cells, group.column, known[0], 0, 3)?;
                let mut place = first;
                if coder.bit(&mut largest[gap], known[0] as usize != first) {
                    place = next;
                    if coder.bit(&mut other[gap], known[0] as usize != next) {
                        // One of the two others.
                        let mut others = (0..4).filter(|&other| other != first && other != next);
                        let (low, high) = (others.next().unwrap_or(0), others.next().unwrap_or(0));
                        place = if coder.direct(u32::from(known[0] as usize == high), 1) == 1 { high } else { low };
                    }
                }
                cells.set(self.row, group.column, place as i32);
                let mut beside = 0;
                for (index, predicted) in unit.others(&short, view, place).into_iter().enumerate() {
                    let residual = moved.code(
                        coder,
                        Expectation { scale, beside, lean: None },
                        known[1 + index].wrapping_sub(predicted),
                    );
                    beside = beside.max(1 + length_bits(residual));
                    let value = predicted.wrapping_add(residual);
                    self.store(cells, group.column + 1 + index, value, 0, unit.top())?;
                }
            }
            (GroupKind::Symbol { variants, bits }, ValueModels::Symbol(symbol)) => {
                let before = newest[0];
                let known = cells.row(self.row)[group.column];
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
            [self.known[0][column], cells.row(self.row)[column]];
        let doubled =
            (i64::from(was) + i64::from(is) - 2 * i64::from(velocity.rest)) * i64::from(self.history.age);
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
                    let known = cells.row(self.row)[column].wrapping_sub(last[column]);
                    let residual = new.code(coder, Expectation { scale: 9, beside, lean: Some(axis) }, known);
                    beside = beside.max(1 + length_bits(residual));
                    last[column] = last[column].wrapping_add(residual);
                    self.store(cells, column, last[column], bounds[axis].0, bounds[axis].1)?;
                }
            }
            (GroupKind::Rotation { bits, .. }, _) => {
                for index in 0..4 {
                    let column = group.column + index;
                    let bits = if index == 0 { 2 } else { *bits };
                    let top = (1 << bits) - 1;
                    let known = cells.row(self.row)[column];
                    self.store(cells, column, known, 0, top)?;
                    let value = coder.direct(known as u32, bits) as i32;
                    cells.set(self.row, column, value);
                }
            }
            (GroupKind::Symbol { variants, bits }, ValueModels::Symbol(symbol)) => {
                let known = cells.row(self.row)[group.column];
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
            let entity = NetEntity(cells.state().entities[self.row]);
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
