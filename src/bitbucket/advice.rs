//! What people are told about a verdict: what happened, why, and the one next step.
//! No text of a server's is repeated.

use super::kind::{KINDS, Kind};
use super::site::Repository;
use super::verdict::{Accepted, Refusal, Uncertainty, Verdict};
use crate::network::Trouble;
use crate::text::shown;

#[cfg(test)]
mod tests;

/// Where API tokens are made.
pub const TOKEN_PAGE: &str = "https://id.atlassian.com/manage-profile/security/api-tokens";

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What happened and why, in whole sentences.
    pub message: String,
    /// What to do, in a whole sentence; empty if there is nothing to do.
    pub next_step: String,
}

impl Advice {
    fn new(message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            next_step: next_step.into(),
        }
    }
}

impl std::fmt::Display for Advice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)?;
        if self.next_step.is_empty() {
            return Ok(());
        }
        write!(formatter, " {}", self.next_step)
    }
}

/// The message for a verdict on a credential of this kind, which was verified for this
/// repository, if any.
#[must_use]
pub fn advise(verdict: &Verdict, kind: Option<Kind>, repository: Option<&Repository>) -> Advice {
    match verdict {
        Verdict::Verified(accepted) => verified(accepted, kind, repository),
        Verdict::Lacking(_, missing) => lacking(missing, kind),
        Verdict::Refused(refusal) => refused(*refusal, kind, repository),
        Verdict::Unknown(uncertainty) => {
            let (why, next_step) = unknown(uncertainty, kind);
            let message = format!("The {} could not be verified: {why}.", name(kind));
            Advice::new(message, next_step)
        }
    }
}

/// For an account password that somebody typed, and that was not sent.
#[must_use]
pub fn account_password() -> Advice {
    Advice::new(
        "This looks like an account password. Bitbucket takes none for Git, so it was not sent.",
        how_to_create(None),
    )
}

/// How to create a credential that works, in one sentence: another of the same kind if
/// that still exists, else an API token.
#[must_use]
pub fn how_to_create(kind: Option<Kind>) -> String {
    format!("Create {}.", recipe(kind))
}

/// What to create, and where.
fn recipe(kind: Option<Kind>) -> String {
    let kind = kind.filter(|kind| *kind != Kind::AppPassword);
    let facts = kind.unwrap_or(Kind::ApiToken).facts();
    let (what, read, write) = (facts.with_article, facts.read_scope, facts.write_scope);
    match facts.kind {
        Kind::AccessToken => format!(
            "{what} with the scopes {read} and {write} in the settings of the repository, \
             project or workspace"
        ),
        Kind::ApiToken | Kind::AppPassword => format!(
            "{what} at {TOKEN_PAGE} with the button \"Create API token with scopes\", the app \
             Bitbucket and the scopes {read} and {write}"
        ),
    }
}

fn name(kind: Option<Kind>) -> &'static str {
    kind.map_or("credential", |kind| kind.facts().name)
}

fn verified(accepted: &Accepted, kind: Option<Kind>, repository: Option<&Repository>) -> Advice {
    let mut who = format!("The {}", name(kind));
    if let Some(username) = &accepted.username {
        who = format!("{who} of {}", shown(username));
    }
    if accepted.rights.write != Some(false) {
        return Advice::new(format!("{who} is valid."), "");
    }
    let scope = kind.unwrap_or(Kind::ApiToken).facts().write_scope;
    let next_step = match (kind, repository) {
        (Some(Kind::AppPassword), _) => how_to_create(kind),
        (_, Some(place)) => {
            format!("To push, use one with the scope {scope} and write access to {place}.")
        }
        (_, None) => format!("To push, use one with the scope {scope}."),
    };
    let place = repository
        .map(|place| format!(" {place}"))
        .unwrap_or_default();
    let message = format!("{who} is valid for reading{place}, but pushes will be refused.");
    Advice::new(message, next_step)
}

