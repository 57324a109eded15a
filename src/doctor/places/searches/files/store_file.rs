//! The files of `git credential-store`: a URL with its login in each line, in plain text.
//! Which files there are: the two that Git looks into by itself, and those that a helper's
//! `--file` names.

use super::{FileFormat, LostSpan, NamedFile, NamedFiles, with_newline};
use crate::bitbucket::Site;
use crate::doctor::places::helper_words;
use crate::doctor::places::login_url::LoginUrl;
use crate::doctor::places::machine::Machine;
use crate::doctor::places::place::{GitUse, HelperName, PlaceKind};
use crate::doctor::places::span::{SecretSpan, SpanRole, lines};

/// The store of Git's own that is not encrypted.
pub(in crate::doctor::places) const FORMAT: FileFormat = FileFormat {
    name: "Store",
    spans,
    place_for,
    names_apart: true,
    kind: |_| &KIND,
    files: Some(files),
};

const KIND: PlaceKind = PlaceKind {
    id: "store-file",
    words: "line {line} of {file}",
    git_use: GitUse::Helper(HelperName::Whole("store")),
};

fn files(machine: &Machine) -> NamedFiles {
    let mut named = NamedFiles::default();
    let home = machine.home.as_ref();
    let own = home.map(|home| home.join(".git-credentials"));
    let other = machine.folder("XDG_CONFIG_HOME", ".config", "git/credentials");
    for path in own.into_iter().chain(other) {
        named.files.push(NamedFile::own(path));
    }
    for helper in machine.helpers() {
        let words = helper_words::of_helper(&helper.value, "store", &machine.shell());
        match words.map(|words| words.map(|words| helper_words::option(&words, "--file"))) {
            Some(Ok(Some(file))) => named.files.push(NamedFile {
                path: machine.absolute(&file),
                brought_along: helper.brought_along,
            }),
            Some(Err(reason)) => named.troubles.push(("credential.helper = store", reason)),
            Some(Ok(None)) | None => {}
        }
    }
    named
}

/// At the end, as `git credential-store` itself would write it.
#[allow(clippy::unnecessary_wraps, reason = "a column of a table")]
fn place_for(content: &[u8], lost: &LostSpan) -> Option<Vec<u8>> {
    if content.is_empty() {
        return Some(lost.bytes.to_vec());
    }
    Some([with_newline(content), with_newline(lost.bytes)].concat())
}

/// The lines that are ours.
fn spans(content: &[u8], site: &Site) -> Vec<SecretSpan> {
    lines(content)
        .enumerate()
        .filter_map(|(number, line)| {
            let text = &content[line.clone()];
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let url = LoginUrl::parse(text.strip_suffix(b"\r").unwrap_or(text), site)?;
            Some(SecretSpan {
                cuts: vec![line],
                line: number + 1,
                role: SpanRole::Entry,
                ..SecretSpan::of_login(url)
            })
        })
        .collect()
}
