//! The REST API: what it tells, to whom, and how it refuses.

use super::{PROPERTIES, Scene, TOKEN_NAME};
use crate::rig::curl::{Login, Reply, curl};
use crate::rig::data_center::answer::{
    AUTHORISATION, INCORRECT_PASSWORD, NO_SUCH_REPOSITORY, NOT_PERMITTED, WRONG_CREDENTIAL,
};
use crate::rig::data_center::world::UserHeader;
use crate::rig::tokens::data_center_token;

/// The name of the exception, and the message.
fn error(reply: &Reply) -> (String, String) {
    let error = &reply.json()["errors"][0];
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    (text("exceptionName"), text("message"))
}

#[test]
fn the_properties_are_open_and_name_the_user() {
    let scene = Scene::new();
    for (login, name) in [
        (Login::None, None),
        (Login::Bearer(&scene.user), Some("jdoe")),
        (Login::Basic("jdoe", &scene.user), Some("jdoe")),
        (Login::Bearer(&scene.oauth), Some("jdoe")),
        (
            Login::Basic(TOKEN_NAME, &scene.repository),
            Some("access-token-user%2F2%2F11755"),
        ),
        (
            Login::Bearer(&scene.project),
            Some("access-token-user%2F1%2F41"),
        ),
    ] {
        let reply = scene.ask_rest(login, PROPERTIES);
        assert_eq!(reply.status, 200, "{login:?}");
        assert_eq!(reply.header("x-ausername"), name, "{login:?}");
        let body = reply.json();
        assert_eq!(body["displayName"], "Bitbucket");
        for field in ["version", "buildNumber", "buildDate"] {
            assert!(body[field].is_string(), "{field}");
        }
    }
    assert_eq!(scene.server.failed_logins_in_all(), 0);
}

/// A Bearer that is nobody's is taken for nobody, or refused: both are played.
#[test]
fn a_wrong_token_is_nobody_or_refused() {
    let scene = Scene::new();
    let wrong = data_center_token(9);
    let reply = scene.ask_rest(Login::Bearer(&wrong), PROPERTIES);
    assert_eq!((reply.status, reply.header("x-ausername")), (200, None));
    scene.server.world().switches.user_header = UserHeader::Everybody;
    let reply = scene.ask_rest(Login::Bearer(&wrong), PROPERTIES);
    assert_eq!(reply.header("x-ausername"), Some("anonymous"));
    scene.server.world().switches.bad_bearer_status = 401;
    let password = Login::Basic("jdoe", "wrong horse");
    for login in [
        Login::Bearer(&wrong),
        Login::Basic("jdoe", &wrong),
        password,
    ] {
        let reply = scene.ask_rest(login, PROPERTIES);
        assert_eq!(reply.status, 401, "{login:?}");
        let expected = (INCORRECT_PASSWORD.to_owned(), WRONG_CREDENTIAL.to_owned());
        assert_eq!(error(&reply), expected);
    }
    assert_eq!(scene.server.failed_logins(&wrong), 4);
    assert_eq!(scene.server.failed_logins("wrong horse"), 1);
}

#[test]
fn the_name_may_be_taken_off_on_the_way() {
    let scene = Scene::new();
    scene.server.world().switches.user_header = UserHeader::TakenOff;
    let reply = scene.ask_rest(Login::Bearer(&scene.user), PROPERTIES);
    assert_eq!((reply.status, reply.header("x-ausername")), (200, None));
}

#[test]
fn users_and_repositories_are_for_who_has_signed_in() {
    let scene = Scene::new();
    let reply = scene.ask_rest(Login::Bearer(&scene.user), "users?limit=1");
    assert_eq!(reply.json()["values"][0]["name"], "jdoe");
    for resource in ["users?limit=1", "projects/ACME/repos/widgets"] {
        assert_eq!(scene.ask_rest(Login::None, resource).status, 401);
    }
    let login = Login::Bearer(&scene.repository);
    for (resource, status, name) in [
        ("projects/ACME/repos/widgets", 200, ""),
        ("projects/acme/repos/open", 401, AUTHORISATION),
        ("projects/~jdoe/repos/notes", 401, AUTHORISATION),
        ("projects/ACME/repos/absent", 404, NO_SUCH_REPOSITORY),
    ] {
        let reply = scene.ask_rest(login, resource);
        assert_eq!(reply.status, status, "{resource}");
        assert!(reply.header("x-ausername").is_some(), "{resource}");
        let expected = if status == 200 { "" } else { name };
        assert_eq!(error(&reply).0, expected, "{resource}");
    }
    // The status alone says nothing about the token.
    assert_eq!(scene.server.failed_logins_in_all(), 0);
}

#[test]
fn a_token_may_not_read_its_own_record() {
    let scene = Scene::new();
    let url = format!(
        "{}/rest/access-tokens/latest/users/jdoe",
        scene.server.url()
    );
    let reply = curl(&scene.rig, Login::Bearer(&scene.user), &url, &[]);
    let expected = (AUTHORISATION.to_owned(), NOT_PERMITTED.to_owned());
    assert_eq!((reply.status, error(&reply)), (401, expected));
}

/// Tokens are taken under `/rest` and `/scm` only, and Basic elsewhere is a failed login.
#[test]
fn elsewhere_a_token_is_none() {
    let scene = Scene::new();
    let url = format!(
        "{}/plugins/servlet/access-tokens/manage",
        scene.server.url()
    );
    for login in [Login::None, Login::Bearer(&scene.user)] {
        let reply = curl(&scene.rig, login, &url, &[]);
        let to = format!("{}/login", scene.server.url());
        assert_eq!((reply.status, reply.header("location")), (302, Some(&*to)));
    }
    assert_eq!(scene.server.failed_logins_in_all(), 0);
    let reply = curl(&scene.rig, Login::Basic("jdoe", &scene.user), &url, &[]);
    assert_eq!(reply.status, 401);
    assert_eq!(scene.server.failed_logins(&scene.user), 1);
}
