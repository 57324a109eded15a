//! What the server answers to a request for tokens: one table of its words, tested row by row.
//! Whatever no row knows is unknown, and what is unknown changes nothing that is kept.

use crate::bitbucket::answer_facts::rights;
use crate::bitbucket::outcomes::Uncertainty;
use crate::bitbucket::rights::Rights;
use crate::network::Response;
use crate::secret::Secret;
use crate::trace::Harmless;
use serde::Deserialize;
use std::borrow::Cow;

/// How long an access token lives if the answer does not say, in seconds.
const USUAL_LIFE: u64 = 7200;

/// The longest life that is believed, in seconds: more is nonsense.
const LONGEST_LIFE: u64 = 366 * 24 * 60 * 60;

/// An answer, read.
pub enum Answered {
    /// Tokens.
    Granted(Tokens),
    /// The server said no, in words that are known.
    Refused(Refusal),
    /// Nobody can say.
    Unknown(Uncertainty),
}

/// What a sign-in or a renewal brings.
pub struct Tokens {
    /// What Git and the REST API take.
    pub access: Secret,
    /// What renews it, if it can be renewed.
    pub refresh: Option<Secret>,
    /// How long the access token lives, in seconds.
    pub life: u64,
    /// What was granted, if the answer says so.
    pub scopes: Option<Vec<String>>,
}

/// Why the server said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The client's id or secret is wrong; or the refresh token was used before; or the client
    /// is locked out for some minutes since one was. One word stands for all three.
    Client,
    /// The code or the refresh token is not good, or not any more.
    Grant,
    /// The client has no callback URL.
    NoCallback,
}

impl Harmless for Answered {
    fn tell(&self, line: &mut String) {
        match self {
            Self::Granted(_) => line.push_str("granted"),
            Self::Refused(Refusal::Client) => line.push_str("refused, the client"),
            Self::Refused(Refusal::Grant) => line.push_str("refused, the grant"),
            Self::Refused(Refusal::NoCallback) => line.push_str("refused, no callback"),
            Self::Unknown(why) => {
                line.push_str("unknown, ");
                why.tell(line);
            }
        }
    }
}

/// What the server's words mean: the error, what its description has (in lower case), and
/// why it said no. The first that fits counts; the status only has to be one of a refusal,
/// since nobody has written down which error has which.
const ROWS: [(&str, &str, Refusal); 6] = [
    ("unauthorized_client", "", Refusal::Client),
    ("invalid_client", "", Refusal::Client),
    ("invalid_request", "no callback", Refusal::NoCallback),
    ("invalid_request", "refresh_token", Refusal::Grant),
    // What is said of a body that is no form; ours is.
    (
        "invalid_grant",
        "unsupported grant type: none",
        Refusal::Client,
    ),
    ("invalid_grant", "", Refusal::Grant),
];

/// The statuses of a refusal.
const REFUSING: [u16; 3] = [400, 401, 403];

/// A grant as it is written. Unknown fields are passed over.
#[derive(Deserialize)]
struct Granted<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    #[serde(borrow)]
    refresh_token: Option<Cow<'a, str>>,
    token_type: Option<String>,
    expires_in: Option<u64>,
    scope: Option<String>,
    /// What `scope` was called before May 2026.
    scopes: Option<String>,
}

/// A refusal as it is written.
#[derive(Deserialize)]
struct Refused {
    error: String,
    error_description: Option<String>,
}

impl Answered {
    /// Reads an answer, whose body stands apart since it may have tokens in it.
    pub(super) fn read(head: &Response, body: &Secret) -> Self {
        let known = match head.status {
            200 => Tokens::read(body).map(Self::Granted),
            status if REFUSING.contains(&status) => refusal(body).map(Self::Refused),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Unknown(Uncertainty::of_status(head)))
    }
}

impl Tokens {
    /// What they may be used for, as far as the scopes tell.
    pub fn rights(&self) -> Rights {
        self.scopes.as_deref().map(rights).unwrap_or_default()
    }

    fn read(body: &Secret) -> Option<Self> {
        let granted: Granted = serde_json::from_slice(body.expose()).ok()?;
        let kind = granted.token_type.as_deref().unwrap_or("bearer");
        let is_token =
            |text: &&Cow<str>| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let secret = |text: &Cow<str>| Secret::copy_of(text.as_bytes());
        let access = Some(&granted.access_token).filter(is_token)?;
        if !kind.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let life = granted.expires_in.filter(|&seconds| seconds > 0);
        let scopes = granted.scope.or(granted.scopes);
        Some(Self {
            access: secret(access),
            refresh: granted.refresh_token.as_ref().filter(is_token).map(secret),
            life: life.unwrap_or(USUAL_LIFE).min(LONGEST_LIFE),
            scopes: scopes.map(|text| text.split_whitespace().map(str::to_owned).collect()),
        })
    }
}

