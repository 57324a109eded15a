//! The answers of a Data Center, as its documents and other people's measurements have them. Where
//! neither says what an answer means, it says nothing of the credential.

use super::{Evidence, Meaning, MeaningRow, Surface};
use crate::bitbucket::outcomes::{DOWN, LIMITED, Refusal, Uncertainty};

/// Every answer that is known.
pub(super) static ROWS: [MeaningRow; 29] = {
    use Evidence::{Any, HeaderText, References, SignedIn, Text};
    use Meaning::{Refused, Unknown};
    use Surface::{Git, Rest};
    [
        MeaningRow::new(200, References, Meaning::Allowed).on(Git),
        // In the midst of Git's protocol: Git shows it, and takes the login for good.
        MeaningRow::new(200, Text("captcha"), Unknown(Uncertainty::Captcha)),
        MeaningRow::new(200, Text("license"), Unknown(Uncertainty::LicenceExpired)).on(Git),
        MeaningRow::new(200, Text("licence"), Unknown(Uncertainty::LicenceExpired)).on(Git),
        MeaningRow::new(200, SignedIn, Meaning::Allowed).on(Rest),
        MeaningRow::new(200, Text("\"values\""), Meaning::Allowed).on(Rest),
        // `application-properties` is for everybody.
        MeaningRow::new(200, Text("\"version\""), Refused(Refusal::NotSignedIn)).on(Rest),
        MeaningRow::new(200, Text("<html"), Unknown(Uncertainty::LoginPage)),
        MeaningRow::new(300, Any, Unknown(Uncertainty::LoginPage)).up_to(399),
        MeaningRow::new(401, Text("captcha"), Unknown(Uncertainty::Captcha)),
        MeaningRow::new(
            401,
            HeaderText("www-authenticate", "oauth realm"),
            Unknown(Uncertainty::Mirror),
        ),
        // Without a permission, which is no fault of the credential's.
        MeaningRow::new(401, SignedIn, Meaning::Valid),
        MeaningRow::new(
            401,
            Text("incorrectpasswordauthenticationexception"),
            Refused(Refusal::Invalid),
        )
        .on(Rest),
        MeaningRow::new(
            401,
            Text("authorisationexception"),
            Refused(Refusal::NotSignedIn),
        )
        .on(Rest),
        MeaningRow::new(
            401,
            HeaderText("www-authenticate", "atlassian bitbucket"),
            Refused(Refusal::Invalid),
        )
        .on(Git),
        MeaningRow::new(
            401,
            Evidence::Header("x-arequestid"),
            Refused(Refusal::NotSignedIn),
        ),
        MeaningRow::new(403, Text("captcha"), Unknown(Uncertainty::Captcha)),
        MeaningRow::new(
            403,
            Text("basic authentication has been disabled"),
            Unknown(Uncertainty::BasicOff),
        ),
        MeaningRow::new(403, Text("license"), Unknown(Uncertainty::LicenceExpired)),
        MeaningRow::new(403, Text("licence"), Unknown(Uncertainty::LicenceExpired)),
        MeaningRow::new(403, SignedIn, Meaning::Valid).on(Rest),
        MeaningRow::new(403, Text("<html"), Unknown(Uncertainty::Forbidden)),
        MeaningRow::new(403, Any, Meaning::Forbidden).on(Git),
        MeaningRow::new(403, Any, Unknown(Uncertainty::Forbidden)).on(Rest),
        MeaningRow::new(404, Any, Refused(Refusal::NoAccess)).on(Git),
        MeaningRow::new(404, Any, Unknown(Uncertainty::NoBitbucket)).on(Rest),
        MeaningRow::new(429, Any, Unknown(LIMITED)),
        MeaningRow::new(503, Any, Unknown(Uncertainty::Maintenance)),
        MeaningRow::new(500, Any, Unknown(DOWN)).up_to(599),
    ]
};

#[cfg(test)]
mod tests {
    use super::Meaning::{Refused, Unknown};
    use super::*;
    use crate::bitbucket::kind::Kind;
    use crate::bitbucket::site::Product;
    use crate::bitbucket::status_codes::meaning;
    use crate::network::Response;

    const PROPERTIES: &str =
        r#"{"version":"9.4.0","buildNumber":"9004000","displayName":"Bitbucket"}"#;
    const WRONG: &str = r#"{"errors":[{"context":null,"message":"Authentication failed. Please check your credentials and try again.","exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"}]}"#;
    const NOT_PERMITTED: &str = r#"{"errors":[{"message":"You are not permitted to access this resource","exceptionName":"com.atlassian.bitbucket.AuthorisationException"}]}"#;
    const CAPTCHA: &str = r#"{"errors":[{"exceptionName":"com.atlassian.bitbucket.auth.CaptchaRequiredAuthenticationException"}]}"#;
    const BASIC_OFF: &str = "Basic Authentication has been disabled on this instance.";

