//! What is kept of a removed secret so that it can be put back, and putting it back.

use super::file_piece::FilePiece;
use super::helper_program::Answered;
use super::keyring::KeyringItem;
use super::manager_store::WholeFile;
use super::{Found, Removed, Surroundings};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// All that puts a removed secret back where it was. No `Debug`: it holds the secret.
#[derive(Serialize, Deserialize)]
pub struct SetAside {
    /// Where it was, for people.
    whereabouts: String,
    origin: Origin,
}

/// What became of a restoration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It is back.
    Done,
    /// It was there already: nothing was touched.
    AlreadyThere,
    /// What it belonged to is gone; the text says what, and what to do.
    NoPlace(String),
}

impl Restored {
    /// What is newer is not written over.
    pub(super) fn replaced() -> Self {
        Self::NoPlace(
            "another secret has taken its place: to have this one back, remove that one first"
                .to_owned(),
        )
    }
}

/// The place's own form of a secret: how it is found again, and written.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Origin {
    /// Nothing that could be removed.
    Nowhere,
    File(FilePiece),
    Helper(Answered),
    Keyring(KeyringItem),
    Whole(WholeFile),
}

impl SetAside {
    pub(super) fn of(found: &Found) -> Self {
        Self {
            whereabouts: found.whereabouts(),
            origin: found.origin.clone(),
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
        all.sort_by(|one, other| one.origin.order().cmp(&other.origin.order()));
    }

    /// Puts it back, unless it is there. Fails if the place cannot be written; then all is
    /// as before.
    pub fn restore(&self, surroundings: &Surroundings) -> anyhow::Result<Restored> {
        match &self.origin {
            Origin::Nowhere => Ok(Restored::NoPlace("it was never removed".to_owned())),
            Origin::File(piece) => piece.restore(),
            Origin::Helper(answered) => answered.restore(surroundings),
            Origin::Keyring(item) => item.restore(surroundings),
            Origin::Whole(file) => file.restore(),
        }
    }
}

impl Origin {
    pub(super) fn remove(&self, surroundings: &Surroundings) -> anyhow::Result<Removed> {
        match self {
            Self::Nowhere => Ok(Removed::AlreadyGone),
            Self::File(piece) => piece.remove(),
            Self::Helper(answered) => answered.remove(surroundings),
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
            Self::File(piece) => Some(piece.order()),
            Self::Helper(answered) => Some((Path::new(""), answered.precision(), 0)),
            Self::Nowhere | Self::Keyring(_) | Self::Whole(_) => None,
        }
    }
}
