//! Git's configuration, read by one `git config`: each value with its scope and its file,
//! and for people with its line. What it means for Bitbucket is decided elsewhere.
//!
//! A repository may carry a configuration of its own (scopes `local` and `worktree`),
//! and whoever made the folder made that file. For its own traffic Git obeys it; we
//! send a secret, so where it travels and how TLS is checked is only up to the person:
//! the scopes `system`, `global` and `command` (`-c`, `GIT_CONFIG_COUNT`). A scope that
//! Git does not name counts as the repository's.

mod lines;
mod setting;
#[cfg(test)]
mod tests;

pub use setting::Setting;

use super::child::{self, Limits};
use super::pattern::{Closeness, closeness};
use super::{Git, program};
use crate::platform;
use anyhow::{anyhow, ensure};
use std::path::Path;
use url::Url;

/// What a run of the helper reads. `http.extraHeader` and cookies stay where they are.
const WANTED: &str = "^(\
    http\\.(.*\\.)?(proxy|proxyauthmethod|sslcainfo|sslcapath|sslverify|sslbackend|schannelusesslcainfo)\
    |credential\\..*\
    |core\\.askpass\
    |remote\\..*\\.(push)?url)$";

/// How Git is asked, and what it prints: scope, origin, name and value of each setting.
const QUESTION: [&str; 6] = [
    "config",
    "--null",
    "--show-scope",
    "--show-origin",
    "--get-regexp",
    WANTED,
];

/// The longest file in which lines are looked for, in bytes.
const LONGEST_FILE: u64 = 1024 * 1024;

/// The settings of one moment, in Git's order: later ones win.
#[derive(Default)]
pub struct Config {
    settings: Vec<Setting>,
    /// Whether Git was too old to tell whose each of them is: all count as the repository's.
    lacks_scopes: bool,
}

impl Config {
    /// Asks Git in the current directory for what a run of the helper needs: one process.
    /// Without a git, with one older than 2.26 or with a broken configuration it is empty.
    pub fn read() -> Self {
        program::output_of(&QUESTION)
            .map(|output| Self::parse(output.expose(), true, Path::new("")))
            .unwrap_or_default()
    }

    /// Everything that Git reads where `git` stands, with the line of each setting.
    pub fn list(git: &Git) -> anyhow::Result<Self> {
        let mut config = match Self::try_list(git, true)? {
            Ok(config) => config,
            Err(said) if said.contains("show-scope") => {
                Self::try_list(git, false)?.map_err(|said| unreadable(&said))?
            }
            Err(said) => return Err(unreadable(&said)),
        };
        lines::number(&mut config.settings, |file| {
            platform::read_plain_file(file, LONGEST_FILE).ok()
        });
        Ok(config)
    }

    /// The same, or what Git says against it.
    fn try_list(git: &Git, scopes: bool) -> anyhow::Result<Result<Self, String>> {
        let mut command = git.command(&["config", "--null", "--show-origin", "--list"]);
        if scopes {
            command.arg("--show-scope");
        }
        let ended = child::run(command, Limits::default())?;
        Ok(if ended.status.success() {
            Ok(Self::parse(ended.stdout.expose(), scopes, git.directory()))
        } else {
            Err(ended.stderr)
        })
    }

    /// Reads `[scope NUL] origin NUL name [LF value] NUL` again and again.
    fn parse(output: &[u8], scopes: bool, directory: &Path) -> Self {
        let mut fields = output.split(|&byte| byte == 0);
        let mut settings = Vec::new();
        loop {
            let scope = if scopes {
                fields.next()
            } else {
                Some(&b""[..])
            };
            let (Some(scope), Some(origin), Some(text)) = (scope, fields.next(), fields.next())
            else {
                break;
            };
            settings.extend(Setting::parse(scope, origin, text, directory));
        }
        Self {
            settings,
            lacks_scopes: !scopes,
        }
    }

    /// For tests: scope, name and value of each setting.
    #[cfg(test)]
    pub(crate) fn of(settings: &[(&str, &str, &str)]) -> Self {
        let output = settings.iter().fold(String::new(), |text, one| {
            text + &format!("{}\0file:/config\0{}\n{}\0", one.0, one.1, one.2)
        });
        Self::parse(output.as_bytes(), true, Path::new("/"))
    }

