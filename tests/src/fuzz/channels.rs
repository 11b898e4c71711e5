//! Targets of the channels: one connection whose peer sends anything, and two honest ones on a path that does
//! anything.

use super::script::Script;
use netcord::transport::channels::{Connection, ConnectionEvent, MAX_DATAGRAM};
use netcord::transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId, Receipt};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

const MAX_MESSAGE: usize = 6_000;
const TICK: Duration = Duration::from_micros(16_667);
/// How long a fine path may take to make up for what a script did. Scripts can delay datagrams by a minute, and
/// whoever has seen a round trip of minutes waits for the next one as long.
const SETTLING_SECONDS: u32 = 180;
/// Datagrams under way, each direction; what exceeds it is lost.
const MAX_UNDER_WAY: usize = 64;

/// All kinds of channel, small enough for a fuzzer to reach their limits.
pub(super) fn config() -> ChannelsConfig {
    let small =
        |channel: ChannelConfig| channel.with_max_message(MAX_MESSAGE).with_max_queued(2 * MAX_MESSAGE);
    ChannelsConfig::new([
        small(ChannelConfig::unreliable()).with_receipts(),
        small(ChannelConfig::unreliable_sequenced()).with_priority(2),
        small(ChannelConfig::reliable_unordered()).with_receipts().with_repetition(3),
        small(ChannelConfig::reliable_ordered()).with_receipts(),
    ])
}

fn new_connection(config: &Arc<ChannelsConfig>) -> Connection {
    Connection::new(config.clone(), PeerId::new(0, 0)).expect("the configuration is valid")
}

/// A connection that talks, and is sent the script's chunks by its peer.
pub(super) fn connection(script: &[u8]) {
    let config = Arc::new(config());
    let mut connection = new_connection(&config);
    let (mut now, mut out) = (Duration::from_secs(1), Vec::new());
    let mut script = Script(script);
    while let Some(step) = script.next() {
        match step % 4 {
            0 => {
                let channel = ChannelId(script.byte() % 5);
                let _ = connection.send(channel, &vec![step; usize::from(script.number()) % 8_000]);
            }
            1 => {
                now += TICK * u32::from(script.byte());
                for _ in 0..MAX_UNDER_WAY {
                    out.clear();
                    if !connection.next_datagram(now, &mut out) {
                        break;
                    }
                    assert!((1..=MAX_DATAGRAM).contains(&out.len()));
                }
            }
            _ => {
                if connection.receive(script.chunk(), now).is_err() {
                    return; // the transport disconnects here
                }
                while let Some(event) = connection.next_event() {
                    if let ConnectionEvent::Message { payload, .. } = event {
                        assert!(payload.len() <= MAX_MESSAGE, "a message is over its limit");
                    }
                }
            }
        }
    }
}

/// Two connections, and a script that loses, repeats, delays and reorders; after it the path is fine, and all that
/// the channels promise has come true.
pub(super) fn delivery(script: &[u8]) {
    let mut pair = Pair::new();
    let mut script = Script(script);
    for _ in 0..400 {
        let Some(step) = script.next() else { break };
        let side = usize::from(step >> 7);
        match step % 6 {
            0 | 1 => pair.send(side, ChannelId(script.byte() % 4), usize::from(script.number())),
            2 => pair.tick(1 + u32::from(step >> 3 & 15)),
            // The next one arrives; a later one overtakes; one gets lost; one comes and will come again.
            3 => pair.deliver(side, 0),
            4 => pair.deliver(side, usize::from(script.byte())),
            _ => {
                let at = usize::from(script.byte());
                if script.byte() % 2 == 0 { pair.lose(side, at) } else { pair.repeat(side, at) }
            }
        }
    }
    pair.settle();
}

/// One end, and what it is owed.
struct End {
    connection: Connection,
    /// What it has sent and what is yet to arrive, by channel.
    sent: [VecDeque<Vec<u8>>; 4],
    /// What unreliable channels have sent and what has not arrived.
    open: BTreeSet<Receipt>,
    /// Datagrams on the way to the other end.
    under_way: Vec<Vec<u8>>,
    /// The number of the newest message that came on the sequenced channel.
    newest: u32,
}

struct Pair {
    ends: [End; 2],
    now: Duration,
    messages: u32,
    /// The channels of the messages whose numbers are the keys.
    sent: BTreeMap<u32, (usize, ChannelId)>,
}

