//! The server, asked about credentials as Git's configuration has it.

use super::Session;
use crate::accounts::Entry;
use crate::bitbucket::{self, Candidate, Repository, Uncertainty, Verdict};
use crate::network::Trouble;

impl Session {
    /// Asks the server about a credential; bounded in time.
    pub fn verify(&self, candidate: &Candidate) -> Verdict {
        bitbucket::verify(candidate, self.config())
    }

    /// Where the server is asked about a kept entry: where it was confirmed before if
    /// that is known, since another repository may be out of its reach.
    pub fn witness(entry: &Entry, repository: Option<&Repository>) -> Option<Repository> {
        let witness = entry.details.witness.as_deref();
        witness
            .and_then(Repository::from_path)
            .or_else(|| repository.cloned())
    }

    /// Asks the server about a kept entry: one question.
    pub fn recheck(&self, entry: &Entry, repository: Option<&Repository>) -> Verdict {
        let details = &entry.details;
        let witness = Self::witness(entry, repository);
        let candidate = Candidate {
            site: &self.site,
            kind: Some(details.kind),
            secret: &entry.secret,
            username: details.username.as_deref(),
            email: details.email.as_deref(),
            repository: witness.as_ref(),
        };
        bitbucket::recheck(&candidate, self.config())
    }

    /// The repository that Git works on: from `path`, else the only one of this site
    /// among the remotes of the current directory.
    pub fn repository(&self, path: Option<&str>) -> Option<Repository> {
        path.and_then(|path| self.site.repository(path))
            .or_else(|| self.site.sole_repository(&self.config().remotes()))
    }

    /// Whether the server answers at all, asked without a credential: its time, in Unix
    /// seconds, if it says so.
    pub fn reach(&self, repository: Option<&Repository>) -> Result<Option<u64>, Uncertainty> {
        bitbucket::presence::reach(&self.site, repository, self.config())
    }

    /// A setting of Git's that keeps us from sending anything.
    pub fn setting_in_the_way(&self) -> Option<Trouble> {
        bitbucket::presence::setting_in_the_way(&self.site, self.config())
    }
}
