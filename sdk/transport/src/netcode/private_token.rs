//! The part of a connect token that only its issuer and the servers can read (standard: "Connect Token").

use super::token::{Key, TokenError, check_padding, padded, take};
use super::{PRIVATE_TOKEN_BYTES, TAG_BYTES, TOKEN_NONCE_BYTES, VERSION, address};
use crate::{ClientId, UserData};
use chacha20poly1305::{AeadInOut as _, KeyInit as _, XChaCha20Poly1305};
use core::net::SocketAddr;
use zeroize::Zeroizing;

const PLAIN_BYTES: usize = PRIVATE_TOKEN_BYTES - TAG_BYTES;

/// What the issuer tells a server about a client.
pub(super) struct PrivateToken {
    pub(super) client: ClientId,
    pub(super) timeout_seconds: i32,
    /// The servers that the token is for, by the addresses that they know themselves by.
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) client_to_server_key: Key,
    pub(super) server_to_client_key: Key,
    pub(super) user_data: UserData,
}

impl PrivateToken {
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(PRIVATE_TOKEN_BYTES));
        bytes.extend_from_slice(&self.client.0.to_le_bytes());
        bytes.extend_from_slice(&self.timeout_seconds.to_le_bytes());
        address::write(&self.addresses, &mut bytes);
        bytes.extend_from_slice(&*self.client_to_server_key);
        bytes.extend_from_slice(&*self.server_to_client_key);
        bytes.extend_from_slice(&self.user_data);
        bytes.resize(PLAIN_BYTES, 0);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, TokenError> {
        let rest = &mut &*bytes;
        let token = Self {
            client: ClientId(u64::from_le_bytes(take(rest)?)),
            timeout_seconds: i32::from_le_bytes(take(rest)?),
            addresses: address::read(rest)?,
            client_to_server_key: Key::new(take(rest)?),
            server_to_client_key: Key::new(take(rest)?),
            user_data: take(rest)?,
        };
        check_padding(rest)?;
        Ok(token)
    }
}

/// Seals and opens the private part with the key that issuer and servers share.
pub(super) struct TokenCipher {
    aead: XChaCha20Poly1305,
    protocol_id: u64,
}

impl TokenCipher {
    pub(super) fn new(private_key: &[u8; 32], protocol_id: u64) -> Self {
        Self { aead: XChaCha20Poly1305::new(private_key.into()), protocol_id }
    }

    /// The sealed token: 1,008 encrypted bytes and their tag. `nonce` must be fresh.
    pub(super) fn seal(
        &self,
        token: &PrivateToken,
        expires: u64,
        nonce: &[u8; TOKEN_NONCE_BYTES],
    ) -> Box<[u8; PRIVATE_TOKEN_BYTES]> {
        let mut bytes = token.encode();
        let tag = self
            .aead
            .encrypt_inout_detached(nonce.into(), &self.associated_data(expires), bytes.as_mut_slice().into())
            .unwrap_or_default(); // fails only above 256 GiB
        bytes.extend_from_slice(&tag);
        padded(&bytes)
    }

    /// Decrypts the token in place, if it is authentic; else leaves `sealed` as it is.
    pub(super) fn open<'d>(
        &self,
        sealed: &'d mut [u8; PRIVATE_TOKEN_BYTES],
        expires: u64,
        nonce: &[u8; TOKEN_NONCE_BYTES],
    ) -> Option<&'d [u8]> {
        let (plain, tag) = sealed.split_last_chunk_mut::<TAG_BYTES>()?;
        self.aead
            .decrypt_inout_detached(
                nonce.into(),
                &self.associated_data(expires),
                (&mut *plain).into(),
                (&*tag).into(),
            )
            .ok()?;
        Some(plain)
    }

    fn associated_data(&self, expires: u64) -> [u8; 29] {
        let mut data = [0; 29];
        let fields = VERSION.into_iter().chain(self.protocol_id.to_le_bytes()).chain(expires.to_le_bytes());
        for (to, from) in data.iter_mut().zip(fields) {
            *to = from;
        }
        data
    }
}
