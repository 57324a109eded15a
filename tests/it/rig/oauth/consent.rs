//! The page on which a person agrees, which here is skipped: a code for the client that asks, or the
//! refusal.

use super::super::answer::Answer;
use super::super::log::Request;
use super::super::tokens;
use super::form::{fields, value};
use super::{Code, Grantor, Manner, WRONG_REDIRECT};
use serde_json::json;
use url::Url;

const NO_CALLBACK: (&str, &str) = (
    "invalid_request",
    "No callback uri defined for the OAuth client.",
);

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