    type Headers = &'static [(&'static str, &'static str)];
    const JDOE: Headers = &[("x-arequestid", "@1"), ("x-ausername", "jdoe")];
    const NOBODY: Headers = &[("x-arequestid", "@1"), ("x-ausername", "anonymous")];
    const ASKS: Headers = &[("www-authenticate", "Basic realm=\"Atlassian Bitbucket\"")];
    const OAUTH: Headers = &[("www-authenticate", "OAuth realm=\"https%3A%2F%2Fmirror\"")];
    const PUSH: Headers = &[(
        "content-type",
        "application/x-git-receive-pack-advertisement",
    )];
    const UNEXPECTED: Meaning = Unknown(Uncertainty::Unexpected(0));

    fn check(surface: Surface, rows: &[(u16, Headers, &str, Meaning)]) {
        for (status, headers, body, expected) in rows {
            let answer = Response::of(*status, headers, body);
            let kind = Some(Kind::HttpToken);
            let found = meaning(Product::DataCenter, surface, kind, &answer);
            let expected = expected.clone().with_particulars(&answer);
            assert_eq!(found, expected, "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn every_answer_of_the_rest_api_is_read() {
        let users = r#"{"size":1,"values":[{"name":"jdoe"}]}"#;
        let page = "<!DOCTYPE html><HTML>Log in";
        check(
            Surface::Rest,
            &[
                (200, JDOE, PROPERTIES, Meaning::Allowed),
                (200, NOBODY, PROPERTIES, Refused(Refusal::NotSignedIn)),
                (200, &[], PROPERTIES, Refused(Refusal::NotSignedIn)),
                (200, &[], users, Meaning::Allowed),
                (200, &[], page, Unknown(Uncertainty::LoginPage)),
                (200, &[], "{}", UNEXPECTED),
                (302, &[], "", Unknown(Uncertainty::LoginPage)),
                (401, &[], WRONG, Refused(Refusal::Invalid)),
                (401, JDOE, NOT_PERMITTED, Meaning::Valid),
                (401, NOBODY, NOT_PERMITTED, Refused(Refusal::NotSignedIn)),
                (401, NOBODY, "", Refused(Refusal::NotSignedIn)),
                (401, &[], CAPTCHA, Unknown(Uncertainty::Captcha)),
                (403, &[], CAPTCHA, Unknown(Uncertainty::Captcha)),
                (401, OAUTH, "", Unknown(Uncertainty::Mirror)),
                (401, &[], "<html>gateway", UNEXPECTED),
                (403, &[], BASIC_OFF, Unknown(Uncertainty::BasicOff)),
                (403, JDOE, "", Meaning::Valid),
                (403, &[], "", Unknown(Uncertainty::Forbidden)),
                (404, &[], "", Unknown(Uncertainty::NoBitbucket)),
                (429, &[("retry-after", "5")], "", Unknown(LIMITED)),
                (503, &[], page, Unknown(Uncertainty::Maintenance)),
                (502, &[], "", Unknown(DOWN)),
            ],
        );
    }

    #[test]
    fn every_answer_of_git_s_surface_is_read() {
        let captcha = "005bERR CAPTCHA required\nYour Bitbucket account has been marked";
        let references = "001f# service=git-receive-pack\n0000";
        let licence = "Your license has expired";
        check(
            Surface::Git,
            &[
                (200, PUSH, references, Meaning::Allowed),
                (200, PUSH, captcha, Unknown(Uncertainty::Captcha)),
                (200, PUSH, "0020ERR something else", UNEXPECTED),
                (
                    200,
                    PUSH,
                    "0030ERR Your license has expired",
                    Unknown(Uncertainty::LicenceExpired),
                ),
                (200, &[], "<html>Log in", Unknown(Uncertainty::LoginPage)),
                (301, &[], "", Unknown(Uncertainty::LoginPage)),
                (401, ASKS, "", Refused(Refusal::Invalid)),
                (401, &[], "", UNEXPECTED),
                (403, &[], "", Meaning::Forbidden),
                (403, &[], BASIC_OFF, Unknown(Uncertainty::BasicOff)),
                (403, &[], licence, Unknown(Uncertainty::LicenceExpired)),
                (403, &[], "<html>no", Unknown(Uncertainty::Forbidden)),
                (404, &[], "", Refused(Refusal::NoAccess)),
                (429, &[], "", Unknown(LIMITED)),
                (503, &[], "", Unknown(Uncertainty::Maintenance)),
            ],
        );
    }

    /// Of all that is known, only what names the login itself may remove one.
    #[test]
    fn few_answers_speak_of_the_credential() {
        let mut last_words = ROWS
            .iter()
            .filter(|row| row.meaning == Refused(Refusal::Invalid));
        assert_eq!(last_words.clone().count(), 2);
        assert!(last_words.all(|row| *row.status.start() == 401));
    }
}
