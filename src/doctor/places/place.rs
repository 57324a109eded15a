//! The places where secrets lie: what is true of each kind of place, and one such place. How
//! a place is searched, and how a secret leaves it, stands in other modules.

use crate::text::shown;
use std::path::PathBuf;

/// The host of a secret that is sent to whoever asks.
pub const EVERY_HOST: &str = "*";

/// What is true of all places of one kind.
#[derive(Debug, PartialEq, Eq)]
pub struct PlaceKind {
    /// A short fixed name, for programs.
    pub id: &'static str,
    /// Where a secret lies, for the middle of a sentence. `{file}`, `{line}` and `{name}`
    /// stand for the place's own.
    pub words: &'static str,
    /// When Git comes upon it.
    pub git_use: GitUse,
}

/// When Git comes upon what lies in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitUse {
    /// In a URL in Git's configuration, of a remote, say.
    Url,
    /// In the base that `url.<base>.insteadOf` puts into other URLs.
    BaseUrl,
    /// In a header that is sent with every request.
    Header,
    /// In the file that curl reads inside Git.
    Netrc,
    /// It asks a helper of this name.
    Helper(HelperName),
    /// Never by itself: it is a variable.
    Variable,
}

/// By which name a helper is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelperName {
    /// The whole name: `store`.
    Whole(&'static str),
    /// A part of the name.
    Part(&'static str),
    /// A part of the name that is also in the name of the program whose item it is.
    OfProgram,
}

/// The programs that keep items in a platform's keychain, by the part of the name that their
/// helpers have in common with them.
const KEYCHAIN_PROGRAMS: [&str; 6] = [
    "libsecret",
    "osxkeychain",
    "wincred",
    "manager",
    "oo7",
    "keepassxc",
];

/// An item that another program keeps in the platform's keychain: `name` is the program.
pub(super) const KEYCHAIN: PlaceKind = PlaceKind {
    id: "keyring",
    words: "the keychain, item of {name}",
    git_use: GitUse::Helper(HelperName::OfProgram),
};

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretPlace {
    /// Of which kind it is.
    pub kind: &'static PlaceKind,
    /// The file or the socket; empty if it has none.
    pub file: PathBuf,
    /// Counted from 1; 0 if it has none.
    pub line: usize,
    /// The configuration's key, the variable, or the program whose item it is.
    pub name: String,
}

impl SecretPlace {
    /// The whole of a file, or a socket.
    pub fn file(kind: &'static PlaceKind, file: impl Into<PathBuf>) -> Self {
        Self {
            kind,
            file: file.into(),
            line: 0,
            name: String::new(),
        }
    }

    /// Something that is known by its name.
    pub fn named(kind: &'static PlaceKind, name: &str) -> Self {
        Self {
            kind,
            file: PathBuf::new(),
            line: 0,
            name: name.to_owned(),
        }
    }

    /// Whether a helper of this name, without `git-credential-`, has what lies here.
    pub fn is_asked_by(&self, helper: &str) -> bool {
        match self.kind.git_use {
            GitUse::Helper(HelperName::Whole(name)) => helper == name,
            GitUse::Helper(HelperName::Part(part)) => helper.contains(part),
            GitUse::Helper(HelperName::OfProgram) => {
                let program = self.name.to_ascii_lowercase();
                KEYCHAIN_PROGRAMS
                    .iter()
                    .any(|part| helper.contains(part) && program.contains(part))
            }
            _ => false,
        }
    }

    /// Whether all that a helper of this name has is searched for, so that it has nothing where
    /// nothing is found.
    pub fn is_searched_for(helper: &str) -> bool {
        let parts = ["cache", "libsecret", "osxkeychain", "wincred"];
        helper == "store" || parts.iter().any(|part| helper.contains(part))
    }

    /// Whether it is the variable of this name.
    pub fn is_variable(&self, name: &str) -> bool {
        self.kind.git_use == GitUse::Variable && self.name == name
    }
}

impl std::fmt::Display for SecretPlace {
    /// For the middle of a sentence: `line 3 of /home/alice/.git-credentials`. Safe for a
    /// terminal, and never with a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = |name: &str| match name {
            "file" => shown(&self.file.to_string_lossy()),
            "line" => self.line.to_string(),
            _ => shown(&self.name),
        };
        formatter.write_str(&crate::bitbucket::outcomes::fill(self.kind.words, word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn kind(git_use: GitUse) -> PlaceKind {
        PlaceKind {
            id: "x",
            words: "line {line} of {file}, {name}",
            git_use,
        }
    }

    static WHOLE: PlaceKind = kind(GitUse::Helper(HelperName::Whole("store")));
    static PART: PlaceKind = kind(GitUse::Helper(HelperName::Part("cache")));
    static VARIABLE: PlaceKind = kind(GitUse::Variable);

    #[test]
    fn a_helper_is_recognised_by_its_name() {
        for (place, helper, is_asked) in [
            (SecretPlace::named(&WHOLE, ""), "store", true),
            (SecretPlace::named(&WHOLE, ""), "store-2", false),
            (SecretPlace::named(&PART, ""), "credential-cache", true),
            (SecretPlace::named(&PART, ""), "store", false),
            (
                SecretPlace::named(&KEYCHAIN, "Git libsecret"),
                "libsecret",
                true,
            ),
            (
                SecretPlace::named(&KEYCHAIN, "git-credential-oo7"),
                "oo7",
                true,
            ),
            (
                SecretPlace::named(&KEYCHAIN, "Git Credential Manager"),
                "manager",
                true,
            ),
            (
                SecretPlace::named(&KEYCHAIN, "Git Credential Manager"),
                "libsecret",
                false,
            ),
            (
                SecretPlace::named(&KEYCHAIN, "Seahorse"),
                "libsecret",
                false,
            ),
            (SecretPlace::named(&VARIABLE, "store"), "store", false),
        ] {
            assert_eq!(place.is_asked_by(helper), is_asked, "{place} {helper}");
        }
    }

    #[test]
    fn of_some_helpers_everything_is_found() {
        for (helper, is_searched) in [
            ("store", true),
            ("cache", true),
            ("/usr/lib/git-core/git-credential-libsecret", true),
            ("store-2", false),
            ("manager", false),
            ("!f()", false),
        ] {
            assert_eq!(
                SecretPlace::is_searched_for(helper),
                is_searched,
                "{helper}"
            );
        }
    }

    #[test]
    fn a_variable_is_known_by_its_name_and_kind() {
        let place = SecretPlace::named(&VARIABLE, "BITBUCKET_TOKEN");
        assert!(place.is_variable("BITBUCKET_TOKEN"));
        assert!(!place.is_variable("BITBUCKET_APP_PASSWORD"));
        let other = SecretPlace::named(&WHOLE, "BITBUCKET_TOKEN");
        assert!(!other.is_variable("BITBUCKET_TOKEN"));
    }

    #[test]
    fn a_place_is_told_without_tricks_for_the_terminal() {
        let mut place = SecretPlace::file(&WHOLE, "/tmp/\u{1b}[31m");
        place.line = 3;
        place.name = "{file}".to_owned();
        assert_eq!(place.to_string(), "line 3 of /tmp/\\u{1b}[31m, {file}");
    }
}
