//! What channels there are, and what each may cost.

use super::{FRAGMENT, WINDOW};
use crate::TransportError;
use netcord_wire::{FieldSink, StateHasher};

/// Names a channel: its place in [`ChannelsConfig::channels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u8);

impl ChannelId {
    /// The reliable, ordered channel that every connection has for the transport's own messages of at most
    /// 8 KiB. It goes before all others.
    pub const CONTROL: Self = Self(31);
}

/// What a channel promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// Messages may be lost and may overtake one another; none arrives twice.
    Unreliable,
    /// Messages may be lost; one that is older than the newest that was handed out is dropped.
    UnreliableSequenced,
    /// Every message arrives, once, as soon as it is there.
    ReliableUnordered,
    /// Every message arrives, once, in the order of sending.
    ReliableOrdered,
}

impl ChannelKind {
    /// Whether what is lost is sent again.
    pub const fn is_reliable(self) -> bool {
        matches!(self, Self::ReliableUnordered | Self::ReliableOrdered)
    }
}

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelConfig {
    /// What it promises.
    pub kind: ChannelKind,
    /// Channels with a higher priority get the byte budget first; equals take turns. 0 by default.
    pub priority: u8,
    /// The longest message, in bytes; longer ones than a datagram are sent in fragments. 1 MiB by default,
    /// 4,709,250 at most ([`ChannelsConfig::MAX_MESSAGE`]).
    pub max_message: usize,
    /// Bytes that may wait to be sent or acked, per peer; also what a peer may make us hold. At least
    /// `max_message`; 4 MiB by default. When it is full, a reliable channel refuses
    /// ([`SendError::QueueFull`](crate::SendError::QueueFull)), an unreliable one drops its oldest message.
    pub max_queued: usize,
    /// Whether [`Delivered`](crate::Event::Delivered) and [`Lost`](crate::Event::Lost) are wanted. Off by
    /// default.
    pub receipts: bool,
    /// How many flushes carry each reliable message of one datagram before its loss is known: 1 is none
    /// extra, and the default; 8 at most. Costs bytes, saves a round trip for what is lost.
    pub repetition: u8,
}

impl ChannelConfig {
    /// A channel of this kind with the defaults.
    pub const fn new(kind: ChannelKind) -> Self {
        Self { kind, priority: 0, max_message: 1 << 20, max_queued: 4 << 20, receipts: false, repetition: 1 }
    }

    /// A [`ChannelKind::Unreliable`] channel with the defaults.
    pub const fn unreliable() -> Self {
        Self::new(ChannelKind::Unreliable)
    }

    /// A [`ChannelKind::UnreliableSequenced`] channel with the defaults.
    pub const fn unreliable_sequenced() -> Self {
        Self::new(ChannelKind::UnreliableSequenced)
    }

    /// A [`ChannelKind::ReliableUnordered`] channel with the defaults.
    pub const fn reliable_unordered() -> Self {
        Self::new(ChannelKind::ReliableUnordered)
    }

    /// A [`ChannelKind::ReliableOrdered`] channel with the defaults.
    pub const fn reliable_ordered() -> Self {
        Self::new(ChannelKind::ReliableOrdered)
    }

    /// Sets [`priority`](Self::priority).
    #[must_use]
    pub const fn with_priority(self, priority: u8) -> Self {
        Self { priority, ..self }
    }

    /// Sets [`max_message`](Self::max_message), in bytes.
    #[must_use]
    pub const fn with_max_message(self, max_message: usize) -> Self {
        Self { max_message, ..self }
    }

    /// Sets [`max_queued`](Self::max_queued), in bytes.
    #[must_use]
    pub const fn with_max_queued(self, max_queued: usize) -> Self {
        Self { max_queued, ..self }
    }

    /// Asks for [`receipts`](Self::receipts).
    #[must_use]
    pub const fn with_receipts(self) -> Self {
        Self { receipts: true, ..self }
    }

    /// Sets [`repetition`](Self::repetition).
    #[must_use]
    pub const fn with_repetition(self, repetition: u8) -> Self {
        Self { repetition, ..self }
    }
}

/// All channels of a connection, and its budget. Kinds and limits must be equal on both ends; the transport
/// puts [`hash`](Self::hash) into the manifest to be sure.
///
/// ```
/// use netcord_transport::{ChannelConfig, ChannelsConfig};
///
/// let config = ChannelsConfig::new([
///     ChannelConfig::unreliable_sequenced().with_receipts().with_priority(1),
///     ChannelConfig::reliable_ordered().with_max_message(64 << 10),
/// ]);
/// assert!(config.validate().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelsConfig {
    /// The channels; at most 31.
    pub channels: Vec<ChannelConfig>,
    /// The most that is sent to one peer, in bytes a second with sealing, UDP and IPv4 headers, whatever congestion
    /// control would allow. 16 MB/s by default, 8 kB/s at least.
    pub max_bytes_per_second: u32,
}

