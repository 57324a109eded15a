//! `unconfigure`: takes out of Git's configuration what `configure` put in, nothing else.

use super::configure::{Arguments, display, options_in, without_section};
use crate::bitbucket::Site;
use crate::git::config_file::{ConfigFile, Edit};
use crate::git::{Config, Context, Git, helper_value, section};
use crate::helper::options::{Options, displayed};
use crate::keychain::Choice;
use std::io::Write;

/// Runs `unconfigure`. Finding nothing of ours is no failure.
pub fn run(
    context: &Context,
    site: &Site,
    arguments: Arguments,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let git = Git::new(context, arguments.scope())?;
    let mut found = false;
    let mut options = Options::default();
    for path in git.files()? {
        let before = options_in(&git, Some(&path))?.unwrap_or_default();
        let file = ConfigFile::at(&path)?;
        let edit = if arguments.dry_run {
            let before = file.read()?;
            let after = without_ours(before.as_deref(), site.url());
            Edit { before, after }
        } else {
            file.edit(
                |file| without_ours(file, site.url()),
                |file| without_section(file, site.url()),
            )
            .map_err(|error| arguments.explain(error))?
        };
        if edit.changed() {
            found = true;
            options = before;
            print_edit(&display(&path), arguments.dry_run, &edit, out)?;
        }
    }
    if arguments.dry_run && found {
        writeln!(out, "Nothing was changed.")?;
        return Ok(());
    }
    if !found {
        writeln!(out, "Nothing to do: no section of ours is there.")?;
    }
    for setting in Config::list(&git)?.helper_lines() {
        if helper_value::names_us(&setting.value) {
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

/// The file as it was before `configure`; `None` if it was not there.
fn without_ours(file: Option<&[u8]>, url: &str) -> Option<Vec<u8>> {
    let removed = section::remove(file?, url);
    let gone = removed.created && removed.content.is_empty();
    (!gone).then_some(removed.content)
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
