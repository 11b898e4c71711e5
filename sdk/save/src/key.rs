//! Keys: where they come from, and what is made of them. STANDARD.md, section 10.3. Knows no files.

use crate::SaveError;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use blake2::Blake2bMac;
use blake2::digest::FixedOutput as _;
use blake2::digest::consts::{U16, U32};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::{Zeroize as _, Zeroizing};

/// What a save is protected with. It is wiped from memory with its last clone, and `Debug` does not show it.
///
/// Clones share what was derived of a passphrase, which takes a while: games with several saves clone one key.
#[derive(Clone)]
pub struct Key(Arc<Inner>);

struct Inner {
    secret: Secret,
    /// What was derived of it, the newest last.
    derived: Mutex<Vec<(Derivation, Arc<Derived>)>>,
}

enum Secret {
    Bytes(Zeroizing<[u8; 32]>),
    Passphrase { text: Zeroizing<String>, cost: PassphraseCost },
}

impl Key {
    /// A key of 32 bytes that nobody can guess: from a generator for keys, a server, a keychain.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self::new(Secret::Bytes(Zeroizing::new(bytes)))
    }

    /// A key of what a player types, at the usual [`PassphraseCost`].
    #[must_use]
    pub fn from_passphrase(passphrase: impl Into<String>) -> Self {
        Self::new(Secret::Passphrase {
            text: Zeroizing::new(passphrase.into()),
            cost: PassphraseCost::default(),
        })
    }

    /// The same at another cost.
    ///
    /// # Errors
    /// [`SaveError::Options`] if the cost is above what anybody reads.
    pub fn from_passphrase_at(
        passphrase: impl Into<String>,
        cost: PassphraseCost,
    ) -> Result<Self, SaveError> {
        if !cost.is_payable() {
            return Err(SaveError::Options("the passphrase's cost is outside of its caps"));
        }
        Ok(Self::new(Secret::Passphrase { text: Zeroizing::new(passphrase.into()), cost }))
    }

    fn new(secret: Secret) -> Self {
        Self(Arc::new(Inner { secret, derived: Mutex::default() }))
    }

    /// How a new save's keys are derived: as the last time, if they were, and with `salt` if not.
    pub(crate) fn derivation(&self, salt: [u8; 16]) -> Derivation {
        let kdf = match &self.0.secret {
            Secret::Bytes(_) => Kdf::Given,
            Secret::Passphrase { cost, .. } => Kdf::Argon2id(*cost),
        };
        let derived = self.0.derived.lock().unwrap_or_else(PoisonError::into_inner);
        derived
            .iter()
            .rev()
            .map(|(derivation, _)| *derivation)
            .find(|derivation| derivation.kdf == kdf)
            .unwrap_or(Derivation { kdf, salt })
    }

    /// The keys of a save. `None` if the save wants another kind of key.
    ///
    /// # Errors
    /// [`SaveError::Memory`].
    pub(crate) fn derive(&self, derivation: &Derivation) -> Result<Option<Arc<Derived>>, SaveError> {
        let mut known = self.0.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, derived)) = known.iter().find(|(known, _)| known == derivation) {
            return Ok(Some(Arc::clone(derived)));
        }
        let master = match (&self.0.secret, derivation.kdf) {
            (Secret::Bytes(bytes), Kdf::Given) => bytes.clone(),
            (Secret::Passphrase { text, .. }, Kdf::Argon2id(cost)) => {
                argon2id(text.as_bytes(), cost, &derivation.salt)?
            }
            _ => return Ok(None),
        };
        let derived = Arc::new(Derived::new(&master, &derivation.salt));
        if known.len() >= MOST_DERIVED {
            known.remove(0);
        }
        known.push((*derivation, Arc::clone(&derived)));
        Ok(Some(derived))
    }
}

/// As many derivations are remembered; a save and its generations have one, unless the key was changed.
const MOST_DERIVED: usize = 4;

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.secret {
            Secret::Bytes(_) => "Key(32 bytes)",
            Secret::Passphrase { .. } => "Key(passphrase)",
        })
    }
}

/// What it costs to make a key of a passphrase, with Argon2id (RFC 9106): each guess of somebody who has the file costs
/// as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseCost {
    /// KiB of memory: 8 for each lane at least, at most 262,144 (256 MiB).
    pub memory_kib: u32,
    /// Passes over it, 1 to 16.
    pub passes: u32,
    /// Lanes, 1 to 8. They are computed one after the other.
    pub lanes: u32,
}

impl Default for PassphraseCost {
    /// 64 MiB, 3 passes, 1 lane: some 150 ms on a desktop.
    fn default() -> Self {
        Self { memory_kib: 65_536, passes: 3, lanes: 1 }
    }
}

impl PassphraseCost {
    /// Whether it is inside of the caps, which hold for what is written as for what is read.
    pub(crate) fn is_payable(self) -> bool {
        (1..=8).contains(&self.lanes)
            && (1..=16).contains(&self.passes)
            && (8 * self.lanes..=262_144).contains(&self.memory_kib)
    }
}

/// How the keys of a save are derived, as its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Derivation {
    pub(crate) kdf: Kdf,
    pub(crate) salt: [u8; 16],
}

/// Where the master key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kdf {
    /// It is the key.
    Given,
    /// A passphrase.
    Argon2id(PassphraseCost),
}

/// The keys of a save.
pub(crate) struct Derived {
    /// Encrypts.
    pub(crate) seal: Zeroizing<[u8; 32]>,
    /// Tells a wrong key from damage. It is public.
    pub(crate) check: [u8; 16],
}

impl Derived {
    fn new(master: &[u8; 32], salt: &[u8; 16]) -> Self {
        let (mut seal, mut check) = (Zeroizing::new([0; 32]), [0; 16]);
        let fits = "these are the lengths that BLAKE2b takes";
        let keyed = Blake2bMac::<U32>::new_with_salt_and_personal(master, salt, b"netcord save key");
        keyed.expect(fits).finalize_into((&mut *seal).into());
        let keyed = Blake2bMac::<U16>::new_with_salt_and_personal(master, salt, b"netcord save chk");
        keyed.expect(fits).finalize_into((&mut check).into());
        Self { seal, check }
    }
}

fn argon2id(passphrase: &[u8], cost: PassphraseCost, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, SaveError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| SaveError::Options("the passphrase's cost is outside of its caps"))?;
    let mut memory = Vec::new();
    memory.try_reserve_exact(params.block_count()).map_err(|_| SaveError::Memory)?;
    memory.resize(params.block_count(), Block::default());
    let mut master = Zeroizing::new([0; 32]);
    let outcome = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        passphrase,
        salt,
        &mut *master,
        &mut memory,
    );
    memory.iter_mut().for_each(Block::zeroize);
    outcome.map_err(|_| SaveError::Options("the passphrase is longer than 4 GiB"))?;
    Ok(master)
}
