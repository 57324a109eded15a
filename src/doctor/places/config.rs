//! Git's configuration: logins in the URLs of remotes, submodules and replacements
//! (`url.<base>.insteadOf`), and headers with a secret (`http.extraHeader`). Of a URL only
//! the login goes; the rest stays.

use super::EVERY_HOST;
use super::login_url::{LoginUrl, decoded_base64, halves, login, without_login};
use super::piece::{Part, Piece, line_of};
use crate::bitbucket::{Site, is_credential};
use crate::git::config_text::{ConfigText, MappedText, SectionHeader, WrittenSetting};
use crate::secret::Secret;

/// The secrets of a file.
pub(super) fn pieces(content: &[u8]) -> Vec<Piece> {
    let Some(text) = ConfigText::parse(content) else {
        return Vec::new();
    };
    let sections = text.headers.iter().filter_map(of_section);
    let settings = text.settings.iter().filter_map(|setting| {
        let header = &text.headers[setting.header];
        of_value(header, setting).or_else(|| of_header(header, setting))
    });
    let mut pieces: Vec<_> = sections.chain(settings).collect();
    pieces.sort_by_key(|piece| piece.cuts[0].start);
    for piece in &mut pieces {
        piece.line = line_of(content, piece.cuts[0].start);
    }
    pieces
}

/// `[url "https://alice:secret@bitbucket.org/"]`
fn of_section(header: &SectionHeader) -> Option<Piece> {
    let text = header.subsection.as_ref()?;
    let url = LoginUrl::parse(&text.bytes)?;
    Some(Piece {
        cuts: text.cuts(url.login.clone()),
        part: Part::Section,
        key: header.name.clone(),
        remainder: remainder(&text.bytes, &url),
        ..url.into_piece()
    })
}

/// `url = https://alice:secret@bitbucket.org/acme/widgets.git`
fn of_value(header: &SectionHeader, setting: &WrittenSetting) -> Option<Piece> {
    let url = LoginUrl::parse(&setting.value.bytes)?;
    Some(Piece {
        cuts: setting.value.cuts(url.login.clone()),
        part: Part::Value,
        key: key_of(header, setting),
        remainder: remainder(&setting.value.bytes, &url),
        ..url.into_piece()
    })
}

fn remainder(text: &[u8], url: &LoginUrl) -> Vec<u8> {
    [&text[..url.login.start], &text[url.login.end..]].concat()
}

/// `extraHeader = Authorization: Bearer secret`, for a URL of ours or for every one.
fn of_header(header: &SectionHeader, setting: &WrittenSetting) -> Option<Piece> {
    if (&*header.name, &*setting.key) != ("http", "extraheader") {
        return None;
    }
    let (host, path) = match &header.subsection {
        Some(pattern) => host_of(&pattern.lossy())?,
        None => (EVERY_HOST, None),
    };
    let (username, secret) = of_authorization(&setting.value.bytes)?;
    let fixed = (host == EVERY_HOST)
        .then_some("it is sent to every host, perhaps on purpose: edit the file yourself");
    Some(Piece {
        cuts: vec![setting.range.clone()],
        line: 0,
        part: Part::Header,
        key: key_of(header, setting),
        remainder: Vec::new(),
        host: host.to_owned(),
        path,
        username,
        secret,
        fixed,
    })
}

/// The host of a URL pattern; one with `*` in it is for every host that it may fit.
pub(super) fn host_of(pattern: &str) -> Option<(&'static str, Option<String>)> {
    let url = without_login(pattern);
    let (scheme, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = match &*scheme.to_ascii_lowercase() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let path = Some(path.trim_matches('/').to_owned()).filter(|path| !path.is_empty());
    if let Some(name) = Site::name_of(host, port) {
        return Some((name, path));
    }
    let host = host.strip_suffix(port).unwrap_or(host);
    let may_be = |name: &str| {
        name.split('.').count() == host.split('.').count()
            && name
                .split('.')
                .zip(host.split('.'))
                .all(|(label, pattern)| pattern == "*" || pattern.eq_ignore_ascii_case(label))
    };
    Site::names().any(may_be).then_some((EVERY_HOST, path))
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

/// The key as Git names it, without any login.
fn key_of(header: &SectionHeader, setting: &WrittenSetting) -> String {
    match &header.subsection {
        Some(text) => {
            let subsection = without_login(&text.lossy());
            format!("{}.{subsection}.{}", header.name, setting.key)
        }
        None if header.name.is_empty() => setting.key.clone(),
        None => format!("{}.{}", header.name, setting.key),
    }
}

/// Puts a piece back where its neighbours have changed: the login into the first URL that
/// is what it left, a header into its section. `None` if there is no such place.
pub(super) fn put_back(
    content: &[u8],
    key: &str,
    remainder: &[u8],
    in_section: bool,
    bytes: &[u8],
) -> Option<Vec<u8>> {
    let text = ConfigText::parse(content)?;
    if remainder.is_empty() {
        return header_back(content, &text, key, bytes);
    }
    let scheme = remainder.windows(3).position(|part| part == b"://")? + 3;
    let value = if in_section {
        let mut sections = text.headers.iter().filter(|header| header.name == key);
        sections.find_map(|header| {
            let text = header.subsection.as_ref()?;
            (*text.bytes == remainder).then_some(text)
        })
    } else {
        let mut settings = text.settings.iter();
        settings.find_map(|setting| {
            let found = key_of(&text.headers[setting.header], setting);
            (found == key && *setting.value.bytes == remainder).then_some(&setting.value)
        })
    }?;
    let at = value.origins.get(scheme)?.start;
    Some([&content[..at], bytes, &content[at..]].concat())
}

/// Behind the header of the last section that has the name, else at the end.
fn header_back(content: &[u8], text: &ConfigText, key: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let subsection = key
        .strip_prefix("http.")?
        .strip_suffix("extraheader")?
        .strip_suffix('.')?;
    let mut line = bytes.to_vec();
    if !line.ends_with(b"\n") {
        line.push(b'\n');
    }
    let section = text.headers.iter().rfind(|header| {
        let named = header.subsection.as_ref().map(MappedText::lossy);
        header.name == "http" && named.as_deref() == Some(subsection)
    });
    if let Some(section) = section {
        let (before, behind) = content.split_at(section.end);
        // What stands behind it on its line goes below.
        return Some(
            [
                before,
                b"\n",
                &line,
                behind.strip_prefix(b"\n").unwrap_or(behind),
            ]
            .concat(),
        );
    }
    let quoted = subsection.replace('\\', r"\\").replace('"', "\\\"");
    let newline: &[u8] = if content.is_empty() || content.ends_with(b"\n") {
        b""
    } else {
        b"\n"
    };
    let header = format!("[http \"{quoted}\"]\n");
    Some([content, newline, header.as_bytes(), &line].concat())
}
