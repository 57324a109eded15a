//! `status`: what is kept and what is known of it. It reads and tells: no secret, nor a
//! part of one; no dialog; nothing is changed; no network without `--check`.

use super::site_argument::SiteArgument;
use super::store_argument::StoreArgument;
use crate::accounts::renewal::{self, Kept};
use crate::accounts::{Entry, Reach};
use crate::bitbucket::{Kind, Repository, Rights, Site, Verdict, advise};
use crate::dates;
use crate::helper::Session;
use crate::helper::source::{self, Supply, environment};
use crate::keychain::{Failure, NO_DEFAULT_KEYRING};
use crate::text::shown;
use anyhow::{Result, anyhow, bail};
use serde::Serialize;
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

/// What `--json` prints. Fields may be added; a field that changes its meaning or goes
/// makes another `version`. Times are Unix seconds; `null` is "not known" or "never".
#[derive(Serialize)]
struct StatusReport {
    /// 1.
    version: u32,
    /// How messages call the store.
    store: &'static str,
    /// What `--store` calls it: `auto`, `keychain`, `pass`, `memory`, `file` or `none`.
    choice: &'static str,
    /// Whether it could be read; if not, `entries` is empty and the exit code 1
    /// (0 where there is no keychain, but a variable).
    state: StoreState,
    /// What comes before the store, or in its place.
    #[serde(skip)]
    supplies: Vec<Supply>,
    /// The environment's variable that comes before anything that is kept.
    variable: Option<&'static str>,
    /// The variable that is passed over (`--ignore-environment`), if one holds something.
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored_variable: Option<&'static str>,
    /// The file of `--token-file`.
    token_file: Option<TokenFile>,
    /// The command of `--token-command`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_command: Option<TokenCommand>,
    /// By title.
    entries: Vec<Line>,
    /// How many items there are not of a form that is known here.
    unreadable: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum StoreState {
    Open,
    Locked,
    Unreachable,
    NoDefaultKeyring,
    Failed,
}

/// A file whose token is served in place of everything that is kept.
#[derive(Serialize)]
struct TokenFile {
    path: String,
    /// Why its token is not served; `null` if it is.
    fault: Option<String>,
}

/// A command whose token is served in place of everything that is kept.
#[derive(Serialize)]
struct TokenCommand {
    /// Its program, as it is shown.
    program: String,
    /// Why its token is not served; `null` if it is.
    fault: Option<String>,
}

/// One credential.
#[derive(Serialize)]
struct Line {
    /// As `logout` takes it.
    account: String,
    /// As people call it.
    title: String,
    /// `api-token`, `access-token` or `app-password`.
    kind: Kind,
    /// `"site"`, `{"workspace": name}` or `{"repository": workspace/name}`.
    reach: Reach,
    username: Option<String>,
    email: Option<String>,
    /// Other names that it answers to.
    aliases: Vec<String>,
    /// Workspaces that it was chosen for among several.
    workspaces: Vec<String>,
    /// Whether it answers where nothing else chooses.
    default: bool,
    /// `read` and `write`; what the server did not say is missing.
    rights: Rights,
    added: Option<u64>,
    /// When it expires, if whoever handed it over said so; of a browser sign-in, when its access
    /// token ends.
    expires: Option<u64>,
    /// Whether a browser sign-in is renewed without anybody; not of tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal: Option<RenewalState>,
    /// What a browser sign-in was granted, if that is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    /// When the server last confirmed it to us.
    verified: Option<u64>,
    /// When Git last reported a refusal that could not be verified.
    refused: Option<u64>,
    /// Only with `--check`.
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<Check>,
}

/// Whether a browser sign-in is renewed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum RenewalState {
    /// When it is needed.
    ByItself,
    /// The server has refused it: sign in again.
    Refused,
    /// Nothing renews it.
    Never,
    /// By the helper that brought it.
    ByAnotherHelper,
}

impl RenewalState {
    fn of(entry: &Entry) -> Option<Self> {
        let details = &entry.details;
        Some(match entry.refresh {
            _ if details.kind != Kind::OAuth => return None,
            Some(_) if entry.is_lent() => Self::ByAnotherHelper,
            Some(_) if details.renewal_refused.is_some() => Self::Refused,
            Some(_) => Self::ByItself,
            None => Self::Never,
        })
    }

    fn told(self) -> &'static str {
        match self {
            Self::ByItself => "renewed by itself",
            Self::Refused => {
                "not renewed any more; sign in again: git credential-bitbucket login --web"
            }
            Self::Never => "nothing renews it",
            Self::ByAnotherHelper => "renewed by the helper that brought it",
        }
    }
}

