//! An item that another program keeps in the platform's keychain.

use super::super::machine::Surroundings;
use super::bytes::Bytes;
use super::{RemovalOutcome, RestoreOutcome};
use crate::keychain::foreign_items::{self, Other, PutBack};
use crate::keychain::{Deletion, Failure, NO_DEFAULT_KEYRING};
use crate::secret::Secret;
use anyhow::bail;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One item, as it is put back.
#[derive(Clone, Serialize, Deserialize)]
pub(in super::super) struct KeychainItem {
    label: String,
    attributes: BTreeMap<String, String>,
    payload: Bytes,
}

impl KeychainItem {
    pub fn of(item: &Other) -> Self {
        Self {
            label: item.label.clone(),
            attributes: item.attributes.clone(),
            payload: Bytes::of(item.payload.expose()),
        }
    }

    pub fn attributes(&self) -> &BTreeMap<String, String> {
        &self.attributes
    }

    fn other(&self) -> Other {
        Other {
            label: self.label.clone(),
            attributes: self.attributes.clone(),
            payload: Secret::copy_of(self.payload.as_slice()),
        }
    }

    pub fn remove(&self, surroundings: Surroundings) -> anyhow::Result<RemovalOutcome> {
        match foreign_items::delete(&self.other(), surroundings.unlock) {
            Ok(Deletion::Deleted) => Ok(RemovalOutcome::Done),
            Ok(Deletion::Unchanged) => Ok(RemovalOutcome::AlreadyGone),
            Err(failure) => bail!("the keychain: {}", reason(&failure)),
        }
    }

    pub fn restore(&self, surroundings: Surroundings) -> anyhow::Result<RestoreOutcome> {
        match foreign_items::put_back(&self.other(), surroundings.unlock) {
            Ok(PutBack::Done) => Ok(RestoreOutcome::Done),
            Ok(PutBack::AlreadyThere) => Ok(RestoreOutcome::AlreadyThere),
            Ok(PutBack::Replaced) => Ok(RestoreOutcome::replaced()),
            Err(failure) => bail!("the keychain: {}", reason(&failure)),
        }
    }
}

/// Why the keychain did not do what was asked, and what to do.
pub(in super::super) fn reason(failure: &Failure) -> String {
    match failure {
        Failure::Locked => "it is locked: unlock it, then try again".to_owned(),
        Failure::Dismissed => "its dialog was closed: try again and unlock it".to_owned(),
        Failure::Missing(reason) | Failure::Unreachable(reason) | Failure::Failed(reason) => {
            reason.to_string()
        }
        Failure::NoDefaultKeyring => NO_DEFAULT_KEYRING.to_owned(),
        Failure::KeepsNothing => "nothing is kept".to_owned(),
    }
}
