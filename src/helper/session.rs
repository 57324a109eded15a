//! What one run of the helper works with: the site, its vault, the server to verify
//! with and the person to ask. Each is looked for only when it is needed.

mod people;

use super::notes::Notes;
use super::single_flight::{self, Before};
use super::store_question::INSTEAD;
use crate::accounts::{Contents, Entry, Vault};
use crate::bitbucket::{self, Candidate, Refusal, Repository, Site, Uncertainty, Verdict, advise};
pub use crate::dates::now;
use crate::dates::{day, span};
use crate::git::Config;
use crate::keychain::{Choice, Chosen, Deletion, Failure, Store, UNLOCKING, Unlock};
use crate::network::Trouble;
use crate::prompt::Person;
use crate::setup::options::{self, Options};
use crate::text::shown;
use crate::trace;
use anyhow::bail;
use std::cell::OnceCell;
use url::Url;

/// What Bitbucket Pipelines sets where its own clone is authenticated already.
const PIPELINES: [&str; 2] = ["BITBUCKET_BUILD_NUMBER", "BITBUCKET_GIT_HTTP_ORIGIN"];

/// Whether this is a step of Bitbucket Pipelines.
pub fn is_pipelines() -> bool {
    PIPELINES
        .iter()
        .all(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// One run for one site.
pub struct Session {
    /// The site.
    pub site: Site,
    /// What stands in `credential.helper`, or was said on the command line.
    pub options: Options,
    /// Why the options cannot be read; nothing is served or kept then.
    pub fault: Option<String>,
    store: Chosen,
    config: OnceCell<Config>,
}

impl Session {
    /// A session that has touched nothing yet.
    pub fn new(site: &Site, options: Options) -> Self {
        let choice = options.choice();
        trace::tell("store", &[&choice]);
        Self {
            site: site.clone(),
            store: Chosen::new(choice, options.remembered()),
            options,
            fault: None,
            config: OnceCell::new(),
        }
    }

    /// The session of a command that a person types: with the store that they name, else
    /// with the one that Git would have us use here.
    pub fn of_command(site: &Site, stated: Option<Choice>) -> anyhow::Result<Self> {
        let config = Config::read();
        let options = match (stated, Options::in_force(&config, &site.parsed_url())) {
            (Some(choice), in_force) => in_force
                .ok()
                .filter(|options| options.store == stated)
                .unwrap_or_else(|| choice.into()),
            (None, Ok(in_force)) => in_force,
            (None, Err(fault)) => bail!(options::explain(&fault)),
        };
        Ok(Self {
            config: OnceCell::from(config),
            ..Self::new(site, options)
        })
    }

    /// The same for a command that tells what is wrong: with [`Session::fault`] where the
    /// others fail.
    pub fn despite_fault(site: &Site) -> Self {
        let config = Config::read();
        let (options, fault) = match Options::in_force(&config, &site.parsed_url()) {
            Ok(options) => (options, None),
            Err(fault) => (Options::default(), Some(fault)),
        };
        Self {
            config: OnceCell::from(config),
            fault,
            ..Self::new(site, options)
        }
    }

    /// The site's entries in the store.
    pub fn vault(&self) -> Vault<'_> {
        Vault::new(&self.store, &self.site)
    }

    /// The store in use.
    pub fn choice(&self) -> Choice {
        self.store.choice()
    }

    /// Uses the store of these options from now on.
    pub fn use_store(&self, options: &Options) {
        let choice = options.choice();
        trace::tell("store", &[&choice]);
        self.store.replace(choice, options.remembered());
    }

    /// A failure of the store as part of a sentence, and what helps where there is none.
    pub fn explain(&self, failure: &Failure) -> String {
        let reason = explain_failure(failure, self.vault().store_name());
        match failure {
            Failure::Missing(_) => format!("{reason}; {INSTEAD}"),
            _ => reason,
        }
    }

    /// Whether a person may choose another store in place of one that failed so: there is
    /// no keychain, and none was named.
    pub fn may_choose(&self, failure: &Failure) -> bool {
        self.choice() == Choice::Auto && matches!(failure, Failure::Missing(_))
    }

    /// Runs `action` on the store. Where there is none, a person may have named another
    /// since Git read its configuration: then on that.
    pub fn unlocking<T>(
        &self,
        mut action: impl FnMut(Unlock) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match self.attempt(&mut action) {
            Err(failure) if self.may_choose(&failure) && self.adopt(self.config()) => {
                self.attempt(&mut action)
            }
            outcome => outcome,
        }
    }

    /// Reads what is kept, without a dialog. Where there is no keychain, a person may have named
    /// another store since the configuration was read.
    pub fn read_again(&self) -> Result<Contents, Failure> {
        match self.vault().read(Unlock::Never) {
            Err(failure) if self.may_choose(&failure) && self.adopt(&Config::read()) => {
                self.vault().read(Unlock::Never)
            }
            outcome => outcome,
        }
    }

    /// Uses the store that the configuration names, else the one that could not be written
    /// into it; whether there is one.
    fn adopt(&self, config: &Config) -> bool {
        let mut options = Options::in_force(config, &self.url()).unwrap_or_default();
        if options == Options::default() {
            options.store = Notes::read().store();
        }
        let named = options.choice() != Choice::Auto;
        if named {
            self.use_store(&options);
        }
        named
    }

    /// The store itself.
    pub fn store(&self) -> &dyn Store {
        &self.store
    }

    /// Runs `action` without a dialog; if something is locked and a person is there,
    /// once more with it, unless they have just dismissed it.
    fn attempt<T>(
        &self,
        action: &mut impl FnMut(Unlock) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let outcome = told(action(Unlock::Never));
        if !matches!(outcome, Err(Failure::Locked)) || !self.is_attended() {
            return outcome;
        }
        // One dialog is enough to unlock it for everybody.
        let (before, _turn) = single_flight::begin("the keychain", || true);
        if before != Before::Nothing {
            let outcome = action(Unlock::Never);
            if !matches!(outcome, Err(Failure::Locked)) {
                return outcome;
            }
        }
        let notes = Notes::read();
        if notes.dismissed_lately(now()) {
            return Err(Failure::Dismissed);
        }
        trace::tell("keychain", &[&"asks to be unlocked"]);
        let outcome = told(action(Unlock::Ask));
        // Locked still: nobody answered the dialog in its time.
        if matches!(outcome, Err(Failure::Dismissed | Failure::Locked)) {
            notes.note_dismissal(now());
        }
        outcome
    }

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
        bitbucket::reach::reach(&self.site, repository, self.config())
    }

    /// A setting of Git's that keeps us from sending anything.
    pub fn setting_in_the_way(&self) -> Option<Trouble> {
        bitbucket::reach::setting_in_the_way(&self.site, self.config())
    }

    /// Keeps an entry and says where, or why not: it can be used either way. `what` is
    /// what is new about it, as the begin of a sentence.
    pub fn keep(&self, person: &mut dyn Person, entry: &Entry, what: &str) {
        let (Ok(text) | Err(text)) = self.try_to_keep(entry, what);
        person.tell(&text);
    }

    /// Keeps an entry; what is to be said of it: an error to anybody, anything else to a
    /// person at a terminal.
    pub fn try_to_keep(&self, entry: &Entry, what: &str) -> Result<String, String> {
        let vault = self.vault();
        let store = vault.store_name();
        let failure = match self.unlocking(|unlock| vault.update(entry, unlock)) {
            Ok(()) => {
                return Ok(match self.store.remembered() {
                    None => format!("{what} is kept in {store}; you will not be asked again."),
                    Some(time) => format!(
                        "{what} is kept in {store} for {}; then you will be asked again.",
                        span(time)
                    ),
                });
            }
            Err(failure) => failure,
        };
        let not_kept = format!(
            "{what} is not kept, so you will be asked again: {}.",
            explain_failure(&failure, store)
        );
        match failure {
            Failure::KeepsNothing => Ok(format!(
                "{what} is not kept (--store=none); you will be asked again."
            )),
            // That has been said when something kept was looked for.
            Failure::Missing(_) => Ok(not_kept),
            _ => Err(not_kept),
        }
    }

    /// Removes an entry that the server refused, and returns what to say of it. `None`:
    /// another process was faster, and may have put a newer one there.
    pub fn discard(
        &self,
        entry: &Entry,
        verdict: &Verdict,
        repository: Option<&Repository>,
    ) -> Option<String> {
        let removed = self.remove(entry)?;
        let why = Self::why_refused(entry, verdict, repository);
        Some(format!(
            "{} no longer accepts {}; {removed}. {why}",
            self.site.host(),
            shown(&entry.title()),
        ))
    }

    /// What a refusal means for a kept entry. One that was confirmed before was neither
    /// mistyped nor made without scopes.
    fn why_refused(entry: &Entry, verdict: &Verdict, repository: Option<&Repository>) -> String {
        let details = &entry.details;
        match (verdict, details.expires) {
            (Verdict::Refused(Refusal::Invalid), Some(time)) if time <= now() => {
                format!("It has expired: its date was {}.", day(time))
            }
            (Verdict::Refused(Refusal::Invalid), _) if details.verified.is_some() => {
                "It has expired, or it was revoked.".to_owned()
            }
            _ => {
                let witness = Self::witness(entry, repository);
                advise(verdict, Some(details.kind), witness.as_ref()).message
            }
        }
    }

    /// Removes an entry, and returns what became of it as part of a sentence; `None` as
    /// for [`Session::discard`].
    pub fn remove(&self, entry: &Entry) -> Option<String> {
        let vault = self.vault();
        match told(vault.remove(entry, Unlock::Never)) {
            Ok(Deletion::Deleted) => Some(format!("it was removed from {}", vault.store_name())),
            Ok(Deletion::Unchanged) => None,
            Err(failure) => Some(explain_failure(&failure, vault.store_name())),
        }
    }

    pub(super) fn url(&self) -> Url {
        self.site.parsed_url()
    }

    fn config(&self) -> &Config {
        self.config.get_or_init(Config::read)
    }
}

/// Every outcome of the keychain passes through here on its way.
fn told<T>(outcome: Result<T, Failure>) -> Result<T, Failure> {
    match &outcome {
        Ok(_) => trace::tell("keychain", &[&"done"]),
        Err(failure) => trace::tell("keychain", &[failure]),
    }
    outcome
}

/// A failure of the keychain as part of a sentence: what happened and what to do.
pub fn explain_failure(failure: &Failure, store: &str) -> String {
    match failure {
        Failure::Locked => format!("{store} is locked; {UNLOCKING}"),
        Failure::Dismissed => {
            format!("{store} stays locked, since its dialog was closed or could not be shown")
        }
        Failure::Missing(reason) | Failure::Unreachable(reason) | Failure::Failed(reason) => {
            format!("{store} cannot be used: {reason}")
        }
        Failure::KeepsNothing => "nothing is ever kept (--store=none)".to_owned(),
    }
}

/// Git sets this for the URLs of submodules, which no person typed (git(1)).
pub fn is_submodule() -> bool {
    std::env::var_os("GIT_PROTOCOL_FROM_USER").is_some_and(|value| value == "0")
}
