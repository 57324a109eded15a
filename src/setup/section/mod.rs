//! Our section of a configuration file, over bytes: adding it at the end, and removing
//! it again so that nothing of ours remains and nothing of anybody else's is lost.

use crate::git::config_file::{ConfigFile, Edit};

/// The line before the section: how we know it again. Notes for the way back follow.
const MARKER: &[u8] =
    b"# Added by git-credential-bitbucket; \"git credential-bitbucket unconfigure\" removes it.";
/// How every version's marker begins.
const MARKER_START: &[u8] = b"# Added by git-credential-bitbucket";
/// Note: the file did not exist.
const NEW_FILE: &[u8] = b" [new file]";
/// Note: the file did not end in a newline.
const NO_NEWLINE: &[u8] = b" [no final newline]";

/// What the section says.
pub struct Section<'a> {
    /// The URL it is for: `https://bitbucket.org`.
    pub url: &'a str,
    /// The helper as Git shall see it, before any quoting for the file.
    pub helper: &'a [u8],
}

/// A file without our section.
#[derive(Debug, PartialEq, Eq)]
pub struct WithoutSection {
    /// What remains.
    pub content: Vec<u8>,
    /// How many sections of ours were there.
    pub sections: usize,
    /// Whether we had created the file.
    pub created: bool,
}

impl Section<'_> {
    /// The file with this section at its end, and nowhere else. `None` is no file.
    pub fn add(&self, file: Option<&[u8]>) -> Vec<u8> {
        let before = remove(file.unwrap_or_default(), self.url);
        let created = file.is_none() || before.created;
        let mut content = before.content;
        let newline = newline_of(&content);
        let mut marker = MARKER.to_vec();
        if created {
            marker.extend_from_slice(NEW_FILE);
        }
        if content.last().is_some_and(|&last| last != b'\n') {
            marker.extend_from_slice(NO_NEWLINE);
            content.extend_from_slice(newline);
        }
        for line in std::iter::once(&marker).chain(&self.lines()) {
            content.extend_from_slice(line);
            content.extend_from_slice(newline);
        }
        content
    }

    /// Whether the file contains the section just as it should be, wherever.
    pub fn is_in(&self, file: &[u8]) -> bool {
        let wanted = self.lines();
        let lines: Vec<_> = file.split(|&byte| byte == b'\n').map(without_cr).collect();
        lines.windows(wanted.len() + 1).any(|window| {
            window[0].starts_with(MARKER_START) && window[1..].iter().eq(wanted.iter())
        })
    }

    /// Whether adding it to the file would change nothing, those of other sites aside: no two
    /// can both be last.
    pub fn is_at_end_of(&self, file: &[u8]) -> bool {
        let others = sections(file).into_iter().filter(|it| it.url != self.url);
        let alone = others.fold(file.to_vec(), |file, other| {
            remove(&file, &other.url).content
        });
        self.add(Some(&alone)) == alone
    }

    /// Writes it to the end of a file, and nowhere else.
    pub fn write_to(&self, file: &ConfigFile) -> anyhow::Result<Edit> {
        file.edit(
            |now| Some(self.add(now)),
            |file| remove(file, self.url).content,
        )
    }

    /// The section without the marker, a line each.
    pub fn lines(&self) -> [Vec<u8>; 4] {
        let helper = [b"\thelper = ", &*quoted(self.helper)].concat();
        [
            header(self.url),
            b"\thelper =".to_vec(),
            helper,
            b"\tuseHttpPath = true".to_vec(),
        ]
    }
}

fn header(url: &str) -> Vec<u8> {
    format!("[credential \"{url}\"]").into_bytes()
}

