//! A whole push with each store that can be named: from a fresh home to the second push,
//! at which nobody is asked.

use super::rig::{Git, gits};
use super::scene::{SERVICE, Scene};

/// Pastes a token at the first push; the second is left alone. Then it is forgotten.
fn first_and_second_push(scene: &Scene, kept_in: &str) {
    let ended = scene.push_on_terminal(&[("Token: ", &scene.token)]);
    let ended = ended.expect_success();
    let said = format!("It is kept in {kept_in}; you will not be asked again.");
    assert!(ended.transcript.contains(&said), "{}", ended.transcript);
    assert_eq!(scene.push().expect_success().stderr, "");
    let status = scene.ours(&["status"]).expect_success().stdout;
    let heading = format!("Kept in {kept_in}:");
    assert!(status.starts_with(&heading), "{status}");
    let said = scene.ours(&["logout"]).expect_success().stdout;
    assert!(said.starts_with("Forgotten: "), "{said}");
    scene.push().expect_failure("told us to quit");
}

fn with_keyring(git: &Git, options: &[&str]) -> Option<Scene> {
    let mut scene = Scene::configured(git, options);
    scene.rig.start_keyring().then_some(scene)
}

#[test]
fn keychain() {
    for git in gits() {
        let Some(scene) = with_keyring(&git, &["--store", "keychain"]) else {
            return;
        };
        first_and_second_push(&scene, "the Secret Service keyring");
        let items = scene.rig.keyring().search(&[("service", SERVICE)]);
        assert!(items.is_empty(), "{items:?}");
    }
}

/// Asked each time, and kept nowhere: not in the keychain that is open, either.
#[test]
fn none() {
    for git in gits() {
        let Some(scene) = with_keyring(&git, &["--store=none"]) else {
            return;
        };
        for _ in 0..2 {
            let ended = scene.push_on_terminal(&[("Token: ", &scene.token)]);
            let said = ended.expect_success().transcript;
            let expected = "It is not kept (--store=none); you will be asked again.";
            assert!(said.contains(expected), "{said}");
            assert!(!said.contains("bitbucket: "), "{said}");
        }
        let ended = scene.push().expect_failure("told us to quit");
        assert!(
            ended.stderr.starts_with(
                "bitbucket: no credential is at hand for bitbucket.org: nothing is kept \
                 (--store=none), and nobody can be asked; put a token into BITBUCKET_TOKEN\n"
            ),
            "{}",
            ended.stderr
        );
        let items = scene.rig.keyring().search(&[("service", SERVICE)]);
        assert!(items.is_empty(), "{items:?}");
        scene.assert_in_no_file(&scene.token, |_| false);
    }
}
