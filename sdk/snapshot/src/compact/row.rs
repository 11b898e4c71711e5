//! One row: which of its fields changed, and their values.

use super::models::{GroupModels, Models, ValueModels};
use crate::error::SnapshotError;
use crate::history::{Cells, History, store};
use crate::model::{Bit, Expectation, Number, bit_length, length_bits};
use crate::predict::PLACES;
use crate::range_coder::BinaryCoder;
use crate::schema::{Group, GroupKind, Numbers, Shape, SnapshotSchema};
use crate::state::{Four, four};

/// The row that is being coded.
pub(super) struct Row<'a, 'h> {
    pub(super) row: usize,
    /// It and what follows it in the baselines.
    pub(super) known: [&'a [i32]; 3],
    pub(super) history: &'a History<'h>,
    pub(super) schema: &'a SnapshotSchema,
    /// 0 before the first group, 1 when an earlier one has changed, 2 when none has.
    pub(super) earlier: usize,
}

impl Row<'_, '_> {
    /// All groups of a row that was of shape `before`.
    #[inline]
    pub(super) fn code<C: BinaryCoder>(
        &mut self,
        shape: Shape,
        before: Shape,
        models: &mut Models,
        coder: &mut C,
        cells: &mut impl Cells,
        last_new: &mut [i32],
    ) -> Result<(), SnapshotError> {
        let groups = self.schema.groups();
        let last = groups.iter().rposition(|group| shape.has_index(group.component)).unwrap_or(0);
        for (place, (group, models)) in groups.iter().zip(&mut models.groups).enumerate() {
            if !shape.has_index(group.component) {
                continue;
            }
            if before.has_index(group.component) {
                // Something has changed: if nothing else did, the last.
                let is_certain = place == last && self.earlier != 1 && shape == before;
                self.known(group, models, coder, cells, is_certain)?;
            } else {
                self.unknown(group, models, coder, cells, last_new)?;
                self.earlier = 1;
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
        is_certain: bool,
    ) -> Result<(), SnapshotError> {
        let known = self.known.map(|tail| four(tail, group.column));
        let now = if C::DECODES { [0; 4] } else { four(cells.state().tail(self.row), group.column) };
        let difference = |one: &Four, other: &Four| {
            let part =
                |place: usize| (one[place].wrapping_sub(other[place]) & group.mask[place]).unsigned_abs();
            part(0) | part(1) | part(2) | part(3)
        };
        let recent = bit_length(difference(&known[0], &known[1])).min(7);
        let context = recent | self.earlier << 3;
        let differs = !C::DECODES && difference(&known[0], &now) != 0;
        if !is_certain && !coder.bit(&mut models.changed[context], differs) {
            self.earlier = if self.earlier == 1 { 1 } else { 2 };
            return Ok(());
        }
        self.earlier = 1;
        match (&group.kind, &mut models.values) {
            (GroupKind::Numbers(numbers), ValueModels::Numbers { moved, .. }) => {
                let group = (numbers, group.column);
                match numbers.axes {
                    1 => self.numbers::<C, 1>(group, moved, coder, cells, known, now),
                    2 => self.numbers::<C, 2>(group, moved, coder, cells, known, now),
                    3 => self.numbers::<C, 3>(group, moved, coder, cells, known, now),
                    _ => self.numbers::<C, 4>(group, moved, coder, cells, known, now),
                }
            }
            (GroupKind::Rotation { unit, .. }, ValueModels::Rotation { moved, largest, second }) => {
                let [q1, q2, q3] = known;
                // All as seen from the largest component of the newest.
                let view = q1[0] as usize & 3;
                let [q1, q2, q3] = [q1, q2, q3].map(|known| unit.quaternion(known, view));
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
                let place = code_largest(
                    coder,
                    [&mut largest[gap], &mut second[gap]],
                    [first, next],
                    now[0] as usize,
                );
                let largest = if C::DECODES { place as i32 } else { now[0] };
                self.store(cells, group.column, largest, (0, 3))?;
                let mut beside = 0;
                let predicted = unit.others(&short, view, place);
                for (index, predicted) in predicted.into_iter().enumerate() {
                    let known = now[1 + index].wrapping_sub(predicted);
                    let residual = moved.code(coder, Expectation { scale, beside }, known);
                    beside = beside.max(1 + length_bits(residual));
                    self.store(
                        cells,
                        group.column + 1 + index,
                        predicted.wrapping_add(residual),
                        (0, unit.top()),
                    )?;
                }
                Ok(())
            }
            (GroupKind::Symbol { variants, bits }, ValueModels::Symbol(symbol)) => {
                let value = symbol.code(coder, *bits, known[0][0], now[0]);
                let value = if C::DECODES { value } else { now[0] };
                self.store(cells, group.column, value, (0, *variants as i32 - 1))
            }
            _ => Ok(()),
        }
    }

    /// Numbers on so many axes, which are told at compile time so that they stay in registers.
    #[inline]
    fn numbers<C: BinaryCoder, const AXES: usize>(
        &self,
        (numbers, column): (&Numbers, usize),
        models: &mut Number,
        coder: &mut C,
        cells: &mut impl Cells,
        known: [Four; 3],
        now: Four,
    ) -> Result<(), SnapshotError> {
        // What wraps has one axis.
        let shorter = |difference| if AXES == 1 { numbers.shorter(difference) } else { difference };
        let within = |sum| if AXES == 1 { numbers.within(sum) } else { sum };
        let [short, long] = self.history.motions;
        let mut beside = 0;
        for axis in 0..AXES {
            let [x1, x2, x3] = known.map(|known| known[axis]);
            // By its velocity if it has one, else as it went on so far; by how much another way to predict differs, says
            // how far this one may be off.
            let went_on = short.ahead(shorter(x1.wrapping_sub(x2)));
            let (moved, other) = match &numbers.velocity {
                None => (went_on, long.ahead(shorter(x1.wrapping_sub(x3)))),
                Some(velocity) => {
                    let states = [self.history.states[0], cells.state()];
                    let velocities = states.map(|state| state.row(self.row)[velocity.column + axis]);
                    (self.history.driven(velocity, velocities), went_on)
                }
            };
            let predicted = x1.wrapping_add(moved);
            let apart = other.wrapping_sub(moved);
            let scale = match self.history.known {
                3 => length_bits(apart),
                2 => length_bits(predicted.wrapping_sub(x1)),
                _ => 4,
            };
            let known = shorter(now[axis].wrapping_sub(predicted));
            let residual = models.code(coder, Expectation { scale, beside }, known);
            beside = beside.max(1 + length_bits(residual));
            let value = if C::DECODES { within(predicted.wrapping_add(residual)) } else { now[axis] };
            self.store(cells, column + axis, value, numbers.bounds[axis])?;
        }
        Ok(())
    }

    /// A group that the newest baseline doesn't have: as what differs from the last such.
    fn unknown<C: BinaryCoder>(
        &self,
        group: &Group,
        models: &mut GroupModels,
        coder: &mut C,
        cells: &mut impl Cells,
        last: &mut [i32],
    ) -> Result<(), SnapshotError> {
        let now = if C::DECODES { [0; 4] } else { four(cells.state().tail(self.row), group.column) };
        let last = &mut last[group.column..][..group.kind.columns()];
        match (&group.kind, &mut models.values) {
            (GroupKind::Numbers(numbers), ValueModels::Numbers { new, new_learned, .. }) => {
                *new_learned = true;
                let mut beside = 0;
                for (axis, last) in last.iter_mut().enumerate() {
                    let known = now[axis].wrapping_sub(*last);
                    let residual = new.code(coder, Expectation { scale: 9, beside }, known);
                    beside = beside.max(1 + length_bits(residual));
                    *last = last.wrapping_add(residual);
                    self.store(cells, group.column + axis, *last, numbers.bounds[axis])?;
                }
            }
            (GroupKind::Rotation { unit, bits }, _) => {
                for (index, &known) in now.iter().enumerate() {
                    let (bits, top) = if index == 0 { (2, 3) } else { (*bits, unit.top()) };
                    let value = coder.direct(known as u32 & top as u32, bits) as i32;
                    let value = if C::DECODES { value } else { known };
                    self.store(cells, group.column + index, value, (0, top))?;
                }
            }
            (GroupKind::Symbol { variants, bits }, ValueModels::Symbol(symbol)) => {
                let value = symbol.code(coder, *bits, last[0], now[0]);
                last[0] = if C::DECODES { value } else { now[0] };
                self.store(cells, group.column, last[0], (0, *variants as i32 - 1))?;
            }
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn store(
        &self,
        cells: &mut impl Cells,
        column: usize,
        value: i32,
        bounds: (i32, i32),
    ) -> Result<(), SnapshotError> {
        store(self.schema, cells, self.row, column, value, bounds)
    }
}

/// Codes which component of a rotation is the largest, of which the two likeliest are known.
#[inline]
fn code_largest<C: BinaryCoder>(
    coder: &mut C,
    [is_other, is_third]: [&mut Bit; 2],
    [first, next]: [usize; 2],
    known: usize,
) -> usize {
    if !coder.bit(is_other, known != first) {
        return first;
    }
    if !coder.bit(is_third, known != next) {
        return next;
    }
    let mut others = (0..4).filter(|&place| place != first && place != next);
    let (low, high) = (others.next().unwrap_or(0), others.next().unwrap_or(0));
    if coder.direct(u32::from(known == high), 1) == 1 { high } else { low }
}
