//! Files and folders with secrets in them: for their owner alone, and replaced whole. What
//! is in them is decided in `keychain`.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;

/// Why a file or folder is not used for secrets.
#[derive(Debug)]
pub enum Unfit {
    /// It is a link, or something else than what is looked for.
    Kind,
    /// Another user owns it.
    Foreign,
    /// Others may read, write or enter it.
    Open,
    /// It cannot be used at all.
    Io(io::Error),
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Whether there is such a folder, which then is its owner's alone.
pub fn has_secret_folder(folder: &Path) -> Result<bool, Unfit> {
    match fs::symlink_metadata(folder) {
        Ok(found) => fit(&found, found.is_dir()).map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Creates a folder for secrets, its parents included, unless there is one.
pub fn create_secret_folder(folder: &Path) -> Result<(), Unfit> {
    if !has_secret_folder(folder)? {
        let mut builder = DirBuilder::new();
        for_owner(&mut builder);
        builder.recursive(true).create(folder)?;
        has_secret_folder(folder)?;
    }
    Ok(())
}

/// Reads a file whole; `None` if it does not exist. Fails if it is longer than `limit`
/// bytes.
pub fn read_secret_file(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Unfit> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => fit_file(&found?)?,
    }
    let mut options = File::options();
    never_through_links(options.read(true));
    let file = match options.open(path) {
        // Removed since we looked.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let found = file.metadata()?;
    fit_file(&found)?;
    if found.len() > limit {
        return Err(Unfit::Io(ErrorKind::FileTooLarge.into()));
    }
    // Large enough from the start, so that no copy stays behind where it grew.
    let mut contents = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0) + 1);
    file.take(limit).read_to_end(&mut contents)?;
    Ok(Some(contents))
}

/// Puts a file in place of what is there: at every moment the old or the new one, also
/// after a loss of power. The caller keeps others from doing the same at once.
pub fn replace_secret_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    // Left behind by a process that was killed.
    absent(fs::remove_file(&new))?;
    let outcome = write_new(&new, contents).and_then(|()| fs::rename(&new, path));
    if outcome.is_err() {
        // What was written so far is of no use, and no more than that can be done.
        let _ = fs::remove_file(&new);
    }
    outcome?;
    sync_folder_of(path)
}

/// Removes a file, and what a killed process may have left behind beside it.
pub fn remove_secret_file(path: &Path) -> io::Result<()> {
    absent(fs::remove_file(path.with_extension("new")))?;
    absent(fs::remove_file(path))?;
    sync_folder_of(path)
}

fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    let mut file = file_for_owner(options.write(true).create_new(true)).open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// That nothing was there to be removed is as good.
fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn fit_file(found: &Metadata) -> Result<(), Unfit> {
    fit(found, found.is_file())
}

#[cfg(unix)]
fn fit(found: &Metadata, as_expected: bool) -> Result<(), Unfit> {
    use std::os::unix::fs::MetadataExt as _;
    if !as_expected {
        Err(Unfit::Kind)
    } else if found.uid() != rustix::process::geteuid().as_raw() {
        Err(Unfit::Foreign)
    } else if found.mode() & 0o077 != 0 {
        Err(Unfit::Open)
    } else {
        Ok(())
    }
}

/// The profile's permissions apply, which admit its owner and administrators.
#[cfg(windows)]
fn fit(_: &Metadata, as_expected: bool) -> Result<(), Unfit> {
    as_expected.then_some(()).ok_or(Unfit::Kind)
}

#[cfg(unix)]
fn for_owner(builder: &mut DirBuilder) {
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
}

#[cfg(windows)]
fn for_owner(_: &mut DirBuilder) {}

#[cfg(unix)]
fn file_for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(windows)]
fn file_for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Nor does opening a pipe wait for whoever writes to it.
#[cfg(unix)]
fn never_through_links(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.cast_signed());
}

/// A link is opened itself, not what it leads to.
#[cfg(windows)]
fn never_through_links(options: &mut OpenOptions) {
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    std::os::windows::fs::OpenOptionsExt::custom_flags(options, FILE_FLAG_OPEN_REPARSE_POINT);
}

/// A rename is on the disk when its folder is.
#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Windows lets no folder be synced.
#[cfg(windows)]
#[allow(clippy::unnecessary_wraps, reason = "it can fail on other platforms")]
fn sync_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}
