//! OAuth of the loopback Bitbucket: what it grants, renews, refuses and ends.

use super::{ACCESS_NAME, ask_git, scene};
use crate::rig::curl::{Login, Reply, USER, curl};
use crate::rig::oauth::{
    DEAD_GRANT, DEAD_REFRESH, NO_CLIENT, ScopeField, WRONG_CLIENT, WRONG_REDIRECT,
};
use crate::rig::{Fault, Rig, State, Surface};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use url::Url;

const AUTHORIZE: &str = "https://bitbucket.org/site/oauth2/authorize";
const TOKEN: &str = "https://bitbucket.org/site/oauth2/access_token";
const REVOKE: &str = "https://bitbucket.org/site/oauth2/revoke";
const CLIENT: Login = Login::Basic("client", "hush");
const CALLBACK: &str = "http://127.0.0.1:8000/callback";
const VERIFIER: &str = "a-verifier-of-a-test-that-is-long-enough-by-far";

fn with_client() -> Rig {
    let rig = scene();
    rig.bitbucket.world().oauth.add_client("client", "hush");
    rig
}

/// Asks for a code as a browser does.
fn authorize(rig: &Rig, fields: &[(&str, &str)]) -> Reply {
    let url = Url::parse_with_params(AUTHORIZE, fields).expect("an address");
    curl(rig, Login::None, url.as_str(), &[])
}

/// What the address has that the browser is sent to.
fn target(reply: &Reply, name: &str) -> Option<String> {
    let url = Url::parse(reply.header("location")?).expect("an address");
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned())
}

