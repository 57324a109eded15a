//! What is remembered from one run to the next besides the keychain: that a dialog was
//! dismissed, what the server said about an app password of the environment. Never a
//! secret; losing the file costs one question, so every failure with it is silent.

use super::state::{fingerprint, is_fingerprint_of};
use crate::platform;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

/// For how long a dismissed dialog is not shown again, in seconds: enough for the other
/// processes of one command, short for a person with second thoughts.
const DISMISSED: u64 = 60;

/// For how long the server's word about an app password stands, in seconds.
const CHECKED: u64 = 24 * 60 * 60;

/// The notes of one user. Times are Unix seconds.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    dismissed: Option<u64>,
    checked: Option<Checked>,
}

#[derive(Serialize, Deserialize)]
struct Checked {
    fingerprint: String,
    accepted: bool,
    time: u64,
}

impl Notes {
    /// The notes as they are, or empty ones.
    #[must_use]
    pub fn read() -> Self {
        path()
            .and_then(|path| fs::read(path).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Whether the keychain's dialog was dismissed a moment ago.
    #[must_use]
    pub fn dismissed_lately(&self, now: u64) -> bool {
        is_recent(self.dismissed, now, DISMISSED)
    }

    /// Notes that the dialog was dismissed.
    pub fn note_dismissal(mut self, now: u64) {
        self.dismissed = Some(now);
        self.write();
    }

    /// What the server said about this app password within the last day.
    #[must_use]
    pub fn checked_lately(&self, password: &Secret, now: u64) -> Option<bool> {
        let checked = self.checked.as_ref()?;
        let fresh = is_recent(Some(checked.time), now, CHECKED)
            && is_fingerprint_of(&checked.fingerprint, password);
        fresh.then_some(checked.accepted)
    }

    /// Notes what the server said about an app password.
    pub fn note_check(mut self, password: &Secret, accepted: bool, now: u64) {
        self.checked = fingerprint(password).map(|fingerprint| Checked {
            fingerprint,
            accepted,
            time: now,
        });
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
    Some(platform::cache_folder()?.join("git-credential-bitbucket/notes.json"))
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
    fn a_check_counts_for_its_own_password_and_a_day() {
        let password = Secret::copy_of(b"one");
        let notes = Notes {
            dismissed: None,
            checked: fingerprint(&password).map(|fingerprint| Checked {
                fingerprint,
                accepted: false,
                time: 1000,
            }),
        };
        assert_eq!(notes.checked_lately(&password, 1001), Some(false));
        assert_eq!(notes.checked_lately(&password, 1000 + CHECKED), None);
        assert_eq!(notes.checked_lately(&Secret::copy_of(b"two"), 1001), None);
    }
}
