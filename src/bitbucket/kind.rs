//! Kinds of credentials: what each is called, how it looks, under which name Git and
//! the REST API take it. The table [`KINDS`] has the kinds, `FOREIGN` how the secrets of other
//! services begin, `is_whole` the whole form of ours; [`shape`] reads them.

use crate::secret::Secret;
use crate::trace::Harmless;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// A kind of application credential. An account password is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An Atlassian API token with scopes.
    ApiToken,
    /// An access token of a repository, project or workspace.
    AccessToken,
    /// An app password; Bitbucket Cloud removed them on 2026-07-28, the server decides.
    AppPassword,
}

/// The name under which Git authenticates a kind over HTTP Basic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitName {
    /// The account's username if it is known, else this static one.
    OwnOr(&'static str),
    /// Always this static name: the credential belongs to no account.
    Static(&'static str),
    /// Only the account's username.
    Own,
}

/// How the REST API authenticates a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestScheme {
    /// Basic with the Atlassian account's e-mail address.
    Email,
    /// Basic with the Bitbucket username.
    Username,
    /// `Authorization: Bearer`.
    Bearer,
}

/// What is known of a kind.
#[derive(Debug)]
pub struct Facts {
    /// Which kind this row describes.
    pub kind: Kind,
    /// As in `--kind` and in what is stored.
    pub id: &'static str,
    /// As people say it, without an article.
    pub name: &'static str,
    /// With its article, for the middle of a sentence.
    pub with_article: &'static str,
    /// How it begins.
    pub prefix: &'static str,
    /// The name for Git.
    pub git_name: GitName,
    /// The scheme for REST.
    pub rest: RestScheme,
    /// The scope a clone or fetch needs, in the words of this kind.
    pub read_scope: &'static str,
    /// The scope a push needs besides.
    pub write_scope: &'static str,
    /// Whether that scope alone is enough to read as well.
    pub write_includes_read: bool,
    /// What a person pastes, and what to expect.
    pub paste: &'static str,
}

/// Every kind. Source: `docs/credentials.md`.
pub const KINDS: [Facts; 3] = [
    Facts {
        kind: Kind::ApiToken,
        id: "api-token",
        name: "API token",
        with_article: "an API token",
        prefix: "ATATT",
        git_name: GitName::OwnOr("x-bitbucket-api-token-auth"),
        rest: RestScheme::Email,
        read_scope: "read:repository:bitbucket",
        write_scope: "write:repository:bitbucket",
        write_includes_read: false,
        paste: "the token; the right user name is found for you",
    },
    Facts {
        kind: Kind::AccessToken,
        id: "access-token",
        name: "access token",
        with_article: "an access token",
        prefix: "ATCTT",
        git_name: GitName::Static("x-token-auth"),
        rest: RestScheme::Bearer,
        read_scope: "repository",
        write_scope: "repository:write",
        write_includes_read: true,
        paste: "the token, be it of a repository, a project or a workspace",
    },
    Facts {
        kind: Kind::AppPassword,
        id: "app-password",
        name: "app password",
        with_article: "an app password",
        prefix: "ATBB",
        git_name: GitName::Own,
        rest: RestScheme::Username,
        read_scope: "Repositories: Read",
        write_scope: "Repositories: Write",
        write_includes_read: true,
        paste: "the password; Bitbucket removed them in July 2026, so expect a refusal",
    },
];

/// The names for Git that belong to no account.
pub fn static_names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter_map(|row| match row.git_name {
        GitName::OwnOr(name) | GitName::Static(name) => Some(name),
        GitName::Own => None,
    })
}

impl Kind {
    /// The table's row.
    pub fn facts(self) -> &'static Facts {
        match self {
            Self::ApiToken => &KINDS[0],
            Self::AccessToken => &KINDS[1],
            Self::AppPassword => &KINDS[2],
        }
    }

    /// The kind with this `--kind` name.
    pub fn with_id(id: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.id == id).map(|row| row.kind)
    }

    /// The kind that a static Git user name selects: such a name is no account's.
    pub fn with_static_name(name: &str) -> Option<Self> {
        KINDS
            .iter()
            .find(|row| match row.git_name {
                GitName::OwnOr(fixed) | GitName::Static(fixed) => fixed == name,
                GitName::Own => false,
            })
            .map(|row| row.kind)
    }

    /// The name to give Git, from the account's username; `None` if one is needed and unknown.
    pub fn git_username(self, username: Option<&str>) -> Option<&str> {
        match self.facts().git_name {
            GitName::OwnOr(fixed) => Some(username.unwrap_or(fixed)),
            GitName::Static(fixed) => Some(fixed),
            GitName::Own => username,
        }
    }
}

/// What an access token is bound to. All three look and authenticate the same: only the
/// server tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// One repository.
    Repository,
    /// The repositories of one project.
    Project,
    /// The repositories of one workspace.
    Workspace,
}

/// Every holder, as people say it and as `x-credential-type` does.
pub const HOLDERS: [(Holder, &str, &str); 3] = [
    (Holder::Repository, "repository", "repo_access_token"),
    (Holder::Project, "project", "project_access_token"),
    (Holder::Workspace, "workspace", "workspace_access_token"),
];

