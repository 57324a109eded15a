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
mod tests {
    use super::*;

    #[test]
    fn a_bearer_credential_is_a_secret_and_no_other_scheme_s_is() {
        for (message, expected) in [
            (&b"authtype=Bearer\ncredential=x\n"[..], Some("x")),
            (b"credential=x\nauthtype=bearer\n", Some("x")),
            (b"authtype=Negotiate\ncredential=x\n", None),
            (b"credential=x\n", None),
            (b"authtype=Bearer\n", None),
            (b"password=y\nauthtype=Bearer\ncredential=x\n", Some("y")),
        ] {
            let request = parsed(message);
            let found = request.secret().and_then(Secret::expose_text);
            assert_eq!(found, expected);
        }
    }

    fn parsed(message: &[u8]) -> Request {
        match parse(message) {
            Ok(request) => request,
            Err(reason) => panic!("refused: {reason:?}"),
        }
    }

    fn reason(message: &[u8]) -> Malformed {
        match parse(message) {
            Ok(_) => panic!("accepted"),
            Err(reason) => reason,
        }
    }

    #[test]
    fn a_url_says_the_same_or_nothing_is_believed() {
        let parts = "protocol=https\nhost=bitbucket.org\n";
        for (url, agrees) in [
            ("https://bitbucket.org/acme/widgets.git", true),
            ("https://alice@bitbucket.org/acme", true),
            ("https://bitbucket.org", true),
            ("https://bitbucket.org:443/acme", true),
            ("https://bitbucket.org?x#y", true),
            ("http://bitbucket.org/acme", false),
            ("https://bitbucket.org:8443/acme", false),
            ("https://bitbucket.org:443:443/acme", false),
            ("https://bitbucket.org.evil.test/acme", false),
            ("https://evil.test/@bitbucket.org", false),
            ("https://evil.test\\@bitbucket.org", false),
            ("https://evil.test?@bitbucket.org", false),
            ("https:bitbucket.org", false),
            ("bitbucket.org", false),
            ("", false),
        ] {
            for message in [
                format!("url={url}\npath=acme/widgets.git\n{parts}"),
                format!("{parts}url={url}\n"),
            ] {
                let result = parse(message.as_bytes()).map(|request| request.host.is_some());
                let expected = if agrees {
                    Ok(true)
                } else {
                    Err(Malformed::Url)
                };
                assert_eq!(result, expected, "{message}");
            }
            assert_eq!(reason(format!("url={url}\n").as_bytes()), Malformed::Url);
        }
        let other = "url=https://bitbucket.org/a\nurl=https://bitbucket.org/b\n";
        let message = format!("{other}{parts}");
        assert_eq!(reason(message.as_bytes()), Malformed::Contradiction);
    }

    #[test]
    fn keys_come_in_any_order_and_unknown_ones_are_ignored() {
        let request = parsed(
            b"path=acme/widgets.git\nnew=thing\nhost=bitbucket.org\nusername=alice\nprotocol=https\n\nhost=ignored\n",
        );
        assert_eq!(request.protocol.as_deref(), Some("https"));
        assert_eq!(request.host.as_deref(), Some("bitbucket.org"));
        assert_eq!(request.path.as_deref(), Some("acme/widgets.git"));
        assert_eq!(request.username.as_deref(), Some("alice"));
    }

    #[test]
    fn only_the_first_equals_sign_splits_and_spaces_are_data() {
        let request = parsed(b"password= a=b \n");
        assert!(request.password == Some(Secret::copy_of(b" a=b ")));
    }

    #[test]
    fn one_carriage_return_before_the_line_feed_is_stripped() {
        assert_eq!(parsed(b"host=x\r\n\r\n").host.as_deref(), Some("x"));
        assert_eq!(reason(b"host=x\r\r\n"), Malformed::ControlCharacter);
    }