/// A value as it is written in the file.
fn quoted(value: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(value.len() + 2);
    for &byte in value {
        if matches!(byte, b'\\' | b'"') {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    if value.iter().any(|byte| matches!(byte, b'#' | b';')) {
        quoted.insert(0, b'"');
        quoted.push(b'"');
    }
    quoted
}

/// The file's own way to end a line.
fn newline_of(file: &[u8]) -> &'static [u8] {
    if file.windows(2).any(|pair| pair == b"\r\n") {
        b"\r\n"
    } else {
        b"\n"
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Removes every section of ours for `url`: the marker, the lines that we wrote, and the
/// header unless somebody has added settings below it. Those for other URLs stay. If nobody
/// edited the file in between, the result is what it was, byte for byte.
pub fn remove(file: &[u8], url: &str) -> WithoutSection {
    let lines: Vec<&[u8]> = file.split_inclusive(|&byte| byte == b'\n').collect();
    let header = header(url);
    let mut removed = WithoutSection {
        content: Vec::with_capacity(file.len()),
        sections: 0,
        created: false,
    };
    // Where the marker of a section ends that stays.
    let mut staying = None;
    let mut rest = &lines[..];
    while let Some((&line, after)) = rest.split_first() {
        rest = after;
        if !is_marker(line) {
            removed.content.extend_from_slice(line);
            continue;
        }
        if SectionOfFile::after_marker(rest).is_some_and(|other| other.url != url) {
            removed.content.extend_from_slice(line);
            staying = staying.or(Some(removed.content.len()));
            continue;
        }
        removed.sections += 1;
        removed.created |= contains(line, NEW_FILE);
        let mut left_nothing = true;
        if rest.first().is_some_and(|line| line.trim_ascii() == header) {
            let body = &rest[1..];
            let end = end_of_body(body);
            let kept = not_ours(&body[..end]);
            if kept.iter().any(|line| is_setting(line)) {
                removed.content.extend_from_slice(rest[0]);
            }
            left_nothing = kept.is_empty();
            removed.content.extend(kept.concat());
            rest = &body[end..];
        }
        if !contains(line, NO_NEWLINE) {
            continue;
        }
        if rest.is_empty() {
            let newline = newline_at_end(line);
            if let Some(content) = removed.content.strip_suffix(newline) {
                removed.content.truncate(content.len());
            }
        } else if left_nothing && SectionOfFile::at_marker(rest).is_some() {
            // Whoever comes next is told.
            removed.content.extend(with_note(rest[0], NO_NEWLINE));
            staying = staying.or(Some(removed.content.len()));
            rest = &rest[1..];
        }
    }
    if let (true, Some(end)) = (removed.created, staying) {
        removed.created = false;
        removed.content = with_note_in(&removed.content, end, NEW_FILE);
    }
    removed
}

/// A file with one more note in the marker that ends there.
fn with_note_in(file: &[u8], end: usize, note: &[u8]) -> Vec<u8> {
    let (before, after) = file.split_at(end);
    let mut lines = before.split_inclusive(|&byte| byte == b'\n');
    let marker = lines.next_back().unwrap_or_default();
    let before = &before[..before.len() - marker.len()];
    [before, &with_note(marker, note), after].concat()
}

/// One section of ours, as a file has it.
#[derive(Debug, PartialEq, Eq)]
pub struct SectionOfFile {
    /// The URL it is for.
    pub url: String,
    /// The helper as Git sees it.
    pub helper: String,
}

impl SectionOfFile {
    /// That of the marker in the first of these lines.
    fn at_marker(lines: &[&[u8]]) -> Option<Self> {
        let (marker, rest) = lines.split_first()?;
        is_marker(marker)
            .then(|| Self::after_marker(rest))
            .flatten()
    }

    /// That of the marker before these lines: a header of Git's, and a line that names us.
    fn after_marker(lines: &[&[u8]]) -> Option<Self> {
        let (header, body) = lines.split_first()?;
        let header = String::from_utf8_lossy(header);
        let url = header
            .trim()
            .strip_prefix("[credential \"")?
            .strip_suffix("\"]")?;
        let mut settings = body[..end_of_body(body)]
            .iter()
            .filter_map(|line| setting(line));
        let helper = settings.find_map(|(key, value)| ours(&key, value))?;
        Some(Self {
            url: url.to_owned(),
            helper,
        })
    }
}

/// Every section of ours in a file, of whatever site.
pub fn sections(file: &[u8]) -> Vec<SectionOfFile> {
    let lines: Vec<&[u8]> = file.split_inclusive(|&byte| byte == b'\n').collect();
    let all = (0..lines.len()).filter_map(|first| SectionOfFile::at_marker(&lines[first..]));
    all.collect()
}

fn is_marker(line: &[u8]) -> bool {
    line.trim_ascii().starts_with(MARKER_START)
}

/// A marker with one more note.
fn with_note(marker: &[u8], note: &[u8]) -> Vec<u8> {
    if contains(marker, note) {
        return marker.to_vec();
    }
    let newline = newline_at_end(marker);
    let text = marker.strip_suffix(newline).unwrap_or(marker);
    let end = if text.len() < marker.len() {
        newline
    } else {
        b""
    };
    [text, note, end].concat()
}

fn newline_at_end(line: &[u8]) -> &'static [u8] {
    if line.ends_with(b"\r\n") {
        b"\r\n"
    } else {
        b"\n"
    }
}

/// Where the lines of a section end: before the next header, and before its marker.
fn end_of_body(body: &[&[u8]]) -> usize {
    body.iter()
        .position(|line| line.trim_ascii_start().starts_with(b"["))
        .map_or(body.len(), |next| marker_before(body, next))
}

/// Key and value of a line.
fn setting(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut halves = line.splitn(2, |&byte| byte == b'=');
    let (key, value) = (halves.next()?, halves.next()?);
    Some((key.trim_ascii().to_ascii_lowercase(), value.trim_ascii()))
}

/// The value of a line that names us.
fn ours(key: &[u8], value: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(value).replace(r"\\", r"\");
    let value = value.trim_matches('"');
    (key == b"helper" && super::helper_line::names_us(value)).then(|| value.to_owned())
}

/// The same for a file that may not be there: one that held nothing but our section, and that
/// we had created, is none.
pub fn without(file: Option<&[u8]>, url: &str) -> Option<Vec<u8>> {
    let removed = remove(file?, url);
    let gone = removed.created && removed.content.is_empty();
    (!gone).then_some(removed.content)
}

/// Where a body ends whose successor's header is at `next`: before that one's marker.
fn marker_before(body: &[&[u8]], next: usize) -> usize {
    let marked = next
        .checked_sub(1)
        .is_some_and(|last| is_marker(body[last]));
    next - usize::from(marked)
}

/// Whether a key and its value are a line of ours.
type IsOurs = fn(&[u8], &[u8]) -> bool;

/// The lines of a body that we did not write.
fn not_ours<'a>(body: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut written: Vec<IsOurs> = vec![
        |key, value| key == b"helper" && value.is_empty(),
        |key, value| ours(key, value).is_some(),
        |key, value| key == b"usehttppath" && value == b"true",
    ];
    body.iter()
        .copied()
        .filter(|line| {
            let Some((key, value)) = setting(line) else {
                return true;
            };
            let index = written.iter().position(|is_ours| is_ours(&key, value));
            index.map(|index| written.remove(index)).is_none()
        })
        .collect()
}

fn is_setting(line: &[u8]) -> bool {
    !matches!(line.trim_ascii().first(), None | Some(b'#' | b';'))
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests;
