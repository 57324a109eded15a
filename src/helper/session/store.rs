//! The store of a run, and what is kept there of the site's.

use super::Session;
use super::explanations::explain_failure;
use crate::accounts::{Contents, Entry, Vault};
use crate::bitbucket::{Repository, Verdict};
use crate::dates::{now, span};
use crate::git::Config;
use crate::helper::notes::Notes;
use crate::helper::single_flight::{self, Before};
use crate::keychain::{Choice, Deletion, Failure, Store, Unlock};
use crate::prompt::Person;
use crate::setup::line_options::Options;
use crate::text::shown;
use crate::trace;

impl Session {
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

    /// Whether a person may choose another store in place of one that failed so: there is
    /// no keychain or no place in it, and none was named.
    pub fn may_choose(&self, failure: &Failure) -> bool {
        self.choice() == Choice::Auto && failure.is_no_place()
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

    /// The same for a person who wants to see it: what can be unlocked at their terminal only is
    /// asked for there, however lately they said no.
    pub fn read_for_person(&self) -> Result<Contents, Failure> {
        match self.read_again() {
            Err(Failure::Locked) if self.store.lock_words().status_asks && self.is_attended() => {
                told(self.vault().read(Unlock::Ask))
            }
            outcome => outcome,
        }
    }

    /// Uses the store that the configuration names, else the one that could not be written
    /// into it; whether there is one.
    fn adopt(&self, config: &Config) -> bool {
        let mut options = Options::in_force(config, &self.url()).unwrap_or_default();
        if !options.names_a_place() {
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
            explain_failure(&failure, vault.store())
        );
        match failure {
            Failure::KeepsNothing => Ok(format!(
                "{what} is not kept (--store=none); you will be asked again."
            )),
            // That has been said when something kept was looked for.
            failure if failure.is_no_place() => Ok(not_kept),
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
        let why = self.why_refused(entry, verdict, repository);
        Some(format!(
            "{} no longer accepts {}; {removed}. {why}",
            self.site.host(),
            shown(&entry.title()),
        ))
    }

    /// Removes an entry, and returns what became of it as part of a sentence; `None` as
    /// for [`Session::discard`].
    pub fn remove(&self, entry: &Entry) -> Option<String> {
        let vault = self.vault();
        match told(vault.remove(entry, Unlock::Never)) {
            Ok(Deletion::Deleted) => Some(format!("it was removed from {}", vault.store_name())),
            Ok(Deletion::Unchanged) => None,
            Err(failure) => Some(explain_failure(&failure, vault.store())),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::CLOUD;

    #[test]
    fn another_store_may_be_chosen_only_where_there_is_none_and_none_was_named() {
        let missing = Failure::Missing("no such bus".into());
        for (choice, failure, expected) in [
            (Choice::Auto, &missing, true),
            (Choice::Auto, &Failure::NoDefaultKeyring, true),
            (Choice::Keychain, &Failure::NoDefaultKeyring, false),
            (Choice::Keychain, &missing, false),
            (Choice::File, &missing, false),
            (Choice::Auto, &Failure::Locked, false),
            (Choice::Auto, &Failure::Dismissed, false),
            (Choice::Auto, &Failure::KeepsNothing, false),
        ] {
            let session = Session::new(&CLOUD, Options::from(choice));
            assert_eq!(session.may_choose(failure), expected, "{choice:?}");
        }
    }
}