impl Pair {
    fn new() -> Self {
        let config = Arc::new(config());
        let end = || End {
            connection: new_connection(&config),
            sent: Default::default(),
            open: BTreeSet::new(),
            under_way: Vec::new(),
            newest: 0,
        };
        Self { ends: [end(), end()], now: Duration::from_secs(1), messages: 0, sent: BTreeMap::new() }
    }

    fn send(&mut self, side: usize, channel: ChannelId, length: usize) {
        self.messages += 1;
        let mut message = self.messages.to_le_bytes().to_vec();
        message.resize(4 + length % (MAX_MESSAGE - 3), self.messages as u8);
        let end = &mut self.ends[side];
        let Ok(receipt) = end.connection.send(channel, &message) else { return };
        if channel != ChannelId(1) {
            end.open.insert(receipt);
        }
        end.sent[usize::from(channel.0)].push_back(message);
        self.sent.insert(self.messages, (side, channel));
    }

    fn tick(&mut self, ticks: u32) {
        self.now += TICK * ticks;
        for End { connection, under_way, .. } in &mut self.ends {
            let mut datagram = Vec::new();
            while under_way.len() < MAX_UNDER_WAY && connection.next_datagram(self.now, &mut datagram) {
                under_way.push(core::mem::take(&mut datagram));
            }
        }
    }

    /// The datagram that `side` has sent, at this place among those under way, arrives.
    fn deliver(&mut self, side: usize, at: usize) {
        let under_way = &mut self.ends[side].under_way;
        if !under_way.is_empty() {
            let datagram = under_way.remove(at % under_way.len());
            self.arrive(side, &datagram);
        }
    }

    fn lose(&mut self, side: usize, at: usize) {
        let under_way = &mut self.ends[side].under_way;
        if !under_way.is_empty() {
            under_way.remove(at % under_way.len());
        }
    }

    fn repeat(&mut self, side: usize, at: usize) {
        let under_way = &self.ends[side].under_way;
        if !under_way.is_empty() {
            let datagram = under_way[at % under_way.len()].clone();
            self.arrive(side, &datagram);
        }
    }

    fn arrive(&mut self, side: usize, datagram: &[u8]) {
        let receiver = &mut self.ends[1 - side].connection;
        receiver.receive(datagram, self.now).expect("an honest datagram is well-formed");
        for receiver in 0..2 {
            self.drain(receiver);
        }
    }

    fn drain(&mut self, side: usize) {
        let mut arrived = Vec::new();
        let end = &mut self.ends[side];
        while let Some(event) = end.connection.next_event() {
            match event {
                ConnectionEvent::Message { channel, payload } => arrived.push((channel, payload.to_vec())),
                ConnectionEvent::Delivered(receipt) | ConnectionEvent::Lost(receipt) => {
                    assert!(end.open.remove(&receipt), "{receipt:?} ends twice");
                }
            }
        }
        for (channel, message) in arrived {
            self.check(side, channel, &message);
        }
    }

    /// A message arrived at `side`: as it was sent, once, and in the order that its channel promises.
    fn check(&mut self, side: usize, channel: ChannelId, message: &[u8]) {
        let sent = &mut self.ends[1 - side].sent[usize::from(channel.0)];
        let at = sent.iter().position(|sent| sent == message).expect("sent, and not arrived before");
        let number = u32::from_le_bytes(*message.first_chunk().expect("a number"));
        assert_eq!(self.sent.get(&number), Some(&(1 - side, channel)));
        match channel {
            ChannelId(1) => {
                let newest = &mut self.ends[side].newest;
                assert!(number > *newest, "a sequenced channel never goes back");
                *newest = number;
                self.ends[1 - side].sent[1].remove(at);
            }
            ChannelId(3) => {
                assert_eq!(at, 0, "an ordered channel keeps the order");
                sent.pop_front();
            }
            _ => drop(sent.remove(at)),
        }
    }

    /// Lets everything arrive for a while; then nothing that is reliable is missing, and no receipt is open.
    fn settle(&mut self) {
        for _ in 0..60 * SETTLING_SECONDS {
            self.tick(1);
            for side in 0..2 {
                while !self.ends[side].under_way.is_empty() {
                    self.deliver(side, 0);
                }
                self.drain(side);
            }
            if self.ends.iter().all(End::is_settled) {
                return;
            }
        }
        panic!("{SETTLING_SECONDS} seconds on a fine path, and reliable messages or receipts are missing");
    }
}

impl End {
    fn is_settled(&self) -> bool {
        self.sent[2..].iter().all(VecDeque::is_empty) && self.open.is_empty()
    }
}
