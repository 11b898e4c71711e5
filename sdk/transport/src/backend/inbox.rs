//! The datagrams that wait for a simulated socket: one bounded ring of bytes.

use std::collections::VecDeque;
use std::net::SocketAddr;

/// A first-in-first-out queue of datagrams with their senders. Its memory is reused, and bounded by
/// [`BYTES`](Self::BYTES) and [`DATAGRAMS`](Self::DATAGRAMS); what comes when it is full is dropped, as a
/// system's receive buffer would.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// Who sent each datagram, and its length.
    datagrams: VecDeque<(SocketAddr, usize)>,
    bytes: VecDeque<u8>,
}

impl Inbox {
    /// The most bytes that wait; what [`UdpConfig`](crate::backend::UdpConfig) asks of the system, too.
    pub(crate) const BYTES: usize = 4 << 20;
    /// The most datagrams that wait; empty ones need memory too.
    pub(crate) const DATAGRAMS: usize = 1 << 14;

    /// Queues a copy of `datagram`, or returns `false` when there is no room.
    pub(crate) fn push(&mut self, from: SocketAddr, datagram: &[u8]) -> bool {
        if self.datagrams.len() >= Self::DATAGRAMS || self.bytes.len() + datagram.len() > Self::BYTES {
            return false;
        }
        self.datagrams.push_back((from, datagram.len()));
        self.bytes.extend(datagram);
        true
    }

    /// Copies the oldest datagram into `buffer`, cut to the buffer's length.
    pub(crate) fn pop(&mut self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let (from, len) = self.datagrams.pop_front()?;
        let taken = len.min(buffer.len());
        let (front, back) = self.bytes.as_slices();
        let split = taken.min(front.len());
        buffer[..split].copy_from_slice(&front[..split]);
        buffer[split..taken].copy_from_slice(&back[..taken - split]);
        self.bytes.drain(..len);
        Some((taken, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);

    #[test]
    fn datagrams_come_out_whole_and_in_order_wherever_the_ring_wraps() {
        let mut inbox = Inbox::default();
        let mut buffer = [0; 2_048];
        inbox.push(FROM, &[9; 700]);
        for round in 0..5_000_u32 {
            let datagram = [round as u8; 1_000];
            assert!(inbox.push(FROM, &datagram[..round as usize % 1_000]));
            let (len, _) = inbox.pop(&mut buffer).expect("one is always waiting");
            let (expected_len, expected) =
                round.checked_sub(1).map_or((700, 9), |last| (last as usize % 1_000, last as u8));
            assert_eq!(buffer[..len], vec![expected; expected_len]);
        }
        assert!(inbox.bytes.capacity() <= 8_192);
    }

    #[test]
    fn a_full_inbox_takes_no_more_until_one_is_popped() {
        let mut inbox = Inbox::default();
        let taken = (0..).take_while(|_| inbox.push(FROM, &[7; 1_200])).count();
        assert_eq!(taken, Inbox::BYTES / 1_200);
        assert!(inbox.pop(&mut [0; 2_048]).is_some() && inbox.push(FROM, &[8; 1_200]));
    }

    #[test]
    fn empty_datagrams_count_against_the_limit_too() {
        let mut inbox = Inbox::default();
        assert_eq!((0..).take_while(|_| inbox.push(FROM, &[])).count(), Inbox::DATAGRAMS);
    }

    #[test]
    fn a_long_datagram_is_cut_and_the_next_one_is_untouched() {
        let mut inbox = Inbox::default();
        inbox.push(FROM, &[1; 100]);
        inbox.push(FROM, &[2; 4]);
        let mut buffer = [0; 10];
        assert_eq!(inbox.pop(&mut buffer), Some((10, FROM)));
        assert_eq!(inbox.pop(&mut buffer), Some((4, FROM)));
        assert_eq!(buffer[..4], [2; 4]);
        assert_eq!(inbox.pop(&mut buffer), None);
    }
}
