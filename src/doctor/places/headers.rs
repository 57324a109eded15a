//! Logins in the headers of `http.extraHeader`, and for which hosts such a header is.

use super::login_url::{decoded_base64, halves, login, without_login};
use super::place::EVERY_HOST;
use crate::bitbucket::{Site, is_credential};
use crate::secret::Secret;

/// The host of a URL pattern; one with `*` in it is for every host that it may fit.
pub(super) fn host_of(pattern: &str, site: &Site) -> Option<(String, Option<String>)> {
    let url = without_login(pattern);
    let (scheme, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = match &*scheme.to_ascii_lowercase() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let path = Some(path.trim_matches('/').to_owned()).filter(|path| !path.is_empty());
    if let Some(name) = site.name_of(host, port) {
        return Some((name.to_owned(), path));
    }
    let host = host.strip_suffix(port).unwrap_or(host);
    let may_be = |name: &str| {
        name.split('.').count() == host.split('.').count()
            && name
                .split('.')
                .zip(host.split('.'))
                .all(|(label, pattern)| pattern == "*" || pattern.eq_ignore_ascii_case(label))
    };
    let may_be = site.names().any(may_be);
    may_be.then(|| (EVERY_HOST.to_owned(), path))
}

/// The login in a header: of `Authorization` always, of others if it has the form of one
/// of ours.
pub(super) fn of_authorization(header: &[u8]) -> Option<(Option<String>, Secret)> {
    let colon = header.iter().position(|&byte| byte == b':')?;
    let (name, value) = (&header[..colon], header[colon + 1..].trim_ascii());
    let blank = value.iter().position(u8::is_ascii_whitespace);
    let (scheme, rest) = blank.map_or((&b""[..], value), |blank| {
        (&value[..blank], value[blank..].trim_ascii())
    });
    let is_login = name.trim_ascii().eq_ignore_ascii_case(b"authorization");
    if is_login && scheme.eq_ignore_ascii_case(b"basic") {
        let both = decoded_base64(rest)?;
        let (name, password) = halves(&both);
        return login(name, password);
    }
    let is_ours = std::str::from_utf8(rest).is_ok_and(is_credential);
    let is_bearer = is_login && scheme.eq_ignore_ascii_case(b"bearer");
    (is_ours || is_bearer && !rest.is_empty()).then(|| (None, Secret::copy_of(rest)))
}
