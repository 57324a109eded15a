//! Which configuration files there are: those that Git says it reads here, those of the
//! repository's submodules, `.gitmodules` and `.lfsconfig`. What Git reads and no file shows in a form
//! that can be edited is told as trouble.

use super::config::{host_of, of_authorization};
use super::environment;
use super::login_url::LoginUrl;
use super::piece::Form;
use super::search::Search;
use crate::git::{Git, Scope};
use crate::platform;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How deep submodules are looked for, and in how many folders.
const DEEPEST: usize = 8;
const MOST_FOLDERS: usize = 4000;

/// One setting as Git read it.
struct Listed {
    /// `None` is the command line or the environment.
    file: Option<PathBuf>,
    key: Zeroizing<String>,
    value: Zeroizing<Vec<u8>>,
}

/// Searches all of them.
pub(super) fn search(search: &mut Search) {
    let surroundings = search.surroundings;
    let context = &surroundings.context;
    let here = Git::new(context, Scope::Local).ok();
    let Some(git) = here.or_else(|| Git::new(context, Scope::Global).ok()) else {
        return;
    };
    let listed = match list(&git) {
        Ok(listed) => listed,
        Err(reason) => return search.trouble("Git's configuration", reason),
    };
    // A file that is included twice is listed twice.
    let mut expected: BTreeMap<&Path, BTreeSet<(&str, &[u8])>> = BTreeMap::new();
    for setting in &listed {
        let has_secret = setting.has_secret();
        if let Some(file) = &setting.file {
            let secrets = expected.entry(file).or_default();
            secrets.extend(has_secret.then(|| (setting.key.as_str(), setting.value.as_slice())));
        } else if has_secret {
            environment::of_setting(search, &setting.value);
        }
    }
    for (file, secrets) in expected {
        let found = search.file(file, Form::Config);
        if found.is_some_and(|found| found < secrets.len()) {
            let reason = "it has a login for Bitbucket in a form that only you can edit";
            search.trouble(&file.to_string_lossy(), reason);
        }
    }
    if let Ok(folder) = git.ask(&["rev-parse", "--git-common-dir"]) {
        submodules(search, &git.absolute(folder).join("modules"));
    }
    if let Ok(top) = git.ask(&["rev-parse", "--show-toplevel"]) {
        let top = git.absolute(top);
        for name in [".gitmodules", ".lfsconfig"] {
            search.shared_file(&top.join(name), Form::Config);
        }
    }
}

impl Listed {
    fn has_secret(&self) -> bool {
        let key = self.key.strip_prefix("http.");
        let is_header = match key.and_then(|key| key.strip_suffix("extraheader")) {
            Some("") => true,
            Some(pattern) => host_of(pattern.trim_end_matches('.')).is_some(),
            None => false,
        };
        LoginUrl::parse(&self.value).is_some()
            || is_header && of_authorization(&self.value).is_some()
    }
}

/// Everything that Git reads here.
fn list(git: &Git) -> Result<Vec<Listed>, String> {
    let output = git
        .command(&["config", "--null", "--show-origin", "--list"])
        .output()
        .map_err(|error| error.to_string())?;
    let bytes = Zeroizing::new(output.stdout);
    if !output.status.success() {
        return Err("Git cannot read it: see git config --list".to_owned());
    }
    let mut fields = bytes.split(|&byte| byte == 0);
    let mut listed = Vec::new();
    while let (Some(origin), Some(entry)) = (fields.next(), fields.next()) {
        let newline = entry.iter().position(|&byte| byte == b'\n');
        let (key, value) = newline.map_or((entry, &b""[..]), |at| (&entry[..at], &entry[at + 1..]));
        let file = origin
            .strip_prefix(b"file:")
            .map(|file| git.absolute(platform::path_from_git(file)));
        listed.push(Listed {
            file,
            key: Zeroizing::new(String::from_utf8_lossy(key).into_owned()),
            value: Zeroizing::new(value.to_vec()),
        });
    }
    Ok(listed)
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
            search.file(&folder.join("config"), Form::Config);
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
