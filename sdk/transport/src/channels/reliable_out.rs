//! The sending half of a reliable channel.
//!
//! A message is one piece, or several fragments; pieces have consecutive ids, and everything here is about
//! pieces: which are new, which are sent again, which are acked. A message leaves once all its pieces are
//! acked and all messages before it have left.

use super::byte_log::ByteLog;
use super::config::{ChannelConfig, ChannelId};
use super::datagram::fragments;
use super::inbox::Inbox;
use super::sent::{SentBlock, SentPackets};
use super::writer::{Batch, DatagramWriter};
use super::{FRAGMENT, WINDOW};
use crate::Receipt;
use core::time::Duration;
use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct ReliableOut {
    channel: ChannelId,
    receipts: bool,
    /// Flushes after the first that carry a message of one datagram.
    copies: u8,
    bytes: ByteLog,
    /// The id of `pieces[0]`, which starts a message.
    base: u64,
    pieces: VecDeque<Piece>,
    /// The first piece that was never sent.
    fresh: u64,
    /// The first piece that this flush did not look at yet; those below `fresh` are sent as copies.
    cursor: u64,
    /// The first piece that may have copies left.
    copied: u64,
    /// What is sent again, oldest first.
    again: VecDeque<Again>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where its bytes are.
    start: u64,
    /// The message's receipt.
    receipt: u64,
    /// The newest packet that carries it.
    packet: u64,
    /// Bytes of the whole message.
    total: u32,
    /// Which fragment it is; 0 for a whole message.
    index: u16,
    /// Pieces of the message that are not acked; in the message's first piece only.
    unacked: u16,
    copies: u8,
    /// It was suspect once and sent again.
    again: bool,
    acked: bool,
}

impl Piece {
    fn length(&self) -> usize {
        FRAGMENT.min(self.total as usize - usize::from(self.index) * FRAGMENT)
    }

    fn is_whole(&self) -> bool {
        self.total as usize <= FRAGMENT
    }
}

/// Pieces to be sent again.
#[derive(Clone, Copy, Debug)]
struct Again {
    first: u64,
    count: u64,
    /// Sent again already at this time, and now for a second time: what was lost once has waited enough.
    echo_of: Option<Duration>,
}

/// The most pieces that may wait, beside the limit in bytes.
const MAX_PIECES: usize = 1 << 15;

impl ReliableOut {
    pub(super) fn new(channel: ChannelId, config: &ChannelConfig) -> Self {
        Self {
            channel,
            receipts: config.receipts,
            copies: config.repetition - 1,
            bytes: ByteLog::default(),
            base: 0,
            pieces: VecDeque::new(),
            fresh: 0,
            cursor: 0,
            copied: 0,
            again: VecDeque::new(),
        }
    }

    /// Bytes that wait to be sent or acked.
    pub(super) fn queued(&self) -> usize {
        self.bytes.len()
    }

    /// Queues a message if the queue then has at most `limit` bytes.
    pub(super) fn push(&mut self, payload: &[u8], receipt: Receipt, limit: usize) -> bool {
        let count = fragments(payload.len());
        if self.bytes.len() + payload.len() > limit || self.pieces.len() + usize::from(count) > MAX_PIECES {
            return false;
        }
        let start = self.bytes.append(payload);
        self.pieces.extend((0..count).map(|index| Piece {
            start: start + u64::from(index) * FRAGMENT as u64,
            receipt: receipt.0,
            packet: 0,
            total: payload.len() as u32,
            index,
            unacked: count,
            copies: 0,
            again: false,
            acked: false,
        }));
        true
    }

    /// A flush begins: copies are due once more.
    pub(super) fn begin_flush(&mut self) {
        if self.copies > 0 {
            self.copied = self.copied.max(self.base);
            while self.copied < self.fresh && !self.wants_copy(self.copied) {
                self.copied += 1;
            }
            self.cursor = self.copied;
            self.skip_done();
        }
    }

    /// Whether there is something to send in this flush.
    pub(super) fn is_pending(&self, now: Duration) -> bool {
        self.cursor < self.end() || self.again.front().is_some_and(|again| again.echo_of != Some(now))
    }

    /// The end of what may be sent: the last piece, or the end of the peer's window.
    fn end(&self) -> u64 {
        self.base + (self.pieces.len() as u64).min(WINDOW)
    }

    fn piece(&self, id: u64) -> Option<&Piece> {
        self.pieces.get(id.checked_sub(self.base)? as usize)
    }

    fn wants_copy(&self, id: u64) -> bool {
        self.piece(id).is_some_and(|piece| piece.copies > 0 && !piece.acked)
    }

    /// Moves the cursor past pieces that need no copy.
    fn skip_done(&mut self) {
        while self.cursor < self.fresh && !self.wants_copy(self.cursor) {
            self.cursor += 1;
        }
    }

