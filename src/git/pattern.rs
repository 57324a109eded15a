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

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    const WIDGETS: &str = "https://bitbucket.org/acme/widgets.git";

    #[test]
    fn a_pattern_applies_by_scheme_host_port_user_and_path() {
        for (pattern, address, applies) in [
            ("https://bitbucket.org", WIDGETS, true),
            ("https://bitbucket.org/", WIDGETS, true),
            ("https://bitbucket.org:443", WIDGETS, true),
            ("https://bitbucket.org/acme", WIDGETS, true),
            ("https://bitbucket.org/acme/widgets.git", WIDGETS, true),
            ("https://BITBUCKET.org", WIDGETS, true),
            ("https://bitbucket.org.", WIDGETS, true),
            ("http://bitbucket.org", WIDGETS, false),
            ("https://bitbucket.org:8443", WIDGETS, false),
            ("https://bitbucket.org/acm", WIDGETS, false),
            ("https://bitbucket.org/acme/widgets", WIDGETS, false),
            ("https://bitbucket.org/beta", WIDGETS, false),
            ("https://bitbucket.com", WIDGETS, false),
            ("https://evilbitbucket.org", WIDGETS, false),
            ("https://alice@bitbucket.org", WIDGETS, false),
            (
                "https://alice@bitbucket.org",
                "https://alice@bitbucket.org/x",
                true,
            ),
            (
                "https://bitbucket.org",
                "https://alice@bitbucket.org/x",
                true,
            ),
            ("bitbucket.org", WIDGETS, false),
            ("", WIDGETS, false),
        ] {
            let found = closeness(pattern, &url(address)).is_some();
            assert_eq!(found, applies, "{pattern} {address}");
        }
    }

    #[test]
    fn a_star_is_one_label_and_no_more() {
        for (pattern, host, matches) in [
            ("*.example.com", "git.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("git.*.com", "git.example.com", true),
            ("*", "localhost", true),
            ("*", "example.com", false),
            ("g*.example.com", "git.example.com", false),
            ("example.com.", "example.com", true),
            ("example.com", "example.com.", true),
            ("", "example.com", false),
        ] {
            assert_eq!(hosts_match(pattern, host), matches, "{pattern} {host}");
        }
    }

    /// Each is closer than the one before it.
    #[test]
    fn the_longer_host_then_the_longer_path_then_the_user_wins() {
        let address = url("https://alice@bitbucket.org/acme/widgets.git");
        let patterns = [
            "https://*.org",
            "https://alice@*.org",
            "https://bitbucket.org",
            "https://alice@bitbucket.org",
            "https://bitbucket.org/acme",
            "https://bitbucket.org/acme/widgets.git",
            "https://alice@bitbucket.org/acme/widgets.git",
        ];
        let all: Vec<_> = patterns
            .iter()
            .map(|pattern| closeness(pattern, &address).unwrap())
            .collect();
        assert!(all.is_sorted_by(|one, other| one < other), "{all:?}");
        assert!(all.iter().all(|found| *found > Closeness::default()));
    }

    /// Settings of credentials may name a part of a URL, since Git 2.27.
    #[test]
    fn credentials_may_name_a_part_of_a_url() {
        for (pattern, address, applies) in [
            ("bitbucket.org", WIDGETS, true),
            ("https://", WIDGETS, true),
            ("/acme/widgets.git", WIDGETS, true),
            ("bitbucket.org/acme/widgets.git/", WIDGETS, true),
            ("alice@bitbucket.org", "https://alice@bitbucket.org/x", true),
            ("alice:secret@", "https://alice@bitbucket.org/x", true),
            ("alice@bitbucket.org", WIDGETS, false),
            ("http://", WIDGETS, false),
            ("bitbucket.org:8443", "https://bitbucket.org:8443/x", true),
            ("bitbucket.org", "https://bitbucket.org:8443/x", false),
            ("/acme", WIDGETS, false),
            ("org", WIDGETS, false),
            ("https://bitbucket.org/acme", WIDGETS, true),
            ("", WIDGETS, true),
        ] {
            let found = applies_to_credentials(pattern, &url(address));
            assert_eq!(found, applies, "{pattern} {address}");
        }
    }

    #[test]
    fn a_path_matches_to_the_end_of_a_segment() {
        for (pattern, path, length) in [
            ("/", "/acme/widgets", Some(1)),
            ("", "/acme", Some(1)),
            ("/acme", "/acme", Some(6)),
            ("/acme/", "/acme/widgets", Some(6)),
            ("/acm", "/acme", None),
            ("/acme/widgets", "/acme", None),
        ] {
            assert_eq!(matched_path(pattern, path), length, "{pattern} {path}");
        }
    }
}
