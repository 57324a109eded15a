//! What is kept for a site: entries, how they are written into a keychain item, and
//! which of them answers a request. Between `bitbucket`, which knows kinds, and
//! `keychain`, which keeps bytes, so that those two need not know each other.

mod client_item;
mod entry;
mod placing;
mod reach;
pub mod renewal;
mod selection;
mod vault;

pub use client_item::KeptClient;
pub use entry::Entry;
pub use placing::{Wish, is_alike, kept_with, may_renew, renewable};
pub use reach::Reach;
pub use selection::{Selection, Wanted, answers_to, fits, is_called, select};
pub use vault::{Contents, Vault, Written};
