//! Challenge tokens (standard: "Challenge Token"): a client that can return one owns its source address.

use super::TAG_BYTES;
use super::cipher::nonce;
use super::token::{check_padding, take};
use crate::{ClientId, SecureRng, UserData};
use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _};
use rand_core::Rng as _;
use zeroize::Zeroizing;

/// Bytes of a challenge on the wire: its sequence number and the encrypted token of 300 bytes.
pub(super) const CHALLENGE_BYTES: usize = 8 + 300;

/// Seals challenge tokens, and opens those that come back, with a key that no one else knows.
pub(super) struct Challenger {
    aead: ChaCha20Poly1305,
    next: u64,
}

/// A challenge token that came back.
pub(super) struct Answered {
    pub(super) sequence: u64,
    pub(super) client: ClientId,
    pub(super) user_data: Box<UserData>,
}

impl Challenger {
    /// A challenger with a fresh key.
    pub(super) fn new(rng: &mut SecureRng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *key);
        Self { aead: ChaCha20Poly1305::new((&*key).into()), next: 0 }
    }

    /// The sequence number of the next challenge.
    pub(super) const fn next_sequence(&self) -> u64 {
        self.next
    }

    /// The next challenge, for this client.
    pub(super) fn issue(&mut self, client: ClientId, user_data: &UserData) -> Option<[u8; CHALLENGE_BYTES]> {
        let mut challenge = [0; CHALLENGE_BYTES];
        let plain = self.next.to_le_bytes().into_iter().chain(client.0.to_le_bytes()).chain(*user_data);
        for (to, from) in challenge.iter_mut().zip(plain) {
            *to = from;
        }
        let (_, token) = challenge.split_first_chunk_mut::<8>()?;
        let (plain, tag) = token.split_last_chunk_mut::<TAG_BYTES>()?;
        *tag = self.aead.encrypt_inout_detached(&nonce(self.next), &[], plain.into()).ok()?.into();
        self.next = self.next.wrapping_add(1);
        Some(challenge)
    }

    /// What was sealed into `challenge`, if it is one of ours, unchanged.
    pub(super) fn open(&self, challenge: &[u8; CHALLENGE_BYTES]) -> Option<Answered> {
        let mut challenge = *challenge;
        let (sequence, token) = challenge.split_first_chunk_mut::<8>()?;
        let sequence = u64::from_le_bytes(*sequence);
        let (plain, tag) = token.split_last_chunk_mut::<TAG_BYTES>()?;
        self.aead.decrypt_inout_detached(&nonce(sequence), &[], (&mut *plain).into(), (&*tag).into()).ok()?;
        let rest = &mut &*plain;
        let client = ClientId(u64::from_le_bytes(take(rest).ok()?));
        let user_data = Box::new(take(rest).ok()?);
        check_padding(rest).ok()?;
        Some(Answered { sequence, client, user_data })
    }
}
