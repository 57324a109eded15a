//! Which hosts are ours, and what their repositories are called.

use crate::protocol::Request;
use crate::trace::Harmless;
use url::Url;

/// A Bitbucket that credentials belong to. Data, so that another one is another row.
#[derive(Debug, PartialEq, Eq)]
pub struct Site {
    /// The host as Git names it, in lower case, without the default port.
    pub host: &'static str,
    /// Where Git and the credential's URL begin: `https://bitbucket.org`.
    pub url: &'static str,
    /// The REST API's base.
    pub api: &'static str,
    /// Names of other machines of the same service. They are nobody's to answer for, but
    /// a secret that is kept for one of them is one of the site's.
    pub neighbours: &'static [&'static str],
}

/// Bitbucket Cloud.
pub const CLOUD: Site = Site {
    host: "bitbucket.org",
    url: "https://bitbucket.org",
    api: "https://api.bitbucket.org/2.0",
    neighbours: &["www.bitbucket.org", "api.bitbucket.org"],
};

const SITES: [&Site; 1] = [&CLOUD];

impl Site {
    /// The site that a request is for; `None` is "not ours", the answer to every doubt.
    pub fn of(request: &Request) -> Option<&'static Self> {
        if request.protocol.as_deref() != Some("https") {
            return None;
        }
        Self::with_host(request.host.as_deref()?)
    }

    /// The site with exactly this host: any case, the port absent or 443, nothing else
    /// (no trailing dot, no IDN, no suffix; CVE-2024-53858 and others).
    pub fn with_host(host: &str) -> Option<&'static Self> {
        let name = host.strip_suffix(":443").unwrap_or(host);
        SITES
            .into_iter()
            .find(|site| site.host.eq_ignore_ascii_case(name))
    }

    /// The site that a URL leads to, by HTTPS at the usual port.
    pub fn at(url: &Url) -> Option<&'static Self> {
        let is_https = url.scheme() == "https" && url.port().is_none();
        url.host_str()
            .filter(|_| is_https)
            .and_then(Self::with_host)
    }

    /// Its address, parsed.
    pub fn parsed_url(&self) -> Url {
        // It is a constant of ours, and a test parses each.
        Url::parse(self.url).unwrap_or_else(|_| unreachable!())
    }

    /// Every name under which other programs may keep a secret of ours.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SITES
            .into_iter()
            .flat_map(|site| std::iter::once(site.host).chain(site.neighbours.iter().copied()))
    }

    /// The name among those that a host is, in any case; `default_port` as in `:443` may
    /// follow it.
    pub fn name_of(host: &str, default_port: &str) -> Option<&'static str> {
        let host = host.strip_suffix(default_port).unwrap_or(host);
        Self::names().find(|name| name.eq_ignore_ascii_case(host))
    }

    /// The one repository of this site among the URLs of a repository's remotes; `None`
    /// if there is none or more than one.
    pub fn sole_repository(&self, remotes: &[Url]) -> Option<Repository> {
        let mut found = remotes.iter().filter_map(|url| self.repository_at(url));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    fn repository_at(&self, url: &Url) -> Option<Repository> {
        let ours = Self::at(url) == Some(self);
        ours.then(|| Repository::from_path(url.path())).flatten()
    }
}

/// A repository on a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The workspace's name in URLs.
    pub workspace: String,
    /// The repository's name in URLs, without `.git`.
    pub name: String,
}

impl Repository {
    /// Reads `workspace/repository[.git][/…]` as Git sends it in `path`. `None` unless
    /// both names consist of what Bitbucket allows: letters, digits, `_`, `-`, `.`.
    pub fn from_path(path: &str) -> Option<Self> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.trim_matches('/').split('/');
        let workspace = segments.next()?;
        let name = segments.next()?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        let allowed = |text: &str| {
            !text.is_empty()
                && !text.starts_with('.')
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        };
        (allowed(workspace) && allowed(name)).then(|| Self {
            workspace: workspace.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The path of the repository in its remote: `workspace/name.git`.
    pub fn path(&self) -> String {
        format!("{}/{}.git", self.workspace, self.name)
    }
}

impl std::fmt::Display for Repository {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.workspace, self.name)
    }
}

