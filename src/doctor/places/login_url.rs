//! A login inside a URL: `https://alice:secret@bitbucket.org/acme/widgets.git`.

use crate::bitbucket::{Site, is_credential};
use crate::secret::Secret;
use std::ops::Range;
use zeroize::Zeroizing;

/// What a URL gives away.
pub(super) struct LoginUrl {
    /// One of [`Site::names`].
    pub host: String,
    /// Decoded, without slashes at its ends.
    pub path: Option<String>,
    /// Decoded; not there if it is the secret itself.
    pub username: Option<String>,
    /// Decoded.
    pub secret: Secret,
    /// Whether it stands where a user name belongs.
    pub in_name: bool,
    /// Where the login stands in the URL, its `@` included.
    pub login: Range<usize>,
}

impl LoginUrl {
    /// Reads a URL of ours with a secret in it; `None` for any other text.
    pub fn parse(url: &[u8], site: &Site) -> Option<Self> {
        let (host, path) = host_and_path(url, site)?;
        let (authority, _) = authority(url)?;
        let at = authority.start + at_sign(&url[authority.clone()])?;
        let (name, password) = halves(&url[authority.start..at]);
        let (name, password) = (decoded(name), password.map(decoded));
        let (username, secret) = login(&name, password.as_ref().map(|all| all.as_slice()))?;
        Some(Self {
            host,
            path,
            in_name: is_name_secret(&name),
            username,
            secret,
            login: authority.start..at + 1,
        })
    }
}

/// The host of a URL of ours, with a login or without, and its path: decoded, without
/// slashes at its ends, as Git tells it to helpers.
pub(super) fn host_and_path(url: &[u8], site: &Site) -> Option<(String, Option<String>)> {
    let (authority, port) = authority(url)?;
    let path = url[authority.end..]
        .split(|byte| b"?#".contains(byte))
        .next()?;
    let path = String::from_utf8_lossy(&decoded(path))
        .trim_matches('/')
        .to_owned();
    let host = &url[authority];
    let host = decoded(&host[at_sign(host).map_or(0, |at| at + 1)..]);
    let host = site.name_of(std::str::from_utf8(&host).ok()?, port)?;
    Some((host.to_owned(), Some(path).filter(|path| !path.is_empty())))
}

