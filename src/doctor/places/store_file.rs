//! The files of `git credential-store`: a URL with its login in each line, in plain text.
//! Which files there are: the two that Git looks into by itself, and those that a helper's
//! `--file` names.

use super::helper_words;
use super::login_url::LoginUrl;
use super::piece::{Form, Part, Piece, lines};
use super::search::Search;

/// Searches the files.
pub(super) fn search(search: &mut Search) {
    let mut files = vec![];
    files.extend(
        search
            .home
            .as_ref()
            .map(|home| home.join(".git-credentials")),
    );
    files.extend(search.folder("XDG_CONFIG_HOME", ".config", "git/credentials"));
    let own = files.into_iter().map(|file| (file, false));
    let mut files: Vec<_> = own.collect();
    for (helper, brought_along) in search.helpers() {
        let Some(words) = helper_words::of_helper(&helper, "store", &search.shell()) else {
            continue;
        };
        match words.map(|words| helper_words::option(&words, "--file")) {
            Ok(file) => files.extend(file.map(|file| (search.absolute(&file), brought_along))),
            Err(reason) => search.trouble("credential.helper = store", reason),
        }
    }
    for (file, brought_along) in files {
        search.file_of(&file, Form::Store, brought_along);
    }
}

/// The lines that are ours.
pub(super) fn pieces(content: &[u8]) -> Vec<Piece> {
    lines(content)
        .enumerate()
        .filter_map(|(number, line)| {
            let text = &content[line.clone()];
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let url = LoginUrl::parse(text.strip_suffix(b"\r").unwrap_or(text))?;
            Some(Piece {
                cuts: vec![line],
                line: number + 1,
                part: Part::Entry,
                ..url.into_piece()
            })
        })
        .collect()
}
