//! What verifying can find out. One type, so that every caller decides over the
//! same four outcomes: verified, lacking, refused, unknown.

use super::catalogue::{Fate, Refusal, Row, Uncertainty};
use super::kind::Holder;
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
    /// Whether the server said that it is not the account's whose username was asked for.
    pub denied: bool,
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

    /// What becomes of the credential.
    pub fn fate(&self) -> Fate {
        // A new one without a row, which a test rules out, would not be kept.
        Row::of(self, None).map_or(Fate::NotKept, |row| row.fate)
    }

    /// Whether giving it to Git makes sense: not if it was refused or cannot even read.
    pub fn serves(&self) -> bool {
        matches!(self.fate(), Fate::Kept | Fate::Open)
    }

    /// Whether the server refused the credential itself, everywhere and for good; only then
    /// may a kept one be removed.
    pub fn is_refused_for_good(&self) -> bool {
        self.fate() == Fate::Removed
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
            Self::Unknown(uncertainty) => {
                line.push_str("unknown, ");
                return uncertainty.tell(line);
            }
        };
        line.push_str(why);
    }
}
