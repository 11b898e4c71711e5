//! A client of the suite: a view at the server, channels and a network between, and a receiver.

use super::Totals;
use super::game::{self, Game, schema};
use super::ledger::{Ledger, difference};
use netcord::snapshot::{
    GroupId, MAX_MESSAGE, ReceiveError, ReceiverLimits, SectionId, SnapshotError, SnapshotReceiver, View,
    ViewConfig,
};
use netcord::transport::channels::{Connection, ConnectionEvent};
use netcord::transport::lab::{Conditions, Pipe};
use netcord::transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use netcord::wire::{GameRng, NetEntity, Tick, varint};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Snapshots down, feedback up.
const SNAPSHOTS: ChannelId = ChannelId(0);
const FEEDBACK: ChannelId = ChannelId(1);
/// Bytes that may wait in the channel before no more are given to it.
const MAX_QUEUED: usize = 3_000;
/// Ticks for which a thing has been in sight, after which it must not leave: news of it may be as late as that.
const IN_SIGHT: u32 = 150;
/// Ticks between two looks at all that is shown.
const LOOKS: u32 = 8;

/// What befalls messages that arrived and were acknowledged, of 1,000.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    pub(super) forgotten: u32,
    pub(super) garbled: u32,
    /// Given to the receiver twice, at once or later.
    pub(super) repeated: u32,
}

pub(super) struct Client {
    pub(super) receiver: SnapshotReceiver,
    pub(super) faults: Faults,
    /// Whether all that it has is what was sent.
    pub(super) sound: bool,
    pub(super) view: View,
    budget: usize,
    ticks: u32,
    /// Of messages.
    pub(super) bytes: usize,
    server_side: Connection,
    client_side: Connection,
    down: Pipe,
    up: Pipe,
    cells: BTreeSet<u32>,
    /// For how many ticks each thing has been in sight without a break.
    in_sight: HashMap<u32, u32>,
    ledger: Ledger,
    rng: GameRng,
    /// Messages that come once more.
    again: VecDeque<Vec<u8>>,
    left: Vec<u32>,
}

impl Client {
    pub(super) fn new(seed: u64, conditions: Conditions, budget: usize) -> Self {
        let channels = [ChannelConfig::unreliable().with_receipts(), ChannelConfig::unreliable()];
        let config = Arc::new(ChannelsConfig::new(channels));
        let connection =
            || Connection::new(config.clone(), PeerId::new(0, 0)).expect("the configuration is valid");
        Self {
            receiver: SnapshotReceiver::new(schema(), ReceiverLimits::default()),
            faults: Faults { repeated: 20, ..Faults::default() },
            sound: true,
            view: View::new(ViewConfig { budget, overhead: 0, stalest: 60 }),
            budget,
            ticks: 0,
            bytes: 0,
            server_side: connection(),
            client_side: connection(),
            down: Pipe::new(conditions, seed),
            up: Pipe::new(conditions, seed + 1),
            cells: BTreeSet::new(),
            in_sight: HashMap::new(),
            ledger: Ledger::default(),
            rng: GameRng::new(seed),
            again: VecDeque::new(),
            left: Vec::new(),
        }
    }

    /// Another receiver, which has nothing, takes the place of this one.
    pub(super) fn renew_receiver(&mut self) {
        self.receiver = SnapshotReceiver::new(schema(), ReceiverLimits::default());
        self.ledger.clear();
        self.in_sight.clear();
    }

    /// Adds what the network did and what was started over.
    pub(super) fn count(&self, totals: &mut Totals) {
        let stats = self.down.stats();
        totals.lost += stats.lost;
        totals.reordered += stats.reordered;
        totals.duplicated += stats.duplicated;
        totals.started_over += self.view.started_over();
    }

    pub(super) fn show(&mut self, cell: u32, weight: u32) {
        self.view.show(GroupId(cell), weight);
        self.cells.insert(cell);
    }

    pub(super) fn hide(&mut self, cell: u32) {
        self.view.hide(GroupId(cell));
        self.cells.remove(&cell);
        // Of what has just moved out of there, the client can't know that it still sees it.
        self.in_sight.clear();
    }

    /// Nothing passes any more, or everything again.
    pub(super) fn cut(&mut self, cut: bool) {
        self.down.set_cut(cut);
        self.up.set_cut(cut);
        self.in_sight.clear();
    }

    /// One tick, both sides.
    pub(super) fn step(&mut self, game: &mut Game, now: Duration, totals: &mut Totals) -> Result<(), String> {
        let visible: HashMap<_, _> = game.visible(&self.cells).collect();
        self.in_sight.retain(|id, _| visible.contains_key(id));
        visible.keys().for_each(|&id| *self.in_sight.entry(id).or_default() += 1);
        self.ticks += 1;
        self.receive(game, now, totals)?;
        if self.sound && self.ticks.is_multiple_of(LOOKS) {
            self.ledger.compare(&self.receiver, game, totals)?;
        }
        self.send(game, now, totals)
    }

    fn send(&mut self, game: &mut Game, now: Duration, totals: &mut Totals) -> Result<(), String> {
        while let Some(datagram) = self.up.pop(now) {
            self.server_side.receive(datagram, now).map_err(|error| error.to_string())?;
        }
        while let Some(event) = self.server_side.next_event() {
            match event {
                ConnectionEvent::Delivered(receipt) => self.view.delivered(receipt.0),
                ConnectionEvent::Lost(receipt) => self.view.lost(receipt.0),
                ConnectionEvent::Message { payload, .. } => {
                    let result = self.view.receive_feedback(&game.sender, payload);
                    result.map_err(|error| format!("feedback: {error}"))?;
                }
            }
        }
        // What the network can't take now would only arrive later than what is newer.
        if self.server_side.stats().queued <= MAX_QUEUED {
            self.fill(game, totals)?;
        }
        let mut datagram = Vec::new();
        while self.server_side.next_datagram(now, &mut datagram) {
            self.down.push(now, &datagram);
            datagram.clear();
        }
        Ok(())
    }

