//! A `get` that the environment answers: a variable, or the file of `--token-file`.

use super::Get;
use crate::accounts::Entry;
use crate::bitbucket::{Kind, Verdict, advise};
use crate::helper::environment::{self, Found, Origin};
use crate::helper::notes::{Notes, Word};
use crate::helper::session::now;
use crate::helper::single_flight;
use crate::helper::state::Mark;
use crate::protocol::Answer;
use crate::text::notice;
use crate::trace;

impl Get<'_> {
    /// The environment's credential, unless the server is known to refuse it: a dead
    /// variable in some profile must not beat a good entry in the keychain. Where a file
    /// was named, nothing else is served in its place.
    pub(super) fn answer_from_environment(&self) -> Option<Answer> {
        let username = self.username();
        let variables = environment::read(environment::variable, username);
        if let Some(answer) = self.answer_with(variables) {
            return Some(answer);
        }
        let options = &self.session.options;
        options.token_file.as_ref()?;
        let file = environment::read_file(options, environment::variable, username);
        Some(self.answer_with(file).unwrap_or_else(|| self.stop()))
    }

    fn answer_with(&self, found: Found) -> Option<Answer> {
        let (entry, origin) = match found {
            Found::Entry(entry, origin) => (entry, origin),
            Found::Unusable(reason) => {
                trace::tell("environment", &[&"unusable"]);
                notice(&reason);
                return None;
            }
            Found::Nothing => return None,
        };
        let refused_by_git = Mark::of(self.request).is_some_and(|mark| mark.matches(&entry.secret));
        let word = if refused_by_git {
            self.check(&entry, &origin)
        } else if entry.details.kind == Kind::AppPassword {
            self.check_daily(&entry, &origin)
        } else {
            Word::Unknown
        };
        let served = word != Word::Refused;
        let what = if served { "served" } else { "passed over" };
        trace::tell("environment", &[&what]);
        served.then(|| self.serve(&entry, !refused_by_git))
    }

    /// Git never erases what is answered with 410, so an app password is checked first,
    /// at most once a day.
    fn check_daily(&self, entry: &Entry, origin: &Origin) -> Word {
        let notes = Notes::read();
        if let Some(word) = notes.checked_lately(&entry.secret, now()) {
            return word;
        }
        let (_, _turn) = single_flight::begin(environment::ID, || false);
        let notes = Notes::read();
        if let Some(word) = notes.checked_lately(&entry.secret, now()) {
            return word;
        }
        let word = self.check(entry, origin);
        notes.note_check(&entry.secret, word, now());
        word
    }

    /// Asks the server about what the environment holds.
    fn check(&self, entry: &Entry, origin: &Origin) -> Word {
        let verdict = self.recheck(entry);
        match &verdict {
            refused if refused.is_refused_for_good() => {
                let kind = entry.details.kind;
                let advice = advise(&verdict, Some(kind), self.place().as_ref());
                let next = match origin {
                    Origin::Variable(_) => "",
                    Origin::File(_) => " Put a new one into that file.",
                };
                notice(&format!(
                    "the {} in {origin} is passed over: {advice}{next}",
                    kind.facts().name
                ));
                Word::Refused
            }
            Verdict::Unknown(_) => Word::Unknown,
            _ => Word::Accepted,
        }
    }
}
