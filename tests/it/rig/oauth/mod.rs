//! OAuth 2.0 as Bitbucket Cloud speaks it: clients, codes, grants whose refresh tokens rotate.
//! Pure over the world's data; the consent page is skipped, since no test has eyes. Here are the
//! clients, the grants and the switches that a test flips.

mod consent;
mod form;
mod token_endpoint;

pub use consent::authorize;
pub use token_endpoint::{revoke, token};

use super::tokens;
use super::world::{Credential, Kind, State, World};

/// An OAuth client, as a workspace's administrator makes one.
#[derive(Clone)]
pub struct Client {
    pub id: String,
    pub secret: String,
    /// The callback URL; a client may lack it.
    pub callback: Option<String>,
    /// They are the client's: nobody narrows them.
    pub scopes: Vec<&'static str>,
}

/// What a user has granted to a client.
#[derive(Clone)]
pub struct Grant {
    pub client: String,
    pub user: String,
    pub scopes: Vec<&'static str>,
    /// The access token handed out last.
    pub access: String,
    /// The refresh token that is good.
    pub refresh: String,
    /// Those that were good before.
    pub rotated: Vec<String>,
    /// Whether the user has ended it.
    pub is_revoked: bool,
}

/// A code that waits for its exchange, or was exchanged.
struct Code {
    text: String,
    client: String,
    redirect: Option<String>,
    challenge: Option<String>,
    scopes: Vec<&'static str>,
    is_used: bool,
}

/// What came to the server to be exchanged.
#[derive(Clone)]
pub struct Exchange {
    pub code: String,
    pub verifier: String,
}

/// Under which name the granted scopes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeField {
    Scope,
    Scopes,
    Neither,
}

/// Who has an authority over clients and grants: the world of a server.
pub trait Grantor {
    fn oauth(&mut self) -> &mut OAuth;
    /// An access token is a credential like any other.
    fn issue(&mut self, access: &str, user: &str, scopes: &[&'static str]);
    /// Ends access tokens.
    fn end(&mut self, tokens: &[String]);
}

impl Grantor for World {
    fn oauth(&mut self) -> &mut OAuth {
        &mut self.oauth
    }

    fn issue(&mut self, access: &str, user: &str, scopes: &[&'static str]) {
        let credential = Credential::new(Kind::OAuth, access, user, scopes);
        self.credentials.push(credential);
    }

    fn end(&mut self, tokens: &[String]) {
        for credential in &mut self.credentials {
            if tokens.contains(&credential.secret) {
                credential.state = State::Revoked;
            }
        }
    }
}

/// In which one server's OAuth differs from another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The client proves itself by Basic or in the form, its scopes are its own, a port at the
    /// loopback address is whichever.
    Cloud,
    /// In the form only, a grant has the scopes that are asked for and the client has, the
    /// redirect is the client's to the letter and goes with a renewal, too.
    DataCenter,
}

/// Everything the server knows of it, and the switches a test flips.
pub struct OAuth {
    pub manner: Manner,
    pub clients: Vec<Client>,
    pub grants: Vec<Grant>,
    codes: Vec<Code>,
    /// Every exchange, whatever came of it.
    pub exchanges: Vec<Exchange>,
    issued: u64,
    /// Who sits before the browser.
    pub user: String,
    /// Whether they refuse.
    pub denies: bool,
    pub scope_field: ScopeField,
    /// In characters, of either token.
    pub token_length: usize,
    /// The same of a code.
    pub code_length: usize,
    /// `None` leaves the field out.
    pub expires_in: Option<u64>,
    /// Whether a refresh token that was rotated away is still taken.
    pub grace: bool,
    /// Whether a wrong `code_verifier` is refused, which nobody knows.
    pub checks_verifier: bool,
    /// The status of an error: 400, 401 or 403.
    pub error_status: u16,
    /// How many requests of a client are refused once it has sent a rotated token.
    pub lock_out: usize,
    locked: usize,
    /// What a refresh token that was never good, or was revoked, is answered with.
    pub dead_refresh: (&'static str, &'static str),
}

impl Default for OAuth {
    fn default() -> Self {
        Self {
            manner: Manner::Cloud,
            clients: Vec::new(),
            grants: Vec::new(),
            codes: Vec::new(),
            exchanges: Vec::new(),
            issued: 0,
            user: "alice".to_owned(),
            denies: false,
            scope_field: ScopeField::Scope,
            token_length: 2600,
            code_length: 18,
            expires_in: Some(7200),
            grace: true,
            checks_verifier: true,
            error_status: 400,
            lock_out: 2,
            locked: 0,
            dead_refresh: WRONG_CLIENT,
        }
    }
}

/// The names of errors with their texts.
pub const WRONG_CLIENT: (&str, &str) = ("unauthorized_client", "Invalid OAuth client credentials");
pub const NO_CLIENT: (&str, &str) = (
    "unauthorized_client",
    "Requests must be authenticated using OAuth client credentials",
);
pub const DEAD_GRANT: (&str, &str) = ("invalid_grant", "The grant is invalid or has expired");
pub const DEAD_REFRESH: (&str, &str) = ("invalid_request", "Invalid refresh_token");
pub const WRONG_REDIRECT: &str = "Invalid redirect_uri";

/// The scopes that a client needs for Git.
pub const CLIENT_SCOPES: [&str; 3] = ["account", "repository", "repository:write"];

impl OAuth {
    /// As a Data Center has it.
    pub fn of_data_center() -> Self {
        Self {
            manner: Manner::DataCenter,
            user: "jdoe".to_owned(),
            expires_in: Some(3600),
            ..Self::default()
        }
    }

    /// Adds a client that is called back at the loopback address.
    pub fn add_client(&mut self, id: &str, secret: &str) {
        self.clients.push(Client {
            id: id.to_owned(),
            secret: secret.to_owned(),
            callback: Some("http://127.0.0.1/callback".to_owned()),
            scopes: CLIENT_SCOPES.to_vec(),
        });
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// The only grant.
    ///
    /// # Panics
    /// If there is another number of them.
    pub fn grant(&self) -> &Grant {
        let [grant] = &self.grants[..] else {
            panic!("{} grants", self.grants.len());
        };
        grant
    }

    /// Whether the server takes this refresh token now, the lock-out aside.
    pub fn takes(&self, refresh: &str) -> bool {
        self.grants.iter().any(|grant| {
            let rotated = self.grace && grant.rotated.iter().any(|former| former == refresh);
            !grant.is_revoked && (grant.refresh == refresh || rotated)
        })
    }

    fn token(&mut self) -> String {
        self.issued += 1;
        tokens::oauth_token_of_length(self.issued, self.token_length)
    }
}
