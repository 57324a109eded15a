//! `logout`: forgets what a person names.

use super::site_argument::{ChosenSite, SiteArgument, for_each};
use super::store_argument::StoreArgument;
use crate::accounts::Entry;
use crate::doctor;
use crate::helper::{Session, explain_failure};
use crate::keychain::{Choice, Deletion, Failure};
use crate::text::shown;
use anyhow::{Context, Result, anyhow, bail};
use std::io::Write;

/// What `logout` takes.
#[derive(clap::Args)]
pub struct Logout {
    /// The account, as `status` lists it; needed if several are kept
    account: Option<String>,
    /// Forget every Bitbucket credential in the store in use (see --store)
    #[arg(long, conflicts_with = "account")]
    all: bool,
    #[command(flatten)]
    site: SiteArgument,
    #[command(flatten)]
    place: StoreArgument,
}

impl Logout {
    /// Removes one entry, or all of every site.
    pub fn run(self, output: &mut dyn Write) -> Result<()> {
        let sites = if self.all {
            self.site.all_even_former()?
        } else {
            vec![self.site.choose_even_former()?]
        };
        for_each(&sites, output, |chosen, output| {
            self.run_for(chosen, output)
        })
    }

    fn run_for(&self, chosen: &ChosenSite, output: &mut dyn Write) -> Result<()> {
        let session = Session::of_command(&chosen.site, &chosen.config, self.place.store)?;
        // What came of ending sign-ins at the server.
        let mut ended = Vec::new();
        let (removed, left) = session
            .unlocking(|unlock| {
                let vault = session.vault();
                let entries = vault.read(unlock)?.entries;
                let chosen = match self.choose(&entries) {
                    Ok(chosen) => chosen,
                    Err(reason) => return Ok(Err(reason)),
                };
                let (mut removed, mut left) = (Vec::new(), Vec::new());
                ended.clear();
                for entry in chosen {
                    match vault.remove(entry, unlock)? {
                        Deletion::Deleted => {
                            removed.push(entry.title());
                            ended.extend(session.revoke(entry));
                        }
                        Deletion::Unchanged => left.push(entry.title()),
                    }
                }
                removed.sort();
                Ok(Ok((removed, left)))
            })
            .map_err(|failure| explain(&session, &failure))??;
        if removed.is_empty() && left.is_empty() {
            let (host, store) = (chosen.site.host(), session.vault().store_name());
            writeln!(output, "Nothing is kept for {host} in {store}.")?;
        }
        for title in removed {
            writeln!(output, "Forgotten: {}", shown(&title))?;
        }
        for text in ended {
            writeln!(output, "{text}")?;
        }
        if self.all {
            let vault = session.vault();
            let forgotten = session.unlocking(|unlock| vault.forget_client(unlock));
            if forgotten.map_err(|failure| explain(&session, &failure))? {
                writeln!(output, "Forgotten: the OAuth client")?;
            }
            let count = doctor::forget_set_aside(&session)?;
            if count > 0 {
                writeln!(output, "Forgotten: {count} set aside by doctor --fix")?;
            }
        }
        if !left.is_empty() {
            bail!(
                "another process has changed or removed {} meanwhile; see what is kept now: git \
                 credential-bitbucket status",
                shown(&left.join(", "))
            );
        }
        Ok(())
    }

    fn choose<'a>(&self, entries: &'a [Entry]) -> Result<Vec<&'a Entry>> {
        match &self.account {
            Some(name) => Ok(vec![&entries[find(entries, name)?]]),
            None if self.all || entries.len() < 2 => Ok(entries.iter().collect()),
            None => bail!(
                "several accounts are kept: name one, or use --all; {}",
                listed(entries)
            ),
        }
    }
}

/// Why the store could not be read or changed, and where else to look.
pub(super) fn explain(session: &Session, failure: &Failure) -> anyhow::Error {
    let reason = explain_failure(failure, session.vault().store());
    match failure {
        Failure::Missing(_) | Failure::NoDefaultKeyring => {
            let others = Choice::offered().filter(|choice| choice.keeps());
            let others: Vec<_> = others
                .map(|choice| format!("--store {}", choice.row().name))
                .collect();
            anyhow!(
                "{reason}; if you keep tokens elsewhere, name the store: {}; else run this in your desktop session",
                others.join(" or ")
            )
        }
        _ => anyhow!(reason),
    }
}

/// The entry that a person names: by its account, else by a name that only it has. One
/// whose name is not known serves every name, but is meant by none.
pub(super) fn find(entries: &[Entry], name: &str) -> Result<usize> {
    let position_of_only = |fits: &dyn Fn(&Entry) -> bool| {
        let mut fitting = (0..entries.len()).filter(|&index| fits(&entries[index]));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    position_of_only(&|entry| entry.account() == name)
        .or_else(|| position_of_only(&|entry| has_name(entry, name)))
        .with_context(|| {
            let (shown, listed) = (shown(name), listed(entries));
            if entries.iter().any(|entry| has_name(entry, name)) {
                format!("{shown} names no single account; {listed}")
            } else {
                format!("no account that is kept is called {shown}; {listed}")
            }
        })
}

fn has_name(entry: &Entry, name: &str) -> bool {
    let details = &entry.details;
    let own = details.username.iter().chain(&details.email);
    own.chain(&details.aliases).any(|own| own == name)
}

fn listed(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "nothing is kept".to_owned();
    }
    let mut names: Vec<String> = entries
        .iter()
        .map(|entry| shown(&entry.account()))
        .collect();
    names.sort();
    format!("kept are: {}", names.join(", "))
}
