//! The values of a section in little time: what changed, as bits, with one width for all numbers of a field.
//!
//! Everything is done column by column: which rows changed, then field by field which of them it changed in, then by
//! how much. So what a field is, is decided once and not for each row, and the loops have no branches but those that
//! can be foreseen. It knows the newest baseline alone. One function serves both directions, as in `compact`.

mod bitmap;

use crate::bits::PackedBits;
use crate::error::SnapshotError;
use crate::history::{BLOCK, Cells, History, Table, differs};
use crate::model::bit_length;
use crate::schema::{Group, GroupKind, MAX_AXES, Numbers, SnapshotSchema};
use crate::state::Four;
use bitmap::Bitmap;
use netcord_wire::NetEntity;

/// The bits that say how wide numbers are: 0 to 32, and with 15 the rest follows.
const WIDTH_BITS: u32 = 4;
const WIDE: u32 = (1 << WIDTH_BITS) - 1;
/// The bits that say how much wider than that.
const REST_BITS: u32 = 5;
/// Bits that are handled at once at most.
const AT_ONCE: u32 = 56;

/// Memory to work in: lists of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspace {
    bitmap: Bitmap,
    /// Those in which something changed.
    rows: Vec<u32>,
    /// Those of them that have a component which they had in the newest baseline, too.
    known: Vec<u32>,
    /// Those that have it now.
    new: Vec<u32>,
    /// Those of the known in which a field changed.
    changed: Vec<u32>,
    /// Those of the changed whose rotation has another largest component, and all others.
    flipped: Vec<u32>,
    turned: Vec<u32>,
}

/// Codes the values of all rows.
pub(crate) fn code<B: PackedBits>(
    schema: &SnapshotSchema,
    workspace: &mut Workspace,
    bits: B,
    cells: &mut impl Cells,
    history: &History<'_>,
) -> Result<B, SnapshotError> {
    let Workspace { bitmap, rows, known, new, changed, flipped, turned } = workspace;
    let mut bits = code_rows(bitmap, bits, cells, history);
    bitmap.select(|place| place as u32, true, rows);
    let mut component = None;
    for group in schema.groups() {
        if component != Some(group.component) {
            component = Some(group.component);
            split(rows, group.component, [&cells.state().shapes, &history.states[0].shapes], known, new);
        }
        let coder = Coder::new(schema, group, history);
        bits = coder.code_changed(bitmap, known, &group.mask, bits, cells);
        bitmap.select(|place| known[place], true, changed);
        match &group.kind {
            GroupKind::Numbers(numbers) => {
                bits = match numbers.axes {
                    1 => coder.numbers::<B, 1>(numbers, changed, bits, cells)?,
                    2 => coder.numbers::<B, 2>(numbers, changed, bits, cells)?,
                    3 => coder.numbers::<B, 3>(numbers, changed, bits, cells)?,
                    _ => coder.numbers::<B, 4>(numbers, changed, bits, cells)?,
                }
            }
            GroupKind::Rotation { .. } => {
                // With another largest component none of the others is like what it was.
                bits = coder.code_changed(bitmap, changed, &[-1, 0, 0, 0], bits, cells);
                bitmap.select(|place| changed[place], true, flipped);
                bitmap.select(|place| changed[place], false, turned);
                bits = coder.moved::<B, 3>(1, turned, bits, cells, |_, _| [0; 3])?;
                bits = coder.whole(flipped, bits, cells)?;
            }
            GroupKind::Symbol { .. } => bits = coder.whole(changed, bits, cells)?,
        }
        bits = coder.whole(new, bits, cells)?;
    }
    Ok(bits)
}

/// Codes which rows changed, but for those that have a component that they hadn't.
fn code_rows<B: PackedBits>(bitmap: &mut Bitmap, bits: B, cells: &impl Cells, history: &History<'_>) -> B {
    let (state, newest) = (cells.state(), history.states[0]);
    let count = state.len();
    let same_shapes = history.same_shapes || newest.shapes == state.shapes;
    let grew = |row: usize| state.shapes[row] & !newest.shapes[row] != 0;
    bitmap.clear(count);
    if !B::DECODES {
        let fours = state.stride() / 4;
        let blocks = state.blocks(BLOCK).zip(newest.blocks(BLOCK)).enumerate();
        for (block, (now, newest)) in blocks.filter(|(_, (now, newest))| now != newest) {
            let mut flags = 0;
            for (place, (now, newest)) in now.chunks_exact(fours).zip(newest.chunks_exact(fours)).enumerate()
            {
                flags |= u64::from(differs(now, newest)) << place;
            }
            let start = BLOCK * block;
            for row in (start..count.min(start + BLOCK)).filter(|&row| !same_shapes && grew(row)) {
                flags &= !(1 << (row - start));
            }
            bitmap.words()[start / 64] |= flags << (start % 64);
        }
    }
    let bits = bitmap.code(bits);
    if !same_shapes {
        for row in (0..count).filter(|&row| grew(row)) {
            bitmap.words()[row / 64] |= 1 << (row % 64);
        }
    }
    bits
}

