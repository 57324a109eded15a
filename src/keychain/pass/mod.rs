//! The store `pass`: entries of the standard Unix password manager, each a file that GPG
//! encrypts with the person's key. All reading and writing is done by that program (`program`);
//! only which entries there are is read from its folder, since it has no list for programs.

use super::file::explain;
use super::{Deletion, Failure, Item, Kept, LockWords, Store, Unlock};
use crate::lock::Lock;
use crate::platform;
use crate::reason::Reason;
use crate::secret::Secret;
use crate::text::shown;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

mod program;
mod status;

/// How long other writers are waited for, each of which starts a dozen programs.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The ending of an entry's file.
const ENDING: &str = ".gpg";

/// What the name of an entry begins with that is not in its place yet: no list has it.
const DRAFT: &str = ".new-";

/// The store; it touches nothing yet.
pub fn pass() -> impl Store {
    Pass
}

/// Whether the person has it: the program, and a folder with the key's name in it.
pub fn is_set_up() -> bool {
    program::find().is_some() && root().is_ok_and(|root| root.join(".gpg-id").is_file())
}

struct Pass;

/// gpg-agent unlocks it for as long as it remembers the passphrase.
static LOCK: LockWords = LockWords {
    locked: "is locked: nobody could be asked for the passphrase of its GPG key",
    dismissed: "stays locked, since the passphrase of its GPG key was not given or was wrong",
    next: "give it in a terminal: git credential-bitbucket status",
    status_asks: true,
};

impl Store for Pass {
    fn name(&self) -> &'static str {
        "the password store (pass)"
    }

    fn lock_words(&self) -> &'static LockWords {
        &LOCK
    }

    fn items(
        &self,
        service: &str,
        account: Option<&str>,
        unlock: Unlock,
    ) -> Result<Vec<Kept>, Failure> {
        let (root, folder) = (ready()?, folder_of(service));
        let names = match account {
            Some(account) => vec![format!("{folder}/{}", escaped(account))],
            None => entries(&root, &folder)?,
        };
        let mut items = Vec::new();
        for name in names {
            if let Some(payload) = show(&name, unlock)? {
                let handle = name;
                items.push(Kept { handle, payload });
            }
        }
        Ok(items)
    }

    /// It is encrypted beside the old one, which it then replaces in one step: whoever is
    /// killed meanwhile leaves the one or the other.
    fn write(&self, service: &str, item: &Item, unlock: Unlock) -> Result<(), Failure> {
        let (root, folder) = (ready()?, folder_of(service));
        let _alone = alone()?;
        // Left behind by a process that was killed.
        for draft in drafts(&root, &folder)? {
            program::run(&["rm", "--force", &draft], b"", unlock)?;
        }
        let number = getrandom::u64()
            .map_err(|error| Failure::Failed(format!("no random name: {error}").into()))?;
        let draft = format!("{folder}/{DRAFT}{number:016x}");
        let name = format!("{folder}/{}", escaped(&item.account));
        let input = item.payload.expose();
        let written = program::run(&["insert", "--multiline", "--force", &draft], input, unlock)
            .and_then(|_| program::run(&["mv", "--force", &draft, &name], b"", unlock));
        if written.is_err() && is_there(&draft)? {
            // What is left of it is encrypted, and in no list.
            let _ = program::run(&["rm", "--force", &draft], b"", Unlock::Never);
        }
        written.map(|_| ())
    }

    fn delete(&self, service: &str, kept: &Kept, unlock: Unlock) -> Result<Deletion, Failure> {
        ready()?;
        let folder = folder_of(service);
        let is_ours = kept
            .handle
            .strip_prefix(&folder)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|name| !name.contains('/') && !name.starts_with(['.', '-']));
        if !is_ours {
            return Ok(Deletion::Unchanged);
        }
        let _alone = alone()?;
        if show(&kept.handle, unlock)?.as_ref() != Some(&kept.payload) {
            return Ok(Deletion::Unchanged);
        }
        program::run(&["rm", "--force", &kept.handle], b"", unlock)?;
        Ok(Deletion::Deleted)
    }
}

