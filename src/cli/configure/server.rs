//! A company's own server as it is typed after `configure`: the site that is meant, and the one
//! question whether a Bitbucket answers there.

use crate::bitbucket::Site;
use crate::bitbucket::presence::{Presence, presence};
use crate::bitbucket::site::{CLOUD, DataCenter};
use crate::git::Config;
use crate::prompt::{Person as _, Terminal};
use crate::setup::site_options;
use anyhow::{anyhow, bail, ensure};
use std::io::Write;

/// A company's own server.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Bitbucket Data Center")]
pub(super) struct Server {
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
    pub(super) fn site(&self) -> anyhow::Result<Site> {
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
    pub(super) fn check(&self, site: &Site, out: &mut dyn Write) -> anyhow::Result<()> {
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
