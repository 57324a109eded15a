//! The store `memory`: the user's keyring in the kernel on Linux (`kernel`); elsewhere, and
//! where the kernel or a container refuses that, the daemon of `git credential-cache` on a
//! socket of our own (`daemon`). That one is spoken to directly, so that reading starts no
//! process, and started when it is missing.

use super::file::explain;
use super::text_store::{TextPlace, TextStore};
use super::{Failure, Store};
use crate::lock::Lock;
use crate::platform;
use crate::reason::Reason;
use crate::secret::Secret;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[cfg(unix)]
mod daemon;
#[cfg(target_os = "linux")]
mod kernel;

/// How long what was written last, and all that is beside it, is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(12 * 60 * 60);

/// The store, which forgets all when nothing was written for so long, in whole seconds; it
/// touches nothing yet.
pub fn memory(remembered: Duration) -> impl Store {
    TextStore(Memory {
        remembered,
        in_kernel: kernel::is_usable,
    })
}

/// The same in Git's cache daemon, whatever the kernel offers.
pub fn cache_daemon(remembered: Duration) -> impl Store {
    TextStore(Memory {
        remembered,
        in_kernel: || false,
    })
}

/// Our folder for what `memory` needs of files: a lock, and the daemon's socket. It is beside
/// Git's own place for the socket, so that all sessions of a user find the same: a folder of
/// the login session is gone when the first of them ends.
fn folder() -> Result<PathBuf, Failure> {
    platform::cache_folder()
        .map(|caches| caches.join("memory"))
        .ok_or_else(|| {
            let why = "neither XDG_CACHE_HOME nor HOME names a folder";
            Failure::Unreachable(Reason::fixed(why, "set HOME"))
        })
}

struct Memory {
    remembered: Duration,
    in_kernel: fn() -> bool,
}

impl TextPlace for Memory {
    fn name(&self) -> &'static str {
        if (self.in_kernel)() {
            "the kernel's keyring"
        } else {
            "Git's credential cache"
        }
    }

    /// One for both.
    fn lock(&self) -> Result<Lock, Failure> {
        let folder = folder()?;
        platform::create_secret_folder(&folder).map_err(|unfit| explain(&folder, 700, unfit))?;
        let path = folder.join("lock");
        Lock::at(&path).map_err(|error| explain(&path, 600, error.into()))
    }

    fn read(&self, deadline: Instant) -> Result<Option<Secret>, Failure> {
        if (self.in_kernel)() {
            kernel::get()
        } else {
            daemon::get(deadline)
        }
    }

    fn replace(&self, text: Option<&Secret>, deadline: Instant) -> Result<(), Failure> {
        match (text, (self.in_kernel)()) {
            (Some(text), true) => kernel::store(text, self.remembered),
            (None, true) => kernel::erase(),
            (Some(text), false) => daemon::store(text, self.remembered, deadline),
            (None, false) => daemon::erase(deadline),
        }
    }

    fn remedy(&self) -> String {
        if (self.in_kernel)() {
            kernel::how_to_forget_it()
        } else {
            daemon::how_to_end_it()
        }
    }
}

/// Of what this system does not have.
#[cfg(not(target_os = "linux"))]
fn missing<T>() -> Result<T, Failure> {
    let why = "it is used on Unix systems only";
    Err(Failure::Unreachable(Reason::fixed(
        why,
        "choose another store",
    )))
}

/// Where the kernel has no such keyring.
#[cfg(not(target_os = "linux"))]
mod kernel {
    use super::{Duration, Failure, Secret, missing};

    pub fn is_usable() -> bool {
        false
    }

    pub fn get() -> Result<Option<Secret>, Failure> {
        missing()
    }

    pub fn store(_: &Secret, _: Duration) -> Result<(), Failure> {
        missing()
    }

    pub fn erase() -> Result<(), Failure> {
        missing()
    }

    pub fn how_to_forget_it() -> String {
        String::new()
    }
}

/// Where there are no sockets in the file system.
#[cfg(not(unix))]
mod daemon {
    use super::{Duration, Failure, Instant, Secret, missing};

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
