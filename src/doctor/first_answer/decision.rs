//! Of all credentials that Git comes upon, which it ends with, and what that is good for: a
//! pure decision. What Git comes upon is found out beside it.

use super::super::standing::{Fact, Standing};
use super::super::survey::Survey;
use crate::accounts::Entry;

/// Who answers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Answerer {
    /// A source before the store, as it is called, and nothing is known against it.
    Source(&'static str),
    /// What we keep, by its number, and nothing is known against it.
    Kept(usize),
    /// What lies elsewhere, by its number, and nothing is known against it.
    Elsewhere(usize),
    /// What lies elsewhere, by its number, and Bitbucket does not take it.
    Dead(usize),
    /// Another helper, whose answer is not known.
    Unseen,
    /// Nobody; a person would be asked, or Git fails.
    Nobody,
}

impl Answerer {
    /// Whom a push would be authenticated with; `None` if with nobody. `entries`: what is kept
    /// then.
    pub fn who(self, survey: &Survey, entries: &[Entry]) -> Option<String> {
        match self {
            Self::Source(called) => Some(called.to_owned()),
            Self::Kept(index) => Some(entries[index].title()),
            Self::Elsewhere(index) => {
                let one = &survey.secrets[index];
                Some(format!("{} in {}", one.what(), one.found.whereabouts()))
            }
            Self::Dead(_) | Self::Unseen | Self::Nobody => None,
        }
    }
}

/// A credential that Git comes upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GitCandidate {
    standing: Standing,
    /// Who answers with it, if it may authenticate a push.
    answerer: Answerer,
    /// Who answers if it may not: `None` if Git goes on to the next.
    otherwise: Option<Answerer>,
}

impl GitCandidate {
    /// A secret that Git itself or another helper has. Once Git is refused with it, it ends.
    pub fn secret(index: usize, standing: Standing) -> Self {
        Self {
            standing,
            answerer: Answerer::Elsewhere(index),
            otherwise: Some(Answerer::Dead(index)),
        }
    }

    /// A secret of `.netrc`. Git asks its helpers after a 401, but not after a 410, which is
    /// the answer to an app password.
    pub fn in_netrc(index: usize, standing: Standing, is_app_password: bool) -> Self {
        let otherwise = is_app_password.then_some(Answerer::Dead(index));
        Self {
            otherwise,
            ..Self::secret(index, standing)
        }
    }

    /// A kept credential: we do not answer with one that Bitbucket refuses for good, but with
    /// any other, and Git ends with that answer.
    pub fn kept(index: usize, standing: Standing) -> Self {
        let is_gone = matches!(
            standing.fact,
            Fact::Refused | Fact::Expired(_) | Fact::Unconfirmed
        );
        Self {
            standing,
            answerer: Answerer::Kept(index),
            otherwise: (!is_gone).then_some(Answerer::Nobody),
        }
    }

    /// A credential of a source before the store: nothing else is looked at.
    pub fn source(called: &'static str, standing: Standing) -> Self {
        Self {
            standing,
            answerer: Answerer::Source(called),
            otherwise: Some(Answerer::Nobody),
        }
    }

    /// What a helper may have that nobody has looked into.
    pub fn unseen() -> Self {
        Self {
            standing: Standing {
                fact: Fact::NotAsked,
                may_push: true,
            },
            answerer: Answerer::Unseen,
            otherwise: None,
        }
    }
}

/// What an answer is good for; the order is the preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Strength {
    /// For nothing, or there is none.
    Nothing,
    /// For fetching.
    Reads,
    /// For pushing, as far as is known.
    Pushes,
}

impl Strength {
    fn of(standing: Standing) -> Self {
        match standing.fact {
            _ if standing.may_push => Self::Pushes,
            Fact::ReadOnly | Fact::SignInReadOnly => Self::Reads,
            _ => Self::Nothing,
        }
    }
}

