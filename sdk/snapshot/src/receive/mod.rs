//! The receiver: takes the sender's messages, in any order, and holds the entities that they are about.
//!
//! What it holds of each section is exactly what the sender had at that tick. Of different sections it may have
//! different ticks; which of them an entity is in, is the newest that was said of it. A section is dropped, and its
//! entities leave, when the newest manifest doesn't list it and nothing newer was heard of it.
//!
//! Receipts of the channel tell the sender what arrived; what could not be read, the receiver's feedback tells. It holds
//! no more than its [`ReceiverLimits`], whatever the messages are.

mod entities;
mod feedback;
mod history;

use crate::SnapshotError;
use crate::feedback::Feedback;
use crate::message::{self, SectionId, Start, manifest_schema, read_id, read_start};
use crate::schema::{Shape, SnapshotSchema};
use crate::section::{SectionCodec, SectionHeader};
use crate::send::Progress;
use crate::state::SectionState;
use entities::{Entities, Listed, Sections};
use feedback::Unread;
use history::History;
use netcord_wire::{CodecError, ColumnError, ComponentId, NetEntity, Quantized, Tick};
use std::sync::Arc;
use thiserror::Error;

/// How much a receiver holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverLimits {
    /// Sections.
    pub sections: usize,
    /// Entities.
    pub entities: usize,
    /// Rows of all states of all sections: each takes 12 bytes, 4 a column, and 16 a text or bytes. An entity has up
    /// to 240, of as many ticks.
    pub rows: usize,
    /// Bytes of the texts and bytes of all states of all sections.
    pub blob_bytes: usize,
}

impl Default for ReceiverLimits {
    fn default() -> Self {
        Self { sections: 1_024, entities: 65_536, rows: 4_000_000, blob_bytes: 128 << 20 }
    }
}

/// What a message changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotEvent {
    /// An entity is there, with these components.
    Entered {
        /// The entity.
        entity: NetEntity,
        /// Its components.
        shape: Shape,
    },
    /// An entity has other components.
    Reshaped {
        /// The entity.
        entity: NetEntity,
        /// Its components.
        shape: Shape,
    },
    /// An entity is gone, or out of sight.
    Left {
        /// The entity.
        entity: NetEntity,
    },
    /// A section has a newer state, with all that its entities have now.
    Updated {
        /// The section.
        section: SectionId,
        /// The state's tick.
        tick: Tick,
    },
}

/// Why a message was dropped. Later ones go on from what is held.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It is none, or its section can't be decoded. A peer that sends many is to be disconnected.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// It would exceed a limit. Raise the limit, or have the server show less.
    #[error("the message would have the receiver hold more than {limit} {what}")]
    Limit {
        /// Of what there would be too many.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl From<CodecError> for ReceiveError {
    fn from(error: CodecError) -> Self {
        Self::Snapshot(error.into())
    }
}

/// How many messages there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverStats {
    /// All.
    pub messages: u64,
    /// Those that came twice, too late, or for a section that is out of sight by now: none of them is wrong.
    pub superseded: u64,
    /// Those that need a state that is not held.
    pub missing_baselines: u64,
    /// Those that are no messages.
    pub malformed: u64,
    /// Those that would exceed a limit.
    pub over_limits: u64,
}

/// What a message changed, as a list that is used again.
type Events = Vec<SnapshotEvent>;

/// The entities that a [`View`](crate::View) shows, as far as its messages arrived.
#[derive(Clone, Debug)]
pub struct SnapshotReceiver {
    schema: Arc<SnapshotSchema>,
    codec: SectionCodec,
    manifest_codec: SectionCodec,
    limits: ReceiverLimits,
    sections: Sections,
    manifests: History,
    /// Until when the newest manifest is known to hold.
    listed_until: Option<Tick>,
    entities: Entities,
    rows: usize,
    blob_bytes: usize,
    spare: Vec<SectionState>,
    /// Apart from the others, as they are small.
    spare_manifests: Vec<SectionState>,
    moved: Vec<(NetEntity, SectionId)>,
    events: Events,
    stats: ReceiverStats,
    unread: Unread,
    /// The section that was checked last; none if it was the manifest.
    checked: Option<SectionId>,
    feedback: Feedback,
    feedback_bytes: Vec<u8>,
}

