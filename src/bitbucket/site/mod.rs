//! Which Bitbucket is meant: where it is reached, what it takes, what its repositories are
//! called. Callers get a [`Site`] and ask it. Only `verify` and `status_codes` look at which product it
//! is; others may ask whether it is a company's own server.

mod data_center;
mod repository;
mod web_page;

pub use data_center::DataCenter;
pub use repository::Repository;
pub use web_page::WebPage;

use super::kind::{Kind, Shape, shape};
use super::oauth::{self, Provider};
use crate::protocol::Request;
use crate::secret::Secret;
use crate::trace::Harmless;
use repository::climbs;
use std::borrow::Cow;
use std::iter;
use url::Url;

type Text = Cow<'static, str>;

/// Which of Bitbucket's two programs answers at a site. The questions of `verify` and the rows of
/// `status_codes` go by it; nobody else asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Atlassian's own service.
    Cloud,
    /// A company's own server.
    DataCenter,
}

/// A Bitbucket that credentials belong to: all that differs from one Bitbucket to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What answers there.
    product: Product,
    /// What messages call it.
    name: Text,
    /// `https`; `http`, which sends secrets in the clear, only where a person has allowed it.
    scheme: Text,
    /// As Git names it: in lower case, with the port unless it is the scheme's default.
    host: Text,
    /// The folder on that host that is Bitbucket's, without slashes around it; empty if all of
    /// the host is.
    base: Text,
    /// The three together: where Git's and the credential's URLs begin, without a slash at the
    /// end.
    url: Text,
    /// Other hosts, written in the same way, that take the same credentials.
    aliases: Vec<Text>,
    /// Other hosts of the same service. We never answer for them, but a secret kept for one of
    /// them belongs to this site.
    neighbours: &'static [&'static str],
    /// The folder below the base that has the repositories, as `base`.
    repositories: &'static str,
    /// The page of the REST API that says whose a credential is.
    whose: Text,
    /// The hosts that are asked about credentials, as messages name them.
    asked_hosts: Text,
    /// The page for people on which a credential of the first kind is made.
    token_page: Text,
    /// The kinds of credentials that it takes.
    kinds: &'static [Kind],
    /// Where it signs people in with the browser, if it does.
    oauth: Option<Cow<'static, Provider>>,
}

/// Bitbucket Cloud.
pub static CLOUD: Site = Site {
    product: Product::Cloud,
    name: Text::Borrowed("Bitbucket Cloud"),
    scheme: Text::Borrowed("https"),
    host: Text::Borrowed("bitbucket.org"),
    base: Text::Borrowed(""),
    url: Text::Borrowed("https://bitbucket.org"),
    aliases: Vec::new(),
    neighbours: &["www.bitbucket.org", "api.bitbucket.org"],
    repositories: "",
    whose: Text::Borrowed("https://api.bitbucket.org/2.0/user"),
    asked_hosts: Text::Borrowed("bitbucket.org and api.bitbucket.org"),
    token_page: Text::Borrowed("https://id.atlassian.com/manage-profile/security/api-tokens"),
    kinds: &[Kind::ApiToken, Kind::AccessToken, Kind::AppPassword],
    oauth: Some(Cow::Borrowed(&oauth::CLOUD)),
};

impl Site {
    /// The one at an address that a person writes, be it configured or not: to be compared with
    /// those that are. The error says what is wrong with the address.
    pub fn at(address: &str) -> Result<Self, String> {
        if CLOUD.is_meant_by(address) {
            return Ok(CLOUD.clone());
        }
        let named = match address.split_once("://") {
            Some(_) => DataCenter::at(address),
            None => DataCenter::at(&format!("https://{address}")),
        };
        named.site_to_compare()
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its host as messages name it, with the port if it has one of its own.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where Git's and the credential's URLs begin: `https://bitbucket.org`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What answers there.
    pub(in crate::bitbucket) fn product(&self) -> Product {
        self.product
    }

    /// The kinds of credentials that it takes, the usual one first.
    pub fn kinds(&self) -> &'static [Kind] {
        self.kinds
    }

