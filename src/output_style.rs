//! How a report looks on standard output: colours only where a terminal shows them, marks only
//! where the locale has them. What is asked on a terminal has no colours; that text from outside
//! is safe is the business of `text`, before it comes here.

use std::io::{IsTerminal as _, stdout};

/// How wide a line of a report may be, in characters.
pub const WIDTH: usize = 79;

/// What a piece of a report stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// May do harm.
    Warning,
    /// Does not work.
    Bad,
    /// The heading of a table.
    Heading,
}

impl Tone {
    /// The parameter of "select graphic rendition" (ECMA-48, 8.3.117).
    const fn rendition(self) -> u8 {
        match self {
            Self::Good => 32,
            Self::Warning => 33,
            Self::Bad => 31,
            Self::Heading => 1,
        }
    }
}

/// What standard output can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputStyle {
    /// Whether the locale's characters are UTF-8.
    pub is_unicode: bool,
    has_colours: bool,
}

impl OutputStyle {
    /// That of this process.
    pub fn of_process() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::decide(variable, stdout().is_terminal())
    }

    /// By the variables that say so: the locale's, `TERM`, and `NO_COLOR` (no-color.org).
    fn decide(variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> Self {
        let mut locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
        let locale = locale.find_map(&variable).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let is_capable = match variable("TERM") {
            Some(name) => name != "dumb",
            // The terminal of Windows names itself so; its console before that may show codes.
            None => variable("WT_SESSION").is_some(),
        };
        Self {
            is_unicode: locale.ends_with("utf-8") || locale.ends_with("utf8"),
            has_colours: is_terminal && is_capable && variable("NO_COLOR").is_none(),
        }
    }

    /// The text in the colour of this tone, or as it is.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if self.has_colours && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", tone.rendition())
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(variables: &[(&str, &str)], is_terminal: bool) -> OutputStyle {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        OutputStyle::decide(variable, is_terminal)
    }

    #[test]
    fn the_locale_tells_which_marks_are_shown() {
        for (variables, expected) in [
            (&[][..], false),
            (&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], false),
            (&[("LANG", "de_DE.UTF-8")], true),
            (&[("LC_CTYPE", "C.utf8"), ("LANG", "C")], true),
            (&[("LC_ALL", "POSIX")], false),
        ] {
            assert_eq!(decided(variables, true).is_unicode, expected);
        }
    }

    #[test]
    fn colours_need_a_terminal_that_has_them_and_a_person_who_wants_them() {
        for (variables, is_terminal, expected) in [
            (&[("TERM", "xterm-256color")][..], true, true),
            (&[("TERM", "xterm-256color")], false, false),
            (&[("TERM", "dumb")], true, false),
            (&[], true, false),
            (&[("WT_SESSION", "1")], true, true),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], true, false),
        ] {
            let style = decided(variables, is_terminal);
            let expected = if expected {
                "\u{1b}[32mok\u{1b}[0m"
            } else {
                "ok"
            };
            assert_eq!(style.paint(Tone::Good, "ok"), expected, "{variables:?}");
        }
    }
}