/// States without use whose memory is kept.
const MAX_SPARE: usize = 64;

impl SnapshotReceiver {
    /// A receiver of what a sender of the same schema sends.
    pub fn new(schema: Arc<SnapshotSchema>, limits: ReceiverLimits) -> Self {
        Self {
            codec: SectionCodec::new(schema.clone()),
            schema,
            manifest_codec: SectionCodec::new(manifest_schema()),
            limits,
            sections: Sections::new(),
            manifests: History::default(),
            listed_until: None,
            entities: Entities::default(),
            rows: 0,
            blob_bytes: 0,
            spare: Vec::new(),
            spare_manifests: Vec::new(),
            moved: Vec::new(),
            events: Events::new(),
            stats: ReceiverStats::default(),
            unread: Unread::default(),
            checked: None,
            feedback: Feedback::default(),
            feedback_bytes: Vec::new(),
        }
    }

    /// Takes in a message, and returns what it changed.
    ///
    /// # Errors
    /// [`ReceiveError`]; the message has changed nothing then, and the sender is told by [`feedback`](Self::feedback).
    pub fn receive(&mut self, message: &[u8]) -> Result<&[SnapshotEvent], ReceiveError> {
        self.events.clear();
        self.stats.messages += 1;
        let result =
            read_start(message).map_err(ReceiveError::from).and_then(|(start, tick, rest)| match start {
                Start::Manifest => {
                    let result = self.receive_manifest(tick, rest);
                    self.note_manifest(tick, &result);
                    result
                }
                Start::Section { manifest_age } => self.receive_section(tick, manifest_age, rest),
            });
        self.spare.truncate(MAX_SPARE);
        self.spare_manifests.truncate(MAX_SPARE);
        match result {
            Ok(()) => return Ok(&self.events),
            Err(ReceiveError::Limit { .. }) => self.stats.over_limits += 1,
            Err(ReceiveError::Snapshot(SnapshotError::MissingBaseline { .. })) => {
                self.stats.missing_baselines += 1;
            }
            Err(_) => self.stats.malformed += 1,
        }
        result.map(|()| &*self.events)
    }

    /// An entity's newest values, and their tick.
    pub fn entity(&self, entity: NetEntity) -> Option<(Tick, Shape, &[i32])> {
        let (tick, state, row) = self.row(entity)?;
        Some((tick, Shape(state.shapes[row]), state.row(row)))
    }

    /// The newest state that has an entity, and its row.
    fn row(&self, entity: NetEntity) -> Option<(Tick, &SectionState, usize)> {
        let known = self.entities.get(entity)?;
        let (tick, state) = match &known.from {
            Some(from) => from,
            None => self.sections.get(&known.section)?.newest()?,
        };
        Some((*tick, state, state.row_of(entity)?))
    }

    /// An entity's newest value of a component, and its tick; none when the entity isn't there, or doesn't have it.
    ///
    /// # Errors
    /// [`ColumnError`] when the component is of another type than in the schema, or a text is not UTF-8.
    pub fn component<T: Quantized>(
        &self,
        entity: NetEntity,
        component: ComponentId,
    ) -> Result<Option<(Tick, T)>, ColumnError> {
        let Some((tick, state, row)) = self.row(entity) else { return Ok(None) };
        Ok(state.get(&self.schema, row, component)?.map(|value| (tick, value)))
    }

    /// The states that have an entity, and its row in them: since it came to the section that it is in, the newest first,
    /// and before that, as long as it was in the one before.
    pub fn rows(&self, entity: NetEntity) -> impl Iterator<Item = (Tick, &SectionState, usize)> {
        let known = self.entities.get(entity);
        let row = move |(tick, state): &'_ (Tick, SectionState)| Some((*tick, state.row_of(entity)?));
        let now = known.filter(|known| known.waits.is_none()).map(|known| known.section);
        let before = known.and_then(|known| known.before);
        let states = [now, before].into_iter().flatten().filter_map(|section| self.sections.get(&section));
        let states = states.flat_map(move |history| {
            // Not what it was like when it was there once before.
            let since = history.states().skip_while(move |state| row(state).is_none());
            since.take_while(move |state| row(state).is_some())
        });
        // What it waits with, if the section is gone that it is of.
        let kept = known.and_then(|known| known.from.as_ref()).filter(|(tick, _)| {
            let before = before.and_then(|before| self.sections.get(&before));
            before.is_none_or(|before| before.at(*tick).is_none())
        });
        states.chain(kept).filter_map(move |state| row(state).map(|(tick, row)| (tick, &state.1, row)))
    }

