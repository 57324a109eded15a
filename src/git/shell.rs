//! The shell in which Git starts a helper: how a text falls into words there, as far as that
//! can be told without one, and how a path is quoted for it. Which words mean what is not
//! known here.

use anyhow::bail;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::iter::Peekable;
use std::str::Chars;

/// What a shell would put in place of `~` and `$NAME`.
pub struct Surrounding<'a> {
    /// The home.
    pub home: Option<&'a OsStr>,
    /// All variables.
    pub environment: &'a BTreeMap<OsString, OsString>,
}

/// The words of a simple command, without their quoting. What only a shell can tell stays in
/// them as it is written.
pub fn words(command: &str) -> Vec<String> {
    Splitter::of(command, None).split().words
}

/// The words as a shell in this place makes them; `None` if only a real one can tell.
pub fn exact_words(command: &str, place: &Surrounding) -> Option<Vec<String>> {
    let split = Splitter::of(command, Some(place)).split();
    split.exact.then_some(split.words)
}

/// The program that a value runs, if it may be shown. None for a snippet of the shell, which
/// may contain anything, passwords too; what follows the program may as well.
pub fn program(value: &str) -> Option<String> {
    if value.starts_with('!') {
        return None;
    }
    let program = words(value).into_iter().next()?;
    is_plain(&program).then_some(program)
}

/// Whether a word is a name or a path and nothing else: nothing of the shell's, and nothing
/// like `user:password` or `NAME=value`.
pub fn is_plain(word: &str) -> bool {
    let is_path = crate::platform::is_absolute_command(word);
    let drive = word.get(1..2) == Some(":") && is_path;
    let word = if drive { &word[2..] } else { word };
    word.chars().all(|it| {
        it.is_alphanumeric() || "/._-+,@% ~\\".contains(it) || is_path && "()".contains(it)
    })
}

/// A path as the shell reads it. Never with a quotation mark in front: Git would take
/// the path for a name then.
pub fn quote(path: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut value = Vec::new();
    for &byte in path {
        match byte {
            b'\n' | b'\r' => bail!(
                "a line end in a path is nothing that Git can run: {}",
                crate::text::shown(&String::from_utf8_lossy(path))
            ),
            _ => {
                let plain = byte.is_ascii_alphanumeric() || !byte.is_ascii() || {
                    b"/._-+,:@%".contains(&byte)
                };
                if !plain {
                    value.push(b'\\');
                }
                value.push(byte);
            }
        }
    }
    Ok(value)
}

/// A text as one word for the shell: between single quotes, as a person would write it, or
/// where it has one of those itself, letter by letter.
pub fn quote_text(text: &str) -> anyhow::Result<Vec<u8>> {
    if text.contains(['\'', '\n', '\r']) {
        return quote(text.as_bytes());
    }
    Ok(format!("'{text}'").into_bytes())
}

/// One walk through a text.
struct Splitter<'a> {
    rest: Peekable<Chars<'a>>,
    place: Option<&'a Surrounding<'a>>,
    words: Vec<String>,
    /// The word that has begun.
    word: Option<String>,
    /// The quotation mark that is open.
    quote: Option<char>,
    /// Whether the words are certainly a shell's.
    exact: bool,
}

impl<'a> Splitter<'a> {
    fn of(text: &'a str, place: Option<&'a Surrounding<'a>>) -> Self {
        Self {
            rest: text.chars().peekable(),
            place,
            words: Vec::new(),
            word: None,
            quote: None,
            exact: true,
        }
    }

    fn split(mut self) -> Self {
        while let Some(character) = self.rest.next() {
            self.take(character);
        }
        self.words.extend(self.word.take());
        self.exact &= self.quote.is_none();
        self
    }

