//! Searching: one file for each sort of place. Files of a known format are rows in `files`.

mod environment;
pub(super) mod files;
mod gcm_folder;
mod git_settings;
mod helper_programs;
mod keychain;
mod pass_entries;
mod search;

use super::found::{FoundSecret, Unsearched};
use super::machine::Machine;
use search::Search;

/// In the order of the report. Helpers are asked for the names that were found before.
const SEARCHES: [fn(&mut Search); 7] = [
    |search| search.files(),
    git_settings::search,
    keychain::search,
    gcm_folder::search,
    pass_entries::search,
    helper_programs::search,
    environment::search,
];

/// Searches every place, in a fixed order. Asks for no secret of another host and changes
/// nothing.
pub fn find(machine: &Machine) -> (Vec<FoundSecret>, Vec<Unsearched>) {
    let mut search = Search::new(machine);
    for place in SEARCHES {
        place(&mut search);
    }
    search.end()
}
