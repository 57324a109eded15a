//! What a Data Center brings besides: its kinds of credentials, and what stands between Git and a
//! company's own server. These rows come before those for everybody.

use super::{Fate, Refusal, Row, Uncertainty};
use crate::bitbucket::kind::Kind;

/// It looks like a password that a person chose, and the server is not said to take them.
pub static PASSWORD_TYPED: Row = Row {
    causes: &["an account password for a Data Center"],
    message: "This looks like an account password, so it was not sent: for Git a token does the \
          same, and can be revoked.",
    next_step: "{create}",
    ..Row::new("password-typed-for-server", Fate::NotKept)
};

/// Refusals.
pub static REFUSED: &[(Refusal, Row)] = &[
    (
        Refusal::Invalid,
        Row {
            kind: Some(Kind::HttpToken),
            causes: &["an HTTP access token, mistyped or revoked"],
            answer: "401 that says so",
            message: "{site} refused the HTTP access token: it is mistyped, expired or revoked.",
            next_step: "{create}",
            ..Row::new("http-token-refused", Fate::Removed)
        },
    ),
    (
        Refusal::Invalid,
        Row {
            kind: Some(Kind::Password),
            causes: &["an account password, mistyped"],
            answer: "401 that says so",
            message: "{site} refused the account password: the user name or the password is wrong.",
            next_step: "Sign in at {url} in a browser to see that they are right, since too many \
                    failures lock an account.",
            ..Row::new("server-password-refused", Fate::Removed)
        },
    ),
    (
        Refusal::NotSignedIn,
        Row {
            causes: &["a token that the server passes over"],
            answer: "200 or 401, as to nobody",
            message: "{site} answers as if nobody had sent the {kind}: it is mistyped, expired or \
                  revoked, or something before the server takes it away.",
            next_step: "{create}",
            ..Row::new("not-signed-in", Fate::NotKept)
        },
    ),
    (
        Refusal::NoAccess,
        Row {
            kind: Some(Kind::HttpToken),
            causes: &["no such repository on the server"],
            answer: "404",
            message: "The HTTP access token was accepted, but {site} shows it no repository{here}: \
                  there is none, or the token is not for it.",
            next_step: "Check the repository's address; if it is right, use a token that may see it.",
            ..Row::new("not-on-server", Fate::NotKept)
        },
    ),
];

/// What leaves it open whether a credential is good.
pub static UNKNOWN: &[(Uncertainty, Row)] = &[
    (
        Uncertainty::Captcha,
        Row {
            causes: &["a CAPTCHA after failed logins"],
            answer: "401 or 403 that names a CAPTCHA; to Git 200 with an error",
            message: "{unverified}: after several failed logins {site} wants this account to solve \
                  a CAPTCHA first.",
            next_step: "Log out of {url} in a browser and in again, where it is shown, or ask an \
                    administrator to reset it; then try again.",
            ..Row::new("captcha", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::BasicOff,
        Row {
            causes: &["Basic authentication switched off"],
            answer: "403 that says so",
            message: "{unverified}: {site} has Basic authentication switched off, and this cannot \
                  be sent in another way.",
            next_step: "Use an HTTP access token with Git 2.46 or newer, which sends it as Bearer, \
                    or ask an administrator to allow Basic authentication.",
            ..Row::new("basic-off", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::BearerRefused,
        Row {
            causes: &["Bearer refused for Git"],
            answer: "200 at the REST API, 401 to Git",
            message: "The {kind} is good, but {site} refuses it for Git when it is sent as Bearer.",
            next_step: "Ask an administrator whether something before the server takes the header \
                    Authorization away.",
            ..Row::new("bearer-refused", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::LicenceExpired,
        Row {
            causes: &["an expired licence"],
            answer: "403 that speaks of a license",
            message: "{unverified}: the licence of {site} has expired, so it refuses every push.",
            next_step: "Tell whoever administers the server; fetching goes on meanwhile.",
            ..Row::new("licence-expired", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::Maintenance,
        Row {
            causes: &["a server that starts or is maintained"],
            answer: "503",
            message: "{unverified}: {site} is starting, or is being maintained.",
            next_step: "Try again in some minutes.",
            ..Row::new("maintenance", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::LoginPage,
        Row {
            causes: &["a login page before the server"],
            answer: "a redirect, or a page of HTML",
            message: "{unverified}: a login page answered in place of {site}, as a gateway for \
                  single sign-on does.",
            next_step: "Ask your administrator for an address that Git can use without that page.",
            ..Row::new("login-page", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::Mirror,
        Row {
            causes: &["a mirror in place of the primary server"],
            answer: "401 that offers OAuth",
            message: "{unverified}: {site} is a mirror, which passes every question about \
                  credentials on to its primary server.",
            next_step: "Name the primary: git credential-bitbucket configure --data-center URL \
                    --alias {site}",
            ..Row::new("mirror", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::NoBitbucket,
        Row {
            causes: &["an address without its folder"],
            answer: "404 at the REST API",
            message: "{unverified}: no Bitbucket answers at {url}.",
            next_step: "Compare that with a repository's address, of which all before /scm/ is the \
                    server's; then run: git credential-bitbucket configure --data-center URL",
            ..Row::new("no-bitbucket", Fate::LeftAlone)
        },
    ),
    (
        Uncertainty::Forbidden,
        Row {
            causes: &["403 of a server or its gateway"],
            answer: "403 without a known reason",
            message: "{unverified}: {site}, or something before it, forbids the request (status \
                  403).",
            next_step: "Ask your administrator; nothing was said about the credential itself.",
            ..Row::new("forbidden", Fate::LeftAlone)
        },
    ),
];
