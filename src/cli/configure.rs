//! `configure`: makes Git ask us, and nobody before us, about Bitbucket. What it does, and how
//! that is proved, is in the room `setup`; here is what is typed and what is said.

use super::oauth_client::ClientArguments;
use super::store_argument::{choices, meanings, path};
use crate::bitbucket::Site;
use crate::bitbucket::reach::{Presence, presence};
use crate::bitbucket::site::{CLOUD, DataCenter};
use crate::git::{Config, Context, Scope};
use crate::helper::Session;
use crate::helper::source::{self, Supply};
use crate::keychain::Choice;
use crate::prompt::{Person as _, Terminal};
use crate::setup::line_options::{Options, displayed, parse_command, parse_timeout};
use crate::setup::{self, Change, HelperChain, SectionChange, site_options};
use anyhow::{anyhow, bail, ensure};
use std::io::Write;
use std::path::PathBuf;

/// What `configure` and `unconfigure` can be told.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Arguments {
    /// For everybody on this machine (an administrator's right)
    #[arg(long, conflicts_with = "local")]
    pub system: bool,
    /// Only for the repository you are in
    #[arg(long)]
    pub local: bool,
    /// Say what would change, change nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Arguments {
    pub(super) fn scope(self) -> Scope {
        match self {
            Self { system: true, .. } => Scope::System,
            Self { local: true, .. } => Scope::Local,
            _ => Scope::Global,
        }
    }
}

/// What `configure` can be told besides.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(after_help = meanings())]
pub struct Configure {
    #[command(flatten)]
    arguments: Arguments,
    /// Keep tokens there; without this, where they were kept before
    #[arg(long, value_name = "NAME", value_parser = choices(), conflicts_with = "token_file")]
    store: Option<Choice>,
    /// How long `memory` remembers
    #[arg(long, value_name = "SECONDS", value_parser = parse_timeout, requires = "store")]
    timeout: Option<u32>,
    /// Serve the token in this file, and keep none
    #[arg(long, value_name = "PATH", value_parser = path)]
    token_file: Option<PathBuf>,
    /// Serve what this command prints, and keep nothing; it is run as Git runs helpers
    #[arg(long, value_name = "COMMAND", value_parser = parse_command)]
    token_command: Option<String>,
    /// The user name that goes with it, for an app password
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Pass over tokens in variables, which may be another program's
    #[arg(long)]
    ignore_environment: bool,
    #[command(flatten)]
    client: ClientArguments,
    #[command(flatten)]
    server: Server,
}

/// A company's own server.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Bitbucket Data Center")]
struct Server {
    /// Speak for this server in place of bitbucket.org
    #[arg(long, value_name = "URL")]
    data_center: Option<String>,
    /// Another host that takes the same credentials, as a mirror: HOST[:PORT]
    #[arg(long, value_name = "HOST", requires = "data_center")]
    alias: Vec<String>,
    /// Agree to http://, which shows every token to whoever is on the way
    #[arg(long, requires = "data_center")]
    allow_http: bool,
    /// Agree to passwords of accounts; without this only tokens are taken
    #[arg(long, requires = "data_center")]
    allow_password: bool,
    /// Do not ask the server whether it is a Bitbucket
    #[arg(long, requires = "data_center")]
    offline: bool,
}

impl Server {
    /// The site that is named. Without aliases and agreements those stay that are configured.
    fn site(&self) -> anyhow::Result<Site> {
        let Some(url) = &self.data_center else {
            return Ok(CLOUD.clone());
        };
        let named = DataCenter {
            aliases: self.alias.clone(),
            allows_http: self.allow_http,
            allows_password: self.allow_password,
            ..DataCenter::at(url)
        };
        let is_bare = self.alias.is_empty() && !self.allow_http && !self.allow_password;
        let known = is_bare.then(|| {
            let wanted = named.site_to_compare().ok()?;
            let mut sites = site_options::configured(&Config::read()).into_iter();
            sites.find(|site| site.url() == wanted.url())
        });
        match known.flatten() {
            Some(site) => Ok(site),
            None => named
                .site()
                .map_err(|fault| anyhow!("--data-center: {fault}")),
        }
    }

