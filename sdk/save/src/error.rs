//! What can go wrong, and what to do about it.

use crate::{Damage, Lost};
use netcord_wire::CodecError;
use std::io;
use std::path::PathBuf;

/// Why something could not be done. Whatever it is, the saves that were there are there still.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The name does not fit every file system. Choose another.
    #[error("{name:?} is no name for a save: {why}")]
    Name {
        /// The name, or its beginning.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },

    /// Another copy of the game, or a tool, has the save open. Ask the player to close it, and open again.
    #[error("{} is in use{}", path.display(), by(*holder))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, where the system lets us read that.
        holder: Option<u32>,
    },

    /// There is no room. Ask the player to make some, and save again.
    #[error("no room on the disk for {}", path.display())]
    Full {
        /// What was written.
        path: PathBuf,
    },

    /// The folder or its disk does not let us write. Ask the player, or use another folder.
    #[error("no permission to write {}", path.display())]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The folder is gone: a drive was pulled out, or someone deleted it. Open the folder anew, and save again.
    #[error("the folder {} is gone", path.display())]
    FolderGone {
        /// The folder.
        path: PathBuf,
    },

    /// The system failed in another way. It may pass: try again, then tell the player.
    #[error("can't {doing} {}", path.display())]
    Io {
        /// What was done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The key, or the passphrase, is another one than the save was written with. Ask for it again; no file was touched.
    #[error("the passphrase or key does not fit {}", path.display())]
    WrongKey {
        /// The newest generation.
        path: PathBuf,
    },

    /// The save is of a newer version of the game. The message is for the player. No file was touched, and none is
    /// overwritten; [`SaveFile::set_aside`](crate::SaveFile::set_aside) makes room for a new one.
    #[error("this save was made by a newer version of the game: update the game to go on with it")]
    NewerGame {
        /// The save.
        path: PathBuf,
        /// Its version, or that of the container where even this is newer.
        found: u32,
        /// The newest that this game reads.
        known: u32,
    },

    /// The save is of a version before the first that the game's chain of versions has. No file was touched.
    #[error("this save is of version {found}, which this game can't read any more")]
    OlderGame {
        /// Its version.
        found: u32,
    },

    /// There are files, but no good one among them. Those that are damaged were set aside, and the next save begins anew;
    /// if one is merely not what was expected ([`Damage::is_harm`]), none was touched, and saving is refused.
    #[error("no generation of the save can be read: {}", first(lost))]
    NoneGood {
        /// Every file, with what is wrong with it.
        lost: Vec<Lost>,
    },

    /// What is there is older than what the game knows there was: the folder was put back to an older day, or a cloud has
    /// not caught up. Load without the counter to take it all the same.
    #[error("the newest save has counter {found}, but {known} was seen before")]
    PutBack {
        /// The counter of the newest good generation, 0 if there is none.
        found: u64,
        /// The one that the game remembers.
        known: u64,
    },

    /// The save is whole and genuine, but it is no value of its type. The type was changed and its version was not:
    /// a mistake in the game. No file was touched.
    #[error("the save of version {version} is no value of the type that the game has for it")]
    Undecodable {
        /// The version.
        version: u32,
        /// Where decoding failed, for a readable save the line and column.
        why: String,
    },

    /// The value can't be encoded: it is larger than the options allow, or holds what the format does not have.
    #[error("can't encode the value: {0}")]
    Encode(String),

    /// A file to be read for a tool is no save, or is damaged.
    #[error("{}: {damage}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },

    /// The options ask for what is above a cap, or for nothing at all.
    #[error("the options are wrong: {0}")]
    Options(&'static str),

    /// The system has no folder for saves, as it has no home for the user.
    #[error("this user has no home folder to keep saves in")]
    NoHome,

    /// The save to rename to is there already. Delete it first, if that is meant.
    #[error("there is a save {name} already")]
    Exists {
        /// Its name.
        name: String,
    },

    /// There is no memory for the derivation of the key from the passphrase. Try again, or use a lower cost.
    #[error("no memory to make a key of the passphrase")]
    Memory,

    /// The keychain of the system did not do its part: the player refused, or there is none.
    #[error("the keychain: {0}")]
    Keychain(String),
}

fn by(holder: Option<u32>) -> String {
    holder.map_or_else(String::new, |holder| format!(" by process {holder}"))
}

fn first(lost: &[Lost]) -> String {
    lost.first()
        .map_or_else(|| "there are none".into(), |lost| format!("{}: {}", lost.path.display(), lost.damage))
}

impl SaveError {
    /// What a failure of the file system means.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let path = path.into();
        match source.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::Full { path },
            Kind::ReadOnlyFilesystem | Kind::PermissionDenied => Self::ReadOnly { path, source },
            Kind::NotFound | Kind::NotADirectory => {
                Self::FolderGone { path: path.parent().map(Into::into).unwrap_or(path) }
            }
            _ => Self::Io { doing, path, source },
        }
    }
}

impl From<CodecError> for SaveError {
    fn from(error: CodecError) -> Self {
        Self::Encode(error.to_string())
    }
}
