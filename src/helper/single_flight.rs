//! One process at a time asks a person or the server about a credential; the others wait
//! and take what came of it from the keychain. The lock is the operating system's, so it
//! ends with its process, however that ends; where none can be had, everybody asks.
//! Never on the way of a `get` that finds what it needs.

use super::notes;
use crate::platform;
use crate::text::notice;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// For how long others are waited for where a person may be answering them.
const ATTENDED: Duration = Duration::from_secs(120);

/// The same where nobody is: somewhat longer than the server may take.
const UNATTENDED: Duration = Duration::from_secs(15);

/// For how long a wait is not worth a word.
const UNMENTIONED: Duration = Duration::from_secs(1);

/// From one look at the lock to the next.
const PAUSE: Duration = Duration::from_millis(50);

/// The right to ask, until this is dropped.
pub struct Turn(File);

/// What happened before it was our turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nobody else was asking.
    Nothing,
    /// Another process asked and has ended; what is kept may have changed.
    Asked,
    /// Another process asked, and the person gave up.
    Cancelled,
    /// Another process is asking still: it is not our turn.
    Busy,
}

/// Waits until nobody else asks about `subject`, a text that need not be secret.
/// `attended` is looked up only if somebody does. Without a lock it is our turn at once.
#[must_use]
pub fn begin(subject: &str, attended: impl FnOnce() -> bool) -> (Before, Option<Turn>) {
    let Some(lock) = open(subject) else {
        return (Before::Nothing, None);
    };
    let cancelled = time_of_cancellation(&lock);
    match lock.try_lock() {
        Ok(()) => return (Before::Nothing, Some(Turn(lock))),
        Err(TryLockError::Error(_)) => return (Before::Nothing, None),
        Err(TryLockError::WouldBlock) => {}
    }
    if !wait(&lock, attended()) {
        return (Before::Busy, None);
    }
    let before = if time_of_cancellation(&lock) == cancelled {
        Before::Asked
    } else {
        Before::Cancelled
    };
    (before, Some(Turn(lock)))
}

impl Turn {
    /// Lets everybody who waits by now know that the person gave up.
    pub fn cancel(&self) {
        // If that fails, the next one asks again.
        let _ = self.0.set_modified(SystemTime::now());
    }
}

/// The file's time says it: unlike content, it can be read while the file is locked.
fn time_of_cancellation(lock: &File) -> Option<SystemTime> {
    lock.metadata().and_then(|found| found.modified()).ok()
}

/// Whether the lock became ours in time.
fn wait(lock: &File, attended: bool) -> bool {
    let start = Instant::now();
    let longest = if attended { ATTENDED } else { UNATTENDED };
    let mut mentioned = false;
    while start.elapsed() < longest {
        sleep(PAUSE);
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            Ok(()) | Err(TryLockError::Error(_)) => return true,
        }
        if !mentioned && start.elapsed() >= UNMENTIONED {
            notice("another Git command is asking for the same credential; waiting");
            mentioned = true;
        }
    }
    false
}

fn open(subject: &str) -> Option<File> {
    let folder = notes::folder()?;
    platform::create_private_folder(&folder).ok()?;
    platform::open_private_file(&folder.join(name(subject))).ok()
}

fn name(subject: &str) -> String {
    let digest = Sha256::digest(subject);
    let mut name = String::from("asking.");
    for byte in &digest[..8] {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}
