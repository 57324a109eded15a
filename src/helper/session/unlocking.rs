//! Which store a run uses, and reading it: with a dialog where something is locked and a person
//! is there. Keeping and removing: `keeping`.

use super::Session;
use crate::accounts::{Contents, Vault};
use crate::dates::now;
use crate::git::Config;
use crate::helper::notes::Notes;
use crate::helper::single_flight::{self, Before};
use crate::keychain::{Choice, Failure, Store, Unlock};
use crate::setup::line_options::Options;
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
}

/// Every outcome of the keychain passes through here on its way.
pub(super) fn told<T>(outcome: Result<T, Failure>) -> Result<T, Failure> {
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
