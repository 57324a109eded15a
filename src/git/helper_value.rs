//! What stands after `helper =` for this program: its name where every program that
//! runs Git finds it by name, else its path, quoted as Git and its shell read it.

use super::Context;
use crate::platform;
use anyhow::{Context as _, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The helper's name in Git's configuration.
pub const NAME: &str = "bitbucket";

/// What Git runs for that name.
const PROGRAM: &str = "git-credential-bitbucket";

/// The value for the running program. `exec_path` is `git --exec-path`, where Git
/// looks first.
pub fn choose(context: &Context, exec_path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let own = context
        .executable
        .canonicalize()
        .with_context(|| format!("cannot read {}", context.executable.display()))?;
    let own_path = own_path(context);
    let is_own = |path: &PathBuf| path.canonicalize().is_ok_and(|found| found == own);
    let first_in = |folders: &[PathBuf]| {
        std::iter::once(exec_path.to_owned())
            .chain(folders.iter().cloned())
            .map(|folder| folder.join(&file))
            .find(|path| path.exists())
    };
    let desktop: Vec<_> = platform::DESKTOP_PATH.iter().map(PathBuf::from).collect();
    if [&desktop, &own_path]
        .into_iter()
        .all(|folders| first_in(folders).as_ref().is_some_and(is_own))
    {
        return Ok(NAME.into());
    }
    // The way a person's PATH leads to us outlives an update better than where a link
    // behind it ends today.
    let path = own_path
        .iter()
        .map(|folder| folder.join(&file))
        .find(is_own)
        .unwrap_or_else(|| context.executable.clone());
    if path.file_name() != Some(OsStr::new(&file)) {
        bail!(
            "this program is called {}, but Git's settings can only name {file}: rename it",
            path.display()
        );
    }
    quote(&path)
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

/// A path as the shell reads it. Never with a quotation mark in front: Git would take
/// the path for a name then.
fn quote(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut value = Vec::new();
    for byte in platform::path_for_shell(path) {
        match byte {
            b'\n' | b'\r' => bail!(
                "the path of this program contains a line end, which Git cannot run: {}",
                crate::text::shown(&path.to_string_lossy())
            ),
            _ => {
                let plain = byte.is_ascii_alphanumeric() || !byte.is_ascii() || {
                    b"/._-+,:@%".contains(&byte)
                };
                if !plain {
                    value.push(b'\\');
                }
                value.push(byte);
            }
        }
    }
    Ok(value)
}

/// Whether a `helper` value runs this program, however it is spelled: by name, by path,
/// with arguments, through the shell.
#[must_use]
pub fn names_us(value: &str) -> bool {
    if let Some(snippet) = value.strip_prefix('!') {
        return snippet.contains("credential-bitbucket");
    }
    let first = first_word(value);
    let file = first.rsplit('/').next().unwrap_or_default();
    first == NAME || file.strip_suffix(".exe").unwrap_or(file) == PROGRAM
}

/// The first word of a shell command, without its backslashes.
fn first_word(command: &str) -> String {
    let mut word = String::new();
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.extend(characters.next()),
            ' ' | '\t' => break,
            _ => word.push(character),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_path_is_quoted_for_the_shell() {
        for (path, quoted) in [
            ("/usr/bin/x-y_z.1", "/usr/bin/x-y_z.1"),
            ("/home/a b/x", r"/home/a\ b/x"),
            ("/home/jürgen/x", "/home/jürgen/x"),
            ("/o'neil/$x", r"/o\'neil/\$x"),
            ("/a\"b/#c;d", r#"/a\"b/\#c\;d"#),
            (r"/a\b", r"/a\\b"),
            ("/~/x", r"/\~/x"),
        ] {
            assert_eq!(quote(Path::new(path)).unwrap(), quoted.as_bytes(), "{path}");
        }
        assert!(quote(Path::new("/a\nb")).is_err());
    }

    #[test]
    fn a_value_names_us_however_it_is_spelled() {
        for (value, expected) in [
            ("bitbucket", true),
            ("bitbucket --account=work", true),
            ("/usr/bin/git-credential-bitbucket", true),
            (r"/a\ b/git-credential-bitbucket", true),
            (r"C:/Program\ Files/git-credential-bitbucket.exe", true),
            ("!git credential-bitbucket", true),
            ("!/opt/git-credential-bitbucket", true),
            ("", false),
            ("store", false),
            ("bitbucket-other", false),
            ("/usr/bin/git-credential-bitbucket-other", false),
            ("/bitbucket", false),
            ("cache --socket bitbucket", false),
        ] {
            assert_eq!(names_us(value), expected, "{value}");
        }
    }
}
