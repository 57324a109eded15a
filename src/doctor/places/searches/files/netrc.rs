//! `.netrc`, which curl reads inside Git before any helper is asked: `machine NAME`, then
//! `login`, `password` and `account` in any order, over as many lines as one likes;
//! `default` for all others; `macdef`, a macro that ends with an empty line; comments, of
//! which each program that reads the file has an idea of its own.

use super::{FileFormat, LostSpan, NamedFile, NamedFiles, with_newline};
use crate::bitbucket::Site;
use crate::doctor::places::machine::Machine;
use crate::doctor::places::place::{EVERY_HOST, GitUse, PlaceKind};
use crate::doctor::places::span::{SecretSpan, SpanRole, line_of, lines};
use crate::reason::Reason;
use crate::secret::Secret;
use std::ops::Range;
use zeroize::Zeroizing;

/// The file that curl reads.
pub(in crate::doctor::places) const FORMAT: FileFormat = FileFormat {
    name: "Netrc",
    spans,
    place_for,
    // The first entry for a host is taken, whatever its name.
    names_apart: false,
    kind: |_| &KIND,
    files: Some(files),
};

const KIND: PlaceKind = PlaceKind {
    id: "netrc",
    words: "line {line} of {file}",
    git_use: GitUse::Netrc,
};

/// The files that anybody takes for it.
fn files(machine: &Machine) -> NamedFiles {
    let home = machine.home.iter();
    let own = home.flat_map(|home| [".netrc", "_netrc"].map(|name| home.join(name)));
    let variable = machine.surroundings.context.variable("NETRC");
    let named = variable.map(|file| machine.absolute(file));
    NamedFiles {
        files: own.chain(named).map(NamedFile::own).collect(),
        troubles: Vec::new(),
    }
}

/// At its beginning a netrc file is in no entry and in no macro.
#[allow(clippy::unnecessary_wraps, reason = "a column of a table")]
fn place_for(content: &[u8], lost: &LostSpan) -> Option<Vec<u8>> {
    Some([&with_newline(lost.bytes), content].concat())
}

/// Why an entry stays that another program may read otherwise.
const DOUBTFUL: Reason = Reason::fixed(
    "its words may belong to another machine",
    "edit the file yourself",
);

const KEYWORDS: [&[u8]; 6] = [
    b"machine",
    b"default",
    b"macdef",
    b"login",
    b"password",
    b"account",
];

/// A word, without its quotes.
struct NetrcWord {
    text: Zeroizing<Vec<u8>>,
    range: Range<usize>,
}

impl NetrcWord {
    /// Behind other words it is no comment for everybody.
    fn is_comment(&self, content: &[u8]) -> bool {
        content[self.range.start] == b'#'
    }
}

/// Whether whoever sees no comment there reads something else than we do.
fn has_keyword(comment: &[u8]) -> bool {
    let mut words = comment.split(u8::is_ascii_whitespace);
    words.any(|word| {
        KEYWORDS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
    })
}

/// The name of the site that a machine is: curl knows no ports there.
fn name_of_machine<'a>(site: &'a Site, machine: &str) -> Option<&'a str> {
    let name = site.name_of(machine, ":443");
    name.or_else(|| site.names().find(|name| is_machine_of(name, machine)))
}

fn is_machine_of(name: &str, machine: &str) -> bool {
    let host = name.split(':').next().unwrap_or_default();
    host.eq_ignore_ascii_case(machine)
}

/// What is written for one machine, or for all others.
#[derive(Default)]
struct NetrcEntry {
    /// `None` is `default`.
    machine: Option<Vec<u8>>,
    login: Option<Zeroizing<Vec<u8>>>,
    password: Option<Zeroizing<Vec<u8>>>,
    words: Vec<Range<usize>>,
    /// Whether an unknown word came by.
    has_stranger: bool,
    /// Why it cannot be cut out.
    fixed: Option<Reason>,
}

