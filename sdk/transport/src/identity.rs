//! The names of things on a link: peers, clients, receipts; and the generator that keys come from.

use crate::TransportError;
use core::fmt;
use rand_core::SeedableRng;

/// The cryptographic generator that every key, nonce and secret is drawn from.
///
/// A concrete type, so that a seed in the network lab replays a run to the byte, ciphertext included. Outside
/// of tests, seed it from the operating system.
pub type SecureRng = rand_chacha::ChaCha20Rng;

/// A generator that is seeded by the operating system.
///
/// # Errors
/// [`TransportError::Entropy`]: nothing can be secured on such a system.
pub fn secure_rng() -> Result<SecureRng, TransportError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(TransportError::Entropy)?;
    Ok(SecureRng::from_seed(seed))
}

/// A connection of a transport: unique as long as the transport lives, so that a late answer to a peer that
/// left can't reach the one that took its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId {
    slot: u32,
    generation: u32,
}

impl PeerId {
    /// Names the `generation`-th connection that uses `slot`.
    pub const fn new(slot: u32, generation: u32) -> Self {
        Self { slot, generation }
    }

    /// The index of the connection's place in tables; free again once the peer is gone.
    pub const fn slot(self) -> usize {
        self.slot as usize
    }

    /// How many connections used the slot before.
    pub const fn generation(self) -> u32 {
        self.generation
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer{}.{}", self.slot, self.generation)
    }
}

/// Who a client is to the one that issued its connect token: the token's authenticated 64-bit id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// The 256 bytes that a connect token carries for the game, authenticated.
pub type UserData = [u8; 256];

/// Names a sent message to [`Event::Delivered`](crate::Event::Delivered) and
/// [`Event::Lost`](crate::Event::Lost). Rises by one with each message sent to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt(pub u64);
