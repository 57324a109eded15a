//! A credential that is to be verified, and the names under which it can be sent.

use crate::bitbucket::kind::{Facts, GitName, Kind, RestScheme};
use crate::bitbucket::outcomes::Uncertainty;
use crate::bitbucket::placeholder::account_name;
use crate::bitbucket::site::{Repository, Site};
use crate::network::Authorization;
use crate::secret::Secret;

/// What is to be verified, and what helps.
pub struct Candidate<'a> {
    /// Where it would be sent.
    pub site: &'a Site,
    /// Its kind; `None` is a shape nobody knows, which needs a username.
    pub kind: Option<Kind>,
    /// The credential itself.
    pub secret: &'a Secret,
    /// The account that was asked for or is known; a static Git name counts as none.
    pub username: Option<&'a str>,
    /// The Atlassian account's e-mail address, which REST wants with an API token.
    pub email: Option<&'a str>,
    /// The repository that Git is about to use, if it is known.
    pub repository: Option<&'a Repository>,
}

impl<'a> Candidate<'a> {
    pub(super) fn kind(&self) -> Option<Kind> {
        self.kind.or_else(|| Kind::with_static_name(self.username?))
    }

    /// The username, unless it is a static name, which belongs to no account, or an
    /// e-mail address, which old remotes may have.
    pub(super) fn username(&self) -> Option<&'a str> {
        let name = self.username.and_then(account_name);
        name.filter(|name| !name.is_empty() && !is_email(name))
    }

    /// The e-mail address, wherever it was given.
    pub(super) fn email(&self) -> Option<&'a str> {
        self.email.or(self.username.filter(|name| is_email(name)))
    }

    /// A name that cannot be right where it was given, if the question depends on it.
    pub(super) fn mistaken_name(&self) -> Option<Uncertainty> {
        if self.site.is_own_server() {
            // One may look like an address there, if that is what the company's directory has.
            return None;
        }
        let facts = self.kind().map(Kind::facts);
        let by_username = facts.is_none_or(|facts| facts.git_name == GitName::Own);
        let by_email = facts.is_some_and(|facts| facts.rest == RestScheme::Email);
        if by_username && self.username.is_some_and(is_email) {
            return Some(Uncertainty::EmailAsUsername);
        }
        let asks_rest = self.repository.is_none();
        (by_email && asks_rest && self.email().is_some_and(|email| !is_email(email)))
            .then_some(Uncertainty::UsernameAsEmail)
    }

    /// The name for the first question: the static one if there is one, so that a wrong
    /// username cannot make a good token look bad.
    pub(super) fn git_name(&self) -> Option<&'a str> {
        match self.kind().map(|kind| kind.facts().git_name) {
            Some(GitName::OwnOr(fixed) | GitName::Static(fixed)) => Some(fixed),
            Some(GitName::Own) | None => self.username(),
        }
    }

    /// The username that belongs to the credential once the server accepted both.
    pub(super) fn own_name(&self) -> Option<String> {
        match self.kind().map(|kind| kind.facts().git_name) {
            Some(GitName::Static(_)) => None,
            _ => self.username().map(str::to_owned),
        }
    }

    pub(super) fn rest_authorization(&self) -> Option<Authorization<'a>> {
        match self.kind().map(|kind| kind.facts().rest) {
            Some(RestScheme::Email) => Some(Authorization::Basic(self.email()?, self.secret)),
            Some(RestScheme::Bearer) => Some(Authorization::Bearer(self.secret)),
            Some(RestScheme::Username) | None => {
                Some(Authorization::Basic(self.username()?, self.secret))
            }
        }
    }

    pub(super) fn facts(&self) -> &'static Facts {
        self.kind().unwrap_or(Kind::AccessToken).facts()
    }

    /// Whether a static name was asked under first, and the account's is known.
    pub(super) fn asks_for_name(&self) -> bool {
        self.kind() == Some(Kind::ApiToken) && self.username().is_some()
    }
}

/// A username has no `@`; an address has one.
pub(super) fn is_email(name: &str) -> bool {
    name.contains('@')
}
