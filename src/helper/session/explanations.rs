//! What is said of a store that fails, and of an entry that the server refuses.

use super::Session;
use crate::accounts::Entry;
use crate::bitbucket::{Refusal, Repository, Verdict, advise};
use crate::dates::{day, now};
use crate::helper::store_question::{CREATE_OR_CHOOSE, INSTEAD};
use crate::keychain::{Failure, NO_DEFAULT_KEYRING, Store};

impl Session {
    /// A failure of the store as part of a sentence, and what helps where there is none.
    pub fn explain(&self, failure: &Failure) -> String {
        let reason = explain_failure(failure, self.store());
        match failure {
            Failure::Missing(_) => format!("{reason}; {INSTEAD}"),
            Failure::NoDefaultKeyring => format!("{reason}; {CREATE_OR_CHOOSE}"),
            _ => reason,
        }
    }

    /// What a refusal means for a kept entry. One that was confirmed before was neither
    /// mistyped nor made without scopes.
    pub(super) fn why_refused(
        &self,
        entry: &Entry,
        verdict: &Verdict,
        repository: Option<&Repository>,
    ) -> String {
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
                advise(&self.site, verdict, Some(details.kind), witness.as_ref()).message
            }
        }
    }
}

/// A failure of the keychain as part of a sentence: what happened and what to do.
pub fn explain_failure(failure: &Failure, store: &dyn Store) -> String {
    let (words, store) = (store.lock_words(), store.name());
    match failure {
        Failure::Locked => format!("{store} {}; {}", words.locked, words.next),
        // Whoever closed a dialog knows how it is opened again.
        Failure::Dismissed if !words.status_asks => format!("{store} {}", words.dismissed),
        Failure::Dismissed => format!("{store} {}; {}", words.dismissed, words.next),
        Failure::Missing(reason) | Failure::Unreachable(reason) | Failure::Failed(reason) => {
            format!("{store} cannot be used: {reason}")
        }
        Failure::NoDefaultKeyring => NO_DEFAULT_KEYRING.to_owned(),
        Failure::KeepsNothing => "nothing is ever kept (--store=none)".to_owned(),
    }
}
