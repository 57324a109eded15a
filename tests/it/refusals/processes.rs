//! `erase` with the server's challenge (Git 2.41), one question for each refusal, and
//! processes that are slower than another: the program is asked as Git would ask it.

use super::scene::{CHALLENGE, Scene, login, value};
use crate::rig::{
    Credential, Fault, Finished, GIT_SCOPES, Kind, Repository, Sender, Surface, gits, tokens,
};
use std::sync::Arc;
use tokio::sync::Semaphore;

impl Scene {
    /// The server answered this secret with 401.
    fn erase(&self, secret: &str) -> Finished {
        self.ask("erase", &(login(secret) + CHALLENGE))
    }

    /// Runs a process of ours up to its question to the server, then `meanwhile`, and
    /// then lets the server answer.
    fn while_it_asks(
        &self,
        process: impl FnOnce() -> Finished + Send,
        meanwhile: impl FnOnce(),
    ) -> Finished {
        let permit = Arc::new(Semaphore::new(0));
        let held = Fault::Held(permit.clone());
        let server = &self.rig.bitbucket;
        server.fail_for(Sender::Helper, Surface::Git, held, 1);
        let asked = self.questions();
        std::thread::scope(|scope| {
            let running = scope.spawn(process);
            while self.questions() == asked {
                assert!(!running.is_finished(), "it asked nothing");
                std::thread::yield_now();
            }
            meanwhile();
            permit.add_permits(1);
            running.join().unwrap_or_else(|_| panic!("it failed"))
        })
    }
}

#[test]
fn what_the_server_says_decides_over_an_erase() {
    let kept = "bitbucket: bitbucket.org refused alice (API token) but still accepts it when \
                asked again, so it was kept; try once more\n";
    let gone = "bitbucket: bitbucket.org no longer accepts alice (API token); it was removed \
                from the Secret Service keyring. It has expired, or it was revoked. Run: git \
                credential-bitbucket login\n";
    let doubted = "bitbucket: bitbucket.org refused alice (API token); it is kept until that \
                   happens again. The API token could not be verified: Bitbucket has trouble of \
                   its own (status 503). Try again later.\n";
    let dropped = "bitbucket: bitbucket.org refused alice (API token) twice in a row; it was \
                   removed from the Secret Service keyring. Run: git credential-bitbucket login\n";
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let server = &scene.rig.bitbucket;
    let down = || server.fail_for(Sender::Helper, Surface::Git, Fault::down(), 1);

    assert_eq!(scene.erase(&scene.token).stderr, kept);
    down();
    assert_eq!(scene.erase(&scene.token).stderr, doubted);
    // It works in between, or the server says that it is good: the count starts anew.
    scene.ask("store", &login(&scene.token));
    down();
    assert_eq!(scene.erase(&scene.token).stderr, doubted);
    assert_eq!(scene.erase(&scene.token).stderr, kept);
    down();
    assert_eq!(scene.erase(&scene.token).stderr, doubted);
    assert_eq!(scene.rig.secrets(), [&*scene.token]);
    down();
    assert_eq!(scene.erase(&scene.token).stderr, dropped);
    assert_eq!(scene.rig.secrets(), [""; 0]);
    assert_eq!(scene.questions(), 6);

    scene.log_in("alice", &scene.token, super::scene::URL);
    server.revoke(&scene.token);
    assert_eq!(scene.erase(&scene.token).stderr, gone);
    assert_eq!(scene.rig.secrets(), [""; 0]);
    assert_eq!(scene.questions(), 1);
}

/// S22: an old process brings the token that was replaced meanwhile.
#[test]
fn an_erase_of_an_older_token_touches_nothing() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let before = scene.payload();
    let older = tokens::api_token(9);
    for challenge in ["", CHALLENGE] {
        let lines = login(&older) + challenge;
        assert_eq!(scene.ask("erase", &lines).stderr, "");
    }
    assert_eq!(scene.payload(), before);
    assert_eq!(scene.questions(), 0);
}

