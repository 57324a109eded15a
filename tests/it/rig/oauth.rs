//! OAuth 2.0 as Bitbucket Cloud speaks it: clients, codes, grants whose refresh tokens rotate.
//! Pure over the world's data; the consent page is skipped, since no test has eyes.

use super::answer::Answer;
use super::log::{Authorization, Request};
use super::tokens;
use super::world::{Credential, Kind, State, World};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hyper::HeaderMap;
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;
use url::form_urlencoded;

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
const NO_CALLBACK: (&str, &str) = (
    "invalid_request",
    "No callback uri defined for the OAuth client.",
);
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

/// The fields of a query or a form; `None` if one is there twice.
fn fields(text: &[u8]) -> Option<Vec<(String, String)>> {
    let all: Vec<(String, String)> = form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let is_single = |(name, _): &(String, String)| all.iter().filter(|it| it.0 == *name).count();
    all.iter().all(|it| is_single(it) == 1).then_some(all)
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn page(status: u16, text: &str) -> Answer {
    let body = format!("<html><title>Bitbucket</title><p>{text}</p></html>");
    Answer {
        status,
        headers: vec![("Content-Type".to_owned(), "text/html".to_owned())],
        body: body.into_bytes(),
    }
}

/// Whether a stated address is the client's callback or extends it. At the loopback address
/// the port is whichever.
fn fits(manner: Manner, callback: &str, redirect: &str) -> bool {
    if manner == Manner::DataCenter {
        return callback == redirect;
    }
    let (Ok(callback), Ok(redirect)) = (Url::parse(callback), Url::parse(redirect)) else {
        return false;
    };
    let is_loopback = ["127.0.0.1", "localhost"].contains(&callback.host_str().unwrap_or_default());
    callback.scheme() == redirect.scheme()
        && callback.host_str() == redirect.host_str()
        && (is_loopback || callback.port() == redirect.port())
        && redirect.path().starts_with(callback.path())
}

/// The fields of a request for a code. `Err`: what no client should send.
fn asked_for_code(request: &Request) -> Result<Vec<(String, String)>, String> {
    const KNOWN: [&str; 7] = [
        "client_id",
        "response_type",
        "redirect_uri",
        "state",
        "code_challenge",
        "code_challenge_method",
        "scope",
    ];
    let fields = fields(request.query.as_bytes()).ok_or("a field twice")?;
    if let Some((name, _)) = fields.iter().find(|it| !KNOWN.contains(&&*it.0)) {
        return Err(format!("unknown field {name}"));
    }
    let field = |name| value(&fields, name);
    if field("response_type") != Some("code") || field("state").is_none_or(str::is_empty) {
        return Err("no code is asked for, or no state is sent".to_owned());
    }
    if field("code_challenge").is_some() != (field("code_challenge_method") == Some("S256")) {
        return Err("half a challenge".to_owned());
    }
    Ok(fields)
}

/// Answers `GET /site/oauth2/authorize` for whoever sits before the browser. `Err`: what no
/// client should send.
pub fn authorize(world: &mut dyn Grantor, request: &Request) -> Result<Answer, String> {
    let fields = asked_for_code(request)?;
    let field = |name| value(&fields, name);
    let oauth = world.oauth();
    let id = field("client_id").unwrap_or_default();
    let Some(client) = oauth.client(id) else {
        return Ok(page(400, "Invalid client_id"));
    };
    let Some(callback) = &client.callback else {
        return Ok(Answer::json(
            400,
            &json!({ "error": NO_CALLBACK.0, "error_description": NO_CALLBACK.1 }),
        ));
    };
    let asked: Vec<&str> = field("scope").unwrap_or_default().split(' ').collect();
    let mut scopes = client.scopes.clone();
    if oauth.manner == Manner::DataCenter {
        scopes.retain(|scope| asked.contains(scope));
    }
    let redirect = field("redirect_uri");
    if redirect.is_some_and(|redirect| !fits(oauth.manner, callback, redirect)) {
        let text = format!(
            "{WRONG_REDIRECT} This integration is misconfigured. Contact the vendor for assistance."
        );
        return Ok(page(400, &text));
    }
    let mut target = Url::parse(redirect.unwrap_or(callback)).map_err(|it| it.to_string())?;
    let state = field("state").unwrap_or_default();
    if oauth.denies {
        target
            .query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("error_description", "The user denied access")
            .append_pair("state", state);
    } else {
        oauth.issued += 1;
        let code = tokens::oauth_token_of_length(oauth.issued, oauth.code_length);
        target
            .query_pairs_mut()
            .append_pair("state", state)
            .append_pair("code", &code);
        oauth.codes.push(Code {
            text: code,
            client: id.to_owned(),
            redirect: redirect.map(str::to_owned),
            challenge: field("code_challenge").map(str::to_owned),
            scopes,
            is_used: false,
        });
    }
    Ok(Answer::text(302, "").header("Location", target.as_str()))
}

/// Answers `POST /site/oauth2/access_token`. `Err`: what no client should send.
pub fn token(
    world: &mut dyn Grantor,
    login: Option<&Authorization>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer, String> {
    const KNOWN: [&str; 7] = [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "client_id",
        "client_secret",
    ];
    let content_type = headers.get("content-type").and_then(|it| it.to_str().ok());
    if content_type != Some("application/x-www-form-urlencoded") {
        // A JSON body is read as no form at all.
        return Ok(refusal(
            world,
            ("invalid_grant", "Unsupported grant type: None"),
        ));
    }
    let fields = fields(body).ok_or("a field twice")?;
    if let Some((name, _)) = fields.iter().find(|it| !KNOWN.contains(&&*it.0)) {
        return Err(format!("unknown field {name}"));
    }
    let client = match client_of(world, login, &fields) {
        Ok(client) => client,
        Err(error) => return Ok(refusal(world, error)),
    };
    let outcome = match value(&fields, "grant_type") {
        Some("authorization_code") => exchange(world, &client, &fields),
        Some("refresh_token") => refresh(world, &client, &fields),
        other => return Err(format!("grant type {other:?}")),
    };
    Ok(match outcome {
        Ok(index) => tokens_of(world, index),
        Err(error) => refusal(world, error),
    })
}

/// Answers `POST /site/oauth2/revoke`. `Err`: what no client should send.
pub fn revoke(
    world: &mut dyn Grantor,
    login: Option<&Authorization>,
    body: &[u8],
) -> Result<Answer, String> {
    let fields = fields(body).ok_or("a field twice")?;
    let client = match client_of(world, login, &fields) {
        Ok(client) => client,
        Err(error) => return Ok(refusal(world, error)),
    };
    let token = value(&fields, "token").ok_or("no token to revoke")?;
    let mut ended = Vec::new();
    for grant in &mut world.oauth().grants {
        if grant.client == client.id && (grant.refresh == token || grant.access == token) {
            grant.is_revoked = true;
            ended.push(grant.access.clone());
        }
    }
    world.end(&ended);
    Ok(Answer::text(200, ""))
}

type Error = (&'static str, &'static str);

/// The client that proves itself by Basic, or in the body.
fn client_of(
    world: &mut dyn Grantor,
    login: Option<&Authorization>,
    fields: &[(String, String)],
) -> Result<Client, Error> {
    let oauth = world.oauth();
    let proof = match login {
        Some(login) if login.scheme == "Basic" && oauth.manner == Manner::Cloud => {
            Some((&*login.user, &*login.secret))
        }
        _ => value(fields, "client_id").zip(value(fields, "client_secret")),
    };
    let (id, secret) = proof.ok_or(NO_CLIENT)?;
    let client = oauth.client(id).ok_or(WRONG_CLIENT)?;
    if client.secret == secret {
        Ok(client.clone())
    } else {
        Err(WRONG_CLIENT)
    }
}

/// Makes a grant of a code; its index.
fn exchange(
    world: &mut dyn Grantor,
    client: &Client,
    fields: &[(String, String)],
) -> Result<usize, Error> {
    let checks_verifier = world.oauth().checks_verifier;
    let sent = value(fields, "code").unwrap_or_default();
    let verifier = value(fields, "code_verifier");
    world.oauth().exchanges.push(Exchange {
        code: sent.to_owned(),
        verifier: verifier.unwrap_or_default().to_owned(),
    });
    let is_it = |code: &&mut Code| code.text == sent && code.client == client.id;
    let code = world.oauth().codes.iter_mut().find(is_it);
    let code = code.filter(|code| !code.is_used).ok_or(DEAD_GRANT)?;
    code.is_used = true;
    let made = verifier.map(|it| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(it)));
    if code.redirect.as_deref() != value(fields, "redirect_uri")
        || (checks_verifier && code.challenge != made)
    {
        return Err(DEAD_GRANT);
    }
    let scopes = code.scopes.clone();
    let oauth = world.oauth();
    let (access, refresh) = (oauth.token(), oauth.token());
    oauth.grants.push(Grant {
        client: client.id.clone(),
        user: oauth.user.clone(),
        scopes,
        access: access.clone(),
        refresh,
        rotated: Vec::new(),
        is_revoked: false,
    });
    let index = oauth.grants.len() - 1;
    issue(world, index, &access);
    Ok(index)
}

/// Renews a grant; its index.
fn refresh(
    world: &mut dyn Grantor,
    client: &Client,
    fields: &[(String, String)],
) -> Result<usize, Error> {
    let sent = value(fields, "refresh_token").unwrap_or_default();
    let oauth = world.oauth();
    let redirect = value(fields, "redirect_uri");
    if oauth.manner == Manner::DataCenter && redirect != client.callback.as_deref() {
        return Err(DEAD_GRANT);
    }
    if oauth.locked > 0 {
        oauth.locked -= 1;
        return Err(WRONG_CLIENT);
    }
    let knows = |grant: &Grant| {
        grant.client == client.id
            && (grant.refresh == sent || grant.rotated.iter().any(|former| former == sent))
    };
    let index = oauth.grants.iter().position(knows);
    let index = index.filter(|&index| !oauth.grants[index].is_revoked);
    let index = index.ok_or(oauth.dead_refresh)?;
    if oauth.grants[index].refresh != sent && !oauth.grace {
        oauth.locked = oauth.lock_out;
        return Err(WRONG_CLIENT);
    }
    let (access, refresh) = (oauth.token(), oauth.token());
    let grant = &mut oauth.grants[index];
    let former = std::mem::replace(&mut grant.refresh, refresh);
    grant.rotated.push(former);
    grant.access.clone_from(&access);
    issue(world, index, &access);
    Ok(index)
}

/// The access token is a credential like any other.
fn issue(world: &mut dyn Grantor, index: usize, access: &str) {
    let grant = world.oauth().grants[index].clone();
    world.issue(access, &grant.user, &grant.scopes);
}

fn tokens_of(world: &mut dyn Grantor, index: usize) -> Answer {
    let oauth = world.oauth();
    let grant = &oauth.grants[index];
    let mut answer = json!({
        "access_token": grant.access,
        "token_type": "bearer",
        "refresh_token": grant.refresh,
        "state": "authorization_code",
    });
    if let Some(seconds) = oauth.expires_in {
        answer["expires_in"] = json!(seconds);
    }
    match oauth.scope_field {
        ScopeField::Scope => answer["scope"] = json!(grant.scopes.join(" ")),
        ScopeField::Scopes => answer["scopes"] = json!(grant.scopes.join(" ")),
        ScopeField::Neither => {}
    }
    Answer::json(200, &answer)
}

fn refusal(world: &mut dyn Grantor, (error, description): Error) -> Answer {
    Answer::json(
        world.oauth().error_status,
        &json!({ "error_description": description, "error": error }),
    )
}
