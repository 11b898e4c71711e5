//! Where each entity is, as far as messages tell: of what they say about it, the newest counts.
//!
//! A message of section A and tick t says of each entity that it has: it is in A at t. Of some that left A, it says: it
//! is in B at t. And of any other that was in A: it is gone. Messages come late, or not at all; so an entity that moved
//! from A to B may be in what was received of both, or of neither. It is in the one that was said last. Until a state
//! of B as new as that arrives, it waits, and keeps the values that it had; unless the client doesn't see B.

use super::{Events, History, SnapshotEvent};
use crate::message::{HISTORY, SectionId};
use crate::schema::Shape;
use crate::state::SectionState;
use netcord_wire::{NetEntity, Tick};
use std::collections::{BTreeMap, HashMap};

/// What is known of an entity.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// The section that it is in.
    pub(crate) section: SectionId,
    /// The one that it was in before.
    pub(crate) before: Option<SectionId>,
    /// Since when it waits for that section's state; none when the newest state of the section has it.
    pub(crate) waits: Option<Tick>,
    /// The newest row of it while it waits, and that row's tick. The section that it is of may be gone.
    pub(crate) from: Option<(Tick, SectionState)>,
    /// None for one that no state had yet.
    pub(crate) shape: Option<Shape>,
}

pub(crate) type Sections = BTreeMap<SectionId, History>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Entities {
    known: HashMap<NetEntity, Entity>,
    waiting: Vec<NetEntity>,
    /// When entities were last said to be gone, of those that were of late: what is older doesn't bring them back.
    gone: HashMap<NetEntity, Tick>,
    /// Rows without use, whose memory is kept.
    spare: Vec<SectionState>,
}

/// Entities that are remembered to be gone.
const MAX_GONE: usize = 4_096;
/// Rows without use that are kept at most.
const MAX_SPARE: usize = 256;

/// Which sections the client shall have, and until when that is known to hold.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'a> {
    pub(crate) sections: &'a [u32],
    pub(crate) until: Option<Tick>,
}

impl Listed<'_> {
    /// Whether the client doesn't see a section at `tick`, for certain.
    pub(crate) fn excludes(&self, section: SectionId, tick: Tick) -> bool {
        self.until.is_some_and(|until| !tick.is_after(until))
            && self.sections.binary_search(&section.0).is_err()
    }
}

impl Entities {
    /// With those that no state had yet.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// How many of them some state had.
    pub(crate) fn count(&self) -> usize {
        self.known.values().filter(|known| known.shape.is_some()).count()
    }

    pub(crate) fn get(&self, entity: NetEntity) -> Option<&Entity> {
        self.known.get(&entity).filter(|known| known.shape.is_some())
    }

    /// How many of these are not known yet.
    pub(crate) fn count_new(&self, entities: impl Iterator<Item = NetEntity>) -> usize {
        entities.filter(|entity| !self.known.contains_key(entity)).count()
    }

    /// Notes that entities of section `from` are in others at `tick`. Those that are not known are remembered, while
    /// there are fewer than `limit`.
    pub(crate) fn note_moved(
        &mut self,
        sections: &mut Sections,
        from: SectionId,
        tick: Tick,
        moved: &[(NetEntity, SectionId)],
        limit: usize,
    ) {
        for &(entity, to) in moved.iter().filter(|(_, to)| *to != from) {
            let Some(known) = self.known.get_mut(&entity) else {
                let is_gone = self.gone.get(&entity).is_some_and(|gone| !tick.is_after(*gone));
                if self.known.len() < limit && !is_gone {
                    let new =
                        Entity { section: to, before: None, waits: Some(tick), from: None, shape: None };
                    self.known.insert(entity, new);
                    self.waiting.push(entity);
                }
                continue;
            };
            let (said, has_values) = said(sections, known);
            if said.is_some_and(|said| !tick.is_after(said)) {
                continue;
            }
            if let (true, Some(history)) = (has_values, sections.get_mut(&known.section)) {
                history.has_others = true;
                let row =
                    history.newest().and_then(|(tick, state)| Some((tick, state, state.row_of(entity)?)));
                known.from = row.map(|(&tick, state, row)| {
                    let mut only = self.spare.pop().unwrap_or_else(|| state.without_rows());
                    only.copy_row_from(state, row);
                    (tick, only)
                });
            }
            if known.waits.is_none() {
                self.waiting.push(entity);
            }
            if has_values && known.section != to {
                known.before = Some(known.section);
            }
            (known.section, known.waits) = (to, Some(tick));
        }
    }

