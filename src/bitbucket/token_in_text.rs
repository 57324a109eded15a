//! The token in the text of a file or of a pipe: which line it is, and what else people put there
//! instead. Pure; whether such a token may be used is decided by `kind`.

use super::kind::is_credential;
use crate::reason::Reason;
use crate::secret::Secret;

/// What stands where the token should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoToken {
    /// Nothing but white space.
    Nothing,
    /// Text of two bytes a character, as `>` of older versions of `PowerShell` writes it.
    Utf16,
    /// `Authorization: …`, `Bearer …` or `Basic …`.
    Header,
    /// `NAME=value`, with or without `export`.
    Assignment,
    /// `$NAME`, `${NAME}` or `%NAME%`, which nothing has replaced by its value.
    Variable,
    /// The token between quotation marks.
    Quoted,
}

impl NoToken {
    /// What is there and what to do, after a word that names the place: "it", for example.
    pub fn explanation(self) -> Reason {
        match self {
            Self::Nothing => Reason::fixed("holds no token", "put one there"),
            Self::Utf16 => Reason::fixed(
                "is written in UTF-16, as older PowerShells do",
                "write it as UTF-8, for example with Set-Content -Encoding ascii",
            ),
            Self::Header => Reason::fixed(
                "holds a header of a request",
                "leave nothing but the token there",
            ),
            Self::Assignment => Reason::fixed(
                "holds the assignment of a variable",
                "leave nothing but the value there, without its name",
            ),
            Self::Variable => Reason::fixed(
                "holds the name of a variable and not its value",
                "see why nothing replaced the name",
            ),
            Self::Quoted => {
                Reason::fixed("holds quotation marks around the token", "take them out")
            }
        }
    }
}

/// The first line that is not empty, without white space around it and without a byte order
/// mark before it.
///
/// # Errors
/// What is there instead of a token, where that can be told.
pub fn token_in(text: &[u8]) -> Result<Secret, NoToken> {
    const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
    if is_utf16(text) {
        return Err(NoToken::Utf16);
    }
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let line = lines
        .find(|line| !line.is_empty())
        .ok_or(NoToken::Nothing)?;
    match std::str::from_utf8(line).ok().and_then(mistaken) {
        Some(mistake) => Err(mistake),
        None => Ok(Secret::copy_of(line)),
    }
}

/// By its byte order mark, or by what ASCII becomes: every second byte is zero.
fn is_utf16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe")
        || text.starts_with(b"\xfe\xff")
        || matches!(text, [0, low, ..] if *low != 0)
        || matches!(text, [high, 0, ..] if *high != 0)
}

/// What a line is, if people write it for a token and it is none.
fn mistaken(line: &str) -> Option<NoToken> {
    // The `=` of a token is no assignment.
    if is_credential(line) {
        return None;
    }
    let first = line.split([' ', ':']).next().unwrap_or_default();
    let is_header = ["authorization", "bearer", "basic"]
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word) && first.len() < line.len());
    if is_header {
        Some(NoToken::Header)
    } else if is_assignment(line) {
        Some(NoToken::Assignment)
    } else if is_variable(line) {
        Some(NoToken::Variable)
    } else if is_quoted(line) {
        Some(NoToken::Quoted)
    } else {
        None
    }
}

fn is_assignment(line: &str) -> bool {
    let words = ["export ", "set ", "setx ", "$env:"];
    let named = words.iter().find_map(|word| line.strip_prefix(word));
    let Some((name, value)) = named.unwrap_or(line).trim_start().split_once('=') else {
        return false;
    };
    let name = name.trim_end();
    // Without a word before it, only the usual capitals make it a name for certain.
    let is_usual = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    is_name(name)
        && !value.trim().is_empty()
        && (named.is_some() || name.len() > 1 && name.chars().all(is_usual))
}

fn is_variable(line: &str) -> bool {
    let between = |start: &str, end: &str| line.strip_prefix(start)?.strip_suffix(end);
    let names = [between("$", ""), between("${", "}"), between("%", "%")];
    names.into_iter().flatten().any(is_name)
}

fn is_quoted(line: &str) -> bool {
    ['"', '\'', '`'].into_iter().any(|mark| {
        let inner = line
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark));
        inner.is_some_and(is_credential)
    })
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ATATT3xFfGF0cut-off=0A1B2C3D";

    fn read(text: &[u8]) -> Result<String, NoToken> {
        token_in(text).map(|token| token.expose_text().unwrap_or("no text").to_owned())
    }

    #[test]
    fn the_first_line_that_is_not_empty_is_the_token() {
        for text in [
            "TOKEN",
            "TOKEN\n",
            "TOKEN\r\n",
            " TOKEN\t\n",
            "\n\r\n  \nTOKEN\nmore\n",
            "\u{feff}TOKEN\r\n",
            "\u{feff}\n\nTOKEN",
            "TOKEN\n\n",
        ] {
            let text = text.replace("TOKEN", TOKEN);
            assert_eq!(read(text.as_bytes()).as_deref(), Ok(TOKEN), "{text:?}");
        }
    }

    #[test]
    fn what_stands_in_its_place_is_named() {
        let quoted = ["\"", "'", "`"].map(|mark| format!("{mark}{TOKEN}{mark}"));
        let header = format!("Bearer {TOKEN}");
        let assignments = [
            format!("export BITBUCKET_TOKEN={TOKEN}"),
            format!("BITBUCKET_TOKEN={TOKEN}"),
            format!("BITBUCKET_TOKEN='{TOKEN}'"),
            format!("set BITBUCKET_TOKEN={TOKEN}"),
            format!("$env:BITBUCKET_TOKEN = \"{TOKEN}\""),
            format!("export  token={TOKEN}"),
        ];
        let rows = [
            ("", NoToken::Nothing),
            ("\n \r\n\t", NoToken::Nothing),
            ("\u{feff}", NoToken::Nothing),
            (&header, NoToken::Header),
            ("bearer x", NoToken::Header),
            ("Authorization: Basic YWxpY2U6eA==", NoToken::Header),
            ("$BITBUCKET_TOKEN", NoToken::Variable),
            ("${BITBUCKET_TOKEN}", NoToken::Variable),
            ("%BITBUCKET_TOKEN%\r\n", NoToken::Variable),
        ];
        let assignments = assignments
            .iter()
            .map(|line| (&**line, NoToken::Assignment));
        let quoted = quoted.iter().map(|line| (&**line, NoToken::Quoted));
        for (text, expected) in rows.into_iter().chain(assignments).chain(quoted) {
            assert_eq!(read(text.as_bytes()), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn utf16_is_told_by_its_mark_and_by_its_zeros() {
        let little: Vec<u8> = TOKEN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = TOKEN.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for text in [
            [b"\xff\xfe", &little[..]].concat(),
            [b"\xfe\xff", &big[..]].concat(),
            little,
            big,
        ] {
            assert_eq!(read(&text), Err(NoToken::Utf16));
        }
    }

    /// What may be a secret of some form goes on to where forms are judged.
    #[test]
    fn nothing_else_is_taken_for_a_mistake() {
        for text in [
            TOKEN,
            "hunter2",
            "Bearer",
            "a=b",
            "correct horse",
            "x=",
            "SECRET=",
            "$",
            "%%",
            "${}",
            "$1",
            "\"hunter2\"",
            "1A=2",
        ] {
            assert_eq!(read(text.as_bytes()).as_deref(), Ok(text));
        }
        assert!(token_in(b"\xffabc").is_ok_and(|token| token.expose() == b"\xffabc"));
    }
}