/// A code, asked for with a challenge.
fn code(rig: &Rig) -> String {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let reply = authorize(
        rig,
        &[
            ("client_id", "client"),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("state", "s t&te"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ],
    );
    assert_eq!(reply.status, 302, "{reply:?}");
    assert_eq!(target(&reply, "state").as_deref(), Some("s t&te"));
    target(&reply, "code").expect("a code")
}

fn post(rig: &Rig, login: Login, url: &str, form: &[(&str, &str)]) -> Reply {
    let mut options = vec!["--request", "POST"];
    let fields: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    for field in &fields {
        options.extend(["--data-urlencode", field]);
    }
    curl(rig, login, url, &options)
}

fn exchange(rig: &Rig, login: Login, code: &str, more: &[(&str, &str)]) -> Reply {
    let mut form = vec![("grant_type", "authorization_code"), ("code", code)];
    form.extend(more);
    post(rig, login, TOKEN, &form)
}

const WHOLE: [(&str, &str); 2] = [("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];

fn refresh(rig: &Rig, token: &str) -> Reply {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    post(rig, CLIENT, TOKEN, &form)
}

/// A grant; its refresh token.
fn grant(rig: &Rig) -> String {
    let code = code(rig);
    assert_eq!(exchange(rig, CLIENT, &code, &WHOLE).status, 200);
    rig.bitbucket.world().oauth.grant().refresh.clone()
}

#[track_caller]
fn is_refused(reply: &Reply, (error, description): (&str, &str)) {
    assert_eq!(reply.status, 400, "{reply:?}");
    assert_eq!(reply.json()["error"], error, "{reply:?}");
    assert_eq!(reply.json()["error_description"], description, "{reply:?}");
}

#[test]
fn a_code_becomes_tokens_that_git_and_rest_take() {
    let rig = with_client();
    for (field, name, length) in [
        (ScopeField::Scope, Some("scope"), 60),
        (ScopeField::Scopes, Some("scopes"), 1900),
        (ScopeField::Neither, None, 6000),
    ] {
        {
            let oauth = &mut rig.bitbucket.world().oauth;
            oauth.scope_field = field;
            oauth.token_length = length;
        }
        let reply = exchange(&rig, CLIENT, &code(&rig), &WHOLE);
        assert_eq!(reply.status, 200, "{reply:?}");
        let json = reply.json();
        assert_eq!(json["token_type"], "bearer");
        assert_eq!(json["expires_in"], 7200);
        for other in ["scope", "scopes"] {
            let expected = (Some(other) == name).then_some("account repository repository:write");
            assert_eq!(json[other].as_str(), expected, "{field:?}");
        }
        let access = json["access_token"].as_str().expect("a token");
        assert_eq!(access.len(), length);
        assert_eq!(json["refresh_token"].as_str().map(str::len), Some(length));
        let basic = Login::Basic(ACCESS_NAME, access);
        assert_eq!(ask_git(&rig, basic, true).status, 200);
        assert_eq!(curl(&rig, Login::Bearer(access), USER, &[]).status, 200);
    }
}

#[test]
fn a_browser_is_sent_back_or_shown_what_is_wrong() {
    let rig = with_client();
    let fields = |id, redirect| {
        [
            ("client_id", id),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("state", "abc"),
        ]
    };
    for (redirect, fits) in [
        ("http://127.0.0.1/callback", true),
        ("http://127.0.0.1:1/callback", true),
        ("http://127.0.0.1:1/callback/more", true),
        ("http://127.0.0.1:1/", false),
        ("http://localhost:1/callback", false),
        ("https://127.0.0.1/callback", false),
        ("http://evil.test/callback", false),
    ] {
        let reply = authorize(&rig, &fields("client", redirect));
        assert_eq!(reply.status == 302, fits, "{redirect}: {reply:?}");
        assert_eq!(reply.body.contains(WRONG_REDIRECT), !fits, "{redirect}");
    }
    let unknown = authorize(&rig, &fields("nobody", CALLBACK));
    assert_eq!((unknown.status, unknown.header("location")), (400, None));
    rig.bitbucket.world().oauth.denies = true;
    let denied = authorize(&rig, &fields("client", CALLBACK));
    assert_eq!(target(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(target(&denied, "state").as_deref(), Some("abc"));
    rig.bitbucket.world().oauth.clients[0].callback = None;
    let lacking = authorize(&rig, &fields("client", CALLBACK));
    assert!(lacking.body.contains("No callback uri defined"));
}

#[test]
fn a_code_works_once_for_its_client_with_its_verifier() {
    let rig = with_client();
    let used = code(&rig);
    assert_eq!(exchange(&rig, CLIENT, &used, &WHOLE).status, 200);
    is_refused(&exchange(&rig, CLIENT, &used, &WHOLE), DEAD_GRANT);
    is_refused(&exchange(&rig, CLIENT, "no-code", &WHOLE), DEAD_GRANT);
    let other = [WHOLE[0], ("code_verifier", "another")];
    is_refused(&exchange(&rig, CLIENT, &code(&rig), &other), DEAD_GRANT);
    rig.bitbucket.world().oauth.checks_verifier = false;
    assert_eq!(exchange(&rig, CLIENT, &code(&rig), &other).status, 200);
    let elsewhere = [("redirect_uri", "http://127.0.0.1/callback"), WHOLE[1]];
    is_refused(&exchange(&rig, CLIENT, &code(&rig), &elsewhere), DEAD_GRANT);
}

#[test]
fn a_client_proves_itself_by_basic_or_in_the_form() {
    let rig = with_client();
    let wrong = Login::Basic("client", "wrong");
    is_refused(&exchange(&rig, wrong, &code(&rig), &WHOLE), WRONG_CLIENT);
    is_refused(&exchange(&rig, Login::None, &code(&rig), &WHOLE), NO_CLIENT);
    let mut inside = WHOLE.to_vec();
    inside.extend([("client_id", "client"), ("client_secret", "hush")]);
    let reply = exchange(&rig, Login::None, &code(&rig), &inside);
    assert_eq!(reply.status, 200);
    let json = ["--json", r#"{"grant_type":"refresh_token"}"#];
    let reply = curl(&rig, CLIENT, TOKEN, &json);
    is_refused(&reply, ("invalid_grant", "Unsupported grant type: None"));
    for status in [401, 403] {
        rig.bitbucket.world().oauth.error_status = status;
        let reply = exchange(&rig, wrong, &code(&rig), &WHOLE);
        assert_eq!(reply.status, status);
        assert_eq!(reply.json()["error"], WRONG_CLIENT.0);
    }
}

#[test]
fn a_refresh_token_rotates_and_its_former_has_a_grace() {
    let rig = with_client();
    let first = grant(&rig);
    let second = refresh(&rig, &first).json();
    assert_ne!(second["refresh_token"], first.as_str());
    assert_eq!(
        second["refresh_token"],
        *rig.bitbucket.world().oauth.grant().refresh
    );
    assert_eq!(refresh(&rig, &first).status, 200, "within its grace");
    let current = {
        let oauth = &mut rig.bitbucket.world().oauth;
        oauth.grace = false;
        assert!(!oauth.takes(&first) && oauth.takes(&oauth.grant().refresh));
        oauth.grant().refresh.clone()
    };
    is_refused(&refresh(&rig, &first), WRONG_CLIENT);
    // The lock-out is the client's, whatever it sends.
    let lock_out = rig.bitbucket.world().oauth.lock_out;
    for _ in 0..lock_out {
        is_refused(&refresh(&rig, &current), WRONG_CLIENT);
    }
    assert_eq!(refresh(&rig, &current).status, 200);
}

#[test]
fn a_dead_refresh_token_is_refused_in_one_of_three_ways() {
    let rig = with_client();
    for dead in [WRONG_CLIENT, DEAD_GRANT, DEAD_REFRESH] {
        rig.bitbucket.world().oauth.dead_refresh = dead;
        is_refused(&refresh(&rig, "never-good"), dead);
    }
}

#[test]
fn a_revoked_grant_ends_both_tokens() {
    let rig = with_client();
    let token = grant(&rig);
    let access = rig.bitbucket.world().oauth.grant().access.clone();
    let reply = post(&rig, CLIENT, REVOKE, &[("token", &token)]);
    assert_eq!((reply.status, &*reply.body), (200, ""));
    is_refused(&refresh(&rig, &token), WRONG_CLIENT);
    assert!(!rig.bitbucket.world().oauth.takes(&token));
    let basic = Login::Basic(ACCESS_NAME, &access);
    assert_eq!(ask_git(&rig, basic, false).status, 401);
}

#[test]
fn scopes_are_the_client_s_and_tokens_expire() {
    let rig = with_client();
    rig.bitbucket.world().oauth.clients[0].scopes = vec!["repository"];
    grant(&rig);
    let access = rig.bitbucket.world().oauth.grant().access.clone();
    let basic = Login::Basic(ACCESS_NAME, &access);
    assert_eq!(ask_git(&rig, basic, false).status, 200);
    assert_eq!(ask_git(&rig, basic, true).status, 403);
    let who = || curl(&rig, Login::Bearer(&access), USER, &[]);
    assert_eq!(who().json()["error"]["detail"]["required"][0], "account");
    rig.bitbucket.set_state(&access, State::Expired);
    assert_eq!(who().status, 401);
    assert_eq!(ask_git(&rig, basic, false).status, 401);
}

#[test]
fn an_answer_may_be_lost_after_the_token_has_rotated() {
    let rig = with_client();
    let token = grant(&rig);
    rig.bitbucket.fail(Surface::OAuth, Fault::CloseWhenDone, 1);
    assert_ne!(refresh(&rig, &token).exit, 0);
    assert_ne!(rig.bitbucket.world().oauth.grant().refresh, token);
    rig.bitbucket.fail(Surface::OAuth, Fault::down(), 1);
    assert_eq!(refresh(&rig, &token).status, 503);
    assert_eq!(refresh(&rig, &token).status, 200);
}

/// What no client should send fails the test.
#[test]
fn unknown_pages_and_fields_are_violations() {
    let rig = with_client();
    for (login, url, form) in [
        (CLIENT, TOKEN, [("grant_type", "password")].as_slice()),
        (
            CLIENT,
            TOKEN,
            &[("grant_type", "refresh_token"), ("x", "y")],
        ),
        (CLIENT, REVOKE, &[("x", "y")]),
        (CLIENT, "https://bitbucket.org/site/oauth2/device", &[]),
        (Login::Basic("nobody", "x"), TOKEN, &[]),
        (
            CLIENT,
            "https://bitbucket.org/acme/widgets.git/git-receive-pack",
            &[],
        ),
    ] {
        assert_eq!(post(&rig, login, url, form).status, 400, "{url} {form:?}");
        assert_eq!(rig.take_violations().len(), 1, "{url} {form:?}");
    }
    for fields in [
        [
            ("client_id", "client"),
            ("response_type", "token"),
            ("state", "x"),
        ],
        [
            ("client_id", "client"),
            ("response_type", "code"),
            ("other", "x"),
        ],
    ] {
        assert_eq!(authorize(&rig, &fields).status, 400);
        assert_eq!(rig.take_violations().len(), 1, "{fields:?}");
    }
}