    /// Asks once whether a Bitbucket answers there. One that says otherwise needs a yes.
    fn check(&self, site: &Site, out: &mut dyn Write) -> anyhow::Result<()> {
        if self.data_center.is_none() || self.offline {
            return Ok(());
        }
        let url = site.url();
        let said = match presence(site, &Config::read()) {
            Presence::Bitbucket(version) => {
                writeln!(out, "{url} is a Bitbucket{version}.")?;
                return Ok(());
            }
            Presence::Silent(why) => {
                writeln!(
                    out,
                    "note: {url} could not be asked whether it is a Bitbucket: {why}"
                )?;
                return Ok(());
            }
            Presence::Other(status) => format!(
                "{url} does not answer as a Bitbucket Data Center does (status {status}); the \
                 address may lack a folder, as in {url}/bitbucket"
            ),
        };
        let Ok(mut terminal) = Terminal::open() else {
            bail!("{said}. If it is right, run this again with --offline");
        };
        terminal.tell(&format!("{said}."));
        let agreed = terminal.confirm("Use this address all the same?");
        ensure!(agreed.unwrap_or(false), "nothing was changed");
        Ok(())
    }
}

impl Configure {
    pub(super) fn run(self, context: &Context, out: &mut dyn Write) -> anyhow::Result<()> {
        let site = self.server.site()?;
        ensure!(
            !self.arguments.local || site.aliases().next().is_none() && self.token_file_fits(&site),
            "aliases and token files of a Data Center count only in your own configuration; leave \
             --local out"
        );
        if !self.arguments.dry_run {
            self.server.check(&site, out)?;
        }
        let options = Options {
            store: self.store,
            token_file: self.token_file,
            token_command: self.token_command,
            username: self.username,
            timeout: self.timeout,
            ignore_environment: self.ignore_environment,
        };
        if let Err(fault) = options.ensure_consistent() {
            bail!(fault);
        }
        let client = self.client.secret()?;
        run(context, &site, self.arguments, &options, out)?;
        if self.arguments.dry_run {
            return Ok(());
        }
        self.client.run(&site, client, out)
    }

    fn token_file_fits(&self, site: &Site) -> bool {
        self.token_file.is_none() || !site.is_own_server()
    }
}

/// Runs `configure`. What a person should read goes to `out`; a failure has left the
/// file as it was. Without `options` those stay that are there.
pub fn run(
    context: &Context,
    site: &Site,
    arguments: Arguments,
    options: &Options,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let origins = site.origins();
    for origin in &origins {
        let is_last = origins.last() == Some(origin);
        let change = Change::of(
            context,
            site,
            origin.clone(),
            arguments.scope(),
            options.clone(),
        )?;
        run_one(&change, site, arguments, is_last, out)?;
        if is_last && !arguments.dry_run {
            setup::remove_stale(change.file(), site, arguments.scope())?;
        }
    }
    Ok(())
}

/// The same for one host.
fn run_one(
    change: &Change,
    site: &Site,
    arguments: Arguments,
    is_last: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let report = ChangeReport {
        url: change.url(),
        site,
        is_last,
        change,
    };
    if let Some(chain) = change.is_done()? {
        let url = change.url();
        writeln!(
            out,
            "Nothing to do: Git already asks git-credential-bitbucket about {url}."
        )?;
        let supplies = supplies(site, change);
        return report.print_chain(&chain, source::alone(&supplies), out);
    }
    if arguments.dry_run {
        return report.print_plan(out);
    }
    let (done, chain) = change.apply()?;
    report.print_success(arguments, done, &chain, &supplies(site, change), out)
}

/// What comes before the store from now on.
fn supplies(site: &Site, change: &Change) -> Vec<Supply> {
    source::supplies(&Session::new(site, change.options.clone()))
}

/// What is said of a change.
struct ChangeReport<'a> {
    url: &'a str,
    site: &'a Site,
    /// Whether nothing more is changed after it.
    is_last: bool,
    change: &'a Change<'a>,
}