    /// Sends what there is budget for.
    fn fill(&mut self, game: &mut Game, totals: &mut Totals) -> Result<(), String> {
        let before = self.bytes;
        while let Some(message) =
            self.view.next_message(&mut game.sender).map_err(|error| error.to_string())?
        {
            self.bytes += message.len();
            totals.messages += 1;
            let receipt = self.server_side.send(SNAPSHOTS, message).map_err(|error| error.to_string())?;
            self.view.sent(receipt.0);
        }
        let burst = if self.budget < MAX_MESSAGE { MAX_MESSAGE } else { self.budget };
        let sent = self.bytes - before;
        if sent > burst || self.bytes > self.ticks as usize * self.budget + MAX_MESSAGE {
            return Err(format!("{sent} bytes in a tick of {}", self.budget));
        }
        totals.full_ticks += u64::from(sent * 10 > self.budget * 8);
        totals.bytes += sent as u64;
        Ok(())
    }

    fn receive(&mut self, game: &Game, now: Duration, totals: &mut Totals) -> Result<(), String> {
        while let Some(datagram) = self.down.pop(now) {
            self.client_side.receive(datagram, now).map_err(|error| error.to_string())?;
        }
        let mut arrived = Vec::new();
        while let Some(event) = self.client_side.next_event() {
            if let ConnectionEvent::Message { payload, .. } = event {
                arrived.push(payload.to_vec());
            }
        }
        if self.rng.below(10) == 0 {
            totals.repeated += self.again.len() as u64;
            arrived.extend(self.again.drain(..));
        }
        for mut message in arrived {
            let Faults { forgotten, garbled, repeated } = self.faults;
            if self.rng.below(1_000) < repeated {
                self.again.push_back(message.clone());
            }
            if self.rng.below(1_000) < forgotten {
                totals.forgotten += 1;
                continue;
            }
            if self.rng.below(1_000) < garbled {
                totals.garbled += 1;
                // Behind the headers.
                let half = message.len() as u32 / 2;
                let at = half + self.rng.below(message.len() as u32 - half);
                message[at as usize] ^= 1 << self.rng.below(8);
            }
            self.take(game, &message, totals)?;
        }
        if let Some(feedback) = self.receiver.feedback() {
            totals.feedback_bytes += feedback.len() as u64;
            self.client_side.send(FEEDBACK, feedback).map_err(|error| error.to_string())?;
        }
        let mut datagram = Vec::new();
        while self.client_side.next_datagram(now, &mut datagram) {
            self.up.push(now, &datagram);
            datagram.clear();
        }
        Ok(())
    }

    fn take(&mut self, game: &Game, message: &[u8], totals: &mut Totals) -> Result<(), String> {
        let section = section_of(message);
        let newest = section.and_then(|(section, _)| self.receiver.ticks(section).next_back());
        match self.receiver.receive(message) {
            Ok(events) => self.ledger.note(events, &mut self.left, totals)?,
            // Late news of what went out of sight and came back may need what was dropped.
            Err(ReceiveError::Snapshot(SnapshotError::MissingBaseline { .. })) => {
                totals.unread += 1;
                return Ok(());
            }
            Err(_) if !self.sound => {
                totals.unread += 1;
                return Ok(());
            }
            Err(error) => return Err(error.to_string()),
        }
        for id in &self.left {
            let ticks = self.in_sight.get(id).copied().unwrap_or(0);
            if self.sound && ticks > IN_SIGHT {
                return Err(format!("entity {id} left after {ticks} ticks in sight"));
            }
        }
        let Some((section, tick)) = section else { return Ok(()) };
        totals.late += u64::from(newest.is_some_and(|newest| tick.is_before(newest)));
        let held = self.receiver.state(section, tick);
        if let (Some(held), Some(sent)) = (held, game.sender.state(section, tick)) {
            totals.compared += 1;
            totals.rows += sent.len() as u64;
            if let (Some(difference), true) = (difference(held, sent), self.sound) {
                return Err(format!("{section:?} at {tick}: {difference}"));
            }
        }
        Ok(())
    }

    /// How many ticks old each entity is that has been in sight for a second, and as of which tick it is shown.
    pub(super) fn ages_in_sight(&self, now: Tick) -> Result<Vec<(u32, Tick, i32)>, String> {
        let known = self.in_sight.iter().filter(|(_, ticks)| **ticks > 60);
        known
            .map(|(&id, _)| {
                let entity = self.receiver.entity(NetEntity(id));
                let (tick, ..) = entity.ok_or_else(|| format!("entity {id} is not there after a second"))?;
                Ok((id, tick, now.since(tick)))
            })
            .collect()
    }

    /// Compares all that the client sees with the game.
    pub(super) fn compare(&self, game: &Game) -> Result<(), String> {
        let mut count = 0;
        for (id, seen) in game.visible(&self.cells) {
            count += 1;
            game::compare(&self.receiver, id, Some(&seen))?;
        }
        let held = self.receiver.entities();
        if held == count { Ok(()) } else { Err(format!("{held} entities are there, not {count}")) }
    }
}

fn section_of(message: &[u8]) -> Option<(SectionId, Tick)> {
    let (&[first, a, b, c, d], mut rest) = message.split_first_chunk()?;
    let id = varint::read(&mut rest).ok()?;
    (first != u8::MAX).then_some((SectionId(id as u32), Tick(u32::from_le_bytes([a, b, c, d]))))
}
