//! One process at a time asks a person or the server about a credential; the others wait
//! and take what came of it from the keychain. Never on the way of a `get` that finds what
//! it needs.

use crate::lock::Lock;
use crate::platform::LockHolder;
use crate::text::{notice, shown};
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
            notice(&format!(
                "another Git command is asking for the same credential{}; waiting",
                whose(&lock)
            ));
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

/// Who asks about `subject` now, as ` (process 47, …)` to append to a sentence; empty if the
/// system does not tell.
pub fn who_asks(subject: &str) -> String {
    Lock::of(subject).map_or_else(String::new, |lock| whose(&lock))
}

fn whose(lock: &Lock) -> String {
    lock.holder()
        .map_or_else(String::new, |holder| description(&holder))
}

/// So that a person can find the question: the program, its terminal, since when.
fn description(holder: &LockHolder) -> String {
    let by = holder.program.as_deref().map(shown);
    let by = by.map_or_else(String::new, |name| format!(" by {name}"));
    let terminal = holder.terminal.as_deref();
    let on = terminal.map_or_else(String::new, |name| format!(" on {name}"));
    let ago = match holder.seconds {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    };
    format!(" (process {}, started{by}{on} {ago} ago)", holder.process)
}

impl Turn {
    /// Lets everybody who waits by now know that the person gave up.
    pub fn cancel(&self) {
        self.0.leave_sign();
    }
}

#[cfg(test)]
mod tests {
    use super::{LockHolder, description};

    #[test]
    fn a_question_is_described_as_far_as_it_is_known() {
        for (program, terminal, seconds, expected) in [
            (
                Some("lazygit"),
                Some("pts/3"),
                119,
                " (process 47, started by lazygit on pts/3 119 s ago)",
            ),
            (
                None,
                Some("pts/3"),
                120,
                " (process 47, started on pts/3 2 min ago)",
            ),
            (
                Some("cron"),
                None,
                7199,
                " (process 47, started by cron 119 min ago)",
            ),
            (None, None, 7200, " (process 47, started 2 h ago)"),
        ] {
            let holder = LockHolder {
                process: 47,
                seconds,
                program: program.map(str::to_owned),
                terminal: terminal.map(str::to_owned),
            };
            assert_eq!(description(&holder), expected);
        }
    }
}
