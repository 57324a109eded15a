//! What leaves it open whether a credential is good: why that is, and what is said of it.
//! Of several rows for one reason the first that fits the kind counts.

use super::{Fate, Row};
use crate::bitbucket::answer_facts::retry_after;
use crate::bitbucket::kind::Kind;
use crate::network::{Response, Trouble};
use crate::trace::Harmless;

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uncertainty {
    /// No answer.
    Network(Trouble),
    /// 429 or 5xx; how long the server asks to wait, in seconds, if it said so.
    Server {
        /// The status code.
        status: u16,
        /// From `Retry-After`.
        retry_after: Option<u64>,
    },
    /// "Too many failed authentication attempts": nothing more may be sent for now.
    TooManyAttempts,
    /// 403: this machine's address is not on the workspace's list.
    AddressNotAllowed,
    /// 403: the workspace demands two-step verification of the account.
    TwoStepDemanded,
    /// An answer that no table row explains, e.g. a redirect.
    Unexpected(u16),
    /// An e-mail address was given as the username: no server takes it.
    EmailAsUsername,
    /// Something without an `@` was given as the e-mail address: no server takes it.
    UsernameAsEmail,
    /// A Data Center wants a CAPTCHA solved first.
    Captcha,
    /// A Data Center takes no Basic authentication.
    BasicOff,
    /// A Data Center takes the token at its REST API, and not for Git.
    BearerRefused,
    /// The licence of a Data Center has expired.
    LicenceExpired,
    /// A Data Center is starting, or is being maintained.
    Maintenance,
    /// A login page answers in place of the server.
    LoginPage,
    /// A mirror answers, which asks its primary about credentials.
    Mirror,
    /// The REST API is not where it should be.
    NoBitbucket,
    /// 403 of a Data Center, or of what is before it, without a known reason.
    Forbidden,
    /// Nothing could be asked: neither a repository nor an e-mail address was known, or
    /// a username is needed and unknown.
    NothingToAsk,
}

impl Uncertainty {
    /// What an answer whose body says nothing leaves open.
    pub(in crate::bitbucket) fn of_status(answer: &Response) -> Self {
        let why = match answer.status {
            429 => LIMITED,
            500..=599 => DOWN,
            status => Self::Unexpected(status),
        };
        why.with_particulars(answer)
    }

    /// Whether nothing more is to be asked for now, about whatever credential: nobody answers, or
    /// who does cannot answer anybody or asks to be left alone. What is about one account, one
    /// credential or one way of sending it says nothing of others.
    pub fn ends_questions(&self) -> bool {
        // Each by its name, so that a new one is decided.
        match self {
            Self::Network(_) | Self::Server { .. } | Self::TooManyAttempts | Self::Maintenance => {
                true
            }
            Self::AddressNotAllowed
            | Self::TwoStepDemanded
            | Self::Unexpected(_)
            | Self::EmailAsUsername
            | Self::UsernameAsEmail
            | Self::Captcha
            | Self::BasicOff
            | Self::BearerRefused
            | Self::LicenceExpired
            | Self::LoginPage
            | Self::Mirror
            | Self::NoBitbucket
            | Self::Forbidden
            | Self::NothingToAsk => false,
        }
    }

    /// Whether a Data Center that has just told who signs in and then answers so leaves open
    /// nothing but whether they may push. The others say that Git could not sign in so.
    pub(in crate::bitbucket) fn leaves_only_pushing_open(&self) -> bool {
        // Each by its name, so that a new one is decided.
        match self {
            Self::Captcha | Self::BasicOff | Self::LicenceExpired | Self::LoginPage => false,
            Self::Network(_)
            | Self::Server { .. }
            | Self::TooManyAttempts
            | Self::Maintenance
            | Self::AddressNotAllowed
            | Self::TwoStepDemanded
            | Self::Unexpected(_)
            | Self::EmailAsUsername
            | Self::UsernameAsEmail
            | Self::BearerRefused
            | Self::Mirror
            | Self::NoBitbucket
            | Self::Forbidden
            | Self::NothingToAsk => true,
        }
    }

    /// With the particulars of the answer that leaves it open.
    pub(in crate::bitbucket) fn with_particulars(self, answer: &Response) -> Self {
        match self {
            Self::Server { .. } => Self::Server {
                status: answer.status,
                retry_after: retry_after(answer),
            },
            Self::Unexpected(_) => Self::Unexpected(answer.status),
            other => other,
        }
    }

