//! The values of a section in little time: what changed, as bits, with one width for all numbers of a field.
//!
//! Blocks of rows and rows that have not changed cost a bit each; in rows that have, so do fields. A field that has is
//! coded as what differs from where it would have gone on to. One function serves both directions, as in `compact`.

use crate::bits::PackedBits;
use crate::error::SnapshotError;
use crate::history::{BLOCK, Cells, History, differs, same};
use crate::predict::SmallestThree;
use crate::schema::{Group, GroupKind, Numbers, SnapshotSchema};
use crate::state::{Four, four};
use netcord_wire::NetEntity;

/// The bits that say how wide numbers are: 0 to 32, and with 15 the rest follows.
const WIDTH_BITS: u32 = 4;
const WIDE: u32 = (1 << WIDTH_BITS) - 1;
/// The bits that say how much wider than that.
const REST_BITS: u32 = 5;
/// Bits that are handled at once at most.
const AT_ONCE: u32 = 56;

/// Memory to work in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspace {
    /// The rows in which something changed.
    rows: Vec<u32>,
    /// A bit for each of them, 32 a word: whether the group that is being coded changed.
    flags: Vec<u32>,
}

/// Codes the values of all rows.
pub(crate) fn code<B: PackedBits>(
    schema: &SnapshotSchema,
    workspace: &mut Workspace,
    bits: &mut B,
    cells: &mut impl Cells,
    history: &History<'_>,
) -> Result<(), SnapshotError> {
    code_rows(&mut workspace.rows, bits, cells, history);
    // Group by group and not row by row: what a group is, is then decided once, and not for each of its values.
    for group in schema.groups() {
        let mut any = 0;
        workspace.flags.clear();
        for rows in workspace.rows.chunks(32) {
            let flags = if B::DECODES { 0 } else { changed(group, rows, cells, history) };
            any |= flags;
            workspace.flags.push(flags);
        }
        if bits.take(u64::from(any != 0), 1) == 0 {
            continue;
        }
        for (flags, rows) in workspace.flags.iter_mut().zip(workspace.rows.chunks(32)) {
            *flags = bits.take(u64::from(*flags), rows.len() as u32) as u32;
        }
        let coder = Coder { schema, group, history, rows: &workspace.rows, flags: &workspace.flags };
        match &group.kind {
            GroupKind::Numbers(numbers) => match numbers.axes {
                1 => coder.numbers::<B, 1>(numbers, bits, cells)?,
                2 => coder.numbers::<B, 2>(numbers, bits, cells)?,
                3 => coder.numbers::<B, 3>(numbers, bits, cells)?,
                _ => coder.numbers::<B, 4>(numbers, bits, cells)?,
            },
            GroupKind::Rotation { unit, .. } => coder.rotations(*unit, bits, cells)?,
            GroupKind::Symbol { .. } => coder.symbols(bits, cells)?,
        }
    }
    Ok(())
}

/// Codes which rows changed, those of another shape among them: a bit for each block, and for each row of those that
/// changed.
fn code_rows<B: PackedBits>(
    changed_rows: &mut Vec<u32>,
    bits: &mut B,
    cells: &impl Cells,
    history: &History<'_>,
) {
    let (state, newest) = (cells.state(), history.states[0]);
    let count = state.len();
    let same_shapes = history.same_shapes || newest.shapes == state.shapes;
    changed_rows.clear();
    for start in (0..count).step_by(32 * BLOCK) {
        let end = (start + 32 * BLOCK).min(count);
        let rows_at = |start: usize| start..(start + BLOCK).min(end);
        let mut flags = 0;
        if !B::DECODES {
            for (place, start) in (start..end).step_by(BLOCK).enumerate() {
                flags |= u64::from(!same(state, newest, &rows_at(start))) << place;
            }
        }
        let mut blocks = bits.take(flags, (end - start).div_ceil(BLOCK) as u32);
        if !same_shapes {
            for (place, start) in (start..end).step_by(BLOCK).enumerate() {
                let rows = rows_at(start);
                blocks |= u64::from(newest.shapes[rows.clone()] != state.shapes[rows]) << place;
            }
        }
        while blocks != 0 {
            let rows = rows_at(start + BLOCK * blocks.trailing_zeros() as usize);
            blocks &= blocks - 1;
            let mut flags = 0;
            if !B::DECODES {
                for (place, (now, newest)) in state.rows(&rows).zip(newest.rows(&rows)).enumerate() {
                    flags |= u64::from(differs(now, newest)) << place;
                }
            }
            let mut flags = bits.take(flags, rows.len() as u32);
            for (place, row) in rows.clone().enumerate().filter(|_| !same_shapes) {
                flags |= u64::from(state.shapes[row] != newest.shapes[row]) << place;
            }
            while flags != 0 {
                changed_rows.push(rows.start as u32 + flags.trailing_zeros());
                flags &= flags - 1;
            }
        }
    }
}

