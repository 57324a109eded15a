//! All of Git's configuration with the place of each line, for whoever explains it to a
//! person. What a run of the helper needs is in `config`.

use super::entry::Entry;
use super::{Git, pattern};
use anyhow::{Context as _, ensure};
use std::ops::Deref;
use std::path::PathBuf;
use url::Url;
use zeroize::Zeroizing;

/// One value, and where it stands.
pub struct Line {
    /// The file, or `None` for the environment and `git -c`.
    pub file: Option<PathBuf>,
    entry: Entry,
}

impl Deref for Line {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

/// Everything that Git reads where `git` stands, in its order. What is not UTF-8 is
/// read as well as it can be: no line may go unseen.
pub fn list(git: &Git) -> anyhow::Result<Vec<Line>> {
    let output = git
        .command(&[
            "config",
            "--null",
            "--show-scope",
            "--show-origin",
            "--list",
        ])
        .output()
        .context("cannot start git")?;
    let stdout = Zeroizing::new(output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        !said.contains("show-scope"),
        "git does not tell what a repository brings along; Git 2.26 or newer does"
    );
    ensure!(
        output.status.success(),
        "git cannot read its configuration: {}",
        crate::text::shown(said.trim())
    );
    let mut fields = stdout.split(|&byte| byte == 0);
    let mut lines = Vec::new();
    while let (Some(scope), Some(origin), Some(entry)) =
        (fields.next(), fields.next(), fields.next())
    {
        let file = origin
            .strip_prefix(b"file:")
            .map(crate::platform::path_from_git);
        let file = file.map(|file| git.absolute(file));
        let entry = Entry::parse(scope, &String::from_utf8_lossy(entry));
        lines.extend(entry.map(|entry| Line { file, entry }));
    }
    Ok(lines)
}

impl Line {
    /// Whether it is `credential.*` and Git obeys it for `url`.
    pub fn is_about_credentials_of(&self, url: &Url) -> bool {
        self.section == "credential"
            && self
                .subsection
                .as_deref()
                .is_none_or(|it| pattern::applies_to_credentials(it, url))
    }

    /// Whether the repository brought it along.
    pub fn is_the_repository_s(&self) -> bool {
        !self.trusted
    }

    /// Where it stands, for a sentence.
    pub fn place(&self) -> String {
        self.file.as_ref().map_or_else(
            || "the environment or git -c".to_owned(),
            |file| crate::text::shown(&file.to_string_lossy()),
        )
    }
}
