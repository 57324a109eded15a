//! `state[]` as others might bring it, and the answer to a second `get`: the program is
//! asked as Git would ask it.

use super::scene::{CHALLENGE, Scene, value};
use crate::rig::{Credential, Fault, Kind, Repository, Sender, Surface, gits, tokens};

/// The mark that goes with the answer for this name.
fn mark(scene: &Scene, username: &str) -> String {
    let answer = scene.ask("get", &format!("username={username}\n"));
    value(&answer, "state[]").unwrap_or_default().to_owned()
}

#[test]
fn a_second_get_is_answered_without_another_chance() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let mark = mark(&scene, "alice");
    let again = format!("username=alice\n{CHALLENGE}state[]={mark}\n");
    for questions in [1, 2] {
        let answer = scene.ask("get", &again);
        assert_eq!(value(&answer, "password"), Some(&*scene.token));
        assert_eq!(value(&answer, "continue"), None);
        assert_eq!(scene.questions(), questions);
    }
    scene.rig.bitbucket.revoke(&scene.token);
    let answer = scene.ask("get", &again);
    assert_eq!(answer.stdout, "quit=1\n");
    assert_eq!(scene.rig.secrets(), [""; 0]);
}

/// S20: who forges or borrows a state learns nothing and breaks nothing.
#[test]
fn a_forged_state_changes_neither_the_answer_nor_the_entry() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let before = scene.payload();
    let ours = mark(&scene, "alice");
    let id = ours.split(':').nth(2).unwrap_or_default();
    for state in [
        "other:1:2:3:4",
        "bitbucket:2:a:b:c",
        "bitbucket:1",
        "bitbucket:1:",
        "bitbucket:1:::",
        "bitbucket:1:0123456789abcdef:00:00",
        &format!("bitbucket:1:{id}"),
        &format!("bitbucket:1:{id}:00:00"),
        &format!("bitbucket:1:{id}::"),
        &format!("{ours}0"),
    ] {
        for operation in ["get", "store", "erase"] {
            let password = match operation {
                "get" => String::new(),
                "store" => format!("password={}\n", scene.token),
                _ => "password=another\n".to_owned(),
            };
            let lines = format!("username=alice\n{password}{CHALLENGE}state[]={state}\n");
            let answer = scene.ask(operation, &lines);
            let expected = (operation == "get").then_some(&*scene.token);
            assert_eq!(value(&answer, "password"), expected, "{state}");
            assert_eq!(answer.stderr, "", "{state}");
        }
    }
    assert_eq!(scene.payload(), before);
    assert_eq!(scene.questions(), 0);
}

/// A true mark of another entry must not make us answer with that entry.
#[test]
fn a_borrowed_state_selects_nobody_else() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let theirs = scene.add_bob();
    let bobs = mark(&scene, "bob");
    let id = bobs.split(':').nth(2).unwrap_or_default();
    for state in [bobs.clone(), format!("bitbucket:1:{id}:00:00")] {
        let lines = format!("username=alice\n{CHALLENGE}state[]={state}\n");
        let answer = scene.ask("get", &lines);
        assert_eq!(value(&answer, "password"), Some(&*scene.token));
        assert_eq!(value(&answer, "continue"), None);
    }
    assert_eq!(scene.questions(), 0);
    let mut kept = scene.rig.secrets();
    kept.sort();
    let mut expected = [theirs, scene.token.clone()];
    expected.sort();
    assert_eq!(kept, expected);
}

/// Nor may it carry a token to a repository that it is not kept for.
#[test]
fn a_borrowed_state_widens_no_reach() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let secret = tokens::access_token(3);
    let server = &scene.rig.bitbucket;
    server.add_repository("acme/other", Repository::private());
    let kind = Kind::RepositoryToken;
    server.issue(Credential::new(
        kind,
        &secret,
        "acme/other",
        &["repository"],
    ));
    let url = "https://bitbucket.org/acme/other";
    scene
        .helper(&["login", "--with-token", url], &secret)
        .expect_success();
    scene.rig.forget_requests();
    let answer = scene.ask("get", "path=acme/other.git\n");
    assert_eq!(value(&answer, "password"), Some(&*secret));
    let mark = value(&answer, "state[]").unwrap_or_default();
    let lines = format!("username=x-token-auth\n{CHALLENGE}state[]={mark}\n");
    let answer = scene.ask("get", &lines);
    assert_eq!(value(&answer, "password"), Some(&*scene.token));
    assert_eq!(scene.questions(), 0);
    assert_eq!(scene.rig.secrets().len(), 2);
}

/// Git 2.46 was refused with what another helper served, in a scheme that has no password.
#[test]
fn another_helper_s_refusal_removes_nothing() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let before = scene.payload();
    let bearer = "authtype=Bearer\ncredential=abcdef\n";
    for lines in [
        bearer.to_owned(),
        format!("{bearer}{CHALLENGE}"),
        CHALLENGE.to_owned(),
        format!("username=alice\n{CHALLENGE}"),
        "state[]=other:1\n".to_owned(),
        format!("{bearer}{CHALLENGE}state[]=other:1\n"),
        format!("authtype=Basic\ncredential=abcdef\n{CHALLENGE}"),
    ] {
        assert_eq!(scene.ask("erase", &lines).stderr, "", "{lines}");
        assert_eq!(scene.payload(), before, "{lines}");
    }
    assert_eq!(scene.questions(), 0);
    // A person says no more than what is meant.
    scene.ask("erase", "username=alice\n");
    assert_eq!(scene.rig.secrets(), [""; 0]);
}

/// Some answers with 401 have no challenge; our mark tells that Git was refused.
#[test]
fn a_refusal_without_a_challenge_is_no_person_s() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    let server = &scene.rig.bitbucket;
    server.fail_for(Sender::Helper, Surface::Git, Fault::down(), usize::MAX);
    let first = mark(&scene, "alice");
    let again = scene.ask("get", &format!("username=alice\nstate[]={first}\n"));
    let second = value(&again, "state[]").unwrap_or_default();
    let lines = format!(
        "username=alice\npassword={}\nstate[]={second}\n",
        scene.token
    );
    for _ in 0..3 {
        let told = scene.ask("erase", &lines).stderr;
        let kept = "it is kept until that happens again";
        assert!(told.contains(kept), "{told}");
        assert_eq!(scene.rig.secrets(), [&*scene.token]);
    }
}

/// Git repeats the placeholder that it was served, and not whom it had asked for.
#[test]
fn a_second_get_is_for_the_account_of_the_first() {
    let Some(scene) = Scene::new(&gits()[0]) else {
        return;
    };
    scene.rig.helper("logout", "").expect_success();
    scene.add_bob();
    let login = ["login", "--with-token", "--beside", super::scene::URL];
    scene.helper(&login, &scene.token).expect_success();
    let answer = scene.ask("get", "username=alice\n");
    let placeholder = "x-bitbucket-api-token-auth";
    assert_eq!(value(&answer, "username"), Some(placeholder));
    let mark = value(&answer, "state[]").unwrap_or_default();
    scene.rig.bitbucket.revoke(&scene.token);
    let lines = format!("username={placeholder}\n{CHALLENGE}state[]={mark}\n");
    let answer = scene.ask("get", &lines);
    assert_eq!(answer.stdout, "quit=1\n", "{answer:#?}");
}
