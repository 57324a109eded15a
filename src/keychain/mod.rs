//! Where secrets are kept: one trait, one file for each store. A store holds items
//! of bytes; what an item means is decided in `accounts`. Which stores there are: the table in
//! `choice`. No Bitbucket, no prompts.

use crate::reason::Reason;
use crate::secret::Secret;
use crate::trace::Harmless;
use std::time::Duration;

mod choice;
mod file;
pub mod foreign_items;
#[cfg(any(target_os = "macos", test))]
mod macos_errors;
mod memory;
#[cfg(any(target_os = "macos", windows))]
mod native;
#[cfg(target_os = "macos")]
mod native_foreign_items;
mod nothing;
mod pass;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
mod text_store;
#[cfg(windows)]
mod windows_foreign_items;
#[cfg(any(windows, test))]
mod windows_parts;

#[cfg(any(target_os = "macos", windows))]
use native::Native as Platform;
#[cfg(windows)]
pub use native::foreign;
#[cfg(target_os = "macos")]
use native_foreign_items as platform_foreign_items;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service::SecretService as Platform;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service::foreign_items as platform_foreign_items;
#[cfg(windows)]
use windows_foreign_items as platform_foreign_items;

pub use choice::{CHOICES, Choice, ChoiceRow, Chosen, open};
pub use file::file;
pub use memory::{REMEMBERED, cache_daemon, memory};
pub use pass::{entry as pass_entry, pass};

/// What a person does who finds the platform's store locked.
const UNLOCKING: &str = if cfg!(target_os = "macos") {
    "unlock it (over ssh: security unlock-keychain), then try again"
} else {
    "unlock it, then try again"
};

/// What is said of a store that is locked, as parts of a sentence that begins with its name.
pub struct LockWords {
    /// Where nobody could be asked.
    pub locked: &'static str,
    /// Where somebody was, in vain.
    pub dismissed: &'static str,
    /// What a person does about it.
    pub next: &'static str,
    /// Whether `status` has it unlocked by whoever sits at its terminal: there is no other
    /// program for that which shows no secret.
    pub status_asks: bool,
}

/// Those of the platform's store, which is unlocked by its own dialog or with the session.
static KEYCHAIN_LOCK: LockWords = LockWords {
    locked: "is locked",
    dismissed: "stays locked, since its dialog was closed or could not be shown",
    next: UNLOCKING,
    status_asks: false,
};

/// What is the case where the Secret Service has no default keyring.
pub const NO_DEFAULT_KEYRING: &str =
    "the Secret Service has no default keyring, so it can keep no new token";

/// Whether the Secret Service has a screen for its dialogs.
pub fn shows_dialogs() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}

/// Has the Secret Service create its default keyring, with its own dialog, and waits for the
/// person who chooses a password there.
pub fn create_default_keyring() -> Result<(), Failure> {
    #[cfg(all(unix, not(target_os = "macos")))]
    return secret_service::create_default_keyring();
    #[cfg(any(target_os = "macos", windows))]
    Err(Failure::Failed("there is no Secret Service here".into()))
}

/// The platform's own store: the Keychain, the Credential Manager or the Secret Service.
pub fn platform() -> impl Store {
    Platform
}

/// One secret as it is written.
pub struct Item {
    /// Names the item within its service, e.g. `alice`; at most one should exist.
    pub account: String,
    /// What the system's own keychain program shows, e.g. `Bitbucket: alice (API token)`.
    pub label: String,
    /// The secret and what `accounts` writes beside it: all that a reader gets back.
    pub payload: Secret,
}

/// One secret as it was found.
pub struct Kept {
    /// The store's own address of it, for [`Store::delete`].
    pub handle: String,
    /// What was written.
    pub payload: Secret,
}

/// Whether the store may show its unlock dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// A person is there: dialogs are fine, answers are awaited up to 60 s.
    Ask,
    /// Nobody is there: nothing is unlocked, an answer within 3 s.
    Never,
}

impl Unlock {
    /// How long a call may take.
    const fn limit(self) -> Duration {
        match self {
            Self::Ask => Duration::from_secs(60),
            Self::Never => Duration::from_secs(3),
        }
    }
}

/// Why a store did not do what was asked. "Absent" is none of these: it is an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The item is, or may be, behind a lock that nobody opened.
    Locked,
    /// The dialog was closed by the person, or could not be shown for want of a display.
    Dismissed,
    /// There is no such store here: neither locked nor slow; the text says what is missing.
    Missing(Reason),
    /// The Secret Service is there and has no default keyring, so that it can keep nothing new.
    /// What other keyrings of it hold is served as ever; nothing of ours was found there.
    NoDefaultKeyring,
    /// It does not answer; the text says what happened.
    Unreachable(Reason),
    /// The store answered and refused, or answered nonsense; the text says what.
    Failed(Reason),
    /// It is the one that keeps nothing.
    KeepsNothing,
}

impl Failure {
    /// Whether there is no place to keep anything in, so that another store may take it.
    pub const fn is_no_place(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::NoDefaultKeyring)
    }
}

/// Without the texts, which are the store's.
impl Harmless for Failure {
    fn tell(&self, line: &mut String) {
        line.push_str(match self {
            Self::Locked => "locked",
            Self::Dismissed => "dialog dismissed",
            Self::Missing(_) => "missing",
            Self::NoDefaultKeyring => "no default keyring",
            Self::Unreachable(_) => "unreachable",
            Self::Failed(_) => "failed",
            Self::KeepsNothing => "keeps nothing",
        });
    }
}

/// What became of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The item is gone.
    Deleted,
    /// It was not there, or no longer held the expected payload: nothing was touched.
    Unchanged,
}

/// A place that keeps items under a service name such as
/// `git-credential-bitbucket:https://bitbucket.org`.
///
/// Every call is bounded in time (see [`Unlock`]; to that comes the wait for other writers
/// where a store has a lock of its own) and two items with one account
/// never make a call fail: all of them are returned, and `write` replaces them.
/// A list is never less than all: an item behind a lock is [`Failure::Locked`], whatever is
/// open beside it, and an empty list means that the store was open and holds nothing.
pub trait Store {
    /// How messages call this store, e.g. `the Secret Service keyring`.
    fn name(&self) -> &'static str;

    /// What is said of it while it is locked.
    fn lock_words(&self) -> &'static LockWords {
        &KEYCHAIN_LOCK
    }

    /// The items of the service, of one account or of all, in no particular order.
    fn items(
        &self,
        service: &str,
        account: Option<&str>,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure>;

    /// The item of `account` if exactly one is there, else those of all accounts: who has
    /// a thousand need not wait for them where one name is asked for.
    fn item_else_all(
        &self,
        service: &str,
        account: &str,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        let items = self.items(service, Some(account), unlock)?;
        if items.len() == 1 {
            return Ok(items);
        }
        self.items(service, None, unlock)
    }

    /// Writes the item in place of whatever has the same account. At every moment the
    /// old or the new payload can be read; an error leaves at least one of them.
    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure>;

    /// Deletes the item if it still holds exactly `kept.payload`. No store can compare
    /// and delete in one step: a write in the instant between the two would be lost.
    fn delete(&self, service: &str, kept: &Kept, unlock: Unlock) -> Result<Deletion, Failure>;
}
