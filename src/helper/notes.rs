//! What is remembered from one run to the next besides the keychain: that a dialog was
//! dismissed or a question cancelled, what the server said about an app password of the
//! environment, that a coming expiry or a missing keychain was mentioned, which store was chosen
//! where Git's configuration cannot be written. Never a secret; losing the file costs one
//! question, so every failure with it is silent.

use crate::bitbucket::Verdict;
use crate::dates::DAY;
use crate::fingerprint::{fingerprint, is_fingerprint_of};
use crate::keychain::Choice;
use crate::platform;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// For how long a dismissed dialog is not shown again, in seconds: enough for the other
/// processes of one command, short for a person with second thoughts.
const DISMISSED: u64 = 60;

/// For how long a cancelled question is not asked again by the same command, in seconds.
const CANCELLED: u64 = 60 * 60;

/// For how long the server's word about an app password stands, in seconds.
const CHECKED: u64 = DAY;

/// For how long it is not asked again after it gave none, in seconds.
const UNANSWERED: u64 = 10 * 60;

/// For how long it is not looked again what a variable hides, in seconds.
const COMPARED: u64 = 30 * DAY;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The notes of one user. Times are Unix seconds.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    dismissed: Option<u64>,
    cancelled: Option<Cancelled>,
    checked: Option<Checked>,
    /// Of which variable's secret it was told lately what it hides.
    compared: Option<Compared>,
    /// When it was mentioned that there is no keychain.
    missing: Option<u64>,
    /// The store that a person chose where there is no keychain, by its name, if Git's
    /// configuration could not be written.
    store: Option<String>,
    /// By an entry's id, when its coming expiry was last mentioned.
    warned: BTreeMap<String, u64>,
}

/// When, and in which [`platform::job`].
#[derive(Serialize, Deserialize)]
struct Cancelled {
    job: u32,
    time: u64,
}

/// When a variable's secret was compared with what is kept.
#[derive(Serialize, Deserialize)]
struct Compared {
    fingerprint: String,
    time: u64,
    /// Whether there was anything to compare it with.
    is_told: bool,
}

/// What came of asking the server about a credential of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// It takes it.
    Accepted,
    /// It does not, and never will.
    Refused,
    /// It gave no answer.
    Unknown,
}

