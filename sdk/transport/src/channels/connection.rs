//! One peer's channels: messages in, datagrams out, and back.

use super::MalformedDatagram;
use super::budget::{Budget, HEADERS};
use super::config::{ChannelConfig, ChannelId, ChannelsConfig};
use super::datagram::{Ack, Datagram, HEADER, MAX_SHARED_ACKS, expand};
use super::held::HeldPieces;
use super::inbox::Inbox;
use super::outgoing::Outgoing;
use super::received::Received;
use super::reliable_in::ReliableIn;
use super::sent::SentPackets;
use super::unreliable_in::UnreliableIn;
use super::writer::DatagramWriter;
use crate::{PeerId, Receipt, SendError, TransportError};
use core::cmp::Reverse;
use core::time::Duration;
use std::sync::Arc;

/// The channels to one peer. Pure: it takes and returns bytes, and is told the time.
///
/// Once a frame: [`receive`](Self::receive) every datagram that came, [`next_event`](Self::next_event) until
/// it is empty, [`send`](Self::send) as often as wanted, then [`next_datagram`](Self::next_datagram) until it
/// returns `false`, all with the same `now`.
///
/// ```
/// use netcord_transport::channels::{Connection, ConnectionEvent};
/// use netcord_transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
/// use std::{sync::Arc, time::Duration};
///
/// let config = Arc::new(ChannelsConfig::new([ChannelConfig::reliable_ordered()]));
/// let mut here = Connection::new(config.clone(), PeerId::new(0, 0))?;
/// let mut there = Connection::new(config, PeerId::new(0, 0))?;
/// here.send(ChannelId(0), b"hello")?;
///
/// let (now, mut datagram) = (Duration::ZERO, Vec::new());
/// while here.next_datagram(now, &mut datagram) {
///     there.receive(&datagram, now)?;
///     datagram.clear();
/// }
/// let event = there.next_event();
/// assert!(matches!(event, Some(ConnectionEvent::Message { channel: ChannelId(0), payload: b"hello" })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    config: Arc<ChannelsConfig>,
    peer: PeerId,
    next_receipt: u64,
    /// All channels by id; the last is [`ChannelId::CONTROL`].
    outgoing: Vec<Outgoing>,
    incoming: Vec<Incoming>,
    /// Priorities and places in `outgoing`, the highest priority first.
    order: Vec<(u16, usize)>,
    sent: SentPackets,
    received: Received,
    budget: Budget,
    held: HeldPieces,
    inbox: Inbox,
    /// What came on [`ChannelId::CONTROL`]: the transport's own, so it overtakes what waits for the game.
    control: Inbox,
    /// The flush that [`next_datagram`](Self::next_datagram) is in.
    flushed_at: Option<Duration>,
    /// The peer is silent: ask for an ack, even with nothing to say.
    probe: bool,
    /// Bytes that each datagram costs on the wire beside its own.
    overhead: usize,
}

#[derive(Debug)]
enum Incoming {
    Reliable(ReliableIn),
    Unreliable(UnreliableIn),
}

/// What happened on a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum ConnectionEvent<'a> {
    /// A message arrived.
    Message {
        /// The channel it came on.
        channel: ChannelId,
        /// The bytes, as sent.
        payload: &'a [u8],
    },
    /// A message is whole at the peer.
    Delivered(Receipt),
    /// An unreliable message is lost or, rarely, only late. Nothing more is heard of it.
    Lost(Receipt),
}

/// How the channels to a peer do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ConnectionStats {
    /// Round trip without the peer's wait before it acked; zero until the first ack.
    pub rtt: Duration,
    /// Mean deviation of the round trip.
    pub jitter: Duration,
    /// Share of our datagrams that were not acked lately, 0 to 1.
    pub loss: f32,
    /// Bytes of messages that wait to be sent or to be acked.
    pub queued: usize,
    /// What congestion control allows now, in bytes a second with sealing, UDP and IPv4 headers.
    pub bytes_per_second: u32,
}

/// Receipts that may wait for the game before messages that want one are refused.
const MAX_EVENTS: usize = 4 << 20;
/// From this many probes in a row, the path is taken for gone.
const SILENT_AFTER_PROBES: u32 = 2;
/// Up to this share of loss, what is sent again is sent twice: the bytes are few, and a second loss would
/// cost another round trip.
const ECHO_BELOW_LOSS: f32 = 0.1;
/// Acks in a packet that is so far behind are not looked at: newer ones said as much, and what they name in
/// 16 bits may have wrapped since.
const STALE_ACKS: u64 = 64;
/// Packets that are sent again for one probe.
const SUSPECTS_PER_PROBE: u32 = 2;

