//! The sending half of an unreliable channel: each message goes out once.

use super::FRAGMENT;
use super::byte_log::ByteLog;
use super::config::{ChannelConfig, ChannelId};
use super::datagram::fragments;
use super::inbox::Inbox;
use super::sent::{SentBlock, SentPackets};
use super::writer::{Batch, DatagramWriter};
use crate::Receipt;
use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct UnreliableOut {
    channel: ChannelId,
    receipts: bool,
    bytes: ByteLog,
    queue: VecDeque<Queued>,
    /// Fragments of the oldest message that were sent.
    fragments_sent: u16,
    /// The id of the next fragment.
    next_id: u64,
    /// The place of `unresolved[0]`.
    base: u64,
    /// Messages that were sent and are neither delivered nor lost; only where receipts are wanted.
    unresolved: VecDeque<Unresolved>,
}

#[derive(Clone, Copy, Debug)]
struct Queued {
    start: u64,
    length: u32,
    receipt: u64,
}

#[derive(Clone, Copy, Debug)]
struct Unresolved {
    receipt: u64,
    /// Pieces that are not acked; 0 once the receipt was given.
    pieces: u16,
}

/// The most messages that may wait, beside the limit in bytes.
const MAX_MESSAGES: usize = 1 << 15;

impl UnreliableOut {
    pub(super) fn new(channel: ChannelId, config: &ChannelConfig) -> Self {
        Self {
            channel,
            receipts: config.receipts,
            bytes: ByteLog::default(),
            queue: VecDeque::new(),
            fragments_sent: 0,
            next_id: 0,
            base: 0,
            unresolved: VecDeque::new(),
        }
    }

    /// Bytes that wait to be sent.
    pub(super) fn queued(&self) -> usize {
        self.bytes.len()
    }

    /// Queues a message; the oldest ones make room for it, for what is late is worth least.
    pub(super) fn push(&mut self, payload: &[u8], receipt: Receipt, limit: usize, inbox: &mut Inbox) {
        while self.bytes.len() + payload.len() > limit || self.queue.len() >= MAX_MESSAGES {
            self.drop_oldest(inbox);
        }
        let start = self.bytes.append(payload);
        self.queue.push_back(Queued { start, length: payload.len() as u32, receipt: receipt.0 });
    }

    fn drop_oldest(&mut self, inbox: &mut Inbox) {
        let Some(oldest) = self.queue.front().copied() else { return };
        if self.receipts {
            let begun = self.fragments_sent > 0;
            match self.unresolved.back_mut() {
                // Its first fragments are on their way; the message is lost all the same.
                Some(begun_message) if begun => {
                    if core::mem::take(&mut begun_message.pieces) > 0 {
                        inbox.lost(Receipt(oldest.receipt));
                    }
                }
                _ => inbox.lost(Receipt(oldest.receipt)),
            }
        }
        self.sent_oldest(1);
    }

    /// Takes the oldest messages out of the queue.
    fn sent_oldest(&mut self, count: usize) {
        self.queue.drain(..count);
        self.bytes.release(self.queue.front().map_or(self.bytes.end(), |front| front.start));
        self.next_id += u64::from(core::mem::take(&mut self.fragments_sent));
    }

    /// Whether there is something to send.
    pub(super) fn is_pending(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Writes as much as fits.
    pub(super) fn fill(&mut self, writer: &mut DatagramWriter<'_>, sent: &mut SentPackets) {
        while let Some(&front) = self.queue.front() {
            let fits = if front.length as usize > FRAGMENT {
                self.write_fragment(front, writer, sent)
            } else {
                self.write_messages(front, writer, sent)
            };
            if !fits {
                break;
            }
        }
    }

    fn write_messages(
        &mut self,
        front: Queued,
        writer: &mut DatagramWriter<'_>,
        sent: &mut SentPackets,
    ) -> bool {
        let mut batch = Batch::new(false);
        for message in &self.queue {
            let length = message.length as usize;
            if length > FRAGMENT || !batch.add(length, writer.room()) {
                break;
            }
        }
        let count = usize::from(batch.count);
        if count == 0 {
            return false;
        }
        let lengths = self.queue.range(..count).map(|message| message.length as usize);
        writer.messages(self.channel.0, None, &batch, lengths, self.bytes.slice(front.start, batch.bytes));
        if self.receipts {
            let first = self.base + self.unresolved.len() as u64;
            sent.note(SentBlock { channel: self.channel, count: batch.count, first });
            let receipts = self.queue.range(..count).map(|message| message.receipt);
            self.unresolved.extend(receipts.map(|receipt| Unresolved { receipt, pieces: 1 }));
        }
        self.sent_oldest(count);
        true
    }

    fn write_fragment(
        &mut self,
        front: Queued,
        writer: &mut DatagramWriter<'_>,
        sent: &mut SentPackets,
    ) -> bool {
        let index = self.fragments_sent;
        let offset = usize::from(index) * FRAGMENT;
        let length = FRAGMENT.min(front.length as usize - offset);
        if writer.room() < DatagramWriter::fragment_size(index, front.length, length) {
            return false;
        }
        let count = fragments(front.length as usize);
        let id = self.next_id + u64::from(index);
        let bytes = self.bytes.slice(front.start + offset as u64, length);
        writer.fragment(self.channel.0, id, index, front.length, bytes);
        if self.receipts {
            if index == 0 {
                self.unresolved.push_back(Unresolved { receipt: front.receipt, pieces: count });
            }
            let first = self.base + self.unresolved.len() as u64 - 1;
            sent.note(SentBlock { channel: self.channel, count: 1, first });
        }
        self.fragments_sent += 1;
        if self.fragments_sent == count {
            self.sent_oldest(1);
        }
        true
    }

    /// The peer has these pieces.
    pub(super) fn acked(&mut self, block: SentBlock, inbox: &mut Inbox) {
        self.resolve(block, |message| {
            message.pieces -= 1;
            if message.pieces == 0 {
                inbox.delivered(Receipt(message.receipt));
            }
        });
    }

    /// These pieces are lost.
    pub(super) fn lost(&mut self, block: SentBlock, inbox: &mut Inbox) {
        self.resolve(block, |message| {
            message.pieces = 0;
            inbox.lost(Receipt(message.receipt));
        });
    }

    /// Shows each message of the block that has no receipt yet to `visit`, and forgets those at the front
    /// that have one.
    fn resolve(&mut self, block: SentBlock, visit: impl FnMut(&mut Unresolved)) {
        let place = |number: u64| (number.saturating_sub(self.base) as usize).min(self.unresolved.len());
        let range = place(block.first)..place(block.first + u64::from(block.count));
        self.unresolved.range_mut(range).filter(|message| message.pieces > 0).for_each(visit);
        let being_sent = usize::from(self.fragments_sent > 0);
        while self.unresolved.len() > being_sent
            && self.unresolved.front().is_some_and(|message| message.pieces == 0)
        {
            self.unresolved.pop_front();
            self.base += 1;
        }
    }
}