    /// As it stands in [`ROWS`], without particulars.
    pub(in crate::bitbucket) fn without_particulars(&self) -> Self {
        match self {
            Self::Network(Trouble::BadSetting(_)) => {
                Self::Network(Trouble::BadSetting(String::new()))
            }
            Self::Server { status: 429, .. } => LIMITED,
            Self::Server { .. } => DOWN,
            Self::Unexpected(_) => Self::Unexpected(0),
            other => other.clone(),
        }
    }
}

/// In a trace: the reason, without settings.
impl Harmless for Uncertainty {
    fn tell(&self, line: &mut String) {
        line.push_str(match self {
            Self::Network(trouble) => return trouble.tell(line),
            Self::Server { .. } => "the server cannot answer now",
            Self::TooManyAttempts => "too many attempts",
            Self::AddressNotAllowed => "this address is not allowed",
            Self::TwoStepDemanded => "two-step verification is demanded",
            Self::Unexpected(_) => "no known answer",
            Self::NothingToAsk => "nothing to ask",
            Self::EmailAsUsername => "an address for a user name",
            Self::UsernameAsEmail => "a user name for an address",
            Self::Captcha => "a CAPTCHA is to be solved",
            Self::BasicOff => "no Basic authentication",
            Self::BearerRefused => "no Bearer for Git",
            Self::LicenceExpired => "an expired licence",
            Self::Maintenance => "maintenance",
            Self::LoginPage => "a login page",
            Self::Mirror => "a mirror",
            Self::NoBitbucket => "no Bitbucket there",
            Self::Forbidden => "forbidden",
        });
    }
}

/// 429.
pub const LIMITED: Uncertainty = Uncertainty::Server {
    status: 429,
    retry_after: None,
};

/// 5xx.
pub const DOWN: Uncertainty = Uncertainty::Server {
    status: 500,
    retry_after: None,
};

