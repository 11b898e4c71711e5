//! Where sequence numbers start, so that no key ever sees one twice (our STANDARD.md, section 3.1).
//!
//! A sequence number is the nonce of its packet, and two packets with one nonce break the cipher. The standard's
//! replay protection takes any start, so we choose starts that keep apart what the standard would let collide.

use crate::SecureRng;
use rand_core::Rng as _;

/// The sequence numbers of an endpoint's challenges, denials or responses, which leave before a connection has
/// numbers of its own.
///
/// They start at random in [2^63, 2^63 + 2^62): above 2^63 they can't meet the packets of connections; and from
/// a random start not those of another server of the token, of a restarted server, or of another client that was
/// made from the same bytes.
pub(super) struct HandshakeSequence(u64);

impl HandshakeSequence {
    pub(super) fn new(rng: &mut SecureRng) -> Self {
        Self((1 << 63) | (rng.next_u64() >> 2))
    }

    pub(super) fn next(&mut self) -> u64 {
        let next = self.0;
        self.0 = next.wrapping_add(1); // 2^62 packets away from the end at least
        next
    }
}

/// Where the packets of a connection start at a server that is the `index`-th in the token.
///
/// The servers of a token share its keys, and a client that gives the first up while its answers are still under
/// way makes both send. 2^40 packets a server keep them apart; the first starts at zero.
pub(super) const fn server_start(index: usize) -> u64 {
    (index as u64) << 40
}

/// Where the packets of a client's connection start.
///
/// A program that restarts and makes a client from the bytes of its old token can be led, with a repeated
/// challenge, to take over the connection that its predecessor left. The seconds since the token was made, at
/// 65,536 packets each, keep the two apart. Two clocks may differ, so this wraps (after 18 hours).
pub(super) const fn client_start(created: u64, unix: u64) -> u64 {
    (unix.wrapping_sub(created) & 0xffff) << 16
}
