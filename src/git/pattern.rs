//! `<section>.<url>.<key>`: does such a URL apply, and how closely? The rules are those
//! of `git config --get-urlmatch`, which cannot be asked itself: it returns one winner
//! and hides the value of a trusted scope behind one of a repository's own. Credentials
//! have a rule more ([`applies_to_credentials`]), which that command does not know.

use url::Url;

/// How closely a pattern fits; of several that fit the greatest wins, as in Git.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Closeness {
    host: usize,
    path: usize,
    user: bool,
}

/// Compares `pattern` with `url`; `None` if it does not apply.
pub(super) fn closeness(pattern: &str, url: &Url) -> Option<Closeness> {
    let pattern = Url::parse(pattern).ok()?;
    let user = !pattern.username().is_empty();
    let applies = pattern.scheme() == url.scheme()
        && (!user || pattern.username() == url.username())
        && pattern.port_or_known_default() == url.port_or_known_default()
        && hosts_match(pattern.host_str()?, url.host_str()?);
    Some(Closeness {
        host: applies.then(|| pattern.host_str().map_or(0, str::len))?,
        path: matched_path(pattern.path(), url.path())?,
        user,
    })
}

/// Whether Git takes the `credential.<pattern>.*` settings for `url`. Besides whole URLs it
/// reads parts of one since 2.27: `bitbucket.org`, `https://`, `/acme/widgets.git`; these are
/// compared as they are written. All that apply count, in the order of the files, however
/// closely they fit.
pub(super) fn applies_to_credentials(pattern: &str, url: &Url) -> bool {
    let whole = pattern.contains("://") && Url::parse(pattern).is_ok_and(|it| it.has_host());
    if whole {
        return closeness(pattern, url).is_some();
    }
    Part::of(pattern).applies(url)
}

/// What a part of a URL names; empty is "any". Percent signs are not decoded: the names of
/// what we are asked about need none.
struct Part<'a> {
    scheme: &'a str,
    user: &'a str,
    /// With its port.
    host: &'a str,
    path: &'a str,
}

impl<'a> Part<'a> {
    fn of(pattern: &'a str) -> Self {
        let (scheme, rest) = pattern.split_once("://").unwrap_or(("", pattern));
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (login, host) = authority.split_once('@').unwrap_or(("", authority));
        Self {
            scheme,
            user: login.split(':').next().unwrap_or_default(),
            host,
            path: path.trim_matches('/'),
        }
    }

    fn applies(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let host = url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        [
            (self.scheme, url.scheme()),
            (self.user, url.username()),
            (self.host, &*host),
            (self.path, url.path().trim_matches('/')),
        ]
        .into_iter()
        .all(|(wanted, found)| wanted.is_empty() || wanted == found)
    }
}

/// Label by label; `*` stands for one label, and a dot at the end for nothing.
fn hosts_match(pattern: &str, host: &str) -> bool {
    let [pattern, host] = [pattern, host].map(|name| name.strip_suffix('.').unwrap_or(name));
    let (mut patterns, mut labels) = (pattern.split('.'), host.split('.'));
    loop {
        match (patterns.next(), labels.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(pattern), Some(label)) if pattern == label => {}
            _ => return false,
        }
    }
}

/// The length of the match, which ends where a segment ends.
fn matched_path(pattern: &str, path: &str) -> Option<usize> {
    let pattern = pattern.trim_end_matches('/');
    let rest = path.strip_prefix(pattern)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(pattern.len() + 1)
}
