//! What was sent in which packet, which packets are acked, late or lost, and the round trip.
//!
//! Two judgements, after RFC 9002 (QUIC loss detection) and RFC 8985 (RACK). A packet is *suspect* when one
//! sent later was acked and the reordering seen so far doesn't explain the gap: what is reliable in it is
//! sent again. It is *lost* when the gap is old beyond doubt: receipts say so and the budget hears of it.
//! Both walk the packets once, in the order of sending.

use super::packet_set::PacketSet;
use super::{ChannelId, MAX_ACK_DELAY};
use core::time::Duration;
use std::collections::VecDeque;

/// Messages of one channel that a packet carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct SentBlock {
    pub(super) channel: ChannelId,
    pub(super) count: u8,
    /// The first piece's id on a reliable channel; on an unreliable one, the first receipt's place.
    pub(super) first: u64,
}

#[derive(Clone, Copy, Debug)]
struct SentPacket {
    sent_at: Duration,
    /// Bytes on the wire.
    size: u16,
    /// Whether it carries messages.
    data: bool,
    /// How many blocks of messages it has, from which place in `blocks`.
    count: u16,
    first_block: u64,
    /// The highest packet of the peer's that it acks.
    acks_through: u64,
}

/// A packet that was acked.
#[derive(Clone, Copy, Debug)]
pub(super) struct AckedPacket {
    pub(super) size: u16,
    pub(super) acks_through: u64,
    /// Given up before: nobody wants to hear of it any more.
    pub(super) too_late: bool,
}

/// All packets that are neither acked nor long lost.
#[derive(Debug)]
pub(super) struct SentPackets {
    /// The number of the next packet.
    next: u64,
    /// The number of `packets[0]`.
    first: u64,
    packets: VecDeque<SentPacket>,
    blocks: VecDeque<SentBlock>,
    /// The place of `blocks[0]`.
    first_block: u64,
    /// Packets that wait for an ack, lost ones included.
    open: PacketSet,
    /// All packets below are acked or lost.
    lost_below: u64,
    /// All packets below are acked, lost or suspect.
    suspect_below: u64,
    newest_acked: u64,
    newest_acked_sent_at: Duration,
    newest_acked_at: Duration,
    /// How late a packet may come without being suspect: what reordering was seen, fading.
    tolerance: Duration,
    /// Packets with messages that are neither acked nor lost.
    in_flight: u32,
    /// When the last ack came, or the oldest packet in flight was sent.
    progress_at: Duration,
    /// How often silence was probed since then.
    probes: u32,
    round_trip: RoundTrip,
}

/// The smoothed round trip (RFC 6298), without the peer's wait.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoundTrip {
    pub(super) smoothed: Duration,
    pub(super) deviation: Duration,
}

/// The most packets that are remembered; when as many wait for an ack, nothing is sent but probes.
const MAX_PACKETS: usize = PacketSet::SPAN as usize;
/// Until the first ack.
const FIRST_GUESS: RoundTrip =
    RoundTrip { smoothed: Duration::from_millis(100), deviation: Duration::from_millis(50) };
/// How long lost packets are remembered, so that a late ack teaches how much reordering there is.
const REMEMBERED: Duration = Duration::from_millis(200);
/// The longest time between two probes of a silent peer.
const MAX_PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// A clock's tick, below which no deviation is believed.
const GRANULARITY: Duration = Duration::from_millis(10);

impl Default for SentPackets {
    fn default() -> Self {
        Self {
            next: 1,
            first: 1,
            packets: VecDeque::new(),
            blocks: VecDeque::new(),
            first_block: 0,
            open: PacketSet::default(),
            lost_below: 1,
            suspect_below: 1,
            newest_acked: 0,
            newest_acked_sent_at: Duration::ZERO,
            newest_acked_at: Duration::ZERO,
            tolerance: Duration::ZERO,
            in_flight: 0,
            progress_at: Duration::ZERO,
            probes: 0,
            round_trip: RoundTrip::default(),
        }
    }
}

impl SentPackets {
    /// The number that the next packet will have.
    pub(super) fn next_number(&self) -> u64 {
        self.next
    }

