//! `GET /2.0/user`: which logins it takes and what it tells.

use super::{ACCESS_NAME, ALICE, READ, WRITE, issue, scene};
use crate::rig::curl::{Login, USER, curl};
use crate::rig::tokens::{access_token, api_token, app_password, oauth_token};
use crate::rig::{GIT_SCOPES, Kind, answer};
use serde_json::json;

#[test]
fn rest_takes_each_kind_with_its_scheme() {
    let rig = scene();
    let (api, access, oauth) = (api_token(1), access_token(1), oauth_token(1));
    issue(
        &rig,
        Kind::ApiToken,
        &api,
        "alice",
        &["read:user:bitbucket"],
    );
    issue(
        &rig,
        Kind::RepositoryToken,
        &access,
        "acme/widgets",
        &["repository"],
    );
    issue(&rig, Kind::OAuth, &oauth, "alice", &["account"]);
    let password = "correct horse";
    let rows = [
        (Login::None, 401, answer::LOGIN_FAILED),
        (Login::Basic(ALICE, &api), 200, "\"alice\""),
        (Login::Basic("alice", &api), 401, answer::LOGIN_FAILED),
        (
            Login::Basic("bob@example.com", &api),
            401,
            answer::TOKEN_INVALID,
        ),
        (Login::Bearer(&api), 401, answer::TOKEN_INVALID),
        (Login::Bearer(&access), 403, answer::SCOPE_MISSING),
        (
            Login::Basic(ACCESS_NAME, &access),
            401,
            answer::TOKEN_INVALID,
        ),
        (Login::Bearer(&oauth), 200, "\"alice\""),
        (
            Login::Basic(ACCESS_NAME, &oauth),
            401,
            answer::TOKEN_INVALID,
        ),
        (
            Login::Basic(ALICE, password),
            401,
            answer::ACCOUNT_PASSWORD_FOR_API,
        ),
        (
            Login::Basic(ALICE, &api_token(9)),
            401,
            answer::LOGIN_FAILED,
        ),
    ];
    for (login, status, text) in rows {
        let reply = curl(&rig, login, USER, &[]);
        assert_eq!(reply.status, status, "{login:?}");
        assert!(reply.body.contains(text), "{login:?}: {}", reply.body);
    }
}

#[test]
fn rest_has_its_switches() {
    let rig = scene();
    let (api, app) = (api_token(1), app_password(1));
    issue(
        &rig,
        Kind::ApiToken,
        &api,
        "alice",
        &["read:user:bitbucket"],
    );
    issue(&rig, Kind::AppPassword, &app, "alice", &["Account: Read"]);
    let removed = curl(&rig, Login::Basic("alice", &app), USER, &[]);
    assert_eq!(
        (removed.status, &*removed.body),
        (401, answer::LOGIN_FAILED)
    );
    rig.bitbucket.world().switches.app_passwords_removed = false;
    for (login, status) in [
        (Login::Basic("alice", &app), 200),
        (Login::Basic(ALICE, &app), 401),
        (Login::Bearer(&app), 401),
    ] {
        assert_eq!(curl(&rig, login, USER, &[]).status, status, "{login:?}");
    }
    rig.bitbucket.world().switches.too_many_failures = Some(429);
    let reply = curl(&rig, Login::Basic(ALICE, &api), USER, &[]);
    assert_eq!(
        (reply.status, &*reply.body),
        (429, answer::TOO_MANY_FAILURES)
    );
}

#[test]
fn rest_tells_kind_and_scopes() {
    let rig = scene();
    let resources = [
        (Kind::RepositoryToken, "acme/widgets", "repo_access_token"),
        (Kind::ProjectToken, "WID", "project_access_token"),
        (Kind::WorkspaceToken, "acme", "workspace_access_token"),
    ];
    for (seed, (kind, owner, name)) in (0..).zip(resources) {
        let secret = access_token(seed);
        issue(&rig, kind, &secret, owner, &["repository", "account"]);
        let reply = curl(&rig, Login::Bearer(&secret), USER, &[]);
        assert_eq!(reply.status, 403, "an access token is no user");
        assert_eq!(reply.header("x-credential-type"), Some(name));
        assert_eq!(reply.header("x-oauth-scopes"), Some("repository, account"));
        assert_eq!(reply.header("x-accepted-oauth-scopes"), Some("account"));
    }
    for (token, scopes, status) in [
        (api_token(1), [READ, "read:user:bitbucket"], 200),
        (api_token(2), [READ, WRITE], 403),
    ] {
        issue(&rig, Kind::ApiToken, &token, "alice", &scopes);
        let reply = curl(&rig, Login::Basic(ALICE, &token), USER, &[]);
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("x-credential-type"), Some("api_token"));
        assert_eq!(reply.header("x-oauth-scopes"), Some(&*scopes.join(", ")));
        assert_eq!(
            reply.header("x-accepted-oauth-scopes"),
            Some("read:user:bitbucket")
        );
        let body = reply.json();
        if status == 200 {
            for field in ["username", "display_name", "account_id", "uuid"] {
                assert!(body[field].is_string(), "{field}");
            }
        } else {
            let detail = json!({ "required": ["read:user:bitbucket"], "granted": [READ, WRITE] });
            assert_eq!(body["error"]["detail"], detail);
        }
    }
}

#[test]
fn rest_may_tell_less() {
    use crate::rig::world::Detail;
    let rig = scene();
    let token = api_token(1);
    issue(&rig, Kind::ApiToken, &token, "alice", &GIT_SCOPES);
    rig.bitbucket.world().switches.scope_headers = false;
    for detail in [Detail::Text, Detail::Missing] {
        rig.bitbucket.world().switches.scope_detail = detail;
        let reply = curl(&rig, Login::Basic(ALICE, &token), USER, &[]);
        assert_eq!(reply.status, 403);
        assert_eq!(reply.header("x-oauth-scopes"), None);
        let found = &reply.json()["error"]["detail"];
        assert_eq!(found.is_string(), detail == Detail::Text, "{found}");
        assert_eq!(found.is_null(), detail == Detail::Missing, "{found}");
    }
}
