//! A section as bytes: what it was coded against, which entities it has, and their values.
//!
//! The header and the entities are plain bytes, the same for both modes; behind them, the mode's coder has the rest.

use crate::align::{Aligned, has_rows_of};
use crate::bits::{BitSink, BitSource};
use crate::blobs;
use crate::compact::{self, Models};
use crate::entities;
use crate::error::SnapshotError;
use crate::fast;
use crate::range_coder::{Decoder, Encoder};
use crate::schema::SnapshotSchema;
use crate::state::SectionState;
use netcord_wire::CodecError;
use std::sync::Arc;

/// The most entities of a section.
pub const MAX_ENTITIES: usize = 4_096;
/// The most baselines that a section is coded against.
pub const MAX_BASELINES: usize = 3;

/// How values become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// As few bytes as can be.
    Compact,
    /// Little time, and more bytes.
    Fast,
}

impl Mode {
    /// How things moved before saves bytes, but takes time.
    const fn most_baselines(self) -> usize {
        match self {
            Self::Compact => MAX_BASELINES,
            Self::Fast => 1,
        }
    }
}

/// A state that both sides hold.
#[derive(Clone, Copy, Debug)]
pub struct Baseline<'a> {
    /// How many ticks it is older than the section, 1 to 255.
    pub age: u8,
    /// The state.
    pub state: &'a SectionState,
}

/// What a section says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionHeader {
    /// How its values are coded.
    pub mode: Mode,
    /// Whether it has the same entities, of the same shapes, as its newest baseline.
    same_entities: bool,
    ages: [u8; MAX_BASELINES],
    baselines: u8,
}

const FAST: u8 = 1;
const SAME_ENTITIES: u8 = 1 << 1;
const BASELINES_AT: u32 = 2;
const USUAL_AGES: u8 = 1 << 4;
const UNUSED: u8 = 0b1110_0000;

impl SectionHeader {
    /// The ages of the baselines that it is coded against, the newest first.
    pub fn ages(&self) -> &[u8] {
        &self.ages[..usize::from(self.baselines)]
    }

    /// Reads the header of a section.
    ///
    /// # Errors
    /// [`CodecError`] when it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, CodecError> {
        Self::take(&mut &*bytes)
    }

    fn take(bytes: &mut &[u8]) -> Result<Self, CodecError> {
        let flags = byte(bytes)?;
        let baselines = flags >> BASELINES_AT & 0b11;
        if flags & UNUSED != 0 || (baselines < 2 && flags & USUAL_AGES != 0) {
            return Err(CodecError::NotCanonical);
        }
        let mut ages = [0; MAX_BASELINES];
        for place in 0..usize::from(baselines) {
            ages[place] = match usual_ages(ages[0]) {
                Some(usual) if place > 0 && flags & USUAL_AGES != 0 => usual[place],
                None if place > 0 && flags & USUAL_AGES != 0 => return Err(CodecError::OutOfRange),
                _ => byte(bytes)?,
            };
            if ages[place] == 0 || (place > 0 && ages[place] <= ages[place - 1]) {
                return Err(CodecError::OutOfRange);
            }
        }
        let same_entities = flags & SAME_ENTITIES != 0;
        if same_entities && baselines == 0 {
            return Err(CodecError::NotCanonical);
        }
        let mode = if flags & FAST != 0 { Mode::Fast } else { Mode::Compact };
        if usize::from(baselines) > mode.most_baselines() {
            return Err(CodecError::NotCanonical);
        }
        Ok(Self { mode, same_entities, ages, baselines })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let ages = self.ages();
        let usual = ages.len() > 1 && usual_ages(ages[0]).is_some_and(|usual| usual.starts_with(ages));
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        out.push(
            flag(self.mode == Mode::Fast, FAST)
                | flag(self.same_entities, SAME_ENTITIES)
                | self.baselines << BASELINES_AT
                | flag(usual, USUAL_AGES),
        );
        out.extend_from_slice(if usual { &ages[..1] } else { ages });
    }
}

/// The ages that serve best beside a newest baseline: two ticks more, for how it moves, and twice as many, for how that
/// changes.
pub const fn usual_ages(newest: u8) -> Option<[u8; MAX_BASELINES]> {
    let second = if newest < 4 { newest + 1 } else { newest.saturating_add(2) };
    let third = if newest < 4 { newest + 3 } else { newest.saturating_mul(2) };
    if newest == 0 || third == u8::MAX || third <= second { None } else { Some([newest, second, third]) }
}

fn byte(bytes: &mut &[u8]) -> Result<u8, CodecError> {
    let (&byte, rest) = bytes.split_first().ok_or(CodecError::UnexpectedEnd)?;
    *bytes = rest;
    Ok(byte)
}

/// Writes and reads the sections of a schema. It remembers nothing from one to the next but the memory that it works
/// in. All states that it is handed must be of its schema.
#[derive(Clone, Debug)]
pub struct SectionCodec {
    schema: Arc<SnapshotSchema>,
    start: Models,
    models: Models,
    last_new: Vec<i32>,
    direct: Vec<u8>,
    changes: entities::Changes,
    fast: fast::Workspace,
    /// Baselines, brought to the rows of the section, where those are others.
    aligned: [SectionState; MAX_BASELINES],
}

