//! What is kept of a removed secret so that it can be put back, and putting it back.

use super::{Found, Removed, Surroundings};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

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

/// The place's own form of a secret: how it is found again, and written.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Origin {
    /// Nothing that could be removed.
    Nowhere,
}

impl SetAside {
    pub(super) fn of(found: &Found) -> Self {
        Self {
            whereabouts: found.whereabouts(),
            origin: found.origin.clone(),
        }
    }

    /// The form in which it is kept, with the secret in it.
    pub fn payload(&self) -> anyhow::Result<Secret> {
        Ok(Secret::new(serde_json::to_vec(self)?))
    }

    /// Reads that form; `None` for anything else.
    #[must_use]
    pub fn from_payload(payload: &Secret) -> Option<Self> {
        serde_json::from_slice(payload.expose()).ok()
    }

    /// Where it was, for the middle of a sentence.
    #[must_use]
    pub fn whereabouts(&self) -> &str {
        &self.whereabouts
    }

    /// Sorts several into the order in which they are to be put back, so that neighbours
    /// come to lie as they were.
    pub fn sort(_all: &mut [Self]) {}

    /// Puts it back, unless it is there. Fails if the place cannot be written; then all is
    /// as before.
    pub fn restore(&self, _surroundings: &Surroundings) -> anyhow::Result<Restored> {
        Ok(Restored::NoPlace(self.whereabouts.clone()))
    }
}

impl Origin {
    #[expect(clippy::unnecessary_wraps, reason = "places will fail here")]
    pub(super) fn remove(
        &self,
        _secret: &Secret,
        _surroundings: &Surroundings,
    ) -> anyhow::Result<Removed> {
        Ok(Removed::AlreadyGone)
    }
}
