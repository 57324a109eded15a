//! Who may fetch and push, over HTTPS as Git speaks it.

use super::{ACCESS_NAME, ALICE, API_NAME, READ, WRITE, ask_git, issue, scene};
use crate::rig::answer;
use crate::rig::curl::{Login, USER, curl, references};
use crate::rig::tokens::{access_token, api_token, app_password, oauth_token, old_app_password};
use crate::rig::{Demand, GIT_SCOPES, Kind, State};

#[test]
fn git_takes_each_kind_under_its_names() {
    let rig = scene();
    rig.bitbucket.world().switches.app_passwords_removed = false;
    rig.bitbucket.expect_name("Alice");
    let (api, access, oauth) = (api_token(1), access_token(1), oauth_token(1));
    let (app, old) = (app_password(1), old_app_password(1));
    let both = ["repository", "repository:write"];
    issue(&rig, Kind::ApiToken, &api, "alice", &GIT_SCOPES);
    issue(&rig, Kind::RepositoryToken, &access, "acme/widgets", &both);
    issue(&rig, Kind::OAuth, &oauth, "alice", &both);
    issue(
        &rig,
        Kind::AppPassword,
        &app,
        "alice",
        &["Repositories: Read"],
    );
    issue(
        &rig,
        Kind::AppPassword,
        &old,
        "alice",
        &["Repositories: Read"],
    );
    for (secret, names) in [
        (&api, ["alice", API_NAME].as_slice()),
        (&access, &[ACCESS_NAME]),
        (&oauth, &[ACCESS_NAME]),
        (&app, &["alice"]),
        (&old, &["alice"]),
    ] {
        for name in ["alice", "Alice", "bob", ALICE, API_NAME, ACCESS_NAME] {
            let reply = ask_git(&rig, Login::Basic(name, secret), false);
            if names.contains(&name) {
                assert_eq!(reply.status, 200, "{name}:{secret}");
                assert!(reply.body.contains("refs/heads/main"));
            } else {
                assert_eq!(reply.status, 401, "{name}:{secret}");
                assert_eq!(reply.body, answer::NO_ACCESS_OR_GONE);
            }
        }
        let bearer = ask_git(&rig, Login::Bearer(secret), false);
        assert_eq!(bearer.status, 401, "{secret}");
    }
}

