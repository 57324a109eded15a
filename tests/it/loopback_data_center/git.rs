//! Plain Git against the server, every Git of the machine: what it does with each kind of
//! credential, and what it does next after each answer.

use super::{Scene, TOKEN_NAME};
use crate::rig::data_center::InBand;
use crate::rig::data_center::world::{Limit, Outage};
use crate::rig::gits::operations;
use crate::rig::tokens::data_center_token;
use crate::rig::{Git, gits};

/// What a helper answers by Basic.
fn basic(name: &str, secret: &str) -> String {
    format!("username={name}\npassword={secret}\n")
}

/// What a helper answers by Bearer, as of Git 2.46.
fn bearer(secret: &str) -> String {
    format!("capability[]=authtype\nauthtype=Bearer\ncredential={secret}\n")
}

/// Clones, commits and pushes with a helper that answers with these lines.
fn push(scene: &Scene, git: &Git, tree: &str, lines: &str) {
    let answer = scene.rig.home.add_file("push-answer", lines);
    let helper = format!(
        "!f() {{ test $1 != get || cat '{}'; }}; f",
        answer.display()
    );
    let option = format!("credential.helper={helper}");
    let run = |arguments: &[&str]| {
        let arguments = [&["-c", &option], arguments].concat();
        scene.rig.git(git, &arguments).expect_success()
    };
    run(&["clone", &scene.server.remote("ACME/widgets"), tree]);
    let message = format!("--message={tree}");
    run(&["-C", tree, "commit", "--allow-empty", &message]);
    run(&["-C", tree, "push"]);
    let commit = run(&["-C", tree, "rev-parse", "HEAD"]).stdout;
    assert_eq!(commit.trim(), scene.server.commit("acme/widgets", "main"));
}

#[test]
fn clones_and_pushes_with_each_kind() {
    for git in gits() {
        let scene = Scene::new();
        for (tree, name, secret) in [
            ("one", "jdoe", &scene.user),
            ("two", TOKEN_NAME, &scene.project),
            ("three", TOKEN_NAME, &scene.repository),
            ("four", "OAUTH_USERNAME", &scene.oauth),
        ] {
            push(&scene, &git, tree, &basic(name, secret));
        }
        if git.has_capabilities() {
            scene.server.world().switches.basic = false;
            for (tree, secret) in [
                ("five", &scene.user),
                ("six", &scene.project),
                ("seven", &scene.repository),
            ] {
                push(&scene, &git, tree, &bearer(secret));
            }
        }
        assert_eq!(scene.server.failed_logins_in_all(), 0);
        assert!(scene.rig.requests_not_from_git().is_empty());
        scene.rig.finish();
    }
}

#[test]
fn a_personal_repository_has_an_address() {
    for git in gits() {
        let scene = Scene::new();
        let url = scene.server.remote("~jdoe/notes");
        let login = basic("jdoe", &scene.user);
        assert_eq!(operations(&scene.rig, &git, &url, &login), ["get", "store"]);
        let login = basic(TOKEN_NAME, &scene.project);
        assert_eq!(operations(&scene.rig, &git, &url, &login), ["get"]);
    }
}

/// Git counts a 401 alone against a credential; what is in a 200 counts for it.
#[test]
fn what_git_does_after_each_answer() {
    for git in gits() {
        let scene = Scene::new();
        let url = scene.server.remote("acme/widgets");
        let ask = |lines: &str| operations(&scene.rig, &git, &url, lines);
        let login = basic("jdoe", &scene.user);
        assert_eq!(ask(&login), ["get", "store"], "{git}");
        let wrong = basic("jdoe", &data_center_token(9));
        assert_eq!(ask(&wrong), ["get", "erase"], "{git}");
        scene.server.world().switches.basic = false;
        assert_eq!(ask(&login), ["get"], "{git}");
        scene.server.world().switches.basic = true;
        scene.server.world().switches.limit = Some(Limit {
            size: 0,
            retry_after: None,
        });
        assert_eq!(ask(&login), ["get"], "{git}");
        scene.server.world().switches.limit = None;
        for (outage, asked) in [(Outage::Unavailable, 0), (Outage::Page, 0)] {
            scene.server.world().switches.outage = Some(outage);
            assert_eq!(ask(&login).len(), asked, "{git}");
        }
        scene.server.world().switches.outage = None;
        // A licence says nothing to a fetch.
        scene.server.world().switches.licence_expired = Some(InBand::Yes);
        assert_eq!(ask(&login), ["get", "store"], "{git}");
    }
}
