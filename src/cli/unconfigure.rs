//! `unconfigure`: takes out of Git's configuration what `configure` put in, nothing else.

use super::configure::Arguments;
use crate::bitbucket::Site;
use crate::git::config_file::Edit;
use crate::git::{Config, Context, Git};
use crate::keychain::Choice;
use crate::setup::line_options::{Options, displayed};
use crate::setup::{Removal, helper_line, site_options};
use crate::text::shown;
use anyhow::anyhow;
use std::io::Write;

/// What `unconfigure` can be told.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Unconfigure {
    /// Only for the Bitbucket at this URL; without it for all of them
    url: Option<String>,
    #[command(flatten)]
    arguments: Arguments,
}

impl Unconfigure {
    pub(super) fn run(self, context: &Context, out: &mut dyn Write) -> anyhow::Result<()> {
        let site = self.url.as_deref().map(Site::at).transpose();
        let site = site.map_err(|fault| anyhow!(fault))?;
        run(context, site.as_ref(), self.arguments, out)
    }
}

/// Runs `unconfigure` for one site or for all. Finding nothing of ours is no failure.
pub fn run(
    context: &Context,
    site: Option<&Site>,
    arguments: Arguments,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (scope, dry_run) = (arguments.scope(), arguments.dry_run);
    let git = Git::new(context, scope)?;
    let files = git.files()?;
    let mut found = false;
    let mut sites: Vec<Site> = Vec::new();
    let mut options = Options::default();
    for path in files {
        let removal = Removal::from(&path, site, scope, dry_run)?;
        if removal.edit.changed() {
            found = true;
            options = removal.options;
            sites.extend(removal.sites);
            print_edit(&shown(&path.to_string_lossy()), dry_run, &removal.edit, out)?;
        }
    }
    if dry_run && found {
        writeln!(out, "Nothing was changed.")?;
        return Ok(());
    }
    if !found {
        writeln!(out, "Nothing to do: no section of ours is there.")?;
    }
    for setting in Config::list(&git)?.helper_lines() {
        let is_meant = site.is_none_or(|site| site_options::is_for(setting, site));
        if helper_line::names_us(&setting.value) && is_meant {
            writeln!(
                out,
                "note: {} in {setting} still names git-credential-bitbucket; it stays, because \
                 it is not from this `configure`.",
                displayed(&setting.value)
            )?;
        }
    }
    if found {
        print_what_stays(options.choice(), &sites, out)?;
    }
    Ok(())
}

/// Removing a line of Git's removes nothing that is kept.
fn print_what_stays(choice: Choice, sites: &[Site], out: &mut dyn Write) -> anyhow::Result<()> {
    // With no line left, `logout` speaks for Cloud.
    let site = match sites {
        [only] if only.is_own_server() => format!(" --site {}", only.url()),
        _ => String::new(),
    };
    let row = choice.row();
    let (place, option) = match row.stands_for {
        _ if !choice.keeps() => return Ok(()),
        Choice::Keychain => ("in your keychain", String::new()),
        _ => ("where they are", format!(" --store {}", row.name)),
    };
    // A command on a line of its own is not cut within a word.
    writeln!(out, "Stored credentials stay {place}. To remove them too:")?;
    writeln!(out, "  git credential-bitbucket logout --all{site}{option}")?;
    Ok(())
}

fn print_edit(path: &str, dry_run: bool, edit: &Edit, out: &mut dyn Write) -> anyhow::Result<()> {
    let (removed, deleted) = if dry_run {
        ("Would remove", "Would delete")
    } else {
        ("Removed", "Deleted")
    };
    if edit.after.is_some() {
        writeln!(out, "{removed} our section from {path}.")?;
    } else {
        writeln!(out, "{deleted} {path}, which held nothing but our section.")?;
    }
    Ok(())
}