/// Who answers, of all that Git comes upon, in its order, and what that is good for.
pub(super) fn decide(candidates: impl IntoIterator<Item = GitCandidate>) -> (Answerer, Strength) {
    let mut answers = candidates.into_iter().filter_map(|candidate| {
        let answerer = if candidate.standing.may_push {
            Some(candidate.answerer)
        } else {
            candidate.otherwise
        };
        Some((answerer?, Strength::of(candidate.standing)))
    });
    let nobody = (Answerer::Nobody, Strength::Nothing);
    answers.next().unwrap_or(nobody)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn standing(fact: Fact, may_push: bool) -> Standing {
        Standing { fact, may_push }
    }

    const GOOD: Standing = standing(Fact::Accepted, true);
    const BAD: Standing = standing(Fact::Refused, false);
    const READS: Standing = standing(Fact::ReadOnly, false);

    #[test]
    #[rustfmt::skip]
    fn the_first_that_may_push_answers_and_git_s_own_are_not_passed_over() {
        use Strength::{Nothing, Pushes, Reads};
        let kept = GitCandidate::kept;
        let secret = GitCandidate::secret;
        let in_netrc = GitCandidate::in_netrc;
        let file = |standing| GitCandidate::source("the file", standing);
        let variable = |standing| GitCandidate::source("BITBUCKET_TOKEN", standing);
        for (candidates, answerer, strength) in [
            (vec![], Answerer::Nobody, Nothing),
            (vec![kept(0, GOOD)], Answerer::Kept(0), Pushes),
            (vec![kept(0, BAD)], Answerer::Nobody, Nothing),
            (vec![kept(0, BAD), kept(1, GOOD)], Answerer::Kept(1), Pushes),
            (vec![variable(GOOD)], Answerer::Source("BITBUCKET_TOKEN"), Pushes),
            (vec![variable(BAD)], Answerer::Nobody, Nothing),
            (vec![file(GOOD)], Answerer::Source("the file"), Pushes),
            (vec![file(BAD)], Answerer::Nobody, Nothing),
            (vec![secret(3, GOOD), kept(0, GOOD)], Answerer::Elsewhere(3), Pushes),
            (vec![secret(3, BAD), kept(0, GOOD)], Answerer::Dead(3), Nothing),
            (vec![secret(3, READS), kept(0, GOOD)], Answerer::Dead(3), Reads),
            (vec![kept(0, GOOD), secret(3, BAD)], Answerer::Kept(0), Pushes),
            (vec![kept(0, BAD), secret(3, GOOD)], Answerer::Elsewhere(3), Pushes),
            // With what we answer Git ends, even if others had something better.
            (vec![kept(0, READS), secret(3, GOOD)], Answerer::Nobody, Reads),
            (vec![kept(0, READS), kept(1, GOOD)], Answerer::Nobody, Reads),
            (vec![kept(0, standing(Fact::NoAccess, false)), secret(3, GOOD)], Answerer::Nobody, Nothing),
            (vec![kept(0, standing(Fact::Expired(5), false)), secret(3, GOOD)], Answerer::Elsewhere(3), Pushes),
            (vec![variable(BAD), secret(3, GOOD)], Answerer::Nobody, Nothing),
            (vec![file(READS), secret(3, GOOD)], Answerer::Nobody, Reads),
            (vec![GitCandidate::unseen(), kept(0, READS)], Answerer::Unseen, Pushes),
            (vec![in_netrc(3, BAD, false), kept(0, GOOD)], Answerer::Kept(0), Pushes),
            (vec![in_netrc(3, BAD, true), kept(0, GOOD)], Answerer::Dead(3), Nothing),
            (vec![in_netrc(3, GOOD, true), kept(0, GOOD)], Answerer::Elsewhere(3), Pushes),
            (vec![in_netrc(3, BAD, false)], Answerer::Nobody, Nothing),
        ] {
            assert_eq!(decide(candidates.clone()), (answerer, strength), "{candidates:?}");
        }
        assert!(Nothing < Reads && Reads < Pushes);
    }
}
