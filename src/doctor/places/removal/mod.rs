//! How a secret leaves a place and comes back: one file for each way. Nothing is decided
//! here about which secret goes.

mod bytes;
mod file_span;
mod helper_credential;
mod keychain_item;
mod whole_file;

pub(super) use file_span::FileSpan;
pub(super) use helper_credential::{HelperCredential, HelperProgram, KEYCHAIN_HELPERS};
pub(super) use keychain_item::{KeychainItem, reason};
pub(super) use whole_file::WholeFile;

use super::machine::Surroundings;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// All that puts a removed secret back where it was. No `Debug`: it holds the secret.
#[derive(Serialize, Deserialize)]
pub struct Backup {
    /// Where it was, for people.
    whereabouts: String,
    #[serde(rename = "origin")]
    removal: RemovableSecret,
}

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalOutcome {
    /// The secret is gone from there.
    Done,
    /// It was gone, or another had taken its place: nothing was touched.
    AlreadyGone,
}

/// What became of a restoration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreOutcome {
    /// It is back.
    Done,
    /// It was there already: nothing was touched.
    AlreadyThere,
    /// What it belonged to is gone; the text says what, and what to do.
    NoPlace(String),
}

impl RestoreOutcome {
    /// What is newer is not written over.
    fn replaced() -> Self {
        Self::NoPlace(
            "another secret has taken its place: to have this one back, remove that one first"
                .to_owned(),
        )
    }
}

/// The place's own form of a secret: how it is found again, and written. The names are
/// those of backups: they stay.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum RemovableSecret {
    /// Nothing that could be removed.
    Nowhere,
    File(FileSpan),
    Helper(HelperCredential),
    Keyring(KeychainItem),
    Whole(WholeFile),
}

impl Backup {
    pub(super) fn new(whereabouts: String, removal: RemovableSecret) -> Self {
        Self {
            whereabouts,
            removal,
        }
    }

    /// The form in which it is kept, with the secret in it. Fails if a path is no text: then
    /// it cannot be put back, and should stay.
    pub fn payload(&self) -> anyhow::Result<Secret> {
        Ok(Secret::new(serde_json::to_vec(self)?))
    }

    /// Reads that form; `None` for anything else.
    pub fn from_payload(payload: &Secret) -> Option<Self> {
        serde_json::from_slice(payload.expose()).ok()
    }

    /// Where it was, for the middle of a sentence.
    pub fn whereabouts(&self) -> &str {
        &self.whereabouts
    }

    /// Sorts several into the order in which they are to be put back, so that neighbours
    /// come to lie as they were.
    pub fn sort(all: &mut [Self]) {
        all.sort_by(|one, other| one.removal.order().cmp(&other.removal.order()));
    }

    /// Puts it back, unless it is there. Fails if the place cannot be written; then all is
    /// as before.
    pub fn restore(&self, surroundings: Surroundings) -> anyhow::Result<RestoreOutcome> {
        match &self.removal {
            RemovableSecret::Nowhere => {
                Ok(RestoreOutcome::NoPlace("it was never removed".to_owned()))
            }
            RemovableSecret::File(span) => span.restore(surroundings.site),
            RemovableSecret::Helper(credential) => credential.restore(surroundings),
            RemovableSecret::Keyring(item) => item.restore(surroundings),
            RemovableSecret::Whole(file) => file.restore(),
        }
    }
}

impl RemovableSecret {
    pub(super) fn remove(&self, surroundings: Surroundings) -> anyhow::Result<RemovalOutcome> {
        match self {
            Self::Nowhere => Ok(RemovalOutcome::AlreadyGone),
            Self::File(span) => span.remove(surroundings.site),
            Self::Helper(credential) => credential.remove(surroundings),
            Self::Keyring(item) => item.remove(surroundings),
            Self::Whole(file) => file.remove(),
        }
    }

    /// Those of an item in a keychain, where several differ in nothing else.
    pub(super) fn attributes(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::Keyring(item) => Some(item.attributes()),
            _ => None,
        }
    }

    fn order(&self) -> Option<(&Path, usize, usize)> {
        match self {
            Self::File(span) => Some(span.order()),
            Self::Helper(credential) => Some((Path::new(""), credential.precision(), 0)),
            Self::Nowhere | Self::Keyring(_) | Self::Whole(_) => None,
        }
    }
}
