//! A player's key in a save file.

use crate::identity::PlayerKey;
use netcord_save::{Key, SaveError, SaveFolder, SaveOptions, first_version};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

/// The secret key, as it is saved.
#[derive(Serialize, Deserialize)]
struct KeptKey([u8; 32]);

impl Drop for KeptKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

first_version!(KeptKey, "netcord.scores.identity");

impl PlayerKey {
    /// The player's key in a folder of saves; made if there is none, which is on the first start.
    ///
    /// The key is who the player is: without it they are another one, and their scores somebody else's. So it is written
    /// several times at first, and a file that can't be read is not written over. When all of them are damaged, they are set
    /// aside and this is [`SaveError::NoneGood`], which the player should hear of; the call after that makes a new key.
    ///
    /// # Errors
    /// What the save says; that the system has no randomness, as [`SaveError::Io`].
    pub fn load_or_make(folder: &SaveFolder, key: Key) -> Result<Self, SaveError> {
        let options = SaveOptions::encrypted(key);
        let generations = 1 + options.older_generations;
        let mut file = folder.open::<KeptKey>("scores-identity", options)?;
        if let Some(kept) = file.load()?.value() {
            return Ok(Self::from_bytes(&kept.0));
        }
        let key = Self::generate().map_err(|source| SaveError::Io {
            doing: "get randomness for",
            path: folder.path().into(),
            source,
        })?;
        let bytes = Zeroizing::new(key.to_bytes());
        for _ in 0..generations {
            file.save(&KeptKey(*bytes))?;
        }
        Ok(key)
    }
}