impl Connection {
    /// Channels to `peer`, who is named in errors. Both ends must agree on the configuration's
    /// [`hash`](ChannelsConfig::hash).
    ///
    /// # Errors
    /// [`TransportError::Config`] when the configuration is not [valid](ChannelsConfig::validate).
    pub fn new(config: Arc<ChannelsConfig>, peer: PeerId) -> Result<Self, TransportError> {
        config.validate()?;
        let ids = (0..config.channels.len() as u8).map(ChannelId).chain([ChannelId::CONTROL]);
        let channels = ids.filter_map(|id| config.channel(id).map(|channel| (id, channel)));
        let halves = channels.map(|(id, channel)| (Outgoing::new(id, channel), Incoming::new(id, channel)));
        let (outgoing, incoming): (Vec<_>, Vec<_>) = halves.unzip();
        // The control channel, which has no priority of its own, goes before all others.
        let priority =
            |place: usize| config.channels.get(place).map_or(256, |channel| u16::from(channel.priority));
        let mut order: Vec<_> = (0..outgoing.len()).map(|place| (priority(place), place)).collect();
        order.sort_by_key(|&(priority, _)| Reverse(priority));
        Ok(Self {
            peer,
            next_receipt: 0,
            outgoing,
            incoming,
            order,
            sent: SentPackets::default(),
            received: Received::default(),
            budget: Budget::new(config.max_bytes_per_second),
            held: HeldPieces::default(),
            inbox: Inbox::default(),
            control: Inbox::default(),
            flushed_at: None,
            probe: false,
            overhead: HEADERS,
            config,
        })
    }

    /// Counts what the link adds to each datagram against the byte budget: `bytes` for sealing, beside UDP and IPv4
    /// headers, which always count.
    #[must_use]
    pub fn with_sealing(self, bytes: usize) -> Self {
        Self { overhead: HEADERS + bytes, ..self }
    }

    /// Queues a message; it leaves with the next flush that has room for it.
    ///
    /// # Errors
    /// See [`SendError`]; nothing was queued then. A full unreliable channel is no error: its oldest message
    /// that was not sent yet is dropped, and its receipt comes as [`ConnectionEvent::Lost`].
    pub fn send(&mut self, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        let Some(config) = self.config.channel(channel) else {
            return Err(SendError::UnknownChannel { channel });
        };
        if payload.len() > config.max_message {
            return Err(SendError::TooLarge { size: payload.len(), limit: config.max_message });
        }
        let receipt = Receipt(self.next_receipt);
        let outgoing = &mut self.outgoing[place(channel, self.config.channels.len())];
        let receipts_pile_up = config.receipts && self.inbox.size() > MAX_EVENTS + self.config.inbox_limit();
        if receipts_pile_up || !outgoing.push(payload, receipt, config.max_queued, &mut self.inbox) {
            return Err(SendError::QueueFull { peer: self.peer, channel, queued: outgoing.queued() });
        }
        self.next_receipt += 1;
        Ok(receipt)
    }

    /// Takes one datagram of the peer's, as it came out of the secure link.
    ///
    /// While more waits for [`next_event`](Self::next_event) than a game that drains it ever has (twice the
    /// longest message and 1 MiB), datagrams are dropped unread, as if lost on the way: the peer sends again.
    ///
    /// # Errors
    /// The peer broke the protocol; disconnect it. Nothing of the datagram was applied, but where two blocks
    /// of the one datagram contradict each other.
    pub fn receive(&mut self, datagram: &[u8], now: Duration) -> Result<(), MalformedDatagram> {
        if self.inbox.size() > self.config.inbox_limit() {
            return Ok(());
        }
        let config = self.config.clone();
        let datagram = Datagram::parse(datagram, &config)?;
        let number = expand(datagram.number, self.received.highest() + 1);
        let Some(number) = number.filter(|&number| self.received.is_new(number)) else {
            return Ok(());
        };
        let ack = datagram.ack.filter(|_| number + STALE_ACKS > self.received.highest());
        let highest_acked = ack.as_ref().map(|ack| self.check_ack(ack)).transpose()?;
        let mut has_messages = false;
        for block in datagram.blocks.clone() {
            let block = block?;
            has_messages = true;
            let taken = match &self.incoming[place(block.channel, config.channels.len())] {
                Incoming::Reliable(channel) => channel.check(&block, number).map(|()| true)?,
                Incoming::Unreliable(channel) => channel.check(&block)?,
            };
            if !taken {
                return Ok(());
            }
        }

        self.received.insert(number, has_messages || datagram.ping, now);
        if let (Some(ack), Some(highest)) = (ack, highest_acked) {
            self.take_ack(ack, highest, now);
        }
        for block in datagram.blocks {
            let block = block?;
            let inbox = if block.channel == ChannelId::CONTROL { &mut self.control } else { &mut self.inbox };
            match &mut self.incoming[place(block.channel, config.channels.len())] {
                Incoming::Reliable(channel) => channel.receive(&block, number, &mut self.held, inbox)?,
                Incoming::Unreliable(channel) => channel.receive(&block, number, &mut self.held, inbox)?,
            }
        }
        Ok(())
    }

