//! Starts, for a `get`, the dialogue with a person at the terminal, and takes what came of it.
//! What is said and asked there: `helper::sign_in`.

use super::Get;
use super::known::Pasted;
use super::step::Serving;
use crate::accounts::Entry;
use crate::bitbucket::Verdict;
use crate::helper::sign_in::{SignIn, SignedIn, Unsuccessful};
use crate::prompt::{Person, Unanswered};

const OLD_GIT: &str = "This Git is older than 2.46 and cannot send a token as Bearer, so it is sent \
    with a user name by Basic authentication. Where the server has that switched off, Git is \
    answered 403: use a newer Git then, or ask an administrator to allow it.";

impl Get<'_> {
    /// Asks in a dialogue.
    pub(super) fn ask_on_terminal(&mut self) {
        let repository = self.place();
        let Some(mut terminal) = self.terminal.take() else {
            return;
        };
        // A program shows the person nothing of what is told above the question.
        let is_unread = terminal.is_for_logins_only();
        let client = self.session.client().and_then(Result::ok);
        let outcome = SignIn {
            session: &self.session,
            person: &mut terminal,
            repository: repository.as_ref(),
            username: self.wanted.username(),
            kind: None,
            email: None,
            reach: None,
            client: client.as_ref(),
            opens_browser: true,
            offers_page: !is_unread,
        }
        .ask();
        self.known.unanswered = Some(match outcome {
            Ok(SignedIn { mut entry, verdict }) => {
                self.inherit(&mut entry);
                if entry.details.kind.facts().is_bearer && !self.request.capabilities.authtype {
                    terminal.tell(OLD_GIT);
                }
                if verdict.accepted().is_some() {
                    self.session.keep(&mut terminal, &entry, "It");
                }
                return self.note_pasted(entry, &verdict);
            }
            Err(Unsuccessful::Nobody) => Unanswered::Nobody,
            Err(Unsuccessful::Refused) => {
                self.note_end_of_question();
                Unanswered::Cancelled
            }
            Err(Unsuccessful::Cancelled) => {
                self.note_end_of_question();
                terminal.tell("Cancelled; nothing was kept.");
                Unanswered::Cancelled
            }
        });
    }

    /// Has a new entry take over what a person decided about those that it replaces.
    pub(super) fn inherit(&self, entry: &mut Entry) {
        entry.inherit(self.known.refused.iter().chain(self.entries()));
    }

    /// What was just pasted. Unverified, it has no mark: Git's `store` must not take it for
    /// something kept.
    pub(super) fn note_pasted(&mut self, entry: Entry, verdict: &Verdict) {
        let serving = match verdict.accepted() {
            Some(_) => Serving::Usual,
            None => Serving::Unmarked,
        };
        self.known.pasted = Some(Pasted { entry, serving });
    }
}
