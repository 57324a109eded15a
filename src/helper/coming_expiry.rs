//! What is said about dates of expiry. Bitbucket tells nobody when a token dies, so the
//! person is warned in time, and told when a date turned out to be wrong.

use super::notes::Notes;
use crate::accounts::{Entry, Reach};
use crate::dates::now;
use crate::dates::{DAY, day};
use crate::text::{notice, shown};
use std::io::{IsTerminal, stderr};

/// From how long before, in seconds.
const AHEAD: u64 = 14 * DAY;

/// Mentions a coming expiry: once a day, and only where a person reads it. `login` is the command
/// that asks for another token.
pub fn warn(entry: &Entry, login: &str) {
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
        notice(&warning(entry, login, (time, stated), now));
    }
}

fn warning(entry: &Entry, login: &str, (time, stated): (u64, bool), now: u64) -> String {
    let title = shown(&entry.title());
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
        "{title} {when} {left}, on {}{hint}; replace it with: {login}{}",
        day(time),
        renewal(entry)
    )
}

/// The options with which `login` puts a new token in the place of this one. Only what means
/// nothing to a shell stands in a command to copy.
fn renewal(entry: &Entry) -> String {
    let is_word = |text: &str| {
        text.starts_with(|it: char| it.is_ascii_alphanumeric())
            && text
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || "._-/".contains(it))
    };
    let name = entry.details.username.as_deref();
    let whose = name.filter(|name| is_word(name)).map_or_else(
        || " --replace".to_owned(),
        |name| format!(" --username {name}"),
    );
    let place = match &entry.details.reach {
        Reach::Workspace(place) if is_word(place) => format!(" --workspace {place}"),
        Reach::Repository(place) if is_word(place) => format!(" --repository {place}"),
        _ => String::new(),
    };
    whose + &place
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

    const CLOUD_LOGIN: &str = "git credential-bitbucket login";
    use crate::bitbucket::Kind;
    use crate::secret::Secret;

    fn alice() -> Entry {
        let mut entry = Entry::new(Kind::ApiToken, Secret::copy_of(b"one"), 0);
        entry.details.username = Some("alice".into());
        entry
    }

    #[test]
    fn the_command_ends_in_one_entry() {
        let acme = || Reach::Workspace("acme".into());
        let widgets = || Reach::Repository("acme/widgets".into());
        for (name, reach, options) in [
            (Some("alice"), Reach::Site, " --username alice"),
            (Some("alice"), acme(), " --username alice --workspace acme"),
            (None, Reach::Site, " --replace"),
            (None, widgets(), " --replace --repository acme/widgets"),
            (Some("a;b"), Reach::Site, " --replace"),
            (Some("-x"), Reach::Workspace("$a".into()), " --replace"),
        ] {
            let mut entry = alice();
            entry.details.username = name.map(str::to_owned);
            entry.details.reach = reach;
            assert_eq!(renewal(&entry), options);
        }
    }

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
            let text = warning(&alice(), CLOUD_LOGIN, (time, stated), time - left);
            assert!(text.starts_with(expected), "{text}");
        }
    }
}