    /// Whether [`next_event`](Self::next_event) has something.
    pub fn has_events(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Queues a message of the transport's own on [`ChannelId::CONTROL`].
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub(crate) fn send_control(&mut self, payload: &[u8]) -> Result<Receipt, SendError> {
        self.send(ChannelId::CONTROL, payload)
    }

    /// The next message that came on [`ChannelId::CONTROL`].
    pub(crate) fn next_control(&mut self) -> Option<&[u8]> {
        match self.control.pop()? {
            ConnectionEvent::Message { payload, .. } => Some(payload),
            _ => None,
        }
    }

    /// Whether all that was sent on [`ChannelId::CONTROL`] has arrived.
    pub(crate) fn control_is_delivered(&self) -> bool {
        self.outgoing.last().is_none_or(|control| control.queued() == 0)
    }

    /// The next event, oldest first.
    pub fn next_event(&mut self) -> Option<ConnectionEvent<'_>> {
        self.inbox.pop()
    }

    /// Appends the next datagram of this flush to `out`: at most [`MAX_DATAGRAM`](super::MAX_DATAGRAM) bytes.
    /// `false`, and nothing appended, when there is nothing to say or the byte budget is used up. A flush is
    /// all calls with the same `now`.
    pub fn next_datagram(&mut self, now: Duration, out: &mut Vec<u8>) -> bool {
        if self.flushed_at != Some(now) {
            self.flushed_at = Some(now);
            self.begin_flush(now);
        }
        if self.sent.is_exhausted() {
            return false;
        }
        let pending = self.outgoing.iter().any(|channel| channel.is_pending(now));
        let full = self.sent.is_full();
        let data = pending && (!full || self.probe) && self.budget.allows();
        if !data && !self.probe && !self.received.ack_is_due(now) {
            return false;
        }
        if data && full {
            self.give_up_oldest();
        }
        self.write_datagram(now, data, out)
    }

    /// How the channels do.
    pub fn stats(&self) -> ConnectionStats {
        let round_trip = self.sent.round_trip();
        ConnectionStats {
            rtt: round_trip.smoothed,
            jitter: round_trip.deviation,
            loss: self.budget.loss(),
            queued: self.outgoing.iter().map(Outgoing::queued).sum(),
            bytes_per_second: self.budget.bytes_per_second(),
        }
    }

    fn write_datagram(&mut self, now: Duration, data: bool, out: &mut Vec<u8>) -> bool {
        let number = self.sent.next_number();
        let start = out.len();
        let mut writer = DatagramWriter::new(out, number);
        let mut acks_through = 0;
        if self.received.wants_ack() {
            acks_through = self.received.highest();
            writer.acks(|out| self.received.write_acks(out, now));
        }
        let head = writer.len();
        // Longer acks go alone; the messages follow in the next datagram.
        if data && head <= HEADER + MAX_SHARED_ACKS {
            self.fill(&mut writer, now);
        }
        let bare = writer.len() == head;
        if bare && acks_through == 0 && !self.probe {
            out.truncate(start);
            return false;
        }
        let ping = self.received.sent(bare) || bare && self.probe;
        if ping {
            writer.ping();
        }
        self.probe = false;
        let size = writer.finish() + self.overhead;
        self.budget.spend(size);
        self.sent.sent(now, size, !bare, !bare || ping, acks_through);
        true
    }

