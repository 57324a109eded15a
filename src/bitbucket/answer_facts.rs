//! What an answer of Bitbucket's states about a credential: whose it is, its scopes,
//! what it is bound to, how long to wait. Everything here may be missing: then it is unknown.

use super::kind::{Holder, KINDS};
use super::rights::Rights;
use crate::network::Response;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// An answer of `/2.0/user`; only what is used.
#[derive(Deserialize)]
struct Account {
    username: Option<String>,
    #[serde(rename = "account_id")]
    id: Option<String>,
}

/// Whether the body is what `/2.0/user` answers to a valid credential.
pub(super) fn describes_account(response: &Response) -> bool {
    account(response).is_some()
}

fn account(response: &Response) -> Option<Account> {
    serde_json::from_slice::<Account>(&response.body)
        .ok()
        .filter(|account| account.username.is_some() || account.id.is_some())
}

/// Whether the REST API itself says that it refuses, in its own form.
pub(super) fn is_api_error(response: &Response) -> bool {
    serde_json::from_slice::<ApiError>(&response.body).is_ok_and(|it| it.kind == "error")
}

/// A refusal of the REST API.
#[derive(Deserialize)]
struct ApiError {
    #[serde(rename = "type")]
    kind: String,
}

/// The username in an answer of `/2.0/user`, if it looks like one.
pub(super) fn username(response: &Response) -> Option<String> {
    account(response)?.username.filter(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    })
}

/// A refusal of the REST API that names scopes.
#[derive(Deserialize)]
struct ScopeError {
    error: ScopeErrorBody,
}

#[derive(Deserialize)]
struct ScopeErrorBody {
    detail: ScopeErrorDetail,
}

#[derive(Deserialize)]
struct ScopeErrorDetail {
    granted: Option<Names>,
}

/// The API writes a list, at times one string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    Several(Vec<String>),
    One(String),
}

/// The scopes that the credential has, from the body of a refusal or else from the
/// header. `None` if the server named none: that is never "no scope".
pub(super) fn scopes(response: &Response) -> Option<Vec<String>> {
    let granted = serde_json::from_slice::<ScopeError>(&response.body)
        .ok()
        .and_then(|refusal| refusal.error.detail.granted);
    let named = match &granted {
        Some(Names::Several(names)) => names.join(","),
        Some(Names::One(names)) => names.clone(),
        None => response.header("x-oauth-scopes")?.to_owned(),
    };
    let scopes: Vec<String> = named
        .split(',')
        .map(|scope| scope.trim().to_owned())
        .filter(|scope| !scope.is_empty())
        .collect();
    (!scopes.is_empty()).then_some(scopes)
}

/// Scopes that let nobody into a repository that is not public.
const HARMLESS_SCOPES: [&str; 5] = [
    "account",
    "repository:admin",
    "Account: Read",
    "PUBLIC_REPOS",
    "ACCOUNT_WRITE",
];

/// What these scopes allow, in the words of any kind. A right is denied only if the
/// effect of every scope is known: those of projects and pull requests may include it.
/// An API token's begin with what they allow, and beside Bitbucket's two are of no use
/// to Git, whatever the product.
pub(super) fn rights(scopes: &[String]) -> Rights {
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let write = KINDS.iter().any(|row| has(row.write_scope));
    let read = KINDS
        .iter()
        .any(|row| has(row.read_scope) || row.write_includes_read && has(row.write_scope));
    let known = scopes.iter().all(|scope| {
        KINDS
            .iter()
            .any(|row| scope == row.read_scope || scope == row.write_scope)
            || ["read:", "write:", "delete:", "admin:", "manage:"]
                .iter()
                .any(|verb| scope.starts_with(verb))
            || HARMLESS_SCOPES.contains(&scope.as_str())
    });
    let said = |right: bool| (right || known).then_some(right);
    Rights {
        read: said(read),
        write: said(write),
    }
}

/// What the credential is bound to, if the server told.
pub(super) fn holder(response: &Response) -> Option<Holder> {
    Holder::with_credential_type(response.header("x-credential-type")?)
}

/// Who is signed in at a Data Center.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SignedIn {
    /// The user's name, if it is a user.
    pub username: Option<String>,
    /// What a token belongs to that is no user's.
    pub holder: Option<Holder>,
}

/// How a token that is no user's signs in: `access-token-user/<what>/<number>`.
const TOKEN_USER: &str = "access-token-user/";

/// Who is signed in, if a Data Center says that somebody is.
pub(super) fn signed_in(response: &Response) -> Option<SignedIn> {
    let value = response.header("x-ausername")?;
    let name = percent_decode_str(value).decode_utf8().ok()?;
    if name.is_empty() || name == "anonymous" {
        return None;
    }
    let Some(token) = name.strip_prefix(TOKEN_USER) else {
        let is_plain = name.len() <= 255 && !name.chars().any(char::is_control);
        return Some(SignedIn {
            username: is_plain.then(|| name.into_owned()),
            holder: None,
        });
    };
    Some(SignedIn {
        username: None,
        holder: match token.split('/').next() {
            // A project is what a repository's name begins with there, as Cloud's workspace is.
            Some("1") => Some(Holder::Workspace),
            Some("2") => Some(Holder::Repository),
            _ => None,
        },
    })
}

