//! What two peers must agree on before they talk: named hashes, exchanged inside the encrypted connection. Where they
//! don't agree on a schema, the schemas follow, to say in what.

use core::fmt;
use netcord_wire::{Schema, SchemaDifference};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The names and hashes that must be equal on both ends: protocol, game, schema, channels.
///
/// At most [`Manifest::MAX_ENTRIES`] entries with names of at most [`Manifest::MAX_NAME`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    entries: Vec<(String, u64)>,
    /// Those entries that are hashes of schemas, with the schemas as bytes; they stay here while all agree.
    #[serde(skip)]
    schemas: Vec<(String, Arc<[u8]>)>,
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
    /// In which component and field they differ, where the entry is a [schema](Manifest::with_schema) on both sides,
    /// and the peer's came in time. Its words are the peer's own, of bounded length.
    pub difference: Option<Box<SchemaDifference>>,
}

impl Manifest {
    /// The most entries a manifest may have.
    pub const MAX_ENTRIES: usize = 64;
    /// The longest name, in bytes.
    pub const MAX_NAME: usize = 64;
    /// The longest schema, in bytes, that is sent to a peer whose hash of it differs. Of longer ones only the hashes
    /// are compared.
    pub const MAX_SCHEMA: usize = 32 * 1024;

    /// An empty manifest, which agrees with any other empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry; later entries of the same name replace earlier ones. Names over the limit are cut at a
    /// character; entries over the limit are a bug of the game and panic.
    #[must_use]
    pub fn with(mut self, name: &str, hash: u64) -> Self {
        let name = cut(name);
        self.schemas.retain(|(known, _)| known != name);
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1 = hash,
            None => {
                assert!(self.entries.len() < Self::MAX_ENTRIES, "a manifest has at most 64 entries");
                self.entries.push((name.to_owned(), hash));
            }
        }
        self
    }

    /// Adds an entry for a schema: its hash. A peer with another hash is told the schema, and tells its own, so that the
    /// refusal names the first component and field that differ.
    ///
    /// ```
    /// use netcord_transport::Manifest;
    /// use netcord_wire::Schema;
    ///
    /// let schema = Schema::new().with("Ball", &["x", "y"]);
    /// let manifest = Manifest::new().with("game", 3).with_schema("components", &schema);
    /// assert_eq!(manifest.entries()[1].1, schema.hash());
    /// ```
    #[must_use]
    pub fn with_schema(self, name: &str, schema: &Schema) -> Self {
        let mut manifest = self.with(name, schema.hash());
        manifest.schemas.push((cut(name).to_owned(), schema.to_bytes().into()));
        manifest
    }

    /// The schema of an entry, as bytes.
    pub(crate) fn schema(&self, name: &str) -> Option<&Arc<[u8]>> {
        self.schemas.iter().find(|(known, _)| known == name).map(|(_, schema)| schema)
    }

    /// The schemas in which `theirs` differs, by name: what its peer wants to know of us.
    pub(crate) fn schemas_unlike<'a>(
        &'a self,
        theirs: &'a Self,
    ) -> impl Iterator<Item = (&'a str, &'a Arc<[u8]>)> {
        let differs = |name: &str| {
            let theirs = theirs.value(name);
            theirs.is_some() && theirs != self.value(name)
        };
        self.schemas
            .iter()
            .filter(move |(name, schema)| schema.len() <= Self::MAX_SCHEMA && differs(name))
            .map(|(name, schema)| (&**name, schema))
    }

    /// Where our schema of this name differs from a peer's, which is bytes of the peer's choice.
    pub(crate) fn difference(&self, name: &str, theirs: &[u8]) -> Option<SchemaDifference> {
        let ours = Schema::from_bytes(self.schema(name)?, usize::MAX).ok()?;
        ours.first_difference(&Schema::from_bytes(theirs, Self::MAX_SCHEMA).ok()?)
    }

    fn value(&self, name: &str) -> Option<u64> {
        self.entries.iter().find(|(known, _)| known == name).map(|(_, hash)| *hash)
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
        for (name, _) in self.entries.iter().chain(&theirs.entries) {
            let (ours, theirs) = (self.value(name), theirs.value(name));
            if ours != theirs {
                return Err(ManifestMismatch { name: name.clone(), ours, theirs, difference: None });
            }
        }
        Ok(())
    }
}

/// A name within its limit.
fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(Manifest::MAX_NAME)]
}

impl fmt::Display for ManifestMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(difference) = &self.difference {
            return write!(f, "the peer runs another {}: {difference}", self.name);
        }
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
