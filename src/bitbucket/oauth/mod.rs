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
};
