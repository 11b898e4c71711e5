//! A section at the sender: its last states, and the messages that were made of the newest one.

use crate::SnapshotError;
use crate::message::{HEADER, HISTORY, MAX_MESSAGE, SectionId, write_moved, write_start};
use crate::ring::StateRing;
use crate::schema::SnapshotSchema;
use crate::section::{Mode, SectionCodec, SectionHeader};
use crate::tick_set::TickSet;
use netcord_wire::{NetEntity, Tick, varint};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// Entities that are coded together.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) id: SectionId,
    /// When it began.
    pub(crate) born: Tick,
    pub(crate) ring: StateRing,
    /// When its state was last another than the tick before.
    pub(crate) changed: Tick,
    /// When it was last split or merged.
    pub(crate) formed: Tick,
    /// The tick of the state before the newest.
    pub(crate) last: Option<Tick>,
    /// When it was last not empty.
    pub(crate) filled: Tick,
    /// Bits of its entities, before coding, at this tick.
    pub(crate) raw_bits: u64,
    /// Raw bits, and the bytes that they came to when they were coded without a baseline.
    measured: Option<(u64, usize)>,
    /// Entities that left.
    pub(crate) departures: VecDeque<(Tick, NetEntity)>,
    /// The messages of this tick.
    encoded: Vec<Encoded>,
    /// When a value was last out of range.
    failed: Option<Tick>,
    /// When it was last told that an entity is too large.
    outgrown: Option<Tick>,
}

/// A section as it was coded once.
#[derive(Clone, Debug)]
struct Encoded {
    /// The ticks of its baselines, as what a receiver has to have: [`TickSet::before`].
    needs: u128,
    /// Its place in the workshop's messages; none when it outgrew one.
    message: Option<Range<usize>>,
}

/// What all sections are coded with.
#[derive(Debug)]
pub(crate) struct Workshop {
    pub(crate) mode: Mode,
    /// How much older a baseline may be than the newest that a client has, in percent of that one's age.
    pub(crate) slack: u32,
    pub(crate) codec: SectionCodec,
    /// The messages of this tick.
    pub(crate) messages: Vec<u8>,
    pub(crate) encodes: u64,
    scratch: Vec<u8>,
    moved: Vec<(NetEntity, SectionId)>,
}

impl Workshop {
    pub(crate) fn new(mode: Mode, slack: u32, codec: SectionCodec) -> Self {
        let (messages, scratch, moved) = (Vec::new(), Vec::new(), Vec::new());
        Self { mode, slack, codec, messages, encodes: 0, scratch, moved }
    }
}

impl Section {
    pub(crate) fn new(schema: &SnapshotSchema) -> Self {
        Self {
            id: SectionId(0),
            born: Tick(0),
            ring: StateRing::new(schema, HISTORY as usize),
            changed: Tick(0),
            formed: Tick(0),
            last: None,
            filled: Tick(0),
            raw_bits: 0,
            measured: None,
            departures: VecDeque::new(),
            encoded: Vec::new(),
            failed: None,
            outgrown: None,
        }
    }

    /// Becomes a new one, in the memory that it has.
    pub(crate) fn reset(&mut self, id: SectionId, tick: Tick) {
        self.id = id;
        (self.born, self.changed, self.formed, self.filled) = (tick, tick, tick, tick);
        (self.last, self.measured) = (None, None);
        (self.failed, self.outgrown) = (None, None);
        self.ring.clear();
        self.departures.clear();
    }

    /// Gets ready for the state of another tick.
    pub(crate) fn begin(&mut self, tick: Tick) {
        self.ring.insert(tick);
        self.encoded.clear();
        self.raw_bits = 0;
        while self.departures.front().is_some_and(|&(left, _)| tick.since(left) >= HISTORY as i32) {
            self.departures.pop_front();
        }
    }

    /// Starts out with what another section's bits came to.
    pub(crate) fn measure_as(&mut self, other: &Self) {
        self.measured = other.measured;
    }

    /// About how many bytes it comes to without a baseline.
    pub(crate) fn estimate(&self) -> usize {
        match self.measured {
            Some((bits @ 1.., bytes)) => (bytes as u64 * self.raw_bits / bits) as usize,
            _ => self.raw_bits.div_ceil(8) as usize,
        }
    }

    /// Codes it without a baseline to see what it comes to, unless that is known well enough.
    pub(crate) fn measure(&mut self, workshop: &mut Workshop, tick: Tick) {
        let near = |bits: u64| bits.abs_diff(self.raw_bits) <= bits / 16;
        if self.measured.is_some_and(|(bits, _)| near(bits)) {
            return;
        }
        let Some(state) = self.ring.get(tick) else { return };
        workshop.scratch.clear();
        workshop.encodes += 1;
        if workshop.codec.encode(workshop.mode, state, &[], &mut workshop.scratch).is_ok() {
            self.measured = Some((self.raw_bits, workshop.scratch.len()));
        }
    }

