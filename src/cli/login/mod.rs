//! `login`: the dialogue of a first push, outside Git. What is typed after it, who is asked, and
//! what is kept in the end.

mod target;

use super::site_argument::{ChosenSite, SiteArgument};
use super::standard_input::read_token;
use super::store_argument::StoreArgument;
use crate::accounts::{Entry, Reach, Wish, may_renew, renewable};
use crate::bitbucket::kind::KINDS;
use crate::bitbucket::oauth::Client;
use crate::bitbucket::{Kind, Repository, Site};
use crate::dates::{self, now};
use crate::helper::{Session, SignIn, SignedIn, Unsuccessful, source, store_question};
use crate::prompt::{Person, Terminal, Unanswered};
use crate::secret::Secret;
use crate::setup::line_options::STORE;
use crate::text::{notice, shown};
use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::io::{self, IsTerminal, Write};
use target::parse_target;

/// What `login` takes.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Login {
    /// The URL of a repository to verify with
    url: Option<String>,
    /// Read the token from standard input; ask nothing
    #[arg(long)]
    with_token: bool,
    #[command(flatten)]
    browser: BrowserArguments,
    /// Its kind, when its form does not tell
    #[arg(long, value_parser = kinds())]
    kind: Option<Kind>,
    /// Your Bitbucket username (app passwords need it)
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Your Atlassian e-mail, to verify without a repository
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Use it for this workspace only; on a Data Center for this project, or ~user
    #[arg(long, visible_alias = "project", value_name = "NAME", conflicts_with = "repository", value_parser = parse_workspace)]
    workspace: Option<String>,
    /// Use it for this repository only: WORKSPACE/NAME
    #[arg(long, value_name = "PATH", value_parser = parse_repository)]
    repository: Option<Repository>,
    /// When it expires: 2027-11-24, 90d or 1y
    #[arg(long, value_name = "WHEN", value_parser = parse_expiry)]
    expires: Option<u64>,
    /// Use it where nothing else chooses among accounts
    #[arg(long)]
    default: bool,
    #[command(flatten)]
    renewal: Renewal,
    #[command(flatten)]
    site: SiteArgument,
    #[command(flatten)]
    place: StoreArgument,
}

/// Signing in with the browser.
#[derive(clap::Args)]
struct BrowserArguments {
    /// Sign in with the browser; needs an OAuth client (see configure --oauth-client)
    #[arg(long, conflicts_with_all = ["with_token", "kind", "email", "expires"])]
    web: bool,
    /// The same, but print the address to open
    #[arg(long, conflicts_with_all = ["with_token", "kind", "email", "expires"])]
    no_browser: bool,
}

impl BrowserArguments {
    fn is_wanted(&self) -> bool {
        self.web || self.no_browser
    }
}

/// What becomes of a token that may be the same account's.
#[derive(clap::Args)]
struct Renewal {
    /// Put it in the place of the only API token that it may renew
    #[arg(long)]
    replace: bool,
    /// Keep every other token, too
    #[arg(long, conflicts_with = "replace")]
    beside: bool,
}

const EXAMPLES: &str = "\
Examples:
  git credential-bitbucket login
  git credential-bitbucket login https://bitbucket.org/acme/widgets
  git credential-bitbucket login --web
  git credential-bitbucket login --workspace acme --expires 1y
  git credential-bitbucket login --with-token --repository acme/widgets < token";

