//! What stands after `helper =`: whether it names this program, and with which words behind
//! it. What the words mean is decided in `line_options`, how a shell reads them in `git/shell`.

use crate::git::shell::words;

/// The helper's name in Git's configuration.
pub const NAME: &str = "bitbucket";

/// What Git runs for that name.
pub const PROGRAM: &str = "git-credential-bitbucket";

/// Whether a `helper` value runs this program, however it is spelled: by name, by path,
/// with arguments, through the shell.
pub fn names_us(value: &str) -> bool {
    if let Some(snippet) = value.strip_prefix('!') {
        return snippet.contains("credential-bitbucket");
    }
    let words = words(value);
    let first = words.first();
    first.is_some_and(|first| first == NAME || is_program(first))
}

/// What a `helper` value that names us says after our name; empty if the shell makes more
/// of it than words.
pub fn options(value: &str) -> Vec<String> {
    let words = words(value.strip_prefix('!').unwrap_or(value));
    let named = if value.starts_with('!') {
        words.iter().position(|word| is_program(word))
    } else {
        Some(0)
    };
    let behind = named.and_then(|named| words.get(named + 1..));
    behind.unwrap_or_default().to_vec()
}

/// Whether a word is this program, or what comes after `git ` in its place.
fn is_program(word: &str) -> bool {
    let file = word.rsplit('/').next().unwrap_or_default();
    let file = file.strip_suffix(".exe").unwrap_or(file);
    file == PROGRAM || PROGRAM.strip_prefix("git-") == Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

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
