//! The cipher of packets after the request (standard: "Packets").

use super::{TAG_BYTES, VERSION};
use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce};

/// One direction of a connection: a key and what is authenticated with every packet.
pub(super) struct PacketCipher {
    aead: ChaCha20Poly1305,
    /// Version and protocol id; the packet's prefix byte is the last.
    associated_data: [u8; 22],
}

impl PacketCipher {
    pub(super) fn new(key: &[u8; 32], protocol_id: u64) -> Self {
        let mut associated_data = [0; 22];
        for (to, from) in associated_data.iter_mut().zip(VERSION.into_iter().chain(protocol_id.to_le_bytes()))
        {
            *to = from;
        }
        Self { aead: ChaCha20Poly1305::new(key.into()), associated_data }
    }

    /// Encrypts `body` in place and returns its tag. No `sequence` may come twice.
    pub(super) fn seal(&self, prefix: u8, sequence: u64, body: &mut [u8]) -> Option<[u8; TAG_BYTES]> {
        self.aead
            .encrypt_inout_detached(&nonce(sequence), &self.associated_data(prefix), body.into())
            .ok()
            .map(Into::into)
    }

    /// Decrypts `sealed`, a body with its tag, in place, if it is authentic; else leaves it as it is.
    pub(super) fn open<'d>(&self, prefix: u8, sequence: u64, sealed: &'d mut [u8]) -> Option<&'d [u8]> {
        let (body, tag) = sealed.split_last_chunk_mut::<TAG_BYTES>()?;
        self.aead
            .decrypt_inout_detached(
                &nonce(sequence),
                &self.associated_data(prefix),
                (&mut *body).into(),
                (&*tag).into(),
            )
            .ok()?;
        Some(body)
    }

    fn associated_data(&self, prefix: u8) -> [u8; 22] {
        let mut data = self.associated_data;
        let [.., last] = &mut data;
        *last = prefix;
        data
    }
}

/// Four zero bytes, then the sequence number in little-endian.
pub(super) fn nonce(sequence: u64) -> Nonce {
    let mut nonce = Nonce::default();
    for (to, from) in nonce.iter_mut().skip(4).zip(sequence.to_le_bytes()) {
        *to = from;
    }
    nonce
}