fn refusal(body: &Secret) -> Option<Refusal> {
    let refused: Refused = serde_json::from_slice(body.expose()).ok()?;
    let said = refused.error_description.unwrap_or_default();
    let said = said.to_lowercase();
    let is_it = |row: &&(&str, &str, Refusal)| row.0 == refused.error && said.contains(row.1);
    ROWS.iter().find(is_it).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitbucket::outcomes::LIMITED;

    fn read(status: u16, body: &str) -> Answered {
        let head = Response::of(status, &[], "");
        Answered::read(&head, &Secret::copy_of(body.as_bytes()))
    }

    fn told(status: u16, body: &str) -> String {
        let mut line = String::new();
        read(status, body).tell(&mut line);
        line
    }

    #[test]
    fn a_grant_is_read_under_either_name_of_its_scopes() {
        let both = Some("account repository:write");
        for (fields, life, refresh, scopes) in [
            (r#","scope":"account repository:write""#, 7200, None, both),
            (r#","scopes":"account repository:write""#, 7200, None, both),
            (
                r#","scope":"account","scopes":"x""#,
                7200,
                None,
                Some("account"),
            ),
            ("", 7200, None, None),
            (
                r#","expires_in":60,"refresh_token":"new""#,
                60,
                Some("new"),
                None,
            ),
            (r#","expires_in":0,"refresh_token":"""#, 7200, None, None),
            (
                r#","expires_in":99999999999,"scope":"""#,
                LONGEST_LIFE,
                None,
                Some(""),
            ),
            (
                r#","token_type":"Bearer","state":"authorization_code""#,
                7200,
                None,
                None,
            ),
        ] {
            let body = format!(r#"{{"access_token":"a-token="{fields}}}"#);
            let Answered::Granted(tokens) = read(200, &body) else {
                panic!("{body}");
            };
            assert!(tokens.access == Secret::copy_of(b"a-token="));
            assert_eq!(tokens.life, life, "{body}");
            let found = tokens.refresh.as_ref().and_then(Secret::expose_text);
            assert_eq!(found, refresh, "{body}");
            let found = tokens.scopes.map(|it| it.join(" "));
            assert_eq!(found.as_deref(), scopes, "{body}");
        }
        for length in [60, 1900, 2600, 6000] {
            let token = "x".repeat(length);
            let body = format!(r#"{{"access_token":"{token}","refresh_token":"{token}"}}"#);
            let Answered::Granted(tokens) = read(200, &body) else {
                panic!("{length}");
            };
            assert!(tokens.refresh.is_some_and(|it| it == tokens.access));
        }
    }

    #[test]
    fn known_words_refuse_whatever_the_status_of_the_refusal() {
        for (error, description, expected) in [
            (
                "unauthorized_client",
                "Invalid OAuth client credentials",
                "the client",
            ),
            (
                "unauthorized_client",
                "Requests must be authenticated using OAuth client credentials",
                "the client",
            ),
            ("invalid_client", "", "the client"),
            (
                "invalid_grant",
                "The grant is invalid or has expired",
                "the grant",
            ),
            ("invalid_grant", "", "the grant"),
            (
                "invalid_grant",
                "Unsupported grant type: None",
                "the client",
            ),
            ("invalid_request", "Invalid refresh_token", "the grant"),
            (
                "invalid_request",
                "No callback uri defined for the OAuth client.",
                "no callback",
            ),
        ] {
            let body = format!(r#"{{"error_description":"{description}","error":"{error}"}}"#);
            for status in REFUSING {
                assert_eq!(
                    told(status, &body),
                    format!("refused, {expected}"),
                    "{body}"
                );
            }
            // The same words from a server in trouble prove nothing.
            for status in [200, 302, 404, 429, 500, 503] {
                assert!(
                    told(status, &body).starts_with("unknown"),
                    "{status} {body}"
                );
            }
        }
    }

    #[test]
    fn whatever_is_not_known_is_unknown() {
        for (status, body) in [
            (400, r#"{"error":"invalid_request"}"#),
            (400, r#"{"error":"temporarily_unavailable"}"#),
            (400, r#"{"error":{"message":"x"}}"#),
            (400, "<html>Bad request</html>"),
            (401, ""),
            (403, "<html>A gateway</html>"),
            (200, "<html>Sign in</html>"),
            (200, "{}"),
            (200, r#"{"access_token":""}"#),
            (200, r#"{"access_token":"a b"}"#),
            (200, r#"{"access_token":"a\nb"}"#),
            (200, r#"{"access_token":"a","token_type":"mac"}"#),
            (200, r#"{"access_token":17}"#),
            (201, r#"{"access_token":"a"}"#),
            (502, "<html>Bad gateway</html>"),
        ] {
            assert!(told(status, body).starts_with("unknown"), "{status} {body}");
        }
        assert!(matches!(
            read(429, ""),
            Answered::Unknown(why) if why == LIMITED
        ));
    }
}
