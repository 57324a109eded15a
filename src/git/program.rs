//! Where the git program is, and the one way of starting it.

use super::child::{self, Limits};
use crate::platform;
use crate::secret::Secret;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The git program: the one that started us (`GIT_EXEC_PATH`), else the first on `PATH`.
/// Relative entries are passed over, whatever the platform's own search would do.
pub fn find() -> Option<PathBuf> {
    find_in(
        std::env::var_os("GIT_EXEC_PATH").as_deref(),
        std::env::var_os("PATH").as_deref(),
    )
}

fn find_in(exec_path: Option<&OsStr>, path: Option<&OsStr>) -> Option<PathBuf> {
    let exec_path = exec_path.map(PathBuf::from);
    let path = path.map(|all| std::env::split_paths(all).collect::<Vec<_>>());
    let name = format!("git{}", std::env::consts::EXE_SUFFIX);
    let folders = exec_path.into_iter().chain(path.into_iter().flatten());
    platform::first_program(folders, name)
}

/// Runs git with nothing on its standard input. `None` if there is no git, it fails, or it
/// does not come to an end.
pub(super) fn output_of(arguments: &[&str]) -> Option<Secret> {
    let mut command = command(&find()?);
    keep_configuration_outside(&mut command, |name| std::env::var_os(name));
    command.args(arguments);
    let ended = child::answer(command, b"", Limits::default()).ok()?;
    ended.status.success().then_some(ended.stdout)
}

/// A git that is told nothing of its caller, for one that goes on when we have ended: no
/// variables but two, no configuration, no repository, no terminal's signals.
#[cfg(unix)]
pub fn on_its_own() -> Option<Command> {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(find()?);
    command
        .env_clear()
        .envs(
            ["HOME", "PATH"]
                .into_iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .process_group(0);
    Some(command)
}

/// A program that is to be started, without the variables that may hold our secrets.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    hide_secrets(&mut command, std::env::vars_os().map(|(name, _)| name));
    command
}

/// Whether a variable is one of ours, which may hold a secret and is for no child.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with("BITBUCKET_")
}

