//! Files that hold secrets: a table with a row for each format, and one file for each row. A
//! row says which files there are, how they are read, and where a secret goes back. How a file
//! is edited stands in `removal`; what is no such file has a search of its own beside this folder.

mod git_config;
mod netrc;
mod store_file;

use crate::bitbucket::Site;
use crate::doctor::places::machine::Machine;
use crate::doctor::places::place::PlaceKind;
use crate::doctor::places::span::SecretSpan;
use serde::{Serialize, Serializer};
use std::path::PathBuf;

pub(in crate::doctor::places) use git_config::FORMAT as GIT_CONFIG;
#[cfg(test)]
pub(in crate::doctor::places) use netrc::FORMAT as NETRC;
#[cfg(test)]
pub(in crate::doctor::places) use store_file::FORMAT as STORE_FILE;

/// All of them, in the order in which their files are searched.
pub(in crate::doctor::places) const FORMATS: [&FileFormat; 3] =
    [&store_file::FORMAT, &netrc::FORMAT, &git_config::FORMAT];

/// How one sort of file is written, and where such files are.
pub(in crate::doctor::places) struct FileFormat {
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
impl Serialize for FileFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl std::fmt::Debug for FileFormat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl FileFormat {
    /// The format of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.into_iter().find(|format| format.name == name)
    }
}

/// A span that was removed, as it is put into a file whose other bytes have changed.
pub(in crate::doctor::places) struct LostSpan<'a> {
    /// The configuration's key, without a login.
    pub key: &'a str,
    /// What the value or the section's name is without it.
    pub remainder: &'a [u8],
    /// Whether it is in a section's name.
    pub in_section: bool,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// The files of one format.
#[derive(Default)]
pub(in crate::doctor::places) struct NamedFiles {
    pub files: Vec<NamedFile>,
    /// What cannot be searched, and why.
    pub troubles: Vec<(&'static str, &'static str)>,
}

/// One file.
pub(in crate::doctor::places) struct NamedFile {
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
