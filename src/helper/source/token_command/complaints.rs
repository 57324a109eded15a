//! What a program of `--token-command` says on its standard error, passed on to a person as it
//! comes: spelled out for the terminal, and without anything that is a token. Reading it is not
//! done here.

use crate::bitbucket::is_credential;
use crate::text::escaped;

/// The most that is passed on, in bytes.
const LONGEST: usize = 16 * 1024;

/// What was said and is not passed on yet.
#[derive(Default)]
pub struct Complaints {
    /// The end of what was said: a word, or a part of a character, that may go on.
    rest: Vec<u8>,
    passed_on: usize,
}

impl Complaints {
    /// What can be passed on once this was said. A word is held back until it has ended, so that
    /// no token goes out in two pieces; a question ends in a blank or a colon and goes at once.
    pub fn take(&mut self, said: &[u8]) -> String {
        self.rest.extend_from_slice(said);
        let held = self.rest.iter().rev().take_while(|byte| may_go_on(**byte));
        let whole = self.rest.len() - held.count();
        // A word without an end is none.
        let whole = if self.rest.len() - whole > LONGEST {
            self.rest.len()
        } else {
            whole
        };
        let ready: Vec<u8> = self.rest.drain(..whole).collect();
        self.pass(&ready)
    }

    /// What is left at the end.
    pub fn end(&mut self) -> String {
        let ready = std::mem::take(&mut self.rest);
        self.pass(&ready)
    }

    fn pass(&mut self, said: &[u8]) -> String {
        if self.passed_on >= LONGEST {
            return String::new();
        }
        self.passed_on += said.len();
        let text = String::from_utf8_lossy(said);
        let mut safe = String::with_capacity(text.len());
        for part in text.split_inclusive(|it: char| !is_word(it)) {
            let word = part.trim_end_matches(|it: char| !is_word(it));
            if word.split('=').any(is_credential) {
                safe.push_str("(a secret)");
                safe.push_str(&part[word.len()..]);
            } else {
                safe.push_str(part);
            }
        }
        if self.passed_on >= LONGEST {
            safe.push_str("…\n");
        }
        escaped(&safe.replace('\r', ""))
    }
}

/// Whether a token may have this in it.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_=".contains(character)
}

/// Whether a token may go on after this byte, or a character of several.
fn may_go_on(byte: u8) -> bool {
    !byte.is_ascii() || is_word(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ATATT3xFfGF0abcdefgh-_ijkl=0A1B2C3D";

    #[test]
    fn what_is_said_is_passed_on_without_tricks_and_tokens() {
        for (said, expected) in [
            (&["error: locked\n"][..], "error: locked\n"),
            (&["no end"], "no end"),
            (&["a\r\nb\r\n"], "a\nb\n"),
            (&["\u{1b}[2Jx\n"], "\\u{1b}[2Jx\n"),
            (&["per", "\u{fa}\n"], "per\u{fa}\n"),
            (&[TOKEN], "(a secret)"),
            (&["is ", TOKEN, ".\n"], "is (a secret).\n"),
            (&["token=", TOKEN, "\n"], "(a secret)\n"),
            (&["\"", TOKEN, "\"\n"], "\"(a secret)\"\n"),
        ] {
            let mut complaints = Complaints::default();
            let mut passed: String = said
                .iter()
                .map(|it| complaints.take(it.as_bytes()))
                .collect();
            passed += &complaints.end();
            assert_eq!(passed, expected, "{said:?}");
        }
    }

    #[test]
    fn a_token_in_pieces_is_none_the_less_one() {
        for cut in 1..TOKEN.len() {
            let mut complaints = Complaints::default();
            let (begin, end) = TOKEN.split_at(cut);
            let passed = complaints.take(begin.as_bytes()) + &complaints.take(end.as_bytes());
            assert_eq!(passed, "", "{cut}");
            assert_eq!(complaints.take(b"\n"), "(a secret)\n", "{cut}");
        }
    }

    #[test]
    fn a_question_is_passed_on_at_once() {
        for question in ["Master password: ", "Passphrase:", "Touch the key? [y/N] "] {
            let mut complaints = Complaints::default();
            assert_eq!(complaints.take(question.as_bytes()), question);
        }
    }

    #[test]
    fn what_has_no_end_is_cut() {
        let mut complaints = Complaints::default();
        let mut length = 0;
        for _ in 0..100 {
            length += complaints.take(&[b'x'; 1000]).len() + complaints.take(b"\n").len();
        }
        assert!(length < LONGEST + 2_000, "{length}");
        let mut complaints = Complaints::default();
        assert!(complaints.take(&vec![b'x'; LONGEST + 1]).ends_with("…\n"));
    }
}