impl SectionCodec {
    /// A codec for sections of `schema`.
    pub fn new(schema: Arc<SnapshotSchema>) -> Self {
        let start = Models::new(&schema);
        let aligned = std::array::from_fn(|_| SectionState::new(&schema));
        Self {
            models: start.clone(),
            start,
            last_new: Vec::new(),
            direct: Vec::new(),
            changes: entities::Changes::default(),
            fast: fast::Workspace::default(),
            aligned,
            schema,
        }
    }

    /// A state of the schema, without entities.
    pub(crate) fn new_state(&self) -> SectionState {
        SectionState::new(&self.schema)
    }

    /// Appends `state` to `out`, coded against `baselines`: at most three, the newest first, of which
    /// [`Mode::Fast`] uses that alone.
    ///
    /// # Errors
    /// [`SnapshotError::OutOfRange`], [`SnapshotError::TooManyEntities`]; [`SnapshotError::Bytes`] for baselines whose
    /// ages are not ascending. `out` may have grown then.
    pub fn encode(
        &mut self,
        mode: Mode,
        state: &SectionState,
        baselines: &[Baseline<'_>],
        out: &mut Vec<u8>,
    ) -> Result<(), SnapshotError> {
        if state.len() > MAX_ENTITIES {
            return Err(SnapshotError::TooManyEntities { limit: MAX_ENTITIES });
        }
        if baselines.len() > MAX_BASELINES {
            return Err(CodecError::OutOfRange.into());
        }
        let baselines = &baselines[..baselines.len().min(mode.most_baselines())];
        let mut header = SectionHeader {
            mode,
            same_entities: false,
            ages: [0; MAX_BASELINES],
            baselines: baselines.len() as u8,
        };
        let ascending = baselines.windows(2).all(|pair| pair[0].age < pair[1].age);
        if !ascending || baselines.first().is_some_and(|first| first.age == 0) {
            return Err(CodecError::OutOfRange.into());
        }
        for (age, baseline) in header.ages.iter_mut().zip(baselines) {
            *age = baseline.age;
        }
        header.same_entities = baselines.first().is_some_and(|newest| has_rows_of(state, newest.state));
        header.write(out);
        if !header.same_entities {
            self.changes.write(&self.schema, state, baselines.first().map(|newest| newest.state), out);
        }
        blobs::write(&self.schema, state, baselines.first().map(|newest| newest.state), out)?;
        let aligned = Aligned::new(&self.schema, &mut self.aligned, state, baselines, header.same_entities);
        let history = aligned.history();
        let mut cells = state;
        match mode {
            Mode::Compact => {
                self.models.restart(&self.start);
                let mut encoder = Encoder::new(out, &mut self.direct);
                let models = &mut self.models;
                compact::code(&self.schema, models, &mut self.last_new, &mut encoder, &mut cells, &history)?;
                encoder.finish();
            }
            Mode::Fast => {
                let sink = BitSink::new(&mut self.direct);
                let sink = fast::code(&self.schema, &mut self.fast, sink, &mut cells, &history)?;
                out.extend_from_slice(sink.finish());
            }
        }
        Ok(())
    }

    /// Reads a section into `state`. The baselines are those that its [`SectionHeader`] asks for.
    ///
    /// # Errors
    /// [`SnapshotError`] when the bytes are no section, or the baselines are others. `state` is of no use then.
    pub fn decode(
        &mut self,
        bytes: &[u8],
        baselines: &[Baseline<'_>],
        state: &mut SectionState,
    ) -> Result<(), SnapshotError> {
        let mut rest = bytes;
        let header = SectionHeader::take(&mut rest)?;
        for (place, &age) in header.ages().iter().enumerate() {
            if baselines.get(place).is_none_or(|baseline| baseline.age != age) {
                return Err(SnapshotError::MissingBaseline { age: age.into() });
            }
        }
        let baselines = &baselines[..header.ages().len()];
        match baselines.first() {
            Some(newest) if header.same_entities => state.copy_from(newest.state),
            newest => {
                entities::read(&mut rest, &self.schema, newest.map(|newest| newest.state), state)?;
            }
        }
        let newest = baselines.first().map(|newest| newest.state);
        blobs::read(&mut rest, &self.schema, newest, header.same_entities, state)?;
        let aligned = Aligned::new(&self.schema, &mut self.aligned, state, baselines, header.same_entities);
        let history = aligned.history();
        if !header.same_entities {
            state.values.clone_from(&history.states[0].values);
        }
        let mut cells = &mut *state;
        match header.mode {
            Mode::Compact => {
                self.models.restart(&self.start);
                let mut decoder = Decoder::new(rest)?;
                let models = &mut self.models;
                compact::code(&self.schema, models, &mut self.last_new, &mut decoder, &mut cells, &history)?;
                Ok(decoder.finish()?)
            }
            Mode::Fast => {
                let source = BitSource::new(rest);
                let source = fast::code(&self.schema, &mut self.fast, source, &mut cells, &history)?;
                Ok(source.finish()?)
            }
        }
    }
}
