//! Where secrets for Bitbucket lie outside our own keychain: finding them, taking them
//! away, putting them back. One file for each place; what is wrong with a secret, and
//! whether it goes, is decided by whoever asks.

mod bytes;
mod config;
mod config_files;
mod environment;
mod file_piece;
mod helper_program;
mod helper_words;
mod keyring;
mod login_url;
mod manager_store;
mod netrc;
mod piece;
mod search;
mod set_aside;
mod store_file;
#[cfg(test)]
mod tests;

pub(super) use search::LONGEST_FILE;
pub use set_aside::{Restored, SetAside};

use crate::bitbucket::{Shape, is_credential, shape};
use crate::git::Context;
use crate::keychain::Unlock;
use crate::secret::Secret;
use crate::text::shown;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::PathBuf;

/// What the search depends on, so that tests can choose it.
pub struct Surroundings {
    /// The environment, the current directory, the git program.
    pub context: Context,
    /// Whether a keychain may show its dialog.
    pub unlock: Unlock,
}

/// One secret for Bitbucket that lies elsewhere. No `Debug`: it holds the secret.
pub struct Found {
    /// Where it lies.
    pub place: Place,
    /// Whom it is for: `bitbucket.org`, one of its neighbours, or [`EVERY_HOST`].
    pub host: String,
    /// The path that it is limited to, without a slash at the ends.
    pub path: Option<String>,
    /// The name that goes with it.
    pub username: Option<String>,
    /// The secret itself, decoded.
    pub secret: Secret,
    /// What it looks like.
    pub shape: Shape,
    /// Why it cannot be removed by us, and what to do instead.
    pub fixed: Option<&'static str>,
    /// Whether it lies where only a repository's own settings point, so that whoever made
    /// the repository may have put it there.
    pub brought_along: bool,
    /// What is needed to put it back, in the form of its place.
    origin: set_aside::Origin,
}

/// The host of a secret that is sent to whoever asks.
pub const EVERY_HOST: &str = "*";

/// Where a secret lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line in a file of `git credential-store`.
    StoreFile {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A running `git credential-cache` daemon.
    CacheDaemon {
        /// Its socket.
        socket: PathBuf,
    },
    /// An item that another program keeps in the platform's keychain.
    Keyring {
        /// Whose item: `git-credential-libsecret`, `Git Credential Manager`, …
        program: &'static str,
    },
    /// A file of Git Credential Manager's plain-text store.
    ManagerFile {
        /// The file.
        file: PathBuf,
    },
    /// An entry of a `.netrc` file.
    Netrc {
        /// The file.
        file: PathBuf,
        /// Where the entry begins, counted from 1.
        line: usize,
    },
    /// A URL in Git's configuration: of a remote, a submodule, …
    Url {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// `remote.origin.url`
        key: String,
    },
    /// The base of `url.<base>.insteadOf`.
    InsteadOf {
        /// The file.
        file: PathBuf,
        /// Of the section, counted from 1.
        line: usize,
    },
    /// `http.extraHeader`, for a URL or for all.
    ExtraHeader {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// `http.https://bitbucket.org/.extraheader`
        key: String,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        name: String,
    },
}

impl Place {
    /// A short fixed name, for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::StoreFile { .. } => "store-file",
            Self::CacheDaemon { .. } => "cache-daemon",
            Self::Keyring { .. } => "keyring",
            Self::ManagerFile { .. } => "manager-file",
            Self::Netrc { .. } => "netrc",
            Self::Url { .. } => "url",
            Self::InsteadOf { .. } => "instead-of",
            Self::ExtraHeader { .. } => "extra-header",
            Self::Environment { .. } => "environment",
        }
    }
}

impl std::fmt::Display for Place {
    /// For the middle of a sentence: `line 3 of /home/alice/.git-credentials`. Safe for a
    /// terminal, and never with a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file_name = |file: &PathBuf| shown(&file.to_string_lossy());
        match self {
            Self::StoreFile { file, line } | Self::Netrc { file, line } => {
                write!(formatter, "line {line} of {}", file_name(file))
            }
            Self::CacheDaemon { socket } => {
                write!(formatter, "git credential-cache ({})", file_name(socket))
            }
            Self::ManagerFile { file } => formatter.write_str(&file_name(file)),
            Self::Keyring { program } => write!(formatter, "the keychain, item of {program}"),
            Self::Url { file, line, key } | Self::ExtraHeader { file, line, key } => {
                write!(formatter, "{} ({}:{line})", shown(key), file_name(file))
            }
            Self::InsteadOf { file, line } => {
                write!(
                    formatter,
                    "url.<base>.insteadOf ({}:{line})",
                    file_name(file)
                )
            }
            Self::Environment { name } => write!(formatter, "the variable {}", shown(name)),
        }
    }
}

/// A place that could not be searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What: a path, a keychain, a program.
    pub place: String,
    /// Why, and what to do.
    pub reason: String,
}

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// The secret is gone from there.
    Done,
    /// It was gone, or another had taken its place: nothing was touched.
    AlreadyGone,
}

/// Searches every place, in a fixed order. Asks for no secret of another host and changes
/// nothing.
pub fn find(surroundings: &Surroundings) -> (Vec<Found>, Vec<Trouble>) {
    let mut search = search::Search::new(surroundings);
    for place in [
        store_file::search,
        netrc::search,
        config_files::search,
        keyring::search,
        manager_store::search,
        helper_program::search,
        environment::search,
    ] {
        place(&mut search);
    }
    for found in &mut search.found {
        found.keep_secrets_out_of_names();
    }
    (search.found, search.troubles)
}

impl Found {
    /// Some put the token where the name belongs; a name may be shown.
    fn keep_secrets_out_of_names(&mut self) {
        if let Some(name) = self.username.take_if(|name| is_credential(name)) {
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
            (place, &self.host, path, name, self.origin.attributes())
        )
    }

    /// What puts it back. To be kept before [`Found::remove`], so that no moment is without
    /// the secret. `None` where nothing can be removed.
    pub fn set_aside(&self) -> Option<SetAside> {
        self.fixed.is_none().then(|| SetAside::of(self))
    }

    /// Takes the secret away from there, and nothing else. Fails if the place cannot be
    /// written; then all is as before.
    pub fn remove(&self, surroundings: &Surroundings) -> anyhow::Result<Removed> {
        self.origin.remove(surroundings)
    }
}

/// Makes names for secrets by which equal ones are recognised within one report. The key
/// is random and forgotten, so that nothing can be guessed from a name afterwards.
pub struct Fingerprints([u8; 32]);

impl Fingerprints {
    /// For one report. Fails without random numbers.
    pub fn new() -> anyhow::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| anyhow::anyhow!("no random numbers"))?;
        Ok(Self(key))
    }

    /// Eight hexadecimal digits.
    pub fn of(&self, secret: &Secret) -> String {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(secret.expose())
            .finalize();
        let mut name = String::with_capacity(8);
        for byte in &digest[..4] {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}
