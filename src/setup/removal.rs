//! Taking our sections out of a file of Git's: the way back from `change`. What a person reads
//! about it is the commands' business.

use super::line_options::Options;
use super::section::{self, SectionOfFile};
use super::unwritable::{FileChange, explained};
use super::{helper_line, site_options};
use crate::bitbucket::Site;
use crate::bitbucket::site::CLOUD;
use crate::git::Scope;
use crate::git::config_file::{ConfigFile, Edit};
use std::path::Path;

/// A file of which sections of ours were taken out.
pub struct Removal {
    /// What it did, or would do.
    pub edit: Edit,
    /// What the last of them said of stores.
    pub options: Options,
    /// Which sites they were for, where they say so.
    pub sites: Vec<Site>,
}

impl Removal {
    /// Takes the sections of a site out of one of Git's files, those of all if none is named, or
    /// only says what that would do.
    pub fn from(
        path: &Path,
        site: Option<&Site>,
        scope: Scope,
        dry_run: bool,
    ) -> anyhow::Result<Self> {
        let file = ConfigFile::at(path)?;
        let content = file.read()?.unwrap_or_default();
        let (mut sites, mut options): (Vec<Site>, _) = (Vec::new(), Options::default());
        for section in section::sections(&content) {
            let words = helper_line::options(&section.helper);
            let Ok(of_section) = site_options::site(&words) else {
                continue;
            };
            if site.is_none_or(|wanted| wanted.url() == of_section.url()) {
                options = Options::parse(&words).unwrap_or_default();
                if sites.iter().all(|known| known.url() != of_section.url()) {
                    sites.push(of_section);
                }
            }
        }
        // What somebody has edited is known by its URL alone.
        let known = site.unwrap_or(&CLOUD).origins();
        let edit = edit(&file, scope, dry_run, &known, |section| match site {
            None => true,
            Some(site) => is_of(section, site),
        })?;
        Ok(Self {
            edit,
            options,
            sites,
        })
    }
}

/// Takes those sections of a site out of a file that are for hosts which it has no more.
pub fn remove_stale(path: &Path, site: &Site, scope: Scope) -> anyhow::Result<()> {
    let origins = site.origins();
    let file = ConfigFile::at(path)?;
    edit(&file, scope, false, &[], |section| {
        is_of(section, site) && !origins.contains(&section.url)
    })?;
    Ok(())
}

/// Whether a section is a site's, by its line or, if that cannot be read, by its URL.
fn is_of(section: &SectionOfFile, site: &Site) -> bool {
    match site_options::site(&helper_line::options(&section.helper)) {
        Ok(named) => named.url() == site.url(),
        Err(_) => site.origins().contains(&section.url),
    }
}

fn edit(
    file: &ConfigFile,
    scope: Scope,
    dry_run: bool,
    known: &[String],
    goes: impl Fn(&SectionOfFile) -> bool,
) -> anyhow::Result<Edit> {
    let without = |before: Option<&[u8]>| {
        let urls = section::sections(before.unwrap_or_default());
        let urls = urls.into_iter().filter(&goes).map(|section| section.url);
        let mut after = before.map(<[u8]>::to_vec);
        for url in urls.chain(known.iter().cloned()) {
            after = section::without(after.as_deref(), &url);
        }
        after
    };
    if dry_run {
        let before = file.read()?;
        let after = without(before.as_deref());
        return Ok(Edit { before, after });
    }
    file.edit(without, |file| without(Some(file)).unwrap_or_default())
        .map_err(|error| explained(error, scope, file.path(), FileChange::Removal))
}
