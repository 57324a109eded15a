//! `configure`: makes Git ask us, and nobody before us, about Bitbucket. What it does, and how
//! that is proved, is in the room `setup`; here is what is typed and what is said.

mod change_report;
mod server;

use super::oauth_client::ClientArguments;
use super::store_argument::{choices, meanings, path};
use crate::bitbucket::Site;
use crate::git::{Context, Scope};
use crate::helper::Session;
use crate::helper::source::{self, Supply};
use crate::keychain::Choice;
use crate::setup::line_options::{Options, parse_command, parse_timeout};
use crate::setup::{self, Change};
use anyhow::{bail, ensure};
use change_report::ChangeReport;
use server::Server;
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
