//! When a browser sign-in is renewed: one pure table over what is kept, what this run has
//! tried, and the time. How it is renewed is `helper`'s business.

use super::entry::Entry;
use crate::bitbucket::Site;

/// What has less than this left is renewed before it is handed out, in seconds: a clone may
/// take a while.
pub const MARGIN: u64 = 5 * 60;

/// For how long nothing is tried again after a refusal, in seconds: the server locks a client
/// out for some minutes after a refresh token was used twice.
const LOCK_OUT: u64 = 10 * 60;

/// What is kept of a sign-in. Times are Unix seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// When the access token ends.
    pub expires: Option<u64>,
    /// Whether there is a refresh token.
    pub is_renewable: bool,
    /// When the server last refused to renew it.
    pub refused: Option<u64>,
}

/// What this run knows besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Whether Git was refused the access token a moment ago.
    pub was_refused: bool,
    /// What came of a renewal that this run has tried.
    pub tried: Option<Outcome>,
}

/// What came of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There are new tokens.
    Renewed,
    /// The server said no.
    Refused,
    /// Nobody can say: no answer, one that is not known, or no client to ask as.
    Unknown,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The access token is served.
    Serve,
    /// It is renewed first.
    Renew,
    /// Nothing can be served now, but perhaps later: all is kept.
    Wait,
    /// It has ended: only a person can sign in again.
    SignIn,
}

impl Kept {
    /// Of an entry; `None` unless it came from a sign-in of ours.
    pub fn of(entry: &Entry) -> Option<Self> {
        let details = &entry.details;
        details.client.as_ref()?;
        Some(Self {
            expires: details.expires,
            is_renewable: entry.refresh.is_some(),
            refused: details.renewal_refused,
        })
    }

    /// Whether the access token lives for longer than this many seconds.
    fn lives(&self, longer: u64, now: u64) -> bool {
        self.expires
            .is_none_or(|end| end > now.saturating_add(longer))
    }
}

/// Whether a sign-in goes on once its access token has ended, as far as its entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// It is renewed when it is needed.
    ByItself,
    /// The server has refused that, at this time.
    Refused(u64),
    /// Nothing renews it.
    Never,
    /// The helper that brought it renews it.
    ByAnotherHelper,
}

impl Prospect {
    /// Of an entry; `None` of what is no sign-in.
    pub fn of(entry: &Entry) -> Option<Self> {
        let details = &entry.details;
        Some(match (&entry.refresh, details.renewal_refused) {
            _ if !details.kind.is_sign_in() => return None,
            (None, _) => Self::Never,
            (Some(_), _) if entry.is_lent() => Self::ByAnotherHelper,
            (Some(_), Some(time)) => Self::Refused(time),
            (Some(_), None) => Self::ByItself,
        })
    }
}

/// Whether it is a sign-in whose access token the server takes no more: nothing can be asked about
/// it. What is only about to be renewed ([`MARGIN`]) still works until its end, and what another
/// helper brought ends as ours does.
pub fn has_ended(entry: &Entry, now: u64) -> bool {
    let details = &entry.details;
    details.kind.is_sign_in() && details.expires.is_some_and(|end| end <= now)
}

/// The command by which a person signs in in its stead: what another helper brought came from no
/// client that is known here.
pub fn sign_in_again(site: &Site, entry: &Entry) -> String {
    match entry.details.client {
        Some(_) => site.web_login_command(),
        None => site.login_command(),
    }
}