/// A bit for each of these rows, 32 at most, in which a group changed, or is new.
#[inline]
fn changed(group: &Group, rows: &[u32], cells: &impl Cells, history: &History<'_>) -> u32 {
    let (state, newest) = (cells.state(), history.states[0]);
    let mut flags = 0;
    for (place, &row) in rows.iter().enumerate() {
        let row = row as usize;
        let [one, other] = [four(state.tail(row), group.column), four(newest.tail(row), group.column)];
        let part = |place: usize| (one[place] ^ other[place]) & group.mask[place];
        let differs = part(0) | part(1) | part(2) | part(3) != 0;
        let is_new = (state.shapes[row] & !newest.shapes[row]) >> group.component & 1 != 0;
        flags |= u32::from(differs | is_new) << place;
    }
    flags
}

/// A group in all rows in which it changed.
struct Coder<'a, 'h> {
    schema: &'a SnapshotSchema,
    group: &'a Group,
    history: &'a History<'h>,
    rows: &'a [u32],
    flags: &'a [u32],
}

impl Coder<'_, '_> {
    /// Calls `each` for every row in which the group changed, and whether the newest baseline has it there.
    #[inline]
    fn each<S: Cells>(
        &self,
        cells: &mut S,
        mut each: impl FnMut(&mut S, usize, bool) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        for (rows, &flags) in self.rows.chunks(32).zip(self.flags) {
            let mut flags = flags;
            while flags != 0 {
                let place = flags.trailing_zeros() as usize;
                flags &= flags - 1;
                let Some(&row) = rows.get(place) else { break };
                let row = row as usize;
                let has = |shape: u64| shape >> self.group.component & 1 == 1;
                if has(cells.state().shapes[row]) {
                    each(cells, row, has(self.history.states[0].shapes[row]))?;
                }
            }
        }
        Ok(())
    }

    /// Numbers on so many axes, which are told at compile time so that they stay in registers.
    fn numbers<B: PackedBits, const AXES: usize>(
        &self,
        numbers: &Numbers,
        bits: &mut B,
        cells: &mut impl Cells,
    ) -> Result<(), SnapshotError> {
        let column = self.group.column;
        let [newest, second, _] = self.history.states;
        self.each(cells, |cells, row, is_known| {
            let now = now::<B>(cells, row, column);
            let values = if is_known {
                let (newest, older) = (four(newest.tail(row), column), four(second.tail(row), column));
                let predicted: [i32; AXES] = std::array::from_fn(|axis| {
                    self.history.prediction(numbers, cells, row, axis, [newest[axis], older[axis]])
                });
                let known =
                    std::array::from_fn(|axis| numbers.shorter(now[axis].wrapping_sub(predicted[axis])));
                let coded = residuals::<B, AXES>(bits, known);
                std::array::from_fn(|axis| numbers.within(predicted[axis].wrapping_add(coded[axis])))
            } else {
                std::array::from_fn(|axis| whole(bits, now[axis], numbers.bounds[axis]))
            };
            let bounds = std::array::from_fn(|axis| numbers.bounds[axis]);
            store::<B, AXES>(self.schema, cells, (row, column), values, bounds)
        })
    }

    fn rotations<B: PackedBits>(
        &self,
        unit: SmallestThree,
        bits: &mut B,
        cells: &mut impl Cells,
    ) -> Result<(), SnapshotError> {
        let column = self.group.column;
        let [newest, second, _] = self.history.states;
        let motion = self.history.motions[0];
        let bounds = [(0, 3), (0, unit.top()), (0, unit.top()), (0, unit.top())];
        self.each(cells, |cells, row, is_known| {
            let now = now::<B>(cells, row, column);
            let (newest, older) = (four(newest.tail(row), column), four(second.tail(row), column));
            // With another largest component none of the integers is like what it was.
            if !is_known || bits.take(u64::from(now[0] != newest[0]), 1) == 1 {
                let values = std::array::from_fn(|index| whole(bits, now[index], bounds[index]));
                return store::<B, 4>(self.schema, cells, (row, column), values, bounds);
            }
            // It turns on as its components do, if they are the same.
            let turns = i32::from(older[0] == newest[0]);
            let predicted: [i32; 3] = std::array::from_fn(|index| {
                let moved = newest[1 + index].wrapping_sub(older[1 + index]);
                newest[1 + index].wrapping_add(motion.ahead(turns * moved))
            });
            let known = std::array::from_fn(|index| now[1 + index].wrapping_sub(predicted[index]));
            let coded = residuals::<B, 3>(bits, known);
            let [a, b, c] = std::array::from_fn(|index| predicted[index].wrapping_add(coded[index]));
            store::<B, 4>(self.schema, cells, (row, column), [newest[0], a, b, c], bounds)
        })
    }

