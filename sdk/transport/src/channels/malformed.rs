//! What can be wrong with a datagram.

use super::ChannelId;

/// Why an authenticated datagram makes no sense: the peer has a bug or means harm. Nothing of the datagram
/// was applied. Disconnect the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedDatagram {
    /// It ends within a field, or a length in it points past its end.
    #[error("the datagram ends within a field")]
    Truncated,
    /// It is longer than [`MAX_DATAGRAM`](super::MAX_DATAGRAM).
    #[error("a datagram of {0} bytes")]
    TooLong(usize),
    /// It says nothing: no ack, no ping, no block.
    #[error("the datagram is empty")]
    Empty,
    /// It has ack ranges without an ack.
    #[error("ack ranges without an ack")]
    StrayRanges,
    /// A variable-length number is longer than four bytes or than it need be.
    #[error("a number is not in its shortest form")]
    Varint,
    /// It acks a packet that was never sent.
    #[error("it acks a packet that was never sent")]
    AckOfUnsent,
    /// A block has a form that does not exist.
    #[error("block form {0} does not exist")]
    UnknownForm(u8),
    /// A block is of a channel that does not exist.
    #[error("there is no channel {0:?}")]
    UnknownChannel(ChannelId),
    /// A block has no messages.
    #[error("a block of {0:?} has no messages")]
    NoMessages(ChannelId),
    /// A message is longer than its channel allows.
    #[error("a message of {size} bytes on {channel:?}")]
    TooLarge {
        /// The channel.
        channel: ChannelId,
        /// Bytes in the message, as claimed.
        size: usize,
    },
    /// A fragment of a message that would need none, or one beyond the message's end.
    #[error("fragment {index} of a message of {total} bytes on {channel:?}")]
    Fragment {
        /// The channel.
        channel: ChannelId,
        /// The fragment's number, from 0.
        index: usize,
        /// Bytes in the whole message, as claimed.
        total: usize,
    },
    /// Fragments contradict one another, or a whole message, about where the message begins or ends.
    #[error("fragments of {0:?} contradict one another")]
    Contradiction(ChannelId),
    /// A reliable message that the window does not allow yet.
    #[error("a message on {0:?} is outside of the window")]
    OutOfWindow(ChannelId),
    /// More waits for its turn than the channel allows.
    #[error("more waits on {0:?} than its limit")]
    OverBudget(ChannelId),
}
