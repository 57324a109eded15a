//! What may be printed: the escapes that make text from servers, URLs and people safe
//! for a terminal, and the one way to standard error. Wording lives with whoever speaks, not here.

use std::fmt::Write as _;
use std::io::Write as _;
use unicode_general_category::{GeneralCategory, get_general_category};

/// At most this many characters of foreign text are shown; the rest becomes `…`.
const LONGEST: usize = 200;

/// Foreign text for the middle of a sentence: escapes control, bidirectional, zero-width,
/// private and unassigned characters as `\u{…}` and cuts what is too long
/// (CVE-2024-52005, CVE-2024-50349).
pub fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len().min(LONGEST));
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            safe.push('…');
            break;
        }
        push_escaped(&mut safe, character);
    }
    safe
}

/// A whole text of ours, foreign parts included, as the last step before a terminal: the
/// same escapes, but lines stay lines and nothing is cut.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' {
            safe.push(character);
        } else {
            push_escaped(&mut safe, character);
        }
    }
    safe
}

/// Breaks lines between words so that none is longer than `width` characters; a word that
/// is longer, as a URL may be, stays whole. Continued lines are indented like the first. A line that
/// begins with four blanks is a line of a file, and is shown as it is there.
pub fn wrapped(text: &str, width: usize) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| wrap(line, width)).collect();
    lines.join("\n")
}

fn wrap(line: &str, width: usize) -> String {
    if line.starts_with("    ") {
        return line.to_owned();
    }
    let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
    let mut wrapped = String::from(indent);
    let mut column = indent.len();
    for (index, word) in line[indent.len()..].split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > width && column > indent.len() {
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = indent.len();
        } else if index > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// Tells something outside of a dialogue: one line on standard error, `bitbucket: …`.
/// A standard error that nobody reads any more is no reason to fail.
pub fn notice(text: &str) {
    let line = line("bitbucket: ", text);
    // One write, so that lines of parallel processes do not mix.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Passes on what a program of the person's says, which is safe by now and comes in pieces.
pub fn pass_on(text: &str) {
    // As for a notice.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// One line that begins with `prefix`, whatever is in the text.
pub fn line(prefix: &str, text: &str) -> String {
    let mut line = prefix.to_owned();
    for character in text.chars() {
        push_escaped(&mut line, character);
    }
    line.push('\n');
    line
}

fn push_escaped(safe: &mut String, character: char) {
    if is_plain(character) {
        safe.push(character);
    } else {
        // Writing to a String cannot fail.
        let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
    }
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
    use super::{escaped, line, shown, wrapped};

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

    #[test]
    fn a_whole_text_keeps_its_lines_and_its_length() {
        let long = "x".repeat(1000);
        assert_eq!(escaped(&long), long);
        assert_eq!(escaped("one\ntwo\r\u{1b}[2J"), "one\ntwo\\u{d}\\u{1b}[2J");
        assert_eq!(escaped(&shown("\u{1b}")), shown("\u{1b}"));
    }

    #[test]
    fn lines_break_between_words_and_nowhere_else() {
        for (text, width, expected) in [
            ("", 10, ""),
            ("one two", 7, "one two"),
            ("one two", 6, "one\ntwo"),
            ("one two three", 7, "one two\nthree"),
            ("\none\n\ntwo three", 5, "\none\n\ntwo\nthree"),
            (
                "see https://a.test/long for it",
                8,
                "see\nhttps://a.test/long\nfor it",
            ),
            ("  1. alice bob", 10, "  1. alice\n  bob"),
            ("in a file:\n    a = b c d", 8, "in a\nfile:\n    a = b c d"),
            ("per\u{fa} \u{e9}t\u{e9}", 8, "per\u{fa} \u{e9}t\u{e9}"),
            ("one two", 0, "one\ntwo"),
        ] {
            assert_eq!(wrapped(text, width), expected, "{text} {width}");
        }
    }

    #[test]
    fn a_notice_is_one_line() {
        assert_eq!(
            line("bitbucket: ", "Gone.\nusername=x"),
            "bitbucket: Gone.\\u{a}username=x\n"
        );
    }
}
