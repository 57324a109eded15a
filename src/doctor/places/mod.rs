//! Where secrets for Bitbucket lie outside our own keychain: finding them, taking them
//! away, putting them back. What is wrong with a secret, and whether it goes, is decided by
//! whoever asks. Every place is in `searches`: a file of a known format in `searches/files`.

mod fingerprint;
mod found;
mod headers;
mod helper_words;
mod login_url;
mod machine;
mod place;
mod removal;
mod searches;
mod span;
#[cfg(test)]
mod tests;

pub use fingerprint::Fingerprints;
pub use found::{FoundSecret, Unsearched};
pub(super) use machine::LONGEST_FILE;
pub use machine::{Machine, Surroundings};
pub use place::{EVERY_HOST, GitUse, HelperName, PlaceKind, SecretPlace};
pub use removal::{Backup, RemovalOutcome, RestoreOutcome};
pub use searches::find;
