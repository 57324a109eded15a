//! What a secret's form tells, before anything is sent anywhere: `OWN` has how ours begin and are
//! made, `FOREIGN` how the secrets of other services begin; [`shape`] reads both.

use super::Kind;
use crate::secret::Secret;
use crate::trace::Harmless;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// What a secret looks like, before anything is sent anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One of ours, its checksum right.
    Known(Kind),
    /// Begins like one of ours, but its form or checksum is wrong: cut off or mistyped.
    Damaged(Kind),
    /// 20 letters and digits: an app password of the old style, or anything at all.
    PerhapsAppPassword,
    /// Another service's secret, by its name.
    Foreign(&'static str),
    /// Short, or with white space: what people choose themselves. Never sent.
    AccountPassword,
    /// Long and unknown: sent only after a clear yes.
    Unrecognised,
}

/// The name of the shape, and of the service.
impl Harmless for Shape {
    fn tell(&self, line: &mut String) {
        // Nothing of the secret is in it. Writing to a String cannot fail.
        let _ = write!(line, "{self:?}");
    }
}

/// How the secrets of one kind are made.
struct Form {
    kind: Kind,
    /// How they begin; no two kinds alike.
    prefix: &'static str,
    /// Whether what comes behind the prefix is right.
    is_whole: fn(&[u8]) -> bool,
    /// Whether the last eight characters are the CRC-32 of all before, in upper-case hexadecimal.
    /// Undocumented, hence never a hard stop.
    has_checksum: bool,
}

/// Every kind that its secrets tell.
const OWN: [Form; 4] = [
    Form {
        kind: Kind::ApiToken,
        prefix: "ATATT",
        is_whole: |rest| is_token_body(rest, b"3xFfGF0"),
        has_checksum: true,
    },
    Form {
        kind: Kind::AccessToken,
        prefix: "ATCTT",
        is_whole: |rest| is_token_body(rest, b"3xFfGN0"),
        has_checksum: true,
    },
    Form {
        kind: Kind::AppPassword,
        prefix: "ATBB",
        is_whole: |rest| rest.len() == 24 && rest.iter().all(u8::is_ascii_alphanumeric),
        has_checksum: true,
    },
    Form {
        kind: Kind::HttpToken,
        prefix: "BBDC-",
        is_whole: is_http_token_body,
        has_checksum: false,
    },
];

/// Beginnings of secrets that belong elsewhere. Source: the services' own documentation
/// of their token formats.
const FOREIGN: [(&str, &str); 21] = [
    ("ghp_", "a GitHub personal access token"),
    ("gho_", "a GitHub OAuth token"),
    ("ghu_", "a GitHub user token"),
    ("ghs_", "a GitHub server token"),
    ("ghr_", "a GitHub refresh token"),
    ("github_pat_", "a GitHub fine-grained token"),
    ("glpat-", "a GitLab personal access token"),
    ("gloas-", "a GitLab application secret"),
    ("gldt-", "a GitLab deploy token"),
    ("glrt-", "a GitLab runner token"),
    ("glcbt-", "a GitLab CI job token"),
    ("glptt-", "a GitLab trigger token"),
    ("-----BEGIN", "a private key or certificate"),
    ("PuTTY-User-Key-File", "a private key"),
    ("ssh-", "an SSH public key"),
    ("AKIA", "an AWS access key"),
    ("ASIA", "an AWS access key"),
    ("xox", "a Slack token"),
    ("sk-", "an AI service's key"),
    ("npm_", "an npm token"),
    ("pypi-", "a PyPI token"),
];

/// Below this many characters an unknown secret is taken for a password a person chose.
const SHORTEST_UNKNOWN: usize = 40;

/// Whether a text is a credential of ours, whole or damaged, where none belongs: it must
/// neither be shown nor kept as anything else.
pub fn is_credential(text: &str) -> bool {
    matches!(
        shape(&Secret::copy_of(text.as_bytes())),
        Shape::Known(_) | Shape::Damaged(_)
    )
}

/// Whether a text begins as a credential of ours does.
pub(in crate::bitbucket) fn begins_as_ours(text: &[u8]) -> bool {
    let mut prefixes = OWN.iter().map(|form| form.prefix.as_bytes());
    prefixes.any(|prefix| text.starts_with(prefix))
}

