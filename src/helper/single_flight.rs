//! One process at a time asks a person or the server about a credential; the others wait
//! and take what came of it from the keychain. Never on the way of a `get` that finds what
//! it needs.

use crate::lock::Lock;
use crate::text::notice;
use std::time::Duration;

/// How long others are waited for where a person may be answering them.
const ATTENDED: Duration = Duration::from_secs(120);

/// The same where nobody is: somewhat longer than the server may take.
const UNATTENDED: Duration = Duration::from_secs(15);

/// For how long a wait is not worth a word.
const UNMENTIONED: Duration = Duration::from_secs(1);

/// The right to ask, until this is dropped.
pub struct Turn(Lock);

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

/// Waits until nobody else asks about `subject`. `attended` is looked up only if somebody
/// does. Without a lock it is our turn at once.
pub fn begin(subject: &str, attended: impl FnOnce() -> bool) -> (Before, Option<Turn>) {
    let Some(lock) = Lock::of(subject) else {
        return (Before::Nothing, None);
    };
    let sign = lock.sign();
    if lock.take(Duration::ZERO, |_| {}) {
        return (Before::Nothing, Some(Turn(lock)));
    }
    let longest = if attended() { ATTENDED } else { UNATTENDED };
    let mut mentioned = false;
    let ours = lock.take(longest, |waited| {
        if !mentioned && waited >= UNMENTIONED {
            notice("another Git command is asking for the same credential; waiting");
            mentioned = true;
        }
    });
    if !ours {
        return (Before::Busy, None);
    }
    let before = if lock.sign() == sign {
        Before::Asked
    } else {
        Before::Cancelled
    };
    (before, Some(Turn(lock)))
}

impl Turn {
    /// Lets everybody who waits by now know that the person gave up.
    pub fn cancel(&self) {
        self.0.leave_sign();
    }
}
