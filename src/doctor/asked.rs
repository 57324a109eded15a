//! Asking Bitbucket about what was found: each secret once, a refusal twice, and nothing
//! more once Bitbucket asks us to stop. No account password comes near here: whoever asks
//! has judged the form before.

use crate::accounts::Entry;
use crate::bitbucket::{Candidate, Kind, Refusal, Repository, Uncertainty, Verdict};
use crate::helper::Session;
use crate::secret::Secret;

/// One run's questions and answers.
pub(super) struct Asker<'a> {
    session: &'a Session,
    /// Where to ask if nothing better is known.
    repository: Option<Repository>,
    /// What was asked, under which name, and what came of it.
    known: Vec<(Secret, Option<String>, Verdict)>,
    /// Why nothing more is asked.
    closed: Option<Verdict>,
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
        let repository = self.repository.clone();
        let (session, name) = (self.session, entry.details.username.as_deref());
        self.ask(&entry.secret, name, &|| {
            session.recheck(entry, repository.as_ref())
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
        let session = self.session;
        self.ask(secret, username, &|| {
            session.verify(&Candidate {
                site: session.site,
                kind: Some(kind),
                secret,
                username,
                email: None,
                repository: repository.as_ref(),
            })
        })
    }

    fn ask(
        &mut self,
        secret: &Secret,
        username: Option<&str>,
        question: &dyn Fn() -> Verdict,
    ) -> Verdict {
        let same = |(other, name, _): &&(Secret, Option<String>, Verdict)| {
            other == secret && name.as_deref() == username
        };
        if let Some((_, _, verdict)) = self.known.iter().find(same) {
            return verdict.clone();
        }
        if let Some(reason) = &self.closed {
            return reason.clone();
        }
        let mut verdict = question();
        // Bitbucket refuses good tokens now and then (BCLOUD-24107).
        if verdict == Verdict::Refused(Refusal::Invalid) {
            verdict = question();
        }
        if matches!(
            verdict,
            Verdict::Unknown(Uncertainty::TooManyAttempts | Uncertainty::Network(_))
        ) {
            self.closed = Some(verdict.clone());
        }
        let name = username.map(str::to_owned);
        self.known.push((secret.duplicate(), name, verdict.clone()));
        verdict
    }
}
