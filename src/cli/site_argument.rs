//! For which site a command that people type speaks: the one that they name, else the one that is
//! configured; of several, that of the folder's remotes.

use crate::bitbucket::Site;
use crate::bitbucket::site::CLOUD;
use crate::git::Config;
use crate::setup::site_options;
use crate::text::shown;
use anyhow::{Result, anyhow};
use std::io::Write;
use std::rc::Rc;
use url::Url;

/// How a site is named.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SiteArgument {
    /// The Bitbucket that is meant, if several are configured: its URL or host
    #[arg(long, value_name = "URL")]
    pub site: Option<String>,
}

/// The site that a command speaks for.
pub struct ChosenSite {
    /// The site.
    pub site: Site,
    /// Whether others are configured besides, so that it must be said.
    pub is_one_of_several: bool,
    /// Git's configuration, by which it was chosen: read once for a command.
    pub config: Rc<Config>,
}

impl SiteArgument {
    /// The site that is named or meant. An address is of use only if a site lies there.
    pub fn choose(&self) -> Result<ChosenSite> {
        self.choose_at(None)
    }

    /// The same; an address of a repository names its site too, if there is one.
    pub fn choose_at(&self, address: Option<&str>) -> Result<ChosenSite> {
        self.choose_by(Rc::new(Config::read()), address)
    }

    fn choose_by(&self, config: Rc<Config>, address: Option<&str>) -> Result<ChosenSite> {
        let sites = site_options::configured(&config);
        let is_one_of_several = sites.len() > 1;
        let site = match (self.site.as_deref(), address) {
            (Some(text), _) => named(&sites, text).ok_or_else(|| unknown(&sites, text))?,
            (None, Some(text)) => {
                named(&sites, text).unwrap_or_else(|| meant(&sites, &config.remotes()))
            }
            (None, None) => meant(&sites, &config.remotes()),
        };
        Ok(ChosenSite {
            site,
            is_one_of_several,
            config,
        })
    }

    /// The same for a command that asks no server: a Data Center that is configured no more may
    /// be named by its URL.
    pub fn choose_even_former(&self) -> Result<ChosenSite> {
        let config = Rc::new(Config::read());
        let sites = site_options::configured(&config);
        let former = |text: &String| {
            let is_known = named(&sites, text).is_some() || !text.contains("://");
            let site = (!is_known).then(|| Site::at(text).ok())??;
            Some(ChosenSite {
                site,
                is_one_of_several: true,
                config: config.clone(),
            })
        };
        self.site
            .as_ref()
            .and_then(former)
            .map_or_else(|| self.choose_by(config.clone(), None), Ok)
    }

    /// Every site that is configured, or the one that is named, for a command that asks no server.
    pub fn all_even_former(&self) -> Result<Vec<ChosenSite>> {
        match self.site {
            Some(_) => Ok(vec![self.choose_even_former()?]),
            None => self.all(),
        }
    }

    /// Every site that is configured, or the one that is named.
    pub fn all(&self) -> Result<Vec<ChosenSite>> {
        let config = Rc::new(Config::read());
        let sites = site_options::configured(&config);
        if self.site.is_some() || sites.len() < 2 {
            return Ok(vec![self.choose_by(config, None)?]);
        }
        let chosen = |site| ChosenSite {
            site,
            is_one_of_several: true,
            config: config.clone(),
        };
        Ok(sites.into_iter().map(chosen).collect())
    }
}

impl ChosenSite {
    /// Says for which site the command speaks, where that is no matter of course.
    pub fn tell(&self, output: &mut dyn Write) -> Result<()> {
        if self.is_one_of_several {
            writeln!(output, "For {}:", self.site.url())?;
        }
        Ok(())
    }
}

/// Does something for one site after the other, each under its name. The first failure is told
/// at the end, when all was said.
pub fn for_each(
    sites: &[ChosenSite],
    output: &mut dyn Write,
    mut act: impl FnMut(&ChosenSite, &mut dyn Write) -> Result<()>,
) -> Result<()> {
    let mut outcome = Ok(());
    for (index, chosen) in sites.iter().enumerate() {
        if index > 0 {
            writeln!(output)?;
        }
        chosen.tell(output)?;
        outcome = outcome.and(act(chosen, output));
    }
    outcome
}