    /// How many entities there are.
    pub fn entities(&self) -> usize {
        self.entities.count()
    }

    /// The sections of which there is a state, and the ticks of the newest.
    pub fn sections(&self) -> impl Iterator<Item = (SectionId, Tick)> {
        self.sections.iter().filter_map(|(&id, history)| history.newest().map(|&(tick, _)| (id, tick)))
    }

    /// The ticks of which there are states of a section, the oldest first.
    pub fn ticks(&self, section: SectionId) -> impl DoubleEndedIterator<Item = Tick> {
        self.sections.get(&section).into_iter().flat_map(History::ticks)
    }

    /// A section's state at a tick.
    pub fn state(&self, section: SectionId, tick: Tick) -> Option<&SectionState> {
        self.sections.get(&section)?.at(tick)
    }

    /// The sections that the sender lists, as far as is known, and the tick until which that is known to hold.
    pub fn listed(&self) -> (impl Iterator<Item = SectionId>, Option<Tick>) {
        let newest = self.manifests.newest().map(|(_, state)| state.entities());
        (newest.into_iter().flatten().map(|(section, _)| SectionId(section.0)), self.listed_until)
    }

    /// How many of the sections that the sender lists are there: how far a join has come.
    pub fn progress(&self) -> Progress {
        let listed = || self.listed().0;
        let held = listed().filter(|section| self.sections.contains_key(section)).count();
        Progress { held, all: listed().count() }
    }

    /// How many messages there were, so far.
    pub fn stats(&self) -> ReceiverStats {
        self.stats
    }

    fn receive_manifest(&mut self, tick: Tick, bytes: &[u8]) -> Result<(), ReceiveError> {
        if self.manifests.is_too_old(tick) || self.manifests.at(tick).is_some() {
            self.stats.superseded += 1;
            return Ok(());
        }
        let newer = self.manifests.newest().is_none_or(|(newest, _)| tick.is_after(*newest));
        let state = self.decode(None, tick, bytes)?;
        if state.len() > self.limits.sections {
            self.spare_manifests.push(state);
            return Err(ReceiveError::Limit { what: "sections", limit: self.limits.sections });
        }
        self.manifests.insert(tick, state, &mut self.spare_manifests);
        if newer {
            self.listed_until = Some(self.listed_until.map_or(tick, |until| until.latest(tick)));
            self.drop_sections();
        }
        Ok(())
    }

    fn receive_section(
        &mut self,
        tick: Tick,
        manifest_age: u32,
        mut bytes: &[u8],
    ) -> Result<(), ReceiveError> {
        let section = read_id(&mut bytes)?;
        let mut moved = std::mem::take(&mut self.moved);
        let result = message::read_moved(&mut bytes, &mut moved)
            .map_err(ReceiveError::from)
            .and_then(|()| self.receive_state(section, tick, manifest_age, &moved, bytes));
        self.moved = moved;
        self.note_section(section, tick, &result);
        result
    }