/// The entries that are sent to our hosts.
fn spans(content: &[u8], site: &Site) -> Vec<SecretSpan> {
    entries(content)
        .into_iter()
        .filter_map(|entry| {
            let (host, fixed) = match &entry.machine {
                None => (
                    EVERY_HOST,
                    Some(Reason::fixed(
                        "it is the default for every host",
                        "edit the file yourself",
                    )),
                ),
                Some(name) => (
                    name_of_machine(site, std::str::from_utf8(name).ok()?)?,
                    entry.fixed,
                ),
            };
            let cuts = cuts(content, &entry.words);
            let is_whole = solid(content, &cuts) == solid(content, &entry.words);
            let secret = entry
                .password
                .as_ref()
                .filter(|secret| !secret.is_empty())?;
            let login = entry.login.as_ref();
            Some(SecretSpan {
                line: line_of(content, entry.words.first()?.start),
                role: SpanRole::Entry,
                key: String::new(),
                remainder: Vec::new(),
                host: host.to_owned(),
                path: None,
                username: login.map(|name| String::from_utf8_lossy(name).into_owned()),
                secret: Secret::copy_of(secret),
                in_name: false,
                fixed: fixed.or((!is_whole).then_some(DOUBTFUL)),
                cuts,
            })
        })
        .collect()
}

impl NetrcEntry {
    fn begun_by(word: NetrcWord) -> Self {
        Self {
            words: vec![word.range],
            ..Self::default()
        }
    }

    /// As curl has it, the first of each counts. One that comes twice, or behind a word
    /// that nobody knows, may be of an entry whose `machine` is misspelled or gone.
    fn take(&mut self, keyword: &[u8], value: Zeroizing<Vec<u8>>) {
        let is_doubtful = self.has_stranger;
        let place = match keyword {
            b"login" => &mut self.login,
            b"password" => &mut self.password,
            _ => return self.doubt_if(is_doubtful),
        };
        let is_doubtful = is_doubtful || place.is_some();
        place.get_or_insert(value);
        self.doubt_if(is_doubtful);
    }

    fn doubt_if(&mut self, is_doubtful: bool) {
        if is_doubtful {
            self.fixed.get_or_insert(DOUBTFUL);
        }
    }
}

fn entries(content: &[u8]) -> Vec<NetrcEntry> {
    let mut entries: Vec<NetrcEntry> = Vec::new();
    let mut at = 0;
    // Where a comment ends that some see instead of a value.
    let mut doubt = 0;
    while let Some(word) = next_word(content, &mut at) {
        let keyword = word.text.to_ascii_lowercase();
        let is_doubtful = word.range.start < doubt;
        let mut value_of = |at: &mut usize| {
            let value = next_word(content, at)?;
            if value.is_comment(content) {
                doubt = end_of_line(content, value.range.start);
            }
            Some(value)
        };
        match &keyword[..] {
            b"machine" => {
                let mut entry = NetrcEntry::begun_by(word);
                entry.machine = Some(Vec::new());
                entry.doubt_if(is_doubtful);
                if let Some(name) = value_of(&mut at) {
                    entry.machine = Some(name.text.to_vec());
                    entry.words.push(name.range);
                }
                entries.push(entry);
            }
            b"default" => entries.push(NetrcEntry::begun_by(word)),
            b"macdef" => {
                at = end_of_macro(content, word.range.end);
                if let Some(entry) = entries.last_mut() {
                    entry.fixed = Some(Reason::fixed(
                        "a macro belongs to it",
                        "edit the file yourself",
                    ));
                }
            }
            b"login" | b"password" | b"account" => {
                let value = value_of(&mut at);
                let Some(entry) = entries.last_mut() else {
                    continue;
                };
                entry.words.push(word.range);
                let Some(value) = value else { break };
                entry.doubt_if(value.is_comment(content));
                entry.words.push(value.range);
                entry.take(&keyword, value.text);
            }
            _ if word.is_comment(content) => {
                at = end_of_line(content, word.range.start);
                if let Some(entry) = entries.last_mut() {
                    entry.doubt_if(has_keyword(&content[word.range.start..at]));
                }
            }
            _ => {
                if let Some(entry) = entries.last_mut() {
                    entry.has_stranger = true;
                }
            }
        }
    }
    entries
}