/// Where login, host and port stand, and the port that needs no mention.
fn authority(url: &[u8]) -> Option<(Range<usize>, &'static str)> {
    let (start, port) = [(&b"https://"[..], ":443"), (b"http://", ":80")]
        .into_iter()
        .find(|(scheme, _)| {
            url.get(..scheme.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        })
        .map(|(scheme, port)| (scheme.len(), port))?;
    let end = url[start..].iter().position(|byte| b"/?#".contains(byte));
    Some((start..end.map_or(url.len(), |end| start + end), port))
}

/// The last one, as curl has it: before it everything may be part of a secret.
fn at_sign(authority: &[u8]) -> Option<usize> {
    authority.iter().rposition(|&byte| byte == b'@')
}

/// Splits `name:password`.
pub(super) fn halves(login: &[u8]) -> (&[u8], Option<&[u8]>) {
    match login.iter().position(|&byte| byte == b':') {
        Some(colon) => (&login[..colon], Some(&login[colon + 1..])),
        None => (login, None),
    }
}

fn is_name_secret(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(is_credential)
}

/// The name and the secret of a login; `None` if there is no secret in it. Some put the
/// token where the name belongs.
pub(super) fn login(name: &[u8], password: Option<&[u8]>) -> Option<(Option<String>, Secret)> {
    if is_name_secret(name) {
        return Some((None, Secret::copy_of(name)));
    }
    let password = password.filter(|password| !password.is_empty())?;
    let username = String::from_utf8_lossy(name).into_owned();
    let username = Some(username).filter(|name| !name.is_empty());
    Some((username, Secret::copy_of(password)))
}

/// Percent-decoded; what is no escape stays.
pub(super) fn decoded(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let digit = |at: usize| {
        let digit = char::from(*text.get(at)?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let mut decoded = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escaped = digit(at + 1).zip(digit(at + 2)).filter(|_| byte == b'%');
        decoded.push(escaped.map_or(byte, |(high, low)| high << 4 | low));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}

/// Base64 with or without its padding; `None` if it is none.
pub(super) fn decoded_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let end = text.iter().rposition(|&byte| byte != b'=')? + 1;
    let mut decoded = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut bits, mut count) = (0_u32, 0);
    for byte in &text[..end] {
        let digit = ALPHABET.iter().position(|letter| letter == byte)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(decoded)
}

/// The URL without a login, for people and for names; any other text as it is.
pub(super) fn without_login(url: &str) -> String {
    let Some(start) = url.find("://").map(|at| at + 3) else {
        return url.to_owned();
    };
    let end = url[start..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |end| start + end);
    match url[start..end].rfind('@') {
        Some(at) => [&url[..start], &url[start + at + 1..]].concat(),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::site::CLOUD;
    use crate::doctor::places::tests::api_token;

    #[test]
    #[allow(clippy::too_many_lines, reason = "one table")]
    fn logins_are_read_as_git_and_curl_read_them() {
        let token = api_token();
        for (url, expected) in [
            ("https://bitbucket.org/a/b.git", None),
            ("https://alice@bitbucket.org/a/b.git", None),
            ("https://alice:@bitbucket.org/a/b.git", None),
            ("https://@bitbucket.org/", None),
            (
                "https://alice:pw@bitbucket.org",
                Some(("bitbucket.org", None, Some("alice"), "pw")),
            ),
            (
                "HTTPS://alice:pw@BitBucket.org:443/a/b.git/",
                Some(("bitbucket.org", Some("a/b.git"), Some("alice"), "pw")),
            ),
            (
                "http://alice:pw@www.bitbucket.org:80/a?x",
                Some(("www.bitbucket.org", Some("a"), Some("alice"), "pw")),
            ),
            (
                "https://a%40b.org:p%3Aw%@api.bitbucket.org/",
                Some(("api.bitbucket.org", None, Some("a@b.org"), "p:w%")),
            ),
            (
                "https://:pw@bitbucket.org/",
                Some(("bitbucket.org", None, None, "pw")),
            ),
            (
                "https://alice:p@w@bitbucket.org/",
                Some(("bitbucket.org", None, Some("alice"), "p@w")),
            ),
            (
                "https://alice:p:w@bitbucket.org/",
                Some(("bitbucket.org", None, Some("alice"), "p:w")),
            ),
            (
                &format!("https://{token}@bitbucket.org/"),
                Some(("bitbucket.org", None, None, &*token)),
            ),
            (
                &format!("https://{token}:x@bitbucket.org/"),
                Some(("bitbucket.org", None, None, &*token)),
            ),
            ("https://alice:pw@bitbucket.org:8443/", None),
            ("https://alice:pw@bitbucket.org:80/", None),
            ("https://alice:pw@bitbucket.org.evil.test/", None),
            ("https://alice:pw@evil.test/@bitbucket.org/", None),
            ("https://alice:pw@evil.test?@bitbucket.org/", None),
            ("https://bitbucket.org:pw@evil.test/", None),
            ("ssh://alice:pw@bitbucket.org/", None),
            ("alice:pw@bitbucket.org:a/b.git", None),
            ("https://", None),
            ("", None),
        ] {
            let found = LoginUrl::parse(url.as_bytes(), &CLOUD);
            let found = found.as_ref().map(|found| {
                (
                    &*found.host,
                    found.path.as_deref(),
                    found.username.as_deref(),
                    found.secret.expose_text().unwrap(),
                )
            });
            assert!(found == expected, "{url}");
        }
    }

    #[test]
    fn the_login_is_all_up_to_the_host() {
        let url = b"https://alice:p@w@bitbucket.org/a/b.git";
        let login = LoginUrl::parse(url, &CLOUD).unwrap().login;
        assert_eq!(url[login], *b"alice:p@w@");
        assert_eq!(
            without_login("https://alice:p@w@bitbucket.org/a@b"),
            "https://bitbucket.org/a@b"
        );
        assert_eq!(without_login("alice@host:x"), "alice@host:x");
    }

    #[test]
    fn bytes_that_are_no_text_are_passed_over() {
        assert!(LoginUrl::parse(b"https://\xff:\xff@bitbucket.org\xff/", &CLOUD).is_none());
        let odd = LoginUrl::parse(b"https://a\xff:\0\xff@bitbucket.org/\xff", &CLOUD).unwrap();
        assert!(odd.secret == Secret::copy_of(b"\0\xff"));
    }
}
