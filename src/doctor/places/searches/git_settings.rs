//! Which configuration files there are: those that Git says it reads here, those of the
//! repository's submodules, `.gitmodules` and `.lfsconfig`. A login that Git reads but that we
//! cannot edit in its file is reported as trouble.

use super::super::headers::{host_of, of_authorization};
use super::super::login_url::{LoginUrl, host_and_path};
use super::environment;
use super::files::GIT_CONFIG;
use super::search::Search;
use crate::bitbucket::Site;
use crate::git::Setting;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How deep submodules are looked for, and in how many folders.
const DEEPEST: usize = 8;
const MOST_FOLDERS: usize = 4000;

/// Searches all of them.
pub(super) fn search(search: &mut Search) {
    let machine = search.machine;
    let site = machine.surroundings.site;
    // A file that is included twice is listed twice.
    let mut expected: BTreeMap<&Path, Expected> = BTreeMap::new();
    for line in &machine.lines {
        let has_secret = has_secret(line, site);
        if let Some(file) = &line.file {
            let file = expected.entry(file).or_default();
            file.is_own |= line.trusted;
            let name = (&*line.section, line.subsection.as_deref(), &*line.key);
            file.secrets
                .extend(has_secret.then(|| (name, &**line.value)));
        } else if has_secret {
            environment::of_setting(search, line.value.as_bytes());
        }
    }
    let mut expected: Vec<_> = expected.into_iter().collect();
    // A link of a repository's to a file of the person's is not the first to be read.
    expected.sort_by_key(|(_, file)| !file.is_own);
    for (path, file) in expected {
        let found = search.file(path, &GIT_CONFIG, !file.is_own);
        if found.is_some_and(|found| found < file.secrets.len()) {
            let reason = "it has a login for Bitbucket in a form that only you can edit";
            search.trouble(&path.to_string_lossy(), reason);
        }
    }
    let ask = |arguments| {
        let git = &machine.git;
        Some(git.absolute(git.ask(arguments).ok()?))
    };
    let folder = ask(&["rev-parse", "--git-common-dir"]);
    let top = ask(&["rev-parse", "--show-toplevel"]);
    if let Some(folder) = folder {
        submodules(search, &folder.join("modules"));
    }
    if let Some(top) = top {
        for name in [".gitmodules", ".lfsconfig"] {
            search.shared_file(&top.join(name), &GIT_CONFIG);
        }
    }
}

/// What Git read from a file.
#[derive(Default)]
struct Expected<'a> {
    /// Whether it is from a scope of the person's.
    is_own: bool,
    /// By name and value.
    secrets: BTreeSet<(Name<'a>, &'a str)>,
}

/// Section, subsection and key.
type Name<'a> = (&'a str, Option<&'a str>, &'a str);

/// The host and path of a remote.
pub(super) fn remote(line: &Setting, site: &Site) -> Option<(String, String)> {
    let url = line.is_remote_url().then(|| line.value.as_bytes())?;
    let (host, path) = host_and_path(url, site)?;
    Some((host, path?))
}

fn has_secret(line: &Setting, site: &Site) -> bool {
    let pattern = line.subsection.as_deref();
    let is_header =
        line.is("http", "extraheader") && pattern.is_none_or(|it| host_of(it, site).is_some());
    let value = line.value.as_bytes();
    LoginUrl::parse(value, site).is_some() || is_header && of_authorization(value).is_some()
}

/// The configuration of every submodule's repository. No link is followed.
fn submodules(search: &mut Search, folder: &Path) {
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        seen += 1;
        if seen > MOST_FOLDERS {
            return search.trouble(&folder.to_string_lossy(), "too many folders are below it");
        }
        let is_repository = folder.join("HEAD").is_file() && folder.join("objects").is_dir();
        let deeper = if is_repository {
            search.file(&folder.join("config"), &GIT_CONFIG, true);
            folder.join("modules")
        } else {
            folder
        };
        let Ok(entries) = std::fs::read_dir(&deeper) else {
            continue;
        };
        for entry in entries.flatten() {
            if depth < DEEPEST && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push((entry.path(), depth + 1));
            }
        }
    }
}
