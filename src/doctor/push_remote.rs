//! The remote that a push of this repository would go to, if Bitbucket has it.

use crate::bitbucket::{Repository, Site, is_credential};
use crate::git::{Config, Setting, user_in};
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
        if fault(&line.value).is_some() {
            return None;
        }
        let mut url = Url::parse(&line.value).ok()?;
        let ours = site.is_at(&url);
        let name = user_in(&url);
        // Neither fails for a URL with a host.
        let _ = (url.set_username(""), url.set_password(None));
        ours.then(|| Self {
            key: format!(
                "remote.{}.{}",
                line.subsection.as_deref().unwrap_or(""),
                line.key
            ),
            username: name.filter(|name| !is_credential(name)),
            repository: site.repository(url.path()),
            url,
        })
    }
}

/// Why Git, or curl inside it, does not take an address of the web; `None` if it does, or if it
/// is none. Other readers of addresses are more lenient.
pub(super) fn fault(address: &str) -> Option<&'static str> {
    let scheme = address.trim().split(':').next().unwrap_or_default();
    if !["http", "https"]
        .iter()
        .any(|one| one.eq_ignore_ascii_case(scheme))
    {
        return None;
    }
    let lower = address.to_ascii_lowercase();
    let authority = address.split("://").nth(1).unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = host.split_once(':').unwrap_or((host, "443"));
    Some(match address {
        _ if address.bytes().any(|byte| byte <= b' ' || byte == 0x7f) => {
            "there is a blank or a control character in it"
        }
        _ if ["%0a", "%0d", "%00"].iter().any(|it| lower.contains(it)) => {
            "there is a line end in it"
        }
        _ if address.contains('\\') => "there is a backslash in it",
        _ if !(address.starts_with("https://") || address.starts_with("http://")) => {
            "it does not begin with https:// in small letters"
        }
        _ if host.is_empty() => "there is no host in it",
        _ if host.ends_with('.') => "there is a dot behind its host",
        _ if port.parse::<u16>().is_err() => "its port is no number below 65536",
        _ if Url::parse(address).is_err() => "it is no address",
        _ => return None,
    })
}

/// The host of what is one for a person's eye, even if Git does not take it; without its port.
pub(super) fn meant_host(address: &str) -> String {
    let rest = address
        .trim()
        .split(':')
        .skip(1)
        .collect::<Vec<_>>()
        .join(":");
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    host.trim().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_and_curl_refuse_is_known() {
        for (address, expected) in [
            ("https://bitbucket.org/acme/widgets.git", None),
            ("https://alice@bitbucket.org:443/acme/widgets.git", None),
            ("http://bitbucket.org/acme/widgets", None),
            ("git@bitbucket.org:acme/widgets.git", None),
            ("../a b", None),
            ("https://bitbucket.org/acme/my widgets.git", Some("a blank")),
            (" https://bitbucket.org/acme/widgets", Some("a blank")),
            ("https://bitbucket.org/acme/widgets\r", Some("control")),
            ("https://a%0Ab@bitbucket.org/acme/widgets", Some("line end")),
            ("https://bitbucket.org\\acme/widgets", Some("backslash")),
            ("HTTPS://bitbucket.org/acme/widgets", Some("small letters")),
            ("https:/bitbucket.org/acme/widgets", Some("small letters")),
            ("https:///bitbucket.org/acme/widgets", Some("no host")),
            ("https://bitbucket.org./acme/widgets", Some("a dot")),
            ("https://bitbucket.org:99999/acme/widgets", Some("port")),
            ("https://bitbucket.org:/acme/widgets", Some("port")),
            ("https://bitbucket.org:x/acme/widgets", Some("port")),
            ("https://bitbucket<.org/acme/widgets", Some("no address")),
        ] {
            let found = fault(address);
            assert_eq!(found.is_some(), expected.is_some(), "{address}: {found:?}");
            assert!(
                found
                    .unwrap_or_default()
                    .contains(expected.unwrap_or_default()),
                "{address}"
            );
            if expected.is_some() && !address.contains('<') {
                assert_eq!(meant_host(address), "bitbucket.org", "{address}");
            }
        }
    }
}
