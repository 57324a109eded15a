//! Where secrets are kept: one trait, one file for each store. A store holds items
//! of bytes; what an item means is decided in `accounts`. No Bitbucket, no prompts.

use crate::secret::Secret;

/// One kept secret.
pub struct Item {
    /// Names the item within its service, e.g. `alice`; at most one should exist.
    pub account: String,
    /// What the system's own keychain program shows, e.g. `Bitbucket: alice (API token)`.
    pub label: String,
    /// The secret and what `accounts` writes beside it.
    pub payload: Secret,
    /// The store's own address of this item; `None` before it is written.
    pub handle: Option<String>,
}

/// Whether the store may show its unlock dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// A person is there: dialogs are fine, answers are awaited up to 60 s.
    Ask,
    /// Nobody is there: no dialog ever, an answer within 3 s.
    Never,
}

/// Why a store did not do what was asked. "Absent" is none of these: it is an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The item exists behind a lock that nobody opened.
    Locked,
    /// The dialog was shown and the person closed it.
    Dismissed,
    /// There is no such store here, or it does not answer; the text says what happened.
    Unreachable(String),
    /// The store answered and refused, or answered nonsense; the text says what.
    Failed(String),
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
/// Every call is bounded in time (see [`Unlock`]) and two items with one account
/// never make a call fail: all of them are returned, and `write` replaces them.
pub trait Store {
    /// How messages call this store, e.g. `the Secret Service keyring`.
    fn name(&self) -> &'static str;

    /// All items of the service, in no particular order.
    fn items(&self, service: &str, unlock: Unlock) -> Result<Vec<Item>, Failure>;

    /// Writes the item, replacing whatever has the same account, all or nothing.
    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure>;

    /// Deletes the item if it still holds exactly `item.payload`.
    fn delete(&self, service: &str, item: &Item, unlock: Unlock) -> Result<Deletion, Failure>;
}
