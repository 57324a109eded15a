//! Items of other programs where an item is known by service and account alone: those
//! that use the two as we do.

use super::foreign_items::{Other, PutBack};
use super::{Deletion, Failure, Item, Kept, Store as _, Unlock, platform};
use std::collections::BTreeMap;

const SERVICE: &str = "service";
const ACCOUNT: &str = "account";

/// Finds by service; by any other attribute there is nothing.
pub fn find(
    (name, value): (&str, &str),
    wanted: impl Fn(&str, &BTreeMap<String, String>) -> bool,
    unlock: Unlock,
) -> Result<Vec<Other>, Failure> {
    if name != SERVICE {
        return Ok(Vec::new());
    }
    let found = platform().items(value, None, unlock)?;
    let others = found.into_iter().map(|kept| Other {
        label: String::new(),
        attributes: [(SERVICE, value), (ACCOUNT, &kept.handle)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        payload: kept.payload,
    });
    Ok(others
        .filter(|other| wanted(&other.label, &other.attributes))
        .collect())
}

pub fn delete(other: &Other, unlock: Unlock) -> Result<Deletion, Failure> {
    let (service, account) = place(other);
    let kept = Kept {
        handle: account,
        payload: other.payload.duplicate(),
    };
    platform().delete(&service, &kept, unlock)
}

pub fn put_back(other: &Other, unlock: Unlock) -> Result<PutBack, Failure> {
    let (service, account) = place(other);
    let there = platform().items(&service, Some(&account), unlock)?;
    if let Some(kept) = there.first() {
        return Ok(if kept.payload == other.payload {
            PutBack::AlreadyThere
        } else {
            PutBack::Replaced
        });
    }
    let item = Item {
        account,
        label: other.label.clone(),
        payload: other.payload.duplicate(),
    };
    platform().write(&service, &item, unlock)?;
    Ok(PutBack::Done)
}

fn place(other: &Other) -> (String, String) {
    let attribute = |name| other.attributes.get(name).cloned().unwrap_or_default();
    (attribute(SERVICE), attribute(ACCOUNT))
}
