//! What a search finds: one secret with all that is known of it, and what could not be
//! searched. Whether the secret is good, and whether it goes, is decided by whoever asks.

use super::machine::Surroundings;
use super::place::SecretPlace;
use super::removal::{Backup, RemovableSecret, RemovalOutcome};
use crate::bitbucket::{Shape, is_credential, shape};
use crate::reason::Reason;
use crate::secret::Secret;

/// One secret for Bitbucket that lies elsewhere. No `Debug`: it holds the secret.
pub struct FoundSecret {
    /// Where it lies.
    pub place: SecretPlace,
    /// Whom it is for: `bitbucket.org`, one of its neighbours, or `*` for every host.
    pub host: String,
    /// The path that it is limited to, without a slash at the ends.
    pub path: Option<String>,
    /// The name that goes with it.
    pub username: Option<String>,
    /// The secret itself, decoded.
    pub secret: Secret,
    /// What it looks like.
    pub shape: Shape,
    /// Whether it stands where a user name belongs.
    pub in_name: bool,
    /// Why it cannot be removed by us, and what to do instead.
    pub fixed: Option<Reason>,
    /// Whether it lies where only a repository's own settings point, so that whoever made
    /// the repository may have put it there.
    pub brought_along: bool,
    /// How it is removed and put back.
    pub(super) removal: RemovableSecret,
}

/// A place that could not be searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsearched {
    /// What: a path, a keychain, a program.
    pub place: String,
    /// Why, and what to do.
    pub reason: String,
    /// Whether it is the platform's keychain.
    pub is_keychain: bool,
}

impl FoundSecret {
    /// Some put the token where the name belongs; a name may be shown.
    pub(super) fn keep_secrets_out_of_names(&mut self) {
        if let Some(name) = self.username.take_if(|name| is_credential(name)) {
            self.in_name = true;
            let name = Secret::new(name.into_bytes());
            if !matches!(self.shape, Shape::Known(_)) {
                self.shape = shape(&name);
                self.secret = name;
            }
        }
    }

    /// Where it lies, for the middle of a sentence.
    pub fn whereabouts(&self) -> String {
        self.place.to_string()
    }

    /// All that tells it from another with the same secret. Not confidential.
    pub fn address(&self) -> String {
        let (path, name) = (&self.path, &self.username);
        let place = self.whereabouts();
        format!(
            "{:?}",
            (place, &self.host, path, name, self.removal.attributes())
        )
    }

    /// What puts it back. To be kept before [`FoundSecret::remove`], so that no moment is
    /// without the secret. `None` where nothing can be removed.
    pub fn backup(&self) -> Option<Backup> {
        let can_go = self.fixed.is_none();
        can_go.then(|| Backup::new(self.whereabouts(), self.removal.clone()))
    }

    /// Takes the secret away from there, and nothing else. Fails if the place cannot be
    /// written; then all is as before.
    pub fn remove(&self, surroundings: Surroundings) -> anyhow::Result<RemovalOutcome> {
        self.removal.remove(surroundings)
    }
}
