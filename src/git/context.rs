//! Asking Git about one scope of its configuration, as it would answer there: outside
//! any repository for `system` and `global`, inside this one for `local`.

use super::child::{self, Limits};
use crate::platform;
use anyhow::{Context as _, ensure};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a process stands: all that the answers depend on, so that tests can choose it.
#[derive(Clone, Debug)]
pub struct Context {
    /// The environment, the only one that children get.
    pub environment: BTreeMap<OsString, OsString>,
    /// This program's own file.
    pub executable: PathBuf,
    /// The git program.
    pub git: PathBuf,
    /// The current directory.
    pub directory: PathBuf,
}

impl Context {
    /// This process. Fails without a git program.
    pub fn of_process() -> anyhow::Result<Self> {
        Ok(Self {
            environment: std::env::vars_os()
                .map(|(name, value)| (platform::variable_name(&name), value))
                .collect(),
            executable: std::env::current_exe().context("cannot tell where this program is")?,
            git: super::find().context("no git program on PATH: install Git, then try again")?,
            directory: std::env::current_dir().context("cannot tell the current directory")?,
        })
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    fn home(&self) -> anyhow::Result<PathBuf> {
        self.variable("HOME")
            .map(PathBuf::from)
            .or_else(|| platform::home_without_variable(|name| self.variable(name)))
            .context("HOME is not set, so there is no place for your Git configuration: set it, or use --system")
    }
}

/// Which of Git's configuration files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For everybody on this machine.
    System,
    /// For this person.
    Global,
    /// For this repository.
    Local,
}

/// Git, standing where one scope is effective and nothing beyond it.
pub struct Git<'a> {
    context: &'a Context,
    scope: Scope,
    /// The repository, absolute; only for [`Scope::Local`].
    repository: Option<PathBuf>,
}

/// Git's own variables that tie it to a repository or to another configuration file.
const TIES: [&str; 6] = [
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
];

impl<'a> Git<'a> {
    /// Fails if the scope is `Local` and no repository is here, and if Git would wait for ever
    /// for the person's own configuration.
    pub fn new(context: &'a Context, scope: Scope) -> anyhow::Result<Self> {
        let mut git = Self {
            context,
            scope,
            repository: None,
        };
        for file in git.global_files().unwrap_or_default() {
            ensure!(
                !std::fs::metadata(&file).is_ok_and(|found| platform::is_pipe(&found)),
                "{} is a named pipe, which Git would wait for; put a file in its place",
                crate::text::shown(&file.to_string_lossy())
            );
        }
        if scope == Scope::Local {
            let repository = git
                .ask(&["rev-parse", "--absolute-git-dir"])
                .context("--local is for a repository: change into one")?;
            git.repository = Some(repository);
        }
        Ok(git)
    }

    /// The files of the scope; the first is the one that `git config` would write to.
    pub fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        match self.scope {
            Scope::Global => self.global_files(),
            // The only way that every Git knows of saying which file this is.
            Scope::System => {
                let mut command = self.command(&["config", "--system", "--edit"]);
                command.env("GIT_EDITOR", "echo");
                Ok(vec![self.absolute(&answer_of(command)?)])
            }
            Scope::Local => {
                let file = self.ask(&["rev-parse", "--git-path", "config"])?;
                Ok(vec![self.absolute(&file)])
            }
        }
    }

    /// Git's rule: `GIT_CONFIG_GLOBAL` alone, else `~/.gitconfig`, unless only the XDG
    /// file exists.
    fn global_files(&self) -> anyhow::Result<Vec<PathBuf>> {
        if let Some(file) = self
            .context
            .environment
            .get(OsStr::new("GIT_CONFIG_GLOBAL"))
        {
            ensure!(
                !file.is_empty(),
                "GIT_CONFIG_GLOBAL is empty, so Git reads no configuration of yours: unset it"
            );
            return Ok(vec![self.absolute(file)]);
        }
        let home = self.context.home()?;
        let xdg = self
            .context
            .variable("XDG_CONFIG_HOME")
            .map_or_else(|| home.join(".config"), PathBuf::from)
            .join("git/config");
        let plain = home.join(".gitconfig");
        Ok(if !plain.exists() && xdg.exists() {
            vec![xdg, plain]
        } else {
            vec![plain, xdg]
        })
    }

    /// What relative paths of Git's are relative to.
    pub(super) fn directory(&self) -> &Path {
        &self.context.directory
    }

    /// A path of Git's, which is relative to where Git was started.
    pub fn absolute(&self, path: impl AsRef<Path>) -> PathBuf {
        self.context.directory.join(path)
    }

    /// Runs git and returns the one path that it prints.
    pub fn ask(&self, arguments: &[&str]) -> anyhow::Result<PathBuf> {
        answer_of(self.command(arguments))
    }

    /// A git command without our secrets, without a way to ask a person anything, in
    /// English, and with no trace of the caller's.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.context.git);
        command
            .args(arguments)
            .env_clear()
            .envs(self.context.environment.iter().filter(|(name, _)| {
                let name = name.to_string_lossy();
                !(super::program::is_ours(&name) || name.starts_with("GIT_TRACE"))
            }))
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GCM_INTERACTIVE", "never")
            .env("LC_ALL", "C")
            .env_remove("LANGUAGE")
            .stdin(Stdio::null());
        super::program::keep_configuration_outside(&mut command, |name| {
            self.context.environment.get(OsStr::new(name)).cloned()
        });
        if self.scope == Scope::Local {
            command.current_dir(&self.context.directory);
        } else {
            for name in TIES {
                command.env_remove(name);
            }
            command.current_dir(Path::new("/"));
        }
        if let Some(repository) = &self.repository {
            command.env("GIT_DIR", repository);
        }
        command
    }
}

fn answer_of(command: Command) -> anyhow::Result<PathBuf> {
    let ended = child::run(command, Limits::default())?;
    ensure!(
        ended.status.success(),
        "git says: {}",
        crate::text::shown(ended.stderr.trim())
    );
    let answer = ended.stdout.expose();
    let answer = answer.strip_suffix(b"\n").unwrap_or(answer);
    Ok(platform::path_from_git(
        answer.strip_suffix(b"\r").unwrap_or(answer),
    ))
}
