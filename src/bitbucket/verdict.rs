//! What verifying can find out. One type, so that every caller decides over the
//! same four outcomes: verified, lacking, refused, unknown.

use super::catalogue::{Fate, Refusal, Row, Uncertainty};
use super::kind::{Holder, Kind};
use super::rights::Rights;
use crate::trace::Harmless;
use std::fmt::Write as _;

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

    /// What is said of this verdict on a credential of this kind.
    pub fn row(&self, kind: Option<Kind>) -> Option<&'static Row> {
        match self {
            Self::Verified(accepted) => Some(Row::of_verified(accepted.rights)),
            Self::Lacking(accepted, missing) => {
                Some(Row::of_lacking(accepted.rights, missing.len()))
            }
            Self::Refused(refusal) => Row::of_refusal(*refusal, kind),
            Self::Unknown(why) => Row::of_uncertainty(why, kind),
        }
    }

    /// What becomes of the credential.
    pub fn fate(&self) -> Fate {
        // A new one without a row, which a test rules out, would not be kept.
        self.row(None).map_or(Fate::NotKept, |row| row.fate)
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