/// No child inherits the variables that may hold our secrets.
fn hide_secrets(command: &mut Command, names: impl Iterator<Item = OsString>) {
    for name in names {
        if is_ours(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
}

/// The variables by which Git ties a program to a repository or to one command
/// (`git rev-parse --local-env-vars`).
const TIES: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Whether a variable is one of Git's that are for one repository or one command.
fn is_tie(name: &str) -> bool {
    let settings = ["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"];
    TIES.contains(&name) || settings.iter().any(|prefix| name.starts_with(prefix))
}

/// Has a program hear nothing of the repository that Git works on.
pub fn untie(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if is_tie(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
}

/// A command of the person's, for the shell as Git starts helpers: in the home, without our
/// variables, and without those that tie Git to the repository. `None` if there is no shell.
pub fn shell_command(text: &str) -> Option<Command> {
    let mut command = command(&platform::shell()?);
    untie(&mut command);
    command.args(["-c", text]).current_dir(home_or_neutral());
    Some(command)
}

/// The home, or the folder of this program where there is none.
fn home_or_neutral() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let home = home.filter(|home| home.is_absolute() && home.is_dir());
    let own = || Some(std::env::current_exe().ok()?.parent()?.to_owned());
    home.or_else(own).unwrap_or_else(std::env::temp_dir)
}

/// The variables that name the files which Git takes for the person's own configuration.
const PLACES: [&str; 4] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "HOME",
    "XDG_CONFIG_HOME",
];

/// Whether that lies in no repository just because we were started there.
pub fn is_configuration_outside() -> bool {
    !PLACES
        .iter()
        .any(|name| is_relative(std::env::var_os(name)))
}

fn is_relative(value: Option<OsString>) -> bool {
    value.is_some_and(|value| Path::new(&value).is_relative() && !value.is_empty())
}

/// What Git takes for the person's own configuration must not lie in whatever repository
/// we run in. `GIT_CONFIG` is nothing that Git itself obeys when it fetches or pushes.
pub(super) fn keep_configuration_outside(
    command: &mut Command,
    variable: impl Fn(&str) -> Option<OsString>,
) {
    command.env_remove("GIT_CONFIG");
    for name in PLACES {
        if is_relative(variable(name)) {
            // Not removed: without it Git would read another file in its place.
            command.env(name, "");
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::platform::is_program;
    use std::os::unix::fs::PermissionsExt as _;

    /// A folder with an executable `git` in it.
    fn folder_with_git() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("git");
        std::fs::write(&program, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn git_is_found_in_absolute_folders_only() {
        let (first, second) = (folder_with_git(), folder_with_git());
        let empty = tempfile::tempdir().unwrap();
        let [first, second, empty] =
            [first.path(), second.path(), empty.path()].map(|path| path.to_str().unwrap());
        // The same folder, named from the current directory.
        let depth = std::env::current_dir().unwrap().components().count() - 1;
        let relative = &format!("{}{}", "../".repeat(depth), &second[1..]);
        assert!(is_program(&Path::new(relative).join("git")));
        let text = tempfile::tempdir().unwrap();
        std::fs::write(text.path().join("git"), "not a program").unwrap();
        let text = text.path().to_str().unwrap();
        let within = Some(second);
        for (exec_path, path, expected) in [
            (Some(first), within, Some(first)),
            (Some(empty), within, Some(second)),
            (Some(relative), Some(first), Some(first)),
            (Some(""), within, Some(second)),
            (None, within, Some(second)),
            (
                None,
                Some(&*format!("{relative}::{empty}:{first}")),
                Some(first),
            ),
            (None, Some(&*format!("{text}:{second}")), Some(second)),
            (None, Some(relative), None),
            (None, Some(empty), None),
            (None, None, None),
        ] {
            assert_eq!(
                find_in(exec_path.map(OsStr::new), path.map(OsStr::new)),
                expected.map(|folder| Path::new(folder).join("git")),
                "{exec_path:?} {path:?}"
            );
        }
    }

    #[test]
    fn children_do_not_inherit_our_secrets() {
        let mut command = Command::new("git");
        let names = ["BITBUCKET_TOKEN", "PATH", "BITBUCKET_APP_PASSWORD", "HOME"];
        hide_secrets(&mut command, names.into_iter().map(OsString::from));
        let removed: Vec<_> = command.get_envs().collect();
        let expected = ["BITBUCKET_APP_PASSWORD", "BITBUCKET_TOKEN"];
        assert_eq!(removed, expected.map(|name| (OsStr::new(name), None)));
    }

    #[test]
    fn no_configuration_of_the_current_folder_counts_as_the_person_s() {
        let values = [
            ("HOME", "."),
            ("XDG_CONFIG_HOME", "/home/alice/.config"),
            ("GIT_CONFIG_GLOBAL", ""),
            ("GIT_CONFIG_SYSTEM", "../system"),
        ];
        let variable = |name: &str| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some(OsString::from(value))
        };
        let mut command = Command::new("git");
        keep_configuration_outside(&mut command, variable);
        let changed: Vec<_> = command.get_envs().collect();
        let expected = [
            ("GIT_CONFIG", None),
            ("GIT_CONFIG_SYSTEM", Some("")),
            ("HOME", Some("")),
        ];
        assert_eq!(
            changed,
            expected.map(|(name, value)| (OsStr::new(name), value.map(OsStr::new)))
        );
    }

    #[test]
    fn a_git_that_fails_says_nothing() {
        assert!(output_of(&["config", "--no-such-option"]).is_none());
        assert!(
            output_of(&["version"])
                .unwrap()
                .expose()
                .starts_with(b"git version")
        );
    }
}