    /// The round trip; zero until the first ack.
    pub(super) fn round_trip(&self) -> RoundTrip {
        self.round_trip
    }

    /// Whether so much went unanswered that the peer could no longer tell packet numbers apart.
    pub(super) fn is_exhausted(&self) -> bool {
        self.next - self.newest_acked >= 1 << 15
    }

    /// Whether no more packets can be remembered.
    pub(super) fn is_full(&mut self) -> bool {
        while self.packets.len() >= MAX_PACKETS && self.first < self.lost_below {
            self.pop();
        }
        self.packets.len() >= MAX_PACKETS
    }

    /// Where the packet that is being written notes its messages.
    pub(super) fn note(&mut self, block: SentBlock) {
        self.blocks.push_back(block);
    }

    /// Notes that the packet was sent.
    pub(super) fn sent(
        &mut self,
        now: Duration,
        size: usize,
        data: bool,
        wants_ack: bool,
        acks_through: u64,
    ) {
        let number = self.next;
        self.next += 1;
        let noted =
            self.packets.back().map_or(self.first_block, |last| last.first_block + u64::from(last.count));
        let count = (self.first_block + self.blocks.len() as u64 - noted) as u16;
        let packet =
            SentPacket { sent_at: now, size: size as u16, data, count, first_block: noted, acks_through };
        self.packets.push_back(packet);
        if wants_ack {
            self.open.insert(number);
        }
        if data {
            if self.in_flight == 0 {
                self.progress_at = now;
                self.probes = 0;
            }
            self.in_flight += 1;
        }
    }

    /// The lowest packet from `low` to `high` that waits for an ack.
    pub(super) fn first_open(&self, low: u64, high: u64) -> Option<u64> {
        self.open.first_in(low.max(self.first), high.min(self.next - 1))
    }

    /// How far behind the acks a packet that was sent at `sent_at` is: those sent this much later have been
    /// acked, or would have been by now.
    fn lateness(&self, sent_at: Duration, now: Duration) -> Duration {
        let expected = self.newest_acked_sent_at + now.saturating_sub(self.newest_acked_at);
        expected.saturating_sub(sent_at)
    }

    /// Takes the ack of a packet that [`first_open`](Self::first_open) named.
    pub(super) fn acked(&mut self, number: u64, now: Duration) -> Option<AckedPacket> {
        let packet = *self.packets.get((number - self.first) as usize)?;
        self.open.remove(number);
        if number < self.suspect_below && number < self.newest_acked {
            // It was late, not lost: be more patient from now on.
            let late = self.lateness(packet.sent_at, now);
            self.tolerance = self.tolerance.max(late + late / 4);
        }
        let too_late = number < self.lost_below;
        if packet.data && !too_late {
            self.in_flight -= 1;
        }
        self.progress_at = now;
        self.probes = 0;
        Some(AckedPacket { size: packet.size, acks_through: packet.acks_through, too_late })
    }

    /// Ends an ack: `highest` is the highest packet in it, and whether this ack was the first to name it.
    /// Returns the round trip that it shows.
    pub(super) fn acked_through(
        &mut self,
        highest: u64,
        first_time: bool,
        delay: Duration,
        now: Duration,
    ) -> Option<Duration> {
        let packet = highest.checked_sub(self.first).and_then(|place| self.packets.get(place as usize))?;
        if highest <= self.newest_acked || !first_time {
            return None;
        }
        self.newest_acked = highest;
        self.newest_acked_sent_at = packet.sent_at;
        self.newest_acked_at = now;
        let whole = now.saturating_sub(packet.sent_at);
        let sample = whole.saturating_sub(delay);
        let RoundTrip { smoothed, deviation } = &mut self.round_trip;
        if *smoothed == Duration::ZERO {
            *smoothed = sample;
            *deviation = sample / 2;
        } else {
            *deviation = (*deviation * 3 + smoothed.abs_diff(sample)) / 4;
            *smoothed = (*smoothed * 7 + sample) / 8;
        }
        self.tolerance = (self.tolerance * 255 / 256).min(*smoothed / 2);
        Some(sample)
    }