/// Reads the kind off the secret's form. The caller trims white space at the ends first.
pub fn shape(secret: &Secret) -> Shape {
    let bytes = secret.expose();
    for (prefix, name) in FOREIGN {
        if bytes.starts_with(prefix.as_bytes()) {
            return Shape::Foreign(name);
        }
    }
    for form in OWN {
        if let Some(rest) = bytes.strip_prefix(form.prefix.as_bytes()) {
            return if form.fits(bytes, rest) {
                Shape::Known(form.kind)
            } else {
                Shape::Damaged(form.kind)
            };
        }
    }
    let Some(text) = secret.expose_text() else {
        return Shape::AccountPassword;
    };
    if bytes.len() == 20 && bytes.iter().all(u8::is_ascii_alphanumeric) {
        Shape::PerhapsAppPassword
    } else if text.chars().count() < SHORTEST_UNKNOWN
        || text.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        Shape::AccountPassword
    } else if is_bare_http_token(text) {
        Shape::Known(Kind::HttpToken)
    } else {
        Shape::Unrecognised
    }
}

impl Form {
    /// Whether a secret that begins so is whole; `rest` is what comes behind the prefix.
    fn fits(&self, secret: &[u8], rest: &[u8]) -> bool {
        if !self.has_checksum {
            return (self.is_whole)(rest);
        }
        let Some((body, checksum)) = rest.split_last_chunk::<8>() else {
            return false;
        };
        let before = &secret[..secret.len() - checksum.len()];
        (self.is_whole)(body) && *checksum == *format!("{:08X}", crc32fast::hash(before)).as_bytes()
    }
}

impl Kind {
    /// How its secrets begin; empty if that tells nothing.
    pub fn prefix(self) -> &'static str {
        let form = OWN.iter().find(|form| form.kind == self);
        form.map_or("", |form| form.prefix)
    }
}

/// `<beginning>[0-9A-Za-z_-]{80,800}=`
fn is_token_body(rest: &[u8], beginning: &[u8]) -> bool {
    rest.strip_prefix(beginning)
        .and_then(|rest| rest.strip_suffix(b"="))
        .is_some_and(|middle| {
            (80..=800).contains(&middle.len())
                && middle
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
        })
}

/// 44 characters of base64.
fn is_http_token_body(bytes: &[u8]) -> bool {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    bytes.len() == 44 && bytes.iter().all(is_base64)
}