fn lacking(missing: &[&str], kind: Option<Kind>) -> Advice {
    let scopes: Vec<_> = missing
        .iter()
        .map(|scope| format!("{scope} ({})", purpose(scope)))
        .collect();
    Advice::new(
        format!(
            "The {} is valid, but lacks what Git needs: {}.",
            name(kind),
            scopes.join(", ")
        ),
        format!("Scopes cannot be added later. {}", how_to_create(kind)),
    )
}

/// What a scope of [`KINDS`] is for.
fn purpose(scope: &str) -> &'static str {
    if KINDS.iter().any(|row| row.write_scope == scope) {
        "to push"
    } else {
        "to clone and fetch"
    }
}

fn refused(refusal: Refusal, kind: Option<Kind>, repository: Option<&Repository>) -> Advice {
    let name = name(kind);
    match refusal {
        Refusal::Invalid => {
            let next_step = match (kind, repository) {
                (Some(Kind::ApiToken), None) => {
                    format!("Check both; if they are right, create {}.", recipe(kind))
                }
                _ => how_to_create(kind),
            };
            Advice::new(invalid(kind, repository), next_step)
        }
        Refusal::AccountPassword => Advice::new(
            "Bitbucket refused this: it is an account password, and Git needs a token.",
            how_to_create(None),
        ),
        Refusal::Expired => Advice::new(
            format!("Bitbucket refused the {name}: it has expired."),
            how_to_create(kind),
        ),
        Refusal::AppPasswordRemoved => Advice::new(
            "Bitbucket refused the app password: app passwords were removed on 2026-07-28.",
            how_to_create(None),
        ),
        Refusal::NoAccess => {
            let repository = repository
                .map(|found| format!(" {found}"))
                .unwrap_or_default();
            let message = format!(
                "The {name} was accepted, but Bitbucket shows it no repository{repository}: \
                 there is none, or the {name} may not see it."
            );
            let owner = match kind {
                Some(Kind::AccessToken) => {
                    "an access token of this repository, its project or its workspace"
                }
                _ => "a token of an account that may see it",
            };
            Advice::new(
                message,
                format!("Check the repository's address; if it is right, use {owner}."),
            )
        }
    }
}

/// A 401 without a closer reason: all that it can mean.
fn invalid(kind: Option<Kind>, repository: Option<&Repository>) -> &'static str {
    match (kind, repository) {
        (Some(Kind::ApiToken), Some(_)) => {
            "Bitbucket refused the API token: it is mistyped, expired, revoked or was created \
             without scopes."
        }
        (Some(Kind::ApiToken), None) => {
            "Bitbucket refused the API token with this e-mail address: the address belongs to \
             another account, or the token is mistyped, expired, revoked or was created without \
             scopes."
        }
        (Some(Kind::AccessToken), _) => {
            "Bitbucket refused the access token: it is mistyped, expired or revoked."
        }
        (Some(Kind::AppPassword), _) => {
            "Bitbucket refused the app password: the username is wrong, or it is mistyped, \
             revoked or no longer accepted (app passwords were removed on 2026-07-28)."
        }
        (None, _) => {
            "Bitbucket refused this: the username or the secret is wrong, or it is no token of \
             Bitbucket's."
        }
    }
}