/// Parts rows into those that have a component and had it before, and those that have it now.
fn split(
    rows: &[u32],
    component: usize,
    [now, before]: [&[u64]; 2],
    known: &mut Vec<u32>,
    new: &mut Vec<u32>,
) {
    known.clear();
    new.clear();
    for &row in rows {
        let has = |shapes: &[u64]| shapes[row as usize] >> component & 1 == 1;
        if has(now) {
            if has(before) { known.push(row) } else { new.push(row) }
        }
    }
}

/// A group, in the rows of a list.
struct Coder<'a, 'h> {
    schema: &'a SnapshotSchema,
    group: &'a Group,
    history: &'a History<'h>,
    /// What its columns may be.
    bounds: [(i32, i32); MAX_AXES],
    /// How many of their highest bits don't count.
    unused_bits: u32,
    /// How far it is from a row to the next.
    stride: usize,
}

impl<'a, 'h> Coder<'a, 'h> {
    fn new(schema: &'a SnapshotSchema, group: &'a Group, history: &'a History<'h>) -> Self {
        let (bounds, unused_bits) = match &group.kind {
            GroupKind::Numbers(numbers) => (numbers.bounds, numbers.unused_bits),
            GroupKind::Rotation { unit, .. } => {
                ([(0, 3), (0, unit.top()), (0, unit.top()), (0, unit.top())], 0)
            }
            GroupKind::Symbol { variants, .. } => ([(0, *variants as i32 - 1), (0, 0), (0, 0), (0, 0)], 0),
        };
        Self { schema, group, history, bounds, unused_bits, stride: history.states[0].stride() }
    }

    /// Codes in which of these rows columns changed that `mask` has.
    fn code_changed<B: PackedBits>(
        &self,
        bitmap: &mut Bitmap,
        rows: &[u32],
        mask: &Four,
        bits: B,
        cells: &impl Cells,
    ) -> B {
        let state = cells.state().flat();
        let newest = &self.history.states[0].flat()[..state.len()];
        bitmap.fill(rows.len(), |place| {
            let at = rows[place] as usize * self.stride + self.group.column;
            let (Some(one), Some(other)) = (four(state, at), four(newest, at)) else { return false };
            let part = |place: usize| (one[place] ^ other[place]) & mask[place];
            !B::DECODES && part(0) | part(1) | part(2) | part(3) != 0
        });
        bitmap.code(bits)
    }

    /// Codes numbers on so many axes, which are told at compile time so that they stay in registers.
    fn numbers<B: PackedBits, const AXES: usize>(
        &self,
        numbers: &Numbers,
        rows: &[u32],
        bits: B,
        cells: &mut impl Cells,
    ) -> Result<B, SnapshotError> {
        match &numbers.velocity {
            None => self.moved::<B, AXES>(0, rows, bits, cells, |_, _| [0; AXES]),
            Some(velocity) => self.moved::<B, AXES>(0, rows, bits, cells, |table, row| {
                let [was, is] = [self.history.states[0].flat(), table]
                    .map(|table| four(table, row + velocity.column).unwrap_or_default());
                std::array::from_fn(|axis| self.history.driven(velocity, [was[axis], is[axis]]))
            }),
        }
    }

    /// Codes how much farther columns, from one of the group's on, have moved than they were expected to.
    #[inline(always)]
    fn moved<B: PackedBits, const COLUMNS: usize>(
        &self,
        first: usize,
        rows: &[u32],
        bits: B,
        cells: &mut impl Cells,
        expected: impl Fn(&[i32], usize) -> [i32; COLUMNS],
    ) -> Result<B, SnapshotError> {
        // A copy of its own, which stays in registers.
        let mut bits = bits;
        let mut table = cells.table();
        let newest = &self.history.states[0].flat()[..table.values().len()];
        // What wraps has one column.
        let unused = if COLUMNS == 1 { self.unused_bits } else { 0 };
        let mut outside = false;
        for &row in rows {
            let row = row as usize * self.stride;
            let at = row + self.group.column + first;
            let (Some(newest), Some(now)) = (four(newest, at), four(table.values(), at)) else { break };
            let expected = expected(table.values(), row);
            let predicted: [i32; COLUMNS] =
                std::array::from_fn(|place| newest[place].wrapping_add(expected[place]));
            let known =
                std::array::from_fn(|place| now[place].wrapping_sub(predicted[place]) << unused >> unused);
            let coded = residuals::<B, COLUMNS>(&mut bits, known);
            let sum = |place: usize| predicted[place].wrapping_add(coded[place]);
            let values: [i32; COLUMNS] = std::array::from_fn(|place| match B::DECODES {
                true => sum(place) & (u32::MAX << unused >> unused) as i32,
                false => now[place],
            });
            table.set(at, values);
            outside |= self.is_outside(first, values);
        }
        drop(table);
        self.check(outside, rows, cells)?;
        Ok(bits)
    }