/// Two plain names.
impl Harmless for Repository {
    fn tell(&self, line: &mut String) {
        line.push_str(&self.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_host_is_ours() {
        for host in ["bitbucket.org", "BitBucket.ORG", "bitbucket.org:443"] {
            assert_eq!(Site::with_host(host), Some(&CLOUD), "{host}");
        }
        for host in [
            "",
            "bitbucket.org.evil.test",
            "evilbitbucket.org",
            "x.bitbucket.org",
            "www.bitbucket.org",
            "api.bitbucket.org",
            "bitbucket.org.",
            "evil/.bitbucket.org",
            "evil@bitbucket.org",
            "bitbucket.org@evil",
            "bitbucket.org:8443",
            "bitbucket.org:",
            "bitbucket.org:443x",
            "bitbucket.org:443:443",
            "104.192.141.1",
            "[::1]",
            "b\u{131}tbucket.org",
            " bitbucket.org",
        ] {
            assert_eq!(Site::with_host(host), None, "{host}");
        }
    }

    #[test]
    fn secrets_of_the_neighbours_are_known() {
        for (host, expected) in [
            ("bitbucket.org", Some("bitbucket.org")),
            ("WWW.bitbucket.org:443", Some("www.bitbucket.org")),
            ("api.bitbucket.org", Some("api.bitbucket.org")),
            ("bitbucket.org:80", None),
            ("bitbucket.org:8443", None),
            ("x.bitbucket.org", None),
            ("evilbitbucket.org", None),
            ("bitbucket.org.", None),
            ("", None),
        ] {
            assert_eq!(Site::name_of(host, ":443"), expected, "{host}");
        }
    }

    #[test]
    fn only_https_is_ours() {
        for (protocol, ours) in [
            (Some("https"), true),
            (Some("http"), false),
            (Some("HTTPS"), false),
            (Some(""), false),
            (None, false),
        ] {
            let request = Request {
                protocol: protocol.map(Into::into),
                host: Some("bitbucket.org".into()),
                ..Request::default()
            };
            assert_eq!(Site::of(&request).is_some(), ours, "{protocol:?}");
        }
    }

    #[test]
    fn the_remotes_name_a_repository_if_they_agree() {
        let widgets = "https://bitbucket.org/acme/widgets.git";
        for (remotes, expected) in [
            (&[][..], None),
            (&[widgets], Some("acme/widgets")),
            (
                &[widgets, "https://BitBucket.org:443/acme/widgets"],
                Some("acme/widgets"),
            ),
            (
                &[widgets, "https://github.com/acme/gadgets"],
                Some("acme/widgets"),
            ),
            (&[widgets, "https://bitbucket.org/acme/gadgets"], None),
            (&["http://bitbucket.org/acme/widgets"], None),
            (&["ssh://bitbucket.org/acme/widgets"], None),
            (&["https://bitbucket.org:8443/acme/widgets"], None),
            (&["https://bitbucket.org.evil.test/acme/widgets"], None),
            (&["https://bitbucket.org/acme"], None),
        ] {
            let urls: Vec<_> = remotes
                .iter()
                .filter_map(|url| Url::parse(url).ok())
                .collect();
            let found = CLOUD.sole_repository(&urls).map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{remotes:?}");
        }
    }

    #[test]
    fn a_repository_is_two_plain_names() {
        for (path, expected) in [
            ("acme/widgets.git", Some("acme/widgets")),
            ("acme/widgets", Some("acme/widgets")),
            ("/acme/widgets.git/", Some("acme/widgets")),
            ("acme/widgets.git/info/lfs", Some("acme/widgets")),
            ("acme/widgets.git?x", Some("acme/widgets")),
            ("acme/w.i_d-g.git", Some("acme/w.i_d-g")),
            ("acme", None),
            ("acme/", None),
            ("", None),
            ("acme/../x", None),
            ("acme/.git", None),
            ("acme/per\u{fa}.git", None),
            ("a b/c", None),
            ("acme/w%2e", None),
        ] {
            let found = Repository::from_path(path);
            let remote = found.as_ref().map(Repository::path);
            assert_eq!(remote, expected.map(|name| format!("{name}.git")), "{path}");
            let found = found.map(|found| found.to_string());
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
