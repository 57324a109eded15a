//! Files and folders that only their owner may use: made so, and refused where they are a link,
//! something else than expected, or somebody else's.

use rustix::fs::{Mode, OFlags};
use rustix::process::geteuid;
use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Creates a folder, its parents included, that only its owner may enter. Fails if
/// something else is there: a link, or a folder that others own or may write to.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let found = std::fs::symlink_metadata(folder)?;
    private(&found, found.is_dir())
}

/// Reads a file of ours whole. Fails if it is longer than `limit` bytes or not ours: a
/// link, a pipe, or a file that others own or may write to.
pub fn read_private_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Opening a pipe must not wait for whoever writes to it.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let found = file.metadata()?;
    private(&found, found.is_file() && found.len() <= limit)?;
    let mut contents = Vec::new();
    file.take(limit).read_to_end(&mut contents)?;
    Ok(contents)
}

fn private(found: &Metadata, as_expected: bool) -> io::Result<()> {
    let ours = found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0;
    if as_expected && ours {
        Ok(())
    } else {
        Err(ErrorKind::PermissionDenied.into())
    }
}

/// Writes a new file that only its owner may read; fails if it exists, even as a link.
pub fn write_private_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(contents)
}

/// Opens a file that only its owner may use, or creates it empty. Fails if it is a link,
/// no plain file, or one that others own or may write to.
pub fn open_private_file(path: &Path) -> io::Result<File> {
    // NONBLOCK: a pipe in its place must not make us wait for its other end.
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?);
    let found = file.metadata()?;
    private(&found, found.is_file())?;
    Ok(file)
}

/// Opens a file to append to, which is made if it is missing. Fails unless it is a plain
/// file, no link, and only its owner, who is us, may read and write it.
pub fn open_private_log(path: &Path) -> io::Result<File> {
    // A pipe must not keep us waiting for its reader, nor a terminal become ours.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let found = file.metadata()?;
    let alone = found.nlink() == 1 && found.mode() & 0o7777 == 0o600;
    private(&found, found.is_file() && alone)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::{Mode, geteuid, open_private_file};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_private_file_is_ours_and_plain() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for _ in 0..2 {
            let file = open_private_file(&path("file")).unwrap();
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::os::unix::fs::symlink(path("target"), path("link")).unwrap();
        assert!(open_private_file(&path("link")).is_err());
        assert!(!path("target").exists());
        std::fs::create_dir(path("folder")).unwrap();
        assert!(open_private_file(&path("folder")).is_err());
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), Mode::RWXU).unwrap();
        assert!(open_private_file(&path("pipe")).is_err());
        if geteuid().is_root() {
            std::fs::write(path("theirs"), "").unwrap();
            std::os::unix::fs::chown(path("theirs"), Some(65534), None).unwrap();
            assert!(open_private_file(&path("theirs")).is_err());
        }
    }
}