    fn receive_state(
        &mut self,
        section: SectionId,
        tick: Tick,
        manifest_age: u32,
        moved: &[(NetEntity, SectionId)],
        bytes: &[u8],
    ) -> Result<(), ReceiveError> {
        let held = self.sections.get(&section);
        let superseded = held.is_some_and(|held| held.is_too_old(tick) || held.at(tick).is_some());
        if superseded || listing(&self.manifests, self.listed_until).excludes(section, tick) {
            self.stats.superseded += 1;
            return Ok(());
        }
        if held.is_none() && self.sections.len() >= self.limits.sections {
            return Err(ReceiveError::Limit { what: "sections", limit: self.limits.sections });
        }
        let before = held.and_then(History::newest).map(|&(tick, _)| tick);
        let state = self.decode(Some(section), tick, bytes)?;
        let new = self.entities.count_new(state.entities().map(|(entity, _)| entity));
        let ReceiverLimits { entities, rows, blob_bytes, .. } = self.limits;
        let over = if self.blob_bytes + state.blobs.len() > blob_bytes {
            Some(("bytes of texts and bytes", blob_bytes))
        } else if self.rows + state.len() > rows {
            Some(("rows", rows))
        } else if self.entities.len() + new > entities {
            Some(("entities", entities))
        } else {
            None
        };
        if let Some((what, limit)) = over {
            self.spare.push(state);
            return Err(ReceiveError::Limit { what, limit });
        }

        let newer = before.is_none_or(|before| tick.is_after(before));
        if newer {
            self.entities.note_moved(&mut self.sections, section, tick, moved, entities - new);
        }
        let spare = self.spare.len();
        self.rows += state.len();
        self.blob_bytes += state.blobs.len();
        self.sections.entry(section).or_default().insert(tick, state, &mut self.spare);
        for state in &self.spare[spare..] {
            self.rows -= state.len();
            self.blob_bytes -= state.blobs.len();
        }
        let manifest_holds = self.manifests.newest().is_some_and(|&(newest, _)| {
            manifest_age < u32::from(u8::MAX) - 1 && !newest.is_before(tick - manifest_age)
        });
        if newer {
            self.entities.note_state(&mut self.sections, section, before, &mut self.events);
            self.events.push(SnapshotEvent::Updated { section, tick });
        }
        if manifest_holds && self.listed_until.is_some_and(|until| tick.is_after(until)) {
            self.listed_until = Some(tick);
            self.drop_sections();
        } else {
            self.settle();
        }
        Ok(())
    }

    /// Decodes a section, or a manifest, against what is held of it.
    fn decode(
        &mut self,
        section: Option<SectionId>,
        tick: Tick,
        bytes: &[u8],
    ) -> Result<SectionState, ReceiveError> {
        let nothing = History::default();
        let (history, codec, spare) = match section {
            None => (&self.manifests, &mut self.manifest_codec, &mut self.spare_manifests),
            Some(section) => {
                let history = self.sections.get(&section).unwrap_or(&nothing);
                (history, &mut self.codec, &mut self.spare)
            }
        };
        let header = SectionHeader::read(bytes)?;
        let (baselines, count) = history.baselines(tick, &header)?;
        let mut state = spare.pop().unwrap_or_else(|| codec.new_state());
        state.clear();
        match codec.decode(bytes, &baselines[..count], &mut state) {
            Ok(()) => Ok(state),
            Err(error) => {
                spare.push(state);
                Err(error.into())
            }
        }
    }

    /// Drops what the newest manifest doesn't list, unless there is newer news of it.
    fn drop_sections(&mut self) {
        let mut sections = std::mem::take(&mut self.sections);
        let listed = listing(&self.manifests, self.listed_until);
        let is_dropped = |id: &SectionId, history: &mut History| {
            history.newest().is_none_or(|&(newest, _)| listed.excludes(*id, newest))
        };
        for (id, history) in sections.extract_if(.., is_dropped) {
            self.entities.note_dropped(id, &history, &mut self.events);
            for state in history.into_states() {
                self.rows -= state.len();
                self.blob_bytes -= state.blobs.len();
                self.spare.push(state);
            }
        }
        self.unread.retain(|section, tick| !listed.excludes(section, tick));
        self.sections = sections;
        self.settle();
    }

    /// Ends the waits of entities of which more is known by now.
    fn settle(&mut self) {
        let listed = listing(&self.manifests, self.listed_until);
        self.entities.settle(&self.sections, listed, &mut self.events);
    }
}

/// What the newest manifest lists.
fn listing(manifests: &History, until: Option<Tick>) -> Listed<'_> {
    let sections = manifests.newest().map_or(&[][..], |(_, state)| &state.entities);
    Listed { sections, until }
}
