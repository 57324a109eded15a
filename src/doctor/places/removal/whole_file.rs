//! A file that holds one secret and nothing else.

use super::super::machine::LONGEST_FILE;
use super::bytes::Bytes;
use super::{RemovalOutcome, RestoreOutcome};
use crate::git::config_file::ConfigFile;
use crate::platform;
use crate::secret::Secret;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// One file, as it is put back.
#[derive(Clone, Serialize, Deserialize)]
pub(in super::super) struct WholeFile {
    file: PathBuf,
    content: Bytes,
}

impl WholeFile {
    pub fn of(file: &Path, content: &Secret) -> Self {
        Self {
            file: file.to_owned(),
            content: Bytes::of(content.expose()),
        }
    }

    pub fn remove(&self) -> anyhow::Result<RemovalOutcome> {
        if !self.file.exists() {
            return Ok(RemovalOutcome::AlreadyGone);
        }
        let file = ConfigFile::of_ours(&self.file)?;
        let expected = self.content.as_slice();
        let edit = file.edit(
            |content| {
                content
                    .filter(|content| *content != expected)
                    .map(<[u8]>::to_vec)
            },
            // A lock of ours is empty, as what it is to become is.
            |content| content.strip_prefix(expected).unwrap_or(content).to_vec(),
        )?;
        Ok(if edit.changed() {
            RemovalOutcome::Done
        } else {
            RemovalOutcome::AlreadyGone
        })
    }

    /// It comes to be at once and whole, and only if nothing is there.
    pub fn restore(&self) -> anyhow::Result<RestoreOutcome> {
        let shown = crate::text::shown(&self.file.to_string_lossy());
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot write {shown}"))?;
        }
        let mut draft = self.file.clone().into_os_string();
        draft.push(".bitbucket");
        let draft = PathBuf::from(draft);
        let _ = fs::remove_file(&draft);
        platform::write_private_file(&draft, self.content.as_slice())
            .with_context(|| format!("cannot write {shown}"))?;
        let linked = fs::hard_link(&draft, &self.file);
        let _ = fs::remove_file(&draft);
        match linked {
            Ok(()) => Ok(RestoreOutcome::Done),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let now = platform::read_plain_file(&self.file, LONGEST_FILE).map(Secret::new);
                let same = now.is_ok_and(|now| now.expose() == self.content.as_slice());
                Ok(if same {
                    RestoreOutcome::AlreadyThere
                } else {
                    RestoreOutcome::NoPlace(format!("{shown} holds another secret by now"))
                })
            }
            Err(error) => Err(error).with_context(|| format!("cannot write {shown}")),
        }
    }
}
