//! Git's and curl's settings for one URL, from the configuration and the environment.
//! The precedence is Git's own (`http.c`), decided by one pure function.

use super::Trouble;
use crate::secret::Secret;
use std::path::PathBuf;
use url::Url;
use zeroize::Zeroizing;

/// The schemes of proxies that are spoken here.
const PROXY_SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// How to reach one URL.
#[derive(Default)]
pub struct Settings {
    /// The URL of the proxy, with its login, if there is one and the host is not excepted.
    pub proxy: Option<Secret>,
    /// Authorities that replace the platform's: a file and a folder of PEM certificates.
    pub authorities: Vec<PathBuf>,
    /// Whether it is reached without encryption, which only a site that says so is.
    pub is_plain: bool,
}

/// Where values come from.
pub struct Sources<'a> {
    /// `http.<key>` as it applies to the URL.
    pub configured: &'a dyn Fn(&str) -> Option<String>,
    /// A variable of the environment.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

impl Settings {
    /// The settings that apply to `url`, as Git is configured and from our environment.
    pub fn of(url: &Url, config: &crate::git::Config) -> Result<Self, Trouble> {
        Self::resolve(
            url,
            &Sources {
                configured: &|key| config.http(url, key).map(str::to_owned),
                environment: &|name| std::env::var(name).ok(),
            },
        )
    }

    /// The same from other sources.
    ///
    /// Fails if certificates are not to be verified, or if a value cannot be honoured:
    /// then nothing may be sent at all.
    pub fn resolve(url: &Url, sources: &Sources<'_>) -> Result<Self, Trouble> {
        let verification = (sources.configured)("sslverify");
        if (sources.environment)("GIT_SSL_NO_VERIFY").is_some()
            || verification.is_some_and(|value| crate::git::boolean(&value) == Some(false))
        {
            return Err(Trouble::VerificationDisabled);
        }
        Ok(Self {
            proxy: sources.proxy(url)?,
            authorities: sources.authorities()?,
            is_plain: url.scheme() == "http",
        })
    }
}

impl Sources<'_> {
    fn configured(&self, key: &str) -> Option<String> {
        (self.configured)(key)
    }

    /// The first of these variables that is set, be it to nothing.
    fn variable(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| (self.environment)(name))
    }

    fn proxy(&self, url: &Url) -> Result<Option<Secret>, Trouble> {
        let variables: &[&str] = match url.scheme() {
            // In small letters only: web servers make the other one of a header.
            "http" => &["http_proxy", "all_proxy", "ALL_PROXY"],
            _ => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        };
        let value = self
            .configured("proxy")
            .or_else(|| self.variable(variables));
        let Some(value) = value.map(Zeroizing::new) else {
            return Ok(None);
        };
        let excepted = self
            .variable(&["no_proxy", "NO_PROXY"])
            .is_some_and(|hosts| excepts(&hosts, url.host_str().unwrap_or_default()));
        if value.is_empty() || excepted {
            return Ok(None);
        }
        self.check_proxy_method()?;
        proxy_url(&value).map(Some).ok_or_else(bad_proxy)
    }

    fn check_proxy_method(&self) -> Result<(), Trouble> {
        let method = self
            .variable(&["GIT_HTTP_PROXY_AUTHMETHOD"])
            .or_else(|| self.configured("proxyauthmethod"));
        match method.as_deref() {
            None | Some("" | "anyauth" | "basic") => Ok(()),
            Some(other) => Err(Trouble::BadSetting(format!("http.proxyAuthMethod={other}"))),
        }
    }

    fn authorities(&self) -> Result<Vec<PathBuf>, Trouble> {
        // Git built on Windows' own TLS passes its bundle over unless told otherwise.
        let platform = self.configured("sslbackend").as_deref() == Some("schannel")
            && self
                .configured("schannelusesslcainfo")
                .and_then(|value| crate::git::boolean(&value))
                != Some(true);
        let mut found = Vec::new();
        for (variable, key, shown) in [
            ("GIT_SSL_CAINFO", "sslcainfo", "http.sslCAInfo"),
            ("GIT_SSL_CAPATH", "sslcapath", "http.sslCAPath"),
        ] {
            let (name, value) = match self.variable(&[variable]) {
                Some(value) => (variable, value),
                None => match self.configured(key).filter(|_| !platform) {
                    Some(value) => (shown, self.with_home(&value)),
                    None => continue,
                },
            };
            let path = PathBuf::from(&value);
            // A relative path would name a file of whatever repository we run in.
            if path.is_absolute() {
                found.push(path);
            } else if !value.is_empty() {
                return Err(Trouble::BadSetting(format!("{name}={value}")));
            }
        }
        Ok(found)
    }

    /// Git reads `~/` at the beginning of a path as the home folder.
    fn with_home(&self, path: &str) -> String {
        match (path.strip_prefix("~/"), self.variable(&["HOME"])) {
            (Some(rest), Some(home)) => format!("{home}/{rest}"),
            _ => path.to_owned(),
        }
    }
}

