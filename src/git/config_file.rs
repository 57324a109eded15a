//! Replacing one of Git's configuration files as Git itself does: under `<file>.lock`,
//! whole and at once, with its owner and mode and behind its symbolic links. Whoever looks, and
//! whenever we are killed, finds the old file or the new one.

use crate::platform;
use anyhow::{Context as _, bail, ensure};
use std::ffi::OsString;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another program may hold the lock before we give up. Git holds it for
/// milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// As many links as Git follows.
const MOST_LINKS: usize = 5;

/// A configuration file, which may not exist yet.
pub struct ConfigFile {
    path: PathBuf,
    /// Where the path's links end.
    target: PathBuf,
}

/// What an edit did. `None` is no file.
#[derive(Debug, PartialEq, Eq)]
pub struct Edit {
    /// The content before.
    pub before: Option<Vec<u8>>,
    /// The content now.
    pub after: Option<Vec<u8>>,
}

impl Edit {
    /// Whether anything was written.
    pub fn changed(&self) -> bool {
        self.before != self.after
    }
}

impl ConfigFile {
    /// Follows the path's links, unless another user has made one: it may lead to what only
    /// we can write. Fails for what is no plain file.
    pub fn at(path: &Path) -> anyhow::Result<Self> {
        let mut target = path.to_owned();
        for _ in 0..MOST_LINKS {
            let Ok(link) = fs::read_link(&target) else {
                break;
            };
            ensure!(
                fs::symlink_metadata(&target).is_ok_and(|it| platform::is_trusted_link(&it)),
                "{} is a link that another user made: edit the file that you mean",
                path.display()
            );
            target = target.parent().unwrap_or(Path::new("")).join(link);
        }
        if let Ok(found) = fs::metadata(&target) {
            ensure!(
                found.is_file(),
                "{} is not a file that can be edited",
                path.display()
            );
        }
        Ok(Self {
            path: path.to_owned(),
            target,
        })
    }

    /// The same, for a file with secrets: the file itself must be in our hands, too, and the
    /// last link found.
    pub fn of_ours(path: &Path) -> anyhow::Result<Self> {
        let file = Self::at(path)?;
        let mut step = path.to_owned();
        for _ in 0..=MOST_LINKS {
            let found = fs::symlink_metadata(&step)
                .with_context(|| format!("cannot read {}", path.display()))?;
            if found.is_file() {
                ensure!(
                    platform::is_ours_to_replace(&found),
                    "{} belongs to another user: only they can edit it",
                    path.display()
                );
                return Ok(file);
            }
            let link =
                fs::read_link(&step).with_context(|| format!("cannot read {}", path.display()))?;
            step = step.parent().unwrap_or(Path::new("")).join(link);
        }
        bail!(
            "{} is behind too many links to be edited: edit the file itself",
            path.display()
        );
    }

    /// The path as Git knows it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content; `None` if there is no file.
    pub fn read(&self) -> anyhow::Result<Option<Vec<u8>>> {
        match fs::read(&self.target) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(error).with_context(|| format!("cannot read {}", self.path.display()))
            }
        }
    }

    /// Replaces the content by what `change` makes of it; `None` removes the file.
    /// `strip` takes our own part out of a content. If the file and the lock file are equal
    /// without it, a killed run of ours left the lock file.
    pub fn edit(
        &self,
        change: impl Fn(Option<&[u8]>) -> Option<Vec<u8>>,
        strip: impl Fn(&[u8]) -> Vec<u8>,
    ) -> anyhow::Result<Edit> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let before = self.read()?;
            let after = change(before.as_deref());
            if after == before {
                return Ok(Edit { before, after });
            }
            let is_ours = |lock: &[u8]| strip(lock) == strip(before.as_deref().unwrap_or_default());
            let lock = self.lock(after.as_deref().unwrap_or_default(), deadline, is_ours)?;
            // Nobody who respects the lock changes the file from here on.
            if self.read()? == before {
                if after.is_some() {
                    lock.become_file(&self.target)
                } else {
                    fs::remove_file(&self.target)
                }
                .with_context(|| format!("cannot replace {}", self.path.display()))?;
                return Ok(Edit { before, after });
            }
            ensure!(
                Instant::now() < deadline,
                "{} keeps changing: try again later",
                self.path.display()
            );
        }
    }

    /// Takes Git's lock, with the whole new content in it from its first moment.
    fn lock(
        &self,
        content: &[u8],
        deadline: Instant,
        is_ours: impl Fn(&[u8]) -> bool,
    ) -> anyhow::Result<Leftover> {
        let lock = self.beside(".lock");
        let draft = self.draft(content, deadline)?;
        let mut may_clear = true;
        loop {
            let error = match self.link(&draft.0, &lock, content) {
                Ok(()) => return Ok(Leftover(lock)),
                Err(error) => error,
            };
            if error.kind() != ErrorKind::AlreadyExists {
                return Err(error).with_context(|| format!("cannot write {}", lock.display()));
            }
            let late = Instant::now() >= deadline;
            if may_clear && is_old(&lock) && fs::read(&lock).is_ok_and(|found| is_ours(&found)) {
                may_clear = false;
                let _ = fs::remove_file(&lock);
            } else if !late {
                std::thread::sleep(Duration::from_millis(20));
            } else {
                bail!(
                    "another program is changing {}: {} exists. If no git is running, \
                     remove that lock file; then try again",
                    self.path.display(),
                    lock.display()
                );
            }
        }
    }

    /// Gives the draft its second name, the lock's; fails if that is taken.
    fn link(&self, draft: &Path, lock: &Path, content: &[u8]) -> io::Result<()> {
        match fs::hard_link(draft, lock) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                // A file system without hard links.
                write_new(lock, content, self.replaced().as_ref())
            }
            done => done,
        }
    }

    /// Writes the content to a file of our own. One left by a killed run is replaced.
    fn draft(&self, content: &[u8], deadline: Instant) -> anyhow::Result<Leftover> {
        let draft = self.beside(".bitbucket");
        loop {
            match write_new(&draft, content, self.replaced().as_ref()) {
                Ok(()) => return Ok(Leftover(draft)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if Instant::now() >= deadline || is_old(&draft) {
                        match fs::remove_file(&draft) {
                            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                            _ => Ok(()),
                        }
                    } else {
                        std::thread::sleep(Duration::from_millis(20));
                        Ok(())
                    }
                }
                failed => failed,
            }
            .with_context(|| format!("cannot write {}", draft.display()))?;
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = OsString::from(&self.target);
        path.push(ending);
        path.into()
    }

    fn replaced(&self) -> Option<Metadata> {
        fs::metadata(&self.target).ok()
    }
}

/// A file that goes when this does.
struct Leftover(PathBuf);

impl Leftover {
    /// Renames it instead. Its old name may be somebody else's from then on.
    fn become_file(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.0, target)?;
        self.0 = PathBuf::new();
        Ok(())
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.0);
        }
    }
}

/// Whether a file was written longer ago than any living program works on it.
fn is_old(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|found| found.modified());
    written.is_ok_and(|then| then.elapsed().is_ok_and(|age| age > PATIENCE))
}

/// Creates a file; it has its owner and mode before it has a content.
fn write_new(path: &Path, content: &[u8], replaced: Option<&Metadata>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = replaced
        .map_or(Ok(()), |replaced| {
            platform::keep_owner(&file, replaced)?;
            file.set_permissions(replaced.permissions())
        })
        .and_then(|()| file.write_all(content))
        .and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}