/// The form of HTTP access tokens before they had a beginning of their own: 44 characters of
/// base64 that begin with a decimal number and a colon.
fn is_bare_http_token(text: &str) -> bool {
    let mut decoded = Zeroizing::new([0; 33]);
    let whole = BASE64_STANDARD_NO_PAD.decode_slice(text, &mut *decoded);
    if text.len() != 44 || whole.is_err() {
        return false;
    }
    let digits = decoded
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    digits > 0 && decoded.get(digits) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_checksum(body: &str) -> String {
        format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
    }

    fn of(text: &str) -> Shape {
        shape(&Secret::copy_of(text.as_bytes()))
    }

    #[test]
    fn whole_tokens_are_known_and_damaged_ones_are_not() {
        let middle = "aB3_-".repeat(30);
        let api = with_checksum(&format!("ATATT3xFfGF0{middle}="));
        let access = with_checksum(&format!("ATCTT3xFfGN0{middle}="));
        let app = with_checksum("ATBBabcdefghijklmnopqrstuvwx");
        assert_eq!(of(&api), Shape::Known(Kind::ApiToken));
        assert_eq!(of(&access), Shape::Known(Kind::AccessToken));
        assert_eq!(of(&app), Shape::Known(Kind::AppPassword));
        for (whole, kind) in [
            (api, Kind::ApiToken),
            (access, Kind::AccessToken),
            (app, Kind::AppPassword),
        ] {
            assert_eq!(of(&whole[..whole.len() - 1]), Shape::Damaged(kind));
            assert_eq!(of(&whole[..whole.len() - 9]), Shape::Damaged(kind));
            assert_eq!(of(&format!("{whole}x")), Shape::Damaged(kind));
            assert_eq!(of(&whole.replacen('a', "b", 1)), Shape::Damaged(kind));
            assert_eq!(
                of(&format!("{} {}", &whole[..15], &whole[15..])),
                Shape::Damaged(kind)
            );
        }
        assert_eq!(of("ATATT"), Shape::Damaged(Kind::ApiToken));
    }

    #[test]
    fn a_right_checksum_does_not_make_up_for_a_wrong_form() {
        let middle = "x".repeat(80);
        for (body, kind) in [
            (format!("ATATT3xFfGF0{middle}"), Kind::ApiToken),
            (format!("ATATT3xFfGN0{middle}="), Kind::ApiToken),
            (format!("ATATT3xFfGF0{middle}.="), Kind::ApiToken),
            (format!("ATCTT3xFfGF0{middle}="), Kind::AccessToken),
            ("ATBBabcdefghijklmnopqrstuvw".into(), Kind::AppPassword),
            ("ATBBabcdefghijklmnopqrstuvwxy".into(), Kind::AppPassword),
            ("ATBBabcdefghijklmnopqrstuvw-".into(), Kind::AppPassword),
        ] {
            let token = with_checksum(&body);
            assert_eq!(of(&token), Shape::Damaged(kind), "{token}");
        }
    }

    #[test]
    fn the_length_of_a_token_has_two_ends() {
        for (length, known) in [(79, false), (80, true), (800, true), (801, false)] {
            let token = with_checksum(&format!("ATATT3xFfGF0{}=", "x".repeat(length)));
            assert_eq!(
                of(&token) == Shape::Known(Kind::ApiToken),
                known,
                "{length}"
            );
        }
    }

    #[test]
    fn tokens_of_a_data_center_have_a_form_and_no_checksum() {
        for (text, expected) in [
            (
                "BBDC-MDM0MjM5NDc2MDxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                Shape::Damaged(Kind::HttpToken),
            ),
            (
                "BBDC-MDM0MjM5NDc2MDU1OqCXLhGfeWCzIv7XJsSq0XJBb4Vi",
                Shape::Known(Kind::HttpToken),
            ),
            (
                "BBDC-MDM0MjM5NDc2MDU1OqCXLhGfeWCzIv7XJsSq0XJBb4V_",
                Shape::Damaged(Kind::HttpToken),
            ),
            (
                "MDM0MjM5NDc2MDU1OqCXLhGfeWCzIv7XJsSq0XJBb4Vi",
                Shape::Known(Kind::HttpToken),
            ),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn everything_else_is_judged_unsent() {
        for (text, expected) in [
            ("hunter2", Shape::AccountPassword),
            ("", Shape::AccountPassword),
            (
                "correct horse battery staple and a few more words",
                Shape::AccountPassword,
            ),
            ("0123456789abcdefABCD", Shape::PerhapsAppPassword),
            ("0123456789abcdefABC", Shape::AccountPassword),
            ("0123456789abcdefABC!", Shape::AccountPassword),
            (
                "p\u{e4}ssw\u{f6}rter-sind-so-eine-sache-39-zeich",
                Shape::AccountPassword,
            ),
            (
                "0123456789012345678901234567890123456789",
                Shape::Unrecognised,
            ),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x",
                Shape::Unrecognised,
            ),
            (
                "ghp_0123456789abcdef",
                Shape::Foreign("a GitHub personal access token"),
            ),
            (
                "glpat-xxxxxxxx",
                Shape::Foreign("a GitLab personal access token"),
            ),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----",
                Shape::Foreign("a private key or certificate"),
            ),
            (
                "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZn",
                Shape::Unrecognised,
            ),
            // A colon without a number before it, a number without a colon behind it.
            (
                "OmFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6QUJDREVG",
                Shape::Unrecognised,
            ),
            (
                "MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3",
                Shape::Unrecognised,
            ),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn static_names_select_a_kind() {
        assert_eq!(
            Kind::with_static_name("x-token-auth"),
            Some(Kind::AccessToken)
        );
        assert_eq!(
            Kind::with_static_name("x-bitbucket-api-token-auth"),
            Some(Kind::ApiToken)
        );
        assert_eq!(Kind::with_static_name("alice"), None);
        assert_eq!(Kind::ApiToken.git_username(Some("alice")), Some("alice"));
        assert_eq!(
            Kind::ApiToken.git_username(None),
            Some("x-bitbucket-api-token-auth")
        );
        assert_eq!(
            Kind::AccessToken.git_username(Some("alice")),
            Some("x-token-auth")
        );
        assert_eq!(Kind::AppPassword.git_username(None), None);
    }
}
