//! Who may fetch and push, over HTTPS as Git speaks it.

use super::{Scene, TOKEN_NAME};
use crate::rig::State;
use crate::rig::curl::Login;
use crate::rig::data_center::answer::NO_RIGHT_TO_PUSH;
use crate::rig::data_center::{Right, Token};
use crate::rig::tokens::{data_center_token, old_data_center_token};

#[test]
fn each_kind_has_its_schemes_and_names() {
    let scene = Scene::new();
    scene.server.world().switches.captcha = false;
    scene.server.expect_name("JDoe");
    for (secret, names) in [
        (&scene.user, ["jdoe"].as_slice()),
        (&scene.project, &[TOKEN_NAME]),
        (&scene.repository, &[TOKEN_NAME]),
        (&scene.oauth, &["OAUTH_USERNAME"]),
    ] {
        let reply = scene.ask_git(Login::Bearer(secret), true);
        assert_eq!(reply.status, 200, "Bearer {secret}");
        for name in [
            "jdoe",
            "JDoe",
            "j@corp.example",
            TOKEN_NAME,
            "OAUTH_USERNAME",
        ] {
            let before = scene.server.failed_logins(secret);
            let reply = scene.ask_git(Login::Basic(name, secret), false);
            let passes = names.contains(&name);
            let failed = scene.server.failed_logins(secret) - before;
            assert_eq!(failed, usize::from(!passes), "{name}:{secret}");
            if passes {
                assert_eq!(reply.status, 200, "{name}:{secret}");
                assert!(reply.body.contains("refs/heads/main"));
            } else {
                assert_eq!(reply.status, 401, "{name}:{secret}");
                let realm = reply.header("www-authenticate");
                assert_eq!(realm, Some("Basic realm=\"Atlassian Bitbucket\""));
            }
        }
    }
    let password = Login::Basic("jdoe", "correct horse");
    assert_eq!(scene.ask_git(password, true).status, 200);
}

/// Whether `x-token-auth` passes is contested.
#[test]
fn the_name_of_a_token_may_be_refused() {
    let scene = Scene::new();
    scene.server.world().switches.token_name = false;
    for secret in [&scene.project, &scene.repository] {
        let reply = scene.ask_git(Login::Basic(TOKEN_NAME, secret), false);
        assert_eq!(reply.status, 401);
        assert_eq!(scene.server.failed_logins(secret), 1);
        assert_eq!(scene.ask_git(Login::Bearer(secret), false).status, 200);
    }
}

#[test]
fn a_token_opens_what_it_is_for() {
    let scene = Scene::new();
    for (repository, write, expected) in [
        ("acme/widgets", true, [401, 200, 200, 200]),
        ("acme/open", false, [200, 200, 200, 404]),
        ("acme/open", true, [401, 200, 200, 404]),
        ("~jdoe/notes", true, [401, 200, 404, 404]),
        ("other/secret", false, [401, 404, 404, 404]),
        ("acme/absent", false, [401, 404, 404, 404]),
        ("ACME/Widgets", true, [401, 200, 200, 200]),
    ] {
        let logins = [
            Login::None,
            Login::Bearer(&scene.user),
            Login::Bearer(&scene.project),
            Login::Bearer(&scene.repository),
        ];
        for (login, expected) in logins.into_iter().zip(expected) {
            let reply = scene.ask_for(repository, login, write);
            assert_eq!(reply.status, expected, "{repository} {write} {login:?}");
        }
    }
    assert_eq!(scene.server.failed_logins_in_all(), 0);
}

/// 403, be it the token's right that lacks or the user's.
#[test]
fn a_push_needs_the_right_to_write() {
    let scene = Scene::new();
    let [read, admin, reader] = [10, 11, 12].map(data_center_token);
    let old = old_data_center_token(13);
    for token in [
        Token::of_user(&read, "jdoe", Right::Read),
        Token::of_user(&admin, "jdoe", Right::Admin),
        Token::of_user(&reader, "j@corp.example", Right::Write),
        Token::of_repository(&old, "acme/widgets", Right::Read),
    ] {
        scene.server.issue(token);
    }
    for (secret, expected) in [(&read, 403), (&admin, 200), (&reader, 403), (&old, 403)] {
        let login = Login::Bearer(secret);
        assert_eq!(scene.ask_git(login, false).status, 200, "{secret}");
        let reply = scene.ask_git(login, true);
        assert_eq!(reply.status, expected, "{secret}");
        assert_eq!(reply.body == NO_RIGHT_TO_PUSH, expected == 403);
    }
}

#[test]
fn a_token_ends() {
    let scene = Scene::new();
    for (state, status) in [
        (State::Active, 200),
        (State::Revoked, 401),
        (State::Expired, 401),
    ] {
        scene.server.set_state(&scene.user, state);
        for login in [
            Login::Bearer(&scene.user),
            Login::Basic("jdoe", &scene.user),
        ] {
            assert_eq!(scene.ask_git(login, false).status, status, "{state:?}");
        }
    }
    assert_eq!(scene.server.failed_logins(&scene.user), 4);
    assert_eq!(scene.server.failed_logins(&scene.project), 0);
}

/// Whoever is signed in is told so, with the name encoded.
#[test]
fn the_answer_names_who_has_signed_in() {
    let scene = Scene::new();
    let corp = data_center_token(10);
    scene
        .server
        .issue(Token::of_user(&corp, "j@corp.example", Right::Read));
    for (secret, name) in [
        (&scene.user, "jdoe"),
        (&corp, "j%40corp.example"),
        (&scene.project, "access-token-user%2F1%2F41"),
        (&scene.repository, "access-token-user%2F2%2F11755"),
    ] {
        let reply = scene.ask_git(Login::Bearer(secret), false);
        assert_eq!(reply.header("x-ausername"), Some(name));
        assert!(reply.header("x-auserid").is_some());
        assert!(reply.header("x-arequestid").is_some());
    }
    let reply = scene.ask_git(Login::None, false);
    assert!(reply.header("x-arequestid").is_some());
    assert_eq!(reply.header("x-ausername"), None);
}
