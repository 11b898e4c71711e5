//! What players may be called, and which names are too much alike. It knows no players.
//!
//! A name is a nickname as RFC 8266 has it, with limits of our own. Two that look alike are one: `Ian` is not to be taken for
//! `lan`, nor `B0b` for `Bob`, nor a name in one script for one in another (UTS 39).

use precis_profiles::Nickname;
use precis_profiles::precis_core::profile::{PrecisFastInvocation, Rules, stabilize};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;
use unicode_security::mixed_script::AugmentedScriptSet;

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
    /// There is no letter or digit in it.
    #[error("a name has at least one letter or digit")]
    Empty,
    /// It has more characters than are shown.
    #[error("a name has at most {} characters", Name::MAX_CHARACTERS)]
    TooLong,
    /// There are characters in it that don't belong in names, such as those that turn the line around.
    #[error("the name has characters that don't belong in names")]
    Characters,
    /// It mixes letters of scripts that are not written together.
    #[error("the name mixes scripts that are not written together")]
    MixedScripts,
}

impl Name {
    /// How many characters a name has at most.
    pub const MAX_CHARACTERS: usize = 20;
    /// How many bytes are looked at: the characters that become one may be several.
    const MAX_TYPED: usize = 16 * Self::MAX_CHARACTERS;
    /// How many marks there may be on a letter, one on top of the other.
    const MAX_MARKS: usize = 3;

