//! Keeping an entry in the store and removing one that the server refused, with what is said of it.

use super::Session;
use super::store_failure::explain_failure;
use super::unlocking::told;
use crate::accounts::Entry;
use crate::bitbucket::{Repository, Verdict, advise};
use crate::dates::{now, span};
use crate::keychain::{Deletion, Failure, Unlock};
use crate::prompt::Person;
use crate::text::shown;

impl Session {
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

    /// What a refusal means for a kept entry.
    fn why_refused(
        &self,
        entry: &Entry,
        verdict: &Verdict,
        repository: Option<&Repository>,
    ) -> String {
        let details = &entry.details;
        let ended = details.expires.filter(|time| *time <= now());
        let known = match verdict {
            Verdict::Refused(refusal) => refusal.of_kept(ended, details.verified.is_some()),
            _ => None,
        };
        known.unwrap_or_else(|| {
            let witness = Self::witness(entry, repository);
            advise(&self.site, verdict, Some(details.kind), witness.as_ref()).message
        })
    }
}
