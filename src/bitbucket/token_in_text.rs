//! The token in the text of a file or of a pipe: which line it is, and what else people put there
//! instead. Pure; whether such a token may be used is decided by `kind`.

use super::kind::{Shape, begins_as_ours, is_credential, shape};
use crate::reason::Reason;
use crate::secret::{Secret, trim};

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
    /// `$NAME`, `${NAME}`, `%NAME%` or `{{ name }}`, which nothing has replaced by its value.
    Variable,
    /// `$(command)`, which nothing has run.
    Command,
    /// The address of a page, of a file, or of a secret in some store.
    Address,
    /// The token between quotation marks.
    Quoted,
    /// A whole token, and something else beside it.
    Surrounded,
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
            Self::Command => Reason::fixed(
                "holds a command and not what it prints",
                "see why nothing ran it",
            ),
            Self::Address => Reason::fixed("holds an address", "put the token itself there"),
            Self::Surrounded => Reason::fixed(
                "holds other text beside the token",
                "leave nothing but the token there",
            ),
            Self::Quoted => {
                Reason::fixed("holds quotation marks around the token", "take them out")
            }
        }
    }
}

/// The first line that is not empty, without what nobody sees around it: white space, a byte
/// order mark.
///
/// # Errors
/// What is there instead of a token, where that can be told.
pub fn token_in(text: &[u8]) -> Result<Secret, NoToken> {
    if is_utf16(text) {
        return Err(NoToken::Utf16);
    }
    let mut lines = text.split(|&byte| byte == b'\n').map(trim);
    let line = lines
        .find(|line| !line.is_empty())
        .ok_or(NoToken::Nothing)?;
    let token = Secret::copy_of(line);
    match mistaken(&token) {
        Some(mistake) => Err(mistake),
        // What is never sent in any case says nothing, but what follows it may.
        None if shape(&token) == Shape::AccountPassword && lines.any(has_token) => {
            Err(NoToken::Surrounded)
        }
        None => Ok(token),
    }
}

/// What a secret is, if it is none but text that has one of ours inside.
pub fn around_token(secret: &Secret) -> Option<NoToken> {
    mistaken(secret).filter(|_| has_token(secret.expose()))
}

/// By its byte order mark, or by what ASCII becomes: every second byte is zero.
fn is_utf16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe")
        || text.starts_with(b"\xfe\xff")
        || matches!(text, [0, low, ..] if *low != 0)
        || matches!(text, [high, 0, ..] if *high != 0)
}

/// What a line is, if people write it for a token and it is none.
pub fn mistaken(line: &Secret) -> Option<NoToken> {
    let surrounded = || has_token(line.expose()).then_some(NoToken::Surrounded);
    match shape(line) {
        Shape::Known(_) => return None,
        // The `=` of a token is no assignment.
        Shape::Damaged(_) => return surrounded(),
        _ => {}
    }
    let text = line.expose_text().unwrap_or_default();
    let first = text.split([' ', ':']).next().unwrap_or_default();
    let is_header = ["authorization", "bearer", "basic"]
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word) && first.len() < text.len());
    if is_header {
        Some(NoToken::Header)
    } else if is_assignment(text) {
        Some(NoToken::Assignment)
    } else if is_variable(text) {
        Some(NoToken::Variable)
    } else if is_quoted(text) {
        Some(NoToken::Quoted)
    } else if is_command(text) {
        Some(NoToken::Command)
    } else if let Some(found) = surrounded() {
        Some(found)
    } else {
        is_address(text).then_some(NoToken::Address)
    }
}

/// Whether a whole token of ours stands in it.
fn has_token(text: &[u8]) -> bool {
    (0..text.len()).any(|start| {
        let rest = &text[start..];
        begins_as_ours(rest)
            && [&b"_-="[..], b"", b"-+/"].iter().any(|marks| {
                let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || marks.contains(byte);
                let length = rest.iter().take_while(is_part).count();
                matches!(shape(&Secret::copy_of(&rest[..length])), Shape::Known(_))
            })
    })
}