    /// The name that was meant by what somebody typed: without spaces around it, and in one spelling.
    ///
    /// # Errors
    /// [`BadName`] says what is wrong with it.
    pub fn new(typed: &str) -> Result<Self, BadName> {
        if typed.len() > Self::MAX_TYPED {
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
        if has_piled_marks(&shown) {
            return Err(BadName::Characters);
        }
        if mixes_scripts(&shown) {
            return Err(BadName::MixedScripts);
        }
        Ok(Self { key: key(&shown), shown: shown.into_owned() })
    }

    /// What the keys of names begin with that begin with what somebody typed. None, when no name does.
    pub(super) fn key_prefix(typed: &str) -> Option<String> {
        if typed.is_empty() {
            return Some(String::new());
        }
        if typed.len() > Self::MAX_TYPED {
            return None;
        }
        Nickname::enforce(typed).ok().map(|shown| key(&shown))
    }
}

/// What names that look alike have in common.
fn key(shown: &str) -> String {
    let nickname = Nickname::new();
    let compared = stabilize(shown, |name| {
        let small = nickname.case_mapping_rule(name)?;
        nickname.normalization_rule(small)
    });
    // That fails for no name that was accepted. If it did, the name would be compared as it is.
    let compared = compared.unwrap_or(Cow::Borrowed(shown));
    let mut one = [0; 4];
    compared
        .nfd()
        .map(|letter| match letter {
            // UTS 39 has `m` look like `rn`, and those who look for R would find Mike.
            'a'..='z' => letter.to_string(),
            _ => skeleton(letter.encode_utf8(&mut one)).flat_map(char::to_lowercase).collect(),
        })
        .collect::<String>()
        // A big I looks like a small l, and is a small i as well.
        .replace('i', "l")
}

/// Letters that marks are piled on, into the lines above and below.
fn has_piled_marks(name: &str) -> bool {
    let mut marks = 0;
    name.nfd().any(|letter| {
        marks = if is_combining_mark(letter) { marks + 1 } else { 0 };
        marks > Name::MAX_MARKS
    })
}

/// Whether it is neither of one script, nor of Latin and what is written with it in East Asia: "highly restrictive" in UTS 39,
/// but without a list of the scripts that are common enough.
fn mixes_scripts(name: &str) -> bool {
    let latin = AugmentedScriptSet::for_char('a');
    let mut without_latin = AugmentedScriptSet::default();
    for letter in name.chars() {
        let scripts = AugmentedScriptSet::for_char(letter);
        let mut in_latin = latin;
        in_latin.intersect_with(scripts);
        if in_latin.is_empty() {
            without_latin.intersect_with(scripts);
        }
    }
    let with_latin = without_latin.jpan || without_latin.kore || without_latin.hanb;
    AugmentedScriptSet::for_str(name).is_empty() && !with_latin
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Letters, marks and signs of which names are made, and of which they should not be.
    fn typed() -> impl Strategy<Value = String> {
        let sign = prop_oneof![
            4 => "[a-zA-Z0-9 .-]",
            1 => "[\u{300}-\u{36f}\u{391}-\u{45f}\u{5d0}-\u{64a}\u{e01}-\u{e4e}\u{1100}-\u{11ff}]",
            1 => "[\u{2000}-\u{206f}\u{fb00}-\u{fdfb}\u{ff01}-\u{ffef}]",
            1 => "\\PC",
        ];
        prop::collection::vec(sign, 0..24).prop_map(|signs| signs.concat())
    }

    proptest! {
        #[test]
        fn whatever_is_typed_a_name_that_is_good_stays_as_it_is(typed in typed()) {
            if let Ok(name) = Name::new(&typed) {
                prop_assert!((1..=20).contains(&name.shown.chars().count()));
                prop_assert!(!name.key.is_empty());
                prop_assert_eq!(Name::new(&name.shown), Ok(name.clone()));
                prop_assert_eq!(Name::key_prefix(&typed), Some(name.key));
            }
        }

        #[test]
        fn names_that_are_compared_as_equal_are_one(typed in typed()) {
            if let (Ok(one), Ok(lowercase)) = (Name::new(&typed), Name::new(&typed.to_lowercase()))
                && Nickname::compare(&one.shown, &lowercase.shown) == Ok(true)
            {
                prop_assert_eq!(one.key, lowercase.key);
            }
        }
    }

    fn shown(typed: &str) -> String {
        Name::new(typed).unwrap_or_else(|bad| panic!("{typed:?}: {bad}")).shown
    }

    fn same(one: &str, other: &str) -> bool {
        Name::new(one).unwrap().key == Name::new(other).unwrap().key
    }

    #[test]
    fn names_of_the_world_are_good() {
        for name in [
            "Ann",
            "O'Neil-7",
            "Łukasz",
            "Ελένη",
            "Борис",
            "さくら",
            "健 Ken",
            "김철수",
            "สมชาย",
            "मोहन",
            "דָּוִד",
            "x",
            "♥ Eva ♥",
            "Nguyễn Thị Ánh",
        ] {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn a_name_is_cleaned() {
        assert_eq!(shown("  Ann\u{a0}\u{2003} B  "), "Ann B");
        assert_eq!(shown("Ａｎｎ"), "Ann");
        assert_eq!(shown("e\u{301}va"), "éva");
        assert_eq!(shown(&format!("{0}Ann{0}", " ".repeat(50))), "Ann");
    }

    #[test]
    fn a_cleaned_name_stays_as_it_is() {
        for typed in [" Ann  B ", "Ａｎｎ", "ǅ", "ﬁ", "Ω", "ſ"] {
            let name = Name::new(typed).unwrap();
            assert_eq!(Name::new(&name.shown), Ok(name));
        }
    }

    #[test]
    fn a_name_has_one_to_twenty_characters() {
        assert_eq!(shown(&"é".repeat(20)), "é".repeat(20));
        for typed in ["é".repeat(21), "a".repeat(1 << 20), "\u{fdfa}".repeat(2)] {
            assert_eq!(Name::new(&typed), Err(BadName::TooLong), "{typed:.40}");
        }
        for typed in ["", " ", "\u{a0}", "...", "- _ -", "♥", "\u{3000}"] {
            assert_eq!(Name::new(typed), Err(BadName::Empty), "{typed:?}");
        }
    }

    #[test]
    fn signs_that_do_not_belong_in_names_are_refused() {
        let controls = ["\0", "\t", "\n", "\u{7f}", "\u{85}", "\u{9f}"];
        let invisible = ["\u{ad}", "\u{200b}", "\u{200e}", "\u{202e}", "\u{2066}", "\u{feff}", "\u{fe0f}"];
        let nobody_s = ["\u{e000}", "\u{fffe}", "\u{10ffff}", "\u{fffd}\u{e0001}", "\u{2028}", "\u{378}"];
        for sign in controls.into_iter().chain(invisible).chain(nobody_s) {
            assert_eq!(Name::new(&format!("An{sign}n")), Err(BadName::Characters), "{sign:?}");
        }
    }

    #[test]
    fn marks_are_not_piled_up() {
        assert_eq!(Name::new(&format!("Z{}", "\u{335}".repeat(9))), Err(BadName::Characters));
        assert_eq!(Name::new("ก็็็็็"), Err(BadName::Characters));
    }

    #[test]
    fn scripts_that_look_alike_are_not_mixed() {
        for mixed in ["\u{410}nn", "p\u{3b1}ul", "B\u{43e}b", "Бob 健"] {
            assert_eq!(Name::new(mixed), Err(BadName::MixedScripts), "{mixed}");
        }
    }

    #[test]
    fn names_that_look_alike_are_one() {
        for (one, other) in [
            ("Ann", "aNN"),
            ("Ian", "lan"),
            ("Ian", "1an"),
            ("Bob", "B0b"),
            ("paypal", "раура\u{4cf}"),
            ("Éva", "e\u{301}va"),
            ("Ann B", "ann  b"),
            ("Bob-1", "bob\u{2010}l"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn names_that_differ_are_two() {
        for (one, other) in [("Ann", "Anna"), ("Bot 10", "Bot 11"), ("Eva", "Éva"), ("Ann B", "AnnB")] {
            let keys = [one, other].map(|name| Name::new(name).map(|name| name.key));
            assert_ne!(keys[0], keys[1], "{one} {other}");
        }
    }

    #[test]
    fn a_name_is_found_by_each_of_its_beginnings() {
        for name in ["Mike", "Warner", "Nguyễn Thị", "Bot 10", "健 Ken", "한국", "Ian"] {
            let key = Name::new(name).unwrap().key;
            for (end, _) in name.char_indices().chain([(name.len(), ' ')]) {
                let prefix = Name::key_prefix(&name[..end]).unwrap();
                assert!(key.starts_with(&prefix), "{:?} {key:?} {prefix:?}", &name[..end]);
            }
        }
        assert!(!Name::new("Mike").unwrap().key.starts_with(&Name::key_prefix("r").unwrap()));
        for nobody in ["\0", "\u{202e}", &"a".repeat(1 << 20)] {
            assert_eq!(Name::key_prefix(nobody), None);
        }
    }
}
