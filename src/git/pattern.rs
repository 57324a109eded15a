//! `<section>.<url>.<key>`: does such a URL apply, and how closely? The rules are those
//! of `git config --get-urlmatch`, which cannot be asked itself: it returns one winner
//! and hides the value of a trusted scope behind one of a repository's own.

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