#[test]
fn git_needs_every_scope() {
    let rig = scene();
    rig.bitbucket.world().switches.app_passwords_removed = false;
    let rows: [(Kind, &[&'static str], bool, bool); 11] = [
        (Kind::ApiToken, &[READ, WRITE], true, true),
        (Kind::ApiToken, &[READ], true, false),
        (Kind::ApiToken, &[WRITE], false, false),
        (
            Kind::ApiToken,
            &["admin:repository:bitbucket"],
            false,
            false,
        ),
        (Kind::ApiToken, &["read:user:bitbucket"], false, false),
        (Kind::OAuth, &["repository"], true, false),
        (Kind::OAuth, &["repository:write"], true, true),
        (Kind::OAuth, &["account"], false, false),
        (Kind::WorkspaceToken, &["repository"], true, false),
        (Kind::WorkspaceToken, &["repository:write"], true, true),
        (Kind::AppPassword, &["Repositories: Read"], true, false),
    ];
    for (seed, (kind, scopes, read, write)) in (0..).zip(rows) {
        let (secret, name, owner) = match kind {
            Kind::ApiToken => (api_token(seed), "alice", "alice"),
            Kind::AppPassword => (app_password(seed), "alice", "alice"),
            Kind::OAuth => (oauth_token(seed), ACCESS_NAME, "alice"),
            _ => (access_token(seed), ACCESS_NAME, "acme"),
        };
        issue(&rig, kind, &secret, owner, scopes);
        for (writing, allowed) in [(false, read), (true, write)] {
            let reply = ask_git(&rig, Login::Basic(name, &secret), writing);
            if allowed {
                assert_eq!(reply.status, 200, "{kind:?} {scopes:?}");
            } else {
                assert_eq!(reply.status, 403, "{kind:?} {scopes:?}");
                assert_eq!(reply.body, answer::SCOPE_MISSING);
            }
        }
    }
}

#[test]
fn an_access_token_opens_its_resource_only() {
    let rig = scene();
    let rows = [
        (Kind::RepositoryToken, "acme/widgets", [true, false, false]),
        (Kind::ProjectToken, "WID", [true, false, false]),
        (Kind::WorkspaceToken, "acme", [true, true, false]),
        (Kind::WorkspaceToken, "other", [false, false, true]),
    ];
    for (seed, (kind, owner, opened)) in (0..).zip(rows) {
        let secret = access_token(seed);
        issue(&rig, kind, &secret, owner, &["repository:write"]);
        for (repository, opens) in ["acme/widgets", "acme/open", "other/secret"]
            .into_iter()
            .zip(opened)
        {
            let login = Login::Basic(ACCESS_NAME, &secret);
            let reply = curl(&rig, login, &references(repository, true), &[]);
            let expected = if opens { 200 } else { 404 };
            assert_eq!(reply.status, expected, "{owner} {repository}");
        }
    }
}

#[test]
fn a_user_reaches_what_is_granted() {
    let rig = scene();
    let (alice, bob) = (api_token(1), api_token(2));
    issue(&rig, Kind::ApiToken, &alice, "alice", &GIT_SCOPES);
    issue(&rig, Kind::ApiToken, &bob, "bob", &GIT_SCOPES);
    let logins = [
        Login::None,
        Login::Basic("alice", &alice),
        Login::Basic("bob", &bob),
    ];
    for (repository, write, expected) in [
        ("acme/widgets", false, [401, 200, 200]),
        ("acme/widgets", true, [401, 200, 404]),
        ("acme/open", false, [200, 200, 200]),
        ("acme/open", true, [401, 200, 404]),
        ("other/secret", false, [401, 404, 200]),
        ("acme/absent", false, [401, 404, 404]),
    ] {
        for (login, expected) in logins.into_iter().zip(expected) {
            let reply = curl(&rig, login, &references(repository, write), &[]);
            assert_eq!(reply.status, expected, "{repository} {write} {login:?}");
            match expected {
                401 => assert_eq!(reply.body, answer::NO_ACCESS_OR_GONE),
                404 => assert_eq!(reply.body, answer::NO_REPOSITORY),
                _ => assert!(reply.body.contains("refs/heads/main")),
            }
        }
    }
    rig.bitbucket.world().switches.no_access_status = 403;
    let reply = ask_git(&rig, Login::Basic("bob", &bob), true);
    assert_eq!((reply.status, &*reply.body), (403, answer::NO_REPOSITORY));
}

#[test]
fn git_says_why_it_refuses() {
    let rig = scene();
    let (token, app, old) = (api_token(1), app_password(1), old_app_password(1));
    let data_center = "BBDC-MDM0MjM5NDc2MDU1OqCXLhGfeWCzIv7XJsSq0XJBb4Vi";
    issue(&rig, Kind::ApiToken, &token, "alice", &GIT_SCOPES);
    issue(&rig, Kind::ApiToken, &api_token(2), "alice", &[]);
    issue(
        &rig,
        Kind::AppPassword,
        &app,
        "alice",
        &["Repositories: Write"],
    );
    issue(
        &rig,
        Kind::AppPassword,
        &old,
        "alice",
        &["Repositories: Write"],
    );
    for (secret, status, text) in [
        (&*token, 200, "refs/heads/main"),
        ("correct horse", 401, answer::ACCOUNT_PASSWORD_FOR_GIT),
        (&*app, 410, answer::APP_PASSWORD_REMOVED),
        (&*old, 410, answer::APP_PASSWORD_REMOVED),
        (&*api_token(2), 401, answer::NO_ACCESS_OR_GONE),
        (&*api_token(3), 401, answer::NO_ACCESS_OR_GONE),
        (data_center, 401, answer::NO_ACCESS_OR_GONE),
    ] {
        let reply = ask_git(&rig, Login::Basic("alice", secret), false);
        assert_eq!(reply.status, status, "{secret}");
        assert!(reply.body.contains(text), "{secret}: {}", reply.body);
    }
    let login = Login::Basic("alice", &token);
    for (demand, text) in [
        (Demand::AllowedAddress, answer::ADDRESS_NOT_ALLOWED),
        (Demand::TwoStepVerification, answer::TWO_STEP_DEMANDED),
    ] {
        rig.bitbucket.world().switches.demand = Some(demand);
        let reply = ask_git(&rig, login, false);
        assert_eq!((reply.status, &*reply.body), (403, text));
    }
    for status in [429, 403] {
        rig.bitbucket.world().switches.too_many_failures = Some(status);
        let reply = ask_git(&rig, login, false);
        assert_eq!(
            (reply.status, &*reply.body),
            (status, answer::TOO_MANY_FAILURES)
        );
    }
}

#[test]
fn realms_vary() {
    let rig = scene();
    let realm = || {
        let reply = ask_git(&rig, Login::None, false);
        reply
            .headers
            .into_iter()
            .filter(|(name, _)| name == "www-authenticate")
            .collect::<Vec<_>>()
    };
    let (first, second) = (realm(), realm());
    assert_ne!(first, second);
    for realms in [first, second] {
        assert!(
            realms
                .iter()
                .any(|(_, value)| value.starts_with("Basic realm="))
        );
    }
}

#[test]
fn a_credential_ends() {
    let rig = scene();
    let (api, oauth) = (api_token(1), oauth_token(1));
    issue(
        &rig,
        Kind::ApiToken,
        &api,
        "alice",
        &[READ, "read:user:bitbucket"],
    );
    issue(
        &rig,
        Kind::OAuth,
        &oauth,
        "alice",
        &["repository", "account"],
    );
    for (state, status, api_text, oauth_text) in [
        (State::Active, 200, "alice", "alice"),
        (
            State::Revoked,
            401,
            answer::TOKEN_INVALID,
            answer::TOKEN_INVALID,
        ),
        (
            State::Expired,
            401,
            answer::TOKEN_INVALID,
            answer::TOKEN_EXPIRED,
        ),
    ] {
        for (secret, git_name, login, text) in [
            (&api, "alice", Login::Basic(ALICE, &api), api_text),
            (&oauth, ACCESS_NAME, Login::Bearer(&oauth), oauth_text),
        ] {
            rig.bitbucket.set_state(secret, state);
            let reply = ask_git(&rig, Login::Basic(git_name, secret), false);
            assert_eq!(reply.status, status, "{state:?} on Git");
            let reply = curl(&rig, login, USER, &[]);
            assert_eq!(reply.status, status, "{state:?} on REST");
            assert!(reply.body.contains(text), "{}", reply.body);
        }
    }
}