    /// Writes as much as fits: what is sent again, then copies and what is new. With `echo`, what was lost
    /// goes out in this flush and the next; so does what was lost twice, and what asks for copies anyway.
    pub(super) fn fill(
        &mut self,
        writer: &mut DatagramWriter<'_>,
        sent: &mut SentPackets,
        now: Duration,
        echo: bool,
    ) {
        while let Some(&again) = self.again.front()
            && again.echo_of != Some(now)
        {
            let Again { mut first, mut count, echo_of } = again;
            self.again.pop_front();
            while count > 0 && self.piece(first).is_none_or(|piece| piece.acked) {
                (first, count) = (first + 1, count - 1);
            }
            let echo = self.piece(first).is_some_and(|piece| {
                echo_of.is_none() && (piece.again || piece.is_whole() && (echo || self.copies > 0))
            });
            let written = self.write(first, count, true, writer, sent);
            if written < count {
                self.again.push_front(Again { first: first + written, count: count - written, echo_of });
            }
            if echo && written > 0 {
                self.again.push_back(Again { first, count: written, echo_of: Some(now) });
            }
            if written == 0 && count > 0 {
                break;
            }
        }
        while self.cursor < self.end() {
            let written = self.write(self.cursor, self.end() - self.cursor, false, writer, sent);
            if written == 0 {
                break;
            }
            self.cursor += written;
            self.fresh = self.fresh.max(self.cursor);
            self.skip_done();
        }
    }

    /// Writes one block of up to `count` pieces from `first` on, and tells how many it wrote. `again` if they
    /// are to be sent even when no copy is due.
    fn write(
        &mut self,
        first: u64,
        count: u64,
        again: bool,
        writer: &mut DatagramWriter<'_>,
        sent: &mut SentPackets,
    ) -> u64 {
        let Some(&front) = self.piece(first) else { return 0 };
        if count == 0 {
            return 0;
        }
        let number = sent.next_number();
        let place = (first - self.base) as usize;
        let written = if front.is_whole() {
            let mut batch = Batch::new(true);
            for (id, piece) in (first..first + count).zip(self.pieces.range_mut(place..)) {
                let wanted = id >= self.fresh || !piece.acked && (again || piece.copies > 0);
                if !wanted || !piece.is_whole() || !batch.add(piece.total as usize, writer.room()) {
                    break;
                }
                piece.packet = number;
                piece.again |= again;
                piece.copies = if id >= self.fresh { self.copies } else { piece.copies.saturating_sub(1) };
            }
            if batch.count == 0 {
                return 0;
            }
            let bytes = self.bytes.slice(front.start, batch.bytes);
            let lengths = self.pieces.range(place..).take(usize::from(batch.count)).map(Piece::length);
            writer.messages(self.channel.0, Some(first), &batch, lengths, bytes);
            batch.count
        } else {
            let length = front.length();
            if writer.room() < DatagramWriter::fragment_size(front.index, front.total, length) {
                return 0;
            }
            let bytes = self.bytes.slice(front.start, length);
            writer.fragment(self.channel.0, first, front.index, front.total, bytes);
            let piece = &mut self.pieces[place];
            piece.packet = number;
            piece.again |= again;
            1
        };
        sent.note(SentBlock { channel: self.channel, count: written, first });
        u64::from(written)
    }

    /// The peer has these pieces.
    pub(super) fn acked(&mut self, block: SentBlock, inbox: &mut Inbox) {
        for id in block.first.max(self.base)..block.first + u64::from(block.count) {
            let place = (id - self.base) as usize;
            let Some(piece) = self.pieces.get_mut(place) else { break };
            if piece.acked {
                continue;
            }
            piece.acked = true;
            let start = place - usize::from(piece.index);
            let message = &mut self.pieces[start];
            message.unacked -= 1;
            if message.unacked == 0 && self.receipts {
                inbox.delivered(Receipt(message.receipt));
            }
        }
        self.leave();
    }

    /// Lets messages go that the peer has whole.
    fn leave(&mut self) {
        let before = self.base;
        while let Some(front) = self.pieces.front()
            && front.unacked == 0
        {
            let count = fragments(front.total as usize);
            self.pieces.drain(..usize::from(count));
            self.base += u64::from(count);
        }
        if self.base != before {
            self.bytes.release(self.pieces.front().map_or(self.bytes.end(), |front| front.start));
            self.cursor = self.cursor.max(self.base);
        }
    }

    /// A packet is suspect: what it was the newest to carry is sent again.
    pub(super) fn suspected(&mut self, block: SentBlock, number: u64) {
        for id in block.first.max(self.base)..block.first + u64::from(block.count) {
            let Some(piece) = self.piece(id) else { break };
            if piece.acked || piece.packet != number {
                continue;
            }
            match self.again.back_mut() {
                Some(last) if last.echo_of.is_none() && last.first + last.count == id => last.count += 1,
                _ => self.again.push_back(Again { first: id, count: 1, echo_of: None }),
            }
        }
    }
}