impl ChannelsConfig {
    /// The most channels that a game may have; number 31 is [`ChannelId::CONTROL`].
    pub const MAX_CHANNELS: usize = 31;
    /// The longest message that any channel may allow, in bytes: what fits the window of a reliable channel.
    pub const MAX_MESSAGE: usize = (WINDOW as usize - 1) * FRAGMENT;
    /// The smallest byte budget, in bytes a second: below it no full datagram leaves in useful time.
    pub const MIN_BYTES_PER_SECOND: u32 = 8_000;

    /// These channels, with ids 0, 1, 2, … in this order, and the default budget.
    pub fn new(channels: impl Into<Vec<ChannelConfig>>) -> Self {
        Self { channels: channels.into(), max_bytes_per_second: 16_000_000 }
    }

    /// Sets [`max_bytes_per_second`](Self::max_bytes_per_second).
    #[must_use]
    pub fn with_max_bytes_per_second(self, max_bytes_per_second: u32) -> Self {
        Self { max_bytes_per_second, ..self }
    }

    /// The channel with this id, [`ChannelId::CONTROL`] included.
    pub fn channel(&self, id: ChannelId) -> Option<&ChannelConfig> {
        if id == ChannelId::CONTROL { Some(&CONTROL) } else { self.channels.get(usize::from(id.0)) }
    }

    /// Whether every value is within its range.
    ///
    /// # Errors
    /// [`TransportError::Config`] says which is not, and what the range is.
    pub fn validate(&self) -> Result<(), TransportError> {
        let check =
            |fine: bool, complaint| if fine { Ok(()) } else { Err(TransportError::Config(complaint)) };
        check(self.channels.len() <= Self::MAX_CHANNELS, "there are at most 31 channels")?;
        check(
            self.max_bytes_per_second >= Self::MIN_BYTES_PER_SECOND,
            "max_bytes_per_second is at least 8,000",
        )?;
        for channel in &self.channels {
            let ChannelConfig { kind, max_message, max_queued, repetition, .. } = *channel;
            check(
                (1..=Self::MAX_MESSAGE).contains(&max_message),
                "a channel's max_message is 1 to 4,709,250 bytes",
            )?;
            check(max_queued >= max_message, "a channel's max_queued is at least its max_message")?;
            check(max_queued <= 1 << 30, "a channel's max_queued is at most 1 GiB")?;
            check((1..=8).contains(&repetition), "a channel's repetition is 1 to 8")?;
            check(
                repetition == 1 || kind.is_reliable(),
                "repetition is for reliable channels: what is unreliable is sent once",
            )?;
        }
        Ok(())
    }

    /// Differs when the two ends could not talk: another format, other kinds or other limits. Priorities,
    /// receipts, repetition and the byte budget may differ.
    pub fn hash(&self) -> u64 {
        let mut hasher = StateHasher::default();
        hasher.field(FORMAT);
        for channel in &self.channels {
            hasher.field(match channel.kind {
                ChannelKind::Unreliable => 0,
                ChannelKind::UnreliableSequenced => 1,
                ChannelKind::ReliableUnordered => 2,
                ChannelKind::ReliableOrdered => 3,
            });
            hasher.field(channel.max_message as i64);
            hasher.field(channel.max_queued as i64);
        }
        hasher.finish().0
    }

    /// The most bytes of messages that a peer can make a connection hold, whatever it sends: per channel what
    /// waits for its turn (up to `max_queued`, and the places of one window), and what waits for the game.
    pub fn receive_budget(&self) -> usize {
        let held: usize = self.channels.iter().chain([&CONTROL]).map(|channel| channel.max_queued).sum();
        let places = (self.channels.len() + 1) * WINDOW as usize * PLACE;
        // What is held may be released into the inbox by one datagram.
        2 * held + places + self.inbox_limit()
    }

    /// Bytes of messages that may wait for the game before datagrams are dropped unread.
    pub(super) fn inbox_limit(&self) -> usize {
        let longest = self.channels.iter().map(|channel| channel.max_message).max().unwrap_or(0);
        2 * longest + (1 << 20)
    }
}

/// The wire format's number; a change of any byte raises it.
const FORMAT: i64 = 1;

/// What a held piece may take beyond its bytes: its slot, and the unused part of its last chunk.
const PLACE: usize = 32 + super::held::CHUNK;

/// The channel of the transport itself.
const CONTROL: ChannelConfig = ChannelConfig {
    priority: u8::MAX,
    max_message: 40 << 10,
    max_queued: 128 << 10,
    ..ChannelConfig::reliable_ordered()
};
