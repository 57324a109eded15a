//! Git's configuration: logins in the URLs of remotes, submodules and replacements
//! (`url.<base>.insteadOf`), and headers with a secret (`http.extraHeader`). Of a URL only
//! the login goes; the rest stays.

use super::{FileFormat, LostSpan};
use crate::bitbucket::Site;
use crate::doctor::places::headers::{host_of, of_authorization};
use crate::doctor::places::login_url::{LoginUrl, without_login};
use crate::doctor::places::place::{EVERY_HOST, GitUse, PlaceKind};
use crate::doctor::places::span::{SecretSpan, SpanRole, line_of};
use crate::git::config_text::{ConfigText, MappedText, SectionHeader, WrittenSetting};
use crate::reason::Reason;

/// Git's configuration. Its files are found by `searches::git_config`.
pub(in crate::doctor::places) const FORMAT: FileFormat = FileFormat {
    name: "Config",
    spans,
    place_for,
    names_apart: false,
    kind,
    files: None,
};

const URL: PlaceKind = PlaceKind {
    id: "url",
    words: "{name} ({file}:{line})",
    git_use: GitUse::Url,
};

const INSTEAD_OF: PlaceKind = PlaceKind {
    id: "instead-of",
    words: "url.<base>.insteadOf ({file}:{line})",
    git_use: GitUse::BaseUrl,
};

const EXTRA_HEADER: PlaceKind = PlaceKind {
    id: "extra-header",
    words: "{name} ({file}:{line})",
    git_use: GitUse::Header,
};

fn kind(span: &SecretSpan) -> &'static PlaceKind {
    match span.role {
        SpanRole::Header => &EXTRA_HEADER,
        SpanRole::Section if span.key == "url" => &INSTEAD_OF,
        _ => &URL,
    }
}

/// The secrets of a file.
fn spans(content: &[u8], site: &Site) -> Vec<SecretSpan> {
    let Some(text) = ConfigText::parse(content) else {
        return Vec::new();
    };
    let sections = text
        .headers
        .iter()
        .filter_map(|header| of_section(header, site));
    let settings = text.settings.iter().filter_map(|setting| {
        let header = &text.headers[setting.header];
        of_value(header, setting, site).or_else(|| of_header(header, setting, site))
    });
    let mut spans: Vec<_> = sections.chain(settings).collect();
    spans.sort_by_key(|span| span.cuts[0].start);
    for span in &mut spans {
        span.line = line_of(content, span.cuts[0].start);
    }
    spans
}

/// `[url "https://alice:secret@bitbucket.org/"]`
fn of_section(header: &SectionHeader, site: &Site) -> Option<SecretSpan> {
    let text = header.subsection.as_ref()?;
    let url = LoginUrl::parse(&text.bytes, site)?;
    Some(SecretSpan {
        cuts: text.cuts(url.login.clone()),
        role: SpanRole::Section,
        key: header.name.clone(),
        remainder: remainder(&text.bytes, &url),
        ..SecretSpan::of_login(url)
    })
}

/// `url = https://alice:secret@bitbucket.org/acme/widgets.git`
fn of_value(header: &SectionHeader, setting: &WrittenSetting, site: &Site) -> Option<SecretSpan> {
    let url = LoginUrl::parse(&setting.value.bytes, site)?;
    Some(SecretSpan {
        cuts: setting.value.cuts(url.login.clone()),
        role: SpanRole::Value,
        key: key_of(header, setting),
        remainder: remainder(&setting.value.bytes, &url),
        ..SecretSpan::of_login(url)
    })
}

fn remainder(text: &[u8], url: &LoginUrl) -> Vec<u8> {
    [&text[..url.login.start], &text[url.login.end..]].concat()
}

/// `extraHeader = Authorization: Bearer secret`, for a URL of ours or for every one.
fn of_header(header: &SectionHeader, setting: &WrittenSetting, site: &Site) -> Option<SecretSpan> {
    if (&*header.name, &*setting.key) != ("http", "extraheader") {
        return None;
    }
    let (host, path) = match &header.subsection {
        Some(pattern) => host_of(&pattern.lossy(), site)?,
        None => (EVERY_HOST.to_owned(), None),
    };
    let (username, secret) = of_authorization(&setting.value.bytes)?;
    let fixed = (host == EVERY_HOST).then_some(Reason::fixed(
        "it is sent to every host, perhaps on purpose",
        "edit the file yourself",
    ));
    Some(SecretSpan {
        cuts: vec![setting.range.clone()],
        line: 0,
        role: SpanRole::Header,
        key: key_of(header, setting),
        remainder: Vec::new(),
        host,
        path,
        username,
        secret,
        in_name: false,
        fixed,
    })
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

/// Puts a span back where its neighbours have changed: the login into the first URL that
/// is what it left, a header into its section. `None` if there is no such place.
fn place_for(content: &[u8], lost: &LostSpan) -> Option<Vec<u8>> {
    let LostSpan {
        key,
        remainder,
        in_section,
        bytes,
    } = *lost;
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
