//! The plain-text store of Git Credential Manager: a file for each secret, below
//! `git/https/<host>`. Its other store on Linux is `pass`: see `pass_entries`.

use super::super::found::FoundSecret;
use super::super::machine::LONGEST_FILE;
use super::super::place::{GitUse, HelperName, PlaceKind, SecretPlace};
use super::super::removal::{RemovableSecret, WholeFile};
use super::search::Search;
use crate::bitbucket::shape;
use crate::git::{Git, Scope};
use crate::platform;
use crate::secret::Secret;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const KIND: PlaceKind = PlaceKind {
    id: "manager-file",
    words: "{file}",
    git_use: GitUse::Helper(HelperName::Part("manager")),
};

const ENDING: &str = "credential";

/// How deep below a host, and how many files.
const DEEPEST: usize = 8;
const MOST_FOLDERS: usize = 1000;

/// Searches the store.
pub(super) fn search(search: &mut Search) {
    let site = search.machine.surroundings.site;
    for root in roots(search) {
        for host in site.names() {
            for file in files_below(search, &root.join("git/https").join(host), ENDING) {
                report(search, host, &file);
            }
        }
    }
}

/// The store's folders: the one by default, and those that a setting names.
fn roots(search: &Search) -> Vec<PathBuf> {
    let context = search.machine.surroundings.context;
    let mut roots: Vec<_> = search
        .machine
        .folder("", ".gcm", "store")
        .into_iter()
        .collect();
    let named = context
        .variable("GCM_PLAINTEXT_STORE_PATH")
        .map(PathBuf::from);
    let setting = [
        "config",
        "--type=path",
        "--get",
        "credential.plaintextStorePath",
    ];
    let set = Git::new(context, Scope::Global).and_then(|git| git.ask(&setting));
    for root in named.into_iter().chain(set.ok()) {
        if root.is_absolute() && !roots.contains(&root) {
            roots.push(root);
        }
    }
    roots
}

/// The files with this ending, of a folder and of all below it.
pub(super) fn files_below(search: &mut Search, folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        seen += 1;
        if seen > MOST_FOLDERS {
            search.trouble(&folder.to_string_lossy(), "too many folders are beside it");
            break;
        }
        let mut entries: Vec<_> = match fs::read_dir(&folder) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) => {
                if error.kind() != ErrorKind::NotFound {
                    search.trouble(&folder.to_string_lossy(), error.to_string());
                }
                continue;
            }
        };
        entries.sort();
        for path in entries {
            let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
            if is_folder && depth < DEEPEST {
                folders.push((path, depth + 1));
            } else if path.extension().is_some_and(|found| found == ending) {
                files.push(path);
            }
        }
    }
    files
}

fn report(search: &mut Search, host: &str, file: &Path) {
    let content = match platform::read_plain_file(file, LONGEST_FILE) {
        Ok(content) => Secret::new(content),
        Err(error) => return search.trouble(&file.to_string_lossy(), error.to_string()),
    };
    let Some((secret, path, username)) = understood(host, content.expose()) else {
        return;
    };
    search.found.push(FoundSecret {
        place: SecretPlace::file(&KIND, file),
        host: host.to_owned(),
        path,
        username,
        shape: shape(&secret.trimmed()),
        secret,
        fixed: None,
        brought_along: false,
        in_name: false,
        removal: RemovableSecret::Whole(WholeFile::of(file, &content)),
    });
}

/// The password in the first line; below it `service=` and `account=`.
pub(super) fn understood(
    host: &str,
    content: &[u8],
) -> Option<(Secret, Option<String>, Option<String>)> {
    let mut lines = content
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let secret = lines.next().filter(|line| !line.is_empty())?;
    let value = |key: &str| {
        let value = lines
            .clone()
            .find_map(|line| line.strip_prefix(key.as_bytes()));
        value.map(|value| String::from_utf8_lossy(value).into_owned())
    };
    let path = value("service=").and_then(|service| {
        let path = service.strip_prefix("https://")?.strip_prefix(host)?;
        Some(path.trim_matches('/').to_owned())
    });
    let path = path.filter(|path| !path.is_empty());
    Some((Secret::copy_of(secret), path, value("account=")))
}
