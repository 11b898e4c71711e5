//! What is wrong with a file.

use crate::{PassphraseCost, SaveInfo};
use std::io;
use std::path::PathBuf;

/// A generation that was passed over.
#[derive(Debug)]
pub struct Lost {
    /// Where it was.
    pub path: PathBuf,
    /// Where it is now. `None` if it was left in its place: because it is no harm, or since moving it failed.
    pub kept: Option<PathBuf>,
    /// What is wrong with it.
    pub damage: Damage,
    /// What its header claims, if that can be read.
    pub info: Option<SaveInfo>,
}

/// What is wrong with a file.
///
/// Checksums without a key tell damage by accident from changes on purpose: who changes a save on purpose can make them
/// fit again, and then the authentication fails. Somebody who changes a save and leaves its checksums alone is taken for an
/// accident; either way it is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// It doesn't begin as a save does.
    #[error("it is no save")]
    NotASave,
    /// The end is missing.
    #[error("it is cut off")]
    Truncated,
    /// There is more than a save.
    #[error("there is something behind its end")]
    Trailing,
    /// The header is damaged.
    #[error("its header is damaged")]
    Header,
    /// The payload is damaged.
    #[error("its contents are damaged")]
    Payload,
    /// Someone changed it: its checksums fit, but not the key's authentication.
    #[error("it was tampered with")]
    Tampered,
    /// It asks for a key at a cost above the caps: nothing that we write.
    #[error("its passphrase would cost {} KiB, {} passes, {} lanes", cost.memory_kib, cost.passes, cost.lanes)]
    Costly {
        /// What it asks for.
        cost: PassphraseCost,
    },
    /// The disk can't read it.
    #[error("the disk can't read it: {0}")]
    Unreadable(io::Error),
    /// It is whole, and for another key.
    #[error("it is for another passphrase or key")]
    WrongKey,
    /// It is a save of something else.
    #[error("it is a save of {found}")]
    OtherKind {
        /// Of what.
        found: String,
    },
    /// It is readable, and an encrypted one is asked for: anybody may have written it.
    #[error("it is not encrypted")]
    NotEncrypted,
    /// It is encrypted, and a readable one is asked for.
    #[error("it is encrypted")]
    Encrypted,
    /// It is larger than the options allow.
    #[error("it holds more than {limit} bytes")]
    TooLarge {
        /// What they allow.
        limit: usize,
    },
    /// Nothing: the game asked for it to be set aside.
    #[error("it was set aside as the game asked")]
    Unwanted,
    /// The container is of a newer format.
    #[error("it is of format {found}, of a newer version of the game")]
    NewerFormat {
        /// Its format.
        found: u16,
    },
}

impl Damage {
    /// Whether the file is broken. If not, it is merely not what the game asked for, and may be good.
    #[must_use]
    pub fn is_harm(&self) -> bool {
        !matches!(
            self,
            Self::WrongKey
                | Self::OtherKind { .. }
                | Self::NotEncrypted
                | Self::Encrypted
                | Self::TooLarge { .. }
                | Self::Unwanted
                | Self::NewerFormat { .. }
        )
    }
}
