//! Messages with their particulars. The texts of all outcomes are held by the documented
//! table.

use super::*;
use crate::bitbucket::outcomes::{PASSWORD_TYPED, Refusal};
use crate::bitbucket::{Accepted, Rights};
use std::fmt::Write as _;

const API: Option<Kind> = Some(Kind::ApiToken);
const ACCESS: Option<Kind> = Some(Kind::AccessToken);
const APP: Option<Kind> = Some(Kind::AppPassword);

fn accepted(write: Option<bool>, username: Option<&str>) -> Accepted {
    Accepted {
        rights: Rights { read: None, write },
        username: username.map(str::to_owned),
        denied: false,
        holder: None,
    }
}

/// All messages, one below the other; `here` is for the repository `acme/widgets`.
fn told(cases: &[(Verdict, Option<Kind>, bool)]) -> String {
    let repository = Repository::from_path("acme/widgets");
    let mut text = String::from("\n");
    for (verdict, kind, here) in cases {
        let advice = advise(
            &CLOUD,
            verdict,
            *kind,
            repository.as_ref().filter(|_| *here),
        );
        writeln!(text, "{}", advice.message).unwrap();
        if !advice.next_step.is_empty() {
            writeln!(text, "> {}", advice.next_step).unwrap();
        }
    }
    text
}

#[test]
fn accepted_credentials() {
    let verified = |write, username| Verdict::Verified(accepted(write, username));
    let lacking = |read, write, missing: &[&'static str]| {
        let accepted = Accepted {
            rights: Rights { read, write },
            ..Accepted::default()
        };
        Verdict::Lacking(accepted, missing.to_vec())
    };
    let (yes, no) = (Some(true), Some(false));
    let [api, access] = [Kind::ApiToken, Kind::AccessToken].map(Kind::facts);
    assert_eq!(
        told(&[
            (verified(Some(true), Some("alice")), API, true),
            (verified(None, None), ACCESS, false),
            (verified(None, Some("a\u{202e}b")), None, false),
            (verified(Some(false), Some("alice")), API, true),
            (verified(Some(false), None), ACCESS, false),
            (lacking(yes, no, &[api.write_scope]), API, true),
            (
                lacking(no, None, &[api.read_scope, api.write_scope]),
                API,
                true
            ),
            (
                lacking(no, no, &[access.read_scope, access.write_scope]),
                ACCESS,
                false
            ),
            (lacking(yes, no, &["Repositories: Write"]), APP, false),
        ]),
        r#"
The API token of alice is valid.
The access token is valid.
The credential of a\u{202e}b is valid.
The API token of alice is valid for reading acme/widgets, but pushes will be refused, since it has no write access there.
> To push, ask whoever administers the repository for write access.
The access token is valid for reading, but pushes will be refused, since it has no write access there.
> To push, ask whoever administers the repository for write access.
The API token is valid for reading acme/widgets, but pushes will be refused: it lacks write:repository:bitbucket (to push). Scopes cannot be added later.
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
The API token is valid, but lacks one or more of the scopes that Git needs: read:repository:bitbucket (to clone and fetch) and write:repository:bitbucket (to push). Scopes cannot be added later.
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
The access token is valid, but lacks what Git needs: repository (to clone and fetch) and repository:write (to push). Scopes cannot be added later.
> Create an access token with the scopes repository and repository:write in the settings of the repository, project or workspace.
The app password is valid for reading, but pushes will be refused: it lacks Repositories: Write (to push). Scopes cannot be added later.
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
"#
    );
}

