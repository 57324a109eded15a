//! What verifying can find out. One type, so that every caller decides over the
//! same four outcomes: verified, lacking, refused, unknown.

use super::kind::{Holder, Kind};
use super::outcomes::{Fate, Refusal, Row, Uncertainty};
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

    /// The verdict on a credential that Git has not been refused. After a 401 without a reason the
    /// server is asked once more, since Bitbucket refuses good tokens now and then (BCLOUD-24107).
    pub fn of_up_to_two(mut question: impl FnMut() -> Self) -> Self {
        match question() {
            Self::Refused(Refusal::Invalid) => question(),
            verdict => verdict,
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
        matches!(self.fate(), Fate::Kept | Fate::Open | Fate::LeftAlone)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Trouble;

    fn accepted(read: Option<bool>, write: Option<bool>) -> Accepted {
        Accepted {
            rights: Rights { read, write },
            ..Accepted::default()
        }
    }

    /// Only a refusal of the secret itself ends what is stored.
    #[test]
    fn what_is_not_refused_for_good_stays() {
        let reads = accepted(Some(true), Some(false));
        let blind = accepted(Some(false), Some(true));
        let offline = Uncertainty::Network(Trouble::TimedOut);
        for (verdict, serves, is_refused) in [
            (Verdict::Verified(accepted(None, None)), true, false),
            (Verdict::Verified(reads.clone()), true, false),
            (Verdict::Lacking(reads, vec!["write"]), true, false),
            (Verdict::Lacking(blind, vec!["read"]), false, false),
            (Verdict::Refused(Refusal::Invalid), false, true),
            (Verdict::Unknown(offline), true, false),
            (Verdict::Unknown(Uncertainty::TooManyAttempts), true, false),
        ] {
            assert_eq!(verdict.serves(), serves, "{verdict:?}");
            assert_eq!(verdict.is_refused_for_good(), is_refused, "{verdict:?}");
        }
    }

    #[test]
    fn only_a_401_without_a_reason_is_asked_about_once_more() {
        let invalid = || Verdict::Refused(Refusal::Invalid);
        let verified = || Verdict::Verified(Accepted::default());
        let hidden = || Verdict::Refused(Refusal::NoAccess);
        for (answers, expected, asked) in [
            ([verified(), invalid()], verified(), 1),
            ([hidden(), verified()], hidden(), 1),
            ([invalid(), verified()], verified(), 2),
            ([invalid(), hidden()], hidden(), 2),
            ([invalid(), invalid()], invalid(), 2),
        ] {
            let mut left = answers.into_iter();
            let verdict = Verdict::of_up_to_two(|| left.next().expect("no third question"));
            assert_eq!(verdict, expected);
            assert_eq!(left.count(), 2 - asked, "{expected:?}");
        }
    }

    #[test]
    fn a_trace_hears_the_outcome_and_no_name() {
        let named = Accepted {
            username: Some("alice".into()),
            ..Accepted::default()
        };
        for (verdict, expected) in [
            (Verdict::Verified(named.clone()), "verified"),
            (Verdict::Lacking(named, vec!["x"]), "scopes are missing"),
            (Verdict::Refused(Refusal::Invalid), "refused, Invalid"),
        ] {
            let mut line = String::new();
            verdict.tell(&mut line);
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn what_is_known_is_known_of_accepted_ones_alone() {
        let known = accepted(Some(true), None);
        let lacking = Verdict::Lacking(known.clone(), vec!["x"]);
        assert_eq!(lacking.accepted(), Some(&known));
        assert_eq!(Verdict::Verified(known.clone()).accepted(), Some(&known));
        assert_eq!(Verdict::Refused(Refusal::Invalid).accepted(), None);
        let unknown = Verdict::Unknown(Uncertainty::TooManyAttempts);
        assert_eq!(unknown.accepted(), None);
    }
}
