//! The store `file`: one file that its owner alone may read, in a folder that its owner
//! alone may enter. Nothing in it is encrypted, which is why it is used only by name.

use super::text_store::{TextPlace, TextStore};
use super::{Failure, Store};
use crate::lock::Lock;
use crate::platform::{self, Unfit};
use crate::reason::Reason;
use crate::secret::Secret;
use crate::text::shown;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The longest file that is read, in bytes: thousands of items.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The store; it touches nothing yet.
pub fn file() -> impl Store {
    TextStore(Files)
}

/// Our folder among the user's data.
struct Files;

impl Files {
    fn folder() -> Result<PathBuf, Failure> {
        platform::data_folder().ok_or_else(|| {
            let why = "neither XDG_DATA_HOME nor HOME names a folder";
            Failure::Unreachable(Reason::new(why, "set HOME"))
        })
    }

    fn file() -> Result<PathBuf, Failure> {
        Ok(Self::folder()?.join("credentials"))
    }
}

impl TextPlace for Files {
    fn name(&self) -> &'static str {
        "the credential file"
    }

    fn lock(&self) -> Result<Lock, Failure> {
        let folder = Self::folder()?;
        platform::create_secret_folder(&folder).map_err(|unfit| explain(&folder, 700, unfit))?;
        let path = folder.join("lock");
        Lock::at(&path).map_err(|error| failed(&path, &error))
    }

    fn read(&self, _: Instant) -> Result<Option<Secret>, Failure> {
        let folder = Self::folder()?;
        match platform::has_secret_folder(&folder) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(unfit) => return Err(explain(&folder, 700, unfit)),
        }
        let path = Self::file()?;
        platform::read_secret_file(&path, LONGEST)
            .map(|contents| contents.map(Secret::new))
            .map_err(|unfit| explain(&path, 600, unfit))
    }

    fn replace(&self, text: Option<&Secret>, _: Instant) -> Result<(), Failure> {
        let path = Self::file()?;
        match text {
            Some(text) => platform::replace_secret_file(&path, text.expose()),
            None => platform::remove_secret_file(&path),
        }
        .map_err(|error| failed(&path, &error))
    }

    fn remedy(&self) -> String {
        let path = Self::file().unwrap_or_default();
        format!("move {} away, then log in again", quoted(&path))
    }
}

/// What is wrong with a file or folder, and the one next step.
pub(super) fn explain(path: &Path, mode: u32, unfit: Unfit) -> Failure {
    let name = quoted(path);
    Failure::Failed(match unfit {
        Unfit::Kind => Reason::new(
            format!("{name} is a link or something else in its place"),
            "remove it",
        ),
        Unfit::Foreign => Reason::new(
            format!("{name} belongs to another user"),
            "run this as that user",
        ),
        Unfit::Open => Reason::new(
            format!("{name} is open to others"),
            format!("run: chmod {mode} {name}"),
        ),
        Unfit::Io(error) => return failed(path, &error),
    })
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let why = format!("{}: {error}", quoted(path));
    Failure::Failed(Reason::new(why, "correct that, then try again"))
}

fn quoted(path: &Path) -> String {
    format!("'{}'", shown(&path.to_string_lossy()))
}