#[test]
fn refused_credentials() {
    let refused = Verdict::Refused;
    assert_eq!(
        told(&[
            (refused(Refusal::Invalid), API, true),
            (refused(Refusal::AddressOrToken), API, false),
            (refused(Refusal::Invalid), ACCESS, true),
            (refused(Refusal::Invalid), APP, true),
            (refused(Refusal::Invalid), None, true),
            (refused(Refusal::AccountPassword), None, true),
            (refused(Refusal::Expired), ACCESS, false),
            (refused(Refusal::AppPasswordRemoved), APP, true),
            (refused(Refusal::NoAccess), API, true),
            (refused(Refusal::NoAccess), ACCESS, true),
        ]),
        r#"
Bitbucket refused the API token: it is mistyped, expired, revoked, for another product, or was created without scopes.
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
Bitbucket refused the API token with this e-mail address: the address belongs to another account, or the token is mistyped, expired, revoked, for another product, or was created without scopes.
> Check the address and the token; if both are right, create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
Bitbucket refused the access token: it is mistyped, expired or revoked.
> Create an access token with the scopes repository and repository:write in the settings of the repository, project or workspace.
Bitbucket refused the app password: the username is wrong (upper and lower case count), or the app password is mistyped, revoked or no longer accepted (app passwords were removed on 2026-07-28).
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
Bitbucket refused this: the username or the secret is wrong, or it is no token of Bitbucket's.
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
Bitbucket refused this: it is an account password, and Git needs a token.
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
Bitbucket refused the access token: it has expired.
> Create an access token with the scopes repository and repository:write in the settings of the repository, project or workspace.
Bitbucket refused the app password: app passwords were removed on 2026-07-28.
> Create an API token at https://id.atlassian.com/manage-profile/security/api-tokens with the button "Create API token with scopes", the app Bitbucket and the scopes read:repository:bitbucket and write:repository:bitbucket.
The API token was accepted, but Bitbucket shows it no repository acme/widgets: there is none, or its account may not see it.
> Check the repository's address; if it is right, use a token of an account that may see it.
The access token was accepted, but Bitbucket shows it no repository acme/widgets: there is none, or the token is for another one.
> Check the repository's address; if it is right, use an access token of this repository, its project or its workspace.
"#
    );
    let typed = advise_unsent(&CLOUD, &PASSWORD_TYPED, "");
    assert_eq!(
        typed.message,
        "This looks like an account password. Bitbucket takes none for Git, so it was not sent."
    );
    assert_eq!(typed.next_step, how_to_create(&CLOUD, None));
}

#[test]
fn answers_that_tell_nothing() {
    let unknown = |uncertainty| (Verdict::Unknown(uncertainty), API, true);
    let server = |status, retry_after| {
        unknown(Uncertainty::Server {
            status,
            retry_after,
        })
    };
    assert_eq!(
        told(&[
            server(429, Some(30)),
            server(429, None),
            server(503, Some(0)),
            unknown(Uncertainty::TooManyAttempts),
            unknown(Uncertainty::AddressNotAllowed),
            unknown(Uncertainty::TwoStepDemanded),
            unknown(Uncertainty::Unexpected(302)),
            (Verdict::Unknown(Uncertainty::NothingToAsk), API, false),
            (Verdict::Unknown(Uncertainty::NothingToAsk), APP, false),
            (Verdict::Unknown(Uncertainty::NothingToAsk), None, false),
        ]),
        r#"
The API token could not be verified: Bitbucket answers no more requests for now (status 429).
> Try again in 30 seconds.
The API token could not be verified: Bitbucket answers no more requests for now (status 429).
> Try again later.
The API token could not be verified: Bitbucket has trouble of its own (status 503).
> Try again later.
The API token could not be verified: Bitbucket answers nobody here for a while, after too many failed attempts.
> Wait some minutes, then try again.
The API token could not be verified: the workspace lets in certain network addresses only, and this machine's is none of them.
> Use the network or VPN that the workspace allows, or ask its administrator.
The API token could not be verified: the workspace demands two-step verification of your account.
> Turn it on at https://id.atlassian.com/manage-profile/security, then try again.
The API token could not be verified: Bitbucket gave an answer that is not known here (status 302).
> Check that the repository's address opens in a browser, then try again.
The API token could not be verified: neither a repository nor the e-mail address of the account is known.
> To verify it, run "git credential-bitbucket login" with the URL of your repository, or use --email.
The app password could not be verified: it needs a username, and none is known.
> Put the username into the URL: https://USERNAME@bitbucket.org/...
The credential could not be verified: it needs a username, and none is known.
> Put the username into the URL: https://USERNAME@bitbucket.org/...
"#
    );
}

#[test]
fn a_setting_is_shown_escaped() {
    let trouble = Trouble::BadSetting("http.sslCAInfo=a\u{1b}[2J.pem".to_owned());
    let verdict = Verdict::Unknown(Uncertainty::Network(trouble));
    assert_eq!(
        told(&[(verdict, API, true)]),
        "
The API token could not be verified: a setting cannot be used (http.sslCAInfo=a\\u{1b}[2J.pem), so nothing was sent.
> Correct it: proxies take Basic logins, certificates are PEM files with an absolute path.
"
    );
}