/// The one that a text names. Bitbucket Cloud is known without being configured.
pub(super) fn named(sites: &[Site], text: &str) -> Option<Site> {
    let mut all = sites.iter().chain([&CLOUD]);
    all.find(|site| site.is_meant_by(text)).cloned()
}

fn unknown(sites: &[Site], text: &str) -> anyhow::Error {
    // What stands between `:` and `@` may be a secret.
    let typed = match text.rsplit_once('@') {
        Some((before, _)) if before.contains(':') => "That".to_owned(),
        _ => shown(text),
    };
    let configured: Vec<_> = sites.iter().map(Site::url).collect();
    let configured = match configured[..] {
        [] => "none is configured".to_owned(),
        _ => format!("configured are: {}", configured.join(", ")),
    };
    anyhow!(
        "{typed} is no Bitbucket that is configured here; {configured}. For a company's own \
         server run: git credential-bitbucket configure --data-center URL"
    )
}

/// The one that is meant where none is named.
fn meant(sites: &[Site], remotes: &[Url]) -> Site {
    let mut here = sites
        .iter()
        .filter(|site| remotes.iter().any(|url| site.is_at(url)));
    let found = match (sites, here.next(), here.next()) {
        ([only], ..) | (_, Some(only), None) => only,
        // Cloud, if it is one of them, as where nothing else is configured.
        _ => sites
            .iter()
            .find(|site| !site.is_own_server())
            .or(sites.first())
            .unwrap_or(&CLOUD),
    };
    found.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::DataCenter;

    fn site(url: &str) -> Site {
        DataCenter::at(url).site().unwrap()
    }

    #[test]
    fn of_several_the_folder_s_remotes_choose() {
        let (one, two) = (site("https://g.test/b"), site("https://h.test:8443"));
        let cloud = CLOUD.clone();
        let all = [&cloud, &one, &two].map(Clone::clone);
        let of_one = "https://g.test/b/scm/a/w.git";
        let of_cloud = "https://bitbucket.org/a/w.git";
        for (sites, remotes, expected) in [
            (&all[..0], &[of_one][..], &cloud),
            (&all[..1], &[of_one], &cloud),
            (&all[1..2], &[of_cloud], &one),
            (&all[..], &[of_one], &one),
            (&all[..], &[of_cloud], &cloud),
            (&all[..], &[of_one, of_cloud], &cloud),
            (&all[..], &[], &cloud),
            (&all[1..], &[], &one),
            (&all[1..], &["https://h.test:8443/scm/a/w.git"], &two),
            (&all[1..], &["https://h.test/scm/a/w.git"], &one),
        ] {
            let remotes: Vec<_> = remotes.iter().map(|it| Url::parse(it).unwrap()).collect();
            assert_eq!(meant(sites, &remotes), *expected, "{remotes:?}");
        }
    }

    #[test]
    fn a_url_or_a_host_names_a_site_and_nothing_else_does() {
        let sites = [CLOUD.clone(), site("https://g.test:8443/b")];
        for (text, expected) in [
            ("bitbucket.org", Some("https://bitbucket.org")),
            ("https://bitbucket.org/acme", Some("https://bitbucket.org")),
            ("g.test:8443", Some("https://g.test:8443/b")),
            (
                "https://g.test:8443/b/scm/a/w.git",
                Some("https://g.test:8443/b"),
            ),
            ("g.test", None),
            ("https://g.test:8443/", None),
            ("https://evil.test/g.test:8443", None),
        ] {
            let found = named(&sites, text);
            assert_eq!(found.as_ref().map(Site::url), expected, "{text}");
        }
        let said = unknown(&sites, "https://a:secret@g.test").to_string();
        assert!(
            said.starts_with("That is no Bitbucket") && !said.contains("secret"),
            "{said}"
        );
    }
}
