//! A `get` where nothing can be read: the store is locked, silent, or not there at all.

use super::{Get, note_end_of_question};
use crate::helper::notes::Notes;
use crate::helper::session::{is_pipelines, is_submodule, now};
use crate::helper::store_question;
use crate::keychain::Failure;
use crate::prompt::{Person, Terminal, Unanswered};
use crate::protocol::Answer;
use crate::text::notice;

impl Get<'_> {
    /// What is kept cannot be read, which is not the same as nothing: the reason is said,
    /// then a person may still help, or somebody else.
    pub(super) fn do_without_keychain(&self, failure: &Failure) -> Answer {
        if is_pipelines() {
            return Answer::Silence;
        }
        // Git goes on with the other submodules once this was given up.
        let given_up = || is_submodule() && Notes::read().cancelled_here(now());
        if self.session.may_choose(failure)
            && let Some(mut terminal) = self.session.person()
            && !given_up()
        {
            return self.choose_store(&mut terminal, failure);
        }
        self.explain(failure);
        if self.session.somebody_is_there() {
            self.sign_in(&[], None)
        } else {
            self.stop()
        }
    }

    /// Says why nothing can be read. Where Git goes on without us, once a day is enough.
    fn explain(&self, failure: &Failure) {
        let reason = self.session.explain(failure);
        if !matches!(failure, Failure::Missing(_)) {
            return notice(&reason);
        }
        let notes = Notes::read();
        if self.session.person().is_none() && self.session.others_may_answer() {
            if notes.missed_lately(now()) {
                return;
            }
            notes.note_missing(now());
        }
        notice(&reason);
    }

    /// Asks once which store to use, and goes on with what that holds.
    fn choose_store(&self, terminal: &mut Terminal, failure: &Failure) -> Answer {
        if let Some(answer) = self.wait_for_others() {
            return answer;
        }
        match store_question::ask(&self.session, terminal, failure) {
            Ok(()) => {
                let vault = self.session.vault();
                match self.session.unlocking(|unlock| vault.read(unlock)) {
                    Ok(contents) => self.choose(contents.entries),
                    Err(failure) => self.do_without_keychain(&failure),
                }
            }
            Err(Unanswered::Cancelled) => {
                note_end_of_question();
                terminal.tell("Cancelled; nothing was kept.");
                self.give_up()
            }
            Err(Unanswered::Nobody) => {
                self.explain(failure);
                self.stop()
            }
        }
    }

    /// There is no credential to give, and it was said why. Whoever may still answer is
    /// left to do so; else Git stops here.
    pub(super) fn stop(&self) -> Answer {
        if self.session.others_may_answer() {
            Answer::Silence
        } else {
            Answer::Quit
        }
    }
}
