//! Which entities a section has, as what differs from its newest baseline (STANDARD.md).
//!
//! Three lists: rows of the baseline that left, entities that came, rows whose components are others now. It knows
//! nothing of values.

use crate::error::SnapshotError;
use crate::schema::{Shape, SnapshotSchema};
use crate::section::MAX_ENTITIES;
use crate::state::SectionState;
use netcord_wire::{CodecError, NetEntity, varint};

/// What differs between the entities of two states; rows are those of the older.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    left: Vec<(u32, Option<Shape>)>,
    came: Vec<(u32, Option<Shape>)>,
    reshaped: Vec<(u32, Option<Shape>)>,
}

impl Changes {
    /// Writes what differs from `before`, which is empty where there is none. Entities of a schema without components have
    /// no shapes.
    pub(crate) fn write(
        &mut self,
        schema: &SnapshotSchema,
        now: &SectionState,
        before: Option<&SectionState>,
        out: &mut Vec<u8>,
    ) {
        let Self { left, came, reshaped } = self;
        let shaped = |shape| has_shapes(schema).then_some(shape);
        [&mut *left, &mut *came, &mut *reshaped].into_iter().for_each(Vec::clear);
        let empty = SectionState::with_columns(0);
        let mut before = before.unwrap_or(&empty).entities().enumerate().peekable();
        for (entity, shape) in now.entities() {
            while let Some((row, _)) = before.next_if(|(_, (was, _))| *was < entity) {
                left.push((row as u32, None));
            }
            match before.next_if(|(_, (was, _))| *was == entity) {
                None => came.push((entity.0, shaped(shape))),
                Some((row, (_, was))) if was != shape => reshaped.push((row as u32, shaped(shape))),
                Some(_) => {}
            }
        }
        left.extend(before.map(|(row, _)| (row as u32, None)));
        [left, came, reshaped].into_iter().for_each(|list| write_list(out, list));
    }
}

fn has_shapes(schema: &SnapshotSchema) -> bool {
    schema.components() > 0
}

/// Reads the three lists, and gives `state` the entities that they say; its columns are left alone.
pub(crate) fn read(
    bytes: &mut &[u8],
    schema: &SnapshotSchema,
    newest: Option<&SectionState>,
    state: &mut SectionState,
) -> Result<(), SnapshotError> {
    let mut left = List::take(bytes, None)?;
    let shapes = has_shapes(schema).then(|| schema.whole());
    let mut came = List::take(bytes, shapes)?;
    let mut reshaped = List::take(bytes, shapes)?;
    state.entities.clear();
    state.shapes.clear();
    let empty = SectionState::with_columns(0);
    let newest = newest.unwrap_or(&empty);
    for (row, (entity, before)) in newest.entities().enumerate() {
        while came.next.is_some_and(|(id, _)| id < entity.0) {
            add_next(state, &mut came)?;
        }
        if came.next.is_some_and(|(id, _)| id == entity.0) {
            return Err(CodecError::OutOfRange.into());
        }
        if left.next_if(row).is_none() {
            let shape = reshaped.next_if(row).unwrap_or(before);
            add(state, entity, shape)?;
        }
    }
    while came.next.is_some() {
        add_next(state, &mut came)?;
    }
    if left.next.is_some() || reshaped.next.is_some() {
        return Err(CodecError::OutOfRange.into());
    }
    Ok(())
}

fn add_next(state: &mut SectionState, came: &mut List<'_>) -> Result<(), SnapshotError> {
    let Some((id, shape)) = came.next else { return Ok(()) };
    came.advance();
    add(state, NetEntity(id), shape)
}

fn add(state: &mut SectionState, entity: NetEntity, shape: Shape) -> Result<(), SnapshotError> {
    if state.entities.len() >= MAX_ENTITIES {
        return Err(SnapshotError::TooManyEntities { limit: MAX_ENTITIES });
    }
    state.entities.push(entity.0);
    state.shapes.push(shape.0);
    Ok(())
}

/// A count, then ascending numbers, each as the distance from the one before it, and a shape where the list has them.
fn write_list(out: &mut Vec<u8>, items: &[(u32, Option<Shape>)]) {
    varint::write(out, items.len() as u64);
    let mut least = 0;
    for &(number, shape) in items {
        varint::write(out, u64::from(number) - least);
        least = u64::from(number) + 1;
        if let Some(shape) = shape {
            varint::write(out, shape.0);
        }
    }
}

/// A list that is being read. It has been checked as a whole.
struct List<'a> {
    rest: &'a [u8],
    left: u64,
    least: u64,
    has_shapes: bool,
    next: Option<(u32, Shape)>,
}

impl<'a> List<'a> {
    /// Takes a list off the front of `bytes`: shapes are part of `whole`, where there are any.
    fn take(bytes: &mut &'a [u8], whole: Option<Shape>) -> Result<Self, CodecError> {
        let count = varint::read(bytes)?;
        if count > bytes.len() as u64 {
            return Err(CodecError::TooManyElements);
        }
        let mut list = Self { rest: bytes, left: count, least: 0, has_shapes: whole.is_some(), next: None };
        let mut least = 0;
        for _ in 0..count {
            let number = varint::read(bytes)?.checked_add(least).filter(|&number| number <= u32::MAX.into());
            least = number.ok_or(CodecError::OutOfRange)? + 1;
            if let Some(whole) = whole
                && varint::read(bytes)? & !whole.0 != 0
            {
                return Err(CodecError::OutOfRange);
            }
        }
        list.advance();
        Ok(list)
    }

    fn next_if(&mut self, row: usize) -> Option<Shape> {
        let (number, shape) = self.next?;
        (number as usize == row).then(|| {
            self.advance();
            shape
        })
    }

    fn advance(&mut self) {
        self.next = None;
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let number = varint::read(&mut self.rest).unwrap_or(0) + self.least;
        self.least = number + 1;
        let shape = if self.has_shapes { varint::read(&mut self.rest).unwrap_or(0) } else { 0 };
        self.next = Some((number as u32, Shape(shape)));
    }
}
