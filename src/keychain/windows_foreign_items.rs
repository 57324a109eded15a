//! Items of other programs in the Credential Manager: read by `foreign`, and
//! only read. Their bytes are in their program's own form, which is not ours to write.

use super::foreign_items::{Other, PutBack};
use super::{Deletion, Failure, Unlock, foreign};
use std::collections::BTreeMap;

const SERVICE: &str = "service";
const ACCOUNT: &str = "account";

/// Finds by the service of Git's programs; by any other attribute there is nothing.
pub fn find(
    (name, value): (&str, &str),
    wanted: impl Fn(&str, &BTreeMap<String, String>) -> bool,
    unlock: Unlock,
) -> Result<Vec<Other>, Failure> {
    let host = value.strip_prefix("git:https://");
    let Some(host) = host.filter(|_| name == SERVICE) else {
        return Ok(Vec::new());
    };
    let others = foreign(host, unlock)?.into_iter().map(|found| Other {
        label: String::new(),
        attributes: [(SERVICE, found.target), (ACCOUNT, found.username)]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        payload: found.password,
    });
    Ok(others
        .filter(|other| wanted(&other.label, &other.attributes))
        .collect())
}

/// Deletes nothing.
#[expect(clippy::unnecessary_wraps, reason = "other systems can fail here")]
pub fn delete(_other: &Other, _unlock: Unlock) -> Result<Deletion, Failure> {
    Ok(Deletion::Unchanged)
}

/// Writes nothing.
pub fn put_back(_other: &Other, _unlock: Unlock) -> Result<PutBack, Failure> {
    Err(Failure::Failed(
        "what other programs keep in it is not changed from here".into(),
    ))
}