/// Every reason.
pub static ROWS: &[(Uncertainty, Row)] = &[
    (
        Uncertainty::AddressNotAllowed,
        Row {
            causes: &["an address that the workspace does not allow"],
            answer: "403 that says so",
            message: "{unverified}: the workspace lets in certain network addresses only, and this \
                  machine's is none of them.",
            next_step: "Use the network or VPN that the workspace allows, or ask its administrator.",
            ..Row::new("address-not-allowed", Fate::Open)
        },
    ),
    (
        Uncertainty::TwoStepDemanded,
        Row {
            causes: &["an account without two-step verification"],
            answer: "403 that says so",
            message: "{unverified}: the workspace demands two-step verification of your account.",
            next_step: "Turn it on at https://id.atlassian.com/manage-profile/security, then try \
                    again.",
            ..Row::new("two-step-demanded", Fate::Open)
        },
    ),
    (
        Uncertainty::TooManyAttempts,
        Row {
            causes: &["locked by failures (429)", "locked by failures (403)"],
            answer: "429 or 403 that says so",
            message: "{unverified}: Bitbucket answers nobody here for a while, after too many failed \
                  attempts.",
            next_step: "Wait some minutes, then try again.",
            ..Row::new("too-many-attempts", Fate::Open)
        },
    ),
    (
        LIMITED,
        Row {
            causes: &["too many requests"],
            answer: "429",
            message: "{unverified}: Bitbucket answers no more requests for now (status 429).",
            next_step: "{again}",
            ..Row::new("limited", Fate::LeftAlone)
        },
    ),
    (
        DOWN,
        Row {
            causes: &["Bitbucket down", "Bitbucket down, without a repository"],
            answer: "5xx",
            message: "{unverified}: Bitbucket has trouble of its own (status {status}).",
            next_step: "{again}",
            ..Row::new("down", Fate::Open)
        },
    ),
    (
        Uncertainty::Unexpected(0),
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
            ..Row::new("unexpected", Fate::Open)
        },
    ),
    (
        Uncertainty::EmailAsUsername,
        Row {
            causes: &["an e-mail address where the username belongs"],
            message: "{unverified}: an e-mail address was given where the username belongs, so \
                  nothing was sent.",
            next_step: "Use the username that https://bitbucket.org/account/settings/ shows instead.",
            ..Row::new("email-as-username", Fate::Open)
        },
    ),
    (
        Uncertainty::UsernameAsEmail,
        Row {
            causes: &["a username where the e-mail address belongs"],
            message: "{unverified}: a username was given where the e-mail address belongs, so \
                  nothing was sent.",
            next_step: "Use the address that https://id.atlassian.com/manage-profile/email shows \
                    instead.",
            ..Row::new("username-as-email", Fate::Open)
        },
    ),
    (
        Uncertainty::NothingToAsk,
        Row {
            kind: Some(Kind::ApiToken),
            causes: &["neither a repository nor an e-mail address"],
            message: "{unverified}: neither a repository nor the e-mail address of the account is \
                  known.",
            next_step: "To verify it, run \"git credential-bitbucket login\" with the URL of your \
                    repository, or use --email.",
            ..Row::new("no-address", Fate::Open)
        },
    ),
    (
        Uncertainty::NothingToAsk,
        Row {
            message: "{unverified}: it needs a username, and none is known.",
            next_step: "Put the username into the URL: https://USERNAME@bitbucket.org/...",
            ..Row::new("no-username", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::TimedOut),
        Row {
            causes: &["Bitbucket silent"],
            message: "{unverified}: no answer came in time.",
            next_step: "Check the network connection, then try again.",
            ..Row::new("timed-out", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::NameNotFound),
        Row {
            causes: &["offline"],
            message: "{unverified}: the server's name was not found.",
            next_step: "Check that this machine is online and that its DNS works, then try again.",
            ..Row::new("name-not-found", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::NotConnected),
        Row {
            causes: &["no way to the server"],
            message: "{unverified}: the server could not be reached.",
            next_step: "Check the network connection; if this network needs a proxy, set http.proxy \
                    for Git.",
            ..Row::new("not-connected", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::ProxyUnreachable),
        Row {
            causes: &["a proxy that is down"],
            message: "{unverified}: the proxy could not be reached.",
            next_step: "Check http.proxy in Git's configuration (or HTTPS_PROXY, ALL_PROXY).",
            ..Row::new("proxy-unreachable", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::ProxyLogin),
        Row {
            causes: &["a proxy that wants a login"],
            answer: "407, from the proxy",
            message: "{unverified}: the proxy asks for a login, or refused the one it was given.",
            next_step: "Set http.proxy in Git's configuration to http://USER:PASSWORD@HOST:PORT.",
            ..Row::new("proxy-login", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::ProxyRefused),
        Row {
            causes: &["a proxy that refuses"],
            answer: "another status, from the proxy",
            message: "{unverified}: the proxy did not connect to Bitbucket.",
            next_step: "Ask whoever runs the proxy to allow {hosts}.",
            ..Row::new("proxy-refused", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::UntrustedCertificate),
        Row {
            causes: &["TLS inspection"],
            message: "{unverified}: the server's certificate comes from an authority that is not \
                  trusted here, so nothing was sent.",
            next_step: "If your network inspects TLS, set http.sslCAInfo for Git to its authority's \
                    file.",
            ..Row::new("untrusted-certificate", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::WrongName),
        Row {
            causes: &["a network that wants a sign-in first"],
            message: "{unverified}: the server's certificate is for another name, so nothing was \
                  sent.",
            next_step: "Check in a browser whether this network wants you to sign in first.",
            ..Row::new("wrong-name", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::WrongTime),
        Row {
            causes: &["a clock a day behind", "a clock a day ahead"],
            message: "{unverified}: the server's certificate is not valid at this machine's time, so \
                  nothing was sent.",
            next_step: "Set this machine's date and clock right, then try again.",
            ..Row::new("wrong-time", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::RefusedByServer),
        Row {
            causes: &["a client certificate that is asked for"],
            message: "{unverified}: the server, or a gateway before it, refused the connection. It \
                  may ask for a client certificate (http.sslCert), and none is sent from here.",
            next_step: "Ask whoever runs it; Git itself may get through all the same.",
            ..Row::new("refused-by-server", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::VerificationDisabled),
        Row {
            causes: &["certificates not checked"],
            message: "{unverified}: Git is configured not to check certificates (http.sslVerify or \
                  GIT_SSL_NO_VERIFY), so nothing was sent.",
            next_step: "Remove that setting; for an authority of your own, set http.sslCAInfo \
                    instead.",
            ..Row::new("verification-disabled", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::BadSetting(String::new())),
        Row {
            causes: &["a setting that cannot be used"],
            message: "{unverified}: a setting cannot be used ({setting}), so nothing was sent.",
            next_step: "Correct it: proxies take Basic logins, certificates are PEM files with an \
                    absolute path.",
            ..Row::new("bad-setting", Fate::Open)
        },
    ),
    (
        Uncertainty::Network(Trouble::Broken),
        Row {
            causes: &["a connection that breaks", "an answer that is not HTTP"],
            message: "{unverified}: the connection broke, or the answer was not HTTP.",
            next_step: "Try again; if it stays so, look for a proxy or firewall in between.",
            ..Row::new("broken", Fate::Open)
        },
    ),
];
