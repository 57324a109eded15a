//! OAuth of the loopback Data Center, where it is not as Bitbucket Cloud's: the client proves
//! itself in the form, and the redirect is wanted to the letter, with a renewal, too.

use crate::rig::Rig;
use crate::rig::curl::{Login, Reply, curl};
use crate::rig::data_center::DataCenter;
use crate::rig::oauth::Client;
use std::sync::Arc;
use url::Url;

const CALLBACK: &str = "http://127.0.0.1:8000/callback";

fn scene() -> (Rig, Arc<DataCenter>) {
    let (rig, server, _) = Rig::with_data_center("https://git.acme.example/bitbucket");
    server.world().oauth.clients.push(Client {
        id: "client".to_owned(),
        secret: "hush".to_owned(),
        callback: Some(CALLBACK.to_owned()),
        scopes: vec!["REPO_READ", "REPO_WRITE"],
    });
    (rig, server)
}

fn authorize(rig: &Rig, server: &DataCenter, redirect: &str, scope: &str) -> Reply {
    let address = format!("{}/rest/oauth2/latest/authorize", server.url());
    let fields = [
        ("client_id", "client"),
        ("response_type", "code"),
        ("redirect_uri", redirect),
        ("state", "x"),
        ("scope", scope),
    ];
    let url = Url::parse_with_params(&address, fields).expect("an address");
    curl(rig, Login::None, url.as_str(), &[])
}

fn code(reply: &Reply) -> String {
    let target = reply.header("location").expect("an address");
    let url = Url::parse(target).expect("an address");
    let code = url.query_pairs().find(|(name, _)| name == "code");
    code.expect("a code").1.into_owned()
}

fn token(rig: &Rig, server: &DataCenter, login: Login, form: &[(&str, &str)]) -> Reply {
    let address = format!("{}/rest/oauth2/latest/token", server.url());
    let fields: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut options = vec!["--request", "POST"];
    for field in &fields {
        options.extend(["--data-urlencode", field]);
    }
    curl(rig, login, &address, &options)
}

const PROOF: [(&str, &str); 2] = [("client_id", "client"), ("client_secret", "hush")];

fn exchange(rig: &Rig, server: &DataCenter, scope: &str) -> Reply {
    let code = code(&authorize(rig, server, CALLBACK, scope));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
    ];
    token(rig, server, Login::None, &[&form[..], &PROOF].concat())
}

#[test]
fn a_grant_has_what_was_asked_for_and_the_link_has() {
    let (rig, server) = scene();
    for (scope, granted) in [
        ("PUBLIC_REPOS REPO_READ REPO_WRITE", "REPO_READ REPO_WRITE"),
        ("REPO_READ", "REPO_READ"),
        ("REPO_ADMIN", ""),
    ] {
        let reply = exchange(&rig, &server, scope);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.json()["scope"], granted);
        assert_eq!(reply.json()["expires_in"], 3600);
    }
}

#[test]
fn a_renewal_names_the_redirect_and_a_client_is_in_the_form() {
    let (rig, server) = scene();
    assert_eq!(exchange(&rig, &server, "REPO_READ").status, 200);
    let refresh = server.world().oauth.grant().refresh.clone();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &*refresh),
    ];
    let whole = [&form[..], &[("redirect_uri", CALLBACK)]].concat();
    for (login, form, error) in [
        (Login::None, [&form[..], &PROOF].concat(), "invalid_grant"),
        (Login::None, whole.clone(), "unauthorized_client"),
    ] {
        let reply = token(&rig, &server, login, &form);
        assert_eq!(
            (reply.status, reply.json()["error"].as_str()),
            (400, Some(error))
        );
    }
    let reply = token(&rig, &server, Login::None, &[&whole[..], &PROOF].concat());
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// Nobody knows whether ports match loosely, so they do not.
#[test]
fn another_port_is_another_redirect() {
    let (rig, server) = scene();
    let other = "http://127.0.0.1:8001/callback";
    let reply = authorize(&rig, &server, other, "REPO_READ");
    assert_eq!((reply.status, reply.header("location")), (400, None));
}
