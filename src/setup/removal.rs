//! Taking our section out of a file of Git's: the way back from `change`. What a person reads
//! about it is the commands' business.

use super::options::Options;
use super::section;
use super::unwritable::{FileChange, explained};
use crate::bitbucket::Site;
use crate::git::config_file::{ConfigFile, Edit};
use crate::git::{Config, Scope};
use std::path::Path;

/// A file of which our section was taken out.
pub struct Removal {
    /// What it did, or would do.
    pub edit: Edit,
    /// What the section said of stores.
    pub options: Options,
}

impl Removal {
    /// Takes our section out of one of Git's files, or only says what that would do. `config`
    /// is what Git reads before.
    pub fn from(
        path: &Path,
        site: &Site,
        (scope, config): (Scope, &Config),
        dry_run: bool,
    ) -> anyhow::Result<Self> {
        let here = config.helper_lines();
        let options = Options::of_last(here.filter(|line| line.file.as_deref() == Some(path)));
        let file = ConfigFile::at(path)?;
        let without = |file: Option<&[u8]>| section::without(file, site.url());
        let edit = if dry_run {
            let before = file.read()?;
            let after = without(before.as_deref());
            Edit { before, after }
        } else {
            file.edit(without, |file| section::remove(file, site.url()).content)
                .map_err(|error| explained(error, scope, path, FileChange::Removal))?
        };
        Ok(Self {
            edit,
            options: options.unwrap_or_default(),
        })
    }
}
