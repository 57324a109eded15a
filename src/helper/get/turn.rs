//! Whose turn it is to ask, and what the others make of it.

use super::Get;
use crate::accounts::{Entry, Selection, select};
use crate::helper::single_flight::{self, Before};
use crate::keychain::Unlock;
use crate::protocol::Answer;

impl Get<'_> {
    /// Waits for processes that ask about the same account.
    fn take_turn(&self) -> Before {
        if self.turn.get().is_some() {
            return Before::Nothing;
        }
        let account = self.username().unwrap_or_default();
        let subject = format!("{} {account}", self.session.site.url());
        let (before, turn) = single_flight::begin(&subject, || self.session.somebody_is_there());
        if let Some(turn) = turn {
            // It was empty a moment ago.
            let _ = self.turn.set(turn);
        }
        before
    }

    /// Waits before a person is asked; `Some` is the answer that came of another's question.
    pub(super) fn wait_for_others(&self) -> Option<Answer> {
        let had_turn = self.turn.get().is_some();
        match self.take_turn() {
            Before::Nothing if had_turn => None,
            Before::Nothing => self.look_again(),
            Before::Asked => Some(match self.session.read_again() {
                Ok(contents) => self.choose_anew(contents.entries),
                Err(_) => self.sign_in(&[], None),
            }),
            Before::Cancelled => Some(Answer::Quit),
            Before::Busy => Some(self.say_what_to_do("another Git command is still asking for it")),
        }
    }

    /// Another process may have asked and ended between our look into the keychain and our
    /// turn.
    fn look_again(&self) -> Option<Answer> {
        let contents = self.session.vault().read(Unlock::Never).ok()?;
        let fits = matches!(
            select(&contents.entries, &self.wanted()),
            Selection::Entry(_)
        );
        fits.then(|| self.choose_anew(contents.entries))
    }

    /// Waits before the server is asked about an entry; `Some` is the answer if another
    /// process has asked meanwhile. What it left in the keychain was not refused.
    pub(super) fn wait_for_verdict(
        &self,
        entry: &Entry,
        serve: fn(&Self, &Entry) -> Answer,
    ) -> Option<Answer> {
        if self.take_turn() == Before::Nothing {
            return None;
        }
        match self.session.vault().read(Unlock::Never) {
            Ok(contents)
                if !contents
                    .entries
                    .iter()
                    .any(|now| now.secret == entry.secret) =>
            {
                Some(self.choose_anew(contents.entries))
            }
            _ => Some(serve(self, entry)),
        }
    }

    /// The person gave up, for everybody who waits, too. Git would ask for a password,
    /// which Bitbucket accepts from nobody.
    pub(super) fn give_up(&self) -> Answer {
        if let Some(turn) = self.turn.get() {
            turn.cancel();
        }
        Answer::Quit
    }
}
