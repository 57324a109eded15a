//! The Keychain of macOS and the Credential Manager of Windows, through `keyring`. Both
//! know an item by service and account alone, so there are no duplicates here.

use super::{Deletion, Failure, Item, Kept, Store, Unlock};
use crate::{secret::Secret, text::shown};
use keyring_core::{Entry, Error};
use std::{collections::HashMap, sync::mpsc, thread};

/// The platform's own store.
pub struct Native;

#[cfg(target_os = "macos")]
const NAME: &str = "the macOS Keychain";
#[cfg(windows)]
const NAME: &str = "the Windows Credential Manager";

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
        run(unlock, move || {
            let mut items = Vec::new();
            for (handle, entry) in entries(&service)? {
                if account.as_ref().is_none_or(|account| *account == handle)
                    && let Some(payload) = read(&entry)?
                {
                    items.push(Kept { handle, payload });
                }
            }
            Ok(items)
        })
    }

    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure> {
        let service = service.to_owned();
        let (account, label) = (item.account.clone(), item.label.clone());
        let payload = item.payload.duplicate();
        run(unlock, move || {
            let entry = entry(&service, &account)?;
            entry.set_secret(payload.expose())?;
            describe(&entry, &account, &label)
        })
    }

    fn delete(&self, service: &str, kept: &Kept, unlock: Unlock) -> Result<Deletion, Failure> {
        let (service, handle) = (service.to_owned(), kept.handle.clone());
        let expected = kept.payload.duplicate();
        run(unlock, move || {
            for (found, entry) in entries(&service)? {
                if found == handle && read(&entry)?.is_some_and(|now| now == expected) {
                    return match entry.delete_credential() {
                        Ok(()) => Ok(Deletion::Deleted),
                        Err(Error::NoEntry) => Ok(Deletion::Unchanged),
                        Err(error) => Err(error.into()),
                    };
                }
            }
            Ok(Deletion::Unchanged)
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
            Err(error) => Err(Failure::Unreachable(shown(&error.to_string()))),
        });
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(outcome);
    });
    let limit = unlock.limit();
    receiver.recv_timeout(limit).unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(Failure::Unreachable(format!(
            "{NAME} did not answer within {seconds} s"
        )))
    })
}

fn read(entry: &Entry) -> Result<Option<Secret>, Failure> {
    match entry.get_secret() {
        Ok(bytes) => Ok(Some(Secret::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Error::PlatformFailure(reason) = &error
            && let Some(lock) = lock(reason.as_ref())
        {
            return lock;
        }
        match error {
            Error::TooLong(_, limit) => {
                Self::Failed(format!("{NAME} keeps at most {limit} bytes in one item"))
            }
            Error::NoStorageAccess(reason) => Self::Unreachable(shown(&reason.to_string())),
            other => Self::Failed(shown(&other.to_string())),
        }
    }
}

#[cfg(target_os = "macos")]
use macos::{describe, entries, entry, lock, quietly};
#[cfg(windows)]
use windows::{describe, entries, entry, lock, quietly};

#[cfg(target_os = "macos")]
mod macos {
    use super::{Entry, Error, Failure, HashMap, Unlock};
    use security_framework::os::macos::keychain::{KeychainUserInteractionLock, SecKeychain};

    /// The items of a service by their accounts, which are their handles.
    pub fn entries(service: &str) -> Result<Vec<(String, Entry)>, Error> {
        let found = Entry::search(&HashMap::from([("service", service)]))?;
        Ok(found
            .into_iter()
            .filter_map(|entry| Some((entry.get_specifiers()?.1, entry)))
            .collect())
    }

    pub fn entry(service: &str, account: &str) -> Result<Entry, Error> {
        Entry::new(service, account)
    }

    /// Keychain Access shows the service and the account; `keyring` sets no label.
    #[expect(clippy::unnecessary_wraps, reason = "Windows has something to do here")]
    pub fn describe(_entry: &Entry, _account: &str, _label: &str) -> Result<(), Failure> {
        Ok(())
    }

    /// Keeps the dialog away as long as the guard lives, if nobody is there to see it.
    pub fn quietly(unlock: Unlock) -> Result<Option<KeychainUserInteractionLock>, Failure> {
        match unlock {
            Unlock::Ask => Ok(None),
            Unlock::Never => SecKeychain::disable_user_interaction()
                .map(Some)
                .map_err(|error| Failure::Unreachable(error.to_string())),
        }
    }

    /// The states of a lock among the Keychain's errors: errSecInteractionNotAllowed,
    /// errSecUserCanceled and errSecAuthFailed.
    pub fn lock(reason: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<Failure> {
        let error = reason.downcast_ref::<security_framework::base::Error>()?;
        match error.code() {
            -25308 => Some(Failure::Locked),
            -128 | -25293 => Some(Failure::Dismissed),
            _ => None,
        }
    }
}

#[cfg(windows)]
mod windows {
    use super::{Entry, Error, Failure, HashMap, Unlock};

    /// The items of a service by their accounts, read off `<service>/<account>`, the
    /// target name under which Windows keeps them.
    pub fn entries(service: &str) -> Result<Vec<(String, Entry)>, Error> {
        let prefix = format!("{service}/");
        // Read as a regular expression it finds these and perhaps others, sorted out below.
        let pattern = format!("^{prefix}");
        let mut found = Vec::new();
        for entry in Entry::search(&HashMap::from([("pattern", pattern.as_str())]))? {
            let attributes = match entry.get_attributes() {
                Ok(attributes) => attributes,
                Err(Error::NoEntry) => continue,
                Err(error) => return Err(error),
            };
            let target = attributes.get("target_name").map(String::as_str);
            if let Some(account) = target.and_then(|target| target.strip_prefix(&prefix)) {
                found.push((account.to_owned(), entry));
            }
        }
        Ok(found)
    }

    /// Kept on this machine: the default would roam with the user's profile.
    pub fn entry(service: &str, account: &str) -> Result<Entry, Error> {
        let target = format!("{service}/{account}");
        let modifiers = HashMap::from([("target", target.as_str()), ("persistence", "Local")]);
        Entry::new_with_modifiers(service, account, &modifiers)
    }

    /// What the Credential Manager shows besides the target name.
    pub fn describe(entry: &Entry, account: &str, label: &str) -> Result<(), Failure> {
        entry.update_attributes(&HashMap::from([("username", account), ("comment", label)]))?;
        Ok(())
    }

    /// There is no dialog to keep away.
    #[expect(clippy::unnecessary_wraps, reason = "macOS can fail here")]
    pub fn quietly(_unlock: Unlock) -> Result<(), Failure> {
        Ok(())
    }

    /// There is no lock: a user who is logged on has access.
    pub fn lock(_reason: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<Failure> {
        None
    }
}
