//! The values of a section in little time: what changed, as bits, with one width for all numbers of a field.
//!
//! Blocks of rows and rows that have not changed cost a bit each. In a row that has, a field that has is coded as what
//! differs from where it would have gone on to. One function serves both directions, as in `compact`.

mod bits;

use crate::error::SnapshotError;
use crate::history::{BLOCK, Cells, History, Values, same, store};
use crate::schema::{Group, GroupKind, Numbers, Shape, SnapshotSchema};
use crate::state::four;
pub(crate) use bits::{BitSink, BitSource, PackedBits};

/// The bits that say how wide numbers are: 0 to 32, and with 15 the rest follows.
const WIDTH_BITS: u32 = 4;
const WIDE: u32 = (1 << WIDTH_BITS) - 1;
/// The bits that say how much wider than that.
const REST_BITS: u32 = 5;
/// Bits that are handled at once at most.
const AT_ONCE: u32 = 56;

/// Codes the values of all rows. `changed` is memory to work in.
pub(crate) fn code<B: PackedBits>(
    schema: &SnapshotSchema,
    changed: &mut Vec<bool>,
    bits: &mut B,
    cells: &mut impl Cells,
    history: &History<'_>,
) -> Result<(), SnapshotError> {
    let newest = history.states[0];
    let count = cells.state().len();
    let same_shapes = newest.shapes == cells.state().shapes;
    let blocks = count.div_ceil(BLOCK);
    let rows_of = |block: usize| block * BLOCK..((block + 1) * BLOCK).min(count);
    changed.clear();
    changed.resize(blocks, false);
    for word in (0..blocks).step_by(32) {
        let blocks = word..(word + 32).min(blocks);
        let mut flags = 0;
        if !B::DECODES {
            for block in blocks.clone() {
                flags |= u64::from(!same(cells.state(), newest, &rows_of(block))) << (block - word);
            }
        }
        let flags = bits.take(flags, blocks.len() as u32);
        for block in blocks {
            changed[block] = flags >> (block - word) & 1 == 1;
        }
    }
    let mut coder = Rows { schema, history, last_mask: 0 };
    for (block, &changed) in changed.iter().enumerate() {
        let rows = rows_of(block);
        let reshapes = !same_shapes && newest.shapes[rows.clone()] != cells.state().shapes[rows.clone()];
        if !changed && !reshapes {
            continue;
        }
        let mut flags = 0;
        if !B::DECODES {
            let [now, newest] = [cells.state(), newest].map(|state| state.rows(&rows));
            for (place, (now, newest)) in now.zip(newest).enumerate() {
                flags |= u64::from(now != newest) << place;
            }
        }
        let mut flags = bits.take(flags, rows.len() as u32);
        if reshapes {
            for row in rows.clone() {
                flags |= u64::from(cells.state().shapes[row] != newest.shapes[row]) << (row - rows.start);
            }
        }
        while flags != 0 {
            let row = rows.start + flags.trailing_zeros() as usize;
            flags &= flags - 1;
            let shapes = [cells.state(), newest].map(|state| Shape(state.shapes[row]));
            coder.row(row, shapes, bits, cells)?;
        }
    }
    Ok(())
}

struct Rows<'a, 'h> {
    schema: &'a SnapshotSchema,
    history: &'a History<'h>,
    /// Which groups changed in the last row that did.
    last_mask: u64,
}