    fn symbols<B: PackedBits>(&self, bits: &mut B, cells: &mut impl Cells) -> Result<(), SnapshotError> {
        let GroupKind::Symbol { variants, .. } = self.group.kind else { return Ok(()) };
        let (column, bounds) = (self.group.column, (0, variants as i32 - 1));
        self.each(cells, |cells, row, _| {
            let value = whole(bits, now::<B>(cells, row, column)[0], bounds);
            store::<B, 1>(self.schema, cells, (row, column), [value], [bounds])
        })
    }
}

/// What is to be encoded, from a column on.
#[inline]
fn now<B: PackedBits>(cells: &impl Cells, row: usize, column: usize) -> Four {
    if B::DECODES { [0; 4] } else { four(cells.state().tail(row), column) }
}

/// Sets values that are within their bounds.
#[inline]
fn store<B: PackedBits, const COUNT: usize>(
    schema: &SnapshotSchema,
    cells: &mut impl Cells,
    (row, column): (usize, usize),
    values: [i32; COUNT],
    bounds: [(i32, i32); COUNT],
) -> Result<(), SnapshotError> {
    let outside = |place: usize| (values[place] < bounds[place].0) | (values[place] > bounds[place].1);
    if (0..COUNT).fold(false, |any, place| any | outside(place)) {
        let place = (0..COUNT).find(|&place| outside(place)).unwrap_or(0);
        let entity = NetEntity(cells.state().entities[row]);
        return Err(schema.out_of_range(entity, column + place, values[place]));
    }
    if B::DECODES {
        cells.set_all(row, column, &values);
    }
    Ok(())
}

/// Codes a value as it is. An encoder gets back what it hands in, even when it is out of bounds.
#[inline]
fn whole<B: PackedBits>(bits: &mut B, known: i32, (lowest, highest): (i32, i32)) -> i32 {
    let width = u32::BITS - (highest.wrapping_sub(lowest) as u32).leading_zeros();
    let mask = (1_u64 << width) - 1;
    let coded = bits.take(u64::from(known.wrapping_sub(lowest) as u32) & mask, width) as u32 as i32;
    if B::DECODES { coded.wrapping_add(lowest) } else { known }
}

/// Codes differences of numbers, zig-zag, all in the width that the widest needs.
#[inline]
fn residuals<B: PackedBits, const COUNT: usize>(bits: &mut B, known: [i32; COUNT]) -> [i32; COUNT] {
    let values = known;
    let known = known.map(|value| (value << 1 ^ value >> 31) as u32);
    let widest = known.iter().fold(0, |all, known| all | known);
    let known_width = u32::BITS - widest.leading_zeros();
    let joined = |width: u32| known.iter().rev().fold(0, |all, &known| all << width | u64::from(known));
    // The usual case in one piece; the bits are the same.
    if !B::DECODES && known_width < WIDE && WIDTH_BITS + known_width * COUNT as u32 <= AT_ONCE {
        let all = joined(known_width) << WIDTH_BITS | u64::from(known_width);
        bits.take(all, WIDTH_BITS + known_width * COUNT as u32);
        return values;
    }
    let mut width = bits.take(known_width.min(WIDE).into(), WIDTH_BITS) as u32;
    if width == WIDE {
        let rest = known_width.wrapping_sub(WIDE) & ((1 << REST_BITS) - 1);
        width = (WIDE + bits.take(rest.into(), REST_BITS) as u32).min(u32::BITS);
    }
    let mask = (1_u64 << width) - 1;
    let unfold = |coded: u64| (coded as u32 >> 1) as i32 ^ -(coded as i32 & 1);
    if width * COUNT as u32 <= AT_ONCE {
        let all = bits.take(joined(width), width * COUNT as u32);
        std::array::from_fn(|place| unfold(all >> (width * place as u32) & mask))
    } else {
        known.map(|known| unfold(bits.take(known.into(), width)))
    }
}