    fn take(&mut self, character: char) {
        match (self.quote, character) {
            (Some(open), close) if open == close => self.quote = None,
            (Some('\''), other) => self.push(other),
            (None, '\'' | '"') => {
                self.quote = Some(character);
                self.word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\n') => self.words.extend(self.word.take()),
            (_, '\\') => match self.rest.next() {
                Some(escaped) => self.push(escaped),
                None => self.exact = false,
            },
            (_, '$') => {
                let begin = self.rest.clone();
                if let Some(value) = self.variable() {
                    self.word.get_or_insert_default().push_str(&value);
                } else {
                    self.rest = begin;
                    self.untold(character);
                }
            }
            // In a word that is an option: `--file=~/x` stays as it is, as in `sh`.
            (None, '~') if self.word.is_none() => match self.home() {
                Some(home) => self.word = Some(home),
                None => self.untold(character),
            },
            (_, '`') | (None, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '*' | '?' | '[') => {
                self.untold(character);
            }
            (_, other) => self.push(other),
        }
    }

    fn push(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    /// Takes a character as it is, of which a shell would make more.
    fn untold(&mut self, character: char) {
        self.exact = false;
        self.push(character);
    }

    /// What `~` stands for, unless it is somebody else's.
    fn home(&mut self) -> Option<String> {
        let is_ours = |next: &char| matches!(next, '/' | ' ');
        let home = self.place?.home?.to_str()?;
        self.rest
            .peek()
            .is_none_or(is_ours)
            .then(|| home.to_owned())
    }

    /// The value of `$NAME` or `${NAME}`, behind its `$`.
    fn variable(&mut self) -> Option<String> {
        let place = self.place?;
        let braced = self.rest.next_if_eq(&'{').is_some();
        let mut name = String::new();
        let is_letter = |next: &char| next.is_ascii_alphanumeric() || *next == '_';
        while let Some(letter) = self.rest.next_if(is_letter) {
            name.push(letter);
        }
        if name.is_empty() || braced && self.rest.next() != Some('}') {
            return None;
        }
        let value = place.environment.get(OsStr::new(&name))?.to_str()?;
        // Unquoted, a shell would split it once more.
        (!value.contains([' ', '\t', '\n', '*', '?', '['])).then(|| value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Option<Vec<String>> {
        let environment = [("HOME", "/home/a"), ("X", "/x y"), ("E", "")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let place = Surrounding {
            home: Some(OsStr::new("/home/a")),
            environment: &environment,
        };
        exact_words(text, &place)
    }

    /// What a shell makes of a text, and what stands for it where nobody asks one.
    #[test]
    fn a_text_falls_into_words_as_in_a_shell() {
        for (text, told, plain) in [
            ("", Some(&[][..]), &[][..]),
            ("  a\tb ", Some(&["a", "b"]), &["a", "b"]),
            ("a\nb", Some(&["a", "b"]), &["a", "b"]),
            (r"a\ b \\", Some(&["a b", r"\"]), &["a b", r"\"]),
            ("'a b'\"c d\"e", Some(&["a bc de"]), &["a bc de"]),
            ("'' \"\"", Some(&["", ""]), &["", ""]),
            (r"'\' ", Some(&[r"\"]), &[r"\"]),
            ("'$X `'", Some(&["$X `"]), &["$X `"]),
            (
                "~ ~/x a~",
                Some(&["/home/a", "/home/a/x", "a~"]),
                &["~", "~/x", "a~"],
            ),
            ("--x=~/y", Some(&["--x=~/y"]), &["--x=~/y"]),
            (
                "$HOME/x${HOME}y",
                Some(&["/home/a/x/home/ay"]),
                &["$HOME/x${HOME}y"],
            ),
            ("\"$HOME\"", Some(&["/home/a"]), &["$HOME"]),
            ("$X", None, &["$X"]),
            ("$MISSING", None, &["$MISSING"]),
            ("${HOME", None, &["${HOME"]),
            ("$", None, &["$"]),
            ("$(id)", None, &["$(id)"]),
            ("~bob", None, &["~bob"]),
            ("a;b", None, &["a;b"]),
            ("a | b", None, &["a", "|", "b"]),
            ("a*?[b]", None, &["a*?[b]"]),
            ("\"`a`\"", None, &["`a`"]),
            ("'a b", None, &["a b"]),
            ("a\\", None, &["a"]),
        ] {
            assert_eq!(words(text), plain, "{text}");
            let told = told.map(|words| words.iter().map(ToString::to_string).collect());
            assert_eq!(exact(text), told, "{text}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_path_is_quoted_for_the_shell() {
        for (path, quoted) in [
            ("/usr/bin/x-y_z.1", "/usr/bin/x-y_z.1"),
            ("/home/a b/x", r"/home/a\ b/x"),
            ("/home/jürgen/x", "/home/jürgen/x"),
            ("/o'neil/$x", r"/o\'neil/\$x"),
            ("/a\"b/#c;d", r#"/a\"b/\#c\;d"#),
            (r"/a\b", r"/a\\b"),
            ("/~/x", r"/\~/x"),
        ] {
            let value = quote(path.as_bytes()).unwrap();
            assert_eq!(value, quoted.as_bytes(), "{path}");
            let read = words(quoted);
            assert_eq!(read, [path], "{path}");
        }
        assert!(quote(b"/a\nb").is_err());
    }

    #[test]
    fn a_text_is_quoted_as_a_person_would() {
        for (text, quoted) in [
            ("op read \"op://x/y z\"", "'op read \"op://x/y z\"'"),
            ("a | b && $c; `d` #e", "'a | b && $c; `d` #e'"),
            (r"a\b", r"'a\b'"),
            ("it's", r"it\'s"),
            ("!x 'y z'", r"\!x\ \'y\ z\'"),
        ] {
            let written = quote_text(text).unwrap();
            assert_eq!(written, quoted.as_bytes(), "{text}");
            assert_eq!(words(quoted), [text]);
        }
        assert!(quote_text("a\nb").is_err());
    }

    #[test]
    fn a_program_is_shown_and_a_snippet_is_not() {
        for (value, expected) in [
            ("cache", Some("cache")),
            ("cache --timeout 60", Some("cache")),
            (r"/a\ b/x --password=secret", Some("/a b/x")),
            ("/opt/git@2/x", Some("/opt/git@2/x")),
            ("/opt/x (1)/y", Some("/opt/x")),
            (r"'/opt/x (1)/y' z", Some("/opt/x (1)/y")),
            ("", None),
            ("!", None),
            ("!echo password=secret", None),
            ("f() { echo password=secret; }", None),
            ("password=secret x", None),
            ("x;password=secret", None),
            ("$(secret)", None),
            ("alice:secret@host", None),
            ("https://alice:secret@host", None),
            ("'a\nb'", None),
        ] {
            assert_eq!(program(value).as_deref(), expected, "{value}");
        }
    }
}