/// The next word, behind white space and comments.
fn next_word(content: &[u8], at: &mut usize) -> Option<NetrcWord> {
    loop {
        let start = *at;
        let skipped = content
            .get(start..)?
            .iter()
            .position(|byte| !byte.is_ascii_whitespace())?;
        *at = start + skipped;
        let line_begins = content[..*at]
            .iter()
            .rev()
            .take_while(|&&byte| byte != b'\n')
            .all(u8::is_ascii_whitespace);
        if content[*at] != b'#' || !line_begins {
            break;
        }
        *at = end_of_line(content, *at);
    }
    let start = *at;
    let (text, end) = if content[start] == b'"' {
        quoted(content, start)
    } else {
        let rest = &content[start..];
        let length = rest.iter().position(u8::is_ascii_whitespace);
        let end = start + length.unwrap_or(rest.len());
        (Zeroizing::new(content[start..end].to_vec()), end)
    };
    *at = end;
    let range = start..end;
    Some(NetrcWord { text, range })
}

/// A word in quotes, as curl reads it; it may contain blanks.
fn quoted(content: &[u8], start: usize) -> (Zeroizing<Vec<u8>>, usize) {
    let mut text = Zeroizing::new(Vec::new());
    let mut at = start + 1;
    while let Some(&byte) = content.get(at) {
        at += 1;
        match byte {
            b'"' => break,
            b'\n' => {
                // Nobody closed it: the line ends it.
                at -= 1;
                break;
            }
            b'\\' => {
                let Some(&next) = content.get(at) else { break };
                at += 1;
                text.push(match next {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => other,
                });
            }
            other => text.push(other),
        }
    }
    (text, at)
}

fn end_of_line(content: &[u8], at: usize) -> usize {
    let newline = content[at..].iter().position(|&byte| byte == b'\n');
    newline.map_or(content.len(), |newline| at + newline + 1)
}

/// Behind the empty line that ends a macro.
fn end_of_macro(content: &[u8], at: usize) -> usize {
    let mut line = end_of_line(content, at);
    loop {
        let next = end_of_line(content, line);
        if content[line..next].trim_ascii().is_empty() {
            return next;
        }
        line = next;
    }
}

/// What goes with an entry: whole lines that hold nothing else, else its words with the
/// white space behind them. Comments and neighbours stay.
fn cuts(content: &[u8], words: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return cuts;
    };
    let newline = |byte: &u8| *byte == b'\n';
    let start = content[..first.start].iter().rposition(newline);
    let start = start.map_or(0, |newline| newline + 1);
    for line in lines(&content[start..end_of_line(content, last.end)]) {
        let line = start + line.start..start + line.end;
        let mut here = words.iter().filter(|word| line.contains(&word.start));
        let Some(first) = here.next() else { continue };
        let last = here.next_back().unwrap_or(first);
        let before = &content[line.start..first.start];
        let behind = &content[last.end..line.end.max(last.end)];
        let alone = [before, behind]
            .iter()
            .all(|rest| rest.trim_ascii().is_empty());
        let cut = if alone {
            line.start..line.end.max(last.end)
        } else {
            let blanks = behind.iter().take_while(|byte| b" \t".contains(byte));
            first.start..last.end + blanks.count()
        };
        match cuts.last_mut() {
            Some(previous) if previous.end >= cut.start => previous.end = cut.end,
            _ => cuts.push(cut),
        }
    }
    cuts
}

/// How many bytes of the ranges are no white space.
fn solid(content: &[u8], ranges: &[Range<usize>]) -> usize {
    let bytes = ranges.iter().flat_map(|range| &content[range.clone()]);
    bytes.filter(|byte| !byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::is_machine_of;

    #[test]
    fn a_machine_has_no_port() {
        for (name, machine, expected) in [
            ("bitbucket.org", "BitBucket.org", true),
            ("git.example.com:7990", "git.example.com", true),
            ("git.example.com:7990", "example.com", false),
            ("git.example.com", "git.example.com.evil.test", false),
        ] {
            assert_eq!(is_machine_of(name, machine), expected, "{name} {machine}");
        }
    }
}