impl Holder {
    /// The holder that `x-credential-type` names; other credentials have none.
    pub fn with_credential_type(value: &str) -> Option<Self> {
        let row = HOLDERS.iter().find(|(_, _, name)| *name == value);
        row.map(|(holder, _, _)| *holder)
    }
}

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

/// Beginnings of secrets that belong elsewhere. Source: the services' own documentation
/// of their token formats.
const FOREIGN: [(&str, &str); 22] = [
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
    ("BBDC-", "a Bitbucket Data Center token"),
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

/// Reads the kind off the secret's form. The caller trims white space at the ends first.
pub fn shape(secret: &Secret) -> Shape {
    let bytes = secret.expose();
    for (prefix, name) in FOREIGN {
        if bytes.starts_with(prefix.as_bytes()) {
            return Shape::Foreign(name);
        }
    }
    for row in &KINDS {
        if bytes.starts_with(row.prefix.as_bytes()) {
            return if is_whole(row.kind, bytes) {
                Shape::Known(row.kind)
            } else {
                Shape::Damaged(row.kind)
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
    } else if is_data_center_token(text) {
        Shape::Foreign("a Bitbucket Data Center token")
    } else {
        Shape::Unrecognised
    }
}

/// Whether form and checksum are right: the last eight characters are the CRC-32 of all
/// before, in upper-case hexadecimal (undocumented, hence never a hard stop).
fn is_whole(kind: Kind, bytes: &[u8]) -> bool {
    let Some((rest, checksum)) = bytes.split_last_chunk::<8>() else {
        return false;
    };
    let form = match kind {
        Kind::ApiToken => has_token_form(rest, b"ATATT3xFfGF0"),
        Kind::AccessToken => has_token_form(rest, b"ATCTT3xFfGN0"),
        Kind::AppPassword => rest.len() == 28 && rest.iter().all(u8::is_ascii_alphanumeric),
    };
    form && *checksum == *format!("{:08X}", crc32fast::hash(rest)).as_bytes()
}

/// `<prefix>[0-9A-Za-z_-]{80,800}=`
fn has_token_form(rest: &[u8], prefix: &[u8]) -> bool {
    rest.strip_prefix(prefix)
        .and_then(|rest| rest.strip_suffix(b"="))
        .is_some_and(|middle| {
            (80..=800).contains(&middle.len())
                && middle
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
        })
}

/// The bare form of Data Center tokens: 44 characters of base64 that begin with a
/// decimal number and a colon.
fn is_data_center_token(text: &str) -> bool {
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

    /// One row of the table in `docs/credentials.md`.
    fn documented(row: &Facts) -> String {
        let git = match row.git_name {
            GitName::OwnOr(name) => format!("the account's username, or `{name}`"),
            GitName::Static(name) => format!("`{name}`"),
            GitName::Own => "the account's username".to_owned(),
        };
        let rest = match row.rest {
            RestScheme::Email => "Basic, e-mail address",
            RestScheme::Username => "Basic, username",
            RestScheme::Bearer => "Bearer",
        };
        let besides = if row.write_includes_read {
            ""
        } else {
            " as well"
        };
        format!(
            "| {} | `{}` | `{}` | {git} | {rest} | `{}` | `{}`{besides} |",
            row.name, row.id, row.prefix, row.read_scope, row.write_scope
        )
    }

    #[test]
    fn the_documented_table_is_this_one() {
        let document = include_str!("../../docs/credentials.md");
        for row in &KINDS {
            let line = documented(row);
            assert!(document.lines().any(|other| other == line), "{line}");
        }
    }

    #[test]
    fn the_readme_tells_what_to_paste() {
        let readme = include_str!("../../README.md");
        for row in &KINDS {
            let line = format!("| {} | {} |", row.name, row.paste);
            assert!(readme.lines().any(|other| other == line), "{line}");
        }
    }

    #[test]
    fn every_holder_is_documented() {
        let document = include_str!("../../docs/credentials.md");
        let names = HOLDERS.map(|(_, name, _)| name);
        let [repository, project, workspace] = names;
        let sentence = format!("Belongs to a {repository}, {project} or {workspace}");
        assert!(document.contains(&sentence), "{sentence}");
        for (holder, _, header) in HOLDERS {
            assert_eq!(Holder::with_credential_type(header), Some(holder));
            assert!(document.contains(header), "{header}");
        }
    }

    fn with_checksum(body: &str) -> String {
        format!("{body}{:08X}", crc32fast::hash(body.as_bytes()))
    }

    fn of(text: &str) -> Shape {
        shape(&Secret::copy_of(text.as_bytes()))
    }

    #[test]
    fn every_kind_has_its_row() {
        for row in &KINDS {
            assert_eq!(row.kind.facts().id, row.id);
            assert_eq!(Kind::with_id(row.id), Some(row.kind));
        }
        assert_eq!(Kind::with_id("password"), None);
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
                "BBDC-MDM0MjM5NDc2MDxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                Shape::Foreign("a Bitbucket Data Center token"),
            ),
            (
                "MDM0MjM5NDc2MDU1OqCXLhGfeWCzIv7XJsSq0XJBb4Vi",
                Shape::Foreign("a Bitbucket Data Center token"),
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
