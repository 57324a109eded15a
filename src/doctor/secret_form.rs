//! What the form of a secret found elsewhere tells: whether the server may be asked about it,
//! and what it is called. What the server says is not known here.

use super::places::FoundSecret;
use crate::bitbucket::{Kind, Shape, account_name};

/// What the form of a secret tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecretForm {
    /// The server may be asked about it.
    Token(Kind),
    /// Never sent, and most likely of no use: Bitbucket takes none.
    Password(&'static str),
    /// Never sent, and not ours to throw away.
    Doubtful(String),
    /// What Git Credential Manager got by a sign-in in the browser: never sent, and not ours.
    ManagersSignIn,
}

const SIGN_IN: &str = "what is left of a sign-in in the browser";

impl SecretForm {
    pub fn of(found: &FoundSecret) -> Self {
        let name = found.username.as_deref().unwrap_or_default();
        // Tokens of OAuth have no form: a secret beside a placeholder name, or in the place of
        // Git Credential Manager's second token, is an OAuth token and no password.
        let signed_in =
            found.path.as_deref() == Some("refresh_token") || account_name(name).is_none();
        match found.shape {
            Shape::AccountPassword | Shape::PerhapsAppPassword | Shape::Unrecognised
                if signed_in =>
            {
                if found.place.is_asked_by("manager") {
                    Self::ManagersSignIn
                } else {
                    Self::Doubtful(SIGN_IN.to_owned())
                }
            }
            // An account's password goes with its name: `Bearer` has none, say.
            Shape::AccountPassword | Shape::PerhapsAppPassword if name.is_empty() => {
                Self::Doubtful("a secret of unknown form".to_owned())
            }
            Shape::Known(kind) => Self::Token(kind),
            // It may be sent nowhere, for it may be a password. Neither is taken any more.
            Shape::PerhapsAppPassword => Self::Password(
                "what looks like an account password, or an app password of the old form,",
            ),
            Shape::AccountPassword => Self::Password("what looks like an account password"),
            Shape::Damaged(kind) => Self::Doubtful(format!(
                "{} that was cut off or mistyped",
                kind.facts().with_article
            )),
            Shape::Foreign(name) => Self::Doubtful(name.to_owned()),
            Shape::Unrecognised => Self::Doubtful("a secret of unknown form".to_owned()),
        }
    }

    /// What it is, for a sentence.
    pub fn what(&self) -> &str {
        match self {
            Self::Token(kind) => kind.facts().with_article,
            Self::Password(what) => what,
            Self::Doubtful(what) => what,
            Self::ManagersSignIn => SIGN_IN,
        }
    }

    /// For programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Token(kind) => kind.facts().id,
            Self::Password(_) => "password",
            Self::Doubtful(_) | Self::ManagersSignIn => "other",
        }
    }
}
