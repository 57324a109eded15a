//! `logout`: forgets what a person names.

use crate::accounts::{Entry, answers_to};
use crate::bitbucket::site;
use crate::helper::{Session, explain_failure};
use anyhow::{Result, anyhow, bail};
use std::io::Write;

/// What `logout` takes.
#[derive(clap::Args)]
pub struct Logout {
    /// The account, as `logout` lists it; not needed when only one is kept
    account: Option<String>,
    /// Forget every Bitbucket credential
    #[arg(long, conflicts_with = "account")]
    all: bool,
}

impl Logout {
    /// Removes one entry or all.
    pub fn run(self, output: &mut dyn Write) -> Result<()> {
        let session = Session::new(&site::CLOUD);
        let removed = session
            .unlocking(|unlock| {
                let vault = session.vault();
                let entries = vault.read(unlock)?.entries;
                let chosen = match self.choose(&entries) {
                    Ok(chosen) => chosen,
                    Err(reason) => return Ok(Err(reason)),
                };
                for entry in &chosen {
                    vault.remove(entry, unlock)?;
                }
                Ok(Ok(chosen
                    .iter()
                    .map(|entry| entry.title())
                    .collect::<Vec<_>>()))
            })
            .map_err(|failure| {
                anyhow!(explain_failure(&failure, session.vault().store_name()))
            })??;
        if removed.is_empty() {
            writeln!(output, "Nothing is kept for {}.", session.site.host)?;
        }
        for title in removed {
            writeln!(output, "Forgotten: {title}")?;
        }
        Ok(())
    }

    fn choose<'a>(&self, entries: &'a [Entry]) -> Result<Vec<&'a Entry>> {
        if self.all {
            return Ok(entries.iter().collect());
        }
        let chosen: Vec<&Entry> = match &self.account {
            Some(name) => entries
                .iter()
                .filter(|entry| entry.account() == *name || answers_to(entry, name))
                .collect(),
            None => entries.iter().collect(),
        };
        match (chosen.len(), &self.account) {
            (0, Some(name)) => bail!("no account {name} is kept; {}", listed(entries)),
            (0 | 1, _) => Ok(chosen),
            _ => bail!(
                "several accounts are kept: name one, or use --all; {}",
                listed(entries)
            ),
        }
    }
}

fn listed(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "nothing is kept".to_owned();
    }
    let names: Vec<String> = entries.iter().map(Entry::account).collect();
    format!("kept are: {}", names.join(", "))
}
