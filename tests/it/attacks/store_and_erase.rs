//! Attacks on what is kept: by a forged `state[]`, an empty or an old password, another service's
//! token.

use super::scene::{BITBUCKET, Scene, value};
use crate::rig::gits;

/// Immune: only our own prefix, form and digest count; a forged one hides no change.
#[test]
fn s20_foreign_state() {
    for scene in Scene::each() {
        let state = "capability[]=state\n";
        let answer = scene.answer(&format!("{state}{BITBUCKET}\n"));
        let ours = value(&answer, "state[]").expect("a state").to_owned();
        let (account, _) = ours.rsplit_once(':').expect("parts");
        let foreign = [
            "osxkeychain:seen=1".to_owned(),
            "bitbucket:1:".to_owned(),
            format!("x{ours}"),
        ];
        let forged = [
            "bitbucket:1:a:b:c".to_owned(),
            format!("{account}:{:032}", 0),
            format!("{account}:"),
            format!("{ours}:x"),
        ];
        for (number, state_line) in foreign.iter().chain(&forged).enumerate() {
            let description = format!("{state}{BITBUCKET}state[]={state_line}\n");
            let answer = scene.answer(&format!("{description}\n"));
            assert_eq!(value(&answer, "password"), Some(scene.token.as_str()));
            // Without a state of ours this is the first time that Git asks.
            let is_first = value(&answer, "continue").is_some();
            assert_eq!(is_first, foreign.contains(state_line), "{state_line}");
            let new = scene.target.token(10 + number as u64);
            scene.run(
                "store",
                format!("{description}username=user{number}\npassword={new}\n"),
            );
            assert!(scene.is_kept(&new), "{state_line}");
            scene.run(
                "erase",
                format!("{description}username=user{number}\npassword={new}\n"),
            );
            assert!(!scene.is_kept(&new), "{state_line}");
        }
        assert!(scene.is_kept(&scene.token));
        // About what is rejected a server is asked that can tell without a repository.
        assert!(scene.target.is_bearer || scene.rig.connects().is_empty());
    }
}

/// Immune: an empty password or name, as background maintenance sends, is no refusal.
#[test]
fn s21_empty_password() {
    for scene in Scene::each() {
        for lines in [
            "username=\npassword=\n",
            "username=alice\npassword=\n",
            "username=\n",
        ] {
            scene.nothing_happens("erase", format!("{BITBUCKET}{lines}"));
            for git in gits() {
                let message = format!("{BITBUCKET}{lines}\n");
                scene
                    .git_credential(&git, "reject", &message)
                    .expect_success();
                assert!(scene.is_kept(&scene.token), "git {git}: {lines}");
            }
        }
    }
}

/// Immune: `erase` compares the password with what is kept now.
#[test]
fn s22_old_password() {
    for scene in Scene::each() {
        let new = scene.target.token(2);
        scene.run(
            "store",
            format!("{BITBUCKET}username=alice\npassword={new}\n"),
        );
        assert!(scene.is_kept(&new) && !scene.is_kept(&scene.token));
        scene.nothing_happens("erase", scene.account());
        scene.nothing_happens(
            "erase",
            format!("wwwauth[]=Basic realm=\"x\"\n{}", scene.account()),
        );
        assert!(scene.is_kept(&new));
    }
}

/// Immune: whose secret it is shows before it is kept (GitLab Runner, merge request 6599).
#[test]
fn other_services_job_tokens_are_not_kept() {
    for scene in Scene::each() {
        let before = scene.rig.keyring().everything();
        for (user, token) in [
            ("gitlab-ci-token", "glcbt-64_0123456789abcdefghijklmnop"),
            ("x-access-token", "ghs_0123456789abcdefghijklmnopqrstuvwxyz"),
        ] {
            let login = format!("{BITBUCKET}username={user}\npassword={token}\n");
            let finished = scene.run("store", login);
            assert!(finished.stderr.contains("was not kept"), "{finished:#?}");
            assert_eq!(scene.rig.keyring().everything(), before, "{user}");
        }
    }
}