/// Why nothing is known, for the end of a sentence, and the next step.
fn unknown(uncertainty: &Uncertainty, kind: Option<Kind>) -> (String, String) {
    let (why, next_step) = match uncertainty {
        Uncertainty::Network(trouble) => return no_answer(trouble),
        Uncertainty::Server {
            status: 429,
            retry_after,
        } => {
            return (
                "Bitbucket answers no more requests for now (status 429)".into(),
                again_in(*retry_after),
            );
        }
        Uncertainty::Server {
            status,
            retry_after,
        } => {
            return (
                format!("Bitbucket has trouble of its own (status {status})"),
                again_in(*retry_after),
            );
        }
        Uncertainty::Unexpected(status) => {
            return (
                format!("Bitbucket gave an answer that is not known here (status {status})"),
                "Check that the repository's address opens in a browser, then try again.".into(),
            );
        }
        Uncertainty::TooManyAttempts => (
            "Bitbucket answers nobody here for a while, after too many failed attempts",
            "Wait some minutes, then try again.",
        ),
        Uncertainty::AddressNotAllowed => (
            "the workspace lets in certain network addresses only, and this machine's is none of them",
            "Use the network or VPN that the workspace allows, or ask its administrator.",
        ),
        Uncertainty::TwoStepDemanded => (
            "the workspace demands two-step verification of your account",
            "Turn it on at https://id.atlassian.com/manage-profile/security, then try again.",
        ),
        Uncertainty::NothingToAsk if matches!(kind, Some(Kind::ApiToken | Kind::AccessToken)) => (
            "neither a repository nor the e-mail address of the account is known",
            "Run \"git credential-bitbucket login\" and give the e-mail address.",
        ),
        Uncertainty::NothingToAsk => (
            "it needs a username, and none is known",
            "Put the username into the URL: https://USERNAME@bitbucket.org/...",
        ),
    };
    (why.into(), next_step.into())
}

fn again_in(seconds: Option<u64>) -> String {
    match seconds {
        Some(seconds) if seconds > 0 => format!("Try again in {seconds} seconds."),
        _ => "Try again later.".into(),
    }
}

fn no_answer(trouble: &Trouble) -> (String, String) {
    let (why, next_step) = match trouble {
        Trouble::TimedOut => (
            "no answer came in time",
            "Check the network connection, then try again.",
        ),
        Trouble::NameNotFound => (
            "the server's name was not found",
            "Check that this machine is online and that its DNS works, then try again.",
        ),
        Trouble::NotConnected => (
            "the server could not be reached",
            "Check the network connection; if this network needs a proxy, set http.proxy for Git.",
        ),
        Trouble::ProxyUnreachable => (
            "the proxy could not be reached",
            "Check http.proxy in Git's configuration (or HTTPS_PROXY, ALL_PROXY).",
        ),
        Trouble::ProxyLogin => (
            "the proxy asks for a login, or refused the one it was given",
            "Set http.proxy in Git's configuration to http://USER:PASSWORD@HOST:PORT.",
        ),
        Trouble::ProxyRefused => (
            "the proxy did not connect to Bitbucket",
            "Ask whoever runs the proxy to allow bitbucket.org and api.bitbucket.org.",
        ),
        Trouble::UntrustedCertificate => (
            "the server's certificate comes from an authority that is not trusted here, so \
             nothing was sent",
            "If your network inspects TLS, set http.sslCAInfo for Git to its authority's file.",
        ),
        Trouble::WrongName => (
            "the server's certificate is for another name, so nothing was sent",
            "Check in a browser whether this network wants you to sign in first.",
        ),
        Trouble::WrongTime => (
            "the server's certificate is not valid at this machine's time, so nothing was sent",
            "Check this machine's date and clock.",
        ),
        Trouble::VerificationDisabled => (
            "Git is configured not to check certificates (http.sslVerify or GIT_SSL_NO_VERIFY), \
             so nothing was sent",
            "Remove that setting; for an authority of your own, set http.sslCAInfo instead.",
        ),
        Trouble::BadSetting(setting) => {
            return (
                format!(
                    "a setting cannot be used ({}), so nothing was sent",
                    shown(setting)
                ),
                "Correct it: proxies take Basic logins, certificates are PEM files with an \
                 absolute path."
                    .into(),
            );
        }
        Trouble::Broken => (
            "the connection broke, or the answer was not HTTP",
            "Try again; if it stays so, look for a proxy or firewall in between.",
        ),
    };
    (why.into(), next_step.into())
}
