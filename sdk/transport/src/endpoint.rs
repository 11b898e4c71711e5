//! The contract of a secure, sans-I/O endpoint: datagrams, time and randomness in, payloads and datagrams out.

use crate::{ClientId, DisconnectReason, PeerId, SendError, UserData};
use core::time::Duration;
use std::net::SocketAddr;

/// Turns datagrams into authenticated payloads of peers, and payloads into sealed datagrams.
///
/// Pure: it opens no socket, reads no clock and owns no thread. A datagram that fails any check is dropped
/// without effect and without an answer.
pub trait Endpoint {
    /// The largest payload that [`send`](Self::send) takes, in bytes.
    const MAX_PAYLOAD: usize;

    /// The most bytes that sealing adds to a payload.
    const OVERHEAD: usize;

    /// Sets the time and runs the timers: resends, keep-alives, timeouts.
    ///
    /// `now` is monotonic, from any epoch; `unix` is in whole seconds since 1970 and only decides about the
    /// expiry of tokens and invites. Call it before a batch of [`receive`](Self::receive) calls.
    fn update(&mut self, now: Duration, unix: u64);

    /// Takes one datagram, decrypts it in place, and returns the payload if it is one of a connected peer.
    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])>;

    /// Seals `payload` for `peer` and queues the datagram for [`next_transmit`](Self::next_transmit).
    /// Returns the datagram's length in bytes; 0 when the queue is full and the datagram is lost.
    ///
    /// # Errors
    /// [`SendError::NotConnected`] and [`SendError::TooLarge`]; nothing is queued then.
    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError>;

    /// Ends a connection: the peer is told (redundantly, unacknowledged) and forgotten at once. No
    /// [`EndpointEvent::Disconnected`] follows. An unknown peer is ignored.
    fn disconnect(&mut self, peer: PeerId);

    /// Gives a connection up, as if nothing had come from the peer for the timeout: it is not told, and may come
    /// back where the endpoint knows a way. No [`EndpointEvent::Disconnected`] follows. An unknown peer is ignored.
    fn abandon(&mut self, peer: PeerId) {
        self.disconnect(peer);
    }

    /// The next change of a connection, oldest first.
    fn next_event(&mut self) -> Option<EndpointEvent>;

    /// The next datagram to put on the wire, oldest first.
    fn next_transmit(&mut self) -> Option<Transmit<'_>>;

    /// Where a connected peer's datagrams go now.
    fn address(&self, peer: PeerId) -> Option<SocketAddr>;
}

/// A change of a connection.
#[derive(Debug)]
pub enum EndpointEvent {
    /// A peer is authenticated and its address proven.
    Connected {
        /// The new connection.
        peer: PeerId,
        /// Who the token says it is; on the client's side, the id that it has at the server.
        client: ClientId,
        /// The token's user data; zero on the client's side.
        user_data: Box<UserData>,
    },
    /// A connection ended, or (on a client, where `peer` never connected) could not be made.
    Disconnected {
        /// The connection that ended.
        peer: PeerId,
        /// Why.
        reason: DisconnectReason,
    },
}

/// A datagram to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Transmit<'a> {
    /// Where to.
    pub to: SocketAddr,
    /// What.
    pub datagram: &'a [u8],
}

/// A queue of outgoing datagrams in one buffer that is reused: no allocation per datagram in steady state.
#[derive(Debug, Default)]
pub struct TransmitQueue {
    bytes: Vec<u8>,
    /// Where each datagram goes and where it ends in `bytes`.
    datagrams: std::collections::VecDeque<(SocketAddr, usize)>,
    /// Where the next datagram to be handed out starts in `bytes`.
    start: usize,
}

impl TransmitQueue {
    /// The most bytes that may wait; what is queued beyond it is dropped, as a full network card would.
    pub const LIMIT: usize = 4 << 20;

    /// Queues the datagram that `write` appends to the buffer, and returns its length in bytes. What `write`
    /// leaves in the buffer when it returns `false`, an empty datagram, and what is over the limit are dropped.
    pub fn push_with(&mut self, to: SocketAddr, write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<usize> {
        self.reclaim();
        let before = self.bytes.len();
        let written = write(&mut self.bytes);
        let length = self.bytes.len().checked_sub(before).expect("a writer only appends");
        if !written || length == 0 || self.bytes.len() - self.start > Self::LIMIT {
            self.bytes.truncate(before);
            return None;
        }
        self.datagrams.push_back((to, self.bytes.len()));
        Some(length)
    }

    /// Queues a copy of `datagram`, and returns its length in bytes; `None` as for
    /// [`push_with`](Self::push_with).
    pub fn push(&mut self, to: SocketAddr, datagram: &[u8]) -> Option<usize> {
        self.push_with(to, |bytes| {
            bytes.extend_from_slice(datagram);
            true
        })
    }

    /// The oldest datagram that was not handed out yet.
    pub fn pop(&mut self) -> Option<Transmit<'_>> {
        let (to, end) = self.datagrams.pop_front()?;
        let datagram = &self.bytes[self.start..end];
        self.start = end;
        Some(Transmit { to, datagram })
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// Forgets what was handed out.
    fn reclaim(&mut self) {
        if self.datagrams.is_empty() {
            self.bytes.clear();
            self.start = 0;
        } else if self.start > Self::LIMIT / 4 {
            self.bytes.drain(..self.start);
            for (_, end) in &mut self.datagrams {
                *end -= self.start;
            }
            self.start = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);

    #[test]
    fn datagrams_come_out_in_order_and_the_buffer_is_reclaimed() {
        let mut queue = TransmitQueue::default();
        for round in 0..2_000_u32 {
            queue.push(TO, &[round as u8; 1_000]);
            queue.push(TO, &[!(round as u8); 10]);
            assert_eq!(queue.pop().map(|t| t.datagram.to_vec()), Some(vec![round as u8; 1_000]));
            assert_eq!(queue.pop().map(|t| t.datagram.to_vec()), Some(vec![!(round as u8); 10]));
        }
        assert!(queue.is_empty() && queue.bytes.capacity() < 10_000);
    }

    #[test]
    fn a_full_queue_drops_the_newest() {
        let mut queue = TransmitQueue::default();
        while queue.push(TO, &[7; 1_200]).is_some() {}
        assert!(queue.bytes.len() <= TransmitQueue::LIMIT);
        assert!(queue.pop().is_some_and(|t| t.datagram == [7; 1_200]));
        assert_eq!(queue.push(TO, &[8; 1_200]), Some(1_200));
    }

    #[test]
    fn a_writer_that_gives_up_leaves_nothing() {
        let mut queue = TransmitQueue::default();
        queue.push(TO, b"kept");
        let given_up = queue.push_with(TO, |bytes| {
            bytes.extend_from_slice(b"half");
            false
        });
        assert_eq!((given_up, queue.push(TO, b"")), (None, None));
        assert_eq!(queue.pop().map(|t| t.datagram.to_vec()), Some(b"kept".to_vec()));
        assert!(queue.pop().is_none());
    }
}
