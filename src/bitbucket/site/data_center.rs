//! A Bitbucket Data Center: the site that a person's own words name. What is no plain address
//! is refused here, before anything is compared with it or sent to it.

use super::{Product, Site, Text};
use crate::bitbucket::kind::Kind;
use crate::bitbucket::oauth::Provider;
use std::borrow::Cow;
use url::{Host, Url};

/// What a person says of a Data Center.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataCenter {
    /// Where it is: `https://git.acme.example[:port][/folder]`.
    pub url: String,
    /// Other hosts that take the same credentials: `host[:port]`.
    pub aliases: Vec<String>,
    /// Whether it may be reached without encryption.
    pub allows_http: bool,
    /// Whether it takes the passwords of accounts.
    pub allows_password: bool,
}

const FORM: &str = "write it as https://git.example.com or https://git.example.com:8443/bitbucket";

/// The first folders of its pages and of its repositories: what an address that was copied has
/// behind the site's own.
const PAGES: [&str; 11] = [
    "account",
    "admin",
    "dashboard",
    "login",
    "plugins",
    "profile",
    "projects",
    "repos",
    "rest",
    "scm",
    "users",
];

impl DataCenter {
    /// The option that names one by its address.
    pub const OPTION: &str = "--data-center";

    /// The one at which a repository or a page with this address lies; no more is said of it.
    pub fn at(address: &str) -> Self {
        Self {
            url: Self::url_of_page(address),
            ..Self::default()
        }
    }

    /// The address of the site at which a repository or a page lies that was copied.
    fn url_of_page(text: &str) -> String {
        let Some((scheme, rest)) = text.split_once("://") else {
            return text.to_owned();
        };
        let mut segments = rest.split('/');
        let host = segments.next().unwrap_or_default();
        let folders = segments.take_while(|it| !PAGES.contains(it) && !it.is_empty());
        let folders = folders.fold(String::new(), |text, it| text + "/" + it);
        format!("{scheme}://{host}{folders}")
    }

    /// The site. The error says what is wrong with the words, and repeats none of them.
    pub fn site(&self) -> Result<Site, String> {
        let (url, base) = parsed(&self.url)?;
        let scheme = url.scheme().to_owned();
        let mut aliases: Vec<Text> = Vec::new();
        for alias in &self.aliases {
            let alias = self.alias(&scheme, alias)?;
            if !aliases.contains(&alias) {
                aliases.push(alias);
            }
        }
        self.check_encryption(&url)?;
        let host = host_and_port(&url);
        aliases.retain(|alias| *alias != host);
        let slash = if base.is_empty() { "" } else { "/" };
        let address = format!("{scheme}://{host}{slash}{base}");
        Ok(Site {
            product: Product::DataCenter,
            name: host.clone().into(),
            scheme: scheme.into(),
            asked_hosts: host.clone().into(),
            host: host.into(),
            base: base.into(),
            aliases,
            neighbours: &[],
            repositories: "scm",
            whose: format!("{address}/rest/api/latest/application-properties").into(),
            token_page: format!("{address}/plugins/servlet/access-tokens/manage").into(),
            oauth: Some(Cow::Owned(Provider::of_data_center(&address))),
            kinds: if self.allows_password {
                &[Kind::HttpToken, Kind::Password]
            } else {
                &[Kind::HttpToken]
            },
            url: address.into(),
        })
    }

    /// The site, to be compared with those that are configured: whether `http://` was agreed to
    /// is written with them.
    pub fn site_to_compare(&self) -> Result<Site, String> {
        let agreed = Self {
            allows_http: true,
            ..self.clone()
        };
        agreed.site()
    }

    fn alias(&self, scheme: &str, text: &str) -> Result<Text, String> {
        let wrong = "an alias is another host, written as git-mirror.example.com or \
                     git-mirror.example.com:8443";
        if text.contains(['/', '\\']) {
            return Err(wrong.to_owned());
        }
        let (url, _) = parsed(&format!("{scheme}://{text}")).map_err(|_| wrong.to_owned())?;
        self.check_encryption(&url)?;
        Ok(host_and_port(&url).into())
    }

