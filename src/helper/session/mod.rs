//! What one run of the helper works with: the site, the options of the helper line, and what
//! follows from them. Each part is looked for only when it is needed: the store (`unlocking`,
//! `keeping`; what is said of one that fails, `store_failure`), the server (`server`), whoever can
//! be asked (`people`).

mod keeping;
mod people;
mod server;
mod store_failure;
mod unlocking;

pub use store_failure::explain_failure;

use crate::bitbucket::Site;
use crate::git::Config;
use crate::keychain::{Choice, Chosen};
use crate::setup::line_options::{self, Options};
use crate::setup::site_options;
use crate::trace;
use anyhow::bail;
use std::cell::OnceCell;
use std::rc::Rc;
use url::Url;

/// One run for one site.
pub struct Session {
    /// The site.
    pub site: Site,
    /// What stands in `credential.helper`, or was said on the command line.
    pub options: Options,
    /// Why the options cannot be read; nothing is served or kept then.
    pub fault: Option<String>,
    store: Chosen,
    config: OnceCell<Rc<Config>>,
}

impl Session {
    /// A session that has touched nothing yet.
    pub fn new(site: &Site, options: Options) -> Self {
        let choice = options.choice();
        trace::tell("store", &[&choice]);
        Self {
            site: site.clone(),
            store: Chosen::new(choice, options.remembered()),
            options,
            fault: None,
            config: OnceCell::new(),
        }
    }

    /// The session of a command that a person types: with the store that they name, else
    /// with the one that Git would have us use here.
    pub fn of_command(
        site: &Site,
        config: &Rc<Config>,
        stated: Option<Choice>,
    ) -> anyhow::Result<Self> {
        let options = match (stated, Options::in_force(config, &site.parsed_url())) {
            (Some(choice), in_force) => in_force.unwrap_or_default().with_store(choice),
            (None, Ok(in_force)) => in_force,
            (None, Err(fault)) => bail!(line_options::explain(&fault)),
        };
        Ok(Self {
            config: OnceCell::from(config.clone()),
            ..Self::new(site, options)
        })
    }

    /// The same for a command that tells what is wrong: with [`Session::fault`] where the
    /// others fail.
    pub fn despite_fault(site: &Site, config: &Rc<Config>) -> Self {
        let (options, fault) = match Options::in_force(config, &site.parsed_url()) {
            Ok(options) => (options, None),
            Err(fault) => (Options::default(), Some(fault)),
        };
        Self {
            config: OnceCell::from(config.clone()),
            fault,
            ..Self::new(site, options)
        }
    }

    /// Whether the person's own configuration names this site and no other.
    pub fn is_only_site(&self) -> bool {
        let sites = site_options::configured(self.config());
        matches!(&sites[..], [only] if only.url() == self.site.url())
    }

    pub(super) fn url(&self) -> Url {
        self.site.parsed_url()
    }

    pub(super) fn config(&self) -> &Config {
        self.config.get_or_init(|| Rc::new(Config::read()))
    }
}
