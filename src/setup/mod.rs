//! Our line in Git's configuration: what it says, how it is written and taken back, and
//! whether Git obeys it. What a store does with a token, and what people are told about all
//! this, is said elsewhere.

mod change;
pub mod helper_line;
pub mod line_options;
mod obstacle;
mod own_name;
mod removal;
pub mod section;
pub mod site_options;
mod unwritable;

pub use change::{Change, HelperChain, SectionChange, command, configure, note};
pub use line_options::Options;
pub use removal::{Removal, remove_stale};
