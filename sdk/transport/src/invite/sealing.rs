//! Moves a connection request from its own key to the server's.
//!
//! netcode seals each connect token with the one key of its server. Whoever recorded the requests and learned that
//! key later could open them all, and with the session keys inside everything that followed. So each token of an
//! invite is sealed with a key of its own, which the host drops once the connection stands, and what arrives
//! is sealed anew for the server, which never sees the difference.

use super::seats::TokenNonce;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};

/// netcode's connection request: its prefix byte, its version, protocol id and expiry, the nonce, the sealed part.
pub(super) const CONNECTION_REQUEST: u8 = 0;
const TOKEN_BYTES: usize = 1_024;
const TAG_BYTES: usize = 16;

/// A datagram that has the form of a connection request.
pub(super) struct ConnectionRequest<'d> {
    /// Version, protocol id and expiry, which the seal covers.
    public: &'d [u8; 13 + 8 + 8],
    /// Which token it is.
    pub(super) nonce: &'d TokenNonce,
    sealed: &'d mut [u8; TOKEN_BYTES],
}

impl<'d> ConnectionRequest<'d> {
    pub(super) fn parse(datagram: &'d mut [u8]) -> Option<Self> {
        let (&mut prefix, rest) = datagram.split_first_mut()?;
        let (public, rest) = rest.split_first_chunk_mut()?;
        let (nonce, rest) = rest.split_first_chunk_mut()?;
        let sealed = rest.try_into().ok()?;
        (prefix == CONNECTION_REQUEST).then_some(Self { public, nonce, sealed })
    }

    /// Opens the token with its own key and seals it with the server's; `false` if it was not sealed so.
    pub(super) fn reseal(self, token_key: &[u8; 32], server_key: &[u8; 32]) -> bool {
        let Some((token, tag)) = self.sealed.split_last_chunk_mut::<TAG_BYTES>() else { return false };
        let nonce = self.nonce.into();
        let own = XChaCha20Poly1305::new(token_key.into());
        if own.decrypt_inout_detached(nonce, self.public, (&mut *token).into(), (&*tag).into()).is_err() {
            return false;
        }
        let server = XChaCha20Poly1305::new(server_key.into());
        match server.encrypt_inout_detached(nonce, self.public, token.into()) {
            Ok(sealed_tag) => {
                *tag = sealed_tag.into();
                true
            }
            Err(_) => false,
        }
    }
}