    /// Lets the channels write what they have, the highest priority first.
    fn fill(&mut self, writer: &mut DatagramWriter<'_>, now: Duration) {
        let echo = self.budget.loss() < ECHO_BELOW_LOSS;
        let mut unsated = None;
        for (turn, &(_, place)) in self.order.iter().enumerate() {
            let before = writer.len();
            let channel = &mut self.outgoing[place];
            channel.fill(writer, &mut self.sent, now, echo);
            if unsated.is_none() && writer.len() > before && channel.is_pending(now) {
                unsated = Some(turn);
            }
        }
        if let Some(turn) = unsated {
            // Next time, its equals go first.
            let equals = self.order[turn..].chunk_by(|a, b| a.0 == b.0).next().map_or(0, <[_]>::len);
            self.order[turn..turn + equals].rotate_left(1);
        }
    }

    /// Judges what is late or lost, and refills the budget.
    fn begin_flush(&mut self, now: Duration) {
        self.budget.refill(now);
        while let Some(number) = self.sent.next_suspect(now) {
            self.suspect(number);
        }
        while let Some(number) = self.sent.next_lost(now) {
            self.budget.lost(number);
            self.lose(number);
        }
        if self.sent.probe_is_due(now) {
            if self.sent.probes() >= SILENT_AFTER_PROBES {
                self.budget.peer_is_silent();
            }
            self.probe = true;
            for _ in 0..SUSPECTS_PER_PROBE {
                if let Some(number) = self.sent.suspect_oldest() {
                    self.suspect(number);
                }
            }
        }
        self.outgoing.iter_mut().for_each(Outgoing::begin_flush);
    }

    /// What is reliable in the packet is sent again.
    fn suspect(&mut self, number: u64) {
        for block in self.sent.blocks(number) {
            self.outgoing[place(block.channel, self.config.channels.len())].suspected(block, number);
        }
    }

    /// What is unreliable in the packet is given up.
    fn lose(&mut self, number: u64) {
        for block in self.sent.blocks(number) {
            self.outgoing[place(block.channel, self.config.channels.len())].lost(block, &mut self.inbox);
        }
    }

    fn give_up_oldest(&mut self) {
        if let Some(number) = self.sent.give_up_oldest() {
            self.suspect(number);
            self.lose(number);
        }
        self.sent.pop();
    }

    /// The whole number of the highest packet that is acked, if all that is acked was sent.
    fn check_ack(&self, ack: &Ack<'_>) -> Result<u64, MalformedDatagram> {
        let newest = self.sent.next_number() - 1;
        let sent = |highest: &u64| (1..=newest).contains(highest);
        let highest = expand(ack.highest, newest).filter(sent).ok_or(MalformedDatagram::AckOfUnsent)?;
        ack.clone().ranges(highest).try_for_each(|range| match range? {
            (0, _) => Err(MalformedDatagram::AckOfUnsent),
            _ => Ok(()),
        })?;
        Ok(highest)
    }

    fn take_ack(&mut self, ack: Ack<'_>, highest: u64, now: Duration) {
        let delay = ack.delay;
        let mut acked_bytes = 0;
        let mut first_time = false;
        for (low, high) in ack.ranges(highest).map_while(Result::ok) {
            let mut low = low;
            while let Some(number) = self.sent.first_open(low, high) {
                low = number + 1;
                first_time |= number == highest;
                let Some(packet) = self.sent.acked(number, now) else { break };
                if packet.acks_through > 0 {
                    self.received.known_through(packet.acks_through);
                }
                if packet.too_late {
                    continue;
                }
                acked_bytes += u64::from(packet.size);
                self.budget.acked(packet.size);
                for block in self.sent.blocks(number) {
                    let place = place(block.channel, self.config.channels.len());
                    self.outgoing[place].acked(block, &mut self.inbox);
                }
            }
        }
        let sample = self.sent.acked_through(highest, first_time, delay, now);
        let smoothed = self.sent.round_trip().smoothed;
        self.budget.ack_ends(highest, self.sent.next_number(), acked_bytes, sample, smoothed, now);
    }
}

impl Incoming {
    fn new(id: ChannelId, config: &ChannelConfig) -> Self {
        if config.kind.is_reliable() {
            Self::Reliable(ReliableIn::new(id, config))
        } else {
            Self::Unreliable(UnreliableIn::new(id, config))
        }
    }
}

/// Where a channel is in the tables, of which the last is [`ChannelId::CONTROL`], after `count` of the
/// game's.
fn place(channel: ChannelId, count: usize) -> usize {
    usize::from(channel.0).min(count)
}
