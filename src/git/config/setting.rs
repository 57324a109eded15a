//! One value of Git's configuration: where it stands, and whose it is, the person's own or
//! one that a repository brings along, whose author made it. What follows from a value is
//! decided by whoever reads it.

use crate::git::pattern;
use crate::platform;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use url::Url;
use zeroize::Zeroizing;

/// One value of Git's configuration.
pub struct Setting {
    /// Whether it is from a scope that is up to the person: `system`, `global` or `command`.
    /// One that Git does not name counts as the repository's.
    pub trusted: bool,
    /// In lower case.
    pub section: String,
    /// Between the first and the last dot, as written.
    pub subsection: Option<String>,
    /// In lower case.
    pub key: String,
    /// May contain a password. What is not UTF-8 is read as well as it can be: no setting may
    /// go unseen.
    pub value: Zeroizing<String>,
    /// The file, or `None` for the environment and `git -c`.
    pub file: Option<PathBuf>,
    /// Counted from 1; `None` if nobody looked, or if the file does not show it plainly.
    pub line: Option<usize>,
}

impl Setting {
    /// Reads what `git config --null` prints of one: its scope, its origin, which is relative
    /// to `directory`, and `name [LF value]`.
    pub(super) fn parse(
        scope: &[u8],
        origin: &[u8],
        text: &[u8],
        directory: &Path,
    ) -> Option<Self> {
        let text = Zeroizing::new(String::from_utf8_lossy(text).into_owned());
        // A key without `=` stands for true.
        let (name, value) = text.split_once('\n').unwrap_or((&text, "true"));
        let (section, rest) = name.split_once('.')?;
        let (subsection, key) = match rest.rsplit_once('.') {
            Some((subsection, key)) => (Some(subsection), key),
            None => (None, rest),
        };
        let file = origin.strip_prefix(b"file:").map(platform::path_from_git);
        Some(Self {
            trusted: matches!(scope, b"system" | b"global" | b"command"),
            section: section.to_ascii_lowercase(),
            subsection: subsection.map(str::to_owned),
            key: key.to_ascii_lowercase(),
            value: Zeroizing::new(value.to_owned()),
            file: file.map(|file| directory.join(file)),
            line: None,
        })
    }

    /// Whether it is `section.<any or none>.key`; both in lower case.
    pub fn is(&self, section: &str, key: &str) -> bool {
        self.section == section && self.key == key
    }

    /// Whether it is where a remote is fetched from or pushed to.
    pub fn is_remote_url(&self) -> bool {
        self.is("remote", "url") || self.is("remote", "pushurl")
    }

    /// Whether it is `credential.*` and Git obeys it for `url`.
    pub fn is_about_credentials_of(&self, url: &Url) -> bool {
        self.section == "credential"
            && self
                .subsection
                .as_deref()
                .is_none_or(|it| pattern::applies_to_credentials(it, url))
    }

    /// Whether the repository brought it along.
    pub fn is_repository_local(&self) -> bool {
        !self.trusted
    }

    /// The file that it stands in, for a sentence.
    pub fn place(&self) -> String {
        self.file.as_deref().map_or_else(
            || "the environment or git -c".to_owned(),
            |file| crate::text::shown(&file.to_string_lossy()),
        )
    }
}

impl Display for Setting {
    /// Where it stands: `FILE:LINE`.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Some(file) = &self.file else {
            return formatter.write_str("the environment (GIT_CONFIG_COUNT) or git -c");
        };
        formatter.write_str(&crate::text::shown(&file.to_string_lossy()))?;
        self.line
            .map_or(Ok(()), |line| write!(formatter, ":{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(scope: &str, origin: &str, text: &str) -> Option<Setting> {
        let folder = Path::new("/work");
        Setting::parse(scope.as_bytes(), origin.as_bytes(), text.as_bytes(), folder)
    }

    #[test]
    fn a_name_is_taken_apart_at_its_first_and_last_dot() {
        for (text, section, subsection, key, value) in [
            (
                "core.askPass\n/bin/ask",
                "core",
                None,
                "askpass",
                "/bin/ask",
            ),
            ("Core.AskPass\n", "core", None, "askpass", ""),
            ("credential.helper", "credential", None, "helper", "true"),
            (
                "credential.https://Bitbucket.org.helper\nx\ny",
                "credential",
                Some("https://Bitbucket.org"),
                "helper",
                "x\ny",
            ),
            ("remote..url\n.", "remote", Some(""), "url", "."),
        ] {
            let found = parse("global", "file:/etc/gitconfig", text).unwrap();
            assert_eq!(found.section, section, "{text}");
            assert_eq!(found.subsection.as_deref(), subsection, "{text}");
            assert_eq!((&*found.key, found.value.as_str()), (key, value), "{text}");
        }
        assert!(parse("global", "file:/x", "nodot\nx").is_none());
    }

    #[test]
    fn what_no_person_wrote_is_the_repository_s() {
        for (scope, trusted) in [
            ("system", true),
            ("global", true),
            ("command", true),
            ("local", false),
            ("worktree", false),
            ("unknown", false),
            ("", false),
            ("Global", false),
        ] {
            let found = parse(scope, "file:/x", "a.b\nc").unwrap();
            assert_eq!(found.trusted, trusted, "{scope}");
            assert_eq!(found.is_repository_local(), !trusted, "{scope}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn where_a_setting_stands_is_told_with_its_line() {
        for (origin, line, place, whole) in [
            (
                "file:/home/a/.gitconfig",
                Some(3),
                "/home/a/.gitconfig",
                "/home/a/.gitconfig:3",
            ),
            (
                "file:.git/config",
                None,
                "/work/.git/config",
                "/work/.git/config",
            ),
            (
                "command line:",
                Some(9),
                "the environment or git -c",
                "the environment (GIT_CONFIG_COUNT) or git -c",
            ),
        ] {
            let mut found = parse("global", origin, "a.b\nc").unwrap();
            found.line = line;
            assert_eq!(found.place(), place);
            assert_eq!(found.to_string(), whole);
        }
    }

    #[test]
    fn a_setting_about_credentials_is_for_the_urls_that_it_names() {
        let url = Url::parse("https://bitbucket.org/acme/widgets.git").unwrap();
        for (text, is_about) in [
            ("credential.helper\nx", true),
            ("credential.https://bitbucket.org.helper\nx", true),
            ("credential.bitbucket.org.helper\nx", true),
            ("credential.https://github.com.helper\nx", false),
            ("http.https://bitbucket.org.proxy\nx", false),
        ] {
            let found = parse("global", "file:/x", text).unwrap();
            assert_eq!(found.is_about_credentials_of(&url), is_about, "{text}");
        }
    }

    #[test]
    fn a_remote_is_fetched_from_and_pushed_to() {
        for (text, is_remote) in [
            ("remote.origin.url\nx", true),
            ("remote.origin.pushURL\nx", true),
            ("remote.origin.fetch\nx", false),
            ("branch.main.url\nx", false),
        ] {
            assert_eq!(
                parse("local", "", text).unwrap().is_remote_url(),
                is_remote,
                "{text}"
            );
        }
    }
}
