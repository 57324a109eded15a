//! Writing our section into a file of Git's, proving that Git asks us then, and putting the
//! file back where it does not. What cannot be made to work is undone. What a person reads about
//! it is the commands' business, but for the reason of a failure.

use super::line_options::Options;
use super::obstacle::Obstacle;
use super::own_name;
use super::section::{self, Section};
use super::site_options;
use super::unwritable::{FileChange, explained, line_as_text};
use crate::bitbucket::Site;
use crate::git::chain::{self, Helper};
use crate::git::config_file::{ConfigFile, Edit};
use crate::git::{Config, Context, Git, Scope, boolean};
use crate::text::shown;
use anyhow::{anyhow, bail, ensure};
use std::path::Path;
use url::Url;

/// Our section for one of a site's hosts, as it shall be in a file.
pub struct Change<'a> {
    site: &'a Site,
    /// The URL it is for: one of the site's origins.
    origin: String,
    scope: Scope,
    git: Git<'a>,
    file: ConfigFile,
    /// The value of `helper`.
    helper: Vec<u8>,
    /// What it says of stores.
    pub options: Options,
    /// What was said of them before.
    pub before: Options,
}

/// Whom Git asks, us first.
pub struct HelperChain {
    /// In Git's order.
    pub helpers: Vec<Helper>,
    /// Whether Git tells them which repository it is about.
    pub sends_path: bool,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionChange {
    /// It was not there.
    Created,
    /// It had a section of ours, which is now at its end.
    Renewed,
    /// It had none.
    Added,
}

/// Makes Git ask us wherever it asks for this person: `configure` without any option.
pub fn configure(context: &Context, site: &Site) -> anyhow::Result<()> {
    for origin in site.origins() {
        let change = Change::of(context, site, origin, Scope::Global, Options::default())?;
        if change.is_done()?.is_none() {
            change.apply()?;
        }
    }
    Ok(())
}

/// Writes `options` where a person's own configuration is, and proves nothing: in the midst of
/// a push there is no time for that. Returns the path and the value of `helper`, as they are
/// shown.
pub fn note(site: &Site, options: &Options) -> anyhow::Result<(String, String)> {
    let context = Context::of_process()?;
    let git = Git::new(&context, Scope::Global)?;
    let (file, name) = file_and_name(&context, &git)?;
    ensure!(
        file.path().is_absolute(),
        "{} would be a file of this folder",
        file.path().display()
    );
    let helper = [name, site_options::written(site)?, options.written()?].concat();
    for origin in site.origins() {
        let section = Section {
            url: &origin,
            helper: &helper,
        };
        write(&section, &file, Scope::Global)?;
    }
    let helper = shown(&String::from_utf8_lossy(&helper));
    Ok((shown(&file.path().to_string_lossy()), helper))
}

/// Writes the section, or says what a person does instead.
fn write(section: &Section, file: &ConfigFile, scope: Scope) -> anyhow::Result<Edit> {
    section.write_to(file).map_err(|error| {
        let lines = section.lines();
        explained(error, scope, file.path(), FileChange::Lines(&lines))
    })
}

/// The file that `git config` would write to, and how Git shall start us.
fn file_and_name(context: &Context, git: &Git) -> anyhow::Result<(ConfigFile, Vec<u8>)> {
    let exec_path = git.ask(&["--exec-path"])?;
    let file = ConfigFile::at(&git.files()?[0])?;
    Ok((file, own_name::choose(context, &exec_path)?))
}

/// `configure` or `unconfigure` with its scope, as one would type it for this site.
pub fn command(name: &str, scope: Scope, site: &Site) -> String {
    let scope = match scope {
        Scope::System => " --system",
        Scope::Global => "",
        Scope::Local => " --local",
    };
    let site = match name {
        "configure" => site.configure_argument(),
        _ => site.address_argument(),
    };
    format!("git credential-bitbucket {name}{scope}{site}")
}

impl<'a> Change<'a> {
    /// What is to be done for one of the site's origins. What `options` do not speak of stays as it
    /// is there.
    pub fn of(
        context: &'a Context,
        site: &'a Site,
        origin: String,
        scope: Scope,
        options: Options,
    ) -> anyhow::Result<Self> {
        let git = Git::new(context, scope)?;
        let (file, name) = file_and_name(context, &git)?;
        let config = Config::list(&git)?;
        let before = options_before(scope, &config, file.path(), site);
        let options = options.or_as_before(&before);
        if let (Scope::Local, Some(fault)) = (scope, options.local_fault()) {
            bail!(fault);
        }
        let helper = [name, site_options::written(site)?, options.written()?].concat();
        Ok(Self {
            site,
            origin,
            scope,
            git,
            file,
            helper,
            options,
            before,
        })
    }

