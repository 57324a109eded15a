//! Our own `state[]` (Git 2.46): by it we recognise what we served, without a key and
//! without telling what it was. A forged one causes a needless no-op at most.

use crate::accounts::Entry;
use crate::fingerprint::{fingerprint, is_fingerprint_of};
use crate::protocol::Request;
use crate::secret::Secret;

/// Prefix and version; other helpers' states begin otherwise and are ignored.
const PREFIX: &str = "bitbucket:1:";

/// Stands in the mark of an entry whose last refusal is on record: `store` must look it up.
const DOUBTED: &str = "doubted";

/// Stands in the mark of what was served when Git had come back after a refusal.
const AGAIN: &str = "again";

/// Stands before the user name that Git had asked for, if it was served another: Git repeats
/// what it was served. In hexadecimal, so that it means nothing else in a mark.
const ASKED: &str = "asked=";

/// A mark that came back from Git.
#[derive(Debug, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The entry that was served; see [`crate::accounts::Entry`].
    id: &'a str,
    fingerprint: &'a str,
    /// Whether a refusal was on record when it was served.
    pub doubted: bool,
    /// Whether Git had been refused before in the same command. What Git reports after that is
    /// the server's refusal, not a person's `git credential reject`.
    pub again: bool,
    /// The user name that Git had asked for, if it was served another.
    pub asked: Option<String>,
}

/// [`mark_of_round`] of the first, for whom Git had asked for.
#[cfg(test)]
pub fn mark(entry: &Entry) -> Option<String> {
    mark_of_round(entry, false, None)
}

/// The mark for an entry: `bitbucket:1:<entry id>:<salt>:<digest>[:<what else>…]`. `again`:
/// Git has come back after a refusal; `asked`: whom it had asked for, if that is another.
pub fn mark_of_round(entry: &Entry, again: bool, asked: Option<&str>) -> Option<String> {
    let fingerprint = fingerprint(&entry.secret)?;
    let mut text = format!("{PREFIX}{}:{fingerprint}", entry.details.id);
    let doubted = entry.details.refusals > 0;
    for (flag, _) in [(AGAIN, again), (DOUBTED, doubted)]
        .iter()
        .filter(|(_, is_set)| *is_set)
    {
        text.push(':');
        text.push_str(flag);
    }
    if let Some(name) = asked {
        text.push(':');
        text.push_str(ASKED);
        text.extend(name.bytes().map(|byte| format!("{byte:02x}")));
    }
    Some(text)
}

impl<'a> Mark<'a> {
    /// Our mark in a request, if there is a readable one.
    pub fn of(request: &'a Request) -> Option<Self> {
        request
            .state
            .iter()
            .rev()
            .find_map(|state| Self::read(state))
    }

    fn read(state: &'a str) -> Option<Self> {
        let (id, rest) = state.strip_prefix(PREFIX)?.split_once(':')?;
        // Salt and digest; behind them what else there is to say.
        let end = rest.match_indices(':').nth(1).map(|(position, _)| position);
        let (fingerprint, more) = end.map_or((rest, ""), |end| rest.split_at(end));
        let mut mark = Mark {
            id,
            fingerprint,
            doubted: false,
            again: false,
            asked: None,
        };
        for word in more.split(':').filter(|word| !word.is_empty()) {
            match word {
                DOUBTED => mark.doubted = true,
                AGAIN => mark.again = true,
                _ => mark.asked = word.strip_prefix(ASKED).and_then(from_hexadecimal),
            }
        }
        Some(mark)
    }

    /// Whether it was made for this entry with its present secret.
    pub fn is_of(&self, entry: &Entry) -> bool {
        self.id == entry.details.id && self.matches(&entry.secret)
    }

    /// Whether exactly this secret was served under the mark.
    pub fn matches(&self, secret: &Secret) -> bool {
        is_fingerprint_of(self.fingerprint, secret)
    }
}

/// A user name: without control characters, which no request may have.
fn from_hexadecimal(text: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let name = String::from_utf8(bytes?).ok()?;
    (!name.is_empty() && !name.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::Kind;

    fn request(states: &[&str]) -> Request {
        Request {
            state: states.iter().map(|&state| state.to_owned()).collect(),
            ..Request::default()
        }
    }

    #[test]
    fn a_mark_recognises_its_own_secret_only() {
        let mut entry = Entry::new(Kind::ApiToken, Secret::copy_of(b"one"), 0);
        for refusals in [0, 1] {
            entry.details.refusals = refusals;
            let text = mark(&entry).expect("random bytes");
            let request = request(&["other:1:a:b:c", &text]);
            let mark = Mark::of(&request).expect("ours");
            assert_eq!(mark.doubted, refusals > 0);
            assert!(mark.is_of(&entry));
            assert!(mark.matches(&Secret::copy_of(b"one")));
            assert!(!mark.matches(&Secret::copy_of(b"two")));
            let other = Entry::new(Kind::ApiToken, Secret::copy_of(b"one"), 0);
            assert!(!mark.is_of(&other));
        }
    }

    #[test]
    fn a_mark_tells_of_its_round() {
        let mut entry = Entry::new(Kind::ApiToken, Secret::copy_of(b"one"), 0);
        for refusals in [0, 1] {
            entry.details.refusals = refusals;
            for again in [false, true] {
                for asked in [None, Some("alice"), Some("a:b \u{fa}")] {
                    let text = mark_of_round(&entry, again, asked).expect("random bytes");
                    let request = request(&[&text]);
                    let mark = Mark::of(&request).expect("ours");
                    assert!(mark.is_of(&entry), "{text}");
                    assert_eq!((mark.doubted, mark.again), (refusals > 0, again), "{text}");
                    assert_eq!(mark.asked.as_deref(), asked, "{text}");
                }
            }
        }
        for forged in [
            "asked=", "asked=6", "asked=0a", "asked=zz", "asked=ff", "new",
        ] {
            let text = format!("{}:{forged}", mark(&entry).expect("random bytes"));
            let request = request(&[&text]);
            assert_eq!(
                Mark::of(&request).and_then(|mark| mark.asked),
                None,
                "{forged}"
            );
        }
    }

    #[test]
    fn two_marks_of_one_entry_differ() {
        let entry = Entry::new(Kind::ApiToken, Secret::copy_of(b"one"), 0);
        assert_ne!(mark(&entry), mark(&entry));
    }

    /// S20: what is foreign or forged is recognised as nothing of ours.
    #[test]
    fn foreign_and_forged_states_match_nothing() {
        for state in [
            "",
            "osxkeychain:seen=1",
            "bitbucket:1",
            "bitbucket:1:a",
            "bitbucket:1:a:b",
            "bitbucket:1:a:b:c",
            "bitbucket:1:a::",
            "bitbucket:1:a::doubted",
            "bitbucket:2:a:b:c",
            "xbitbucket:1:a:b:c",
        ] {
            let request = request(&[state]);
            let mark = Mark::of(&request);
            assert!(
                mark.is_none_or(|mark| !mark.matches(&Secret::copy_of(b"one"))),
                "{state}"
            );
        }
    }
}
