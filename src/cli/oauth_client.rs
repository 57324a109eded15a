//! `configure --oauth-client`: which OAuth client people sign in with. Its secret is kept in the
//! store, and never in Git's configuration.

use super::standard_input::read_secret;
use super::store_argument::SOURCES;
use crate::accounts::KeptClient;
use crate::bitbucket::Site;
use crate::git::Config;
use crate::helper::Session;
use crate::prompt::{Person, Terminal};
use crate::secret::Secret;
use crate::text::shown;
use anyhow::{Result, anyhow, bail, ensure};
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

/// What `configure` can be told of it.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ClientArguments {
    /// Let people sign in with the browser as this OAuth client; its secret is asked for
    #[arg(long, value_name = "ID", conflicts_with_all = SOURCES, conflicts_with_all = ["system", "local"])]
    oauth_client: Option<String>,
    /// Read the client's secret from standard input
    #[arg(long, requires = "oauth_client")]
    with_secret: bool,
    /// Forget the OAuth client
    #[arg(long, conflicts_with = "oauth_client")]
    no_oauth_client: bool,
}

impl ClientArguments {
    /// The secret, asked for before anything is changed.
    pub fn secret(&self) -> Result<Option<KeptClient>> {
        let Some(id) = &self.oauth_client else {
            return Ok(None);
        };
        let is_word = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic());
        ensure!(is_word, "{} is not the ID of an OAuth client", shown(id));
        let secret = if self.with_secret {
            ensure!(
                !io::stdin().is_terminal(),
                "--with-secret reads the secret from a pipe or file, and here it would show on the screen; leave --with-secret out"
            );
            read_secret()?
        } else {
            ask(id)?
        };
        Ok(Some(KeptClient {
            id: id.clone(),
            secret,
        }))
    }

    /// Keeps or forgets a client in the store in force, and says so.
    pub fn run(&self, site: &Site, client: Option<KeptClient>, out: &mut dyn Write) -> Result<()> {
        if client.is_none() && !self.no_oauth_client {
            return Ok(());
        }
        // What `configure` has just written decides where it is kept.
        let session = Session::of_command(site, &Rc::new(Config::read()), None)?;
        let vault = session.vault();
        let failed = |failure| anyhow!(session.explain(&failure));
        let Some(client) = client else {
            let forgotten = session.unlocking(|unlock| vault.forget_client(unlock));
            let text = if forgotten.map_err(failed)? {
                "The OAuth client is forgotten."
            } else {
                "No OAuth client is kept."
            };
            return Ok(writeln!(out, "{text}")?);
        };
        ensure!(
            session.choice().keeps(),
            "nothing is kept here, so that no OAuth client can be; choose a store: git credential-bitbucket configure --store keychain"
        );
        let kept = session.unlocking(|unlock| vault.keep_client(&client, unlock));
        kept.map_err(failed)?;
        writeln!(
            out,
            "The OAuth client {} is kept in {}.",
            shown(&client.id),
            vault.store_name()
        )?;
        writeln!(out, "Next: {}", site.web_login_command())?;
        Ok(())
    }
}

fn ask(id: &str) -> Result<Secret> {
    let Ok(mut terminal) = Terminal::open() else {
        bail!("there is no terminal to ask on; use --with-secret");
    };
    terminal.tell(&format!(
        "The secret of the OAuth client {} stays invisible.",
        shown(id)
    ));
    let secret = terminal.ask_secret("Client secret:");
    let secret = secret.map_err(|_| anyhow!("cancelled; nothing was changed"))?;
    let secret = secret.trimmed();
    ensure!(
        !secret.is_empty(),
        "that was no secret; nothing was changed"
    );
    Ok(secret)
}
