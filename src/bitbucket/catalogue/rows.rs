//! The rows. Of several for one situation the first that fits counts.

use super::{Row, Situation};
use crate::bitbucket::kind::Kind;
use crate::bitbucket::verdict::Refusal;
use crate::network::Trouble;

impl Row {
    const fn new(id: &'static str) -> Self {
        Self {
            id,
            kind: None,
            causes: &[],
            answer: "nothing",
            message: "",
            next_step: "",
        }
    }
}

/// Every situation, with its causes and texts.
pub static CATALOGUE: &[(Situation, Row)] = &[
    (
        Situation::PasswordTyped,
        Row {
            causes: &["an account password"],
            message: "This looks like an account password. Bitbucket takes none for Git, so it was \
                  not sent.",
            next_step: "{create}",
            ..Row::new("password-typed")
        },
    ),
    (
        Situation::ForeignTyped,
        Row {
            causes: &["another service's token"],
            message: "This looks like {foreign}, not like a credential of Bitbucket Cloud. It was \
                  not sent anywhere.",
            next_step: "{create}",
            ..Row::new("foreign-typed")
        },
    ),
    (
        Situation::Valid,
        Row {
            causes: &[
                "nothing: it can fetch and push",
                "nothing: it can fetch and push, by its scopes",
                "nothing, but the scopes are not named",
            ],
            answer: "200, or 403 that names sufficient scopes or is usual for the kind",
            message: "{who} is valid.",
            ..Row::new("valid")
        },
    ),
    (
        Situation::ReadOnly,
        Row {
            causes: &["an account that may only read the repository"],
            answer: "403 or 404 to a push, 200 to a fetch",
            message: "{who} is valid for reading{here}, but pushes will be refused, since it has \
                      no write access there.",
            next_step: "To push, ask whoever administers the repository for write access.",
            ..Row::new("read-only")
        },
    ),
    (
        Situation::LacksPush,
        Row {
            causes: &[
                "scope to read, none to push",
                "permission to read, none to push",
                "scope to read, none to push, without a repository",
            ],
            answer: "403 to a push that speaks of scopes, 200 to a fetch; or 403 that names scopes",
            message: "{who} is valid for reading{here}, but pushes will be refused: it lacks {missing}. Scopes cannot be added later.",
            next_step: "{create}",
            ..Row::new("lacks-push")
        },
    ),
    (
        Situation::LacksRead,
        Row {
            causes: &[
                "scope to push, none to read, without a repository",
                "admin scope only, without a repository",
                "scopes of another product, named",
                "an access token without a scope for repositories",
            ],
            answer: "403 that names scopes",
            message: "{who} is valid, but lacks what Git needs: {missing}. Scopes cannot be added \
                  later.",
            next_step: "{create}",
            ..Row::new("lacks-reading")
        },
    ),
    (
        Situation::LacksSome,
        Row {
            causes: &[
                "scope to push, none to read",
                "admin scope only",
                "scopes for other things",
            ],
            answer: "403 that speaks of scopes, to push and fetch",
            message: "{who} is valid, but lacks one or more of the scopes that Git needs: {missing}. \
                  Scopes cannot be added later.",
            next_step: "{create}",
            ..Row::new("lacks-some")
        },
    ),
    (
        Situation::Refused(Refusal::Invalid),
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
            ..Row::new("api-token-refused")
        },
    ),
    (
        Situation::Refused(Refusal::AddressOrToken),
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
            ..Row::new("api-token-refused-with-address")
        },
    ),
    (
        Situation::Refused(Refusal::Invalid),
        Row {
            kind: Some(Kind::AccessToken),
            causes: &["an access token, revoked", "an access token, mistyped"],
            answer: "401",
            message: "Bitbucket refused the access token: it is mistyped, expired or revoked.",
            next_step: "{create}",
            ..Row::new("access-token-refused")
        },
    ),
    (
        Situation::Refused(Refusal::Invalid),
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
            ..Row::new("app-password-refused")
        },
    ),
    (
        Situation::Refused(Refusal::Invalid),
        Row {
            answer: "401",
            message: "Bitbucket refused this: the username or the secret is wrong, or it is no token \
                  of Bitbucket's.",
            next_step: "{create}",
            ..Row::new("refused")
        },
    ),
    (
        Situation::Refused(Refusal::AccountPassword),
        Row {
            causes: &[
                "an account password, sent as something else",
                "an account password, sent to the REST API",
            ],
            answer: "401 that speaks of account passwords",
            message: "Bitbucket refused this: it is an account password, and Git needs a token.",
            next_step: "{create_token}",
            ..Row::new("account-password")
        },
    ),
    (
        Situation::Refused(Refusal::Expired),
        Row {
            causes: &["an OAuth token, expired"],
            answer: "401 that says so",
            message: "Bitbucket refused the {kind}: it has expired.",
            next_step: "{create}",
            ..Row::new("expired")
        },
    ),
    (
        Situation::Refused(Refusal::AppPasswordRemoved),
        Row {
            causes: &["an app password", "an app password of the old style"],
            answer: "410",
            message: "Bitbucket refused the app password: app passwords were removed on 2026-07-28.",
            next_step: "{create_token}",
            ..Row::new("app-password-removed")
        },
    ),
    (
        Situation::Refused(Refusal::NoAccess),
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
            ..Row::new("not-its-repository")
        },
    ),
    (
        Situation::Refused(Refusal::NoAccess),
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
            ..Row::new("no-repository")
        },
    ),
    (
        Situation::AddressNotAllowed,
        Row {
            causes: &["an address that the workspace does not allow"],
            answer: "403 that says so",
            message: "{unverified}: the workspace lets in certain network addresses only, and this \
                  machine's is none of them.",
            next_step: "Use the network or VPN that the workspace allows, or ask its administrator.",
            ..Row::new("address-not-allowed")
        },
    ),
    (
        Situation::TwoStepDemanded,
        Row {
            causes: &["an account without two-step verification"],
            answer: "403 that says so",
            message: "{unverified}: the workspace demands two-step verification of your account.",
            next_step: "Turn it on at https://id.atlassian.com/manage-profile/security, then try \
                    again.",
            ..Row::new("two-step-demanded")
        },
    ),
    (
        Situation::TooManyAttempts,
        Row {
            causes: &["locked by failures (429)", "locked by failures (403)"],
            answer: "429 or 403 that says so",
            message: "{unverified}: Bitbucket answers nobody here for a while, after too many failed \
                  attempts.",
            next_step: "Wait some minutes, then try again.",
            ..Row::new("too-many-attempts")
        },
    ),
    (
        Situation::Limited,
        Row {
            causes: &["too many requests"],
            answer: "429",
            message: "{unverified}: Bitbucket answers no more requests for now (status 429).",
            next_step: "{again}",
            ..Row::new("limited")
        },
    ),
    (
        Situation::Down,
        Row {
            causes: &["Bitbucket down", "Bitbucket down, without a repository"],
            answer: "5xx",
            message: "{unverified}: Bitbucket has trouble of its own (status {status}).",
            next_step: "{again}",
            ..Row::new("down")
        },
    ),
    (
        Situation::Unexpected,
        Row {
            causes: &[
                "a redirect",
                "a sign-in page",
                "an error of the repository, with status 200",
                "410 at the REST API",
                "403 without a reason",
            ],
            answer: "anything else",
            message: "{unverified}: Bitbucket gave an answer that is not known here (status \
                  {status}).",
            next_step: "Check that the repository's address opens in a browser, then try again.",
            ..Row::new("unexpected")
        },
    ),
    (
        Situation::EmailAsUsername,
        Row {
            causes: &["an e-mail address where the username belongs"],
            message: "{unverified}: an e-mail address was given where the username belongs, so \
                  nothing was sent.",
            next_step: "Use the username that https://bitbucket.org/account/settings/ shows instead.",
            ..Row::new("email-as-username")
        },
    ),
    (
        Situation::UsernameAsEmail,
        Row {
            causes: &["a username where the e-mail address belongs"],
            message: "{unverified}: a username was given where the e-mail address belongs, so \
                  nothing was sent.",
            next_step: "Use the address that https://id.atlassian.com/manage-profile/email shows \
                    instead.",
            ..Row::new("username-as-email")
        },
    ),
    (
        Situation::NothingToAsk,
        Row {
            kind: Some(Kind::ApiToken),
            causes: &["neither a repository nor an e-mail address"],
            message: "{unverified}: neither a repository nor the e-mail address of the account is \
                  known.",
            next_step: "To verify it, run \"git credential-bitbucket login\" with the URL of your \
                    repository, or use --email.",
            ..Row::new("no-address")
        },
    ),
    (
        Situation::NothingToAsk,
        Row {
            message: "{unverified}: it needs a username, and none is known.",
            next_step: "Put the username into the URL: https://USERNAME@bitbucket.org/...",
            ..Row::new("no-username")
        },
    ),
    (
        Situation::NoAnswer(Trouble::TimedOut),
        Row {
            causes: &["Bitbucket silent"],
            message: "{unverified}: no answer came in time.",
            next_step: "Check the network connection, then try again.",
            ..Row::new("timed-out")
        },
    ),
    (
        Situation::NoAnswer(Trouble::NameNotFound),
        Row {
            causes: &["offline"],
            message: "{unverified}: the server's name was not found.",
            next_step: "Check that this machine is online and that its DNS works, then try again.",
            ..Row::new("name-not-found")
        },
    ),
    (
        Situation::NoAnswer(Trouble::NotConnected),
        Row {
            causes: &["no way to the server"],
            message: "{unverified}: the server could not be reached.",
            next_step: "Check the network connection; if this network needs a proxy, set http.proxy \
                    for Git.",
            ..Row::new("not-connected")
        },
    ),
    (
        Situation::NoAnswer(Trouble::ProxyUnreachable),
        Row {
            causes: &["a proxy that is down"],
            message: "{unverified}: the proxy could not be reached.",
            next_step: "Check http.proxy in Git's configuration (or HTTPS_PROXY, ALL_PROXY).",
            ..Row::new("proxy-unreachable")
        },
    ),
    (
        Situation::NoAnswer(Trouble::ProxyLogin),
        Row {
            causes: &["a proxy that wants a login"],
            answer: "407, from the proxy",
            message: "{unverified}: the proxy asks for a login, or refused the one it was given.",
            next_step: "Set http.proxy in Git's configuration to http://USER:PASSWORD@HOST:PORT.",
            ..Row::new("proxy-login")
        },
    ),
    (
        Situation::NoAnswer(Trouble::ProxyRefused),
        Row {
            causes: &["a proxy that refuses"],
            answer: "another status, from the proxy",
            message: "{unverified}: the proxy did not connect to Bitbucket.",
            next_step: "Ask whoever runs the proxy to allow bitbucket.org and api.bitbucket.org.",
            ..Row::new("proxy-refused")
        },
    ),
    (
        Situation::NoAnswer(Trouble::UntrustedCertificate),
        Row {
            causes: &["TLS inspection"],
            message: "{unverified}: the server's certificate comes from an authority that is not \
                  trusted here, so nothing was sent.",
            next_step: "If your network inspects TLS, set http.sslCAInfo for Git to its authority's \
                    file.",
            ..Row::new("untrusted-certificate")
        },
    ),
    (
        Situation::NoAnswer(Trouble::WrongName),
        Row {
            causes: &["a network that wants a sign-in first"],
            message: "{unverified}: the server's certificate is for another name, so nothing was \
                  sent.",
            next_step: "Check in a browser whether this network wants you to sign in first.",
            ..Row::new("wrong-name")
        },
    ),
    (
        Situation::NoAnswer(Trouble::WrongTime),
        Row {
            causes: &["a clock a day behind", "a clock a day ahead"],
            message: "{unverified}: the server's certificate is not valid at this machine's time, so \
                  nothing was sent.",
            next_step: "Set this machine's date and clock right, then try again.",
            ..Row::new("wrong-time")
        },
    ),
    (
        Situation::NoAnswer(Trouble::VerificationDisabled),
        Row {
            causes: &["certificates not checked"],
            message: "{unverified}: Git is configured not to check certificates (http.sslVerify or \
                  GIT_SSL_NO_VERIFY), so nothing was sent.",
            next_step: "Remove that setting; for an authority of your own, set http.sslCAInfo \
                    instead.",
            ..Row::new("verification-disabled")
        },
    ),
    (
        Situation::NoAnswer(Trouble::BadSetting(String::new())),
        Row {
            causes: &["a setting that cannot be used"],
            message: "{unverified}: a setting cannot be used ({setting}), so nothing was sent.",
            next_step: "Correct it: proxies take Basic logins, certificates are PEM files with an \
                    absolute path.",
            ..Row::new("bad-setting")
        },
    ),
    (
        Situation::NoAnswer(Trouble::Broken),
        Row {
            causes: &["a connection that breaks", "an answer that is not HTTP"],
            message: "{unverified}: the connection broke, or the answer was not HTTP.",
            next_step: "Try again; if it stays so, look for a proxy or firewall in between.",
            ..Row::new("broken")
        },
    ),
];
