//! What people are told about a verdict: what happened, why, and the one next step.
//! No text of a server's is repeated.

use super::kind::Kind;
use super::site::Repository;
use super::verdict::Verdict;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What happened and why.
    pub message: String,
    /// What to do.
    pub next_step: String,
}

impl std::fmt::Display for Advice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.message, self.next_step)
    }
}

/// The message for a verdict.
#[must_use]
pub fn advise(verdict: &Verdict, kind: Option<Kind>, repository: Option<&Repository>) -> Advice {
    let _ = (verdict, kind, repository);
    Advice {
        message: String::new(),
        next_step: String::new(),
    }
}
