//! A whole push with each store that can be named: from a fresh home to the second push,
//! at which nobody is asked.

use super::scene::Scene;
use crate::rig::gpg::Gpg;
use crate::rig::terminal::SECRET_QUESTION;
use crate::rig::{Git, gits, memory_name};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

/// Pastes a token at the first push; the second is left alone. Then it is forgotten.
fn first_and_second_push(scene: &Scene, kept_in: &str) {
    let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
    let ended = ended.expect_success();
    let forgets = if kept_in == memory_name() {
        " for 12 hours; then you will be asked again."
    } else {
        "; you will not be asked again."
    };
    let said = format!("It is kept in {kept_in}{forgets}");
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
        let items = scene.rig.items();
        assert!(items.is_empty(), "{items:?}");
    }
}

/// Neither a keychain nor a file.
#[test]
fn memory() {
    for git in gits() {
        let scene = Scene::configured(&git, &["--store=memory"]);
        first_and_second_push(&scene, memory_name());
        scene.assert_in_no_file(&scene.token, |_| false);
    }
}

/// Encrypted by the person's key, and never plain.
#[test]
fn pass() {
    if !Gpg::is_possible() {
        return;
    }
    for git in gits() {
        let scene = Scene::configured(&git, &["--store=pass"]);
        let _gpg = scene.set_up_pass("");
        first_and_second_push(&scene, "the password store (pass)");
        scene.assert_in_no_file(&scene.token, |_| false);
    }
}

/// It remembers as long as the line says.
#[test]
fn memory_for_a_while() {
    for git in gits() {
        let scene = Scene::configured(&git, &["--store=memory", "--timeout=2"]);
        let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
        ended.expect_success();
        let deadline = Instant::now() + Duration::from_secs(60);
        while scene.ours(&["status"]).stdout.starts_with("Kept") {
            assert!(Instant::now() < deadline, "it never forgets");
            std::thread::sleep(Duration::from_millis(100));
        }
        scene.push().expect_failure("told us to quit");
    }
}

/// Not the keychain, although that is open; and for nobody else's eyes.
#[test]
fn file() {
    for git in gits() {
        let Some(scene) = with_keyring(&git, &["--store", "file"]) else {
            return;
        };
        let folder = scene
            .rig
            .home
            .path()
            .join(".local/share/git-credential-bitbucket");
        let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
        ended.expect_success();
        for (path, mode) in [(folder.join("credentials"), 0o600), (folder.clone(), 0o700)] {
            let found = fs::metadata(&path).expect("what was kept").mode();
            assert_eq!(found & 0o777, mode, "{}", path.display());
        }
        let items = scene.rig.items();
        assert!(items.is_empty(), "{items:?}");
        scene.ours(&["logout"]).expect_success();
        first_and_second_push(&scene, "the credential file");
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
            let ended = scene.push_on_terminal(&[(SECRET_QUESTION, &scene.token)]);
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
        let items = scene.rig.items();
        assert!(items.is_empty(), "{items:?}");
        scene.assert_in_no_file(&scene.token, |_| false);
    }
}