    /// All settings, in Git's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Setting> {
        self.settings.iter()
    }

    /// Fails if Git did not say whose each setting is.
    pub fn ensure_scopes(&self) -> anyhow::Result<()> {
        ensure!(
            !self.lacks_scopes,
            "git does not tell what a repository brings along; Git 2.26 or newer does"
        );
        Ok(())
    }

    /// Every `helper` line, whatever it is for.
    pub fn helper_lines(&self) -> impl DoubleEndedIterator<Item = &Setting> {
        self.iter()
            .filter(|setting| setting.is("credential", "helper"))
    }

    /// The helpers that Git asks about a URL, in its order: an empty value forgets the
    /// ones before it.
    pub fn helpers(&self, url: &Url) -> Vec<&Setting> {
        let mut helpers = Vec::new();
        for setting in self
            .helper_lines()
            .filter(|it| it.is_about_credentials_of(url))
        {
            if setting.value.is_empty() {
                helpers.clear();
            } else {
                helpers.push(setting);
            }
        }
        helpers
    }

    /// The first empty `helper =` after the last line that says `ours`: it takes ours off the
    /// list of helpers for `url`. Git is not asked: a pattern may be the repository's, and would
    /// have to stand in a command line.
    pub fn remover(&self, url: &Url, ours: &str) -> Option<&Setting> {
        let lines: Vec<_> = self.helper_lines().collect();
        let behind = lines
            .iter()
            .rposition(|setting| *setting.value == ours)
            .map_or(&lines[..], |ours| &lines[ours + 1..]);
        behind
            .iter()
            .copied()
            .find(|setting| setting.value.is_empty() && setting.is_about_credentials_of(url))
    }

    /// The value of `http.<key>` for a URL as Git would choose it, from the scopes that
    /// are the person's own. `key` in lower case.
    pub fn http(&self, url: &Url, key: &str) -> Option<&str> {
        self.closest(url, "http", key, |setting| setting.trusted)
    }

    /// The value of `credential.<key>` for a URL, from any scope: Git itself has
    /// obeyed these before it asked us. `key` in lower case.
    pub fn credential(&self, url: &Url, key: &str) -> Option<&str> {
        self.closest(url, "credential", key, |_| true)
    }

    /// The same, from the scopes that are the person's own: what has a say in where a secret
    /// goes.
    pub fn trusted_credential(&self, url: &Url, key: &str) -> Option<&str> {
        self.closest(url, "credential", key, |setting| setting.trusted)
    }

    /// `core.askPass`, from any scope: what Git runs if we give no answer. Never run it
    /// ourselves; [`Config::trusted_askpass`] is for that.
    pub fn askpass(&self) -> Option<&str> {
        self.askpass_where(|_| true)
    }

    /// `core.askPass` as the person set it: a program that we may run.
    pub fn trusted_askpass(&self) -> Option<&str> {
        self.askpass_where(|setting| setting.trusted)
    }

    /// Every URL of every remote, for fetching and for pushing, without user and
    /// password. What is not a URL (`git@host:path`, a folder) is left out, and
    /// `url.<base>.insteadOf` is not followed.
    pub fn remotes(&self) -> Vec<Url> {
        self.iter()
            .filter(|setting| setting.section == "remote" && setting.key.ends_with("url"))
            .filter_map(|setting| Url::parse(&setting.value).ok())
            .map(|mut url| {
                // Both fail only for a URL that cannot have them.
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url
            })
            .collect()
    }

    fn askpass_where(&self, allowed: impl Fn(&Setting) -> bool) -> Option<&str> {
        self.iter()
            .rfind(|setting| setting.is("core", "askpass") && allowed(setting))
            .map(|setting| setting.value.as_str())
    }

    fn closest(
        &self,
        url: &Url,
        section: &str,
        key: &str,
        allowed: impl Fn(&Setting) -> bool,
    ) -> Option<&str> {
        self.iter()
            .filter(|setting| setting.is(section, key) && allowed(setting))
            .filter_map(|setting| match &setting.subsection {
                Some(pattern) => Some((closeness(pattern, url)?, setting)),
                None => Some((Closeness::default(), setting)),
            })
            // Of equals the last one is taken.
            .max_by_key(|(closeness, _)| *closeness)
            .map(|(_, setting)| setting.value.as_str())
    }
}

fn unreadable(said: &str) -> anyhow::Error {
    anyhow!(
        "git cannot read its configuration: {}",
        crate::text::shown(said.trim())
    )
}

impl<'a> IntoIterator for &'a Config {
    type Item = &'a Setting;
    type IntoIter = std::slice::Iter<'a, Setting>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Reads a boolean as Git does; `None` if it is none.
pub fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}
