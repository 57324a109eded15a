//! All of Git's configuration with the place of each line, for whoever explains it to a
//! person. What a run of the helper needs is in `config`.

use super::{Git, pattern};
use anyhow::{Context as _, ensure};
use std::path::PathBuf;
use url::Url;
use zeroize::Zeroizing;

/// One value.
pub struct Line {
    /// As Git names it: `system`, `global`, `local`, `worktree`, `command`.
    pub scope: String,
    /// The file, or `None` for the environment and `git -c`.
    pub file: Option<PathBuf>,
    /// In lower case.
    pub section: String,
    /// Between the first and the last dot, as written.
    pub subsection: Option<String>,
    /// In lower case.
    pub key: String,
    /// May contain a password.
    pub value: Zeroizing<String>,
}

/// Everything that Git reads where `git` stands, in its order. Values that are not UTF-8
/// are passed over.
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
    ensure!(
        output.status.success(),
        "git cannot read its configuration: {}",
        crate::text::shown(String::from_utf8_lossy(&output.stderr).trim())
    );
    let mut fields = stdout.split(|&byte| byte == 0);
    let mut lines = Vec::new();
    while let (Some(scope), Some(origin), Some(entry)) =
        (fields.next(), fields.next(), fields.next())
    {
        if let Ok(entry) = std::str::from_utf8(entry) {
            let file = origin
                .strip_prefix(b"file:")
                .map(crate::platform::path_from_git);
            let file = file.map(|file| git.absolute(file));
            lines.extend(Line::parse(scope, file, entry));
        }
    }
    Ok(lines)
}

impl Line {
    fn parse(scope: &[u8], file: Option<PathBuf>, entry: &str) -> Option<Self> {
        // A key without `=` stands for true.
        let (name, value) = entry.split_once('\n').unwrap_or((entry, "true"));
        let (section, rest) = name.split_once('.')?;
        let (subsection, key) = match rest.rsplit_once('.') {
            Some((subsection, key)) => (Some(subsection), key),
            None => (None, rest),
        };
        Some(Self {
            scope: String::from_utf8_lossy(scope).into_owned(),
            file,
            section: section.to_ascii_lowercase(),
            subsection: subsection.map(str::to_owned),
            key: key.to_ascii_lowercase(),
            value: Zeroizing::new(value.to_owned()),
        })
    }

    /// Whether it is `section.<any or none>.key`; both in lower case.
    #[must_use]
    pub fn is(&self, section: &str, key: &str) -> bool {
        self.section == section && self.key == key
    }

    /// Whether it is `credential.*` and Git obeys it for `url`.
    #[must_use]
    pub fn is_about_credentials_of(&self, url: &Url) -> bool {
        self.section == "credential"
            && self
                .subsection
                .as_deref()
                .is_none_or(|it| pattern::applies_to_credentials(it, url))
    }

    /// Whether the repository brought it along.
    #[must_use]
    pub fn is_the_repository_s(&self) -> bool {
        !matches!(&*self.scope, "system" | "global" | "command")
    }

    /// Where it stands, for a sentence.
    #[must_use]
    pub fn place(&self) -> String {
        self.file.as_ref().map_or_else(
            || "the environment or git -c".to_owned(),
            |file| crate::text::shown(&file.to_string_lossy()),
        )
    }
}
