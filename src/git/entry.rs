//! One value of Git's configuration, and the one decision whose it is: the person's own, or
//! brought along by a repository, whose author made it.

use zeroize::Zeroizing;

/// One value.
pub struct Entry {
    /// Whether it is from a scope that is up to the person: `system`, `global` or `command`.
    /// One that Git does not name counts as the repository's.
    pub trusted: bool,
    /// In lower case.
    pub section: String,
    /// Between the first and the last dot, as written.
    pub subsection: Option<String>,
    /// In lower case.
    pub key: String,
    /// May contain a password.
    pub value: Zeroizing<String>,
}

impl Entry {
    /// Reads `name [LF value]`, as `git config --null` prints it.
    pub(super) fn parse(scope: &[u8], text: &str) -> Option<Self> {
        // A key without `=` stands for true.
        let (name, value) = text.split_once('\n').unwrap_or((text, "true"));
        let (section, rest) = name.split_once('.')?;
        let (subsection, key) = match rest.rsplit_once('.') {
            Some((subsection, key)) => (Some(subsection), key),
            None => (None, rest),
        };
        Some(Self {
            trusted: matches!(scope, b"system" | b"global" | b"command"),
            section: section.to_ascii_lowercase(),
            subsection: subsection.map(str::to_owned),
            key: key.to_ascii_lowercase(),
            value: Zeroizing::new(value.to_owned()),
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
}
