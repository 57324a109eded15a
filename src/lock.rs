//! Locks among processes of ours. They are the operating system's, so each ends with its
//! process, however that ends. Where none can be had (no home, a link or somebody else's
//! file in its place, a file system without locks), work goes on without. For how long one is
//! waited for is said by whoever takes it: `LONGEST_WAIT` there, and in `helper::single_flight`
//! `ATTENDED` and `UNATTENDED`.

use crate::platform::{self, LockHolder};
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

    /// The process of ours that has it, if another one has and the system tells.
    pub fn holder(&self) -> Option<LockHolder> {
        platform::lock_holder(&self.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_has_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let one = Lock::at(&path).unwrap();
        let other = Lock::at(&path).unwrap();
        let nobody = |_| panic!("there is nobody to wait for");
        assert!(one.take(Duration::ZERO, nobody));
        assert!(!other.take(Duration::ZERO, |_| {}));
        drop(one);
        assert!(other.take(Duration::ZERO, nobody));
    }

    #[test]
    fn whoever_waits_is_told_before_each_pause() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let mut holder = Some(Lock::at(&path).unwrap());
        assert!(holder.as_ref().unwrap().take(Duration::ZERO, |_| {}));
        let other = Lock::at(&path).unwrap();
        let mut told = 0;
        // The holder ends while the other one waits.
        let taken = other.take(Duration::from_secs(600), |_| {
            told += 1;
            holder = None;
        });
        assert!(taken);
        assert_eq!(told, 1);
    }

    #[test]
    fn a_sign_is_seen_by_whoever_looks_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let one = Lock::at(&path).unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        one.0.set_modified(old).unwrap();
        let other = Lock::at(&path).unwrap();
        assert_eq!(other.sign(), Some(old));
        one.leave_sign();
        assert_ne!(other.sign(), Some(old));
    }

    #[test]
    fn each_subject_has_a_file_of_its_own() {
        let names = ["", "alice", "Alice", "alice@acme", "../../x", "a\0b"].map(name);
        for (at, one) in names.iter().enumerate() {
            assert!(one.starts_with("lock.") && one.len() == 21, "{one}");
            assert!(!names[..at].contains(one), "{one}");
        }
        assert_eq!(name("alice"), names[1]);
    }
}