    /// Takes in the newest state of a section; `before` is what was its newest until now.
    pub(crate) fn note_state(
        &mut self,
        sections: &mut Sections,
        section: SectionId,
        before: Option<Tick>,
        events: &mut Events,
    ) {
        // Taken out, so that the others can be looked at.
        let Some(mut history) = sections.remove(&section) else { return };
        let old = before.and_then(|before| history.at(before));
        let Some((tick, new)) = history.newest() else { return };
        let same = old.is_some_and(|old| old.entities == new.entities && old.shapes == new.shapes);
        if !same || history.has_others {
            let mut has_others = false;
            for (entity, shape) in new.entities() {
                has_others |= !self.note_present(sections, section, entity, shape, *tick, events);
            }
            for (entity, _) in old.into_iter().flat_map(|old| old.entities()) {
                let here = |known: &Entity| known.section == section && known.waits.is_none();
                if new.row_of(entity).is_none() && self.known.get(&entity).is_some_and(here) {
                    self.remove(entity, *tick, events);
                }
            }
            history.has_others = has_others;
        }
        sections.insert(section, history);
    }

    /// Returns whether the entity is in this section, as far as is known.
    fn note_present(
        &mut self,
        sections: &mut Sections,
        section: SectionId,
        entity: NetEntity,
        shape: Shape,
        tick: Tick,
        events: &mut Events,
    ) -> bool {
        let mut here = Entity { section, before: None, waits: None, from: None, shape: Some(shape) };
        let Some(known) = self.known.get_mut(&entity) else {
            if self.gone.get(&entity).is_some_and(|gone| gone.is_after(tick)) {
                return false;
            }
            self.gone.remove(&entity);
            self.known.insert(entity, here);
            events.push(SnapshotEvent::Entered { entity, shape });
            return true;
        };
        if known.section != section || known.waits.is_some() {
            let (said, has_values) = said(sections, known);
            if said.is_some_and(|said| said.is_after(tick)) {
                return false;
            }
            if has_values && let Some(history) = sections.get_mut(&known.section) {
                history.has_others = true;
            }
        }
        match known.shape {
            None => events.push(SnapshotEvent::Entered { entity, shape }),
            Some(before) if before != shape => events.push(SnapshotEvent::Reshaped { entity, shape }),
            Some(_) => {}
        }
        let was_elsewhere = known.section != section && known.waits.is_none();
        here.before = if was_elsewhere { Some(known.section) } else { known.before };
        let before = std::mem::replace(known, here);
        self.recycle(before.from);
        true
    }

    /// Removes the entities of a section that is no more.
    pub(crate) fn note_dropped(&mut self, section: SectionId, history: &History, events: &mut Events) {
        let Some((tick, newest)) = history.newest() else { return };
        for (entity, _) in newest.entities() {
            let here = |known: &Entity| known.section == section && known.waits.is_none();
            if self.known.get(&entity).is_some_and(here) {
                self.remove(entity, *tick, events);
            }
        }
    }

    /// Ends the wait of entities of which more is known now.
    pub(crate) fn settle(&mut self, sections: &Sections, listed: Listed<'_>, events: &mut Events) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|&entity| {
            let Some(known) = self.known.get_mut(&entity) else { return false };
            let Some(since) = known.waits else { return false };
            let newest = sections.get(&known.section).and_then(History::newest);
            let newest = newest.filter(|(tick, _)| !tick.is_before(since));
            let Some((tick, state)) = newest else {
                let gone = listed.excludes(known.section, since);
                if gone {
                    self.remove(entity, since, events);
                }
                return !gone;
            };
            match state.row_of(entity) {
                None => self.remove(entity, *tick, events),
                Some(row) => {
                    let shape = Shape(state.shapes[row]);
                    match known.shape.replace(shape) {
                        None => events.push(SnapshotEvent::Entered { entity, shape }),
                        Some(before) if before != shape => {
                            events.push(SnapshotEvent::Reshaped { entity, shape });
                        }
                        Some(_) => {}
                    }
                    known.waits = None;
                    let from = known.from.take();
                    self.recycle(from);
                }
            }
            false
        });
        self.waiting = waiting;
    }

    fn remove(&mut self, entity: NetEntity, tick: Tick, events: &mut Events) {
        let Some(known) = self.known.remove(&entity) else { return };
        if self.gone.len() >= MAX_GONE {
            self.gone.retain(|_, gone| tick.since(*gone) <= HISTORY as i32);
        }
        if self.gone.len() < MAX_GONE {
            self.gone.insert(entity, tick);
        }
        if known.shape.is_some() {
            events.push(SnapshotEvent::Left { entity });
        }
        self.recycle(known.from);
    }

    fn recycle(&mut self, from: Option<(Tick, SectionState)>) {
        if self.spare.len() < MAX_SPARE {
            self.spare.extend(from.map(|(_, row)| row));
        }
    }
}

/// When it was last said where an entity is, and whether that section's newest state has it.
fn said(sections: &Sections, known: &Entity) -> (Option<Tick>, bool) {
    match known.waits {
        Some(since) => (Some(since), false),
        None => (sections.get(&known.section).and_then(History::newest).map(|&(tick, _)| tick), true),
    }
}
