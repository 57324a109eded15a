//! Where a credential comes from, in the order in which `get` looks: variables, then the file
//! of `--token-file`, then the store, which is `accounts`'. How the form of what is found is
//! judged: `environment`.

use super::environment::{self, Origin};
use crate::accounts::Entry;
use crate::reason::Reason;
use crate::setup::Options;

/// Names what is not from the store in `state[]`.
pub const ID: &str = environment::ID;

/// A source that comes before the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Variables of the environment.
    Variables,
    /// The file of `--token-file`.
    TokenFile,
}

/// Every source before the store, in the order in which they are looked at.
pub const SOURCES: [Source; 2] = [Source::Variables, Source::TokenFile];

/// What a source holds.
pub enum Found {
    /// A credential, and where it stands.
    Entry(Box<Entry>, Origin),
    /// Something that cannot be used; the text says where and why.
    Unusable(Reason),
    /// Nothing.
    Nothing,
}

impl Source {
    /// Whether nothing else is served in its place, if it is there, nor kept besides.
    pub fn is_alone(self) -> bool {
        match self {
            Self::Variables => false,
            Self::TokenFile => true,
        }
    }
}

/// What a source holds now. `username` is the `user@` that Git asked for.
pub fn look(source: Source, options: &Options, username: Option<&str>) -> Found {
    match source {
        Source::Variables => environment::read(environment::variable, username),
        Source::TokenFile => environment::read_file(options, environment::variable, username),
    }
}
