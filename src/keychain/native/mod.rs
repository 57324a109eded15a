//! The Keychain of macOS and the Credential Manager of Windows, through `keyring`. Both
//! know an item by service and account alone, so there are no duplicates here.

use super::{Deletion, Failure, Item, Kept, Store, Unlock};
use crate::{secret::Secret, text::shown};
use keyring_core::{Entry, Error};
use std::{sync::mpsc, thread};

#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "macos")]
use macos::{NAME, delete, items, meaning, quietly, write};
#[cfg(windows)]
pub use windows::foreign;
#[cfg(windows)]
use windows::{NAME, delete, items, meaning, quietly, write};

/// The platform's own store.
pub struct Native;

impl Store for Native {
    fn name(&self) -> &'static str {
        NAME
    }

    fn items(
        &self,
        service: &str,
        account: Option<&str>,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        let (service, account) = (service.to_owned(), account.map(str::to_owned));
        run(unlock, move || items(&service, account.as_deref()))
    }

    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure> {
        let service = service.to_owned();
        let item = Item {
            account: item.account.clone(),
            label: item.label.clone(),
            payload: item.payload.duplicate(),
        };
        run(unlock, move || write(&service, &item))
    }

    fn delete(&self, service: &str, kept: &Kept, unlock: Unlock) -> Result<Deletion, Failure> {
        let (service, account) = (service.to_owned(), kept.handle.clone());
        let expected = kept.payload.duplicate();
        run(unlock, move || {
            let now = items(&service, Some(&account))?;
            if now.iter().any(|now| now.payload == expected) {
                delete(&service, &account)
            } else {
                Ok(Deletion::Unchanged)
            }
        })
    }
}

/// Runs the work beside this thread, which waits for it no longer than the deadline.
fn run<T: Send + 'static>(
    unlock: Unlock,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let outcome = quietly(unlock).and_then(|_quiet| match keyring::Entry::store_status() {
            Ok(()) => work(),
            Err(error) => Err(Failure::Unreachable(shown(&error.to_string()).into())),
        });
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(outcome);
    });
    let limit = unlock.limit();
    receiver.recv_timeout(limit).unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(Failure::Unreachable(
            format!("{NAME} did not answer within {seconds} s").into(),
        ))
    })
}

/// What the item holds; `None` if it is not there, or no longer.
fn read(entry: &Entry) -> Result<Option<Secret>, Failure> {
    match entry.get_secret() {
        Ok(bytes) => Ok(Some(Secret::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Deletes the item, whatever it holds.
fn remove(entry: &Entry) -> Result<Deletion, Failure> {
    match entry.delete_credential() {
        Ok(()) => Ok(Deletion::Deleted),
        // Another process was faster.
        Err(Error::NoEntry) => Ok(Deletion::Unchanged),
        Err(error) => Err(error.into()),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::PlatformFailure(reason) | Error::NoStorageAccess(reason) => {
                meaning(reason.as_ref())
            }
            other => Self::Failed(shown(&other.to_string()).into()),
        }
    }
}
