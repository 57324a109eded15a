//! The forms of files that hold secrets: a table, and one file for each row. A row says
//! which files there are, how they are read, and where a secret goes back. How a file is
//! edited stands in `removal`.

mod git_config;
mod netrc;
mod store_file;

use super::machine::Machine;
use super::place::PlaceKind;
use super::span::SecretSpan;
use crate::bitbucket::Site;
use serde::{Serialize, Serializer};
use std::path::PathBuf;

pub(super) use git_config::FORM as GIT_CONFIG;
#[cfg(test)]
pub(super) use netrc::FORM as NETRC;
#[cfg(test)]
pub(super) use store_file::FORM as STORE_FILE;

/// All of them, in the order in which their files are searched.
pub(super) const FORMS: [&Form; 3] = [&store_file::FORM, &netrc::FORM, &git_config::FORM];

/// One form.
pub(super) struct Form {
    /// What a backup calls it.
    pub name: &'static str,
    /// The secrets of a file that are the site's, in their order.
    pub spans: fn(&[u8], &Site) -> Vec<SecretSpan>,
    /// The content with a span in it, where its neighbours have changed; `None` if there is
    /// no place for it.
    pub place_for: fn(&[u8], &LostSpan) -> Option<Vec<u8>>,
    /// Whether entries for one host go together if their names differ.
    pub names_apart: bool,
    /// What kind of place a span of it is.
    pub kind: fn(&SecretSpan) -> &'static PlaceKind,
    /// Its files on this machine; `None` if a search of its own finds them.
    pub files: Option<fn(&Machine) -> NamedFiles>,
}

/// By its name.
impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Form {
    /// The form of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMS.into_iter().find(|form| form.name == name)
    }
}

/// A span that was removed, as it is put into a file whose other bytes have changed.
pub(super) struct LostSpan<'a> {
    /// The configuration's key, without a login.
    pub key: &'a str,
    /// What the value or the section's name is without it.
    pub remainder: &'a [u8],
    /// Whether it is in a section's name.
    pub in_section: bool,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// The files of one form.
#[derive(Default)]
pub(super) struct NamedFiles {
    pub files: Vec<NamedFile>,
    /// What cannot be searched, and why.
    pub troubles: Vec<(&'static str, &'static str)>,
}

/// One file.
pub(super) struct NamedFile {
    pub path: PathBuf,
    /// Whether only a repository's own settings name it.
    pub brought_along: bool,
}

impl NamedFile {
    /// A file of the person's.
    pub fn own(path: PathBuf) -> Self {
        Self {
            path,
            brought_along: false,
        }
    }
}

/// A line with an end.
fn with_newline(line: &[u8]) -> Vec<u8> {
    let newline: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
    [line, newline].concat()
}