    fn check_encryption(&self, url: &Url) -> Result<(), String> {
        if url.scheme() == "https" || self.allows_http || is_loopback(url) {
            return Ok(());
        }
        Err(
            "http:// sends tokens unencrypted, so that everybody on the way can read them; use \
             https://, or agree to it with --allow-http"
                .to_owned(),
        )
    }
}

impl Site {
    /// What a person would say of it, if it is a Data Center.
    pub fn as_data_center(&self) -> Option<DataCenter> {
        let is_open = |origin: &String| Url::parse(origin).is_ok_and(|url| !is_loopback(&url));
        let is_one = self.product == Product::DataCenter;
        is_one.then(|| DataCenter {
            url: self.url.to_string(),
            aliases: self.aliases().map(str::to_owned).collect(),
            allows_http: self.scheme == "http" && self.origins().iter().any(is_open),
            allows_password: self.kinds.contains(&Kind::Password),
        })
    }
}

/// The URL of a whole site, and its folder.
fn parsed(text: &str) -> Result<(Url, String), String> {
    let wrong = || FORM.to_owned();
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))
        .ok_or_else(wrong)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    if !rest.chars().all(is_plain) || rest.starts_with(['/', ':']) || rest.contains("//") {
        return Err(wrong());
    }
    let url = Url::parse(text).map_err(|_| wrong())?;
    let host = url.host_str().unwrap_or_default();
    if host.is_empty() || host.ends_with('.') || url.cannot_be_a_base() {
        return Err(wrong());
    }
    if host == "bitbucket.org" || host.ends_with(".bitbucket.org") {
        return Err("bitbucket.org is Bitbucket Cloud and no Data Center".to_owned());
    }
    let base = url.path().trim_matches('/').to_owned();
    let is_folder = |name: &str| !name.is_empty() && !name.contains([':', '[', ']']);
    if !base.is_empty() && !base.split('/').all(is_folder) {
        return Err(wrong());
    }
    Ok((url, base))
}