    #[test]
    fn what_is_doubtful_is_refused_with_its_reason() {
        for (message, expected) in [
            (&b"host=a\rhost=b\n"[..], Malformed::ControlCharacter),
            (b"host=a\xc2\x85b\n", Malformed::ControlCharacter),
            (b"host=a\x0bb\n", Malformed::ControlCharacter),
            (b"host=a\xe2\x80\xa8b\n", Malformed::ControlCharacter),
            (b"username=a\x1b[0m\n", Malformed::ControlCharacter),
            (b"password=a\x7fb\n", Malformed::ControlCharacter),
            (b"ho\0st=a\n", Malformed::Nul),
            (b"other=\0\n", Malformed::Nul),
            (b"path=\xff\n", Malformed::NotUtf8),
            (b"host=a\nhost=b\n", Malformed::Contradiction),
            (b"protocol=https\nprotocol=http\n", Malformed::Contradiction),
            (b"nonsense\n", Malformed::NoEqualsSign),
            (b"host=a", Malformed::Truncated),
            (b"url=https://bitbucket.org\n", Malformed::Url),
        ] {
            assert_eq!(reason(message), expected, "{}", message.escape_ascii());
        }
    }

    #[test]
    fn a_message_has_a_longest_length() {
        assert_eq!(LONGEST_MESSAGE, 4_194_304);
        for (length, read) in [(LONGEST_MESSAGE, true), (LONGEST_MESSAGE + 1, false)] {
            let message = vec![b'\n'; length];
            assert_eq!(parse(&message).err(), (!read).then_some(Malformed::TooLong));
        }
    }

    #[test]
    fn an_empty_username_is_none() {
        for (message, username) in [
            (&b"username=alice\n"[..], Some("alice")),
            (b"username=\n", None),
            (b"host=x\n", None),
        ] {
            assert_eq!(parsed(message).username(), username);
        }
    }

    #[test]
    fn repeating_the_same_host_is_no_contradiction_and_other_scalars_take_the_last() {
        let request = parsed(b"host=a\nhost=a\nusername=x\nusername=y\n");
        assert_eq!(request.host.as_deref(), Some("a"));
        assert_eq!(request.username.as_deref(), Some("y"));
    }

    #[test]
    fn lists_collect_and_an_empty_value_resets_them() {
        let request = parsed(b"capability[]=state\ncapability[]=\ncapability[]=authtype\ncapability[]=other\nstate[]=a:1\nstate[]=\nstate[]=b:2\nstate[]=\xff\nwwwauth[]=Basic\n");
        assert!(request.capabilities.authtype && !request.capabilities.state);
        assert!(parsed(b"capability[]=state\n").capabilities.state);
        assert_eq!(request.state, ["b:2"]);
        assert!(request.has_wwwauth);
        assert!(!parsed(b"wwwauth[]=Basic\nwwwauth[]=\n").has_wwwauth);
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_whole() {
        for (length, kept) in [(LONGEST_LINE - 1, true), (LONGEST_LINE, false)] {
            let length = length - "wwwauth[]=".len();
            let header = format!("wwwauth[]={}\nhost=bitbucket.org\n", "x".repeat(length));
            let request = parsed(header.as_bytes());
            assert_eq!(request.has_wwwauth, kept);
            assert_eq!(request.host.as_deref(), Some("bitbucket.org"));
        }
    }

    #[test]
    fn a_value_that_matters_is_never_skipped() {
        for key in ["protocol", "host", "path", "username", "password", "url"] {
            let message = format!("{key}={}\n", "x".repeat(LONGEST_LINE));
            assert_eq!(reason(message.as_bytes()), Malformed::TooLong, "{key}");
        }
    }

    #[test]
    fn numbers_and_booleans_are_read_as_git_reads_them() {
        assert_eq!(
            parsed(b"password_expiry_utc=17\n").password_expiry_utc,
            Some(17)
        );
        for garbage in ["0", "x", "-1", ""] {
            let message = format!("password_expiry_utc={garbage}\n");
            assert_eq!(parsed(message.as_bytes()).password_expiry_utc, None);
        }
        assert!(parsed(b"ephemeral=TRUE\n").ephemeral);
        assert!(!parsed(b"ephemeral=0\n").ephemeral);
        assert!(parsed(b"continue=1\n").r#continue);
    }
}
