//! Which packets arrived, and when they are acked.

use super::MAX_ACK_DELAY;
use super::datagram::{ACK, MAX_RANGES, RANGES_SHIFT, encode_delay, write_varint};
use super::packet_set::PacketSet;
use core::time::Duration;

/// The receiving side's memory of packet numbers: what to drop as seen, what to ack.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// The highest number that arrived; 0 when none did, for numbers start at 1.
    highest: u64,
    highest_at: Duration,
    numbers: PacketSet,
    /// Lower numbers are not acked again: the peer knows about them.
    floor: u64,
    /// Datagrams that want an ack and have none, and since when the first waits.
    waiting: u8,
    waiting_since: Duration,
    /// Something arrived out of order: the peer should hear at once.
    urgent: bool,
    /// Datagrams in a row that carried nothing but acks.
    bare: u8,
}

/// How many bare acks go out before one asks for an ack itself, so that the ranges don't pile up.
const BARE_ACKS: u8 = 16;

impl Received {
    /// The highest number that arrived.
    pub(super) fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether the packet is neither a duplicate nor too old to tell. Numbers before the first wrap to huge ones,
    /// which no packet has: 16 bits on the wire reach no further ahead than half their range.
    pub(super) fn is_new(&self, number: u64) -> bool {
        match number.checked_sub(self.highest) {
            Some(0) => false,
            Some(ahead) => ahead <= 1 << 15,
            None => number > 0 && number + PacketSet::SPAN > self.highest && !self.numbers.contains(number),
        }
    }

    /// Notes a new packet. `wants_ack` is false for one that only acks.
    pub(super) fn insert(&mut self, number: u64, wants_ack: bool, now: Duration) {
        self.urgent |= wants_ack && number != self.highest + 1;
        if number > self.highest {
            self.numbers.remove_range(self.highest + 1, number);
            self.highest = number;
            self.highest_at = now;
        }
        self.numbers.insert(number);
        self.floor = self.floor.min(number);
        if wants_ack {
            if self.waiting == 0 {
                self.waiting_since = now;
            }
            self.waiting = self.waiting.saturating_add(1);
        }
    }

    /// Whether a datagram that goes out anyway should ack.
    pub(super) fn wants_ack(&self) -> bool {
        self.waiting > 0
    }

    /// Whether an ack should go out even alone.
    pub(super) fn ack_is_due(&self, now: Duration) -> bool {
        self.waiting >= 2
            || self.waiting > 0 && (self.urgent || now.saturating_sub(self.waiting_since) >= MAX_ACK_DELAY)
    }

    /// Counts a datagram that goes out, bare of messages or not, and tells whether it should ask for an ack.
    pub(super) fn sent(&mut self, bare: bool) -> bool {
        self.bare = if bare { self.bare + 1 } else { 0 };
        let ask = self.bare >= BARE_ACKS;
        if ask {
            self.bare = 0;
        }
        ask
    }

    /// The peer has an ack of everything up to `number`.
    pub(super) fn known_through(&mut self, number: u64) {
        self.floor = self.floor.max(number + 1);
    }

    /// Appends the ack section to `out` and returns the flags that announce it.
    pub(super) fn write_acks(&mut self, out: &mut Vec<u8>, now: Duration) -> u8 {
        self.waiting = 0;
        self.urgent = false;
        out.extend_from_slice(&(self.highest as u16).to_le_bytes());
        out.push(encode_delay(now.saturating_sub(self.highest_at)));
        let lowest =
            self.floor.max((self.highest + 1).saturating_sub(PacketSet::SPAN)).clamp(1, self.highest);
        let mut run = self.numbers.run_down(self.highest, lowest, true);
        write_varint(out, run as usize - 1);
        let mut next = self.highest - run;
        let mut ranges = 0;
        while next >= lowest && ranges < MAX_RANGES {
            let gap = self.numbers.run_down(next, lowest, false);
            next -= gap;
            if next < lowest {
                break;
            }
            run = self.numbers.run_down(next, lowest, true);
            write_varint(out, gap as usize - 1);
            write_varint(out, run as usize - 1);
            next -= run;
            ranges += 1;
        }
        ACK | ranges << RANGES_SHIFT
    }
}
