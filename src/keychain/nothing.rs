//! The store that keeps nothing, for whoever asked for that by name.

use super::{Deletion, Failure, Item, Kept, Store, Unlock};

/// Always open, always empty.
pub struct Nothing;

impl Store for Nothing {
    fn name(&self) -> &'static str {
        "no store"
    }

    fn items(&self, _: &str, _: Option<&str>, _: Unlock) -> Result<Vec<Kept>, Failure> {
        Ok(Vec::new())
    }

    fn write(&self, _: &str, _: &Item, _: Unlock) -> Result<(), Failure> {
        Err(Failure::KeepsNothing)
    }

    fn delete(&self, _: &str, _: &Kept, _: Unlock) -> Result<Deletion, Failure> {
        Ok(Deletion::Unchanged)
    }
}
