//! Signing in with a browser, as Bitbucket's OAuth 2.0 has it: its addresses, what the browser
//! brings back, what the server answers, and the requests. Where tokens are kept and when they
//! are renewed is `accounts`' business; who is asked and which client is used is `helper`'s.

mod answer;
mod attempt;
mod callback;
mod client;
mod request;

pub use answer::{Answered, Refusal, Tokens};
pub use attempt::Attempt;
pub use callback::{Callback, PasteFault};
pub use client::{Client, Redirect};
pub use request::{LONGEST_REQUEST, exchange, renew, revoke};

use crate::bitbucket::kind::Kind;
use std::borrow::Cow;

type Text = Cow<'static, str>;

/// Where a site signs people in, and all in which one site's OAuth differs from another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The page that the browser opens.
    pub authorize: Text,
    /// Where a code or a refresh token becomes tokens.
    pub token: Text,
    /// Where a grant is ended, if the site can.
    pub revoke: Option<Text>,
    /// How the client proves itself.
    pub proof: Proof,
    /// Whether a renewal names the callback address, too.
    pub redirect_on_renewal: bool,
    /// The scopes to ask for; none where the client has its own and nobody narrows them.
    pub scopes: Option<&'static str>,
    /// What a sign-in brings.
    pub kind: Kind,
    /// The callback URL of a client that has no other.
    pub callback: &'static str,
    /// Where a client's callback URL is set right, as part of a sentence.
    pub client_page: Text,
    /// Whether one client serves everybody, so that one may be built in.
    pub has_common_client: bool,
}

/// How a client proves itself where it asks for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By HTTP Basic.
    Basic,
    /// By two fields of the form.
    Form,
}

/// Bitbucket Cloud's. Source: developer.atlassian.com/cloud/bitbucket/oauth-2.
pub static CLOUD: Provider = Provider {
    authorize: Text::Borrowed("https://bitbucket.org/site/oauth2/authorize"),
    token: Text::Borrowed("https://bitbucket.org/site/oauth2/access_token"),
    revoke: Some(Text::Borrowed("https://bitbucket.org/site/oauth2/revoke")),
    proof: Proof::Basic,
    redirect_on_renewal: false,
    scopes: None,
    kind: Kind::OAuth,
    callback: "http://127.0.0.1/callback",
    client_page: Text::Borrowed(
        "at https://bitbucket.org/WORKSPACE/workspace/settings/oauth-clients",
    ),
    has_common_client: true,
};

impl Provider {
    /// A Data Center's, below its address. Source: confluence.atlassian.com/bitbucketserver, OAuth
    /// 2.0 provider API; that a renewal wants the redirect was measured. Of an end that a client
    /// may ask for, and of ports that match loosely, nobody tells, so there is a port of its own.
    pub fn of_data_center(address: &str) -> Self {
        Self {
            authorize: format!("{address}/rest/oauth2/latest/authorize").into(),
            token: format!("{address}/rest/oauth2/latest/token").into(),
            revoke: None,
            proof: Proof::Form,
            redirect_on_renewal: true,
            scopes: Some("PUBLIC_REPOS REPO_READ REPO_WRITE"),
            kind: Kind::DataCenterOAuth,
            callback: "http://127.0.0.1:34106/callback",
            client_page: Text::Borrowed(
                "in the incoming link (Administration, Application links), which takes an \
                 administrator",
            ),
            has_common_client: false,
        }
    }
}
