//! The wire format: one datagram's bytes to typed, checked values (STANDARD.md, section 5).
//!
//! Nothing here knows what was sent or received before; [`Connection`](super::Connection) does.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]

use super::{ChannelId, ChannelsConfig, FRAGMENT, MalformedDatagram};
use core::time::Duration;

/// The longest ack section that shares a datagram with messages, so that a whole fragment always fits.
pub(super) const MAX_SHARED_ACKS: usize = 36;
/// Flags and packet number.
pub(super) const HEADER: usize = 3;

/// Flag: an ack section follows the header.
pub(super) const ACK: u8 = 1;
/// Flag: an ack is wanted though there is no block.
pub(super) const PING: u8 = 2;
/// How far the flags are shifted by the number of further ack ranges.
pub(super) const RANGES_SHIFT: u32 = 2;
/// The most ack ranges after the first.
pub(super) const MAX_RANGES: u8 = 63;

/// How a block's messages are laid out; the upper three bits of its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One message: all the rest of the datagram.
    Rest = 0,
    /// One message with its length.
    One = 1,
    /// Messages with a length each.
    List = 2,
    /// Messages of one length.
    Run = 3,
    /// A part of a longer message.
    Fragment = 4,
}

impl Form {
    pub(super) const fn header(self, channel: u8) -> u8 {
        (self as u8) << 5 | channel
    }
}

/// A datagram that was taken apart as far as its blocks.
#[derive(Clone, Debug)]
pub(super) struct Datagram<'a> {
    /// The lower 16 bits of the packet's number.
    pub(super) number: u16,
    pub(super) ping: bool,
    pub(super) ack: Option<Ack<'a>>,
    pub(super) blocks: Blocks<'a>,
}

impl<'a> Datagram<'a> {
    pub(super) fn parse(bytes: &'a [u8], config: &'a ChannelsConfig) -> Result<Self, MalformedDatagram> {
        if bytes.len() > super::MAX_DATAGRAM {
            return Err(MalformedDatagram::TooLong(bytes.len()));
        }
        let mut reader = Reader(bytes);
        let flags = reader.byte()?;
        let number = reader.u16()?;
        let (ping, further) = (flags & PING != 0, flags >> RANGES_SHIFT);
        let ack = match flags & ACK != 0 {
            true => Some(Ack::parse(&mut reader, further)?),
            false if further != 0 => return Err(MalformedDatagram::StrayRanges),
            false => None,
        };
        if ack.is_none() && !ping && reader.0.is_empty() {
            return Err(MalformedDatagram::Empty);
        }
        Ok(Self { number, ping, ack, blocks: Blocks { reader, config } })
    }
}

/// An ack section.
#[derive(Clone, Debug)]
pub(super) struct Ack<'a> {
    /// The lower 16 bits of the highest number that was received.
    pub(super) highest: u16,
    /// How long the peer waited before it acked `highest`.
    pub(super) delay: Duration,
    /// How many numbers in a row, from `highest` downwards, were received, less one.
    first: u32,
    further: u8,
    ranges: Reader<'a>,
}

impl<'a> Ack<'a> {
    fn parse(reader: &mut Reader<'a>, further: u8) -> Result<Self, MalformedDatagram> {
        let highest = reader.u16()?;
        let delay = decode_delay(reader.byte()?);
        let first = reader.varint()?;
        let ranges = *reader;
        for _ in 0..further {
            reader.varint()?;
            reader.varint()?;
        }
        Ok(Self { highest, delay, first, further, ranges })
    }

    /// The ranges of received numbers (lowest, highest), from the highest downwards, given the whole number
    /// of the highest.
    pub(super) fn ranges(
        mut self,
        highest: u64,
    ) -> impl Iterator<Item = Result<(u64, u64), MalformedDatagram>> + 'a {
        let mut next = Some((highest, self.first));
        core::iter::from_fn(move || {
            let (high, less_one) = next.take()?;
            let Some(low) = high.checked_sub(u64::from(less_one)) else {
                return Some(Err(MalformedDatagram::AckOfUnsent));
            };
            if let Some(left) = self.further.checked_sub(1) {
                self.further = left;
                let gap_and_run = self.ranges.varint().and_then(|gap| Ok((gap, self.ranges.varint()?)));
                let (gap, run) = match gap_and_run {
                    Ok(numbers) => numbers,
                    Err(error) => return Some(Err(error)),
                };
                // At least one number is missing between two ranges.
                match low.checked_sub(u64::from(gap) + 2) {
                    Some(high) => next = Some((high, run)),
                    None => {
                        self.further = 0;
                        next = None;
                        return Some(Err(MalformedDatagram::AckOfUnsent));
                    }
                }
            }
            Some(Ok((low, high)))
        })
    }
}

/// The blocks of a datagram, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Blocks<'a> {
    reader: Reader<'a>,
    config: &'a ChannelsConfig,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, MalformedDatagram>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.0.is_empty() {
            return None;
        }
        let block = Block::parse(&mut self.reader, self.config);
        if block.is_err() {
            self.reader = Reader(&[]);
        }
        Some(block)
    }
}

/// Messages of one channel, or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    pub(super) channel: ChannelId,
    /// The lower 16 bits of the first message's or the fragment's id; 0 for unreliable whole messages, which
    /// have none.
    pub(super) id: u16,
    pub(super) body: Body<'a>,
}

/// What a block carries.
#[derive(Clone, Debug)]
pub(super) enum Body<'a> {
    Messages(Messages<'a>),
    Fragment(Fragment<'a>),
}

/// A part of a message that is longer than [`FRAGMENT`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment<'a> {
    /// Which part, from 0.
    pub(super) index: u16,
    /// Bytes in the whole message.
    pub(super) total: u32,
    pub(super) bytes: &'a [u8],
}

