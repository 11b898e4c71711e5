//! What waits for the game: messages and receipts, in the order in which they came.

use super::byte_log::ByteLog;
use super::{ChannelId, ConnectionEvent};
use crate::Receipt;
use std::collections::VecDeque;

/// The queue of events, with the messages' bytes in one buffer.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: ByteLog,
    events: VecDeque<Waiting>,
    /// Bytes before this position were handed out.
    handed_out: u64,
}

#[derive(Debug)]
enum Waiting {
    Message { channel: u8, length: u32 },
    Delivered(Receipt),
    Lost(Receipt),
}

impl Inbox {
    /// The next event, oldest first.
    pub(super) fn pop(&mut self) -> Option<ConnectionEvent<'_>> {
        self.bytes.release(self.handed_out);
        Some(match self.events.pop_front()? {
            Waiting::Message { channel, length } => {
                let start = self.handed_out;
                self.handed_out += u64::from(length);
                let payload = self.bytes.slice(start, length as usize);
                ConnectionEvent::Message { channel: ChannelId(channel), payload }
            }
            Waiting::Delivered(receipt) => ConnectionEvent::Delivered(receipt),
            Waiting::Lost(receipt) => ConnectionEvent::Lost(receipt),
        })
    }

    /// Whether no event waits.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Bytes of memory that the waiting events take.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.events.len() * size_of::<Waiting>()
    }

    /// Adds messages of one channel that lie one after the other in `bytes`.
    pub(super) fn messages(
        &mut self,
        channel: ChannelId,
        lengths: impl Iterator<Item = usize>,
        bytes: &[u8],
    ) {
        self.bytes.append(bytes);
        self.events
            .extend(lengths.map(|length| Waiting::Message { channel: channel.0, length: length as u32 }));
    }

    /// Adds a part of a message that [`message`](Self::message) will end.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.bytes.append(bytes);
    }

    /// Adds a message of `length` bytes, which were appended before.
    pub(super) fn message(&mut self, channel: ChannelId, length: usize) {
        self.events.push_back(Waiting::Message { channel: channel.0, length: length as u32 });
    }

    pub(super) fn delivered(&mut self, receipt: Receipt) {
        self.events.push_back(Waiting::Delivered(receipt));
    }

    pub(super) fn lost(&mut self, receipt: Receipt) {
        self.events.push_back(Waiting::Lost(receipt));
    }
}
