//! Save files that are encrypted, versioned, and whole whenever the machine dies.
//!
//! ```
//! use netcord_save::{Key, Loaded, SaveFolder, SaveOptions, first_version};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Progress {
//!     level: u32,
//! }
//!
//! first_version!(Progress, "maze.progress"); // When it changes: see `SaveData`.
//!
//! # let disk = tempfile::tempdir()?;
//! # let my_games = disk.path();
//! let folder = SaveFolder::at(my_games)?; // or SaveFolder::of_game("com", "Studio", "Maze")?
//! let key = Key::from_bytes(*b"32 bytes that are in the game's ");
//! let mut file = folder.open::<Progress>("progress", SaveOptions::encrypted(key))?;
//!
//! let mut progress = match file.load()? {
//!     Loaded::Nothing => Progress::default(),
//!     Loaded::Found { value, .. } => value,
//!     Loaded::Recovered { value, lost, .. } => {
//!         println!("the newest save was damaged ({}); this is the one before", lost[0].damage);
//!         value
//!     }
//! };
//! progress.level += 1;
//! file.save(&progress)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - **When [`save`](SaveFile::save) returns `Ok`, the save lasts**, whatever happens to the process, the system or the power
//!   then. Until it returns, the save before lasts. A load gives the one or the other, never a mixture and never nothing.
//! - **Nothing is written over the newest save.** A save goes to a file of its own, is flushed to the disk, and then takes the
//!   place of the *oldest* generation. [`SaveOptions::older_generations`] says how many there are.
//! - **Nothing is thrown away unseen.** A file that is damaged is moved aside under the name `progress.damaged-1`, and listed in
//!   [`Loaded::Recovered`]; of these, eight are kept. A file that this game merely can't read, such as one of a newer version or
//!   of another key, is not touched, and not written over.
//! - **Nothing is decoded before it is authenticated.** A file can't make the game allocate, or compute, more than the caps say.
//! - **Two copies of the game don't mix their saves**: a [`SaveFile`] holds a lock for as long as it is open.
//!
//! # On the disk
//!
//! The save `progress` is the files `progress.0.save`, `progress.1.save`, and so on, each a generation; which is the newest,
//! the counter in its header says. `progress.lock` is the lock. `progress.….draft` is a save that is being written. A cloud
//! such as Steam's wants `*.save`, and nothing else. Names are [the same on every file system](SaveName). The bytes are in
//! STANDARD.md, section 10.
//!
//! # Which key
//!
//! | where it comes from | what it stops |
//! |---|---|
//! | [bytes in the game](Key::from_bytes) | curious players with an editor; accidents. Who takes the game apart finds it |
//! | [bytes from a server](Key::from_bytes) | also those who take the game apart, until they log in. Offline, there is no save |
//! | [the system's keychain](#the-keychain) | other users of the machine, thieves of the file. It does not move with the file to another machine |
//! | [a passphrase](Key::from_passphrase) | everybody who does not know it, as long as it is a good one. Forgotten, the save is gone |
//! | [none](SaveOptions::readable) | nothing: it is JSON, made to be read and [edited](#readable-saves) |
//!
//! **What no key on the player's own machine can stop:** that the player changes the save. The game on their machine opens
//! it, so they can, too, with enough patience; and they can change the game, or its memory, instead. A key makes cheating work,
//! which stops most; it is no proof for a scoreboard. Proof is what a server checks: have it replay the inputs.
//!
//! **What no file can tell:** that it is an old one. Who copies the folder and puts it back later has a genuine save of an
//! older day. A game with a server can see that: it keeps the highest [`counter`](SaveInfo::counter) there, and loads with
//! [`load_since`](SaveFile::load_since). Without, it stays unseen.
//!
//! # Changing what is saved
//!
//! A type is saved with its [version](SaveData::VERSION). When it changes, the old type stays in the game as the new one's
//! [`Previous`](SaveData::Previous), with a function from one to the next: [`SaveData`] has an example. Keep a save of each version that you ship as
//! a file, and load it in a test. A save of a version *above* the game's is refused with [`SaveError::NewerGame`], whose message
//! is for the player.
//!
//! # Readable saves
//!
//! [`SaveOptions::readable`] writes a line of text and JSON below it:
//!
//! ```text
//! netcord-save format=1 kind=maze.settings version=1 counter=7 time=1795288000 bytes=20 line=… body=…
//! {
//!   "volume": 80
//! }
//! ```
//!
//! They have the same generations and migrations. Their checksums find accidents, and stop nobody. To change one by hand, change the
//! JSON, and put `body=edited` in place of the last checksum.
//!
//! # The keychain
//!
//! With the feature `keychain`, `Key::from_keychain("com.studio.maze", "saves")` keeps a random key in the keychain of macOS or iOS,
//! in Windows' credential store, or in the Secret Service of a Linux desktop, and makes it the first time. Without any of these
//! (some Linux machines have none), it is an error, and the game has to have another idea.
//!
//! # Pitfalls
//!
//! - **Calls wait for the disk**, for some milliseconds, and on a phone for a tenth of a second. Have them on another thread.
//! - **A passphrase is slow on purpose** ([`PassphraseCost`]): a tenth of a second and 64 MiB, once for each key. Make one [`Key`] and
//!   clone it for several saves: the clones share the work.
//! - **A passphrase is taken byte for byte.** Where players type more than ASCII on several systems, normalise it first (NFC).
//! - **A field that is added without a new version** makes old saves [undecodable](SaveError::Undecodable). This is an error and not
//!   damage: nothing is set aside, and the next build may get it right.
//! - **The order of fields and variants is part of the format**, as bincode has no names. Of readable saves, the names are.
//! - **`HashMap` in a save** works, but has another order each time: the bytes differ where the value is the same.
//! - **Renaming [`KIND`](SaveData::KIND)** makes all saves those of something else.
//! - **Network folders** may have no locks, and may say that something is flushed when it is not. Nothing here can change that.
//! - **On Windows** a folder can't be flushed. The file is, under its new name, which NTFS's journal writes with it; Windows does
//!   not promise it.

mod container;
mod damage;
mod data;
#[doc(hidden)]
pub mod environment;
mod error;
mod file;
mod folder;
#[doc(hidden)]
pub mod fuzzing;
mod generations;
mod key;
#[cfg(feature = "keychain")]
mod keychain;
mod lock;
mod name;
pub mod support;

pub use container::{Protection, SaveInfo};
pub use damage::{Damage, Lost};
pub use data::{NoneBefore, SaveData};
pub use error::SaveError;
pub use file::{Loaded, SaveFile, SaveOptions};
pub use folder::{Inspected, SaveFolder};
pub use key::{Key, PassphraseCost};
pub use lock::SaveLock;
pub use name::SaveName;
