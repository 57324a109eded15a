//! `unconfigure`: takes out of Git's configuration what `configure` put in, nothing else.

use super::configure::Arguments;
use crate::bitbucket::Site;
use crate::git::config_file::Edit;
use crate::git::{Config, Context, Git};
use crate::keychain::Choice;
use crate::setup::options::{Options, displayed};
use crate::setup::{Removal, helper_line};
use crate::text::shown;
use std::io::Write;

/// Runs `unconfigure`. Finding nothing of ours is no failure.
pub fn run(
    context: &Context,
    site: &Site,
    arguments: Arguments,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (scope, dry_run) = (arguments.scope(), arguments.dry_run);
    let git = Git::new(context, scope)?;
    let files = git.files()?;
    let config = Config::list(&git)?;
    let mut found = false;
    let mut options = Options::default();
    for path in files {
        let removal = Removal::from(&path, site, (scope, &config), dry_run)?;
        if removal.edit.changed() {
            found = true;
            options = removal.options;
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
        if helper_line::names_us(&setting.value) {
            writeln!(
                out,
                "note: {} in {setting} still names git-credential-bitbucket; it stays, because \
                 it is not from this `configure`.",
                displayed(&setting.value)
            )?;
        }
    }
    if found {
        print_what_stays(options.choice(), out)?;
    }
    Ok(())
}

/// Removing a line of Git's removes nothing that is kept.
fn print_what_stays(choice: Choice, out: &mut dyn Write) -> anyhow::Result<()> {
    let remove = "to remove them too: git credential-bitbucket logout --all";
    let row = choice.row();
    let (place, option) = match row.stands_for {
        _ if !choice.keeps() => return Ok(()),
        Choice::Keychain => ("in your keychain", String::new()),
        _ => ("where they are", format!(" --store {}", row.name)),
    };
    writeln!(out, "Stored credentials stay {place}; {remove}{option}")?;
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
