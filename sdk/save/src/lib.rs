//! Saves that survive anything: atomic, durable, encrypted, versioned.

mod container;
mod damage;
mod data;
#[doc(hidden)]
pub mod environment;
mod error;
mod file;
mod folder;
mod generations;
mod key;
#[cfg(feature = "keychain")]
mod keychain;
mod lock;
mod name;

pub use container::{Protection, SaveInfo};
pub use damage::{Damage, Lost};
pub use data::{NoneBefore, SaveData};
pub use error::SaveError;
pub use file::{Loaded, SaveFile, SaveOptions};
pub use folder::{Inspected, SaveFolder};
pub use key::{Key, PassphraseCost};
pub use lock::SaveLock;
pub use name::SaveName;
