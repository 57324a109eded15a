//! `pass` whose key is locked, whose question is cancelled, or whose key is not here: each is
//! told in its own words, with one next step, and nothing is lost.

use super::scene::{Scene, ours};
use crate::rig::gpg::{Gpg, PASSPHRASE, Pinentry};
use crate::rig::terminal::{Ended, SECRET_QUESTION};
use crate::rig::{Git, gits};

const LOCKED: &str = "the password store (pass) is locked: nobody could be asked for the \
    passphrase of its GPG key; give it in a terminal: git credential-bitbucket status\n";
const DISMISSED: &str = "the password store (pass) stays locked, since the passphrase of its GPG \
    key was not given or was wrong; give it in a terminal: git credential-bitbucket status\n";
const NOT_HERE: &str = "the password store (pass) cannot be used: the GPG key that it is \
    encrypted with is not on this machine; import the key, or insert its card, then try again\n";

/// Alice's token is kept, and gpg-agent has forgotten the passphrase.
fn locked(git: &Git) -> Option<(Scene, Gpg)> {
    if !Gpg::is_possible() {
        return None;
    }
    let scene = Scene::configured(git, &["--store=pass"]);
    let gpg = scene.set_up_pass(PASSPHRASE);
    gpg.answers(&Pinentry::Typed(PASSPHRASE));
    scene
        .push_on_terminal(&[(SECRET_QUESTION, &scene.token)])
        .expect_success();
    gpg.lock();
    gpg.answers(&Pinentry::Closed);
    // Whatever was shown until now.
    let _ = gpg.dialog_was_shown();
    Some((scene, gpg))
}

fn status_on_terminal(scene: &Scene) -> Ended {
    let status = ["credential-bitbucket", "status"];
    scene.rig.terminal(&scene.git, &status).finish()
}

/// Whether alice's token is there still.
fn assert_kept(scene: &Scene, gpg: &Gpg) {
    gpg.answers(&Pinentry::Typed(PASSPHRASE));
    let said = status_on_terminal(scene).expect_success().transcript;
    assert!(said.contains("Kept in the password store (pass)"), "{said}");
    assert_eq!(scene.push().expect_success().stderr, "");
}

/// Nobody there: one line says how it is unlocked, and that does unlock it.
#[test]
fn a_locked_key_is_unlocked_as_the_line_says() {
    for git in gits() {
        let Some((scene, gpg)) = locked(&git) else {
            return;
        };
        let ended = scene.push().expect_failure("told us to quit");
        assert_eq!(
            ours(&ended.stderr),
            [format!("bitbucket: {LOCKED}").trim_end()]
        );
        let ended = scene.ours(&["status"]).expect_failure(LOCKED);
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        let doctor = scene.ours(&["doctor", "--offline"]).stdout;
        let words: Vec<&str> = doctor.split_whitespace().collect();
        let row = "✗ The password store (pass) is locked: nobody could be asked for the \
            passphrase of its GPG key. Next: Give it in a terminal: git credential-bitbucket status";
        assert!(words.join(" ").contains(row), "{doctor}");
        assert!(!gpg.dialog_was_shown());
        // Who reads this is no person, wherever it runs.
        let json = ["credential-bitbucket", "status", "--json"];
        let ended = scene.rig.terminal(&git, &json).finish();
        assert!(
            ended.transcript.contains("\"state\": \"locked\""),
            "{ended:?}"
        );
        assert!(!gpg.dialog_was_shown());
        assert_kept(&scene, &gpg);
        assert!(gpg.dialog_was_shown());
    }
}

/// Somebody closes the question, or answers it wrongly: that is told, and how to be asked again.
#[test]
fn a_cancelled_question_says_how_to_be_asked_again() {
    // gpg-agent makes whoever is wrong wait for some seconds.
    let closed = gits().into_iter().map(|git| (git, Pinentry::Closed));
    let wrong = (gits().remove(0), Pinentry::Typed("wrong"));
    for (git, answer) in closed.chain([wrong]) {
        let Some((scene, gpg)) = locked(&git) else {
            return;
        };
        gpg.answers(&answer);
        scene.commit();
        let push = ["push", "--quiet", "origin", "topic"];
        let mut terminal = scene.rig.terminal(&git, &push);
        terminal.expect(&format!("bitbucket: {}", DISMISSED.trim_end()));
        terminal.expect_prompt(SECRET_QUESTION);
        terminal.send("\x03");
        terminal.finish();
        assert!(gpg.dialog_was_shown());
        // Asked for by name it is shown, however lately it was closed.
        let ended = status_on_terminal(&scene);
        assert!(ended.transcript.contains(DISMISSED), "{}", ended.transcript);
        assert!(gpg.dialog_was_shown());
        assert_kept(&scene, &gpg);
    }
}

/// The key is elsewhere: no passphrase would help, and none is asked for.
#[test]
fn a_key_that_is_not_here_is_told_as_that() {
    for git in gits() {
        let Some((scene, gpg)) = locked(&git) else {
            return;
        };
        gpg.remove_key();
        let ended = scene.push().expect_failure("told us to quit");
        assert_eq!(
            ours(&ended.stderr),
            [format!("bitbucket: {NOT_HERE}").trim_end()]
        );
        scene.ours(&["status"]).expect_failure(NOT_HERE);
        let ended = status_on_terminal(&scene);
        assert!(ended.transcript.contains(NOT_HERE), "{}", ended.transcript);
        assert!(!gpg.dialog_was_shown());
        gpg.bring_key_back();
        assert_kept(&scene, &gpg);
    }
}