impl ChangeReport<'_> {
    fn print_plan(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (what, lines) = self.change.preview()?;
        let how = match what {
            SectionChange::Created => "Would create",
            SectionChange::Renewed => "Would write our section anew at the end of",
            SectionChange::Added => "Would add to the end of",
        };
        writeln!(out, "{how} {}:", self.change.path())?;
        for line in lines {
            writeln!(out, "    {line}")?;
        }
        writeln!(out, "Nothing was changed.")?;
        Ok(())
    }

    fn print_success(
        &self,
        arguments: Arguments,
        done: SectionChange,
        chain: &HelperChain,
        supplies: &[Supply],
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let alone = source::alone(supplies);
        let done = match done {
            SectionChange::Created => "created",
            SectionChange::Renewed => "our section is now at its end",
            SectionChange::Added => "a section was added at its end",
        };
        writeln!(
            out,
            "Git now asks git-credential-bitbucket about {}.",
            self.url
        )?;
        writeln!(out, "  file:    {} ({done})", self.change.path())?;
        self.print_chain(chain, alone, out)?;
        if !self.is_last {
            return Ok(());
        }
        let undo = setup::command("unconfigure", arguments.scope(), self.site);
        writeln!(out, "  undo:    {undo}")?;
        let options = &self.change.options;
        if let Some(left) = left_behind(&self.change.before, options) {
            writeln!(
                out,
                "note: what is kept with --store={0} stays there; to remove it: \
                 git credential-bitbucket logout --all --store {0}",
                left.row().name
            )?;
        }
        writeln!(out, "Next: {}.", next_step(options, alone))?;
        Ok(())
    }

    /// The helpers in order, and who besides us is told our secret.
    fn print_chain(
        &self,
        chain: &HelperChain,
        alone: Option<&Supply>,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        for (index, helper) in chain.helpers.iter().enumerate() {
            let label = if index == 0 { "helpers:" } else { "" };
            let missing = if helper.found { "" } else { " (not found)" };
            writeln!(
                out,
                "  {label:8} {}. {}, set in {}{missing}",
                index + 1,
                displayed(&helper.value).trim_matches('`'),
                helper.place
            )?;
        }
        for helper in chain.helpers.iter().skip(1).filter(|helper| helper.found) {
            writeln!(
                out,
                "warning: {} in {} is given every Bitbucket token too: Git tells all\n         \
                 helpers what worked. Remove that line, or limit it to other hosts.",
                displayed(&helper.value),
                helper.place
            )?;
        }
        if let Some(Err(fault)) = alone.map(|it| &it.credential) {
            writeln!(out, "warning: {fault}.")?;
        }
        if !chain.sends_path {
            let url = self.url;
            writeln!(
                out,
                "warning: useHttpPath is off for {url}; tokens of single repositories cannot be told apart.\n         \
                 See who set it: git config --show-origin --get-all credential.{url}.useHttpPath"
            )?;
        }
        Ok(())
    }
}

/// The store that was named before and is not used any more.
fn left_behind(before: &Options, now: &Options) -> Option<Choice> {
    let left = before.choice();
    (left.names_a_store() && left != now.choice()).then_some(left)
}

/// What to do then.
fn next_step(options: &Options, alone: Option<&Supply>) -> String {
    match alone {
        Some(supply) if supply.credential.is_err() => format!(
            "put that right; then git push (or fetch) uses {}",
            supply.source.token()
        ),
        Some(supply) => format!("git push (or fetch); it uses {}", supply.source.token()),
        None if options.choice().keeps() => {
            "git push (or fetch); the first time it asks for your token".to_owned()
        }
        None => "git push (or fetch); it asks for your token each time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Entry;
    use crate::bitbucket::Kind;
    use crate::helper::source::Source;
    use crate::reason::Reason;
    use crate::secret::Secret;

    #[test]
    fn a_store_that_was_named_is_left_behind() {
        for (choice, now, expected) in [
            (Choice::Auto, Choice::File, None),
            (Choice::None, Choice::File, None),
            (Choice::File, Choice::File, None),
            (Choice::File, Choice::Auto, Some(Choice::File)),
            (Choice::Memory, Choice::None, Some(Choice::Memory)),
            (Choice::Keychain, Choice::File, Some(Choice::Keychain)),
        ] {
            let left = left_behind(&choice.into(), &now.into());
            assert_eq!(left, expected, "{choice:?} {now:?}");
        }
    }

    #[test]
    fn the_next_step_says_whether_and_when_it_asks() {
        let file = |credential: Result<&[u8], &'static str>| {
            let entry = |secret| Entry::new(Kind::ApiToken, Secret::copy_of(secret), 0);
            Some(Supply {
                source: Source::File("/token".to_owned()),
                credential: credential.map(entry).map(Box::new).map_err(Reason::from),
            })
        };
        for (choice, supply, expected) in [
            (Choice::Auto, None, "the first time"),
            (Choice::Memory, None, "the first time"),
            (Choice::None, None, "each time"),
            (
                Choice::Auto,
                file(Ok(b"x")),
                "; it uses the token in that file",
            ),
            (Choice::Auto, file(Err("it is empty")), "put that right"),
        ] {
            let options = Options::from(choice);
            let step = next_step(&options, supply.as_ref());
            assert!(step.contains(expected), "{options:?} {step}");
        }
    }
}
