//! Items that other programs keep in the platform's keychain: found by their attributes,
//! deleted only while they hold what was read, put back as they were. What an attribute
//! means is the caller's business.

use super::{Deletion, Failure, Unlock};
use crate::reason::Reason;
use crate::secret::Secret;
use std::collections::BTreeMap;

/// Why the items stay where they are, and what to do instead: they can only be read here.
pub const FIXED: Option<Reason> = if cfg!(windows) {
    Some(Reason::fixed(
        "the Credential Manager's other entries are only read",
        "remove it there, under Windows credentials",
    ))
} else {
    None
};

/// An item of another program.
pub struct Other {
    /// What the system's own keychain program shows.
    pub label: String,
    /// By what its program finds it. Not confidential.
    pub attributes: BTreeMap<String, String>,
    /// All that it holds.
    pub payload: Secret,
}

/// What became of an item that was put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutBack {
    /// It is there again.
    Done,
    /// It was there.
    AlreadyThere,
    /// Its program keeps another secret in its place: nothing was touched.
    Replaced,
}

/// The items with an attribute, as far as `wanted` says so of label and attributes: no
/// secret of any other item is read.
pub fn find(
    (name, value): (&str, &str),
    wanted: impl Fn(&str, &BTreeMap<String, String>) -> bool,
    unlock: Unlock,
) -> Result<Vec<Other>, Failure> {
    super::platform_foreign_items::find((name, value), wanted, unlock)
}

/// Deletes an item if it still holds exactly this payload.
pub fn delete(other: &Other, unlock: Unlock) -> Result<Deletion, Failure> {
    super::platform_foreign_items::delete(other, unlock)
}

/// Writes an item that was deleted.
pub fn put_back(other: &Other, unlock: Unlock) -> Result<PutBack, Failure> {
    super::platform_foreign_items::put_back(other, unlock)
}
