//! Our own `state[]` (Git 2.46): by it we recognise what we served, without a key and
//! without telling what it was. A forged one causes a needless no-op at most.

use crate::accounts::Entry;
use crate::fingerprint::{fingerprint, is_fingerprint_of};
use crate::protocol::Request;
use crate::secret::Secret;

/// Prefix and version; other helpers' states begin otherwise and are ignored.
const PREFIX: &str = "bitbucket:1:";

/// Ends the mark of an entry whose last refusal is on record: `store` must look it up.
const DOUBTED: &str = ":doubted";

/// A mark that came back from Git.
#[derive(Debug, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The entry that was served; see [`crate::accounts::Entry`].
    id: &'a str,
    fingerprint: &'a str,
    /// Whether a refusal was on record when it was served.
    pub doubted: bool,
}

/// The mark for an entry: `bitbucket:1:<entry id>:<salt>:<digest>[:doubted]`.
pub fn mark(entry: &Entry) -> Option<String> {
    let fingerprint = fingerprint(&entry.secret)?;
    let doubted = if entry.details.refusals > 0 {
        DOUBTED
    } else {
        ""
    };
    Some(format!(
        "{PREFIX}{}:{fingerprint}{doubted}",
        entry.details.id
    ))
}

impl<'a> Mark<'a> {
    /// Our mark in a request, if there is a readable one.
    pub fn of(request: &'a Request) -> Option<Self> {
        request.state.iter().rev().find_map(|state| {
            let (id, rest) = state.strip_prefix(PREFIX)?.split_once(':')?;
            let fingerprint = rest.strip_suffix(DOUBTED);
            Some(Mark {
                id,
                fingerprint: fingerprint.unwrap_or(rest),
                doubted: fingerprint.is_some(),
            })
        })
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
