//! What verifying can find out. One type, so that every caller decides over the
//! same four outcomes: verified, lacking, refused, unknown.

use super::kind::Holder;
use crate::network::Trouble;
use crate::trace::Harmless;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// What a credential may do, as far as the server told: `None` is "not said".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rights {
    /// Clone and fetch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<bool>,
    /// Push. An API token needs the right to read besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<bool>,
}

/// What is known of a credential that the server accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// What it may do.
    pub rights: Rights,
    /// The account's Bitbucket username, if the server told or confirmed it.
    pub username: Option<String>,
    /// What it is bound to instead of an account, if the server told.
    pub holder: Option<Holder>,
}

/// The outcome of verifying a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server accepted it. It may be for reading only: see [`Accepted::rights`].
    Verified(Accepted),
    /// The server accepted it and spoke of scopes: every missing one that Git needs, in
    /// the words of this kind. It still serves for reading if the rights say so; if they
    /// leave open whether it may write, a part of these scopes may be there.
    Lacking(Accepted, Vec<&'static str>),
    /// The server refused it.
    Refused(Refusal),
    /// Nothing is known: what is stored stays.
    Unknown(Uncertainty),
}

impl Verdict {
    /// What is known, if the server accepted the credential.
    pub fn accepted(&self) -> Option<&Accepted> {
        match self {
            Self::Verified(accepted) | Self::Lacking(accepted, _) => Some(accepted),
            Self::Refused(_) | Self::Unknown(_) => None,
        }
    }

    /// Whether giving it to Git makes sense: not if it was refused or cannot even read.
    pub fn serves(&self) -> bool {
        match self {
            Self::Verified(accepted) | Self::Lacking(accepted, _) => {
                accepted.rights.read != Some(false)
            }
            Self::Refused(_) => false,
            Self::Unknown(_) => true,
        }
    }
}

/// Without names and settings.
impl Harmless for Verdict {
    fn tell(&self, line: &mut String) {
        let why = match self {
            Self::Verified(_) => "verified",
            Self::Lacking(..) => "scopes are missing",
            Self::Refused(refusal) => {
                // Words of the source only. Writing to a String cannot fail.
                let _ = write!(line, "refused, {refusal:?}");
                return;
            }
            Self::Unknown(uncertainty) => match uncertainty {
                Uncertainty::Network(trouble) => {
                    line.push_str("unknown, ");
                    return trouble.tell(line);
                }
                Uncertainty::Server { .. } => "unknown, the server cannot answer now",
                Uncertainty::TooManyAttempts => "unknown, too many attempts",
                Uncertainty::AddressNotAllowed => "unknown, this address is not allowed",
                Uncertainty::TwoStepDemanded => "unknown, two-step verification is demanded",
                Uncertainty::Unexpected(_) => "unknown, no known answer",
                Uncertainty::NothingToAsk => "unknown, nothing to ask",
                Uncertainty::EmailAsUsername => "unknown, an address for a user name",
                Uncertainty::UsernameAsEmail => "unknown, a user name for an address",
            },
        };
        line.push_str(why);
    }
}

/// Why the server refused, as closely as its answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 401 without a closer reason: wrong, expired, revoked, or a token without scopes.
    Invalid,
    /// 401 to an API token with an e-mail address: either may be wrong.
    AddressOrToken,
    /// 401 that says the secret is an account password.
    AccountPassword,
    /// 401 that says the token has expired.
    Expired,
    /// 410: Bitbucket Cloud removed app passwords on 2026-07-28 (CHANGE-3222).
    AppPasswordRemoved,
    /// The credential is valid, but shows no repository here: absent or not allowed.
    NoAccess,
}

impl Refusal {
    /// Whether the credential itself was refused, everywhere and for good; only then may
    /// a kept one be removed.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::NoAccess | Self::AddressOrToken)
    }
}

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uncertainty {
    /// No answer.
    Network(Trouble),
    /// 429 or 5xx; how long the server asks to wait, in seconds, if it said so.
    Server {
        /// The status code.
        status: u16,
        /// From `Retry-After`.
        retry_after: Option<u64>,
    },
    /// "Too many failed authentication attempts": nothing more may be sent for now.
    TooManyAttempts,
    /// 403: this machine's address is not on the workspace's list.
    AddressNotAllowed,
    /// 403: the workspace demands two-step verification of the account.
    TwoStepDemanded,
    /// An answer that no table row explains, e.g. a redirect.
    Unexpected(u16),
    /// An e-mail address was given as the username: no server takes it.
    EmailAsUsername,
    /// Something without an `@` was given as the e-mail address: no server takes it.
    UsernameAsEmail,
    /// Nothing could be asked: neither a repository nor an e-mail address was known, or
    /// a username is needed and unknown.
    NothingToAsk,
}