impl Fragment<'_> {
    /// How many fragments the whole message has.
    pub(super) const fn count(self) -> u16 {
        fragments(self.total as usize)
    }
}

/// How many fragments a message of this many bytes has; 1 for one that is not fragmented.
pub(super) const fn fragments(total: usize) -> u16 {
    if total <= FRAGMENT { 1 } else { total.div_ceil(FRAGMENT) as u16 }
}

/// Whole messages with consecutive ids: their lengths, and their bytes one after the other.
#[derive(Clone, Debug)]
pub(super) struct Messages<'a> {
    pub(super) count: u8,
    pub(super) bytes: &'a [u8],
    lengths: Lengths<'a>,
}

#[derive(Clone, Debug)]
enum Lengths<'a> {
    Equal(usize),
    Each(Reader<'a>),
}

impl<'a> Messages<'a> {
    /// The length of each message. Validated on parsing, so there are `count` and they add up to `bytes`.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> + use<'a> {
        let mut lengths = self.lengths.clone();
        (0..self.count).map_while(move |_| match &mut lengths {
            Lengths::Equal(length) => Some(*length),
            Lengths::Each(reader) => reader.length().ok(),
        })
    }
}

impl<'a> Block<'a> {
    fn parse(reader: &mut Reader<'a>, config: &ChannelsConfig) -> Result<Self, MalformedDatagram> {
        let header = reader.byte()?;
        let channel = ChannelId(header & 0x1f);
        let Some(limits) = config.channel(channel) else {
            return Err(MalformedDatagram::UnknownChannel(channel));
        };
        let form = match header >> 5 {
            0 => Form::Rest,
            1 => Form::One,
            2 => Form::List,
            3 => Form::Run,
            4 => Form::Fragment,
            form => return Err(MalformedDatagram::UnknownForm(form)),
        };
        let id = if limits.kind.is_reliable() || form == Form::Fragment { reader.u16()? } else { 0 };
        if form == Form::Fragment {
            let (index, total) = (reader.length()?, reader.length()?);
            if total > limits.max_message {
                return Err(MalformedDatagram::TooLarge { channel, size: total });
            }
            if total <= FRAGMENT || index >= usize::from(fragments(total)) {
                return Err(MalformedDatagram::Fragment { channel, index, total });
            }
            let bytes = reader.bytes(FRAGMENT.min(total - index * FRAGMENT))?;
            let fragment = Fragment { index: index as u16, total: total as u32, bytes };
            return Ok(Self { channel, id, body: Body::Fragment(fragment) });
        }
        let count = match form {
            Form::List | Form::Run => reader.byte()?,
            _ => 1,
        };
        if count == 0 {
            return Err(MalformedDatagram::NoMessages(channel));
        }
        let longest = limits.max_message.min(FRAGMENT);
        let check = |size| match size <= longest {
            true => Ok(size),
            false => Err(MalformedDatagram::TooLarge { channel, size }),
        };
        let (lengths, size) = match form {
            Form::List => {
                let lengths = *reader;
                let mut size = 0;
                for _ in 0..count {
                    size += check(reader.length()?)?;
                }
                (Lengths::Each(lengths), size)
            }
            Form::Rest => {
                let length = check(reader.0.len())?;
                (Lengths::Equal(length), length)
            }
            _ => {
                let length = check(reader.length()?)?;
                (Lengths::Equal(length), length * usize::from(count))
            }
        };
        let bytes = reader.bytes(size)?;
        Ok(Self { channel, id, body: Body::Messages(Messages { count, bytes, lengths }) })
    }
}

/// Takes fields off the front.
#[derive(Clone, Copy, Debug)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, MalformedDatagram> {
        let (&byte, rest) = self.0.split_first().ok_or(MalformedDatagram::Truncated)?;
        self.0 = rest;
        Ok(byte)
    }

    fn u16(&mut self) -> Result<u16, MalformedDatagram> {
        let (&bytes, rest) = self.0.split_first_chunk().ok_or(MalformedDatagram::Truncated)?;
        self.0 = rest;
        Ok(u16::from_le_bytes(bytes))
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], MalformedDatagram> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(MalformedDatagram::Truncated)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// LEB128 of at most 28 bits, in its shortest form.
    fn varint(&mut self) -> Result<u32, MalformedDatagram> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(MalformedDatagram::Varint) } else { Ok(value) };
            }
        }
        Err(MalformedDatagram::Varint)
    }

    fn length(&mut self) -> Result<usize, MalformedDatagram> {
        Ok(self.varint()? as usize)
    }
}

/// Bytes that a number takes as a varint.
pub(super) const fn varint_len(value: usize) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        _ => 4,
    }
}

/// Appends a number below 2^28 as a varint.
pub(super) fn write_varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// One byte for a wait of up to a second: the square root of the wait in units of 16 us, rounded down, so
/// that short waits are told within a fraction of a millisecond and long ones within a few percent.
pub(super) fn encode_delay(delay: Duration) -> u8 {
    let units = (delay.as_micros() / 16).min(255 * 255) as u32;
    units.isqrt() as u8
}

fn decode_delay(byte: u8) -> Duration {
    Duration::from_micros(16 * u64::from(byte) * u64::from(byte))
}

/// The number with these lower 16 bits that is nearest to `near`; `None` if that is negative.
pub(super) const fn expand(low: u16, near: u64) -> Option<u64> {
    near.checked_add_signed(low.wrapping_sub(near as u16) as i16 as i64)
}
