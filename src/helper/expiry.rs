//! What is said about dates of expiry. Bitbucket tells nobody when a token dies, so the
//! person is warned in time, and told when a date turned out to be wrong.

use super::notes::Notes;
use super::session::now;
use crate::accounts::Entry;
use crate::dates::{DAY, day};
use crate::text::{notice, shown};
use std::io::{IsTerminal, stderr};

/// From how long before, in seconds.
const AHEAD: u64 = 14 * DAY;

/// Mentions a coming expiry: once a day, and only where a person reads it.
pub fn warn(entry: &Entry) {
    let now = now();
    let Some((time, stated)) = entry.details.expires_by() else {
        return;
    };
    if !(time.saturating_sub(AHEAD)..time).contains(&now) || !stderr().is_terminal() {
        return;
    }
    let notes = Notes::read();
    if !notes.warned_lately(&entry.details.id, now) {
        notes.note_warning(&entry.details.id, now);
        notice(&warning(&shown(&entry.title()), time, stated, now));
    }
}

fn warning(title: &str, time: u64, stated: bool, now: u64) -> String {
    let left = match (time - now) / DAY {
        0 => "within a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    };
    let (when, hint) = if stated {
        ("expires", "")
    } else {
        ("expires at the latest", ", a year after it was entered")
    };
    format!(
        "{title} {when} {left}, on {}{hint}; replace it with: git credential-bitbucket login",
        day(time)
    )
}

/// Forgets a date that has passed although the server still accepts the credential.
pub fn drop_date(entry: &mut Entry) {
    if let Some(time) = entry.details.expires.take_if(|time| *time <= now()) {
        notice(&format!(
            "{} was to expire on {}, but is still accepted; that date is forgotten",
            shown(&entry.title()),
            day(time)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_counts_the_days() {
        let time = 1_795_000_000;
        for (left, stated, expected) in [
            (
                5 * DAY + 60,
                true,
                "alice (API token) expires in 5 days, on 18 Nov 2026; ",
            ),
            (
                DAY,
                true,
                "alice (API token) expires in 1 day, on 18 Nov 2026; ",
            ),
            (
                60,
                true,
                "alice (API token) expires within a day, on 18 Nov 2026; ",
            ),
            (
                13 * DAY,
                false,
                "alice (API token) expires at the latest in 13 days, on 18 Nov 2026, a year after it was entered; ",
            ),
        ] {
            let text = warning("alice (API token)", time, stated, time - left);
            assert!(text.starts_with(expected), "{text}");
        }
    }
}