    /// The place in the workshop's messages of this section at `tick`, for a receiver that has it at the ticks in
    /// `known`; none when it outgrew a message, and is split at the next tick. Why it can't be sent at all is told
    /// once, until it changes.
    pub(crate) fn encode(
        &mut self,
        workshop: &mut Workshop,
        home: &HashMap<NetEntity, SectionId>,
        tick: Tick,
        known: &TickSet,
    ) -> Result<Option<Range<usize>>, SnapshotError> {
        let is_known = |told: Option<Tick>| told.is_some_and(|told| !self.changed.is_after(told));
        if is_known(self.failed) {
            return Ok(None);
        }
        let is_told = is_known(self.outgrown);
        let mut message = self.encode_against(workshop, home, tick, known);
        if matches!(message, Ok(None)) && known.newest().is_some() {
            message = self.encode_against(workshop, home, tick, &TickSet::default());
        }
        match message {
            Ok(None) if !is_told => {
                let Some(entity) = self.alone(tick) else { return Ok(None) };
                self.outgrown = Some(tick);
                let bytes = workshop.scratch.len();
                Err(SnapshotError::TooLarge { entity, bytes, limit: MAX_MESSAGE })
            }
            Err(_) => {
                self.failed = Some(tick);
                message
            }
            _ => message,
        }
    }

    /// Its entity, if it has but one.
    fn alone(&self, tick: Tick) -> Option<NetEntity> {
        let state = self.ring.get(tick)?;
        if let [entity] = state.entities[..] { Some(NetEntity(entity)) } else { None }
    }

    /// What was made for another in this tick, for a receiver that has the states in `has`: the shortest of which the
    /// baselines are not much older than they could be.
    fn shared(&self, has: u128, slack: u32) -> Option<&Encoded> {
        let newest = has.trailing_zeros();
        let oldest = newest + newest.saturating_mul(slack) / 100;
        let serves = |other: &&Encoded| match has {
            0 => other.needs == 0,
            _ => other.needs != 0 && other.needs & !has == 0 && other.needs.trailing_zeros() <= oldest,
        };
        let length = |other: &&Encoded| other.message.as_ref().map_or(usize::MAX, Range::len);
        self.encoded.iter().filter(serves).min_by_key(length)
    }

    fn encode_against(
        &mut self,
        workshop: &mut Workshop,
        home: &HashMap<NetEntity, SectionId>,
        tick: Tick,
        known: &TickSet,
    ) -> Result<Option<Range<usize>>, SnapshotError> {
        let Some(state) = self.ring.get(tick) else { return Ok(None) };
        let has = known.before(tick) & ((1 << HISTORY) - 1);
        if let Some(other) = self.shared(has, workshop.slack) {
            return Ok(other.message.clone());
        }
        let baselines = match has {
            0 => Default::default(),
            _ => self.ring.baselines(tick, |old| tick.since(old) < HISTORY as i32 && known.contains(old)),
        };
        let baselines = baselines.as_slice();
        let since = baselines.first().map(|newest| tick - u32::from(newest.age));
        workshop.moved.clear();
        for &(left, entity) in &self.departures {
            let after = since.is_none_or(|since| left.is_after(since));
            if let Some(&now) = home.get(&entity).filter(|&&now| after && now != self.id) {
                workshop.moved.push((entity, now));
            }
        }
        workshop.moved.sort_unstable();
        workshop.moved.dedup();
        workshop.scratch.clear();
        workshop.encodes += 1;
        workshop.codec.encode(workshop.mode, state, baselines, &mut workshop.scratch)?;
        // Not all of the baselines may have been of use.
        let header = SectionHeader::read(&workshop.scratch)?;
        let needs = header.ages().iter().fold(0, |needs, &age| needs | 1 << age);
        if baselines.is_empty() && self.raw_bits > 0 {
            self.measured = Some((self.raw_bits, workshop.scratch.len()));
        }
        let taken = HEADER + varint::length(self.id.0.into()) + workshop.scratch.len();
        let message = MAX_MESSAGE.checked_sub(taken + 1).map(|room| {
            let start = workshop.messages.len();
            let out = &mut workshop.messages;
            write_start(out, 0, tick);
            varint::write(out, self.id.0.into());
            write_moved(out, &workshop.moved, room + 1);
            out.extend_from_slice(&workshop.scratch);
            start..out.len()
        });
        self.encoded.push(Encoded { needs, message: message.clone() });
        Ok(message)
    }
}