/// What the server says now.
#[derive(Serialize)]
struct Check {
    outcome: CheckOutcome,
    /// Why, and what to do; empty if it was accepted.
    message: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum CheckOutcome {
    Accepted,
    Refused,
    Unknown,
}

impl Status {
    /// Fails if the keychain cannot be read, unless none is here nor needed, or the server
    /// refuses a credential.
    pub fn run(self, output: &mut dyn Write) -> Result<()> {
        if self.json {
            return self.run_for(&self.site.choose()?.site, output);
        }
        let mut outcome = Ok(());
        for (index, chosen) in self.site.all()?.into_iter().enumerate() {
            if index > 0 {
                writeln!(output)?;
            }
            chosen.tell(output)?;
            // The first failure is told at the end, when all was said.
            outcome = outcome.and(self.run_for(&chosen.site, output));
        }
        outcome
    }

    fn run_for(&self, site: &Site, output: &mut dyn Write) -> Result<()> {
        let session = Session::of_command(site, self.place.store)?;
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
        let kept = session.read_again();
        let supplies = source::supplies(session);
        let mut report = StatusReport {
            version: 1,
            store: session.vault().store_name(),
            choice: session.choice().row().name,
            state: StoreState::Open,
            variable: supplies.iter().find_map(variable),
            ignored_variable: environment::ignored_variable(&session.options),
            token_file: supplies.iter().find_map(TokenFile::of),
            token_command: supplies.iter().find_map(TokenCommand::of),
            supplies,
            entries: Vec::new(),
            unreadable: 0,
        };
        match kept {
            Ok(contents) => {
                report.unreadable = contents.unreadable;
                report.entries = contents.entries.iter().map(Line::of).collect();
                if self.check {
                    let here = session.repository(None);
                    for (line, entry) in report.entries.iter_mut().zip(&contents.entries) {
                        let here = here.as_ref().filter(|here| is_needed(entry, here));
                        line.check = Some(if has_ended(entry) {
                            Check::unasked()
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
            writeln!(output, "Next: git credential-bitbucket login")?;
        } else {
            writeln!(output, "Kept in {store}:")?;
        }
        for line in &self.entries {
            line.print(output)?;
        }
        match self.unreadable {
            0 => Ok(()),
            1 => Ok(writeln!(
                output,
                "\nBesides, 1 item there is not of a form that is known here; it is left alone."
            )?),
            count => Ok(writeln!(
                output,
                "\nBesides, {count} items there are not of a form that is known here; they are left alone."
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

impl TokenFile {
    fn of(supply: &Supply) -> Option<Self> {
        Some(Self {
            path: supply.source.file()?.to_owned(),
            fault: supply.credential.as_ref().err().map(ToString::to_string),
        })
    }
}

impl TokenCommand {
    fn of(supply: &Supply) -> Option<Self> {
        Some(Self {
            program: supply.source.program()?.to_owned(),
            fault: supply.credential.as_ref().err().map(ToString::to_string),
        })
    }
}

/// The name of a variable whose credential comes before what is kept.
fn variable(supply: &Supply) -> Option<&'static str> {
    let is_used = supply.credential.is_ok();
    supply.source.variable().filter(|_| is_used)
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

impl Line {
    fn of(entry: &Entry) -> Self {
        let details = &entry.details;
        Self {
            account: entry.account(),
            title: entry.title(),
            kind: details.kind,
            reach: details.reach.clone(),
            username: details.username.clone(),
            email: details.email.clone(),
            aliases: details.aliases.clone(),
            workspaces: details.workspaces.clone(),
            default: details.default,
            rights: details.rights,
            // 0 stands for what was put there by hand.
            added: Some(details.added).filter(|&time| time > 0),
            expires: details.expires,
            renewal: RenewalState::of(entry),
            scopes: details.scopes.clone(),
            verified: details.verified,
            refused: details.refused,
            check: None,
        }
    }

    fn print(&self, output: &mut dyn Write) -> Result<()> {
        writeln!(output, "\n{}", shown(&self.title))?;
        // The name for `logout` and `default`, where the title does not begin with it.
        if self.title.split(' ').next() != Some(&self.account) {
            writeln!(output, "  account:   {}", shown(&self.account))?;
        }
        if !self.aliases.is_empty() {
            writeln!(
                output,
                "  answers:   {}, too",
                shown(&self.aliases.join(", "))
            )?;
        }
        let chosen = self.workspaces.join(", ");
        match (self.default, chosen.is_empty()) {
            (true, true) => writeln!(output, "  chosen:    by default")?,
            (true, false) => writeln!(output, "  chosen:    for {}; by default", shown(&chosen))?,
            (false, false) => writeln!(output, "  chosen:    for {}", shown(&chosen))?,
            (false, true) => {}
        }
        writeln!(output, "  may:       {}", rights(self.rights))?;
        writeln!(output, "  added:     {}", date(self.added, "not known"))?;
        if let Some(renewal) = self.renewal {
            let end = self.expires.and_then(dates::moment);
            writeln!(
                output,
                "  until:     {}",
                end.as_deref().unwrap_or("not known")
            )?;
            writeln!(output, "  renewal:   {}", renewal.told())?;
            let scopes = self.scopes.join(", ");
            let told = if scopes.is_empty() {
                "not known"
            } else {
                &scopes
            };
            writeln!(output, "  scopes:    {}", shown(told))?;
        } else if self.expires.is_some() {
            writeln!(output, "  expires:   {}", date(self.expires, ""))?;
        }
        writeln!(output, "  verified:  {}", date(self.verified, "never"))?;
        writeln!(output, "  refused:   {}", date(self.refused, "never"))?;
        if let Some(Check { outcome, message }) = &self.check {
            match outcome {
                CheckOutcome::Accepted => writeln!(output, "  now:       still accepted")?,
                CheckOutcome::Refused => writeln!(output, "  now:       refused: {message}")?,
                CheckOutcome::Unknown => writeln!(output, "  now:       not known: {message}")?,
            }
        }
        Ok(())
    }
}

/// Whether a browser sign-in is to be renewed before the server would take it.
fn has_ended(entry: &Entry) -> bool {
    let run = renewal::Run::default();
    let next = Kept::of(entry).map(|kept| renewal::next(&kept, run, dates::now()));
    next.is_some_and(|next| next != renewal::Next::Serve)
}

impl Check {
    fn unasked() -> Self {
        Self {
            outcome: CheckOutcome::Unknown,
            message: "its access token has ended, and Git's next question renews it.".to_owned(),
        }
    }

    fn of(site: &Site, verdict: &Verdict, entry: &Entry) -> Self {
        let outcome = match verdict {
            Verdict::Verified(_) | Verdict::Lacking(..) => CheckOutcome::Accepted,
            _ if verdict.is_refused_for_good() => CheckOutcome::Refused,
            // Nothing that speaks against the credential itself.
            Verdict::Refused(_) | Verdict::Unknown(_) => CheckOutcome::Unknown,
        };
        let message = match outcome {
            CheckOutcome::Accepted => String::new(),
            _ => advise(site, verdict, Some(entry.details.kind), None).to_string(),
        };
        Self { outcome, message }
    }
}

/// Whether an entry, where no repository is known to have confirmed it, can be asked about
/// only with the one that the person stands in. Any other is asked about without.
fn is_needed(entry: &Entry, here: &Repository) -> bool {
    let details = &entry.details;
    details.kind == Kind::ApiToken && details.email.is_none() && details.reach.covers(here)
}

fn rights(rights: Rights) -> &'static str {
    match (rights.read, rights.write) {
        (Some(true), Some(true)) => "fetch and push",
        (Some(true), Some(false)) => "fetch only",
        (Some(true), None) => "fetch; pushing not tried",
        (None, Some(true)) => "push; fetching not tried",
        (Some(false), Some(true)) => "push only",
        (Some(false), Some(false)) => "neither fetch nor push",
        (Some(false), None) => "not fetch; pushing not tried",
        (None, Some(false)) => "not push; fetching not tried",
        (None, None) => "not known",
    }
}

fn date(time: Option<u64>, none: &str) -> String {
    match time {
        Some(time) => dates::moment(time).unwrap_or_else(|| "not known".to_owned()),
        None => none.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_said_in_git_s_words() {
        let (yes, no, unknown) = (Some(true), Some(false), None);
        for (read, write, expected) in [
            (yes, yes, "fetch and push"),
            (yes, no, "fetch only"),
            (yes, unknown, "fetch; pushing not tried"),
            (no, yes, "push only"),
            (no, no, "neither fetch nor push"),
            (no, unknown, "not fetch; pushing not tried"),
            (unknown, yes, "push; fetching not tried"),
            (unknown, no, "not push; fetching not tried"),
            (unknown, unknown, "not known"),
        ] {
            assert_eq!(rights(Rights { read, write }), expected);
        }
    }
}
