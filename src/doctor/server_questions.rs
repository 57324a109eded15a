//! Asking Bitbucket about what was found: each secret once for each repository, a refusal
//! twice, and nothing more once Bitbucket asks us to stop. No account password comes near
//! here: whoever asks has judged the form before.

use crate::accounts::Entry;
use crate::bitbucket::{Candidate, Kind, Repository, Verdict};
use crate::helper::Session;
use crate::secret::Secret;

/// One run's questions and answers.
pub(super) struct Asker<'a> {
    session: &'a Session,
    /// Where to ask if nothing better is known.
    repository: Option<Repository>,
    known: Vec<AnsweredQuestion>,
    /// Why nothing more is asked.
    closed: Option<Verdict>,
}

/// What came of a question.
struct AnsweredQuestion {
    secret: Secret,
    username: Option<String>,
    repository: Option<Repository>,
    verdict: Verdict,
}

impl AnsweredQuestion {
    /// Whether it answers another question: what Bitbucket refuses for good it refuses for
    /// every repository.
    fn answers(
        &self,
        secret: &Secret,
        username: Option<&str>,
        repository: Option<&Repository>,
    ) -> bool {
        self.secret == *secret
            && self.username.as_deref() == username
            && (self.verdict.is_refused_for_good() || self.repository.as_ref() == repository)
    }
}

impl<'a> Asker<'a> {
    pub fn new(session: &'a Session, repository: Option<Repository>) -> Self {
        Self {
            session,
            repository,
            known: Vec::new(),
            closed: None,
        }
    }

    /// About an entry of ours.
    pub fn about_entry(&mut self, entry: &Entry) -> Verdict {
        let repository = Session::witness(entry, self.repository.as_ref());
        let details = &entry.details;
        self.about(&Candidate {
            site: &self.session.site,
            kind: Some(details.kind),
            secret: &entry.secret,
            username: details.username.as_deref(),
            email: details.email.as_deref(),
            repository: repository.as_ref(),
        })
    }

    /// About a token that lies elsewhere, for this repository if it says so.
    pub fn about_token(
        &mut self,
        kind: Kind,
        secret: &Secret,
        username: Option<&str>,
        repository: Option<&Repository>,
    ) -> Verdict {
        let repository = repository.or(self.repository.as_ref()).cloned();
        self.about(&Candidate {
            site: &self.session.site,
            kind: Some(kind),
            secret,
            username,
            email: None,
            repository: repository.as_ref(),
        })
    }

    /// By the same questions, wherever it lies: what it may do is asked anew.
    fn about(&mut self, candidate: &Candidate) -> Verdict {
        let session = self.session;
        self.ask(
            candidate.secret,
            candidate.username,
            candidate.repository,
            &|| session.verify(candidate),
        )
    }

    fn ask(
        &mut self,
        secret: &Secret,
        username: Option<&str>,
        repository: Option<&Repository>,
        question: &dyn Fn() -> Verdict,
    ) -> Verdict {
        let mut known = self.known.iter();
        if let Some(known) = known.find(|it| it.answers(secret, username, repository)) {
            return known.verdict.clone();
        }
        if let Some(reason) = &self.closed {
            return reason.clone();
        }
        let verdict = Verdict::of_up_to_two(question);
        if matches!(&verdict, Verdict::Unknown(why) if why.ends_questions()) {
            self.closed = Some(verdict.clone());
        }
        self.known.push(AnsweredQuestion {
            secret: secret.duplicate(),
            username: username.map(str::to_owned),
            repository: repository.cloned(),
            verdict: verdict.clone(),
        });
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::Uncertainty;
    use crate::bitbucket::site::CLOUD;
    use crate::setup::line_options::Options;
    use std::cell::Cell;

    /// How many of two secrets are asked about where the first answer is this one.
    fn asked(first: &Verdict) -> u8 {
        let session = Session::new(&CLOUD, Options::default());
        let mut asker = Asker::new(&session, None);
        let count = Cell::new(0);
        let question = || {
            count.set(count.get() + 1);
            first.clone()
        };
        for text in ["one", "two"] {
            let verdict = asker.ask(&Secret::copy_of(text.as_bytes()), None, None, &question);
            assert_eq!(verdict, *first);
        }
        count.get()
    }

    #[test]
    fn nothing_more_is_asked_once_that_is_asked_for() {
        for (first, expected) in [
            (Uncertainty::Maintenance, 1),
            (Uncertainty::TooManyAttempts, 1),
            (Uncertainty::AddressNotAllowed, 2),
        ] {
            assert_eq!(
                asked(&Verdict::Unknown(first.clone())),
                expected,
                "{first:?}"
            );
        }
    }
}
