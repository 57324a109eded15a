//! Other programs' files: reading them without waiting for anybody, and telling in whose
//! hands they are.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

/// Reads a file whole, behind its links. Fails at once if it is longer than `limit` bytes,
/// or no plain file: a pipe, a device, a folder.
pub fn read_plain_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        let reason = "it is not a plain file";
        return Err(io::Error::new(ErrorKind::InvalidInput, reason));
    }
    let mut contents = Vec::new();
    file.take(limit + 1).read_to_end(&mut contents)?;
    if contents.len() as u64 > limit {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(contents)
}

#[cfg(unix)]
mod this {
    use super::{File, Metadata, Path, io};
    use rustix::fs::OFlags;
    use rustix::process::geteuid;
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};

    /// Opening a pipe must not wait for whoever writes to it, nor a terminal become ours.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        File::options()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
    }

    /// Whether a file is ours to replace: we own it, or are root.
    pub fn is_ours_to_replace(found: &Metadata) -> bool {
        let we = geteuid();
        we.is_root() || found.uid() == we.as_raw()
    }

    /// Whether a symbolic link may be followed in order to write: nobody else can have
    /// made it, but for root.
    pub fn is_trusted_link(found: &Metadata) -> bool {
        found.uid() == 0 || found.uid() == geteuid().as_raw()
    }

    /// Gives a new file the owner and the group of the one that it is to replace.
    pub fn keep_owner(file: &File, replaced: &Metadata) -> io::Result<()> {
        let found = file.metadata()?;
        if (found.uid(), found.gid()) == (replaced.uid(), replaced.gid()) {
            return Ok(());
        }
        fchown(file, Some(replaced.uid()), Some(replaced.gid()))
    }

    /// Whether it is a named pipe, for which whoever reads it may wait for ever.
    pub fn is_pipe(found: &Metadata) -> bool {
        found.file_type().is_fifo()
    }

    /// Whether a socket is there, itself and not behind a link, and ours.
    pub fn is_socket_of_ours(path: &Path) -> bool {
        std::fs::symlink_metadata(path)
            .is_ok_and(|found| found.file_type().is_socket() && found.uid() == geteuid().as_raw())
    }
}

#[cfg(windows)]
mod this {
    use super::{File, Metadata, Path, io};

    pub(super) fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    /// The permissions of the profile's folders decide.
    pub fn is_ours_to_replace(_found: &Metadata) -> bool {
        true
    }

    /// Only who may do so makes a symbolic link.
    pub fn is_trusted_link(_found: &Metadata) -> bool {
        true
    }

    /// A new file inherits its permissions from its folder.
    pub fn keep_owner(_file: &File, _replaced: &Metadata) -> io::Result<()> {
        Ok(())
    }

    /// There are none among files.
    pub fn is_pipe(_found: &Metadata) -> bool {
        false
    }

    /// Git for Windows has a daemon, whose socket only Git itself can tell from a file.
    pub fn is_socket_of_ours(path: &Path) -> bool {
        path.exists()
    }
}

/// Git's own helper for the platform's keychain, where Git brings one along.
pub const KEYCHAIN_HELPER: Option<&str> = if cfg!(target_os = "macos") {
    Some("osxkeychain")
} else if cfg!(windows) {
    Some("wincred")
} else {
    None
};

use this::open;
pub use this::{is_ours_to_replace, is_pipe, is_socket_of_ours, is_trusted_link, keep_owner};

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    fn make_pipe(path: &Path) {
        rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR).unwrap();
    }

    #[test]
    fn a_plain_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read_plain_file(&path, 5).unwrap(), b"12345");
        let kind = |limit| read_plain_file(&path, limit).unwrap_err().kind();
        assert_eq!(kind(4), ErrorKind::FileTooLarge);
        symlink("file", folder.path().join("link")).unwrap();
        assert_eq!(
            read_plain_file(&folder.path().join("link"), 9).unwrap(),
            b"12345"
        );
    }

    /// It must not wait for whoever writes to a pipe.
    #[test]
    fn nothing_but_a_plain_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        make_pipe(&pipe);
        for path in [&pipe, folder.path(), Path::new("/dev/null")] {
            let error = read_plain_file(path, 9).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", path.display());
        }
        let error = read_plain_file(&folder.path().join("none"), 9).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[test]
    fn pipes_and_sockets_are_told_apart_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        make_pipe(&path("pipe"));
        let _socket = UnixListener::bind(path("socket")).unwrap();
        symlink("socket", path("link")).unwrap();
        fs::write(path("file"), "").unwrap();
        for (name, pipe, socket) in [
            ("pipe", true, false),
            ("socket", false, true),
            ("link", false, false),
            ("file", false, false),
        ] {
            let found = fs::symlink_metadata(path(name)).unwrap();
            assert_eq!(is_pipe(&found), pipe, "{name}");
            assert_eq!(is_socket_of_ours(&path(name)), socket, "{name}");
        }
        assert!(!is_socket_of_ours(&path("none")));
    }

    #[test]
    fn what_we_made_is_ours_to_replace_and_its_links_to_follow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link");
        symlink("anywhere", &path).unwrap();
        assert!(is_trusted_link(&fs::symlink_metadata(&path).unwrap()));
        assert!(is_ours_to_replace(&fs::metadata(folder.path()).unwrap()));
    }
}
