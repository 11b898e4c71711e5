//! What two peers must agree on before they talk: named hashes, exchanged inside the encrypted connection.

use core::fmt;
use serde::{Deserialize, Serialize};

/// The names and hashes that must be equal on both ends: protocol, game, schema, channels.
///
/// At most [`Manifest::MAX_ENTRIES`] entries with names of at most [`Manifest::MAX_NAME`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    entries: Vec<(String, u64)>,
}

/// The first entry in which two manifests differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestMismatch {
    /// The entry's name.
    pub name: String,
    /// Our value; `None` where we have no such entry.
    pub ours: Option<u64>,
    /// The peer's value; `None` where it has no such entry.
    pub theirs: Option<u64>,
}

impl Manifest {
    /// The most entries a manifest may have.
    pub const MAX_ENTRIES: usize = 64;
    /// The longest name, in bytes.
    pub const MAX_NAME: usize = 64;

    /// An empty manifest, which agrees with any other empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry; later entries of the same name replace earlier ones. Names over the limit are cut at a
    /// character; entries over the limit are a bug of the game and panic.
    #[must_use]
    pub fn with(mut self, name: &str, hash: u64) -> Self {
        let name = &name[..name.floor_char_boundary(Self::MAX_NAME)];
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1 = hash,
            None => {
                assert!(self.entries.len() < Self::MAX_ENTRIES, "a manifest has at most 64 entries");
                self.entries.push((name.to_owned(), hash));
            }
        }
        self
    }

    /// The entries, in the order of adding.
    pub fn entries(&self) -> &[(String, u64)] {
        &self.entries
    }

    /// Whether a manifest that came from a peer keeps to the limits, and has no name twice.
    pub(crate) fn is_within_limits(&self) -> bool {
        let is_fine = |(place, (name, _)): (usize, &(String, u64))| {
            name.len() <= Self::MAX_NAME && self.entries.iter().take(place).all(|(before, _)| before != name)
        };
        self.entries.len() <= Self::MAX_ENTRIES && self.entries.iter().enumerate().all(is_fine)
    }

    /// The first difference between ours and `theirs`, in our order, then theirs.
    ///
    /// # Errors
    /// The entry that differs.
    pub fn check(&self, theirs: &Self) -> Result<(), ManifestMismatch> {
        let value = |manifest: &Self, name: &str| {
            manifest.entries.iter().find(|(known, _)| known == name).map(|(_, hash)| *hash)
        };
        for (name, _) in self.entries.iter().chain(&theirs.entries) {
            let (ours, theirs) = (value(self, name), value(theirs, name));
            if ours != theirs {
                return Err(ManifestMismatch { name: name.clone(), ours, theirs });
            }
        }
        Ok(())
    }
}

impl fmt::Display for ManifestMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |value: Option<u64>| value.map_or("nothing".to_owned(), |hash| format!("{hash:016x}"));
        write!(
            f,
            "the peer runs another {}: we have {}, it has {}",
            self.name,
            show(self.ours),
            show(self.theirs)
        )
    }
}
