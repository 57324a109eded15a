//! What an answer of Bitbucket's means for the credential that was sent: one table,
//! `ROWS`, read from the top. Server texts are only recognised here, never shown.

use super::catalogue::{DOWN, LIMITED, Refusal, Uncertainty};
use super::claims::{describes_account, is_api_error};
use super::kind::Kind;
use crate::network::Response;
use crate::trace::Harmless;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// Where a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The smart HTTP protocol that Git itself uses.
    Git,
    /// The REST API.
    Rest,
}

/// What one answer means. What each refusal and each uncertainty leads to: `catalogue`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Valid, and allowed to do what was asked.
    Allowed,
    /// Valid, but a scope that this question needs is missing.
    LacksScope,
    /// Valid, but this question does not suit its kind.
    Valid,
    /// 403 on Git's surface without a known reason.
    Forbidden,
    /// Refused.
    Refused(Refusal),
    /// It tells nothing of the credential.
    Unknown(Uncertainty),
}

impl Harmless for Meaning {
    fn tell(&self, line: &mut String) {
        match self {
            Self::Unknown(why) => why.tell(line),
            // The others hold no more than words of the source. Writing to a String cannot fail.
            _ => drop(write!(line, "{self:?}")),
        }
    }
}

impl Meaning {
    fn with_particulars(self, answer: &Response) -> Self {
        match self {
            Self::Unknown(why) => Self::Unknown(why.with_particulars(answer)),
            other => other,
        }
    }
}

