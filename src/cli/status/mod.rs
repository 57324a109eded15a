//! `status`: what is kept and what is known of it. It reads and tells: no secret, nor a
//! part of one; no dialog; nothing is changed; no network without `--check`.

mod report;
mod table;

use super::site_argument::{ChosenSite, SiteArgument, for_each};
use super::store_argument::StoreArgument;
use crate::accounts::Entry;
use crate::accounts::renewal::has_ended;
use crate::bitbucket::{Kind, Repository};
use crate::dates;
use crate::helper::Session;
use crate::helper::source::{self, Supply};
use crate::keychain::{Failure, NO_DEFAULT_KEYRING};
use crate::output_style::OutputStyle;
use anyhow::{Result, anyhow, bail};
use report::{Check, CheckOutcome, Line, StatusReport, StoreState};
use std::io::Write;

/// What `status` takes.
#[derive(clap::Args)]
pub struct Status {
    /// Ask the server once about each credential; fails if it refuses one
    #[arg(long)]
    check: bool,
    /// Print JSON for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    site: SiteArgument,
    #[command(flatten)]
    place: StoreArgument,
}

impl Status {
    /// Fails if the keychain cannot be read, unless none is here nor needed, or the server
    /// refuses a credential.
    pub fn run(self, output: &mut dyn Write) -> Result<()> {
        if self.json {
            return self.run_for(&self.site.choose()?, output);
        }
        for_each(&self.site.all()?, output, |chosen, output| {
            self.run_for(chosen, output)
        })
    }

    fn run_for(&self, chosen: &ChosenSite, output: &mut dyn Write) -> Result<()> {
        let session = Session::of_command(&chosen.site, &chosen.config, self.place.store)?;
        let (report, failure) = self.look(&session);
        if self.json {
            serde_json::to_writer_pretty(&mut *output, &report)?;
            writeln!(output)?;
        } else {
            report.print_variable(output)?;
        }
        match failure {
            // The variable is what helps where there is no keychain.
            Some(failure) if failure.is_no_place() && report.variable.is_some() => {
                if !self.json {
                    writeln!(output, "Nothing else is kept: {}.", nowhere(&failure))?;
                }
                return Ok(());
            }
            Some(failure) => bail!(session.explain(&failure)),
            None if !self.json => report.print(&session, output)?,
            None => {}
        }
        report.refusals()
    }

    fn look(&self, session: &Session) -> (StatusReport, Option<Failure>) {
        // A program that reads this asks nobody.
        let kept = if self.json {
            session.read_again()
        } else {
            session.read_for_person()
        };
        let mut report = StatusReport::of(session, source::supplies(session));
        match kept {
            Ok(contents) => {
                report.unreadable = contents.unreadable;
                report.entries = contents.entries.iter().map(Line::of).collect();
                if self.check {
                    let here = session.repository(None);
                    for (line, entry) in report.entries.iter_mut().zip(&contents.entries) {
                        let here = here.as_ref().filter(|here| is_needed(entry, here));
                        line.check = Some(if has_ended(entry, dates::now()) {
                            Check::unasked(&session.site, entry)
                        } else {
                            let verdict = session.recheck(entry, here);
                            Check::of(&session.site, &verdict, entry)
                        });
                    }
                }
                report.entries.sort_by(|a, b| a.title.cmp(&b.title));
                (report, None)
            }
            Err(failure) => {
                report.state = match failure {
                    Failure::Locked | Failure::Dismissed => StoreState::Locked,
                    Failure::NoDefaultKeyring => StoreState::NoDefaultKeyring,
                    Failure::Missing(_) | Failure::Unreachable(_) => StoreState::Unreachable,
                    Failure::Failed(_) | Failure::KeepsNothing => StoreState::Failed,
                };
                (report, Some(failure))
            }
        }
    }
}

impl StatusReport {
    fn print_variable(&self, output: &mut dyn Write) -> Result<()> {
        let mut supplies = self.supplies.iter();
        if let Some(supply) = supplies.find(|supply| comes_first(supply)) {
            writeln!(output, "{}\n", supply.standing())?;
        }
        if let Some(name) = self.ignored_variable {
            writeln!(
                output,
                "{name} is set and passed over (--ignore-environment).\n"
            )?;
        }
        Ok(())
    }

    fn print(&self, session: &Session, output: &mut dyn Write) -> Result<()> {
        let (host, store) = (session.site.host(), self.store);
        if let Some(supply) = self.supplies.iter().find(|supply| supply.source.is_alone()) {
            return Ok(writeln!(output, "{}", supply.standing())?);
        }
        let choice = session.choice();
        if !choice.keeps() {
            writeln!(
                output,
                "Nothing is ever kept (--store={}).",
                choice.row().name
            )?;
        } else if self.entries.is_empty() {
            writeln!(output, "Nothing is kept for {host} in {store}.")?;
            writeln!(output, "Next: {}", session.site.login_command())?;
        } else {
            writeln!(output, "Kept in {store}:\n")?;
            table::print(
                &self.entries,
                &session.site,
                dates::now(),
                OutputStyle::of_process(),
                output,
            )?;
        }
        match self.unreadable {
            0 => Ok(()),
            1 => Ok(writeln!(
                output,
                "\nBesides, 1 item there cannot be read by this version; it is left alone."
            )?),
            count => Ok(writeln!(
                output,
                "\nBesides, {count} items there cannot be read by this version; they are left alone."
            )?),
        }
    }

    fn refusals(&self) -> Result<()> {
        let refused = |line: &&Line| {
            line.check
                .as_ref()
                .is_some_and(|check| check.outcome == CheckOutcome::Refused)
        };
        match (
            self.entries.iter().filter(refused).count(),
            self.entries.len(),
        ) {
            (0, _) => Ok(()),
            (1, 1) => Err(anyhow!("the credential is refused")),
            (1, all) => Err(anyhow!("1 of {all} credentials is refused")),
            (count, all) => Err(anyhow!("{count} of {all} credentials are refused")),
        }
    }
}

/// What is the case where there is no place for anything.
fn nowhere(failure: &Failure) -> &'static str {
    match failure {
        Failure::NoDefaultKeyring => NO_DEFAULT_KEYRING,
        _ => "there is no keychain here",
    }
}

/// Whether it comes before what is kept, and beside it.
fn comes_first(supply: &Supply) -> bool {
    supply.credential.is_ok() && !supply.source.is_alone()
}

/// Whether an entry, where no repository is known to have confirmed it, can be asked about
/// only with the one that the person stands in. Any other is asked about without.
fn is_needed(entry: &Entry, here: &Repository) -> bool {
    let details = &entry.details;
    details.kind == Kind::ApiToken && details.email.is_none() && details.reach.covers(here)
}
