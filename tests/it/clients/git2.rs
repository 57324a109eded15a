//! libgit2 by way of `git2`, which runs `sh -c "<helper> get"` itself and neither stores nor
//! erases. It reads the proxy from Git's configuration, the authorities from `SSL_CERT_FILE`.

use super::libraries::program;
use super::scene::{Scene, URL};
use crate::rig::Finished;

fn run(scene: &Scene, arguments: &[&str]) -> Option<Finished> {
    let program = program("git2")?;
    Some(scene.run(program.to_str().expect("UTF-8"), arguments))
}

#[test]
fn it_fetches_and_pushes() {
    let Some(scene) = Scene::new() else { return };
    let Some(cloned) = run(&scene, &["clone", URL, "widgets"]) else {
        return;
    };
    cloned.expect_success();
    assert_eq!(scene.asked(), [1, 0, 0]);
    let commit = scene.commit();
    let refspec = "refs/heads/main:refs/heads/main";
    run(&scene, &["push", "widgets", refspec])
        .expect("built")
        .expect_success();
    assert_eq!(scene.server(), commit);
    assert_eq!(scene.asked(), [1, 0, 0]);
    assert_eq!(scene.sent(), [scene.token.as_str()]);
}

/// It does not know that an empty `helper` takes back those before: ours is asked first since
/// its section has the host, and as long as it answers, nobody else is.
#[test]
fn whoever_stood_before_is_asked_only_where_nothing_is_kept() {
    let Some(scene) = Scene::new() else { return };
    let record = scene.rig.home.path().join("others");
    let text = format!("echo asked >>'{}'\n", record.display());
    let other = scene.rig.home.add_script("other", &text);
    let config = format!("[credential]\n\thelper = {}\n", other.display());
    scene.rig.home.add_gitconfig(&config);
    let Some(cloned) = run(&scene, &["clone", URL, "first"]) else {
        return;
    };
    cloned.expect_success();
    assert!(!record.exists());
    scene.forget();
    let failed = run(&scene, &["clone", URL, "second"]).expect("built");
    failed.expect_failure("failed to acquire username/password");
    assert!(record.exists());
}

/// A refused token is not erased, as nobody says that it was: the next Git does.
#[test]
fn a_refused_token_stays_until_git_says_so() {
    let Some(scene) = Scene::new() else { return };
    scene.rig.bitbucket.revoke(&scene.token);
    let Some(refused) = run(&scene, &["clone", URL, "widgets"]) else {
        return;
    };
    refused.expect_failure("refused");
    assert_eq!(scene.asked(), [1, 0, 0]);
    assert_eq!(scene.rig.secrets(), [scene.token.as_str()]);
    let ended = scene.rig.git(&scene.git, &["ls-remote", URL]);
    ended.expect_failure("");
    assert!(scene.rig.secrets().is_empty());
}

/// It sends the name of the URL, whatever name the helper answers with.
#[test]
fn a_name_in_the_url_must_be_the_account_s() {
    let Some(scene) = Scene::new() else { return };
    scene.rig.bitbucket.expect_name("old-name");
    for (name, fits) in [("alice", true), ("old-name", false)] {
        let url = URL.replace("//", &format!("//{name}@"));
        let Some(cloned) = run(&scene, &["clone", &url, name]) else {
            return;
        };
        assert_eq!(cloned.success(), fits, "{name}: {cloned:?}");
    }
}
