//! The store `memory`: the daemon of `git credential-cache`, on a socket of our own. It is
//! spoken to directly, so that reading starts no process, and started when it is missing.

use super::text_store::{TextPlace, TextStore};
use super::{Failure, Store};
use crate::lock::Lock;
use crate::secret::Secret;
use std::time::{Duration, Instant};

#[cfg(unix)]
mod daemon;

/// How long what was written last, and all that is beside it, is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(12 * 60 * 60);

/// The store, which forgets all when nothing was written for so long, in whole seconds; it
/// touches nothing yet.
pub fn memory(remembered: Duration) -> impl Store {
    TextStore(Memory { remembered })
}

struct Memory {
    remembered: Duration,
}

impl TextPlace for Memory {
    const NAME: &'static str = "Git's credential cache";

    fn lock(&self) -> Result<Lock, Failure> {
        daemon::lock()
    }

    fn read(&self, deadline: Instant) -> Result<Option<Secret>, Failure> {
        daemon::get(deadline)
    }

    fn replace(&self, text: Option<&Secret>, deadline: Instant) -> Result<(), Failure> {
        match text {
            Some(text) => daemon::store(text, self.remembered, deadline),
            None => daemon::erase(deadline),
        }
    }

    fn remedy(&self) -> String {
        daemon::how_to_end_it()
    }
}

/// Where there are no sockets in the file system.
#[cfg(not(unix))]
mod daemon {
    use super::{Duration, Failure, Instant, Lock, Secret};

    fn missing<T>() -> Result<T, Failure> {
        let reason =
            crate::reason::Reason::fixed("it is used on Unix systems only", "choose another store");
        Err(Failure::Unreachable(reason))
    }

    pub fn lock() -> Result<Lock, Failure> {
        missing()
    }

    pub fn get(_: Instant) -> Result<Option<Secret>, Failure> {
        missing()
    }

    pub fn store(_: &Secret, _: Duration, _: Instant) -> Result<(), Failure> {
        missing()
    }

    pub fn erase(_: Instant) -> Result<(), Failure> {
        missing()
    }

    pub fn how_to_end_it() -> String {
        String::new()
    }
}