impl Word {
    /// What a verdict comes down to.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            refused if refused.is_refused_for_good() => Self::Refused,
            Verdict::Unknown(_) => Self::Unknown,
            _ => Self::Accepted,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Checked {
    fingerprint: String,
    word: Word,
    time: u64,
}

impl Notes {
    /// The notes as they are, or empty ones, also where another's file or a link is in
    /// place of ours.
    pub fn read() -> Self {
        path()
            .and_then(|path| platform::read_private_file(&path, LONGEST).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Whether the keychain's dialog was dismissed a moment ago.
    pub fn dismissed_lately(&self, now: u64) -> bool {
        is_recent(self.dismissed, now, DISMISSED)
    }

    /// Notes that the dialog was dismissed.
    pub fn note_dismissal(mut self, now: u64) {
        self.dismissed = Some(now);
        self.write();
    }

    /// Whether it was mentioned within the last day that there is no keychain.
    pub fn missed_lately(&self, now: u64) -> bool {
        is_recent(self.missing, now, DAY)
    }

    /// Notes that it is being mentioned.
    pub fn note_missing(mut self, now: u64) {
        self.missing = Some(now);
        self.write();
    }

    /// The store that a person chose where Git's configuration could not be written.
    pub fn store(&self) -> Option<Choice> {
        Choice::named(self.store.as_deref()?)
    }

    /// Notes that store; whether that is remembered.
    pub fn note_store(mut self, choice: Choice) -> bool {
        self.store = Some(choice.row().name.to_owned());
        self.write();
        Self::read().store() == Some(choice)
    }

    /// Whether a person cancelled a question of this command.
    pub fn cancelled_here(&self, now: u64) -> bool {
        self.cancelled.as_ref().is_some_and(|cancelled| {
            Some(cancelled.job) == platform::job()
                && is_recent(Some(cancelled.time), now, CANCELLED)
        })
    }

    /// Notes that a person cancelled a question of this command.
    pub fn note_cancellation(mut self, now: u64) {
        self.cancelled = platform::job().map(|job| Cancelled { job, time: now });
        self.write();
    }

    /// What came of asking about this app password, if that was lately.
    pub fn checked_lately(&self, password: &Secret, now: u64) -> Option<Word> {
        let checked = self.checked.as_ref()?;
        let span = match checked.word {
            Word::Accepted | Word::Refused => CHECKED,
            Word::Unknown => UNANSWERED,
        };
        let fresh = is_recent(Some(checked.time), now, span)
            && is_fingerprint_of(&checked.fingerprint, password);
        fresh.then_some(checked.word)
    }

    /// Notes what came of asking about an app password.
    pub fn note_check(mut self, password: &Secret, word: Word, now: u64) {
        self.checked = fingerprint(password).map(|fingerprint| Checked {
            fingerprint,
            word,
            time: now,
        });
        self.write();
    }

    /// Whether it was told lately what this secret of a variable hides.
    pub fn compared_lately(&self, secret: &Secret, now: u64) -> bool {
        self.compared.as_ref().is_some_and(|compared| {
            let span = if compared.is_told { COMPARED } else { DAY };
            is_recent(Some(compared.time), now, span)
                && is_fingerprint_of(&compared.fingerprint, secret)
        })
    }

    /// Notes that it is being told, or that it cannot be found out now.
    pub fn note_comparison(mut self, secret: &Secret, is_told: bool, now: u64) {
        self.compared = fingerprint(secret).map(|fingerprint| Compared {
            fingerprint,
            time: now,
            is_told,
        });
        self.write();
    }

    /// Whether the coming expiry of this entry was mentioned within the last day.
    pub fn warned_lately(&self, id: &str, now: u64) -> bool {
        is_recent(self.warned.get(id).copied(), now, DAY)
    }

    /// Notes that it is being mentioned.
    pub fn note_warning(mut self, id: &str, now: u64) {
        self.warned
            .retain(|_, time| is_recent(Some(*time), now, DAY));
        self.warned.insert(id.to_owned(), now);
        self.write();
    }

    /// Replaces the file as a whole; of two processes the later one wins.
    fn write(&self) {
        let (Some(path), Ok(bytes)) = (path(), serde_json::to_vec(self)) else {
            return;
        };
        let Some(folder) = path.parent() else {
            return;
        };
        let draft = folder.join(format!("notes.{}", std::process::id()));
        let written = platform::create_private_folder(folder)
            .and_then(|()| platform::write_private_file(&draft, &bytes))
            .and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
    }
}

fn path() -> Option<PathBuf> {
    Some(platform::cache_folder()?.join("notes.json"))
}

/// A time in the future is a clock that was put back: not recent.
fn is_recent(time: Option<u64>, now: u64, span: u64) -> bool {
    time.is_some_and(|time| (time..time + span).contains(&now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_has_two_ends() {
        for (time, now, recent) in [
            (None, 100, false),
            (Some(100), 99, false),
            (Some(100), 100, true),
            (Some(100), 159, true),
            (Some(100), 160, false),
        ] {
            assert_eq!(is_recent(time, now, 60), recent, "{time:?} {now}");
        }
    }

    #[test]
    fn only_a_store_that_there_is_was_chosen() {
        for (name, expected) in [
            (None, None),
            (Some("memory"), Some(Choice::Memory)),
            (Some("none"), Some(Choice::None)),
            (Some("gpg"), None),
            (Some(""), None),
        ] {
            let notes = Notes {
                store: name.map(str::to_owned),
                ..Notes::default()
            };
            assert_eq!(notes.store(), expected, "{name:?}");
        }
    }

    #[test]
    fn a_check_counts_for_its_own_password_and_its_time() {
        let password = Secret::copy_of(b"one");
        for (word, span) in [
            (Word::Accepted, CHECKED),
            (Word::Refused, CHECKED),
            (Word::Unknown, UNANSWERED),
        ] {
            let notes = Notes {
                checked: fingerprint(&password).map(|fingerprint| Checked {
                    fingerprint,
                    word,
                    time: 1000,
                }),
                ..Notes::default()
            };
            for (now, expected) in [
                (999, None),
                (1000, Some(word)),
                (1000 + span - 1, Some(word)),
                (1000 + span, None),
            ] {
                assert_eq!(notes.checked_lately(&password, now), expected, "{now}");
            }
            assert_eq!(notes.checked_lately(&Secret::copy_of(b"two"), 1001), None);
        }
    }
}