fn parse_workspace(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(['/', ':', '@']) || text.contains(char::is_whitespace) {
        return Err(
            "name the workspace alone, as acme; for one repository use --repository WORKSPACE/NAME"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

fn parse_repository(text: &str) -> Result<Repository, String> {
    Repository::from_path(text).ok_or_else(|| "write it as WORKSPACE/NAME".to_owned())
}

fn parse_expiry(text: &str) -> Result<u64, String> {
    match dates::parse_expiry(text, now()) {
        Some(time) if time > now() => Ok(time),
        Some(_) => Err("that day has passed".to_owned()),
        None => Err("write a date as 2027-11-24, or a span as 90d or 1y".to_owned()),
    }
}

/// Knows every kind by its `--kind` name.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(KINDS.iter().map(|row| row.id))
        .try_map(|id| Kind::with_id(&id).ok_or("no such kind"))
}

impl Login {
    /// Asks or reads, verifies, keeps.
    pub fn run(self, output: &mut dyn Write) -> Result<()> {
        let chosen = self.site.choose_at(self.url.as_deref())?;
        let site = &chosen.site;
        let target = self.url.as_deref().map(|url| parse_target(site, url));
        let mut target = target.transpose()?.unwrap_or_default();
        ensure!(
            !self.with_token || !io::stdin().is_terminal(),
            "--with-token reads the token from a pipe or file, and here it would show on the screen; leave --with-token out"
        );
        self.check_kind(site)?;
        let session = Session::of_command(site, &chosen.config, self.place.store)?;
        let named = self.repository.clone().or(target.repository);
        target.repository = named.or_else(|| self.repository_here(&session));
        let username = self.username.as_deref().or(target.username.as_deref());
        let mut person = self.person()?;
        self.find_store(&session, &mut *person)?;
        let client = self.client(&session)?;
        let mut sign_in = SignIn {
            session: &session,
            person: &mut *person,
            repository: target.repository.as_ref(),
            username,
            kind: self.kind,
            email: self.email.as_deref(),
            reach: self.reach(),
            client: client.as_ref(),
            opens_browser: !self.browser.no_browser,
            offers_page: true,
        };
        let accepted = if self.browser.is_wanted() {
            sign_in.by_browser().map(Some)
        } else if self.with_token {
            sign_in.consider(&read_token()?)
        } else {
            sign_in.ask().map(Some)
        };
        let SignedIn { mut entry, verdict } = match accepted {
            Ok(Some(accepted)) => accepted,
            Ok(None) | Err(Unsuccessful::Refused) => bail!("no credential was kept"),
            Err(Unsuccessful::Cancelled) => bail!("cancelled; nothing was kept"),
            Err(Unsuccessful::Nobody) => bail!(
                "this needs an answer that nobody can give here; if the token is right, name its kind with --kind (an app password needs --username, too)"
            ),
        };
        if verdict.accepted().is_none() {
            let keep = !self.with_token && person.confirm("Keep it unverified?").unwrap_or(false);
            ensure!(keep, "nothing was kept, since it could not be verified");
        }
        if let Some(reach) = self.reach() {
            entry.details.reach = reach;
        }
        if !entry.details.kind.is_sign_in() {
            let asked = || ask_for_expiry(&mut *person, &entry);
            entry.details.expires = self.expires.or_else(asked);
        }
        self.keep(&session, entry, &chosen, &mut *person, output)
    }

    /// Refuses a stated kind that the site does not take.
    fn check_kind(&self, site: &Site) -> Result<()> {
        let Some(kind) = self.kind.filter(|kind| !site.kinds().contains(kind)) else {
            return Ok(());
        };
        let taken = site.kinds().iter().map(|kind| kind.facts().id);
        bail!(
            "{} does not take {}; there are: {}",
            site.host(),
            kind.facts().with_article,
            taken.collect::<Vec<_>>().join(", ")
        )
    }

    /// With whose OAuth client to sign in. A browser that was asked for needs one.
    fn client(&self, session: &Session) -> Result<Option<Client>> {
        match session.client() {
            Some(Ok(client)) => Ok(Some(client)),
            Some(Err(reason)) if self.browser.is_wanted() => bail!("{reason}"),
            None if self.browser.is_wanted() => bail!(
                "nobody can sign in with the browser without an OAuth client; make one \
                 (docs/sign-in.md says how), then run: {}",
                session.site.client_command()
            ),
            Some(Err(_)) | None => Ok(None),
        }
    }

    /// Asks for a store where there is no keychain, before a token is asked for in vain.
    fn find_store(&self, session: &Session, person: &mut dyn Person) -> Result<()> {
        if let Some(alone) = source::named(&session.options) {
            bail!(
                "the token in {alone} is served and nothing else; {}, or run: git credential-bitbucket configure --store keychain",
                alone.remedy()
            );
        }
        let choice = session.choice();
        ensure!(
            choice.keeps(),
            "nothing is kept with --store={}; name a store with {STORE}",
            choice.row().name
        );
        if self.with_token {
            return Ok(());
        }
        match session.read_again() {
            Err(failure) if session.may_choose(&failure) => {
                store_question::ask(session, person, &failure)
                    .map_err(|_| anyhow!("cancelled; nothing was kept"))
            }
            _ => Ok(()),
        }
    }

    /// The repository that a person stands in, unless they said that it is about something
    /// else.
    fn repository_here(&self, session: &Session) -> Option<Repository> {
        let here = session.repository(None)?;
        let is_meant = self.email.is_none() && self.reach().is_none_or(|reach| reach.covers(&here));
        is_meant.then_some(here)
    }

    /// What it is to be kept for, if that was stated.
    fn reach(&self) -> Option<Reach> {
        let workspace = self.workspace.clone().map(Reach::Workspace);
        workspace.or_else(|| self.repository.as_ref().map(Reach::repository))
    }

    fn keep(
        &self,
        session: &Session,
        mut entry: Entry,
        chosen: &ChosenSite,
        person: &mut dyn Person,
        output: &mut dyn Write,
    ) -> Result<()> {
        let vault = session.vault();
        entry.details.default |= self.default;
        let failed = |failure| anyhow!(session.explain(&failure));
        let kept = session.unlocking(|unlock| vault.read(unlock));
        let kept = kept.map_err(failed)?.entries;
        let wish = match may_renew(&kept, &entry) {
            _ if self.renewal.beside => Wish::Beside,
            Some(former) if self.is_renewal(person, former)? => {
                entry.renew(former);
                Wish::InPlaceOf(former)
            }
            _ => Wish::Unstated,
        };
        let written = session
            .unlocking(|unlock| {
                let written = vault.keep_as(&entry, &wish, unlock)?;
                if let (Some(written), true) = (&written, self.default) {
                    let others = vault.read(unlock)?.entries;
                    vault.undefault_others(others, &written.entry.account(), unlock)?;
                }
                Ok(written)
            })
            .map_err(failed)?;
        // What a person enters is always written.
        let written = written.context("nothing was kept")?;
        let site = if chosen.is_one_of_several {
            format!(" for {}", chosen.site.url())
        } else {
            String::new()
        };
        writeln!(
            output,
            "Kept in {}{site}: {}",
            vault.store_name(),
            shown(&written.entry.title())
        )?;
        if self.renewal.replace && written.replaced.is_empty() && renewable(&kept, &entry).len() > 1
        {
            person.tell(
                "It takes the place of none, since more than one could be meant. See git \
                 credential-bitbucket status, and remove the old one with: git \
                 credential-bitbucket logout NAME",
            );
        }
        for title in written.replaced {
            person.tell(&format!("It takes the place of {}.", shown(&title)));
        }
        Ok(())
    }

    /// Whether it takes the place of a token that may be the same account's: asked once.
    fn is_renewal(&self, person: &mut dyn Person, former: &Entry) -> Result<bool> {
        let title = shown(&former.title());
        if self.renewal.replace {
            return Ok(true);
        }
        match person.ask(&format!("Does it replace {title}? [Y/n]:")) {
            Ok(answer) => Ok(!answer.trim().to_ascii_lowercase().starts_with('n')),
            Err(Unanswered::Cancelled) => bail!("cancelled; nothing was kept"),
            Err(Unanswered::Nobody) => {
                person.tell(&format!(
                    "{title} stays beside it; if the new one replaces it, run this again with \
                     --replace."
                ));
                Ok(false)
            }
        }
    }

    fn person(&self) -> Result<Box<dyn Person>> {
        if self.with_token {
            return Ok(Box::new(Silent));
        }
        match Terminal::open() {
            Ok(terminal) => Ok(Box::new(terminal)),
            // A browser needs no terminal.
            Err(_) if self.browser.is_wanted() => Ok(Box::new(Silent)),
            Err(_) => bail!("there is no terminal to ask on; use --with-token"),
        }
    }
}

/// Asks when a person's token expires, which Bitbucket tells nobody: up to three times, and
/// nothing depends on the answer.
fn ask_for_expiry(person: &mut dyn Person, entry: &Entry) -> Option<u64> {
    if !matches!(entry.details.kind, Kind::ApiToken | Kind::HttpToken) {
        return None;
    }
    for _ in 0..3 {
        let question =
            "When does it expire? (a date as 2027-11-24, or 90d, or 1y; Enter if unknown):";
        let answer = person.ask(question).ok()?;
        match answer.trim() {
            "" => return None,
            text => match parse_expiry(text) {
                Ok(time) => return Some(time),
                Err(reason) => person.tell(&format!("Not understood: {reason}.")),
            },
        }
    }
    None
}

/// Stands in where a token comes from a pipe: hears everything, answers nothing.
struct Silent;

impl Person for Silent {
    fn tell(&mut self, text: &str) {
        for line in text.lines() {
            notice(line);
        }
    }

    fn ask(&mut self, _: &str) -> Result<String, Unanswered> {
        Err(Unanswered::Nobody)
    }

    fn ask_secret(&mut self, _: &str) -> Result<Secret, Unanswered> {
        Err(Unanswered::Nobody)
    }

    fn confirm(&mut self, question: &str) -> Result<bool, Unanswered> {
        self.tell(question);
        Err(Unanswered::Nobody)
    }
}

#[cfg(test)]
mod tests;
