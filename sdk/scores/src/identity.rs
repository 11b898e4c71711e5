//! Who a player is: an ed25519 key that the game makes on its first start. Knows no files and no requests.

use crate::model::PlayerId;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::{fmt, io};

/// The secret key of a player. The public key is the [`PlayerId`]; who has the secret one is that player.
///
/// It is wiped from memory when it is dropped, and `Debug` shows the id alone.
#[derive(Clone)]
pub struct PlayerKey(SigningKey);

impl PlayerKey {
    /// A new key of the system's randomness.
    ///
    /// # Errors
    /// The system has no randomness. Without it there is no key that nobody guesses: play without highscores.
    pub fn generate() -> io::Result<Self> {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(io::Error::other)?;
        Ok(Self(SigningKey::from_bytes(&bytes)))
    }

    /// The key of 32 bytes that were kept: any are one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The key as bytes, to be kept where nobody else reads.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The player that it is the key of.
    #[must_use]
    pub fn id(&self) -> PlayerId {
        PlayerId(self.0.verifying_key().to_bytes())
    }

    /// The signature of a message.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for PlayerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PlayerKey").field(&self.id()).finish()
    }
}

/// The public key that an id is. `None` if it is none, is spelled in another way than it could be, or is of small order,
/// for which there are signatures that fit any message.
pub(crate) fn public_key(id: &PlayerId) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(&id.0).ok()?;
    let canonical = key.to_edwards().compress().to_bytes() == id.0;
    (canonical && !key.is_weak()).then_some(key)
}

/// Whether the player signed the message.
pub(crate) fn is_signed(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_kept_is_the_same_player() {
        let key = PlayerKey::generate().expect("randomness");
        assert_eq!(PlayerKey::from_bytes(&key.to_bytes()).id(), key.id());
        assert_ne!(PlayerKey::generate().expect("randomness").id(), key.id());
    }

    #[test]
    fn the_id_is_the_public_key_of_rfc_8032() {
        let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let secret: PlayerId = secret.parse().expect("hexadecimal");
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(PlayerKey::from_bytes(&secret.0).id().to_string(), public);
    }

    #[test]
    fn what_is_shown_of_a_key_is_its_id() {
        let key = PlayerKey::from_bytes(&[7; 32]);
        assert_eq!(format!("{key:?}"), format!("PlayerKey({})", key.id()));
    }

    #[test]
    fn keys_of_small_order_and_of_a_second_spelling_are_none() {
        let key = PlayerKey::from_bytes(&[7; 32]).id();
        assert!(public_key(&key).is_some());
        let small_order = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ];
        // y = p + 3, which is another spelling of y = 3; the point is of large order.
        let second_spelling = "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
        let first_spelling = "0300000000000000000000000000000000000000000000000000000000000000";
        assert!(public_key(&first_spelling.parse().expect("hexadecimal")).is_some());
        for id in small_order.iter().chain([&second_spelling]) {
            assert!(public_key(&id.parse().expect("hexadecimal")).is_none(), "{id}");
        }
    }
}
