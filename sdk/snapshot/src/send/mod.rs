//! The sender: a game's entities in sections, and for each client a [`View`] that chooses what it gets.
//!
//! Once a tick the game writes all entities, each with the group that it is in. The sender spreads a group over
//! sections, each of a range of ids, such that a section fits into a datagram even for a client that has nothing of it.
//! Sections are stable: they are split when they outgrow that, and merged when both are small. Clients whose baselines
//! are the same get the same bytes.
//!
//! It knows no clients and no clock, and opens no socket.

mod feedback;
mod ids;
mod manifest;
mod partition;
mod section;
mod view;

use crate::message::SectionId;
use crate::schema::{GroupKind, Shape, SnapshotSchema};
use crate::section::{Mode, SectionCodec};
use crate::state::SectionState;
use crate::tick_set::TickSet;
use crate::{MAX_MESSAGE, SnapshotError};
use ids::SectionIds;
use netcord_wire::quantized::Blobs;
use netcord_wire::{ComponentId, NetEntity, Quantized, Tick};
use partition::Group;
use section::{Section, Workshop};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;
pub use view::{Progress, View, ViewConfig};

/// Entities that a client sees together, or not at all: a cell of a map, a room, a team.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// Sections that are kept for their memory.
const MAX_SPARE: usize = 16;

/// How a sender codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SenderConfig {
    /// How values become bytes.
    pub mode: Mode,
    /// A client gets what was coded for another if it has the baselines of that, and the newest of them is older than
    /// its own newest by at most so many percent. With 0 each client's baseline is its newest.
    pub baseline_slack: u32,
    /// What a section may come to without a baseline, in bytes, before it is split; at most [`MAX_MESSAGE`].
    pub section_bytes: usize,
}

impl Default for SenderConfig {
    fn default() -> Self {
        Self { mode: Mode::Compact, baseline_slack: 50, section_bytes: 1_050 }
    }
}

/// All entities, tick by tick, in sections.
#[derive(Debug)]
pub struct SnapshotSender {
    schema: Arc<SnapshotSchema>,
    section_bytes: usize,
    /// Bits of each component, before coding.
    component_bits: Vec<u64>,
    tick: Option<Tick>,
    groups: BTreeMap<GroupId, Group>,
    /// Free places have none.
    sections: Vec<Option<Section>>,
    free: Vec<usize>,
    /// Sections that are gone, whose memory is used again.
    spare: Vec<Section>,
    ids: SectionIds,
    /// The section that an entity is in.
    home: HashMap<NetEntity, SectionId>,
    /// Rises when sections come or go.
    layout: u64,
    last_entity: Option<NetEntity>,
    /// The section and row of what was written last.
    last_row: Option<(usize, usize)>,
    blobs: Blobs,
    workshop: Workshop,
}

impl SnapshotSender {
    /// A sender without entities.
    pub fn new(schema: Arc<SnapshotSchema>, config: SenderConfig) -> Self {
        let codec = SectionCodec::new(schema.clone());
        Self {
            section_bytes: config.section_bytes.min(MAX_MESSAGE),
            component_bits: component_bits(&schema),
            tick: None,
            groups: BTreeMap::new(),
            sections: Vec::new(),
            free: Vec::new(),
            spare: Vec::new(),
            ids: SectionIds::default(),
            home: HashMap::new(),
            layout: 0,
            last_entity: None,
            last_row: None,
            blobs: Blobs::new(),
            workshop: Workshop::new(config.mode, config.baseline_slack, codec),
            schema,
        }
    }

    /// Begins the state of a tick, which is after all before; its entities are to be [written](Self::write) then.
    pub fn begin(&mut self, tick: Tick) {
        debug_assert!(self.tick.is_none_or(|last| tick.is_after(last)), "ticks ascend");
        self.tick = Some(tick);
        (self.last_entity, self.last_row) = (None, None);
        self.workshop.messages.clear();
        self.ids.begin(tick);
        self.sections.iter_mut().flatten().for_each(|section| section.begin(tick));
    }

