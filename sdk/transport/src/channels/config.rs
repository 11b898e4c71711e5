//! What channels there are, and what each may cost.

/// Names a channel: its place in [`ChannelsConfig::channels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u8);

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

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelConfig {
    /// What it promises.
    pub kind: ChannelKind,
    /// Channels with a higher priority get the byte budget first.
    pub priority: u8,
    /// The longest message, in bytes; longer ones than a datagram are sent in fragments.
    pub max_message: usize,
    /// Bytes that may wait to be sent or acked, per peer.
    pub max_queued: usize,
    /// Whether [`Delivered`](crate::Event::Delivered) and [`Lost`](crate::Event::Lost) are wanted.
    pub receipts: bool,
    /// How many datagrams carry each reliable message before its loss is known: 1 is none extra. Costs bytes,
    /// saves a round trip for what is lost.
    pub repetition: u8,
}

/// All channels of a connection, and its budget. Kinds and limits must be equal on both ends; the transport
/// puts [`hash`](Self::hash) into the manifest to be sure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelsConfig {
    /// The channels; at most 31.
    pub channels: Vec<ChannelConfig>,
    /// The most that is sent to one peer, in bytes a second, whatever congestion control would allow.
    pub max_bytes_per_second: u32,
}
