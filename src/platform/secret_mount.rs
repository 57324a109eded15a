//! Files with a secret that somebody else put there for us: a container's mount, a file of
//! the person's own. They are read, never written, and only if nobody else can replace them.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Why a file is not read.
#[derive(Debug)]
pub enum Unread {
    /// It cannot be opened or read.
    Error(io::Error),
    /// A folder, a pipe, a device.
    NotPlain,
    /// Longer than the caller takes.
    TooLong,
    /// Others than its owner may write to it.
    Writable,
    /// It is neither ours nor the administrator's.
    Foreign,
    /// It is ours, and others may read it.
    Readable,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Error(error)
    }
}

/// Reads a file up to `limit` bytes. Links are followed, since Kubernetes' mounts consist of
/// them; what they lead to is judged once it is open.
pub fn read_secret_mount(path: &Path, limit: u64) -> Result<Vec<u8>, Unread> {
    let file = open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(Unread::NotPlain);
    }
    judge(&file, &found)?;
    if found.len() > limit {
        return Err(Unread::TooLong);
    }
    let mut contents = Vec::new();
    file.take(limit).read_to_end(&mut contents)?;
    Ok(contents)
}

#[cfg(windows)]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// The permissions of its folder apply, which are the profile's or the administrator's.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "other platforms can refuse")]
fn judge(_: &File, _: &Metadata) -> Result<(), Unread> {
    Ok(())
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    // A pipe must not keep us waiting for its writer, nor a terminal become ours.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

#[cfg(unix)]
fn judge(file: &File, found: &Metadata) -> Result<(), Unread> {
    use rustix::fs::{StatVfsMountFlags, fstatvfs};
    use std::os::unix::fs::MetadataExt;
    let read_only =
        || fstatvfs(file).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY));
    let us = rustix::process::geteuid().as_raw();
    judge_mode(found.mode(), found.uid(), us, read_only)
}

/// Only its owner may write to it, and that is us or root; root believes every owner, whose
/// files it could read anyway. Who may read a file is its owner's decision; where that is
/// us, more readers are a mistake, unless the file system is read-only: then the mode is
/// not ours to change.
#[cfg(unix)]
fn judge_mode(mode: u32, owner: u32, us: u32, read_only: impl Fn() -> bool) -> Result<(), Unread> {
    if mode & 0o022 != 0 {
        Err(Unread::Writable)
    } else if owner != us && owner != 0 && us != 0 {
        Err(Unread::Foreign)
    } else if owner == us && mode & 0o044 != 0 && !read_only() {
        Err(Unread::Readable)
    } else {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Docker and Kubernetes hand out root's files, mode 0444 or 0644, on a read-only
    /// file system; Podman's is writable; systemd's credentials are 0400 or 0440.
    #[test]
    fn who_may_write_and_read_decides() {
        for (mode, owner, us, read_only, expected) in [
            (0o600, 1000, 1000, false, "read"),
            (0o400, 1000, 1000, false, "read"),
            (0o400, 0, 0, false, "read"),
            (0o444, 0, 0, true, "read"),
            (0o644, 0, 0, true, "read"),
            (0o444, 0, 1000, true, "read"),
            (0o440, 0, 1000, true, "read"),
            (0o444, 0, 1000, false, "read"),
            (0o640, 0, 1000, false, "read"),
            (0o644, 1000, 0, false, "read"),
            (0o444, 1000, 1000, true, "read"),
            (0o644, 1000, 1000, false, "readable"),
            (0o640, 1000, 1000, false, "readable"),
            (0o604, 1000, 1000, false, "readable"),
            (0o444, 0, 0, false, "readable"),
            (0o600, 1001, 1000, false, "foreign"),
            (0o444, 1001, 1000, true, "foreign"),
            (0o620, 1000, 1000, false, "writable"),
            (0o602, 1000, 1000, false, "writable"),
            (0o666, 0, 1000, true, "writable"),
            (0o664, 0, 0, true, "writable"),
        ] {
            let judged = match judge_mode(mode, owner, us, || read_only) {
                Ok(()) => "read",
                Err(Unread::Readable) => "readable",
                Err(Unread::Foreign) => "foreign",
                Err(Unread::Writable) => "writable",
                Err(_) => "otherwise",
            };
            assert_eq!(judged, expected, "{mode:o} {owner} {us} {read_only}");
        }
    }
}