/// How long the server asks to wait, in seconds: a number or a date.
pub(super) fn retry_after(response: &Response) -> Option<u64> {
    let value = response.header("retry-after")?.trim();
    value.parse().ok().or_else(|| {
        let until = httpdate::parse_http_date(value).ok()?;
        // By the server's clock if it shows one: ours may be wrong.
        let now = response
            .header("date")
            .and_then(|date| httpdate::parse_http_date(date).ok())
            .unwrap_or_else(std::time::SystemTime::now);
        Some(until.duration_since(now).unwrap_or_default().as_secs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANTED: &str = r#"{"type":"error","error":{"message":"x","detail":{"required":["account"],"granted":["repository"]}}}"#;
    const REQUIRED: &str = r#"{"type":"error","error":{"detail":{"required":"account"}}}"#;

    #[test]
    fn a_data_center_says_who_is_signed_in() {
        let user = |name: &str| (Some(name.to_owned()), None);
        let repository = (None, Some(Holder::Repository));
        for (value, expected) in [
            ("jdoe", Some(user("jdoe"))),
            ("j%40corp.example", Some(user("j@corp.example"))),
            ("access-token-user%2F2%2F11754", Some(repository)),
            (
                "access-token-user/1/7",
                Some((None, Some(Holder::Workspace))),
            ),
            ("access-token-user%2F9%2F1", Some((None, None))),
            ("anonymous", None),
            ("", None),
            ("a%0ab", Some((None, None))),
            ("%ff", None),
        ] {
            let answer = Response::of(200, &[("x-ausername", value)], "");
            let found = signed_in(&answer).map(|it| (it.username, it.holder));
            assert_eq!(found, expected, "{value}");
        }
        assert_eq!(signed_in(&Response::of(200, &[], "")), None);
    }

    #[test]
    fn scopes_are_read_wherever_they_are_named() {
        for (headers, body, expected) in [
            (
                &[("x-oauth-scopes", "a, b,c")][..],
                "",
                Some(&["a", "b", "c"][..]),
            ),
            (
                &[("x-oauth-scopes", "account")],
                GRANTED,
                Some(&["repository"]),
            ),
            (
                &[],
                r#"{"error":{"detail":{"granted":"a, b"}}}"#,
                Some(&["a", "b"]),
            ),
            (&[], r#"{"error":{"detail":{"granted":[]}}}"#, None),
            (&[], r#"{"error":{"detail":"text"}}"#, None),
            (&[], REQUIRED, None),
            (&[("x-oauth-scopes", " ")], "", None),
            (&[], "", None),
        ] {
            let found = scopes(&Response::of(403, headers, body));
            let found = found
                .as_ref()
                .map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found.as_deref(), expected, "{headers:?} {body}");
        }
    }

    #[test]
    fn scopes_tell_rights() {
        let (yes, no) = (Some(true), Some(false));
        for (scopes, read, write) in [
            ("read:repository:bitbucket", yes, no),
            (
                "read:repository:bitbucket,write:repository:bitbucket",
                yes,
                yes,
            ),
            ("write:repository:bitbucket", no, yes),
            ("admin:repository:bitbucket,read:user:bitbucket", no, no),
            ("repository", yes, no),
            ("repository:write", yes, yes),
            ("repository:admin", no, no),
            ("account", no, no),
            ("read:jira-work,read:jira-user", no, no),
            ("read:jira-work,read:repository:bitbucket", yes, no),
            ("Repositories: Read,Account: Read", yes, no),
            ("Repositories: Write", yes, yes),
            ("pullrequest:write", None, None),
            ("repository account", None, None),
            ("project,repository", yes, None),
        ] {
            let names: Vec<_> = scopes.split(',').map(str::to_owned).collect();
            assert_eq!(rights(&names), Rights { read, write }, "{scopes}");
        }
    }

    #[test]
    fn a_username_is_taken_only_if_it_looks_like_one() {
        for (body, expected) in [
            (r#"{"username":"alice_B-1"}"#, Some("alice_B-1")),
            (r#"{"username":"","account_id":"1"}"#, None),
            (r#"{"username":"a\nb"}"#, None),
            (r#"{"username":"a b"}"#, None),
            (r#"{"account_id":"1"}"#, None),
            ("not JSON", None),
        ] {
            assert_eq!(
                username(&Response::of(200, &[], body)).as_deref(),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let date = "Tue, 24 Nov 2026 20:00:00 GMT";
        for (value, expected) in [
            ("30", Some(30)),
            ("Tue, 24 Nov 2026 20:01:30 GMT", Some(90)),
            ("Tue, 24 Nov 2026 19:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let headers = [("retry-after", value), ("date", date)];
            assert_eq!(
                retry_after(&Response::of(429, &headers, "")),
                expected,
                "{value}"
            );
        }
        assert_eq!(retry_after(&Response::of(429, &[], "")), None);
    }

    #[test]
    fn access_tokens_have_a_holder() {
        for (value, expected) in [
            ("repo_access_token", Some(Holder::Repository)),
            ("project_access_token", Some(Holder::Project)),
            ("workspace_access_token", Some(Holder::Workspace)),
            ("api_token", None),
        ] {
            let found = holder(&Response::of(403, &[("x-credential-type", value)], ""));
            assert_eq!(found, expected, "{value}");
        }
    }
}
