//! Every way in which judging a credential can end: what leads to it, what the server
//! says, what people are told, what becomes of the credential. One table, [`CATALOGUE`];
//! `docs/troubleshooting.md` is held equal to it, and a test plays every cause.

mod rows;
#[cfg(test)]
mod tests;

use super::kind::Kind;
use super::verdict::{Accepted, Refusal, Uncertainty, Verdict};
use crate::network::Trouble;

pub use rows::CATALOGUE;

/// How it ended, without the particulars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Situation {
    /// It looks like a password that a person chose; not sent.
    PasswordTyped,
    /// It looks like another service's secret; not sent.
    ForeignTyped,
    /// Accepted.
    Valid,
    /// Accepted for reading; pushing is not allowed, and no scope is to blame.
    ReadOnly,
    /// Accepted for reading; the scope to push is missing.
    LacksPush,
    /// Accepted, but not even for reading; the server named the scopes.
    LacksRead,
    /// Accepted, but the server spoke of missing scopes without naming them.
    LacksSome,
    /// Refused.
    Refused(Refusal),
    /// No answer; a setting's text is left empty.
    NoAnswer(Trouble),
    /// 429.
    Limited,
    /// 5xx.
    Down,
    /// An answer that nothing explains.
    Unexpected,
    /// Locked out after too many failures.
    TooManyAttempts,
    /// The network's address is not on the workspace's list.
    AddressNotAllowed,
    /// Two-step verification is demanded.
    TwoStepDemanded,
    /// An e-mail address stands where a username belongs.
    EmailAsUsername,
    /// A username stands where an e-mail address belongs.
    UsernameAsEmail,
    /// Too little is known to ask anything.
    NothingToAsk,
}

/// What becomes of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A new one is kept, and one kept before stays.
    Kept,
    /// A new one is not kept; one kept before stays.
    NotKept,
    /// A new one is not kept; one kept before is removed.
    Removed,
    /// A new one is kept once Git reports that it worked; one kept before stays.
    Open,
}

/// What [`CATALOGUE`] has on a situation. In the texts, words in braces stand for particulars.
#[derive(Debug)]
pub struct Row {
    /// Its name, for tests.
    pub id: &'static str,
    /// The only kind it is for.
    pub kind: Option<Kind>,
    /// What leads to it, each by name.
    pub causes: &'static [&'static str],
    /// What the server says, or that it says nothing.
    pub answer: &'static str,
    /// What happened and why, in at most two sentences.
    pub message: &'static str,
    /// The next step, in one sentence; empty if there is nothing to do.
    pub next_step: &'static str,
}

impl Row {
    /// The first row for this situation and kind.
    pub fn of(situation: &Situation, kind: Option<Kind>) -> Option<&'static Self> {
        let fits = |row: &Self| row.kind.is_none() || row.kind == kind;
        let found = CATALOGUE
            .iter()
            .find(|(about, row)| about == situation && fits(row));
        found.map(|(_, row)| row)
    }
}

impl Situation {
    /// What a verdict amounts to.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Verified(accepted) if accepted.rights.write == Some(false) => Self::ReadOnly,
            Verdict::Verified(_) => Self::Valid,
            Verdict::Lacking(accepted, missing) => Self::lacking(accepted, missing.len()),
            Verdict::Refused(refusal) => Self::Refused(*refusal),
            Verdict::Unknown(uncertainty) => Self::unknown(uncertainty),
        }
    }

    fn lacking(accepted: &Accepted, missing: usize) -> Self {
        match (accepted.rights.read, accepted.rights.write) {
            (Some(false), None) if missing > 1 => Self::LacksSome,
            (Some(false), _) => Self::LacksRead,
            _ => Self::LacksPush,
        }
    }

    fn unknown(uncertainty: &Uncertainty) -> Self {
        match uncertainty {
            Uncertainty::Network(Trouble::BadSetting(_)) => {
                Self::NoAnswer(Trouble::BadSetting(String::new()))
            }
            Uncertainty::Network(trouble) => Self::NoAnswer(trouble.clone()),
            Uncertainty::Server { status: 429, .. } => Self::Limited,
            Uncertainty::Server { .. } => Self::Down,
            Uncertainty::Unexpected(_) => Self::Unexpected,
            Uncertainty::TooManyAttempts => Self::TooManyAttempts,
            Uncertainty::AddressNotAllowed => Self::AddressNotAllowed,
            Uncertainty::TwoStepDemanded => Self::TwoStepDemanded,
            Uncertainty::EmailAsUsername => Self::EmailAsUsername,
            Uncertainty::UsernameAsEmail => Self::UsernameAsEmail,
            Uncertainty::NothingToAsk => Self::NothingToAsk,
        }
    }

    /// What becomes of a credential in this situation.
    pub fn fate(&self) -> Fate {
        match self {
            Self::Valid | Self::ReadOnly | Self::LacksPush => Fate::Kept,
            Self::PasswordTyped | Self::ForeignTyped | Self::LacksRead | Self::LacksSome => {
                Fate::NotKept
            }
            Self::Refused(refusal) if refusal.is_final() => Fate::Removed,
            Self::Refused(_) => Fate::NotKept,
            Self::NoAnswer(_)
            | Self::Limited
            | Self::Down
            | Self::Unexpected
            | Self::TooManyAttempts
            | Self::AddressNotAllowed
            | Self::TwoStepDemanded
            | Self::EmailAsUsername
            | Self::UsernameAsEmail
            | Self::NothingToAsk => Fate::Open,
        }
    }
}

/// Puts particulars in place of the words in braces. What they bring is not read again.
pub fn fill(template: &str, particular: impl Fn(&str) -> String) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&particular(name));
        rest = after;
    }
    text + rest
}
