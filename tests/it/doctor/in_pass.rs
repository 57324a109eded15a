//! What Git Credential Manager and people keep in `pass`: read by it, told, and copied only
//! after a yes. Its entries stay as they are.

use super::scene::{Scene, URL, with_id};
use crate::rig::gpg::{Gpg, PASSPHRASE};
use std::process::Stdio;

/// In a clone, configured, with alice's token in an entry as Git Credential Manager makes it.
fn scene(passphrase: &str) -> Option<(Scene, Gpg)> {
    if !Gpg::is_possible() {
        return None;
    }
    let scene = Scene::bare()?;
    scene.run(&["configure"]).expect_success();
    scene.clone_with(URL);
    let environment = scene.rig.home.environment(&scene.git);
    let start = move |program: &str| environment.command(program);
    let gpg = Gpg::set_up(scene.rig.home.path(), passphrase, start);
    let entry = format!(
        "{}\nservice=https://bitbucket.org\naccount=alice\n",
        scene.token
    );
    let mut insert = scene.rig.home.command(&scene.git, "pass");
    insert.args(["insert", "--multiline", "git/https/bitbucket.org/alice"]);
    scene.rig.run(insert, entry.as_bytes()).expect_success();
    let mut other = scene.rig.home.command(&scene.git, "pass");
    other.args(["insert", "--multiline", "git/https/github.com/alice"]);
    scene.rig.run(other, b"not ours\n").expect_success();
    Some((scene, gpg))
}

fn entry(scene: &Scene) -> String {
    let mut show = scene.rig.home.command(&scene.git, "pass");
    show.args(["show", "git/https/bitbucket.org/alice"]);
    let shown = show.stdin(Stdio::null()).output().expect("pass");
    String::from_utf8_lossy(&shown.stdout).into_owned()
}

#[test]
fn a_token_in_pass_is_told_and_copied_after_a_yes() {
    let Some((scene, _gpg)) = scene("") else {
        return;
    };
    let report = scene.report(&[]);
    let found: Vec<_> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["secret"]["place"] == "pass")
        .collect();
    assert_eq!(found.len(), 1, "{report:#}");
    assert_eq!(found[0]["id"], "elsewhere-fixed", "{report:#}");
    let text = report.to_string();
    assert!(
        text.contains("pass, entry git/https/bitbucket.org/alice"),
        "{text}"
    );
    assert!(
        text.contains("pass rm 'git/https/bitbucket.org/alice'"),
        "{text}"
    );
    assert!(!text.contains("github.com"), "{text}");
    // Nobody said yes.
    scene.doctor(&["--fix"]);
    assert!(scene.rig.items().is_empty());
    let healed = scene.doctor(&["--fix", "--move", "--yes"]).expect_success();
    assert!(healed.stdout.contains("Done: kept."), "{healed:#?}");
    assert_eq!(scene.rig.items().len(), 1);
    assert!(entry(&scene).starts_with(&scene.token));
    assert!(scene.report(&[])["healthy"] == true);
}

#[test]
fn a_locked_key_is_told_and_no_dialog_is_shown() {
    let Some((scene, gpg)) = scene(PASSPHRASE) else {
        return;
    };
    gpg.lock();
    let report = scene.report(&[]);
    let unsearched = with_id(&report, "elsewhere-unsearched").len();
    assert_eq!(unsearched, 1, "{report:#}");
    let text = report.to_string();
    assert!(
        text.contains("Pass, git/https/bitbucket.org could not be searched: it is locked"),
        "{text}"
    );
    assert!(!gpg.dialog_was_shown());
}