/// What is done with a sign-in.
pub fn next(kept: &Kept, run: Run, now: u64) -> Next {
    let is_living = !run.was_refused && kept.lives(0, now);
    if !run.was_refused && kept.lives(MARGIN, now) {
        return Next::Serve;
    }
    // A time in the future is a clock that was put back.
    let is_locked_out = kept
        .refused
        .is_some_and(|time| (time..time.saturating_add(LOCK_OUT)).contains(&now));
    match run.tried {
        None if kept.is_renewable && !is_locked_out => Next::Renew,
        _ if is_living => Next::Serve,
        Some(Outcome::Unknown) => Next::Wait,
        Some(Outcome::Renewed | Outcome::Refused) | None => Next::SignIn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::Kind;
    use crate::secret::Secret;

    const NOW: u64 = 1_000_000;

    fn kept(left: i64, is_renewable: bool, refused: Option<u64>) -> Kept {
        Kept {
            expires: Some(NOW.checked_add_signed(left).unwrap()),
            is_renewable,
            refused,
        }
    }

    fn after(kept: &Kept, tried: Option<Outcome>) -> Next {
        let was_refused = false;
        next(kept, Run { was_refused, tried }, NOW)
    }

    #[test]
    fn an_entry_tells_whether_it_goes_on() {
        let entry = |kind, client: Option<&str>, refresh: Option<&[u8]>, refused| {
            let mut entry = Entry::new(kind, Secret::copy_of(b"token"), 0);
            entry.refresh = refresh.map(Secret::copy_of);
            entry.details.client = client.map(str::to_owned);
            entry.details.renewal_refused = refused;
            entry
        };
        let (own, renews) = (Some("id"), Some(&b"refresh"[..]));
        for (entry, expected) in [
            (entry(Kind::ApiToken, None, None, None), None),
            (
                entry(Kind::OAuth, own, renews, None),
                Some(Prospect::ByItself),
            ),
            (
                entry(Kind::OAuth, own, renews, Some(5)),
                Some(Prospect::Refused(5)),
            ),
            (entry(Kind::OAuth, own, None, None), Some(Prospect::Never)),
            (
                entry(Kind::OAuth, None, renews, None),
                Some(Prospect::ByAnotherHelper),
            ),
            (entry(Kind::OAuth, None, None, None), Some(Prospect::Never)),
        ] {
            assert_eq!(Prospect::of(&entry), expected);
        }
    }

    #[test]
    fn a_sign_in_ends_with_its_access_token_whoever_renews_it() {
        let entry = |kind, client: Option<&str>, expires| {
            let mut entry = Entry::new(kind, Secret::copy_of(b"token"), 0);
            entry.refresh = Some(Secret::copy_of(b"refresh"));
            entry.details.client = client.map(str::to_owned);
            entry.details.expires = expires;
            entry
        };
        let own = Some("id");
        for (kind, client, expires, expected) in [
            (Kind::OAuth, own, Some(NOW - 1), true),
            (Kind::OAuth, own, Some(NOW), true),
            (Kind::OAuth, own, Some(NOW + 1), false),
            (Kind::OAuth, own, Some(NOW + MARGIN), false),
            (Kind::OAuth, own, None, false),
            (Kind::OAuth, None, Some(NOW), true),
            (Kind::OAuth, None, Some(NOW + 1), false),
            (Kind::DataCenterOAuth, own, Some(NOW), true),
            // The server alone knows whether a token has ended: its date was typed by a person.
            (Kind::ApiToken, None, Some(NOW - 1), false),
            (Kind::HttpToken, None, Some(NOW - 1), false),
        ] {
            let found = has_ended(&entry(kind, client, expires), NOW);
            assert_eq!(found, expected, "{kind:?} {client:?} {expires:?}");
        }
    }

    #[test]
    fn it_is_renewed_five_minutes_before_its_end_and_not_earlier() {
        for (left, expected) in [
            (7200, Next::Serve),
            (301, Next::Serve),
            (300, Next::Renew),
            (1, Next::Renew),
            (0, Next::Renew),
            (-100_000, Next::Renew),
        ] {
            assert_eq!(after(&kept(left, true, None), None), expected, "{left}");
        }
        assert_eq!(after(&Kept::default(), None), Next::Serve);
    }

    #[test]
    fn what_lives_is_served_whatever_came_of_the_renewal() {
        for tried in [Outcome::Refused, Outcome::Unknown] {
            for left in [300, 1] {
                let found = after(&kept(left, true, None), Some(tried));
                assert_eq!(found, Next::Serve, "{tried:?} {left}");
            }
        }
        for left in [300, 1] {
            assert_eq!(after(&kept(left, false, None), None), Next::Serve);
            assert_eq!(after(&kept(left, true, Some(NOW)), None), Next::Serve);
        }
    }

    #[test]
    fn only_a_definite_end_asks_for_a_new_sign_in() {
        for (left, is_renewable, tried, expected) in [
            (0, false, None, Next::SignIn),
            (0, true, Some(Outcome::Refused), Next::SignIn),
            (0, true, Some(Outcome::Unknown), Next::Wait),
            (-100, true, Some(Outcome::Unknown), Next::Wait),
            // What was just handed out and has ended already: no loop.
            (0, true, Some(Outcome::Renewed), Next::SignIn),
        ] {
            let found = after(&kept(left, is_renewable, None), tried);
            assert_eq!(found, expected, "{left} {tried:?}");
        }
    }

    #[test]
    fn a_refused_renewal_is_not_tried_again_for_ten_minutes() {
        for (ago, expected) in [
            (0, Next::SignIn),
            (599, Next::SignIn),
            (600, Next::Renew),
            // A clock that was put back.
            (-1, Next::Renew),
        ] {
            let refused = NOW.checked_add_signed(-ago);
            assert_eq!(after(&kept(0, true, refused), None), expected, "{ago}");
        }
    }

    #[test]
    fn what_git_was_refused_is_renewed_once_however_long_it_would_live() {
        let refused = |kept: &Kept, tried| {
            let was_refused = true;
            next(kept, Run { was_refused, tried }, NOW)
        };
        for (kept, tried, expected) in [
            (kept(7200, true, None), None, Next::Renew),
            (kept(7200, false, None), None, Next::SignIn),
            (kept(7200, true, Some(NOW)), None, Next::SignIn),
            (kept(7200, true, None), Some(Outcome::Refused), Next::SignIn),
            (kept(7200, true, None), Some(Outcome::Unknown), Next::Wait),
        ] {
            assert_eq!(refused(&kept, tried), expected, "{kept:?} {tried:?}");
        }
    }
}
