//! Whom Git asks: the helpers of its configuration, and the programs behind them.

use super::{Case, play};
use crate::doctor::scene::{Scene, with_id};
use std::os::unix::fs::symlink;

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    ("git", |_| {}, &["--offline"], "Git 2.", true),
    (
        "git-missing",
        |scene| {
            let bin = scene.rig.home.path().join("bin");
            symlink("/usr/bin/setsid", bin.join("setsid")).expect("a link");
            scene.rig.home.set("PATH", bin);
        },
        &["--offline"],
        "no git program",
        false,
    ),
    ("program", |_| {}, &["--offline"], "git-credential-bitbucket 0.", true),
    (
        "program-other",
        |scene| {
            let program = scene.rig.home.path().join("bin/git-credential-bitbucket");
            let text = format!("exec '{}' \"$@\"", program.display());
            let other = scene
                .rig
                .home
                .add_script("first/git-credential-bitbucket", &text);
            let folders = [other.parent(), Some(&scene.git.directory)]
                .map(|it| it.expect("a folder").to_owned());
            let system = ["/usr/bin", "/bin"].map(Into::into);
            let path = std::env::join_paths(folders.into_iter().chain(system));
            scene.rig.home.set("PATH", path.expect("no colon"));
        },
        &["--offline"],
        "first/git-credential-bitbucket",
        true,
    ),
    ("program-hidden", |scene| { scene.run(&["unconfigure"]).expect_success(); scene.settings("[credential]\n\thelper = bitbucket\n"); }, &["--offline"], "the system's PATH", true),
    ("chain", |_| {}, &["--offline"], "/.gitconfig:", true),
    ("chain-unknown", |scene| scene.settings("[credential\n"), &["--offline"], "bad config", false),
    ("chain-without-us", |scene| drop(scene.run(&["unconfigure"])), &["--offline"], "does not ask", false),
    ("chain-cut", |scene| scene.settings("[credential]\n\thelper =\n"), &["--offline"], "/.gitconfig:", false),
    ("chain-cut", |scene| scene.git(&["config", "credential.bitbucket.org.helper", ""]), &["--offline"], "/config:", false),
    (
        "chain-not-found",
        |scene| {
            scene.run(&["unconfigure"]).expect_success();
            scene.settings("[credential]\n\thelper = /gone/git-credential-bitbucket\n");
        },
        &["--offline"],
        "`/gone/git-credential-bitbucket`",
        false,
    ),
    (
        "chain-before",
        |scene| {
            scene.run(&["unconfigure"]).expect_success();
            scene.settings("[credential]\n\thelper = cache\n\thelper = bitbucket\n");
        },
        &["--offline"],
        "`cache` in",
        true,
    ),
    ("chain-after", |scene| scene.settings("[credential]\n\thelper = cache\n"), &["--offline"], "`cache` in", true),
    ("chain-other-not-found", |scene| scene.settings("[credential]\n\thelper = nowhere-to-be-found\n"), &["--offline"], "nowhere-to-be-found", true),
    ("chain-repository", |scene| scene.git(&["config", "credential.helper", "cache"]), &["--offline"], "with `cache` in", true),
    ("chain-repository", |scene| scene.git(&["config", "credential.helper", ""]), &["--offline"], "with the empty `helper =` in", false),
];

#[test]
fn whom_git_asks() {
    play(CASES);
}

#[test]
fn our_own_section_of_a_repository_is_no_finding() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    scene.run(&["configure", "--local"]).expect_success();
    assert!(with_id(&scene.report(&["--offline"]), "chain-repository").is_empty());
    // Whoever else is asked there still is one.
    scene.git(&["config", "--add", "credential.helper", "cache"]);
    assert!(!with_id(&scene.report(&["--offline"]), "chain-repository").is_empty());
}