fn is_assignment(line: &str) -> bool {
    let words = ["export ", "set ", "setx ", "$env:"];
    let named = words.iter().find_map(|word| after(line, word));
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

/// What follows this word, in capitals or not.
fn after<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = line.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

fn is_variable(line: &str) -> bool {
    let between = |start: &str, end: &str| line.strip_prefix(start)?.strip_suffix(end);
    let names = [between("$", ""), between("%", "%"), after(line, "$env:")];
    names.into_iter().flatten().any(is_name)
        // What stands there is a name with something beside it: `${NAME:-}`.
        || [between("${", "}"), between("{{", "}}")]
            .into_iter()
            .flatten()
            .any(|inner| inner.contains(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

fn is_command(line: &str) -> bool {
    line.starts_with("$(") && line.ends_with(')')
        || line.len() > 2 && line.starts_with('`') && line.ends_with('`')
}

/// `op://…`, `https://…`, `file:///…`
fn is_address(line: &str) -> bool {
    line.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
    })
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
            format!("$Env:BITBUCKET_TOKEN=\"{TOKEN}\""),
            format!("SET BITBUCKET_TOKEN={TOKEN}"),
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
            ("$env:BITBUCKET_TOKEN", NoToken::Variable),
            ("${{ secrets.BITBUCKET_TOKEN }}", NoToken::Variable),
            ("${BITBUCKET_TOKEN:-}", NoToken::Variable),
            ("{{ bitbucket_token }}", NoToken::Variable),
            ("$(cat token)", NoToken::Command),
            ("`pass show bitbucket`", NoToken::Command),
            ("op://Private/Bitbucket/token", NoToken::Address),
            ("file:///run/secrets/bitbucket\n", NoToken::Address),
            ("https://bitbucket.org/acme/widgets", NoToken::Address),
        ];
        let assignments = assignments
            .iter()
            .map(|line| (&**line, NoToken::Assignment));
        let quoted = quoted.iter().map(|line| (&**line, NoToken::Quoted));
        for (text, expected) in rows.into_iter().chain(assignments).chain(quoted) {
            assert_eq!(read(text.as_bytes()), Err(expected), "{text:?}");
        }
    }

    fn whole() -> String {
        let body = format!("ATATT3xFfGF0{}=", "aB3_-".repeat(30));
        format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
    }

    /// Whatever it is, there is a token in it, and it is no account password.
    #[test]
    fn a_token_among_other_text_is_told_from_a_password() {
        let whole = &whole();
        for text in [
            "setx BITBUCKET_TOKEN TOKEN",
            "set -x BITBUCKET_TOKEN TOKEN",
            "BITBUCKET_TOKEN: TOKEN",
            "{\"token\": \"TOKEN\"}",
            "{\n  \"token\": \"TOKEN\"\n}\n",
            "machine bitbucket.org login x-token-auth password TOKEN",
            "https://x-token-auth:TOKEN@bitbucket.org/acme/widgets.git",
            "alice@example.com:TOKEN",
            "password=TOKEN",
            "username=alice\npassword=TOKEN\n",
            "# of 2026\nTOKEN\n",
            "TOKEN # of 2026",
            "TOKEN;",
            "TOKEN,",
            "<TOKEN>",
            "“TOKEN”",
            "\"TOKEN",
            "TOKEN TOKEN",
            "a\u{200b}TOKEN",
        ] {
            let text = text.replace("TOKEN", whole);
            assert_eq!(read(text.as_bytes()), Err(NoToken::Surrounded), "{text:?}");
        }
        assert_eq!(
            read(&[b"\xff ", whole.as_bytes()].concat()),
            Err(NoToken::Surrounded)
        );
    }

    /// Pages, chats and editors put characters beside a token that nobody sees.
    #[test]
    fn what_nobody_sees_beside_a_token_does_no_harm() {
        let whole = &whole();
        for text in [
            "\u{feff}\u{feff}TOKEN",
            "\u{200b}TOKEN\u{200b}\n",
            "\u{a0}TOKEN\u{a0}",
            "\u{2060}\u{200e} TOKEN\u{3000}\u{202c}\r\n",
            "TOKEN\u{2028}",
            "TOKEN\u{1a}",
            "TOKEN\0\n",
        ] {
            let text = text.replace("TOKEN", whole);
            assert_eq!(read(text.as_bytes()).as_ref(), Ok(whole), "{text:?}");
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
