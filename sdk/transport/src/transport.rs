//! What a game holds: peers, messages and events, over whatever carries them.

use crate::{ChannelId, ClientId, ManifestMismatch, PeerId, Receipt, SendError, TransportError, UserData};
use core::fmt;
use core::time::Duration;

/// Connections to peers with message channels over them.
///
/// Once a frame: [`receive`](Self::receive), then [`next_event`](Self::next_event) until it is empty, the game,
/// [`send`](Self::send) as often as wanted, and [`flush`](Self::flush).
pub trait Transport {
    /// Takes in what has arrived and runs the timers. `now` is monotonic, from any epoch.
    ///
    /// # Errors
    /// The transport can't go on; see [`TransportError`].
    fn receive(&mut self, now: Duration) -> Result<(), TransportError>;

    /// The next event, oldest first.
    fn next_event(&mut self) -> Option<Event<'_>>;

    /// Queues a message; it leaves with the next [`flush`](Self::flush) that has room for it.
    ///
    /// # Errors
    /// See [`SendError`]; nothing was queued then.
    fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError>;

    /// Sends what waits: one datagram a peer where it fits, more within the peer's byte budget.
    ///
    /// # Errors
    /// The transport can't go on; see [`TransportError`].
    fn flush(&mut self, now: Duration) -> Result<(), TransportError>;

    /// Ends a connection, or an attempt at one: the peer is told why, best effort; no event follows on this side.
    ///
    /// With [`DisconnectReason::TimedOut`] it is given up instead: as in a timeout, the peer is told nothing, and may
    /// come back if the link knows a way. That is for a peer that is connected and yet does not do what it should.
    fn disconnect(&mut self, peer: PeerId, reason: DisconnectReason);

    /// How the link to a peer does; `None` when it is not connected.
    fn stats(&self, peer: PeerId) -> Option<LinkStats>;
}

/// What happened on a transport.
#[derive(Debug)]
pub enum Event<'a> {
    /// A peer is authenticated, its address proven, and its manifest equal to ours.
    Connected {
        /// The new connection.
        peer: PeerId,
        /// Who the token says it is.
        client: ClientId,
        /// What the token carries for the game.
        user_data: Box<UserData>,
    },
    /// A peer is gone, or could not be reached. It is the last event that names the peer.
    Disconnected {
        /// The connection that ended.
        peer: PeerId,
        /// Why.
        reason: DisconnectReason,
    },
    /// A message arrived.
    Message {
        /// Who sent it.
        peer: PeerId,
        /// The channel it came on.
        channel: ChannelId,
        /// The bytes, as sent.
        payload: &'a [u8],
    },
    /// A message has arrived whole at the peer.
    Delivered {
        /// The peer it went to.
        peer: PeerId,
        /// What [`Transport::send`] returned for it.
        receipt: Receipt,
    },
    /// An unreliable message is given up: no ack came in time, so it is lost, or (rarely) only late. Every
    /// receipt ends in exactly one of `Delivered`, `Lost`, or its peer's `Disconnected`.
    Lost {
        /// The peer it went to.
        peer: PeerId,
        /// What [`Transport::send`] returned for it.
        receipt: Receipt,
    },
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The peer left on purpose. The number is the game's own; 0 where it gave none.
    Left(u32),
    /// Nothing came from the peer for the timeout: it crashed, sleeps, or the network is gone. Reconnect.
    TimedOut,
    /// Nothing ever answered: wrong address, a firewall, no host there, or an invite that it does not know.
    NoAnswer,
    /// The server is full, or would not have us. Try later.
    Denied,
    /// The connect token expired before a connection was made. Get a new one.
    TokenExpired,
    /// The connect token is malformed. Get a new one.
    InvalidToken,
    /// The invite was used up or has expired. Ask the host for a new one.
    InviteSpent,
    /// The peer runs something else. The value names the first difference.
    Incompatible(ManifestMismatch),
    /// The peer broke the protocol: a bug or a forgery, but authenticated. Report it.
    ProtocolError,
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(0) => f.write_str("the peer left"),
            Self::Left(code) => write!(f, "the peer left (code {code})"),
            Self::TimedOut => f.write_str("nothing came from the peer for too long"),
            Self::NoAnswer => f.write_str("nothing answered"),
            Self::Denied => f.write_str("the host is full"),
            Self::TokenExpired => f.write_str("the connect token expired"),
            Self::InvalidToken => f.write_str("the connect token is malformed"),
            Self::InviteSpent => f.write_str("the invite was used already, or has expired"),
            Self::Incompatible(mismatch) => write!(f, "{mismatch}"),
            Self::ProtocolError => f.write_str("the peer broke the protocol"),
        }
    }
}

/// How a link does, smoothed over the last seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkStats {
    /// Round trip without the peer's wait before it acked; zero until the first ack.
    pub rtt: Duration,
    /// Mean deviation of the round trip.
    pub jitter: Duration,
    /// Share of our datagrams that were not acked, 0 to 1.
    pub loss: f32,
    /// Bytes put on the wire, with sealing, without UDP and IP headers.
    pub bytes_sent: u64,
    /// Bytes taken in, with sealing, without UDP and IP headers.
    pub bytes_received: u64,
    /// Datagrams put on the wire.
    pub packets_sent: u64,
    /// Datagrams taken in.
    pub packets_received: u64,
    /// Bytes of messages that wait to be sent or to be acked.
    pub queued: usize,
    /// What congestion control allows now, in bytes a second.
    pub bytes_per_second: u32,
}
