//! What the search depends on: the environment, Git's configuration, the home. It is read
//! once; what is made of it stands in other modules.

use crate::bitbucket::Site;
use crate::git::shell::Surrounding;
use crate::git::{Config, Context, Git, Scope};
use crate::keychain::Unlock;
use std::path::{Path, PathBuf};

/// The longest file that is read, in bytes.
pub(in crate::doctor) const LONGEST_FILE: u64 = 1024 * 1024;

/// What removing and putting back depends on.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Whose secrets are meant.
    pub site: &'a Site,
    /// The environment, the current directory, the git program.
    pub context: &'a Context,
    /// Whether a keychain may show its dialog.
    pub unlock: Unlock,
}

/// This machine, as a program sees it that is started here.
pub struct Machine<'a> {
    /// Where it runs.
    pub surroundings: Surroundings<'a>,
    /// Standing in the repository, if there is one.
    pub git: Git<'a>,
    /// All of Git's configuration that counts here; nothing if Git cannot read it.
    pub lines: Config,
    /// Why Git cannot read it, or does not tell which of it is the repository's.
    pub unreadable: Option<anyhow::Error>,
    /// `None` if the environment names none.
    pub home: Option<PathBuf>,
}

/// A value of `credential.helper`: such values name files and sockets.
pub(super) struct NamedHelper {
    /// As it is written.
    pub value: String,
    /// Whether only a repository's own settings have it.
    pub brought_along: bool,
}

impl<'a> Machine<'a> {
    /// Reads Git's configuration. Fails if Git cannot even be started.
    pub fn read(surroundings: Surroundings<'a>) -> anyhow::Result<Self> {
        let context = surroundings.context;
        let git = Git::new(context, Scope::Local).or_else(|_| Git::new(context, Scope::Global))?;
        let (lines, unreadable) = match Config::list(&git) {
            Ok(lines) => {
                let error = lines.ensure_scopes().err();
                (lines, error)
            }
            Err(error) => (Config::default(), Some(error)),
        };
        let folder = |name| {
            let value = context.variable(name).map(PathBuf::from);
            value.filter(|path| path.is_absolute())
        };
        Ok(Self {
            surroundings,
            git,
            lines,
            unreadable,
            home: folder("HOME").or_else(|| folder("USERPROFILE")),
        })
    }

    /// The `credential.helper` values of every scope; the person's own come first.
    pub(super) fn helpers(&self) -> Vec<NamedHelper> {
        let lines = || self.lines.helper_lines();
        let is_own = |value: &str| lines().any(|line| line.trusted && *line.value == value);
        let mut helpers: Vec<_> = lines()
            .map(|line| NamedHelper {
                value: line.value.to_string(),
                brought_along: !is_own(&line.value),
            })
            .collect();
        helpers.sort_by_key(|helper| helper.brought_along);
        helpers
    }

    /// A path below a folder that a variable names, or below its default in the home.
    pub(super) fn folder(&self, variable: &str, default: &str, path: &str) -> Option<PathBuf> {
        let named = self.surroundings.context.variable(variable);
        let folder = match named.map(PathBuf::from) {
            Some(folder) if folder.is_absolute() => folder,
            _ => self.home.as_ref()?.join(default),
        };
        Some(folder.join(path))
    }

    /// A path as a program started here takes it.
    pub(super) fn absolute(&self, path: impl AsRef<Path>) -> PathBuf {
        self.surroundings.context.directory.join(path)
    }

    pub(super) fn shell(&self) -> Surrounding<'a> {
        Surrounding {
            home: self.surroundings.context.variable("HOME"),
            environment: &self.surroundings.context.environment,
        }
    }
}
