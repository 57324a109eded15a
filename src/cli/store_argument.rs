//! `--store NAME`, for the commands that look into a store.

use crate::keychain::{CHOICES, Choice};
use crate::setup::line_options::parse_path;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Which store.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct StoreArgument {
    /// Use this store, and not the one that Git's configuration names
    #[arg(long = "store", value_name = "NAME", value_parser = choices())]
    pub store: Option<Choice>,
}

/// The options of `configure` that name a source in place of any store.
pub(super) const SOURCES: [&str; 2] = ["token_file", "token_command"];

/// Knows every choice by its name.
pub(super) fn choices() -> impl TypedValueParser<Value = Choice> {
    PossibleValuesParser::new(CHOICES.iter().map(|row| row.name))
        .try_map(|name| Choice::named(&name).ok_or("no such store"))
}

/// What each choice means, a line each.
pub(super) fn meanings() -> String {
    let mut text = String::from("Where tokens are kept:");
    for row in &CHOICES {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {:9} {}", row.name, row.meaning);
    }
    text
}

/// A path as a person types it: relative to where they are.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    let path = std::path::absolute(text).map_err(|error| error.to_string())?;
    parse_path(path.to_str().ok_or("it is not UTF-8")?)
}
