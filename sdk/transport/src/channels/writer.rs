//! Writes one datagram: header, acks, blocks, in as few bytes as the format allows.

use super::datagram::{Form, HEADER, MAX_SHARED_ACKS, PING, varint_len, write_varint};
use super::{ChannelsConfig, FRAGMENT, MAX_DATAGRAM, WINDOW};

// A whole fragment fits beside the acks: nothing can be kept waiting forever.
const _: () = {
    let fragment = DatagramWriter::fragment_size(WINDOW as u16, ChannelsConfig::MAX_MESSAGE as u32, FRAGMENT);
    assert!(HEADER + MAX_SHARED_ACKS + fragment <= MAX_DATAGRAM);
};

/// Appends a datagram to a buffer. The caller asks for [`room`](Self::room) before it writes.
#[derive(Debug)]
pub(super) struct DatagramWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Where in `out` the datagram starts.
    start: usize,
    /// Where the last block starts, and where its length, if it is of a single message.
    single: Option<(usize, usize)>,
}

impl<'a> DatagramWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, number: u64) -> Self {
        let start = out.len();
        out.push(0);
        out.extend_from_slice(&(number as u16).to_le_bytes());
        Self { out, start, single: None }
    }

    /// Bytes that still fit.
    pub(super) fn room(&self) -> usize {
        MAX_DATAGRAM - self.len()
    }

    /// Bytes in the datagram so far.
    pub(super) fn len(&self) -> usize {
        self.out.len() - self.start
    }

    /// Asks for an ack though there may be no block.
    pub(super) fn ping(&mut self) {
        self.out[self.start] |= PING;
    }

    /// Lets `write` append the ack section; it returns the flags that go with it.
    pub(super) fn acks(&mut self, write: impl FnOnce(&mut Vec<u8>) -> u8) {
        let flags = write(self.out);
        self.out[self.start] |= flags;
    }

    /// Writes whole messages as one block. `lengths` are those that `batch` was made of, and `bytes` the
    /// messages one after the other.
    pub(super) fn messages(
        &mut self,
        channel: u8,
        id: Option<u64>,
        batch: &Batch,
        lengths: impl Iterator<Item = usize>,
        bytes: &[u8],
    ) {
        let block = self.out.len();
        self.out.push(batch.form().header(channel));
        if let Some(id) = id {
            self.out.extend_from_slice(&(id as u16).to_le_bytes());
        }
        self.single = None;
        match batch.form() {
            Form::List => {
                self.out.push(batch.count);
                lengths.for_each(|length| write_varint(self.out, length));
            }
            Form::Run => {
                self.out.push(batch.count);
                write_varint(self.out, batch.first);
            }
            _ => {
                self.single = Some((block, self.out.len()));
                write_varint(self.out, batch.first);
            }
        }
        self.out.extend_from_slice(bytes);
    }

    /// Bytes that the block of a fragment takes.
    pub(super) const fn fragment_size(index: u16, total: u32, length: usize) -> usize {
        3 + varint_len(index as usize) + varint_len(total as usize) + length
    }

    /// Writes a fragment.
    pub(super) fn fragment(&mut self, channel: u8, id: u64, index: u16, total: u32, bytes: &[u8]) {
        self.single = None;
        self.out.push(Form::Fragment.header(channel));
        self.out.extend_from_slice(&(id as u16).to_le_bytes());
        write_varint(self.out, usize::from(index));
        write_varint(self.out, total as usize);
        self.out.extend_from_slice(bytes);
    }

    /// Ends the datagram and tells its length: a last block of one message needs no length field.
    pub(super) fn finish(self) -> usize {
        if let Some((block, length_at)) = self.single {
            let rest = self.out[length_at..].iter().position(|byte| byte & 0x80 == 0).unwrap_or(0) + 1;
            self.out.drain(length_at..length_at + rest);
            self.out[block] = Form::Rest.header(self.out[block] & 0x1f);
        }
        self.out.len() - self.start
    }
}

/// Adds up messages that are to share a block, as long as they fit.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) count: u8,
    /// Bytes of all messages.
    pub(super) bytes: usize,
    /// Bytes of the block's header and id.
    head: usize,
    /// The first message's length.
    first: usize,
    equal: bool,
    /// Bytes of all length fields, should they differ.
    lengths: usize,
}

impl Batch {
    /// An empty block, with an id or without.
    pub(super) const fn new(has_id: bool) -> Self {
        Self { count: 0, bytes: 0, head: if has_id { 3 } else { 1 }, first: 0, equal: true, lengths: 0 }
    }

    /// Adds a message of `length` bytes if the block then still fits into `room`.
    pub(super) const fn add(&mut self, length: usize, room: usize) -> bool {
        let equal = self.count == 0 || self.equal && length == self.first;
        let lengths = self.lengths + varint_len(length);
        let bytes = self.bytes + length;
        let fields = match self.count {
            0 => lengths,
            _ if equal => 1 + varint_len(length),
            _ => 1 + lengths,
        };
        if self.count == u8::MAX || self.head + fields + bytes > room {
            return false;
        }
        if self.count == 0 {
            self.first = length;
        }
        self.count += 1;
        self.equal = equal;
        self.lengths = lengths;
        self.bytes = bytes;
        true
    }

    const fn form(&self) -> Form {
        match self.count {
            1 => Form::One,
            _ if self.equal => Form::Run,
            _ => Form::List,
        }
    }
}
