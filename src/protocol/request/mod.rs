//! Reading what Git says: `key=value` lines over bytes. Anything doubtful is
//! [`Malformed`], which every caller treats as "not for us".

use super::BEARER;
use crate::secret::Secret;

/// The longest line that is looked at, its LF included (Git 2.46 documents this
/// limit). Longer ones are skipped whole, never split, unless their key tells whom they are about.
pub const LONGEST_LINE: usize = 65_535;

/// Lines that tell whose credential is meant: without one of them the message would
/// mean more than its writer said.
const IDENTIFYING: [&[u8]; 7] = [
    b"protocol=",
    b"host=",
    b"path=",
    b"username=",
    b"password=",
    b"credential=",
    b"url=",
];

/// The longest message that is read at all, in bytes.
pub const LONGEST_MESSAGE: usize = 4 * 1024 * 1024;

/// Which dependent keys the caller understands (Git 2.46).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `capability[]=authtype`
    pub authtype: bool,
    /// `capability[]=state`
    pub state: bool,
}

/// One message from Git. Text values are UTF-8 without control characters.
#[derive(Default)]
pub struct Request {
    /// `protocol`, as written.
    pub protocol: Option<String>,
    /// `host`, with its port if the URL had one; case kept.
    pub host: Option<String>,
    /// `path` without a leading slash; only with `credential.useHttpPath`.
    pub path: Option<String>,
    /// `username` from the URL, the configuration or an earlier helper.
    pub username: Option<String>,
    /// `password`: what was used (`store`, `erase`).
    pub password: Option<Secret>,
    /// `password_expiry_utc` in Unix seconds; unreadable ones are dropped, as Git does.
    pub password_expiry_utc: Option<u64>,
    /// `oauth_refresh_token`: what renews the password, from another helper (Git 2.41).
    pub oauth_refresh_token: Option<Secret>,
    /// `ephemeral`: the caller asks not to keep this credential.
    pub ephemeral: bool,
    /// `continue`: the last `get` asked for another round.
    pub r#continue: bool,
    /// `capability[]`
    pub capabilities: Capabilities,
    /// `state[]` of every helper, in order.
    pub state: Vec<String>,
    /// Whether any `wwwauth[]` came: on `erase` that means a server's 401 (Git 2.41).
    pub has_wwwauth: bool,
    /// `authtype`: what was used is no password, but a credential of this scheme (Git 2.46).
    pub authtype: Option<String>,
    /// `credential`: what was used of that scheme.
    pub credential: Option<Secret>,
}

/// Why a message is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A NUL byte anywhere.
    Nul,
    /// A control character, CR or Unicode line end in a value that matters (CVE-2024-50338).
    ControlCharacter,
    /// A value that matters is not UTF-8.
    NotUtf8,
    /// `host` or `protocol` twice with different values (CVE-2020-5260).
    Contradiction,
    /// A line without `=`.
    NoEqualsSign,
    /// The last line has no LF: the caller died while writing.
    Truncated,
    /// A `url` line of another host. Git sends none to helpers; gitoxide's `store` and `erase`
    /// have one beside the parts of it.
    Url,
    /// More than [`LONGEST_MESSAGE`] bytes, or a value that matters in a line of more than
    /// [`LONGEST_LINE`].
    TooLong,
}

/// Parses one message. It ends at a blank line or at the end of input.
pub fn parse(message: &[u8]) -> Result<Request, Malformed> {
    if message.len() > LONGEST_MESSAGE {
        return Err(Malformed::TooLong);
    }
    let mut request = Request::default();
    let mut url = None;
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .ok_or(Malformed::Truncated)?;
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if line.contains(&0) {
            return Err(Malformed::Nul);
        }
        if line.len() >= LONGEST_LINE {
            // A header may be long; a password nobody looked at is not an absent one.
            if IDENTIFYING.iter().any(|key| line.starts_with(key)) {
                return Err(Malformed::TooLong);
            }
            continue;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let equals = line
            .iter()
            .position(|&byte| byte == b'=')
            .ok_or(Malformed::NoEqualsSign)?;
        let (key, value) = (&line[..equals], &line[equals + 1..]);
        if key == b"url" {
            set_once(&mut url, text(value)?)?;
        } else {
            request.set(key, value)?;
        }
    }
    if url.is_some_and(|url| !agrees(&url, &request)) {
        return Err(Malformed::Url);
    }
    Ok(request)
}