/// The value may hold a password, so only its name is ever repeated.
pub(super) fn bad_proxy() -> Trouble {
    Trouble::BadSetting("http.proxy (or HTTPS_PROXY, ALL_PROXY)".to_owned())
}

/// Reads a proxy's URL as curl does: without a scheme it is `http`, and an `http` proxy
/// without a port listens on 1080.
fn proxy_url(value: &str) -> Option<Secret> {
    let scheme = if value.contains("://") { "" } else { "http://" };
    let text = Zeroizing::new(format!("{scheme}{value}"));
    let mut url = Url::parse(&text).ok()?;
    if !PROXY_SCHEMES.contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    // A scheme that the parser does not know shows whether port 80 was written out.
    let port = Url::parse(&Zeroizing::new(format!("x{}", *text)))
        .ok()?
        .port();
    if url.scheme() == "http" && port.is_none() {
        url.set_port(Some(1080)).ok()?;
    }
    Some(Secret::new(String::from(url).into_bytes()))
}

/// curl's rule for `NO_PROXY`: names separated by commas or blanks, each for itself and
/// everything below it; `*` alone is for all.
fn excepts(list: &str, host: &str) -> bool {
    list.to_ascii_lowercase().split([',', ' ']).any(|entry| {
        let name = entry.trim().trim_matches('.');
        let before = host.strip_suffix(name);
        name == "*"
            || !name.is_empty()
                && before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://api.bitbucket.org/2.0/user";

    /// `http.*` keys in lower case, variables in capitals or ending in `_proxy`.
    fn resolve(given: &[(&str, &str)]) -> Result<Settings, Trouble> {
        let value = |name: &str| {
            let found = given.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        Settings::resolve(
            &Url::parse(URL).unwrap(),
            &Sources {
                configured: &value,
                environment: &value,
            },
        )
    }

    fn proxy(given: &[(&str, &str)]) -> Option<String> {
        let proxy = resolve(given).ok().unwrap().proxy?;
        Some(proxy.expose_text().unwrap().to_owned())
    }

    #[test]
    fn the_proxy_is_the_one_that_git_takes() {
        for (given, expected) in [
            (&[][..], None),
            (&[("proxy", "http://a:1")], Some("http://a:1/")),
            (&[("proxy", ""), ("HTTPS_PROXY", "b:1")], None),
            (
                &[("proxy", "a:1"), ("https_proxy", "b:1")],
                Some("http://a:1/"),
            ),
            (
                &[("HTTPS_PROXY", "b:1"), ("https_proxy", "c:1")],
                Some("http://c:1/"),
            ),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", "d:1")], None),
            (&[("ALL_PROXY", "d:1")], Some("http://d:1/")),
            (&[("all_proxy", "d:1")], Some("http://d:1/")),
            (&[("http_proxy", "e:1"), ("HTTP_PROXY", "e:1")], None),
        ] {
            assert_eq!(proxy(given).as_deref(), expected, "{given:?}");
        }
    }

    #[test]
    fn a_proxy_is_written_as_curl_reads_it() {
        for (value, expected) in [
            ("http://proxy.test:8080", "http://proxy.test:8080/"),
            ("proxy.test:8080", "http://proxy.test:8080/"),
            ("proxy.test", "http://proxy.test:1080/"),
            ("http://proxy.test:80", "http://proxy.test/"),
            ("https://proxy.test", "https://proxy.test/"),
            ("u:p%40w@proxy.test:1", "http://u:p%40w@proxy.test:1/"),
            ("socks5h://proxy.test", "socks5h://proxy.test"),
            (
                "socks5h://u:p@127.0.0.1:9050",
                "socks5h://u:p@127.0.0.1:9050",
            ),
            ("http://[::1]:3128", "http://[::1]:3128/"),
        ] {
            assert_eq!(
                proxy(&[("proxy", value)]).as_deref(),
                Some(expected),
                "{value}"
            );
        }
        for value in ["ftp://x", "http://", "://x", "http://u:secret@:x", "a b"] {
            let refused = resolve(&[("proxy", value)]).err();
            assert_eq!(refused, Some(bad_proxy()), "{value}");
        }
    }

    #[test]
    fn hosts_are_excepted_as_curl_does() {
        for (list, excepted) in [
            ("", false),
            ("*", true),
            ("bitbucket.org", true),
            (".bitbucket.org", true),
            ("api.bitbucket.org", true),
            ("API.BitBucket.org.", true),
            ("localhost, org", true),
            ("localhost org", true),
            ("itbucket.org", false),
            ("x.api.bitbucket.org", false),
            ("bitbucket.or", false),
            ("*.bitbucket.org", false),
            (".", false),
        ] {
            let given = [("proxy", "a:1"), ("no_proxy", list)];
            assert_eq!(proxy(&given).is_none(), excepted, "{list}");
        }
        let both = [("proxy", "a:1"), ("NO_PROXY", "*"), ("no_proxy", "")];
        assert!(proxy(&both).is_some());
    }

    #[test]
    fn only_basic_is_spoken_to_a_proxy() {
        let given = |method| [("proxy", "a:1"), ("proxyauthmethod", method)];
        for method in ["", "basic", "anyauth"] {
            assert!(resolve(&given(method)).is_ok(), "{method}");
        }
        for method in ["digest", "negotiate", "ntlm"] {
            let refused = Trouble::BadSetting(format!("http.proxyAuthMethod={method}"));
            assert_eq!(resolve(&given(method)).err(), Some(refused));
            assert!(resolve(&[("proxyauthmethod", method)]).is_ok(), "no proxy");
        }
        let ours_wins = [
            ("proxy", "a:1"),
            ("proxyauthmethod", "ntlm"),
            ("GIT_HTTP_PROXY_AUTHMETHOD", "basic"),
        ];
        assert!(resolve(&ours_wins).is_ok());
    }

    #[test]
    #[cfg(unix)]
    fn authorities_are_those_that_git_takes() {
        for (given, expected) in [
            (&[][..], &[][..]),
            (&[("sslcainfo", "/a.pem")], &["/a.pem"]),
            (&[("sslcainfo", "")], &[]),
            (
                &[("sslcainfo", "~/a.pem"), ("HOME", "/home/a")],
                &["/home/a/a.pem"],
            ),
            (
                &[("sslcainfo", "/a.pem"), ("GIT_SSL_CAINFO", "/b.pem")],
                &["/b.pem"],
            ),
            (
                &[
                    ("sslcainfo", "/a.pem"),
                    ("sslcapath", "/a"),
                    ("GIT_SSL_CAPATH", "/b"),
                ],
                &["/a.pem", "/b"],
            ),
            (&[("sslcainfo", "/a.pem"), ("sslbackend", "schannel")], &[]),
            (
                &[
                    ("sslcainfo", "/a.pem"),
                    ("sslbackend", "schannel"),
                    ("schannelusesslcainfo", "true"),
                ],
                &["/a.pem"],
            ),
        ] {
            let expected: Vec<_> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(
                resolve(given).ok().unwrap().authorities,
                expected,
                "{given:?}"
            );
        }
        for (name, value, shown) in [
            ("sslcainfo", "a.pem", "http.sslCAInfo=a.pem"),
            ("sslcapath", "certs", "http.sslCAPath=certs"),
            ("GIT_SSL_CAINFO", "~/a.pem", "GIT_SSL_CAINFO=~/a.pem"),
        ] {
            let refused = Trouble::BadSetting(shown.to_owned());
            assert_eq!(resolve(&[(name, value)]).err(), Some(refused));
        }
    }

    #[test]
    fn nothing_is_sent_without_verification() {
        for (name, value, sent) in [
            ("sslverify", "false", false),
            ("sslverify", "0", false),
            ("sslverify", "", false),
            ("sslverify", "true", true),
            ("GIT_SSL_NO_VERIFY", "1", false),
            ("GIT_SSL_NO_VERIFY", "", false),
        ] {
            let refused = (!sent).then_some(Trouble::VerificationDisabled);
            assert_eq!(resolve(&[(name, value)]).err(), refused, "{name}={value}");
        }
    }
}
