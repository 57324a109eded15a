//! The words of a `credential.helper` value, as far as they can be told without a shell.

use crate::git::shell::{Surrounding, exact_words};

/// Why a value cannot be told.
pub(super) const UNTOLD: &str =
    "only a shell can tell which file or socket it means: look there yourself";

/// The words behind the name of a helper of Git's own: `store`, `git credential-store`,
/// `/usr/lib/git-core/git-credential-store`, `!git credential-store …`. `None` if the value
/// is for another helper.
pub(super) fn of_helper(
    value: &str,
    helper: &str,
    shell: &Surrounding,
) -> Option<Result<Vec<String>, &'static str>> {
    let snippet = value.strip_prefix('!');
    let long = format!("credential-{helper}");
    if !value.contains(&*long) && value.split_whitespace().next() != Some(helper) {
        return None;
    }
    let Some(mut words) = exact_words(snippet.unwrap_or(value), shell) else {
        return Some(Err(UNTOLD));
    };
    if words.first().is_some_and(|word| program(word) == "git") {
        words.remove(0);
    }
    let first = words.first().map(|word| program(word).to_owned())?;
    let named = first == long || first == format!("git-{long}");
    if !(named || snippet.is_none() && first == helper) {
        return None;
    }
    words.remove(0);
    Some(Ok(words))
}

/// The value of an option: `--file=x` or `--file x`; of several the last.
pub(super) fn option(words: &[String], name: &str) -> Option<String> {
    let mut value = None;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == name {
            value = rest.next().cloned();
        } else if let Some(given) = word
            .strip_prefix(name)
            .and_then(|end| end.strip_prefix('='))
        {
            value = Some(given.to_owned());
        }
    }
    value
}

fn program(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.strip_suffix(".exe").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    fn file_of(value: &str, helper: &str) -> Option<Result<Option<String>, &'static str>> {
        let environment = [("HOME", "/home/a"), ("X", "/x y")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let shell = Surrounding {
            home: Some(OsStr::new("/home/a")),
            environment: &environment,
        };
        let words = of_helper(value, helper, &shell)?;
        Some(words.map(|words| option(&words, "--file")))
    }

    #[test]
    fn the_file_of_a_store_is_found() {
        for (value, expected) in [
            ("store", Some(Ok(None))),
            ("store --file=/a", Some(Ok(Some("/a")))),
            ("store --file /a", Some(Ok(Some("/a")))),
            ("store  --file '/a b'", Some(Ok(Some("/a b")))),
            ("store --file \"/a b\"", Some(Ok(Some("/a b")))),
            ("store --file /a\\ b", Some(Ok(Some("/a b")))),
            ("store --file ~/x", Some(Ok(Some("/home/a/x")))),
            ("store --file=~/x", Some(Ok(Some("~/x")))),
            ("store --file $HOME/x", Some(Ok(Some("/home/a/x")))),
            ("store --file \"${HOME}/x\"", Some(Ok(Some("/home/a/x")))),
            ("store --file '$HOME'", Some(Ok(Some("$HOME")))),
            ("store --file=a --file=b", Some(Ok(Some("b")))),
            (
                "/usr/lib/git-core/git-credential-store --file x",
                Some(Ok(Some("x"))),
            ),
            ("!git credential-store --file x", Some(Ok(Some("x")))),
            (
                "!/usr/bin/git credential-store --file x",
                Some(Ok(Some("x"))),
            ),
            ("store --file $X", Some(Err(UNTOLD))),
            ("store --file $MISSING/x", Some(Err(UNTOLD))),
            ("store --file ~bob/x", Some(Err(UNTOLD))),
            ("store --file $(pwd)/x", Some(Err(UNTOLD))),
            ("store --file 'x", Some(Err(UNTOLD))),
            ("!f() { git credential-store; }; f", Some(Err(UNTOLD))),
            ("store-it --file x", None),
            ("cache --socket x", None),
            ("!store --file x", None),
            ("", None),
        ] {
            let expected = expected.map(|found| found.map(|file| file.map(str::to_owned)));
            assert_eq!(file_of(value, "store"), expected, "{value}");
        }
    }
}
