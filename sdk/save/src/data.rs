//! What can be saved: a type with a version, and the chain of versions before it. Knows no files and no keys.

use crate::SaveError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A type that can be saved, in one version of it.
///
/// When the type changes, the old one stays, under another name, as [`Previous`](Self::Previous) of the new one, and
/// [`migrate`](Self::migrate) makes the new of the old. A save of any version is then read as that version's own type and
/// led through the chain, step by step:
///
/// ```
/// use netcord_save::{SaveData, first_version};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct ProgressV1 {
///     level: u8,
/// }
///
/// first_version!(ProgressV1, "maze.progress");
///
/// #[derive(Serialize, Deserialize)]
/// struct Progress {
///     level: u16,
///     keys: Vec<String>,
/// }
///
/// impl SaveData for Progress {
///     const KIND: &'static str = "maze.progress";
///     const VERSION: u32 = 2;
///     type Previous = ProgressV1;
///     fn migrate(previous: ProgressV1) -> Self {
///         Self { level: previous.level.into(), keys: Vec::new() }
///     }
/// }
/// ```
pub trait SaveData: Serialize + DeserializeOwned {
    /// Which game, and what of it: `"tetris.scores"`. 1 to 64 of `a` to `z`, `0` to `9`, `-`, `_` and `.`; the same in every
    /// version. A save of another kind is not read.
    const KIND: &'static str;

    /// The version of the type: raised with every change of what is saved. Above [`Previous`](Self::Previous)'s.
    const VERSION: u32;

    /// The version before. [`NoneBefore`] for the first.
    type Previous: SaveData;

    /// Makes this version of the one before.
    fn migrate(previous: Self::Previous) -> Self;
}

/// Makes a type [`SaveData`] in its first version, of a kind: `first_version!(Progress, "maze.progress")`.
#[macro_export]
macro_rules! first_version {
    ($type:ty, $kind:expr) => {
        impl $crate::SaveData for $type {
            const KIND: &'static str = $kind;
            const VERSION: u32 = 1;
            type Previous = $crate::NoneBefore;

            fn migrate(previous: $crate::NoneBefore) -> Self {
                previous.never()
            }
        }
    };
}

/// What stands before the first version: there is no value of it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub enum NoneBefore {}

impl NoneBefore {
    /// For [`SaveData::migrate`] of the first version, which is never called.
    pub fn never<T>(self) -> T {
        match self {}
    }
}

impl SaveData for NoneBefore {
    const KIND: &'static str = "none";
    const VERSION: u32 = 0;
    type Previous = Self;

    fn migrate(previous: Self) -> Self {
        previous
    }
}

/// How a payload of some version becomes a value of a type.
pub(crate) trait Decode {
    fn decode<T: DeserializeOwned>(&self) -> Result<T, SaveError>;
}

/// Reads `payload`, of version `version`, as `T`: as it is, or by way of the versions before.
///
/// # Errors
/// What `payload` says; [`SaveError::OlderGame`] when the chain does not reach so far back. The caller has looked for a
/// version above `T`'s.
pub(crate) fn decode<T: SaveData>(version: u32, payload: &impl Decode) -> Result<T, SaveError> {
    const { assert!(T::VERSION == 0 || T::VERSION > <T::Previous as SaveData>::VERSION, "versions rise") };
    if T::VERSION == 0 || version > T::VERSION {
        return Err(SaveError::OlderGame { found: version });
    }
    if version == T::VERSION {
        payload.decode()
    } else {
        decode::<T::Previous>(version, payload).map(T::migrate)
    }
}
