//! Names and versions as they may be shown, whoever wrote them.

/// The most characters of a name.
pub const MAX_NAME: usize = 32;
/// The most characters of a version.
pub const MAX_VERSION: usize = 24;

/// A name without what could break or disguise a line of text: control characters, those that change its direction,
/// those that can't be seen; one space for any white space, and [`MAX_NAME`] characters at most. May be empty.
pub(super) fn clean_name(name: &str) -> String {
    let mut clean = String::new();
    let mut length = 0;
    for word in name.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut visible = word.chars().filter(|&c| is_visible(c)).peekable();
        // A space counts only between two words, and only if there is room for what follows.
        if visible.peek().is_some() && length > 0 && length + 1 < MAX_NAME {
            clean.push(' ');
            length += 1;
        }
        let room = MAX_NAME - length;
        clean.extend(visible.take(room).inspect(|_| length += 1));
    }
    clean
}

/// A version: printable ASCII, [`MAX_VERSION`] characters at most.
pub(super) fn clean_version(version: &str) -> String {
    version.chars().filter(char::is_ascii_graphic).take(MAX_VERSION).collect()
}

/// Not one of the characters of Unicode that are there, but not to be seen: marks of direction and their overrides,
/// joiners, fillers, tags, selectors of variants, private use.
fn is_visible(c: char) -> bool {
    !matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line_that_reads_as_it_looks() {
        for (name, clean) in [
            ("Ann's game", "Ann's game"),
            ("  two \t\r\n lines\u{2029}! ", "two lines !"),
            ("\u{202e}emag\u{2066} s'nnA\u{200b}", "emag s'nnA"),
            ("\u{1b}[31mred\u{7}", "[31mred"),
            ("\u{feff}\u{200d}\u{0}", ""),
            ("Jürgen 日本語 🎮", "Jürgen 日本語 🎮"),
            ("12345678901234567890123456789012345", "12345678901234567890123456789012"),
            ("1234567890123456789012345678901 x", "1234567890123456789012345678901x"),
        ] {
            assert_eq!(clean_name(name), clean);
            assert_eq!(clean_name(clean), clean, "cleaning again changes nothing");
        }
        assert_eq!(clean_version("1.2.3-beta+ä\n0"), "1.2.3-beta+0");
    }
}