/// Whether the blank line has come that ends a message; its first `seen` bytes were looked at
/// before.
pub fn is_ended(message: &[u8], seen: usize) -> bool {
    let fresh = &message[seen.saturating_sub(2)..];
    let has = |end: &[u8]| fresh.windows(end.len()).any(|bytes| bytes == end);
    message.starts_with(b"\n") || message.starts_with(b"\r\n") || has(b"\n\n") || has(b"\n\r\n")
}

/// Whether a URL names the host that stands beside it, so that nothing is to be learnt from
/// it. The port of https may stand in one of the two only.
fn agrees(url: &str, request: &Request) -> bool {
    let (Some(protocol), Some(host)) = (&request.protocol, &request.host) else {
        return false;
    };
    let rest = url.strip_prefix(&**protocol);
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix("://")) else {
        return false;
    };
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let named = rest[..end].rsplit('@').next().unwrap_or_default();
    let default = if protocol == "https" { ":443" } else { "" };
    let [named, host] = [named, host].map(|one| one.strip_suffix(default).unwrap_or(one));
    named == host
}

impl Request {
    /// The user name, unless it is empty: Git sends an empty one for an empty answer.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref().filter(|name| !name.is_empty())
    }

    /// What was used as `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&Secret> {
        let is_bearer = |scheme: &&String| scheme.eq_ignore_ascii_case(BEARER);
        self.authtype.as_ref().filter(is_bearer)?;
        self.credential.as_ref()
    }

    /// The secret that was used, by whichever way.
    pub fn secret(&self) -> Option<&Secret> {
        self.password.as_ref().or_else(|| self.bearer())
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), Malformed> {
        match key {
            b"protocol" => set_once(&mut self.protocol, text(value)?)?,
            b"host" => set_once(&mut self.host, text(value)?)?,
            b"path" => self.path = Some(text(value)?),
            b"username" => self.username = Some(text(value)?),
            b"password" => {
                text(value)?;
                self.password = Some(Secret::copy_of(value));
            }
            b"password_expiry_utc" => {
                self.password_expiry_utc = text(value)?.parse().ok().filter(|&time| time > 0);
            }
            b"oauth_refresh_token" => {
                // One that cannot be written back is no reason to distrust the rest.
                let usable = text(value).is_ok() && !value.is_empty();
                self.oauth_refresh_token = usable.then(|| Secret::copy_of(value));
            }
            b"ephemeral" => self.ephemeral = boolean(value),
            b"continue" => self.r#continue = boolean(value),
            b"capability[]" => match value {
                b"" => self.capabilities = Capabilities::default(),
                b"authtype" => self.capabilities.authtype = true,
                b"state" => self.capabilities.state = true,
                _ => {}
            },
            b"state[]" if value.is_empty() => self.state.clear(),
            // Another helper's state is no reason to distrust the message.
            b"state[]" => self.state.extend(text(value)),
            b"wwwauth[]" => self.has_wwwauth = !value.is_empty(),
            b"authtype" => self.authtype = text(value).ok(),
            b"credential" => {
                text(value)?;
                self.credential = Some(Secret::copy_of(value));
            }
            _ => {}
        }
        Ok(())
    }
}

fn set_once(slot: &mut Option<String>, value: String) -> Result<(), Malformed> {
    match slot {
        Some(earlier) if *earlier != value => Err(Malformed::Contradiction),
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}

/// A value as text: UTF-8 without C0, C1, DEL and the Unicode line ends.
fn text(value: &[u8]) -> Result<String, Malformed> {
    let text = std::str::from_utf8(value).map_err(|_| Malformed::NotUtf8)?;
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(Malformed::ControlCharacter);
    }
    Ok(text.to_owned())
}

/// Git's booleans, as far as they occur in this protocol.
fn boolean(value: &[u8]) -> bool {
    matches!(
        value.to_ascii_lowercase().as_slice(),
        b"1" | b"true" | b"yes" | b"on"
    )
}

#[cfg(test)]
mod tests;
