//! What is said of a store that fails.

use super::Session;
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
