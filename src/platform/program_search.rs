//! Which file a program's name stands for. What is said by a folder that depends on the current
//! one is passed over, whatever the platform's own search would do: it may be a repository's.

use super::is_program;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The program of this name in an absolute folder of `PATH`.
pub fn find_in_path(name: impl AsRef<Path>) -> Option<PathBuf> {
    first_program(folders(std::env::var_os("PATH").as_deref()), name)
}

/// The program of this name in the first of these folders that has it and an absolute path.
pub fn first_program(
    folders: impl IntoIterator<Item = PathBuf>,
    name: impl AsRef<Path>,
) -> Option<PathBuf> {
    folders
        .into_iter()
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|candidate| is_program(candidate))
}

fn folders(path: Option<&OsStr>) -> Vec<PathBuf> {
    path.map(|all| std::env::split_paths(all).collect())
        .unwrap_or_default()
}
