//! What players may be called, and which names are too much alike.

use precis_profiles::Nickname;
use precis_profiles::precis_core::profile::PrecisFastInvocation;

/// A name that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What others read.
    pub shown: String,
    /// What is unique: names that look alike have the same.
    pub key: String,
}

/// Why a name can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadName {
    /// There is nothing of it.
    #[error("a name has at least one letter or digit")]
    Empty,
    /// It has more characters than are shown.
    #[error("a name has at most {} characters", Name::MAX_CHARACTERS)]
    TooLong,
    /// There are characters in it that don't belong in names.
    #[error("the name has characters that don't belong in names")]
    Characters,
}

impl Name {
    /// How many characters a name has at most.
    pub const MAX_CHARACTERS: usize = 20;

    /// The name that was meant by what somebody typed.
    ///
    /// # Errors
    /// [`BadName`] says what is wrong with it.
    pub fn new(typed: &str) -> Result<Self, BadName> {
        if typed.len() > 16 * Self::MAX_CHARACTERS {
            return Err(BadName::TooLong);
        }
        if typed.trim().is_empty() {
            return Err(BadName::Empty);
        }
        let shown = Nickname::enforce(typed).map_err(|_| BadName::Characters)?;
        if shown.chars().count() > Self::MAX_CHARACTERS {
            return Err(BadName::TooLong);
        }
        if !shown.chars().any(char::is_alphanumeric) {
            return Err(BadName::Empty);
        }
        Ok(Self { key: shown.to_lowercase(), shown: shown.into_owned() })
    }

    /// What the keys of names begin with that begin with what somebody typed.
    pub(crate) fn key_prefix(typed: &str) -> String {
        typed.to_lowercase()
    }
}
