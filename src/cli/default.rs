//! `default`: which account answers where nothing else chooses among several.

use super::logout::{explain, find};
use super::site_argument::SiteArgument;
use super::store_argument::StoreArgument;
use crate::helper::Session;
use crate::text::shown;
use anyhow::Result;
use std::io::Write;

/// What `default` takes.
#[derive(clap::Args)]
pub struct Default {
    /// The account, as `status` lists it
    account: String,
    #[command(flatten)]
    site: SiteArgument,
    #[command(flatten)]
    place: StoreArgument,
}

impl Default {
    /// Marks one account and no other.
    pub fn run(self, output: &mut dyn Write) -> Result<()> {
        let chosen = self.site.choose()?;
        chosen.tell(output)?;
        let session = Session::of_command(&chosen.site, &chosen.config, self.place.store)?;
        let vault = session.vault();
        let title = session
            .unlocking(|unlock| {
                let mut entries = vault.read(unlock)?.entries;
                let position = match find(&entries, &self.account) {
                    Ok(position) => position,
                    Err(reason) => return Ok(Err(reason)),
                };
                let mut entry = entries.swap_remove(position);
                entry.details.default = true;
                // Whoever names it vouches for it.
                entry.details.seen = false;
                vault.update(&entry, unlock)?;
                vault.undefault_others(entries, &entry.account(), unlock)?;
                Ok(Ok(entry.title()))
            })
            .map_err(|failure| explain(&session, &failure))??;
        writeln!(output, "Default: {}", shown(&title))?;
        Ok(())
    }
}
