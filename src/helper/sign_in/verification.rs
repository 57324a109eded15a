//! What a pasted secret turns out to be: asks for what verifying needs, has the server judge it,
//! and fills in the entry. Its form is judged before that, in `SignIn::judge`.

use super::{SignIn, SignedIn, Unsuccessful};
use crate::accounts::{Entry, Reach, answers_to, may_renew};
use crate::bitbucket::{
    Candidate, GitName, Holder, Kind, Repository, RestScheme, Verdict, account_name, advise,
};
use crate::dates::now;
use crate::helper::account_question::agree_on_name;
use crate::keychain::Unlock;
use crate::prompt::{Subject, Unanswered};
use crate::secret::Secret;
use crate::text::shown;

impl SignIn<'_> {
    /// Asks for what verifying needs, verifies, and says what came of it.
    pub(super) fn verify(
        &mut self,
        kind: Kind,
        secret: &Secret,
    ) -> Result<Option<SignedIn>, Unsuccessful> {
        let username = self.find_username(kind)?;
        let email = self.find_email(kind)?;
        let mut entry = Entry::new(kind, secret.duplicate(), now());
        entry.details.reach = self.reach.clone().unwrap_or_default();
        let presumed = username.is_none().then(|| self.presumed_name(&entry));
        let asked = username.clone().or(presumed.flatten());
        let host = self.session.site.host();
        let waiting = self.person.wait(&format!("Asking {host} about it"));
        let verdict = self.session.verify(&Candidate {
            site: &self.session.site,
            kind: Some(kind),
            secret,
            username: asked.as_deref(),
            email: email.as_deref(),
            repository: self.repository,
        });
        drop(waiting);
        self.explain(&verdict, kind);
        if !verdict.serves() {
            return Ok(None);
        }
        entry.details.email = email;
        if kind.facts().git_name == GitName::Own {
            entry.details.username = username;
        }
        let is_agreed = self.complete(&mut entry, &verdict, asked.as_deref())?;
        Ok(is_agreed.then_some(SignedIn { entry, verdict }))
    }

    /// The account's name, asked for only where nothing works without it. An e-mail address
    /// is none, but all there is if nobody can be asked.
    pub(super) fn find_username(&mut self, kind: Kind) -> Result<Option<String>, Unsuccessful> {
        let given = self.account_name().map(str::to_owned);
        // A Data Center's may look like an address.
        let may_have_at = kind == Kind::Password;
        let is_name = |name: &String| may_have_at || !name.contains('@');
        let usable = given.as_ref().is_some_and(is_name);
        if usable || kind.facts().git_name != GitName::Own {
            return Ok(given);
        }
        match self.ask_for_username() {
            Err(Unsuccessful::Nobody) if given.is_some() => Ok(given),
            answer => answer.map(Some),
        }
    }

    /// If nobody named the account: the only kept account for the same places, whose token the new
    /// one may replace. The server tells.
    fn presumed_name(&self, new: &Entry) -> Option<String> {
        let kept = self.session.vault().read(Unlock::Never).ok()?.entries;
        let former = may_renew(&kept, new)?;
        former.details.username.clone()
    }

    /// The e-mail address, asked for only where nothing else can verify the token.
    pub(super) fn find_email(&mut self, kind: Kind) -> Result<Option<String>, Unsuccessful> {
        if self.repository.is_some() || kind.facts().rest != RestScheme::Email {
            return Ok(None);
        }
        let in_url = self.username.filter(|name| name.contains('@'));
        if let Some(email) = self.email.or(in_url) {
            return Ok(Some(email.to_owned()));
        }
        let question = "E-mail of your Atlassian account, to verify the token (Enter skips):";
        match self.person.ask(question) {
            Ok(typed) => Ok(Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty())),
            // Then it stays unverified, which the verdict says.
            Err(Unanswered::Nobody) => Ok(None),
            Err(Unanswered::Cancelled) => Err(Unsuccessful::Cancelled),
        }
    }

    fn explain(&mut self, verdict: &Verdict, kind: Kind) {
        let advice = advise(&self.session.site, verdict, Some(kind), self.repository);
        self.person.tell(&advice.to_string());
    }

    /// Fills in what the verdict tells: the confirmed name, rights, and reach. False: it is
    /// another account's than the one that was asked for, and that was not agreed to.
    fn complete(
        &mut self,
        entry: &mut Entry,
        verdict: &Verdict,
        asked: Option<&str>,
    ) -> Result<bool, Unsuccessful> {
        let Some(accepted) = verdict.accepted() else {
            return Ok(true);
        };
        let stated = self.account_name().filter(|name| !name.contains('@'));
        let details = &mut entry.details;
        details.verified = Some(details.added);
        details.witness = self.repository.map(ToString::to_string);
        details.rights = accepted.rights;
        if let Some(name) = &accepted.username {
            details.username = Some(name.clone());
        } else if accepted.denied {
            details.denied.extend(asked.map(str::to_owned));
        } else if details.kind == Kind::ApiToken {
            // Nobody spoke against it.
            details.username = stated.map(str::to_owned);
        }
        if let Some(reach) = &self.reach {
            details.reach = reach.clone();
        } else if let (true, Some(repository)) = (entry.belongs_to_place(), self.repository) {
            let reach = self.find_reach(repository, accepted.holder)?;
            entry.details.reach = reach;
        }
        match self.username.and_then(account_name) {
            Some(wanted) if !answers_to(entry, wanted) => {
                self.agree(entry, wanted, accepted.denied)
            }
            _ => Ok(true),
        }
    }

    /// Asks whether it may answer for a name that is not its account's, as far as anybody knows.
    fn agree(
        &mut self,
        entry: &mut Entry,
        wanted: &str,
        denied: bool,
    ) -> Result<bool, Unsuccessful> {
        let host = self.session.site.host();
        if denied {
            let (name, what) = (shown(wanted), entry.details.kind.facts().with_article);
            self.person.tell(&format!(
                "{host} says that it is {what} of another account than {name}."
            ));
        }
        let agreed = agree_on_name(self.person, entry, wanted, host);
        match agreed {
            Err(Unanswered::Nobody) if denied => {
                self.person.tell(
                    "Nobody can answer that here. Name the account as Bitbucket does (upper and \
                     lower case count), or none.",
                );
                Ok(false)
            }
            agreed => Ok(agreed?),
        }
    }

    /// What an access token is kept for. It belongs to a repository, a project or a
    /// workspace; the server does not always say to which.
    fn find_reach(
        &mut self,
        repository: &Repository,
        holder: Option<Holder>,
    ) -> Result<Reach, Unsuccessful> {
        let workspace = || Reach::Workspace(repository.workspace.clone());
        match holder {
            Some(Holder::Repository) => return Ok(Reach::repository(repository)),
            Some(Holder::Workspace) => return Ok(workspace()),
            Some(Holder::Project) | None => {}
        }
        let question = format!(
            "Use it for the whole workspace {}, and not only for {repository}?",
            repository.workspace
        );
        match self.person.confirm(&question) {
            Ok(true) => Ok(workspace()),
            // That it serves this repository is known.
            Ok(false) | Err(Unanswered::Nobody) => Ok(Reach::repository(repository)),
            Err(Unanswered::Cancelled) => Err(Unsuccessful::Cancelled),
        }
    }

    fn ask_for_username(&mut self) -> Result<String, Unsuccessful> {
        let host = self.session.site.host();
        let answer = self.person.ask_username(Subject { host, path: None })?;
        let answer = answer.trim().to_owned();
        if answer.is_empty() {
            return Err(Unsuccessful::Cancelled);
        }
        Ok(answer)
    }
}
