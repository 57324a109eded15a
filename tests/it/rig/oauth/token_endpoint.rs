//! Where a client proves itself: a code becomes a grant, a refresh token the next one, and a grant
//! ends.

use super::super::answer::Answer;
use super::super::log::Authorization;
use super::form::{fields, value};
use super::{
    Client, Code, DEAD_GRANT, Exchange, Grant, Grantor, Manner, NO_CLIENT, ScopeField, WRONG_CLIENT,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hyper::HeaderMap;
use serde_json::json;
use sha2::{Digest, Sha256};

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
