//! Keys in the keychain of the operating system. Feature `keychain`.

use crate::{Key, SaveError};
use keyring::{Entry, Error};
use zeroize::Zeroizing;

impl Key {
    /// The key that the system's keychain has for this user under `service` and `account`, such as `"com.studio.game"` and
    /// `"saves"`. It is made and put there the first time.
    ///
    /// Who moves a save to another machine, by hand or through a cloud, does not take this key along.
    ///
    /// # Errors
    /// [`SaveError::Keychain`].
    pub fn from_keychain(service: &str, account: &str) -> Result<Self, SaveError> {
        let failed = |error: Error| SaveError::Keychain(error.to_string());
        let entry = Entry::new(service, account).map_err(failed)?;
        let secret = match entry.get_secret() {
            Ok(secret) => Zeroizing::new(secret),
            Err(Error::NoEntry) => {
                let mut secret = Zeroizing::new(vec![0; 32]);
                getrandom::fill(&mut secret).map_err(|error| SaveError::Keychain(error.to_string()))?;
                entry.set_secret(&secret).map_err(failed)?;
                secret
            }
            Err(error) => return Err(failed(error)),
        };
        let bytes = <[u8; 32]>::try_from(secret.as_slice());
        bytes.map(Self::from_bytes).map_err(|_| SaveError::Keychain("what is kept there is no key".into()))
    }
}
