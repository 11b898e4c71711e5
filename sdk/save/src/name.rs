//! Names of saves, and the files that belong to one. Knows no file system.

use crate::SaveError;
use std::fmt;

/// The name of a save: 1 to 48 of `a` to `z`, `0` to `9`, `-` and `_`, the first a letter or a digit, and none that
/// Windows keeps for devices.
///
/// Such a name is the same file everywhere: on file systems that ignore case and on those that don't, in Steam Cloud, and
/// in an archive that a player sends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaveName(String);

/// As a name and its endings are to fit the 255 bytes that file systems have for a name, with room to spare.
const LONGEST: usize = 48;

impl SaveName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`SaveError::Name`], which says what is wrong with it.
    pub fn new(name: &str) -> Result<Self, SaveError> {
        let refuse = |why| Err(SaveError::Name { name: name.chars().take(LONGEST).collect(), why });
        if name.is_empty() || name.len() > LONGEST {
            return refuse("it has to have 1 to 48 characters");
        }
        let is_plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
        if !name.chars().all(|char| is_plain(char) || char == '-' || char == '_') {
            return refuse("only a to z, 0 to 9, - and _ are the same on every file system");
        }
        if !name.starts_with(is_plain) {
            return refuse("it has to start with a letter or a digit");
        }
        if is_device(name) {
            return refuse("Windows keeps it for a device");
        }
        Ok(Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file of one generation.
    pub(crate) fn generation(&self, slot: u8) -> String {
        format!("{self}.{slot}{SAVE}")
    }

    /// Which generation `file` is, if it is one of this save.
    pub(crate) fn slot_of(&self, file: &str) -> Option<u8> {
        let (name, slot) = split(file)?;
        (name == self.0).then_some(slot)
    }

    /// The save of which `file` is a generation.
    pub(crate) fn of_generation(file: &str) -> Option<Self> {
        Self::new(split(file)?.0).ok()
    }

    /// The file that is locked while the save is open.
    pub(crate) fn lock(&self) -> String {
        format!("{self}.lock")
    }

    /// What drafts of this save start with. [`DRAFT`] is their end.
    pub(crate) fn draft_prefix(&self) -> String {
        format!("{self}.")
    }

    /// Whether `file` is a draft of this save.
    pub(crate) fn is_draft(&self, file: &str) -> bool {
        file.strip_prefix(&self.draft_prefix()).is_some_and(|rest| rest.ends_with(DRAFT))
    }

    /// A file that was set aside.
    pub(crate) fn damaged(&self, number: u32) -> String {
        format!("{self}{DAMAGED}{number}")
    }

    /// The number of a file that was set aside.
    pub(crate) fn damaged_number(&self, file: &str) -> Option<u32> {
        number(file.strip_prefix(&self.0)?.strip_prefix(DAMAGED)?)
    }
}

/// The end of a generation's name. Not of drafts and damaged files: a rule `*.save` of a cloud takes saves alone.
const SAVE: &str = ".save";

/// The end of a draft's name.
pub(crate) const DRAFT: &str = ".draft";

/// What is between the name and the number of a file that was set aside.
const DAMAGED: &str = ".damaged-";

/// The name and the slot of a generation's file.
fn split(file: &str) -> Option<(&str, u8)> {
    let (name, slot) = file.strip_suffix(SAVE)?.rsplit_once('.')?;
    Some((name, number(slot)?))
}

/// A number in its only spelling.
fn number<N: std::str::FromStr + ToString>(text: &str) -> Option<N> {
    text.parse().ok().filter(|number: &N| number.to_string() == text)
}

/// Whether Windows takes the name for a device, with whatever ending.
fn is_device(name: &str) -> bool {
    let numbered =
        |device| name.strip_prefix(device).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
    matches!(name, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

impl fmt::Display for SaveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SaveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_file_system_takes_for_something_else_are_refused() {
        let long = "a".repeat(LONGEST + 1);
        for name in ["", "A", "ä", "a.b", "a/b", "..", "a b", "-a", "_a", "con", "com1", "lpt9", "nul", &long]
        {
            assert!(matches!(SaveName::new(name), Err(SaveError::Name { .. })), "{name}");
        }
        for name in ["a", "slot-1", "high_scores", "0", "console", "com", "com10", &long[1..]] {
            assert_eq!(SaveName::new(name).expect("a fine name").as_str(), name);
        }
    }

    #[test]
    fn a_save_knows_its_own_files_and_no_others() {
        let name = SaveName::new("slot").expect("a name");
        assert_eq!(name.slot_of(&name.generation(2)), Some(2));
        for file in
            ["slot.save", "slot.02.save", "slot.256.save", "slot-2.0.save", "slot.0.save.draft", "slot.lock"]
        {
            assert_eq!(name.slot_of(file), None, "{file}");
        }
        assert_eq!(name.damaged_number(&name.damaged(7)), Some(7));
        assert_eq!(name.damaged_number("slot-1.damaged-7"), None);
        assert!(
            name.is_draft("slot.x8Kq.draft")
                && !name.is_draft("slot-1.x.draft")
                && !name.is_draft("slot.0.save")
        );
        assert_eq!(SaveName::of_generation("slot.0.save"), Some(name));
        assert_eq!(SaveName::of_generation("a.b.0.save"), None);
    }
}
