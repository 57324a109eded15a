//! The Keychain: generic passwords of the login keychain, by service and account.

use super::{read, remove};
use crate::keychain::{Deletion, Failure, Item, Kept, Unlock, macos_errors};
use crate::text::shown;
use keyring_core::Entry;
use security_framework::base;
use security_framework::os::macos::keychain::{KeychainUserInteractionLock, SecKeychain};
use std::collections::HashMap;

pub const NAME: &str = "the macOS Keychain";

/// The items of a service by their accounts, which are their handles.
pub fn items(service: &str, account: Option<&str>) -> Result<Vec<Kept>, Failure> {
    let mut items = Vec::new();
    for entry in Entry::search(&HashMap::from([("service", service)]))? {
        let Some((_, handle)) = entry.get_specifiers() else {
            continue;
        };
        if account.is_none_or(|account| account == handle)
            && let Some(payload) = read(&entry)?
        {
            items.push(Kept { handle, payload });
        }
    }
    Ok(items)
}

/// Keychain Access shows the service and the account; `keyring` sets no label.
pub fn write(service: &str, item: &Item) -> Result<(), Failure> {
    Ok(Entry::new(service, &item.account)?.set_secret(item.payload.expose())?)
}

pub fn delete(service: &str, account: &str) -> Result<Deletion, Failure> {
    remove(&Entry::new(service, account)?)
}

/// Keeps the dialog away as long as the guard lives, if nobody is there to see it.
pub fn quietly(unlock: Unlock) -> Result<Option<KeychainUserInteractionLock>, Failure> {
    match unlock {
        Unlock::Ask => Ok(None),
        Unlock::Never => SecKeychain::disable_user_interaction()
            .map(Some)
            .map_err(|error| macos_errors::meaning(error.code(), shown(&error.to_string()))),
    }
}

/// What an error of the Keychain means.
pub fn meaning(reason: &(dyn std::error::Error + Send + Sync + 'static)) -> Failure {
    let text = shown(&reason.to_string());
    match reason.downcast_ref::<base::Error>() {
        Some(error) => macos_errors::meaning(error.code(), text),
        None => Failure::Failed(text.into()),
    }
}
