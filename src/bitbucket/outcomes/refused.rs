//! Refusals: why the server refused a credential, and what is said of it. Of several rows
//! for one refusal the first that fits the kind counts.

use super::{Fate, Row};
use crate::bitbucket::kind::Kind;

/// Why the server refused, as closely as its answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 401 without a closer reason: wrong, expired, revoked, or a token without scopes.
    Invalid,
    /// 401 to an API token with an e-mail address: either may be wrong.
    AddressOrToken,
    /// 401 that says the secret is an account password.
    AccountPassword,
    /// 401 that says so, which Bitbucket does for OAuth tokens only; an expired API token is
    /// [`Refusal::Invalid`]. What is said of a kept one: [`Refusal::of_kept`].
    Expired,
    /// 410: Bitbucket Cloud removed app passwords on 2026-07-28 (CHANGE-3222).
    AppPasswordRemoved,
    /// The credential is valid, but shows no repository here: absent or not allowed.
    NoAccess,
    /// A Data Center answers as to nobody. What is before the server may be to blame.
    NotSignedIn,
}

/// Every refusal.
pub static ROWS: &[(Refusal, Row)] = &[
    (
        Refusal::Invalid,
        Row {
            kind: Some(Kind::ApiToken),
            causes: &[
                "mistyped",
                "expired",
                "revoked",
                "created without scopes",
                "a token of another product",
            ],
            answer: "401",
            message: "Bitbucket refused the API token: it is mistyped, expired, revoked, for another \
                  product, or was created without scopes.",
            next_step: "{create}",
            ..Row::new("api-token-refused", Fate::Removed)
        },
    ),
    (
        Refusal::AddressOrToken,
        Row {
            causes: &[
                "the e-mail address of another account",
                "expired, without a repository",
                "created without scopes, without a repository",
                "a token of another product, without a repository",
            ],
            answer: "401",
            message: "Bitbucket refused the API token with this e-mail address: the address belongs \
                  to another account, or the token is mistyped, expired, revoked, for another \
                  product, or was created without scopes.",
            next_step: "Check the address and the token; if both are right, create {recipe}.",
            ..Row::new("api-token-refused-with-address", Fate::NotKept)
        },
    ),
    (
        Refusal::Invalid,
        Row {
            kind: Some(Kind::AccessToken),
            causes: &["an access token, revoked", "an access token, mistyped"],
            answer: "401",
            message: "Bitbucket refused the access token: it is mistyped, expired or revoked.",
            next_step: "{create}",
            ..Row::new("access-token-refused", Fate::Removed)
        },
    ),
    (
        Refusal::Invalid,
        Row {
            kind: Some(Kind::AppPassword),
            causes: &[
                "a username of somebody else",
                "a username in the wrong case",
                "an app password, revoked",
                "an app password at the REST API",
            ],
            answer: "401",
            message: "Bitbucket refused the app password: the username is wrong (upper and lower \
                  case count), or the app password is mistyped, revoked or no longer accepted \
                  (app passwords were removed on 2026-07-28).",
            next_step: "{create}",
            ..Row::new("app-password-refused", Fate::Removed)
        },
    ),
    (
        Refusal::Invalid,
        Row {
            answer: "401",
            message: "Bitbucket refused this: the username or the secret is wrong, or it is no token \
                  of Bitbucket's.",
            next_step: "{create}",
            ..Row::new("refused", Fate::Removed)
        },
    ),
    (
        Refusal::AccountPassword,
        Row {
            causes: &[
                "an account password, sent as something else",
                "an account password, sent to the REST API",
            ],
            answer: "401 that speaks of account passwords",
            message: "Bitbucket refused this: it is an account password, and Git needs a token.",
            next_step: "{create_token}",
            ..Row::new("account-password", Fate::Removed)
        },
    ),
    (
        Refusal::Expired,
        Row {
            causes: &["an OAuth token, expired"],
            answer: "401 that says so",
            message: "Bitbucket refused the {kind}: it has expired.",
            next_step: "{create}",
            ..Row::new("expired", Fate::Removed)
        },
    ),
    (
        Refusal::AppPasswordRemoved,
        Row {
            causes: &["an app password", "an app password of the old style"],
            answer: "410",
            message: "Bitbucket refused the app password: app passwords were removed on 2026-07-28.",
            next_step: "{create_token}",
            ..Row::new("app-password-removed", Fate::Removed)
        },
    ),
    (
        Refusal::NoAccess,
        Row {
            kind: Some(Kind::AccessToken),
            causes: &[
                "an access token of another repository",
                "an access token of another workspace",
            ],
            answer: "403 or 404",
            message: "The access token was accepted, but Bitbucket shows it no repository{here}: \
                  there is none, or the token is for another one.",
            next_step: "Check the repository's address; if it is right, use an access token of this \
                    repository, its project or its workspace.",
            ..Row::new("not-its-repository", Fate::NotKept)
        },
    ),
    (
        Refusal::NoAccess,
        Row {
            causes: &[
                "no such repository",
                "a repository that the account may not see",
            ],
            answer: "403 or 404",
            message: "The {kind} was accepted, but Bitbucket shows it no repository{here}: there is \
                  none, or its account may not see it.",
            next_step: "Check the repository's address; if it is right, use a token of an account \
                    that may see it.",
            ..Row::new("no-repository", Fate::NotKept)
        },
    ),
];