/// As Git names it.
fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(url: &str) -> DataCenter {
        DataCenter {
            url: url.to_owned(),
            ..DataCenter::default()
        }
    }

    #[test]
    fn an_address_makes_a_site() {
        for (text, host, url) in [
            (
                "https://git.acme.test",
                "git.acme.test",
                "https://git.acme.test",
            ),
            (
                "https://GIT.Acme.test:443/",
                "git.acme.test",
                "https://git.acme.test",
            ),
            (
                "https://git.acme.test:8443/dev/bitbucket/",
                "git.acme.test:8443",
                "https://git.acme.test:8443/dev/bitbucket",
            ),
            (
                "http://localhost:7990",
                "localhost:7990",
                "http://localhost:7990",
            ),
            ("http://127.0.0.1:80/x", "127.0.0.1", "http://127.0.0.1/x"),
            ("http://[::1]:7990", "[::1]:7990", "http://[::1]:7990"),
            ("https://git/Bitbucket", "git", "https://git/Bitbucket"),
        ] {
            let site = named(text).site().unwrap();
            assert_eq!((site.host(), site.url()), (host, url), "{text}");
            assert!(
                site.is_at(&site.parsed_url()) && site.is_host(host),
                "{text}"
            );
            assert!(Url::parse(site.whose_url()).is_ok());
            let again = site.as_data_center().unwrap();
            assert_eq!(again.site().as_ref(), Ok(&site), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_address_makes_none() {
        for text in [
            "",
            "git.acme.test",
            "ftp://git.acme.test",
            "ssh://git@git.acme.test",
            "https://",
            "https:///x",
            "https://:8443",
            "https://git.acme.test.",
            "https://alice@git.acme.test",
            "https://alice:secret@git.acme.test",
            "https://git.acme.test?x=1",
            "https://git.acme.test/#x",
            "https://git.acme.test/a b",
            "https://git.acme.test/a%20b",
            "https://git.acme.test//a",
            "https://git.acme.test/a//b",
            "https://git.acme.test:99999",
            "https://git.acme.test\\evil.test",
            "https://b\u{fc}cher.test",
            "https://bitbucket.org",
            "https://BITBUCKET.org:8443/x",
            "https://www.bitbucket.org",
            "https://api.bitbucket.org",
            "http://git.acme.test",
            "http://127.0.0.1.evil.test",
            "http://localhost.evil.test",
            "http://10.0.0.1",
        ] {
            let outcome = named(text).site();
            let said = outcome.expect_err(text);
            assert!(!said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn without_encryption_only_where_that_is_agreed_to_or_nobody_listens() {
        let mut site = named("http://git.acme.test:7990");
        assert!(site.site().unwrap_err().contains("--allow-http"));
        site.allows_http = true;
        let made = site.site().unwrap();
        assert_eq!(made.as_data_center(), Some(site.clone()));
        site.allows_http = false;
        assert_eq!(site.site_to_compare(), Ok(made));
        let mut local = named("http://localhost:7990");
        local.aliases = vec!["git.acme.test".to_owned()];
        assert!(local.site().unwrap_err().contains("--allow-http"));
    }

    #[test]
    fn aliases_are_hosts_and_nothing_else() {
        let with = |alias: &str| {
            let mut site = named("https://git.acme.test:8443/bitbucket");
            site.aliases = vec![alias.to_owned(), alias.to_owned()];
            site.site()
        };
        for (alias, expected) in [
            ("Mirror.acme.test", &["mirror.acme.test"][..]),
            ("mirror.acme.test:443", &["mirror.acme.test"]),
            ("mirror.acme.test:7999", &["mirror.acme.test:7999"]),
            // Itself is none.
            ("git.acme.test:8443", &[]),
        ] {
            let site = with(alias).unwrap();
            let aliases: Vec<_> = site.aliases().collect();
            assert_eq!(aliases, expected, "{alias}");
            for alias in aliases {
                assert!(
                    site.is_alias(alias) && !site.is_alias(site.host()),
                    "{alias}"
                );
            }
        }
        for alias in ["", "a/b", "https://x", "a@b", "bitbucket.org", "x.", "a\\b"] {
            assert!(with(alias).is_err(), "{alias}");
        }
    }

    #[test]
    fn of_a_page_or_a_repository_the_site_is_taken() {
        for (text, expected) in [
            ("https://g.test/scm/acme/w.git", "https://g.test"),
            (
                "https://g.test:8443/b/scm/~a/w.git",
                "https://g.test:8443/b",
            ),
            ("https://g.test/b/projects/A/repos/w", "https://g.test/b"),
            ("https://g.test/b/", "https://g.test/b"),
            ("https://g.test", "https://g.test"),
            ("g.test", "g.test"),
        ] {
            assert_eq!(DataCenter::at(text), named(expected), "{text}");
        }
    }

    /// Spellings by which a stranger's server could pass for the company's.
    #[test]
    fn nothing_but_the_named_host_and_folder_is_the_site() {
        let site = named("https://git.acme.test/bitbucket").site().unwrap();
        for (text, expected) in [
            ("https://git.acme.test/bitbucket/scm/a/b.git", true),
            ("https://GIT.ACME.test:443/bitbucket", true),
            ("git.acme.test", true),
            ("https://git.acme.test/", false),
            ("https://git.acme.test/bitbucketx/scm/a/b.git", false),
            ("https://git.acme.test/x/bitbucket/scm/a/b.git", false),
            ("https://git.acme.test/bitbucket/../scm/a/b.git", false),
            ("https://git.acme.test:8443/bitbucket", false),
            ("http://git.acme.test/bitbucket", false),
            ("https://git.acme.test./bitbucket", false),
            ("https://xgit.acme.test/bitbucket", false),
            ("https://git.acme.test.evil.test/bitbucket", false),
            ("https://git.acme.test@evil.test/bitbucket", false),
            ("https://evil.test/git.acme.test/bitbucket", false),
            ("git.acme.test.evil.test", false),
            ("", false),
        ] {
            assert_eq!(site.is_meant_by(text), expected, "{text}");
        }
    }
}
