//! What can go wrong on a transport.

use crate::{ChannelId, PeerId};
use std::io;
use std::net::SocketAddr;

/// A transport that can't go on, or could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The address can't be bound: most often another program has the port. Choose another port, or port 0 to
    /// let the system choose, or stop the other program.
    #[error("can't bind UDP {address}: {source}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The socket is broken. Make a new transport; peers reconnect.
    #[error("UDP socket failed: {0}")]
    Socket(#[from] io::Error),
    /// The operating system gives no randomness. Nothing can be secured without; report it.
    #[error("no randomness from the operating system: {0}")]
    Entropy(getrandom::Error),
    /// The configuration contradicts itself. The text says what to change.
    #[error("bad transport configuration: {0}")]
    Config(&'static str),
}

/// Why a message was not taken for sending. Nothing was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The peer is not connected (any more). Wait for its `Connected` event, or drop the message.
    #[error("{peer} is not connected")]
    NotConnected {
        /// The peer that was named.
        peer: PeerId,
    },
    /// No such channel. Use one of the ids that the configuration lists.
    #[error("there is no channel {channel:?}")]
    UnknownChannel {
        /// The channel that was named.
        channel: ChannelId,
    },
    /// The message is longer than the limit. Split it, or raise the channel's limit.
    #[error("a message of {size} bytes is over the limit of {limit}")]
    TooLarge {
        /// Bytes in the message.
        size: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// The peer takes less than is sent to it: its queue is full. Send less, or disconnect it.
    #[error("the queue of {channel:?} to {peer} is full ({queued} bytes wait)")]
    QueueFull {
        /// The peer that is behind.
        peer: PeerId,
        /// The channel whose queue is full.
        channel: ChannelId,
        /// Bytes that wait in it.
        queued: usize,
    },
}