#[test]
fn a_token_that_arrives_during_an_erase_stays() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let newer = scene.issue_newer();
    scene.rig.bitbucket.revoke(&scene.token);
    let ended = scene.while_it_asks(
        || scene.erase(&scene.token),
        || drop(scene.ask("store", &login(&newer))),
    );
    assert_eq!(
        ended.stderr,
        "bitbucket: bitbucket.org no longer accepts alice (API token); it was removed from the \
         Secret Service keyring. It has expired, or it was revoked. Another token is kept for \
         the same; try again\n"
    );
    assert_eq!(scene.rig.secrets(), [newer]);
}

#[test]
fn a_token_that_arrives_during_a_second_get_stays_and_is_served() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let newer = scene.issue_newer();
    let first = scene.ask("get", "");
    let mark = value(&first, "state[]").unwrap_or_default();
    let again = format!("username=alice\n{CHALLENGE}state[]={mark}\n");
    scene.rig.bitbucket.revoke(&scene.token);
    let answer = scene.while_it_asks(
        || scene.ask("get", &again),
        || drop(scene.ask("store", &login(&newer))),
    );
    assert_eq!(value(&answer, "password"), Some(&*newer));
    assert_eq!(value(&answer, "continue"), None);
    assert_eq!(
        answer.stderr,
        "bitbucket: bitbucket.org no longer accepts alice (API token); it was removed from the \
         Secret Service keyring. It has expired, or it was revoked.\n"
    );
    assert_eq!(scene.rig.secrets(), [newer]);
}

/// What another process notes about the same token meanwhile does not save it.
#[test]
fn a_note_that_arrives_during_an_erase_does_not_keep_a_dead_token() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let server = &scene.rig.bitbucket;
    server.fail_for(Sender::Helper, Surface::Git, Fault::down(), 1);
    let doubted = scene.erase(&scene.token);
    assert!(doubted.stderr.contains("until that happens again"));
    let before = scene.payload();
    let ended = scene.while_it_asks(
        || scene.erase(&scene.token),
        || {
            scene.ask("store", &login(&scene.token));
            assert_ne!(scene.payload(), before, "nothing was noted");
            server.revoke(&scene.token);
        },
    );
    assert!(ended.stderr.contains("no longer accepts"), "{ended:#?}");
    assert_eq!(scene.rig.secrets(), [""; 0]);
}

/// A token of a project is kept for each of its repositories, and asked about once.
#[test]
fn a_secret_that_is_kept_twice_is_asked_about_once() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let secret = tokens::access_token(3);
    let server = &scene.rig.bitbucket;
    for name in ["acme/one", "acme/two"] {
        server.add_repository(name, Repository::private().in_project("P"));
    }
    let scopes = ["repository", "repository:write"];
    server.issue(Credential::new(Kind::ProjectToken, &secret, "P", &scopes));
    for name in ["one", "two"] {
        let url = format!("https://bitbucket.org/acme/{name}");
        scene
            .helper(&["login", "--with-token", &url], &secret)
            .expect_success();
    }
    assert_eq!(scene.rig.secrets().len(), 3);
    scene.rig.forget_requests();
    server.revoke(&secret);
    scene.erase(&secret);
    assert_eq!(scene.rig.secrets(), [&*scene.token]);
    assert_eq!(scene.questions(), 1);
}

/// One for reading only out of a URL, that works, is refused once and is accepted when it is
/// asked about: pushes go on with what was entered.
#[test]
fn a_second_look_makes_nothing_of_what_git_merely_saw() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let reading = tokens::api_token(2);
    let scopes = &GIT_SCOPES[..1];
    let credential = Credential::new(Kind::ApiToken, &reading, "alice", scopes);
    scene.rig.bitbucket.issue(credential);
    let seen = format!("username=alice\npassword={reading}\n");
    for (operation, lines) in [("store", ""), ("store", ""), ("erase", CHALLENGE)] {
        scene.ask(operation, &format!("{seen}{lines}"));
        assert_eq!(scene.rig.secrets().len(), 2);
        for name in ["", "username=alice\n", "username=x-token-auth\n"] {
            let answer = scene.ask("get", name);
            assert_eq!(
                value(&answer, "password"),
                Some(&*scene.token),
                "{operation}"
            );
        }
    }
}
