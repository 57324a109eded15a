//! The Gits of this machine: every test runs under each of them.

use super::Rig;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// One Git, to be chosen by the order of PATH.
#[derive(Clone, Debug)]
pub struct Git {
    /// Where the program `git` lies.
    pub directory: PathBuf,
    /// Major, minor, patch.
    pub version: (u32, u32, u32),
}

impl Git {
    /// Whether it speaks `authtype` and `state` (2.46).
    pub fn has_capabilities(&self) -> bool {
        self.version >= (2, 46, 0)
    }

    pub fn program(&self) -> PathBuf {
        self.directory.join("git")
    }
}

impl fmt::Display for Git {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.version;
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

/// Runs `git ls-remote` with a helper that answers with these lines; returns what it was asked.
pub fn operations(rig: &Rig, git: &Git, url: &str, lines: &str) -> Vec<String> {
    let log = rig.home.path().join("operations");
    let answer = rig.home.add_file("helper-answer", lines);
    let helper = format!(
        "!f() {{ echo $1 >>'{}'; cat >/dev/null; test $1 != get || cat '{}'; }}; f",
        log.display(),
        answer.display()
    );
    let option = format!("credential.helper={helper}");
    rig.git(git, &["-c", &option, "ls-remote", url]);
    let operations = std::fs::read_to_string(&log).unwrap_or_default();
    let _ = std::fs::remove_file(log);
    operations.lines().map(str::to_owned).collect()
}

/// Every distinct Git of PATH and the usual folders, the first of PATH first.
///
/// # Panics
/// If there is none.
pub fn gits() -> Vec<Git> {
    static FOUND: OnceLock<Vec<Git>> = OnceLock::new();
    FOUND.get_or_init(find).clone()
}

fn find() -> Vec<Git> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/local/bin", "/usr/bin"].map(PathBuf::from);
    let mut seen_programs = BTreeSet::new();
    let mut seen_versions = BTreeSet::new();
    let mut found = Vec::new();
    for directory in std::env::split_paths(&path).chain(usual) {
        let Ok(program) = directory.join("git").canonicalize() else {
            continue;
        };
        if !seen_programs.insert(program) {
            continue;
        }
        let Some(version) = version(&directory.join("git")) else {
            continue;
        };
        if seen_versions.insert(version) {
            found.push(Git { directory, version });
        }
    }
    assert!(!found.is_empty(), "no git on PATH");
    found
}

/// What `git --version` says; `None` if it is no working Git.
fn version(program: &Path) -> Option<(u32, u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// `git version 2.39.5 (Apple Git-154)`, `git version 2.47.3.windows.1`
pub fn parse(text: &str) -> Option<(u32, u32, u32)> {
    let text = text.trim().strip_prefix("git version ")?;
    let number = text.split(' ').next()?;
    let mut parts = number.split('.').map(|part| part.parse().ok());
    let (major, minor) = (parts.next()??, parts.next()??);
    Some((major, minor, parts.next().flatten().unwrap_or(0)))
}