    /// Adds an entity, and returns its row of values: all 0, to be set.
    ///
    /// An id that is given to another entity while clients may still show the one before means the same entity to
    /// them, that moved.
    ///
    /// # Errors
    /// [`SnapshotError::NotAscending`] unless its id is higher than all before in this tick.
    pub fn write(
        &mut self,
        entity: NetEntity,
        group: GroupId,
        shape: Shape,
    ) -> Result<&mut [i32], SnapshotError> {
        let tick = self.tick.unwrap_or_default();
        if self.last_entity.is_some_and(|last| last >= entity) {
            return Err(SnapshotError::NotAscending { entity });
        }
        self.last_entity = Some(entity);
        if !self.groups.contains_key(&group) {
            let index = self.add_section(tick);
            self.groups.insert(group, Group::new(index));
        }
        let index = self.groups.get(&group).map_or(0, |group| group.section_of(entity));
        let bits = raw_bits(&self.component_bits, shape);
        let section = self.sections[index].as_mut().expect("a group's sections are there");
        section.raw_bits += bits;
        let state = section.ring.get_mut(tick).expect("each section began with the tick");
        let row = state.push(entity, shape)?;
        self.last_row = Some((index, row));
        Ok(state.row_mut(row))
    }

    /// Sets a component of the entity that was [written](Self::write) last, with its texts and bytes. Nothing is set
    /// before the first.
    ///
    /// # Errors
    /// [`SnapshotError::Component`] when the entity doesn't have it, when it is of another type than in the schema, or
    /// when a text or bytes are too long.
    pub fn set<T: Quantized>(&mut self, component: ComponentId, value: &T) -> Result<(), SnapshotError> {
        let (Some(tick), Some((index, row))) = (self.tick, self.last_row) else { return Ok(()) };
        let section = self.sections[index].as_mut().expect("a group's sections are there");
        let state = section.ring.get_mut(tick).expect("each section began with the tick");
        Ok(state.set(&self.schema, row, component, value, &mut self.blobs)?)
    }

    /// Ends the tick: splits and merges sections, and notes who moved. Views can be filled after it.
    pub fn finish(&mut self) {
        let Some(tick) = self.tick else { return };
        for section in self.sections.iter_mut().flatten() {
            section.raw_bits += section.ring.get(tick).map_or(0, |state| state.blobs.coded_bits());
        }
        self.last_row = None;
        partition::rearrange(self, tick);
        partition::note_moves(self, tick);
    }

    /// The tick that was begun last.
    pub fn tick(&self) -> Option<Tick> {
        self.tick
    }

    /// How many sections there are.
    pub fn sections(&self) -> usize {
        self.sections.len() - self.free.len()
    }

    /// How often a section was encoded, so far.
    pub fn encodes(&self) -> u64 {
        self.workshop.encodes
    }

    /// A section's state at a tick, as long as it is held: what a receiver has after the message of that tick.
    pub fn state(&self, section: SectionId, tick: Tick) -> Option<&SectionState> {
        self.sections.iter().flatten().find(|held| held.id == section)?.ring.get(tick)
    }

    fn add_section(&mut self, tick: Tick) -> usize {
        let mut section = self.spare.pop().unwrap_or_else(|| Section::new(&self.schema));
        section.reset(self.ids.take(), tick);
        section.begin(tick);
        self.layout += 1;
        let index = self.free.pop().unwrap_or_else(|| {
            self.sections.push(None);
            self.sections.len() - 1
        });
        self.sections[index] = Some(section);
        index
    }

    fn remove_section(&mut self, index: usize, tick: Tick) {
        if let Some(section) = self.sections[index].take() {
            self.ids.retire(section.id, tick);
            if self.spare.len() < MAX_SPARE {
                self.spare.push(section);
            }
        }
        self.free.push(index);
        self.layout += 1;
    }

    fn section(&self, index: usize) -> Option<&Section> {
        self.sections.get(index)?.as_ref()
    }

    fn encode(&mut self, index: usize, known: &TickSet) -> Result<Option<Range<usize>>, SnapshotError> {
        let (Some(tick), Some(Some(section))) = (self.tick, self.sections.get_mut(index)) else {
            return Ok(None);
        };
        section.encode(&mut self.workshop, &self.home, tick, known)
    }
}

/// What an entity takes, before coding: its values, id and shape.
fn raw_bits(component_bits: &[u64], shape: Shape) -> u64 {
    let components = component_bits.iter().enumerate();
    16 + components.filter(|&(component, _)| shape.has_index(component)).map(|(_, bits)| bits).sum::<u64>()
}

/// Bits of each component, before coding.
fn component_bits(schema: &SnapshotSchema) -> Vec<u64> {
    let mut bits = vec![0; schema.components()];
    for group in schema.groups() {
        bits[group.component] += match &group.kind {
            GroupKind::Numbers(numbers) => numbers.bounds[..numbers.axes]
                .iter()
                .map(|&(lowest, highest)| u64::from(u32::BITS - highest.abs_diff(lowest).leading_zeros()))
                .sum(),
            GroupKind::Rotation { bits, .. } => 2 + 3 * u64::from(*bits),
            GroupKind::Symbol { bits, .. } => u64::from(*bits),
        };
    }
    bits
}
