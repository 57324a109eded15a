//! A file of Git's configuration as bytes: which bytes each character of a value comes from,
//! so that a line can be named, and a part of a value cut out while nothing else moves. Which
//! files there are, and whose, is told by Git (`config`).

use std::ops::Range;
use zeroize::Zeroizing;

/// A text as Git reads it, each byte with the bytes of the file that stand for it.
#[derive(Default)]
pub struct MappedText {
    /// What Git reads.
    pub bytes: Zeroizing<Vec<u8>>,
    /// For each of them, the bytes of the file.
    pub origins: Vec<Range<usize>>,
}

impl MappedText {
    fn push(&mut self, byte: u8, origin: Range<usize>) {
        self.bytes.push(byte);
        self.origins.push(origin);
    }

    fn followed_by(mut self, other: &Self) -> Self {
        let at = other.origins.first().map_or(0, |first| first.start);
        self.push(b'.', at..at);
        for (byte, origin) in other.bytes.iter().zip(&other.origins) {
            self.push(*byte, origin.clone());
        }
        self
    }

    /// The ranges of the file that a part of the text comes from. Quotes and continued
    /// lines between them belong to nobody.
    pub fn cuts(&self, part: Range<usize>) -> Vec<Range<usize>> {
        let mut cuts: Vec<Range<usize>> = Vec::new();
        for origin in &self.origins[part] {
            match cuts.last_mut() {
                Some(last) if last.end == origin.start => last.end = origin.end,
                _ => cuts.push(origin.clone()),
            }
        }
        cuts
    }