/// An entry, decrypted; `None` if there is none of this name.
fn show(name: &str, unlock: Unlock) -> Result<Option<Secret>, Failure> {
    if !is_there(name)? {
        return Ok(None);
    }
    match program::run(&["show", name], b"", unlock) {
        Ok(payload) => Ok(Some(payload)),
        // Another process may have been faster.
        Err(_) if !is_there(name)? => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// An entry of another program's; `None` if there is none of this name.
pub fn entry(name: &str, unlock: Unlock) -> Result<Option<Secret>, Failure> {
    ready()?;
    show(name, unlock)
}

fn is_there(name: &str) -> Result<bool, Failure> {
    let path = root()?.join(format!("{name}{ENDING}"));
    match fs::symlink_metadata(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(&path, &error)),
    }
}

/// The names of all entries of a folder, but for drafts.
fn entries(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    names(&root.join(folder), folder, |name| !name.starts_with('.'))
}

/// The names of its drafts.
fn drafts(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    names(&root.join(folder), folder, |name| name.starts_with(DRAFT))
}

fn names(path: &Path, folder: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, Failure> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| unreadable(path, &error))?.file_name();
        let name = file.to_str().and_then(|file| file.strip_suffix(ENDING));
        if let Some(name) = name.filter(|name| wanted(name)) {
            names.push(format!("{folder}/{name}"));
        }
    }
    names.sort();
    Ok(names)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let why = format!("'{}': {error}", shown(&path.to_string_lossy()));
    Failure::Unreachable(Reason::new(why, "correct that, then try again"))
}

/// Its folder, if it is there and can be used.
fn ready() -> Result<PathBuf, Failure> {
    let root = root()?;
    if program::find().is_none() {
        let why = "its program, pass, is not on PATH";
        return Err(Failure::Missing(Reason::fixed(
            why,
            "install it, or choose another store: git credential-bitbucket configure --store NAME",
        )));
    }
    if !root.join(".gpg-id").is_file() {
        let why = format!(
            "there is none in '{}' (no file .gpg-id)",
            shown(&root.to_string_lossy())
        );
        return Err(Failure::Missing(Reason::new(
            why,
            "make one: pass init YOUR-GPG-KEY",
        )));
    }
    Ok(root)
}

/// Where the entries are.
fn root() -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let root = variable("PASSWORD_STORE_DIR")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".password-store")));
    root.filter(|root| root.is_absolute()).ok_or_else(|| {
        let why = "neither PASSWORD_STORE_DIR nor HOME names a folder by its whole path";
        Failure::Unreachable(Reason::fixed(why, "set HOME"))
    })
}

/// Nobody of ours writes as long as the lock lives.
fn alone() -> Result<Lock, Failure> {
    let folder = platform::cache_folder().ok_or_else(|| {
        let why = "neither XDG_CACHE_HOME nor HOME names a folder";
        Failure::Unreachable(Reason::fixed(why, "set HOME"))
    })?;
    let folder = folder.join("pass");
    platform::create_secret_folder(&folder).map_err(|unfit| explain(&folder, 700, unfit))?;
    let path = folder.join("lock");
    let lock = Lock::at(&path).map_err(|error| explain(&path, 600, error.into()))?;
    if lock.take(LONGEST_WAIT, |_| {}) {
        Ok(lock)
    } else {
        Err(Failure::Unreachable(Reason::fixed(
            "another process is writing to it still",
            "try again",
        )))
    }
}

/// The folder of a service: `git-credential-bitbucket/bitbucket.org`.
fn folder_of(service: &str) -> String {
    let (program, of) = service.split_once(':').unwrap_or((service, ""));
    let of = of.strip_prefix("https://").unwrap_or(of);
    format!("{}/{}", escaped(program), escaped(of))
}

/// A text as the name of one file that is neither hidden nor an option.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    if text.is_empty() {
        return "%".to_owned();
    }
    let mut name = String::new();
    for (index, letter) in text.char_indices() {
        let is_plain = !letter.is_control()
            && !matches!(letter, '/' | '%' | '\\')
            && (index > 0 || !matches!(letter, '.' | '-'));
        if is_plain {
            name.push(letter);
        } else {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(name, "%{byte:02X}");
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_a_folder_and_an_account_a_file_in_it() {
        for (service, folder) in [
            (
                "git-credential-bitbucket:https://bitbucket.org",
                "git-credential-bitbucket/bitbucket.org",
            ),
            (
                "git-credential-bitbucket:https://git.example:8443/scm",
                "git-credential-bitbucket/git.example:8443%2Fscm",
            ),
            (
                "git-credential-bitbucket:http://localhost",
                "git-credential-bitbucket/http:%2F%2Flocalhost",
            ),
            (
                "git-credential-bitbucket:set-aside",
                "git-credential-bitbucket/set-aside",
            ),
        ] {
            assert_eq!(folder_of(service), folder);
        }
        for (account, name) in [
            ("alice", "alice"),
            ("alice@acme/widgets", "alice@acme%2Fwidgets"),
            ("p\u{e9}r\u{fa} \u{1f511}", "p\u{e9}r\u{fa} \u{1f511}"),
            ("..", "%2E."),
            (".hidden", "%2Ehidden"),
            ("--force", "%2D-force"),
            ("a%2Fb", "a%252Fb"),
            ("a\\b\n", "a%5Cb%0A"),
            ("", "%"),
        ] {
            assert_eq!(escaped(account), name);
        }
    }
}
