//! A client of the suite: a view at the server, channels and a network between, and a receiver.

use super::Totals;
use super::game::{Game, schema};
use netcord::snapshot::{
    GroupId, MAX_MESSAGE, ReceiveError, ReceiverLimits, SectionId, SnapshotError, SnapshotEvent,
    SnapshotReceiver, View, ViewConfig,
};
use netcord::transport::channels::{Connection, ConnectionEvent};
use netcord::transport::lab::{Conditions, Pipe};
use netcord::transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use netcord::wire::{NetEntity, Tick, varint};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

const CHANNEL: ChannelId = ChannelId(0);
/// Bytes that may wait in the channel before no more are given to it.
const MAX_QUEUED: usize = 3_000;
/// Ticks for which a thing has been in sight, after which it must not leave: news of it may be as late as that.
const IN_SIGHT: u32 = 150;

pub(super) struct Client {
    pub(super) receiver: SnapshotReceiver,
    view: View,
    budget: usize,
    ticks: usize,
    bytes: usize,
    server_side: Connection,
    client_side: Connection,
    down: Pipe,
    up: Pipe,
    cells: BTreeSet<u32>,
    /// For how many ticks each thing has been in sight without a break.
    in_sight: HashMap<u32, u32>,
}

impl Client {
    pub(super) fn new(seed: u64, conditions: Conditions, budget: usize) -> Self {
        let config = Arc::new(ChannelsConfig::new([ChannelConfig::unreliable().with_receipts()]));
        let connection =
            || Connection::new(config.clone(), PeerId::new(0, 0)).expect("the configuration is valid");
        Self {
            receiver: SnapshotReceiver::new(schema(), ReceiverLimits::default()),
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
        }
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
        self.receive(game, now, totals)?;
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
                ConnectionEvent::Message { .. } => return Err("the client sends no messages".to_owned()),
            }
        }
        self.ticks += 1;
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
            let receipt = self.server_side.send(CHANNEL, message).map_err(|error| error.to_string())?;
            self.view.sent(receipt.0);
        }
        let burst = if self.budget < MAX_MESSAGE { MAX_MESSAGE } else { self.budget };
        let sent = self.bytes - before;
        if sent > burst || self.bytes > self.ticks * self.budget + MAX_MESSAGE {
            return Err(format!("{sent} bytes in a tick of {}", self.budget));
        }
        totals.bytes += sent as u64;
        Ok(())
    }

    fn receive(&mut self, game: &Game, now: Duration, totals: &mut Totals) -> Result<(), String> {
        while let Some(datagram) = self.down.pop(now) {
            self.client_side.receive(datagram, now).map_err(|error| error.to_string())?;
        }
        while let Some(event) = self.client_side.next_event() {
            let ConnectionEvent::Message { payload, .. } = event else { continue };
            match self.receiver.receive(payload) {
                Ok(events) => {
                    for event in events {
                        let SnapshotEvent::Left { entity } = event else { continue };
                        let ticks = self.in_sight.get(&entity.0).copied().unwrap_or(0);
                        if ticks > IN_SIGHT {
                            return Err(format!("{entity} left after {ticks} ticks in sight"));
                        }
                    }
                }
                // Late news of what went out of sight and came back may need what was dropped.
                Err(ReceiveError::Snapshot(SnapshotError::MissingBaseline { .. })) => {
                    totals.missing_baselines += 1;
                }
                Err(error) => return Err(error.to_string()),
            }
            let Some((section, tick)) = section_of(payload) else { continue };
            let held = self.receiver.state(section, tick);
            if let (Some(held), Some(sent)) = (held, game.sender.state(section, tick)) {
                totals.compared += 1;
                if held != sent {
                    return Err(format!("{section:?} is another at {tick}"));
                }
            }
        }
        let mut datagram = Vec::new();
        while self.client_side.next_datagram(now, &mut datagram) {
            self.up.push(now, &datagram);
            datagram.clear();
        }
        Ok(())
    }

    /// How many ticks old the oldest of what the client shall have is; none when something is missing.
    pub(super) fn staleness(&self, now: Tick) -> Option<i32> {
        let held: HashMap<_, _> = self.receiver.sections().collect();
        let (listed, _) = self.receiver.listed();
        let mut ages = listed.map(|section| held.get(&section).map(|&tick| now.since(tick)));
        ages.try_fold(0, |most, age| age.map(|age| age.max(most)))
    }

    /// Compares all that the client sees with the game.
    pub(super) fn compare(&self, game: &Game) -> Result<(), String> {
        let mut count = 0;
        for (id, values) in game.visible(&self.cells) {
            count += 1;
            let held = self.receiver.entity(NetEntity(id)).map(|(_, _, row)| row);
            if held != Some(&values[..]) {
                return Err(format!("entity {id} is {held:?}, not {values:?}"));
            }
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
