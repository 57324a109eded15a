//! How Git shall start us: by name where every program that runs Git finds us by name, else
//! by our path. The file of the configuration is not touched here.

use super::helper_line::{NAME, PROGRAM};
use crate::git::{Context, shell};
use crate::platform;
use anyhow::{Context as _, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where this program is found.
struct Findings {
    /// Whether every program that runs Git finds it by its name, and no other one.
    by_name: bool,
    /// The way to it in the person's own `PATH`.
    on_path: Option<PathBuf>,
    /// The file that runs.
    executable: PathBuf,
}

/// The value of `helper` for the running program. `exec_path` is `git --exec-path`, where Git
/// looks first.
pub(super) fn choose(context: &Context, exec_path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    value(&find(context, exec_path, &file)?, &file)
}

fn value(findings: &Findings, file: &str) -> anyhow::Result<Vec<u8>> {
    if findings.by_name {
        return Ok(NAME.into());
    }
    // The way a person's PATH leads to us outlives an update better than where a link
    // behind it ends today.
    let path = findings.on_path.as_ref().unwrap_or(&findings.executable);
    ensure!(
        path.file_name() == Some(OsStr::new(file)),
        "this program is called {}, but Git's settings can only name {file}: rename it",
        path.display()
    );
    shell::quote(&platform::path_for_shell(path))
}

fn find(context: &Context, exec_path: &Path, file: &str) -> anyhow::Result<Findings> {
    let own = context
        .executable
        .canonicalize()
        .with_context(|| format!("cannot read {}", context.executable.display()))?;
    let is_own = |path: &PathBuf| path.canonicalize().is_ok_and(|found| found == own);
    let own_path = own_path(context);
    let first_in = |folders: &[PathBuf]| {
        std::iter::once(exec_path)
            .chain(folders.iter().map(PathBuf::as_path))
            .map(|folder| folder.join(file))
            .find(|path| path.exists())
    };
    let desktop: Vec<_> = platform::DESKTOP_PATH.iter().map(PathBuf::from).collect();
    let desktop = if desktop.is_empty() {
        &own_path
    } else {
        &desktop
    };
    Ok(Findings {
        by_name: [desktop, &own_path]
            .into_iter()
            .all(|folders| first_in(folders).as_ref().is_some_and(is_own)),
        on_path: own_path.iter().map(|folder| folder.join(file)).find(is_own),
        executable: context.executable.clone(),
    })
}

fn own_path(context: &Context) -> Vec<PathBuf> {
    context
        .variable("PATH")
        .map(|path| {
            std::env::split_paths(path)
                .filter(|folder| folder.is_absolute())
                .collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn the_name_comes_first_then_the_way_on_path_then_the_file() {
        let ours = "/opt/x 1/git-credential-bitbucket";
        for (by_name, on_path, executable, expected) in [
            (
                true,
                Some("/usr/bin/git-credential-bitbucket"),
                ours,
                Ok("bitbucket"),
            ),
            // By name it may even be called something else.
            (true, None, "/opt/gcb", Ok("bitbucket")),
            (
                false,
                Some("/usr/bin/git-credential-bitbucket"),
                ours,
                Ok("/usr/bin/git-credential-bitbucket"),
            ),
            (false, None, ours, Ok(r"/opt/x\ 1/git-credential-bitbucket")),
            (
                false,
                None,
                "/opt/gcb",
                Err(
                    "this program is called /opt/gcb, but Git's settings can only name \
                    git-credential-bitbucket: rename it",
                ),
            ),
            (
                false,
                None,
                "/opt/a\nb/git-credential-bitbucket",
                Err(
                    r"a line end in a path is nothing that Git can run: /opt/a\u{a}b/git-credential-bitbucket",
                ),
            ),
        ] {
            let findings = Findings {
                by_name,
                on_path: on_path.map(PathBuf::from),
                executable: executable.into(),
            };
            let found = value(&findings, PROGRAM).map_err(|error| error.to_string());
            let found = found.map(|value| String::from_utf8(value).unwrap());
            assert_eq!(
                found.as_deref().map_err(|error| &**error),
                expected,
                "{executable}"
            );
        }
    }
}
