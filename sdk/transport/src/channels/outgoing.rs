//! The sending half of any channel.

use super::config::{ChannelConfig, ChannelId};
use super::inbox::Inbox;
use super::reliable_out::ReliableOut;
use super::sent::{SentBlock, SentPackets};
use super::unreliable_out::UnreliableOut;
use super::writer::DatagramWriter;
use crate::Receipt;
use core::time::Duration;

#[derive(Debug)]
pub(super) enum Outgoing {
    Reliable(ReliableOut),
    Unreliable(UnreliableOut),
}

impl Outgoing {
    pub(super) fn new(id: ChannelId, config: &ChannelConfig) -> Self {
        if config.kind.is_reliable() {
            Self::Reliable(ReliableOut::new(id, config))
        } else {
            Self::Unreliable(UnreliableOut::new(id, config))
        }
    }

    /// Queues a message, if there is room; an unreliable channel makes room.
    pub(super) fn push(&mut self, payload: &[u8], receipt: Receipt, limit: usize, inbox: &mut Inbox) -> bool {
        match self {
            Self::Reliable(channel) => channel.push(payload, receipt, limit),
            Self::Unreliable(channel) => {
                channel.push(payload, receipt, limit, inbox);
                true
            }
        }
    }

    /// Bytes that wait to be sent or acked.
    pub(super) fn queued(&self) -> usize {
        match self {
            Self::Reliable(channel) => channel.queued(),
            Self::Unreliable(channel) => channel.queued(),
        }
    }

    /// A flush begins.
    pub(super) fn begin_flush(&mut self) {
        if let Self::Reliable(channel) = self {
            channel.begin_flush();
        }
    }

    /// Whether there is something to send in this flush.
    pub(super) fn is_pending(&self, now: Duration) -> bool {
        match self {
            Self::Reliable(channel) => channel.is_pending(now),
            Self::Unreliable(channel) => channel.is_pending(),
        }
    }

    /// Writes as much as fits. With `echo`, what was lost goes out in this flush and the next.
    pub(super) fn fill(
        &mut self,
        writer: &mut DatagramWriter<'_>,
        sent: &mut SentPackets,
        now: Duration,
        echo: bool,
    ) {
        match self {
            Self::Reliable(channel) => channel.fill(writer, sent, now, echo),
            Self::Unreliable(channel) => channel.fill(writer, sent),
        }
    }

    /// The peer has what the block carried.
    pub(super) fn acked(&mut self, block: SentBlock, inbox: &mut Inbox) {
        match self {
            Self::Reliable(channel) => channel.acked(block, inbox),
            Self::Unreliable(channel) => channel.acked(block, inbox),
        }
    }

    /// The packet with the block is suspect: what is reliable is sent again.
    pub(super) fn suspected(&mut self, block: SentBlock, number: u64) {
        if let Self::Reliable(channel) = self {
            channel.suspected(block, number);
        }
    }

    /// The packet with the block is lost: what is unreliable is given up.
    pub(super) fn lost(&mut self, block: SentBlock, inbox: &mut Inbox) {
        if let Self::Unreliable(channel) = self {
            channel.lost(block, inbox);
        }
    }
}