/// What a row looks for besides surface, kind and status.
enum Evidence {
    Any,
    /// Words in the body, in lower case.
    Text(&'static str),
    /// A header that only comes with a valid credential.
    Header(&'static str),
    /// A body that Git would accept as a list of references.
    References,
    /// A body that describes an account.
    Account,
    /// A body in which the REST API itself refuses: a gateway's page is none.
    ApiError,
}

struct MeaningRow {
    surface: Option<Surface>,
    kind: Option<Kind>,
    status: RangeInclusive<u16>,
    evidence: Evidence,
    meaning: Meaning,
}

impl MeaningRow {
    /// A row for one status.
    const fn new(status: u16, evidence: Evidence, meaning: Meaning) -> Self {
        Self {
            surface: None,
            kind: None,
            status: status..=status,
            evidence,
            meaning,
        }
    }

    const fn on(mut self, surface: Surface) -> Self {
        self.surface = Some(surface);
        self
    }

    const fn of(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    const fn up_to(mut self, last: u16) -> Self {
        self.status = *self.status.start()..=last;
        self
    }
}

static ROWS: [MeaningRow; 23] = {
    use Evidence::{Account, Any, ApiError, Header, References, Text};
    use Meaning::{Refused, Unknown};
    use Surface::{Git, Rest};
    [
        MeaningRow::new(200, References, Meaning::Allowed).on(Git),
        MeaningRow::new(200, Account, Meaning::Allowed).on(Rest),
        MeaningRow::new(
            401,
            Text("account passwords"),
            Refused(Refusal::AccountPassword),
        ),
        MeaningRow::new(401, Text("token expired"), Refused(Refusal::Expired)),
        MeaningRow::new(401, Any, Refused(Refusal::Invalid)),
        MeaningRow::new(
            403,
            Text("too many failed"),
            Unknown(Uncertainty::TooManyAttempts),
        ),
        MeaningRow::new(
            403,
            Text("whitelist your ip"),
            Unknown(Uncertainty::AddressNotAllowed),
        ),
        MeaningRow::new(403, Text("two-step"), Unknown(Uncertainty::TwoStepDemanded)),
        MeaningRow::new(403, Text("privilege scopes"), Meaning::LacksScope),
        MeaningRow::new(403, Text("\"granted\""), Meaning::LacksScope).on(Rest),
        MeaningRow::new(403, Text("\"required\""), Meaning::LacksScope).on(Rest),
        MeaningRow::new(403, Header("x-oauth-scopes"), Meaning::Valid).on(Rest),
        MeaningRow::new(403, Header("x-credential-type"), Meaning::Valid).on(Rest),
        MeaningRow::new(403, ApiError, Meaning::Valid)
            .on(Rest)
            .of(Kind::AccessToken),
        MeaningRow::new(
            403,
            Text("you do not have access"),
            Refused(Refusal::NoAccess),
        )
        .on(Git),
        MeaningRow::new(403, Any, Meaning::Forbidden).on(Git),
        MeaningRow::new(404, Any, Refused(Refusal::NoAccess)).on(Git),
        MeaningRow::new(
            410,
            Text("change-3222"),
            Refused(Refusal::AppPasswordRemoved),
        ),
        MeaningRow::new(
            410,
            Text("app passwords are"),
            Refused(Refusal::AppPasswordRemoved),
        ),
        MeaningRow::new(410, Any, Refused(Refusal::AppPasswordRemoved))
            .on(Git)
            .of(Kind::AppPassword),
        MeaningRow::new(
            429,
            Text("too many failed"),
            Unknown(Uncertainty::TooManyAttempts),
        ),
        MeaningRow::new(429, Any, Unknown(LIMITED)),
        MeaningRow::new(500, Any, Unknown(DOWN)).up_to(599),
    ]
};

/// What `response` says about a credential of this kind.
pub fn meaning(surface: Surface, kind: Option<Kind>, response: &Response) -> Meaning {
    let body = String::from_utf8_lossy(&response.body).to_lowercase();
    ROWS.iter()
        .find(|row| {
            row.surface.is_none_or(|only| only == surface)
                && (row.kind.is_none() || row.kind == kind)
                && row.status.contains(&response.status)
                && match row.evidence {
                    Evidence::Any => true,
                    Evidence::Text(words) => body.contains(words),
                    Evidence::Header(name) => response.header(name).is_some(),
                    Evidence::References => lists_references(response),
                    Evidence::Account => describes_account(response),
                    Evidence::ApiError => is_api_error(response),
                }
        })
        .map_or(Meaning::Unknown(Uncertainty::Unexpected(0)), |row| {
            row.meaning.clone()
        })
        .with_particulars(response)
}

/// A sign-in page has status 200 too, and so has an error that Git is to show.
fn lists_references(response: &Response) -> bool {
    response.header("content-type").is_some_and(|kind| {
        kind.starts_with("application/x-git-") && kind.ends_with("-pack-advertisement")
    }) && response.body.get(4..15) == Some(b"# service=g")
}

#[cfg(test)]
mod tests {
    use super::Meaning::{Refused, Unknown};
    use super::*;

    const UNEXPECTED: Meaning = Unknown(Uncertainty::Unexpected(0));

    const NO_ACCESS: &str = "The requested repository either does not exist or you do not have \
        access. If you believe this repository exists and you have access, make sure you're \
        authenticated.";
    const MAY_NOT: &str = "You may not have access to this repository or it no longer exists in \
        this workspace. If you think this repository exists and you have access, make sure you \
        are authenticated.";
    const ACCOUNT_PASSWORD: &str = "remote: Bitbucket Cloud recently stopped supporting account \
        passwords for Git authentication.";
    const REST_PASSWORD: &str =
        "Bitbucket Cloud recently stopped supporting account passwords for API authentication.";
    const INVALID: &str = r#"{"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}}"#;
    const EXPIRED: &str = r#"{"type":"error","error":{"message":"Access token expired. Use your refresh token to obtain a new access token."}}"#;
    const REMOVED: &str = "CHANGE-3222 - Functionality has been deprecated";
    const DEPRECATED: &str = "App passwords are deprecated and must be replaced with API tokens.";
    const REFERENCES: &str = "001f# service=git-receive-pack\n0000";
    const GRANTED: &str = r#"{"type":"error","error":{"message":"x","detail":{"required":["account"],"granted":["repository"]}}}"#;
    const REQUIRED: &str = r#"{"type":"error","error":{"detail":{"required":"account"}}}"#;

    const ADVERTISEMENT: &[(&str, &str)] = &[(
        "content-type",
        "application/x-git-receive-pack-advertisement",
    )];

    type Case = (
        u16,
        &'static [(&'static str, &'static str)],
        &'static str,
        Meaning,
    );

    static ON_GIT: &[Case] = &[
        (200, ADVERTISEMENT, REFERENCES, Meaning::Allowed),
        (
            200,
            ADVERTISEMENT,
            "002dERR Repository not found.",
            UNEXPECTED,
        ),
        (
            200,
            &[("content-type", "text/html")],
            "<html>Log in",
            UNEXPECTED,
        ),
        (200, &[], REFERENCES, UNEXPECTED),
        (204, ADVERTISEMENT, "", UNEXPECTED),
        (302, &[("location", "https://x.test/")], "", UNEXPECTED),
        (
            401,
            &[],
            ACCOUNT_PASSWORD,
            Refused(Refusal::AccountPassword),
        ),
        (401, &[], MAY_NOT, Refused(Refusal::Invalid)),
        (401, &[], "", Refused(Refusal::Invalid)),
        (
            403,
            &[],
            "Your credentials lack one or more required privilege scopes.",
            Meaning::LacksScope,
        ),
        (403, &[], NO_ACCESS, Refused(Refusal::NoAccess)),
        (
            403,
            &[],
            "To access this repository, an admin must whitelist your IP.",
            Unknown(Uncertainty::AddressNotAllowed),
        ),
        (
            403,
            &[],
            "To access this repository, enable two-step authentication.",
            Unknown(Uncertainty::TwoStepDemanded),
        ),
        (
            403,
            &[],
            "Too many failed authentication attempts. Please try again later.",
            Unknown(Uncertainty::TooManyAttempts),
        ),
        (403, &[], "", Meaning::Forbidden),
        (404, &[], NO_ACCESS, Refused(Refusal::NoAccess)),
        (404, &[], "", Refused(Refusal::NoAccess)),
        (410, &[], REMOVED, Refused(Refusal::AppPasswordRemoved)),
        (410, &[], DEPRECATED, Refused(Refusal::AppPasswordRemoved)),
        (410, &[], "", UNEXPECTED),
        (
            429,
            &[],
            "Too many failed authentication attempts. Please try again later.",
            Unknown(Uncertainty::TooManyAttempts),
        ),
        (429, &[], "", Unknown(LIMITED)),
        (500, &[], "", Unknown(DOWN)),
        (503, &[], "<html>", Unknown(DOWN)),
        (599, &[], "", Unknown(DOWN)),
        (600, &[], "", UNEXPECTED),
    ];

    #[test]
    fn every_answer_of_git_s_surface_is_read() {
        for (status, headers, body, expected) in ON_GIT {
            let answer = Response::of(*status, headers, body);
            let found = meaning(Surface::Git, Some(Kind::ApiToken), &answer);
            assert_eq!(
                found,
                expected.clone().with_particulars(&answer),
                "{status} {body}"
            );
        }
        let gone = Response::of(410, &[], "");
        let found = meaning(Surface::Git, Some(Kind::AppPassword), &gone);
        assert_eq!(found, Refused(Refusal::AppPasswordRemoved));
    }

    #[test]
    fn every_answer_of_the_rest_api_is_read() {
        for (status, headers, body, expected) in [
            (
                200,
                &[][..],
                r#"{"username":"alice","account_id":"1"}"#,
                Meaning::Allowed,
            ),
            (200, &[], r#"{"account_id":"1"}"#, Meaning::Allowed),
            (200, &[], "{}", UNEXPECTED),
            (200, &[], "<html>Log in", UNEXPECTED),
            (301, &[], "", UNEXPECTED),
            (401, &[], INVALID, Refused(Refusal::Invalid)),
            (401, &[], EXPIRED, Refused(Refusal::Expired)),
            (401, &[], REST_PASSWORD, Refused(Refusal::AccountPassword)),
            (
                401,
                &[],
                "Login failed due to incorrect login credentials or method.",
                Refused(Refusal::Invalid),
            ),
            (403, &[], GRANTED, Meaning::LacksScope),
            (403, &[], REQUIRED, Meaning::LacksScope),
            (403, &[("x-oauth-scopes", "repository")], "", Meaning::Valid),
            (
                403,
                &[("x-credential-type", "api_token")],
                "",
                Meaning::Valid,
            ),
            (403, &[], "<html>blocked", UNEXPECTED),
            (404, &[], "", UNEXPECTED),
            (410, &[], "Functionality has been removed", UNEXPECTED),
            (429, &[], "", Unknown(LIMITED)),
            (502, &[], "", Unknown(DOWN)),
        ] {
            let answer = Response::of(status, headers, body);
            let found = meaning(Surface::Rest, Some(Kind::ApiToken), &answer);
            assert_eq!(
                found,
                expected.clone().with_particulars(&answer),
                "{status} {body}"
            );
        }
        for (body, expected) in [
            (
                r#"{"type":"error","error":{"message":"x"}}"#,
                Meaning::Valid,
            ),
            (r#"{"type": "blocked"}"#, UNEXPECTED),
            ("<html>blocked", UNEXPECTED),
            ("", UNEXPECTED),
        ] {
            let answer = Response::of(403, &[], body);
            let found = meaning(Surface::Rest, Some(Kind::AccessToken), &answer);
            assert_eq!(found, expected.with_particulars(&answer), "{body}");
        }
    }
}
