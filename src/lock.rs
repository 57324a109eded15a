//! Locks among processes of ours. They are the operating system's, so each ends with its
//! process, however that ends. Where none can be had (no home, a link or somebody else's
//! file in its place, a file system without locks), work goes on without.

use crate::platform;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// From one look at a lock to the next.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock, which is given back when this is dropped.
pub struct Lock(File);

impl Lock {
    /// The lock for `subject`, which need not be secret; not taken yet.
    pub fn of(subject: &str) -> Option<Self> {
        let folder = platform::cache_folder()?;
        platform::create_private_folder(&folder).ok()?;
        let file = platform::open_private_file(&folder.join(name(subject))).ok()?;
        Some(Self(file))
    }

    /// The lock whose file this is, in a folder that is ours alone; not taken yet.
    pub fn at(path: &Path) -> io::Result<Self> {
        platform::open_private_file(path).map(Self)
    }

    /// Takes it within `longest`, and tells `waiting` before each pause for how long it
    /// has waited. False: another process has it still.
    pub fn take(&self, longest: Duration, mut waiting: impl FnMut(Duration)) -> bool {
        let start = Instant::now();
        loop {
            match self.0.try_lock() {
                Err(TryLockError::WouldBlock) => {}
                Ok(()) | Err(TryLockError::Error(_)) => return true,
            }
            let waited = start.elapsed();
            if waited >= longest {
                return false;
            }
            waiting(waited);
            sleep(PAUSE.min(longest.saturating_sub(waited)));
        }
    }

    /// Leaves a sign for whoever compares [`Lock::sign`] before and after waiting. It is
    /// the file's time: unlike content, that can be read while another has the lock.
    pub fn leave_sign(&self) {
        // If that fails, the others do as if nothing had happened.
        let _ = self.0.set_modified(SystemTime::now());
    }

    /// The sign that was left last.
    pub fn sign(&self) -> Option<SystemTime> {
        self.0.metadata().and_then(|found| found.modified()).ok()
    }
}

fn name(subject: &str) -> String {
    let digest = Sha256::digest(subject);
    let mut name = String::from("lock.");
    for byte in &digest[..8] {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}
