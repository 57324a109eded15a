//! The remote that a push of this repository would go to, if Bitbucket has it.

use crate::bitbucket::{Repository, Site, is_credential};
use crate::git::{Config, Setting};
use url::Url;

/// The repository's way to Bitbucket.
pub(super) struct PushRemote {
    /// `remote.origin.url`
    pub key: String,
    /// Without a login.
    pub url: Url,
    /// `user@`
    pub username: Option<String>,
    pub repository: Option<Repository>,
}

impl PushRemote {
    /// The remote that is most likely meant: `origin`, else the first; where it is pushed to
    /// comes before where it is fetched from.
    pub fn of(lines: &Config, site: &Site) -> Option<Self> {
        let mut remotes: Vec<_> = lines
            .iter()
            .filter(|line| line.is_remote_url())
            .filter_map(|line| Some((line, Self::read(line, site)?)))
            .collect();
        remotes.sort_by_key(|(line, _)| {
            let origin = line.subsection.as_deref() == Some("origin");
            (!origin, line.key != "pushurl")
        });
        remotes.into_iter().next().map(|(_, remote)| remote)
    }

    fn read(line: &Setting, site: &Site) -> Option<Self> {
        let mut url = Url::parse(&line.value).ok()?;
        let ours = site.is_at(&url);
        let name = url.username().to_owned();
        // Neither fails for a URL with a host.
        let _ = (url.set_username(""), url.set_password(None));
        ours.then(|| Self {
            key: format!(
                "remote.{}.{}",
                line.subsection.as_deref().unwrap_or(""),
                line.key
            ),
            username: Some(name).filter(|name| !name.is_empty() && !is_credential(name)),
            repository: site.repository(url.path()),
            url,
        })
    }
}
