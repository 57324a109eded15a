//! Failed logins: which are counted, and what the sixth meets.

use super::{PROPERTIES, Scene, TOKEN_NAME};
use crate::rig::State;
use crate::rig::curl::Login;
use crate::rig::data_center::answer::{CAPTCHA, CAPTCHA_NAME};
use crate::rig::gits::operations;
use crate::rig::tokens::data_center_token;
use crate::rig::{Fault, Surface, gits};

#[test]
fn the_sixth_failed_login_meets_a_captcha() {
    let scene = Scene::new();
    let wrong = data_center_token(9);
    for attempt in 1..=5 {
        let reply = scene.ask_git(Login::Basic("jdoe", &wrong), false);
        assert_eq!(reply.status, 401);
        assert_eq!(scene.server.failed_logins(&wrong), attempt);
    }
    // Not the wrong secret alone: her good ones as well, whatever they come by.
    for login in [
        Login::Basic("jdoe", &wrong),
        Login::Basic("jdoe", &scene.user),
        Login::Bearer(&scene.user),
        Login::Basic("jdoe", "correct horse"),
    ] {
        for write in [false, true] {
            let reply = scene.ask_git(login, write);
            assert_eq!(reply.status, 200, "{login:?}");
            let start = if write { "001f" } else { "001e" };
            assert!(reply.body.starts_with(start), "{}", reply.body);
            assert!(reply.body.contains(&format!("ERR {CAPTCHA}")));
            assert_eq!(reply.header("x-ausername"), None);
        }
        for status in [401, 403] {
            scene.server.world().switches.captcha_status = status;
            let reply = scene.ask_rest(login, PROPERTIES);
            assert_eq!(reply.status, status);
            let name = reply.json()["errors"][0]["exceptionName"].clone();
            assert_eq!(name, CAPTCHA_NAME);
        }
    }
    // Nobody else's.
    for login in [
        Login::Bearer(&scene.project),
        Login::Basic(TOKEN_NAME, &scene.repository),
        Login::Basic("j@corp.example", "battery staple"),
    ] {
        assert_eq!(scene.ask_git(login, false).status, 200, "{login:?}");
    }
    scene.server.solve_captcha("jdoe");
    assert_eq!(scene.ask_git(Login::Bearer(&scene.user), true).status, 200);
    scene.server.demand_captcha("jdoe");
    let reply = scene.ask_git(Login::Bearer(&scene.user), true);
    assert!(reply.body.contains(CAPTCHA));
}

/// Each failure is counted with its secret, and as whose it was.
#[test]
fn failed_logins_are_counted() {
    let scene = Scene::new();
    let wrong = data_center_token(9);
    scene.server.revoke(&scene.user);
    scene.server.set_state(&scene.repository, State::Expired);
    let rows = [
        (Login::Bearer(&wrong), None),
        (Login::Basic("jdoe", &wrong), Some("jdoe")),
        (Login::Bearer(&scene.user), Some("jdoe")),
        (Login::Basic(TOKEN_NAME, &scene.user), Some("jdoe")),
        (Login::Bearer(&scene.repository), None),
        (
            Login::Basic("j@corp.example", &scene.project),
            Some("j@corp.example"),
        ),
    ];
    for (number, (login, user)) in (1..).zip(rows) {
        assert_eq!(scene.ask_git(login, false).status, 401, "{login:?}");
        assert_eq!(scene.server.failed_logins_in_all(), number);
        let last = scene.server.world().failed.last().cloned();
        assert_eq!(last.expect("a failed login").user.as_deref(), user);
    }
    let counts = [
        (&wrong, 2),
        (&scene.user, 2),
        (&scene.repository, 1),
        (&scene.project, 1),
    ];
    for (secret, count) in counts {
        assert_eq!(scene.server.failed_logins(secret), count);
    }
    // A login that was not looked at has not failed.
    let login = Login::Bearer(&wrong);
    scene.server.fail(Surface::Git, Fault::stray_refusal(), 1);
    assert_eq!(scene.ask_git(login, false).status, 401);
    scene.server.world().switches.basic = false;
    let reply = scene.ask_git(Login::Basic("jdoe", &wrong), false);
    assert_eq!(reply.status, 403);
    assert_eq!(scene.ask_git(Login::None, false).status, 401);
    assert_eq!(scene.server.failed_logins_in_all(), 6);
}

#[test]
fn captchas_can_be_switched_off() {
    let scene = Scene::new();
    scene.server.demand_captcha("jdoe");
    scene.server.world().switches.captcha = false;
    let login = Login::Basic("jdoe", &scene.user);
    let reply = scene.ask_git(login, false);
    assert!(reply.body.contains("refs/heads/main"));
}

/// A 200 with an error in it: Git takes it for success and says `store`.
#[test]
fn git_takes_a_captcha_for_success() {
    for git in gits() {
        let scene = Scene::new();
        scene.server.demand_captcha("jdoe");
        let login = format!("username=jdoe\npassword={}\n", scene.user);
        let remote = scene.server.remote("acme/widgets");
        let asked = operations(&scene.rig, &git, &remote, &login);
        assert_eq!(asked, ["get", "store"], "{git}");
        let url = remote.replace(
            "https://",
            &format!("https://jdoe:{}@", encoded(&scene.user)),
        );
        let ended = scene.rig.git(&git, &["ls-remote", &url]);
        ended.expect_failure("CAPTCHA required");
    }
}

/// As in a URL.
fn encoded(secret: &str) -> String {
    secret.replace('+', "%2B").replace('/', "%2F")
}
