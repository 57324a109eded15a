//! What may be printed: the one function that makes text from servers, URLs and
//! people safe for a terminal. Wording lives with whoever speaks, not here.

use std::fmt::Write as _;
use unicode_general_category::{GeneralCategory, get_general_category};

/// At most this many characters of foreign text are shown; the rest becomes `…`.
const LONGEST: usize = 200;

/// Escapes control, bidirectional, zero-width, private and unassigned characters
/// as `\u{…}` and cuts what is too long (CVE-2024-52005, CVE-2024-50349).
#[must_use]
pub fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len().min(LONGEST));
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            safe.push('…');
            break;
        }
        if is_plain(character) {
            safe.push(character);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        }
    }
    safe
}

fn is_plain(character: char) -> bool {
    character == ' '
        || !matches!(
            get_general_category(character),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::SpaceSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Surrogate
                | GeneralCategory::Unassigned
        )
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn plain_text_stays_and_tricks_are_spelled_out() {
        for (raw, safe) in [
            ("acme/widgets.git", "acme/widgets.git"),
            ("perú ünïcode", "perú ünïcode"),
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("a\r\nb", "a\\u{d}\\u{a}b"),
            ("\u{202e}gro.tekcubtib", "\\u{202e}gro.tekcubtib"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            (
                "line\u{2028}sep\u{a0}nbsp\u{85}nel",
                "line\\u{2028}sep\\u{a0}nbsp\\u{85}nel",
            ),
        ] {
            assert_eq!(shown(raw), safe);
        }
    }

    #[test]
    fn long_text_is_cut() {
        let cut = shown(&"x".repeat(1000));
        assert_eq!(cut.chars().count(), 201);
        assert!(cut.ends_with('…'));
    }
}
