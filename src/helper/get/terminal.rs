//! Asking a person at the terminal.

use super::{Get, note_end_of_question};
use crate::accounts::Entry;
use crate::helper::sign_in::{Accepted, SignIn, Unsuccessful};
use crate::prompt::Person;
use crate::protocol::Answer;

impl Get<'_> {
    /// Asks in a dialogue. `entries` and `refused` as for `sign_in`.
    pub(super) fn ask_on_terminal(
        &self,
        terminal: &mut dyn Person,
        entries: &[Entry],
        refused: Option<&Entry>,
    ) -> Answer {
        let repository = self.place();
        let outcome = SignIn {
            session: &self.session,
            person: terminal,
            repository: repository.as_ref(),
            username: self.username(),
            kind: None,
            email: None,
            reach: None,
        }
        .ask();
        match outcome {
            Ok(Accepted { mut entry, verdict }) => {
                entry.inherit(refused.into_iter().chain(entries));
                if verdict.accepted().is_some() {
                    self.session.keep(terminal, &entry, "It");
                }
                self.serve_accepted(&entry, &verdict)
            }
            // Git would ask for a password, which Bitbucket accepts from nobody.
            Err(Unsuccessful::Refused) => {
                note_end_of_question();
                self.give_up()
            }
            Err(Unsuccessful::Cancelled) => {
                note_end_of_question();
                terminal.tell("Cancelled; nothing was kept.");
                self.give_up()
            }
            Err(Unsuccessful::Nobody) => self.say_what_to_do("nobody can be asked"),
        }
    }
}