    /// As text, as well as it can be read.
    pub fn lossy(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// `[name "subsection"]`
#[derive(Default)]
pub struct SectionHeader {
    /// In lower case.
    pub name: String,
    /// As written; in lower case in the old form, `[name.subsection]`.
    pub subsection: Option<MappedText>,
    /// Behind its `]`.
    pub end: usize,
}

/// `key = value`
pub struct WrittenSetting {
    /// Which header it is below.
    pub header: usize,
    /// In lower case.
    pub key: String,
    /// Without quotes; empty if there is none.
    pub value: MappedText,
    /// Its whole lines; without the line's end if its header stands before it.
    pub range: Range<usize>,
}

/// A file's headers and settings.
#[derive(Default)]
pub struct ConfigText {
    /// In the order of the file.
    pub headers: Vec<SectionHeader>,
    /// In the order of the file.
    pub settings: Vec<WrittenSetting>,
}

impl ConfigText {
    /// Reads a whole file; `None` where Git would not read it either.
    pub fn parse(content: &[u8]) -> Option<Self> {
        let mut reader = Reader { content, at: 0 };
        let mut text = Self::default();
        if content.starts_with(b"\xef\xbb\xbf") {
            reader.at = 3;
        }
        while let Some(byte) = reader.peek() {
            match byte {
                b'#' | b';' => reader.skip_line(),
                b'[' => {
                    let header = reader.header()?;
                    text.headers.push(header);
                }
                byte if is_space(byte) => reader.at += 1,
                byte if byte.is_ascii_alphabetic() => {
                    if text.headers.is_empty() {
                        // Git reads what is in no section as well.
                        text.headers.push(SectionHeader::default());
                    }
                    let setting = reader.setting(text.headers.len() - 1)?;
                    text.settings.push(setting);
                }
                _ => return None,
            }
        }
        Some(text)
    }

    /// The last value of `section.key`; both in lower case.
    pub fn value(&self, section: &str, key: &str) -> Option<String> {
        let found = self.settings.iter().rfind(|setting| {
            let header = &self.headers[setting.header];
            header.name == section && header.subsection.is_none() && setting.key == key
        });
        found.map(|setting| setting.value.lossy())
    }
}

/// What Git calls white space.
fn is_space(byte: u8) -> bool {
    b" \t\n\r".contains(&byte)
}

struct Reader<'a> {
    content: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next byte; the two of a Windows line end are one newline.
    fn peek(&self) -> Option<u8> {
        match self.content.get(self.at..)? {
            [b'\r', b'\n', ..] => Some(b'\n'),
            [byte, ..] => Some(*byte),
            [] => None,
        }
    }

    /// Takes it, with its range.
    fn next(&mut self) -> Option<(u8, Range<usize>)> {
        let start = self.at;
        let byte = self.peek()?;
        self.at += if byte == b'\n' && self.content[start] == b'\r' {
            2
        } else {
            1
        };
        Some((byte, start..self.at))
    }

    fn skip_line(&mut self) {
        while let Some((byte, _)) = self.next() {
            if byte == b'\n' {
                break;
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| b" \t".contains(&byte)) {
            self.at += 1;
        }
    }

    fn header(&mut self) -> Option<SectionHeader> {
        self.at += 1;
        let mut name = String::new();
        let mut subsection: Option<MappedText> = None;
        let mut dotted = 0;
        loop {
            let (byte, range) = self.next()?;
            match byte {
                b']' => break,
                byte if is_space(byte) && byte != b'\n' => {
                    while self
                        .peek()
                        .is_some_and(|byte| is_space(byte) && byte != b'\n')
                    {
                        self.at += 1;
                    }
                    let quoted = self.subsection()?;
                    subsection = Some(match subsection.take() {
                        // Both forms at once make one name.
                        Some(dotted) => dotted.followed_by(&quoted),
                        None => quoted,
                    });
                    if self.next()?.0 != b']' {
                        return None;
                    }
                    break;
                }
                // The old form, `[name.subsection]`, in lower case.
                b'.' if subsection.is_none() => {
                    subsection = Some(MappedText::default());
                    dotted = 1;
                }
                byte if byte.is_ascii_alphanumeric() || b"-.".contains(&byte) => {
                    let byte = byte.to_ascii_lowercase();
                    match &mut subsection {
                        Some(text) if dotted == 1 => text.push(byte, range),
                        _ => name.push(char::from(byte)),
                    }
                }
                _ => return None,
            }
        }
        let end = self.at;
        Some(SectionHeader {
            name,
            subsection,
            end,
        })
    }

    /// A subsection in quotes.
    fn subsection(&mut self) -> Option<MappedText> {
        let mut text = MappedText::default();
        if self.next()?.0 != b'"' {
            return None;
        }
        loop {
            let (byte, range) = self.next()?;
            match byte {
                b'"' => return Some(text),
                b'\n' => return None,
                b'\\' => {
                    let (byte, escaped) = self.next()?;
                    if byte == b'\n' {
                        return None;
                    }
                    text.push(byte, range.start..escaped.end);
                }
                byte => text.push(byte, range),
            }
        }
    }

    fn setting(&mut self, header: usize) -> Option<WrittenSetting> {
        let start = self.at;
        let mut key = String::new();
        while let Some(byte) = self.peek() {
            if !(byte.is_ascii_alphanumeric() || byte == b'-') {
                break;
            }
            key.push(char::from(byte.to_ascii_lowercase()));
            self.at += 1;
        }
        self.skip_blanks();
        let value = match self.next() {
            None | Some((b'\n', _)) => MappedText::default(),
            Some((b'=', _)) => self.value()?,
            // `key # comment` is none of Git's forms.
            Some(_) => return None,
        };
        let line_start = self.content[..start]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let indented = &self.content[line_start..start];
        let range = if indented.trim_ascii().is_empty() {
            line_start..self.at
        } else {
            // The line is its header's, too.
            let taken = &self.content[start..self.at];
            let taken = taken.strip_suffix(b"\n").unwrap_or(taken);
            start..start + taken.strip_suffix(b"\r").unwrap_or(taken).len()
        };
        Some(WrittenSetting {
            header,
            key,
            value,
            range,
        })
    }

    /// A value up to the end of its line, which is taken as well.
    fn value(&mut self) -> Option<MappedText> {
        let mut text = MappedText::default();
        let mut quoted = false;
        // How much of the text is certainly no white space at its end.
        let mut solid = 0;
        while let Some((byte, range)) = self.next() {
            match byte {
                b'\n' if quoted => return None,
                b'\n' => break,
                b'#' | b';' if !quoted => {
                    self.skip_line();
                    break;
                }
                b'"' => quoted = !quoted,
                b'\\' => {
                    // The end of the file is the end of a line.
                    let Some((escape, rest)) = self.next() else {
                        break;
                    };
                    let byte = match escape {
                        b'\n' => continue,
                        b't' => b'\t',
                        b'b' => 8,
                        b'n' => b'\n',
                        b'\\' | b'"' => escape,
                        _ => return None,
                    };
                    text.push(byte, range.start..rest.end);
                    solid = text.origins.len();
                }
                byte if !quoted && is_space(byte) => {
                    if !text.origins.is_empty() {
                        text.push(byte, range);
                    }
                }
                byte => {
                    text.push(byte, range);
                    solid = text.origins.len();
                }
            }
        }
        if quoted {
            return None;
        }
        text.bytes.truncate(solid);
        text.origins.truncate(solid);
        Some(text)
    }
}