    /// The next packet whose reliable messages should be sent again.
    pub(super) fn next_suspect(&mut self, now: Duration) -> Option<u64> {
        while self.suspect_below < self.newest_acked {
            let number = self.suspect_below;
            let packet = self.packets.get((number - self.first) as usize)?;
            if self.lateness(packet.sent_at, now) < self.tolerance {
                return None;
            }
            self.suspect_below += 1;
            if self.open.contains(number) {
                return Some(number);
            }
        }
        None
    }

    /// The next packet that is given up. Its blocks can be read until the next call.
    pub(super) fn next_lost(&mut self, now: Duration) -> Option<u64> {
        let patience = (self.round_trip.smoothed / 8).max(self.tolerance * 2);
        self.forget(now, patience + self.round_trip.smoothed.max(REMEMBERED));
        while self.lost_below < self.newest_acked.min(self.suspect_below) {
            let number = self.lost_below;
            let packet = self.packets.get((number - self.first) as usize)?;
            let waits = self.open.contains(number);
            if waits && self.lateness(packet.sent_at, now) < patience {
                return None;
            }
            let data = packet.data;
            self.lost_below += 1;
            if waits && data {
                self.in_flight -= 1;
                return Some(number);
            }
        }
        None
    }

    /// Gives up the oldest packet, to make place; its number if it was still waiting.
    pub(super) fn give_up_oldest(&mut self) -> Option<u64> {
        let number = self.first;
        let waited = number >= self.lost_below && self.open.contains(number);
        let data = self.packets.front().is_some_and(|packet| packet.data);
        if waited && data {
            self.in_flight -= 1;
        }
        self.suspect_below = self.suspect_below.max(number + 1);
        self.lost_below = self.lost_below.max(number + 1);
        (waited && data).then_some(number)
    }

    /// Forgets packets at the front that are acked, or were lost so long ago that no ack will come.
    fn forget(&mut self, now: Duration, patience: Duration) {
        while let Some(packet) = self.packets.front()
            && (!self.open.contains(self.first)
                || self.first < self.lost_below && self.lateness(packet.sent_at, now) >= patience)
        {
            self.pop();
        }
    }

    /// Forgets the oldest packet.
    pub(super) fn pop(&mut self) {
        if let Some(packet) = self.packets.pop_front() {
            self.open.remove(self.first);
            self.first += 1;
            self.blocks.drain(..usize::from(packet.count));
            self.first_block += u64::from(packet.count);
            self.lost_below = self.lost_below.max(self.first);
            self.suspect_below = self.suspect_below.max(self.first);
        }
    }

    /// The messages that a packet carries.
    pub(super) fn blocks(&self, number: u64) -> impl Iterator<Item = SentBlock> {
        let packet = number.checked_sub(self.first).and_then(|place| self.packets.get(place as usize));
        let range = packet.map_or(0..0, |packet| {
            let first = (packet.first_block - self.first_block) as usize;
            first..first + usize::from(packet.count)
        });
        self.blocks.range(range).copied()
    }

    /// Whether the peer has been silent for so long that it should be probed; then counts the probe.
    pub(super) fn probe_is_due(&mut self, now: Duration) -> bool {
        if self.in_flight == 0 {
            return false;
        }
        let RoundTrip { smoothed, deviation } = match self.round_trip.smoothed {
            Duration::ZERO => FIRST_GUESS,
            _ => self.round_trip,
        };
        let patience = smoothed + (deviation * 4).max(GRANULARITY) + MAX_ACK_DELAY;
        // One pause of seconds makes the deviation huge; what is lost next must not wait for so long.
        let longest = MAX_PROBE_INTERVAL.max(smoothed + MAX_ACK_DELAY);
        let due_at = self.progress_at + (patience * (1 << self.probes.min(4))).min(longest);
        if now < due_at {
            return false;
        }
        self.progress_at = now;
        self.probes += 1;
        true
    }

    /// How often in a row silence was probed.
    pub(super) fn probes(&self) -> u32 {
        self.probes
    }

    /// The oldest packet that is in flight and not suspect yet, which becomes suspect.
    pub(super) fn suspect_oldest(&mut self) -> Option<u64> {
        let number = self.open.first_in(self.suspect_below, self.next - 1)?;
        self.suspect_below = number + 1;
        Some(number)
    }
}