    /// Codes values as they are.
    fn whole<B: PackedBits>(
        &self,
        rows: &[u32],
        bits: B,
        cells: &mut impl Cells,
    ) -> Result<B, SnapshotError> {
        if rows.is_empty() {
            return Ok(bits);
        }
        match self.group.kind.columns() {
            1 => self.whole_columns::<B, 1>(rows, bits, cells),
            2 => self.whole_columns::<B, 2>(rows, bits, cells),
            3 => self.whole_columns::<B, 3>(rows, bits, cells),
            _ => self.whole_columns::<B, 4>(rows, bits, cells),
        }
    }

    fn whole_columns<B: PackedBits, const COLUMNS: usize>(
        &self,
        rows: &[u32],
        bits: B,
        cells: &mut impl Cells,
    ) -> Result<B, SnapshotError> {
        let mut bits = bits;
        let mut table = cells.table();
        let mut outside = false;
        for &row in rows {
            let at = row as usize * self.stride + self.group.column;
            let Some(now) = four(table.values(), at) else { break };
            let values: [i32; COLUMNS] =
                std::array::from_fn(|place| whole(&mut bits, now[place], self.bounds[place]));
            table.set(at, values);
            outside |= self.is_outside(0, values);
        }
        drop(table);
        self.check(outside, rows, cells)?;
        Ok(bits)
    }

    /// Whether one of these values is out of its bounds.
    #[inline(always)]
    fn is_outside<const COLUMNS: usize>(&self, first: usize, values: [i32; COLUMNS]) -> bool {
        let outside = |place: usize| {
            let (lowest, highest) = self.bounds[(first + place) % MAX_AXES];
            values[place].wrapping_sub(lowest) as u32 > highest.wrapping_sub(lowest) as u32
        };
        (0..COLUMNS).fold(false, |any, place| any | outside(place))
    }

    /// Names the first value that is out of its bounds, if one is.
    fn check(&self, outside: bool, rows: &[u32], cells: &impl Cells) -> Result<(), SnapshotError> {
        if !outside {
            return Ok(());
        }
        for &row in rows {
            let values = &cells.state().row(row as usize)[self.group.column..];
            for (place, (&value, (lowest, highest))) in values.iter().zip(self.bounds).enumerate() {
                if place < self.group.kind.columns() && !(lowest..=highest).contains(&value) {
                    let entity = NetEntity(cells.state().entities[row as usize]);
                    return Err(self.schema.out_of_range(entity, self.group.column + place, value));
                }
            }
        }
        Ok(())
    }
}

/// Four values from a place on, some of which may be the next row's.
#[inline(always)]
fn four(table: &[i32], at: usize) -> Option<Four> {
    Some(*table.get(at..)?.first_chunk()?)
}

/// Codes a value as it is. An encoder gets back what it hands in, even when it is out of bounds.
#[inline(always)]
fn whole<B: PackedBits>(bits: &mut B, known: i32, (lowest, highest): (i32, i32)) -> i32 {
    let width = bit_length(highest.wrapping_sub(lowest) as u32) as u32;
    let mask = (1_u64 << width) - 1;
    let coded = bits.take(u64::from(known.wrapping_sub(lowest) as u32) & mask, width) as u32 as i32;
    if B::DECODES { coded.wrapping_add(lowest) } else { known }
}

/// Codes differences of numbers, zig-zag, all in the width that the widest needs.
#[inline(always)]
fn residuals<B: PackedBits, const COUNT: usize>(bits: &mut B, known: [i32; COUNT]) -> [i32; COUNT] {
    let folded = known.map(|value| (value << 1 ^ value >> 31) as u32);
    let widest = folded.iter().fold(0, |all, known| all | known);
    let width = if B::DECODES { bits.look() as u32 & WIDE } else { (bit_length(widest) as u32).min(WIDE) };
    if width == WIDE || WIDTH_BITS + width * COUNT as u32 > AT_ONCE {
        return wide_residuals(bits, known);
    }
    let joined = folded.iter().rev().fold(0, |all, &known| all << width | u64::from(known));
    let mut all = bits.take_loose(joined << WIDTH_BITS | u64::from(width), WIDTH_BITS + width * COUNT as u32);
    if !B::DECODES {
        return known;
    }
    all >>= WIDTH_BITS;
    let mask = !(u32::MAX << width);
    std::array::from_fn(|_| {
        let coded = all as u32 & mask;
        all >>= width;
        unfold(coded)
    })
}

/// The same where they don't fit in one piece.
#[inline(always)]
fn wide_residuals<B: PackedBits, const COUNT: usize>(bits: &mut B, known: [i32; COUNT]) -> [i32; COUNT] {
    let folded = known.map(|value| (value << 1 ^ value >> 31) as u32);
    let known_width = bit_length(folded.iter().fold(0, |all, known| all | known)) as u32;
    let mut width = bits.take(known_width.min(WIDE).into(), WIDTH_BITS) as u32;
    if width == WIDE {
        let rest = known_width.wrapping_sub(WIDE) & ((1 << REST_BITS) - 1);
        width = (WIDE + bits.take(rest.into(), REST_BITS) as u32).min(u32::BITS);
    }
    folded.map(|folded| unfold(bits.take(folded.into(), width) as u32))
}

#[inline]
const fn unfold(coded: u32) -> i32 {
    (coded >> 1) as i32 ^ -(coded as i32 & 1)
}
