//! One kept credential: its secret and what is known of it, how it is called, under which key it
//! is kept, and whether it may be handed out. Whatever is confidential or changes together stays in
//! one item of the keychain, so that it is replaced as a whole or not at all.

mod details;
mod payload;
mod takeover;

use super::Reach;
use crate::bitbucket::Kind;
use crate::dates::DAY;
use crate::keychain::Kept;
use crate::secret::Secret;
use details::Details;

/// A credential with what we know of it. Times are Unix seconds.
pub struct Entry {
    /// The secret itself.
    pub secret: Secret,
    /// What renews it, if it came from a browser sign-in.
    pub refresh: Option<Secret>,
    /// What is written beside it.
    pub details: Details,
    /// Where the keychain holds it; `None` before it was written.
    pub(super) origin: Option<Origin>,
}

/// Where an entry was read: for compare-and-delete, and for a change of account.
pub(super) struct Origin {
    pub(super) account: String,
    pub(super) kept: Kept,
}

impl Entry {
    /// A new credential that no keychain holds yet.
    pub fn new(kind: Kind, secret: Secret, now: u64) -> Self {
        Self {
            secret,
            refresh: None,
            details: Details::new(kind, now),
            origin: None,
        }
    }

    /// A copy that no keychain holds.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            secret: self.secret.duplicate(),
            refresh: self.refresh.as_ref().map(Secret::duplicate),
            details: self.details.clone(),
            origin: None,
        }
    }

    /// The name for Git; `None` only for an app password without a username.
    pub fn git_username(&self) -> Option<&str> {
        let own = self.details.username.as_deref();
        // What another helper brought goes back under the name that it came with.
        if self.is_lent() && own.is_some() {
            return own;
        }
        self.details.kind.git_username(own)
    }

    /// Whether another helper brought it, with what renews it: only that helper can.
    pub fn is_lent(&self) -> bool {
        self.details.kind.is_sign_in() && self.details.client.is_none()
    }

    /// The key under which the keychain holds at most one entry: the name for Git,
    /// behind an `@` what it is limited to, and behind a `#` what tells it from another
    /// with the same name.
    pub fn account(&self) -> String {
        let key = self.shared_key();
        if self.details.own_key {
            format!("{key}#{}", self.details.id)
        } else {
            key
        }
    }

    /// The key without what tells it from another with the same name.
    pub(super) fn shared_key(&self) -> String {
        let name = self.git_username().unwrap_or_default();
        match &self.details.reach {
            Reach::Site => name.to_owned(),
            Reach::Workspace(place) | Reach::Repository(place) => format!("{name}@{place}"),
        }
    }

    /// Gives it a key of its own where one of these has the same.
    pub(super) fn tell_apart<'a>(&mut self, others: impl IntoIterator<Item = &'a Self>) {
        let key = self.shared_key();
        let mut others = others.into_iter();
        self.details.own_key = others.any(|other| other.account() == key);
    }

    /// How people call it: `alice (API token)`, `acme/widgets (access token)`; the kind alone
    /// where neither its account nor its place is known.
    pub fn title(&self) -> String {
        let kind = self.details.kind.facts().name;
        let place = match &self.details.reach {
            Reach::Site => None,
            Reach::Workspace(place) | Reach::Repository(place) => Some(place.as_str()),
        };
        match (
            self.details
                .username
                .as_deref()
                .or(self.details.email.as_deref()),
            place,
        ) {
            (Some(name), Some(place)) => format!("{name} for {place} ({kind})"),
            (Some(name), None) | (None, Some(name)) => format!("{name} ({kind})"),
            (None, None) => kind.to_owned(),
        }
    }

    /// Whether a person entered it or the server confirmed it to us.
    pub fn is_vouched_for(&self) -> bool {
        !self.details.seen || self.details.verified.is_some()
    }

    /// Whether it may go before another that fits as well: a person entered it, or the server said
    /// that it may push. That what Git merely saw is accepted says too little: it may be for
    /// reading only.
    pub fn is_well_known(&self) -> bool {
        let Details {
            verified, rights, ..
        } = &self.details;
        !self.details.seen || (verified.is_some() && rights.write == Some(true))
    }

    /// Whether the server must be asked before it is handed out: its stated date has
    /// passed, or it is an app password that was not confirmed for a day. Git never
    /// erases what is answered with 410, so nobody else would notice.
    pub fn must_be_checked(&self, now: u64) -> bool {
        let details = &self.details;
        let unconfirmed = || {
            let last = details.last_known_good();
            !(last..last.saturating_add(DAY)).contains(&now)
        };
        // A sign-in is renewed by its date, and what is lent goes back as it came.
        if details.kind.is_sign_in() {
            return false;
        }
        details.expires.is_some_and(|time| time <= now)
            || (details.kind == Kind::AppPassword && unconfirmed())
    }

    /// Whether it belongs to a repository, a project or a workspace and to no account.
    pub fn belongs_to_place(&self) -> bool {
        let details = &self.details;
        match details.kind {
            Kind::AccessToken => true,
            // Once the server was asked, a user's has a name.
            Kind::HttpToken => details.username.is_none() && details.verified.is_some(),
            Kind::ApiToken
            | Kind::AppPassword
            | Kind::Password
            | Kind::OAuth
            | Kind::DataCenterOAuth => false,
        }
    }

    /// Whether a keychain holds it.
    pub fn is_kept(&self) -> bool {
        self.origin.is_some()
    }
}

#[cfg(test)]
mod tests;
