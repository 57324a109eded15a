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
    let desktop = if desktop.is_empty() {
        &own_path
    } else {
        &desktop
    };
    if [desktop, &own_path]
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
    quote(&platform::path_for_shell(&path))
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
pub fn quote(path: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut value = Vec::new();
    for &byte in path {
        match byte {
            b'\n' | b'\r' => bail!(
                "a line end in a path is nothing that Git can run: {}",
                crate::text::shown(&String::from_utf8_lossy(path))
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
pub fn names_us(value: &str) -> bool {
    if let Some(snippet) = value.strip_prefix('!') {
        return snippet.contains("credential-bitbucket");
    }
    words(value)
        .first()
        .is_some_and(|first| first == NAME || is_program(first))
}

/// What a `helper` value that names us says after our name; empty if the shell makes more
/// of it than words.
pub fn options(value: &str) -> Vec<String> {
    let (named, words) = match value.strip_prefix('!') {
        Some(snippet) => (
            words(snippet).iter().position(|word| is_program(word)),
            words(snippet),
        ),
        None => (Some(0), words(value)),
    };
    named.map_or_else(Vec::new, |named| words[named + 1..].to_vec())
}

/// The program that a value runs, if it may be shown. None for a snippet of the shell, which
/// may contain anything, passwords too; what follows the program may as well.
pub fn program(value: &str) -> Option<String> {
    if value.starts_with('!') {
        return None;
    }
    let program = words(value).into_iter().next()?;
    is_plain(&program).then_some(program)
}

/// Whether a word is a name or a path and nothing else: nothing of the shell's, and nothing
/// like `user:password` or `NAME=value`.
pub fn is_plain(word: &str) -> bool {
    let is_path = crate::platform::is_absolute_command(word);
    let drive = word.get(1..2) == Some(":") && is_path;
    let word = if drive { &word[2..] } else { word };
    word.chars().all(|it| {
        it.is_alphanumeric() || "/._-+,@% ~\\".contains(it) || is_path && "()".contains(it)
    })
}

/// Whether a word is this program, or what comes after `git ` in its place.
fn is_program(word: &str) -> bool {
    let file = word.rsplit('/').next().unwrap_or_default();
    let file = file.strip_suffix(".exe").unwrap_or(file);
    file == PROGRAM || PROGRAM.strip_prefix("git-") == Some(word)
}

/// The words of a simple shell command, without their quoting.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(characters.next()),
            (' ' | '\t', None) => words.extend(word.take()),
            ('\'' | '"', None) => {
                word.get_or_insert_default();
                quote = Some(character);
            }
            (end, Some(begin)) if end == begin => quote = None,
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
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
            let value = quote(path.as_bytes()).unwrap();
            assert_eq!(value, quoted.as_bytes(), "{path}");
            let read = words(quoted);
            assert_eq!(read, [path], "{path}");
        }
        assert!(quote(b"/a\nb").is_err());
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

    #[test]
    fn a_program_is_shown_and_a_snippet_is_not() {
        for (value, expected) in [
            ("cache", Some("cache")),
            ("cache --timeout 60", Some("cache")),
            (r"/a\ b/x --password=secret", Some("/a b/x")),
            ("/opt/git@2/x", Some("/opt/git@2/x")),
            ("/opt/x (1)/y", Some("/opt/x")),
            (r"'/opt/x (1)/y' z", Some("/opt/x (1)/y")),
            ("", None),
            ("!", None),
            ("!echo password=secret", None),
            ("f() { echo password=secret; }", None),
            ("password=secret x", None),
            ("x;password=secret", None),
            ("$(secret)", None),
            ("alice:secret@host", None),
            ("https://alice:secret@host", None),
            ("'a\nb'", None),
        ] {
            assert_eq!(program(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn options_follow_our_name() {
        for (value, expected) in [
            ("bitbucket", &[][..]),
            ("bitbucket --store=file", &["--store=file"]),
            (
                r"/a\ b/git-credential-bitbucket  --token-file /c\ d",
                &["--token-file", "/c d"],
            ),
            (
                "bitbucket '--token-file=/c d' \"--store\" ''",
                &["--token-file=/c d", "--store", ""],
            ),
            (
                "!git credential-bitbucket --store file",
                &["--store", "file"],
            ),
            (
                "!/opt/git-credential-bitbucket --store=file",
                &["--store=file"],
            ),
            ("!f() { git-credential-bitbucket-x; }", &[]),
        ] {
            assert_eq!(options(value), expected, "{value}");
        }
    }
}