impl Rows<'_, '_> {
    #[inline]
    fn row<B: PackedBits>(
        &mut self,
        row: usize,
        [shape, before]: [Shape; 2],
        bits: &mut B,
        cells: &mut impl Cells,
    ) -> Result<(), SnapshotError> {
        let groups = self.schema.groups();
        let [newest, second, _] = self.history.states.map(|state| state.tail(row));
        // Most rows change in the same groups as the row before: one bit, else one for each.
        let mut mask = 0;
        if !B::DECODES {
            let now = cells.state().tail(row);
            for (place, group) in groups.iter().enumerate() {
                let [now, newest] = [now, newest].map(|tail| four(tail, group.column));
                mask |= u64::from(difference(group, &now, &newest) != 0) << (place % 64);
            }
        }
        if bits.take(u64::from(mask != self.last_mask), 1) == 1 {
            for (place, _) in groups.iter().enumerate().take(64).step_by(32) {
                let width = (groups.len() - place).min(32) as u32;
                let part = bits.take(mask >> place & ((1 << width) - 1), width);
                self.last_mask = self.last_mask & !(((1 << width) - 1) << place) | part << place;
            }
        }
        for (place, group) in groups.iter().enumerate().filter(|(_, group)| shape.has_index(group.component))
        {
            if !before.has_index(group.component) {
                self.whole(row, group, bits, cells)?;
            } else if self.last_mask >> (place % 64) & 1 == 1 {
                let known = [newest, second].map(|tail| four(tail, group.column));
                self.known(row, group, bits, cells, known)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn known<B: PackedBits>(
        &self,
        row: usize,
        group: &Group,
        bits: &mut B,
        cells: &mut impl Cells,
        known: [Values; 2],
    ) -> Result<(), SnapshotError> {
        let now = now::<B>(cells, row, group.column);
        let [newest, older] = known;
        match &group.kind {
            GroupKind::Numbers(numbers) => match numbers.axes {
                1 => self.numbers::<B, 1>(row, (numbers, group.column), bits, cells, known),
                2 => self.numbers::<B, 2>(row, (numbers, group.column), bits, cells, known),
                3 => self.numbers::<B, 3>(row, (numbers, group.column), bits, cells, known),
                _ => self.numbers::<B, 4>(row, (numbers, group.column), bits, cells, known),
            },
            GroupKind::Rotation { unit, .. } => {
                let largest = newest[0];
                let now_largest = if bits.take(u64::from(now[0] != largest), 1) == 1 {
                    bits.take(now[0] as u64 & 3, 2) as i32
                } else {
                    largest
                };
                self.store(cells, row, group.column, if B::DECODES { now_largest } else { now[0] }, (0, 3))?;
                let predicted: [i32; 3] = if now_largest != largest {
                    let view = largest as usize & 3;
                    unit.others(&unit.quaternion(newest, view), view, now_largest as usize)
                } else if older[0] == largest {
                    let ahead = |index: usize| {
                        newest[index].wrapping_add(
                            self.history.motions[0].ahead(newest[index].wrapping_sub(older[index])),
                        )
                    };
                    [ahead(1), ahead(2), ahead(3)]
                } else {
                    [newest[1], newest[2], newest[3]]
                };
                let coded =
                    residuals(bits, [0, 1, 2].map(|index| now[1 + index].wrapping_sub(predicted[index])));
                for index in 0..3 {
                    let value = predicted[index].wrapping_add(coded[index]);
                    self.store(cells, row, group.column + 1 + index, value, (0, unit.top()))?;
                }
                Ok(())
            }
            GroupKind::Symbol { .. } => self.whole(row, group, bits, cells),
        }
    }

    /// Numbers on so many axes, which are told at compile time so that they stay in registers.
    #[inline]
    fn numbers<B: PackedBits, const AXES: usize>(
        &self,
        row: usize,
        (numbers, column): (&Numbers, usize),
        bits: &mut B,
        cells: &mut impl Cells,
        [newest, older]: [Values; 2],
    ) -> Result<(), SnapshotError> {
        let now = now::<B>(cells, row, column);
        let predicted: [i32; AXES] = std::array::from_fn(|axis| {
            self.history.prediction(numbers, cells, row, axis, [newest[axis], older[axis]])
        });
        let known = std::array::from_fn(|axis| numbers.shorter(now[axis].wrapping_sub(predicted[axis])));
        let coded = residuals::<B, AXES>(bits, known);
        for axis in 0..AXES {
            let value = numbers.within(predicted[axis].wrapping_add(coded[axis]));
            self.store(cells, row, column + axis, value, numbers.bounds[axis])?;
        }
        Ok(())
    }

    /// A group that stands for itself.
    fn whole<B: PackedBits>(
        &self,
        row: usize,
        group: &Group,
        bits: &mut B,
        cells: &mut impl Cells,
    ) -> Result<(), SnapshotError> {
        let now = now::<B>(cells, row, group.column);
        for (index, &now) in now.iter().enumerate().take(group.kind.columns()) {
            let (lowest, highest) = match &group.kind {
                GroupKind::Numbers(Numbers { bounds, .. }) => bounds[index],
                GroupKind::Rotation { unit, .. } => (0, if index == 0 { 3 } else { unit.top() }),
                GroupKind::Symbol { variants, .. } => (0, *variants as i32 - 1),
            };
            let width = u32::BITS - (highest.wrapping_sub(lowest) as u32).leading_zeros();
            let mask = (1_u64 << width) - 1;
            let coded = bits.take(u64::from(now.wrapping_sub(lowest) as u32) & mask, width) as u32 as i32;
            let value = if B::DECODES { coded.wrapping_add(lowest) } else { now };
            self.store(cells, row, group.column + index, value, (lowest, highest))?;
        }
        Ok(())
    }

    #[inline]
    fn store(
        &self,
        cells: &mut impl Cells,
        row: usize,
        column: usize,
        value: i32,
        bounds: (i32, i32),
    ) -> Result<(), SnapshotError> {
        store(self.schema, cells, row, column, value, bounds)
    }
}

/// What is to be encoded, from a column on.
#[inline]
fn now<B: PackedBits>(cells: &impl Cells, row: usize, column: usize) -> Values {
    if B::DECODES { [0; 4] } else { four(cells.state().tail(row), column) }
}

/// All bits in which a group differs.
#[inline]
fn difference(group: &Group, one: &Values, other: &Values) -> i32 {
    let part = |place: usize| (one[place] ^ other[place]) & group.mask[place];
    part(0) | part(1) | part(2) | part(3)
}

/// Codes differences of numbers, zig-zag, all in the width that the widest needs.
#[inline]
fn residuals<B: PackedBits, const COUNT: usize>(bits: &mut B, known: [i32; COUNT]) -> [i32; COUNT] {
    let known = known.map(|value| (value << 1 ^ value >> 31) as u32);
    let widest = known.iter().fold(0, |all, known| all | known);
    let known_width = u32::BITS - widest.leading_zeros();
    let mut width = bits.take(known_width.min(WIDE).into(), WIDTH_BITS) as u32;
    if width == WIDE {
        let rest = known_width.wrapping_sub(WIDE) & ((1 << REST_BITS) - 1);
        width = (WIDE + bits.take(rest.into(), REST_BITS) as u32).min(u32::BITS);
    }
    let mask = (1_u64 << width) - 1;
    let unfold = |coded: u64| (coded as u32 >> 1) as i32 ^ -(coded as i32 & 1);
    if width * COUNT as u32 <= AT_ONCE {
        let all = known.iter().rev().fold(0, |all, &known| all << width | u64::from(known));
        let all = bits.take(all, width * COUNT as u32);
        std::array::from_fn(|place| unfold(all >> (width * place as u32) & mask))
    } else {
        known.map(|known| unfold(bits.take(known.into(), width)))
    }
}
