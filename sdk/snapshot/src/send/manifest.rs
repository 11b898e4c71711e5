//! The manifest of a client: which sections it shall have, as a state that is coded and acknowledged like any other.

use crate::SnapshotError;
use crate::message::{HISTORY, MANIFEST, MAX_MESSAGE, SectionId, manifest_schema, write_start};
use crate::section::{Baseline, Mode, SectionCodec};
use crate::state::SectionState;
use netcord_wire::{NetEntity, Tick, varint};
use std::collections::VecDeque;

/// The most that are on their way or acknowledged; more are forgotten, the oldest first.
const MAX_SENT: usize = 32;
/// Ticks after which it counts as changed, so that a message can always tell how old it is.
const RENEWED: i32 = 100;
/// Ticks after which it is sent again, unless it is acknowledged.
const PATIENCE: i32 = 8;
/// What it may take without a baseline: the codec's header and the counts of its lists are short.
const ROOM: usize = MAX_MESSAGE - 32;

#[derive(Debug)]
pub(crate) struct Manifest {
    codec: SectionCodec,
    now: SectionState,
    /// When its sections were last others.
    pub(crate) changed: Tick,
    /// When the client started, or last started over: what it got before doesn't count.
    pub(crate) since: Tick,
    last_sent: Option<Tick>,
    acknowledged: Option<Tick>,
    /// What was sent, from the newest one that is acknowledged on.
    sent: VecDeque<(Tick, SectionState)>,
    spare: Vec<SectionState>,
    message: Vec<u8>,
}

impl Manifest {
    pub(crate) fn new() -> Self {
        let schema = manifest_schema();
        Self {
            now: SectionState::new(&schema),
            codec: SectionCodec::new(schema),
            changed: Tick(0),
            since: Tick(0),
            last_sent: None,
            acknowledged: None,
            sent: VecDeque::new(),
            spare: Vec::new(),
            message: Vec::new(),
        }
    }

    /// Lists these sections, which ascend, from `tick` on. Returns how many of them there is room for.
    pub(crate) fn list(&mut self, tick: Tick, sections: impl Iterator<Item = SectionId>) -> usize {
        self.now.clear();
        let (mut room, mut least) = (ROOM, 0);
        for SectionId(id) in sections {
            // Its id as the distance from the one before.
            let size = varint::length(u64::from(id) - least);
            least = u64::from(id) + 1;
            let Some(rest) = room.checked_sub(size) else { break };
            room = rest;
            if self.now.push(NetEntity(id), Default::default()).is_err() {
                break;
            }
        }
        self.changed = tick;
        self.last_sent = None;
        self.now.len()
    }

    /// What [`encode`](Self::encode) made: nothing when nothing was due.
    pub(crate) fn message(&self) -> &[u8] {
        &self.message
    }

    /// Makes the message of `tick`, if one is due.
    pub(crate) fn encode(&mut self, tick: Tick) -> Result<(), SnapshotError> {
        self.message.clear();
        if tick.since(self.changed) >= RENEWED {
            (self.changed, self.last_sent) = (tick, None);
        }
        let arrived = self.acknowledged.is_some_and(|acknowledged| !acknowledged.is_before(self.changed));
        if arrived || self.last_sent.is_some_and(|last| tick.since(last) < PATIENCE) {
            return Ok(());
        }
        let baseline = self.acknowledged.filter(|&old| tick.since(old) < HISTORY as i32);
        let baseline = baseline.and_then(|old| self.sent.iter().find(|(sent, _)| *sent == old));
        let baseline = baseline.map(|(old, state)| Baseline { age: tick.since(*old) as u8, state });
        write_start(&mut self.message, MANIFEST, tick);
        let start = self.message.len();
        self.codec.encode(Mode::Fast, &self.now, baseline.as_slice(), &mut self.message)?;
        if self.message.len() > MAX_MESSAGE {
            self.message.truncate(start);
            self.codec.encode(Mode::Fast, &self.now, &[], &mut self.message)?;
        }
        Ok(())
    }

    /// The message of `tick` is on its way.
    pub(crate) fn sent(&mut self, tick: Tick) {
        self.last_sent = Some(tick);
        if self.sent.len() >= MAX_SENT {
            self.forget_oldest();
        }
        let mut state = self.spare.pop().unwrap_or_else(|| SectionState::with_columns(0));
        state.copy_from(&self.now);
        self.sent.push_back((tick, state));
    }

    /// What was sent at a tick, as long as that is known.
    pub(crate) fn state(&self, tick: Tick) -> Option<&SectionState> {
        self.sent.iter().find(|(sent, _)| *sent == tick).map(|(_, state)| state)
    }

    /// The client has nothing of it, whatever it got before `tick`.
    pub(crate) fn start_over(&mut self, tick: Tick) {
        (self.changed, self.since) = (tick, tick);
        (self.last_sent, self.acknowledged) = (None, None);
        while !self.sent.is_empty() {
            self.forget_oldest();
        }
    }

    pub(crate) fn delivered(&mut self, tick: Tick) {
        if tick.is_before(self.since) {
            return;
        }
        if self.acknowledged.is_none_or(|old| tick.is_after(old)) {
            self.acknowledged = Some(tick);
            while self.sent.front().is_some_and(|(sent, _)| sent.is_before(tick)) {
                self.forget_oldest();
            }
        }
    }

    pub(crate) fn lost(&mut self, tick: Tick) {
        if self.last_sent == Some(tick) {
            self.last_sent = None;
        }
    }

    fn forget_oldest(&mut self) {
        self.spare.extend(self.sent.pop_front().map(|(_, state)| state));
    }
}
