//! The answers of Bitbucket Cloud.

use super::{Evidence, Meaning, MeaningRow, Surface};
use crate::bitbucket::kind::Kind;
use crate::bitbucket::outcomes::{DOWN, LIMITED, Refusal, Uncertainty};

/// Every answer that is known.
pub(super) static ROWS: [MeaningRow; 23] = {
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

#[cfg(test)]
mod tests {
    use super::Meaning::{Refused, Unknown};
    use super::*;
    use crate::bitbucket::site::Product;
    use crate::bitbucket::status_codes::meaning;
    use crate::network::Response;

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
            let found = meaning(Product::Cloud, Surface::Git, Some(Kind::ApiToken), &answer);
            assert_eq!(
                found,
                expected.clone().with_particulars(&answer),
                "{status} {body}"
            );
        }
        let gone = Response::of(410, &[], "");
        let found = meaning(Product::Cloud, Surface::Git, Some(Kind::AppPassword), &gone);
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
            let found = meaning(Product::Cloud, Surface::Rest, Some(Kind::ApiToken), &answer);
            assert_eq!(
                found,
                expected.clone().with_particulars(&answer),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_gateway_s_403_is_none_of_the_rest_api_s() {
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
            let found = meaning(
                Product::Cloud,
                Surface::Rest,
                Some(Kind::AccessToken),
                &answer,
            );
            assert_eq!(found, expected.with_particulars(&answer), "{body}");
        }
    }
}
