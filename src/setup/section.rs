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

    /// Whether adding it to the file changes nothing.
    pub fn is_at_end_of(&self, file: &[u8]) -> bool {
        self.add(Some(file)) == file
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
/// header unless somebody has added settings below it. If nobody edited the file in
/// between, the result is what it was, byte for byte.
pub fn remove(file: &[u8], url: &str) -> WithoutSection {
    let lines: Vec<&[u8]> = file.split_inclusive(|&byte| byte == b'\n').collect();
    let header = header(url);
    let mut removed = WithoutSection {
        content: Vec::with_capacity(file.len()),
        sections: 0,
        created: false,
    };
    let mut rest = &lines[..];
    while let Some((&line, after)) = rest.split_first() {
        rest = after;
        if !line.trim_ascii().starts_with(MARKER_START) {
            removed.content.extend_from_slice(line);
            continue;
        }
        removed.sections += 1;
        removed.created |= contains(line, NEW_FILE);
        if rest.first().is_some_and(|line| line.trim_ascii() == header) {
            let body = &rest[1..];
            let end = body
                .iter()
                .position(|line| line.trim_ascii_start().starts_with(b"["))
                .map_or(body.len(), |next| marker_before(body, next));
            let kept = not_ours(&body[..end]);
            if kept.iter().any(|line| is_setting(line)) {
                removed.content.extend_from_slice(rest[0]);
            }
            removed.content.extend(kept.concat());
            rest = &body[end..];
        }
        if rest.is_empty() && contains(line, NO_NEWLINE) {
            let newline: &[u8] = if line.ends_with(b"\r\n") {
                b"\r\n"
            } else {
                b"\n"
            };
            if let Some(content) = removed.content.strip_suffix(newline) {
                removed.content.truncate(content.len());
            }
        }
    }
    removed
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
        .is_some_and(|last| body[last].trim_ascii().starts_with(MARKER_START));
    next - usize::from(marked)
}

/// Whether a key and its value are a line of ours.
type IsOurs = fn(&[u8], &[u8]) -> bool;

/// The lines of a body that we did not write.
fn not_ours<'a>(body: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut ours: Vec<IsOurs> = vec![
        |key, value| key == b"helper" && value.is_empty(),
        |key, value| {
            let value = String::from_utf8_lossy(value).replace(r"\\", r"\");
            key == b"helper" && super::helper_line::names_us(value.trim_matches('"'))
        },
        |key, value| key == b"usehttppath" && value == b"true",
    ];
    body.iter()
        .copied()
        .filter(|line| {
            let mut halves = line.splitn(2, |&byte| byte == b'=');
            let (Some(key), Some(value)) = (halves.next(), halves.next()) else {
                return true;
            };
            let key = key.trim_ascii().to_ascii_lowercase();
            let index = ours
                .iter()
                .position(|is_ours| is_ours(&key, value.trim_ascii()));
            index.map(|index| ours.remove(index)).is_none()
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
mod tests {
    use super::*;

    const URL: &str = "https://bitbucket.org";
    const SECTION: Section = Section {
        url: URL,
        helper: b"bitbucket",
    };

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn what_was_added_is_removed_without_a_trace() {
        for before in [
            "",
            "\n",
            "[user]\n\tname = x\n",
            "[user]\n\tname = x",
            "[user]\r\n\tname = x\r\n",
            "[user]\r\n\tname = x",
            "a\r",
            "a\r\nb\r",
            "\u{feff}[user]\n",
            "# comment",
            "x = \\\n",
            "[credential \"https://bitbucket.org\"]\n\tusername = me\n",
        ] {
            let with = SECTION.add(Some(before.as_bytes()));
            assert!(SECTION.is_in(&with), "{before:?}");
            let after = remove(&with, URL);
            assert_eq!(text(&after.content), before, "{before:?}");
            assert_eq!((after.sections, after.created), (1, false), "{before:?}");
            assert_eq!(text(&SECTION.add(Some(&with))), text(&with), "{before:?}");
        }
    }

    /// Random files out of pieces that matter to a parser: add, add again, remove.
    #[test]
    fn any_file_survives_the_round_trip() {
        const PIECES: [&[u8]; 16] = [
            b"\n",
            b"\r\n",
            b"\r",
            b" ",
            b"\t",
            b"[user]",
            b"[credential \"https://bitbucket.org\"]",
            b"helper =",
            b"helper = bitbucket",
            b"useHttpPath = true",
            b"#",
            b"\\",
            b"\"",
            b"\xff\xfe",
            b"\0",
            b"Added by git-credential",
        ];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut below = |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % limit).unwrap()
        };
        for _ in 0..20_000 {
            let file: Vec<u8> = (0..below(24))
                .flat_map(|_| PIECES[below(16)].iter().copied())
                .collect();
            let with = SECTION.add(Some(&file));
            assert_eq!(
                text(&SECTION.add(Some(&with))),
                text(&with),
                "{}",
                text(&file)
            );
            let after = remove(&with, URL);
            assert!(after.content == file, "{:?}", text(&file));
            assert!(!after.created);
        }
    }

    #[test]
    fn a_file_that_was_not_there_is_remembered_as_such() {
        let with = SECTION.add(None);
        let again = SECTION.add(Some(&with));
        assert_eq!(text(&again), text(&with));
        let after = remove(&again, URL);
        assert_eq!((&*after.content, after.created), (&b""[..], true));
    }

    #[test]
    fn what_others_wrote_stays() {
        let ours = "# Added by git-credential-bitbucket; x\n[credential \"https://bitbucket.org\"]\n\
            \thelper =\n\thelper = bitbucket\n\tuseHttpPath = true\n";
        let inside = ours.replace("\tuseHttp", "\tusername = me\n\thelper = cache\n\tuseHttp");
        let no_newline = ours.replace("; x", "; [no final newline]");
        for (file, kept) in [
            (
                format!("{ours}[user]\n\tname = x\n"),
                "[user]\n\tname = x\n",
            ),
            (format!("a\n{ours}\n# mine\n"), "a\n\n# mine\n"),
            (
                inside,
                "[credential \"https://bitbucket.org\"]\n\tusername = me\n\thelper = cache\n",
            ),
            (
                ours.replace("useHttpPath = true", "useHttpPath = false"),
                "[credential \"https://bitbucket.org\"]\n\tuseHttpPath = false\n",
            ),
            (format!("a\n{no_newline}"), "a"),
            (format!("a\n{no_newline}[b]\n"), "a\n[b]\n"),
            (format!("{ours}{ours}"), ""),
            ("# Added by git-credential-bitbucket\n[x]\n".into(), "[x]\n"),
            (
                ours.replace("= bitbucket", r#"= "/a\\ b\\#/git-credential-bitbucket""#),
                "",
            ),
            (ours.trim_end().into(), ""),
        ] {
            assert_eq!(text(&remove(file.as_bytes(), URL).content), kept, "{file}");
        }
    }

    #[test]
    fn a_value_is_quoted_for_the_file() {
        for (value, written) in [
            ("bitbucket", "bitbucket"),
            (r"/a\ b", r"/a\\ b"),
            (r"/a\#b", r#""/a\\#b""#),
            (r#"/a\"b"#, r#"/a\\\"b"#),
        ] {
            assert_eq!(text(&quoted(value.as_bytes())), written);
        }
    }
}