    fn section(&self) -> Section<'_> {
        Section {
            url: &self.origin,
            helper: &self.helper,
        }
    }

    /// What Git asks us about, as it is told: the site, or another host of its.
    pub fn url(&self) -> &str {
        let is_own = self.site.origins().first() == Some(&self.origin);
        if is_own {
            self.site.url()
        } else {
            &self.origin
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        self.file.path()
    }

    /// The file, as it is shown.
    pub fn path(&self) -> String {
        shown(&self.file.path().to_string_lossy())
    }

    /// Whom Git asks, if nothing is to be done.
    pub fn is_done(&self) -> anyhow::Result<Option<HelperChain>> {
        let Some(content) = self.file.read()? else {
            return Ok(None);
        };
        if !self.section().is_in(&content) {
            return Ok(None);
        }
        let chain = self.look().ok();
        Ok(chain.filter(|chain| chain.is_ours_alone() || self.section().is_at_end_of(&content)))
    }

    /// What would become of the file, and the lines of the section. Nothing is changed.
    pub fn preview(&self) -> anyhow::Result<(SectionChange, Vec<String>)> {
        let before = self.file.read()?;
        let lines = self.section().lines();
        let lines = lines.iter().map(|line| line_as_text(line));
        Ok((
            SectionChange::of(before.as_deref(), &self.origin),
            lines.collect(),
        ))
    }

    /// Writes the section and looks whether Git asks us; fails if it does not, and the file is
    /// as it was then.
    pub fn apply(&self) -> anyhow::Result<(SectionChange, HelperChain)> {
        let edit = write(&self.section(), &self.file, self.scope)?;
        match self.look() {
            Ok(chain) => {
                let change = SectionChange::of(edit.before.as_deref(), &self.origin);
                Ok((change, chain))
            }
            Err(obstacle) => Err(self.undo(&edit, &obstacle)?),
        }
    }

    /// Whom Git asks now.
    fn look(&self) -> Result<HelperChain, Obstacle> {
        let url = &*self.origin;
        let untold = |error: anyhow::Error| Obstacle::Untold(format!("{error:#}"));
        let config = Config::list(&self.git).map_err(untold)?;
        let helpers = chain::effective(&self.git, url, &config).map_err(untold)?;
        let url = Url::parse(url).map_err(|error| untold(error.into()))?;
        let ours = String::from_utf8_lossy(&self.helper);
        match Obstacle::find(&config, &helpers, &ours, &url, &self.path()) {
            Some(obstacle) => Err(obstacle),
            None => Ok(HelperChain {
                helpers,
                sends_path: config.credential(&url, "usehttppath").and_then(boolean) == Some(true),
            }),
        }
    }

    /// Puts the file back and says why.
    fn undo(&self, edit: &Edit, why: &Obstacle) -> anyhow::Result<anyhow::Error> {
        let without = |file: &[u8]| section::remove(file, &self.origin).content;
        let undone = self.file.edit(|now| undone(now, edit, without), without)?;
        let end = if undone.after == edit.before {
            "is as it was"
        } else {
            "was edited meanwhile; only our section was taken out of it"
        };
        Ok(anyhow!(
            "Git would not ask us about {}: {why}, then run: {}\n{} {end}.",
            self.url(),
            command("configure", self.scope, self.site),
            self.path()
        ))
    }
}

impl HelperChain {
    /// Whether nobody else is asked, and we are told all.
    fn is_ours_alone(&self) -> bool {
        self.helpers.len() == 1 && self.sends_path
    }
}

impl SectionChange {
    /// What our section does to a file that was like this.
    fn of(before: Option<&[u8]>, url: &str) -> Self {
        match before {
            None => Self::Created,
            Some(file) if section::remove(file, url).sections > 0 => Self::Renewed,
            Some(_) => Self::Added,
        }
    }
}

/// What the lines that name us for this site said of stores before: those of this file, for a
/// repository those of all, since it keeps tokens where everything else does.
fn options_before(scope: Scope, config: &Config, file: &Path, site: &Site) -> Options {
    let here = config.helper_lines();
    let here = here.filter(|line| line.file.as_deref() == Some(file));
    let options = match (Options::of_last(here, site), scope) {
        (None, Scope::Local) => Options::of_last(config.helper_lines(), site),
        (here, _) => here,
    };
    options.unwrap_or_default()
}

/// The content after an edit of ours is taken back: what was there before it, or, if somebody
/// else has written since, what is there now without our section.
fn undone(now: Option<&[u8]>, edit: &Edit, without: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    if now == edit.after.as_deref() {
        edit.before.clone()
    } else {
        now.map(without)
    }
}

#[cfg(test)]
mod tests;