    /// The page for people on which a credential of the usual kind is made.
    pub fn token_page(&self) -> &str {
        &self.token_page
    }

    /// Whether it is a company's own server: nothing is its because it is Bitbucket's, and
    /// what names it must be the person's own.
    pub fn is_own_server(&self) -> bool {
        match self.product {
            Product::Cloud => false,
            Product::DataCenter => true,
        }
    }

    /// The beginnings of all URLs that it speaks for, its own first, without its folder: what Git
    /// has sections of its configuration for.
    pub fn origins(&self) -> Vec<String> {
        let hosts = iter::once(&self.host).chain(&self.aliases);
        hosts
            .map(|host| format!("{}://{host}", self.scheme))
            .collect()
    }

    /// Other hosts that take the same credentials.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().map(|alias| &**alias)
    }

    /// Whether this is the name of one of those.
    pub fn is_alias(&self, host: &str) -> bool {
        self.is_host(host) && !self.is_own_host(host)
    }

    /// The option that names it, on the helper line and behind `configure`; none for the one that
    /// is meant without.
    fn option(&self) -> Option<&'static str> {
        match self.product {
            Product::Cloud => None,
            Product::DataCenter => Some(DataCenter::OPTION),
        }
    }

    /// What is typed behind `configure` to name it, with a blank before it.
    pub fn configure_argument(&self) -> String {
        let option = self.option();
        option.map_or_else(String::new, |it| format!(" {it} {}", self.url))
    }

    /// The same behind the commands that take its address alone.
    pub fn address_argument(&self) -> String {
        let option = self.option();
        option.map_or_else(String::new, |_| format!(" {}", self.url))
    }

    /// The command that asks for a credential of its, as one would type it.
    pub fn login_command(&self) -> String {
        format!("git credential-bitbucket login{}", self.address_argument())
    }

    /// The command that signs in with the browser.
    pub fn web_login_command(&self) -> String {
        let address = self.address_argument();
        format!("git credential-bitbucket login --web{address}")
    }

    /// The command that enters an OAuth client.
    pub fn client_command(&self) -> String {
        let site = self.configure_argument();
        format!("git credential-bitbucket configure --oauth-client ID{site}")
    }

    /// Its URL, parsed.
    pub fn parsed_url(&self) -> Url {
        // Whoever makes a site has parsed its URL; a test parses those that are constants.
        Url::parse(&self.url).unwrap_or_else(|_| unreachable!())
    }

    /// Where the REST API says whose a credential is.
    pub fn whose_url(&self) -> &str {
        &self.whose
    }

    /// The hosts that are asked about credentials, as messages name them.
    pub fn asked_hosts(&self) -> &str {
        &self.asked_hosts
    }

    /// Where it signs people in with the browser, if it does.
    pub fn oauth(&self) -> Option<&Provider> {
        self.oauth.as_deref()
    }

    /// The URL of a repository, as Git has it.
    pub fn remote(&self, repository: &Repository) -> String {
        self.address(&repository.path())
    }

    /// The address of what lies at this path in the folder that has the repositories.
    pub fn address(&self, path: &str) -> String {
        let folder = self.repositories;
        let slash = if folder.is_empty() { "" } else { "/" };
        format!("{}{slash}{folder}/{path}", self.url)
    }

    /// Whether Git asks for this site. Every doubt is a no.
    pub fn is_asked_for(&self, request: &Request) -> bool {
        request.protocol.as_deref() == Some(&*self.scheme)
            && request.host.as_deref().is_some_and(|it| self.is_host(it))
            && request.path.as_deref().is_none_or(|it| self.has_path(it))
    }

    /// Whether this is its host or one of the aliases: in any case, the port absent or the
    /// same, nothing else (no trailing dot, no IDN, no suffix; CVE-2024-53858 and others).
    pub fn is_host(&self, host: &str) -> bool {
        let name = self.without_default_port(host);
        let mut aliases = self.aliases.iter();
        self.is_own_host(host) || aliases.any(|own| own.eq_ignore_ascii_case(name))
    }

    fn is_own_host(&self, host: &str) -> bool {
        let name = self.without_default_port(host);
        self.host.eq_ignore_ascii_case(name)
    }

    fn without_default_port<'a>(&self, host: &'a str) -> &'a str {
        host.strip_suffix(self.default_port()).unwrap_or(host)
    }

    /// Whether a person who writes this means it: its host, or an address that lies at it.
    pub fn is_meant_by(&self, text: &str) -> bool {
        match Url::parse(text) {
            Ok(url) if text.contains("://") => self.is_at(&url),
            _ => self.is_host(text),
        }
    }

    /// Whether a URL leads to it.
    pub fn is_at(&self, url: &Url) -> bool {
        let port = url.port().map(|port| format!(":{port}"));
        let host = [
            url.host_str().unwrap_or_default(),
            &port.unwrap_or_default(),
        ]
        .concat();
        url.scheme() == self.scheme && self.is_host(&host) && self.has_path(url.path())
    }

    fn default_port(&self) -> &'static str {
        if self.scheme == "http" { ":80" } else { ":443" }
    }

    fn has_path(&self, path: &str) -> bool {
        below(path, &self.base).is_some()
    }

    /// The repository that a path names, of a URL or as Git sends it.
    pub fn repository(&self, path: &str) -> Option<Repository> {
        Repository::from_path(self.below_repositories(path)?)
    }

    /// What of a path lies in the folder that has the repositories.
    pub fn below_repositories<'a>(&self, path: &'a str) -> Option<&'a str> {
        below(below(path, &self.base)?, self.repositories)
    }

    /// What the page at an address of this site is about.
    pub fn web_page(&self, path: &str) -> WebPage {
        let of_path = match self.product {
            Product::Cloud => WebPage::of_path,
            Product::DataCenter => WebPage::of_data_center,
        };
        below(path, &self.base).map_or(WebPage::Other, of_path)
    }

    /// The one repository of this site among the URLs of a repository's remotes; `None`
    /// if there is none or more than one.
    pub fn sole_repository(&self, remotes: &[Url]) -> Option<Repository> {
        let ours = remotes.iter().filter(|url| self.is_at(url));
        let mut found = ours.filter_map(|url| self.repository(url.path()));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// What a secret looks like to this site: a kind that it does not take is foreign.
    pub fn shape(&self, secret: &Secret) -> Shape {
        let takes = |kind| self.kinds.contains(&kind);
        match shape(secret) {
            Shape::Known(kind) | Shape::Damaged(kind) if !takes(kind) => {
                Shape::Foreign(kind.facts().abroad)
            }
            Shape::PerhapsAppPassword if takes(Kind::AppPassword) => Shape::PerhapsAppPassword,
            Shape::PerhapsAppPassword | Shape::AccountPassword if takes(Kind::Password) => {
                Shape::Known(Kind::Password)
            }
            Shape::PerhapsAppPassword => Shape::AccountPassword,
            shape => shape,
        }
    }

    /// Every name under which other programs may keep a secret of the site's; its host comes
    /// first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        iter::once(&self.host)
            .chain(&self.aliases)
            .map(|name| &**name)
            .chain(self.neighbours.iter().copied())
    }

    /// The name among those that a host is, in any case; `default_port` as in `:443` may
    /// follow it.
    pub fn name_of(&self, host: &str, default_port: &str) -> Option<&str> {
        let host = host.strip_suffix(default_port).unwrap_or(host);
        self.names().find(|name| name.eq_ignore_ascii_case(host))
    }
}

/// In a trace: its host.
impl Harmless for Site {
    fn tell(&self, line: &mut String) {
        line.push_str(&self.host);
    }
}

/// What of a path lies below a folder, both without slashes around them. A path that climbs out
/// of a folder again, as clients read it, lies below none.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let path = path.trim_matches('/');
    if folder.is_empty() {
        return Some(path);
    }
    if climbs(path) {
        return None;
    }
    let rest = path.strip_prefix(folder)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

#[cfg(test)]
mod tests;
