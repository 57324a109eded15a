//! Git's settings and remotes, as far as they keep it from asking us, or about the right host.

use super::{Case, play};
use crate::doctor::scene::Scene;

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    ("username", |scene| scene.git(&["config", "--global", "credential.username", "bob"]), &["--offline"], "asks for bob", false),
    ("username", |scene| { scene.git(&[ "config", "remote.origin.url", "https://bob@bitbucket.org/acme/widgets.git"]) }, &["--offline"], "remote.origin.url asks for bob", false),
    ("path-not-sent", |scene| scene.settings("[credential \"bitbucket.org\"]\n\tuseHttpPath = no\n"), &["--offline"], "useHttpPath is off", true),
    ("not-interactive", |scene| scene.rig.home.set("GCM_INTERACTIVE", "never"), &["--offline"], "GCM_INTERACTIVE", true),
    ("not-interactive", |scene| scene.git(&["config", "--global", "credential.interactive", "false"]), &["--offline"], "credential.interactive", true),
    (
        "rewritten",
        |scene| {
            let key = "url.git@ssh.bitbucket.org:.insteadOf";
            scene.git(&["config", "--global", key, "https://bitbucket.org/"]);
        },
        &["--offline"],
        "url.<base>.insteadof",
        false,
    ),
    (
        "remote-ssh",
        |scene| {
            scene.git(&[
                "config",
                "remote.origin.url",
                "ssh://git@bitbucket.org/acme/widgets.git",
            ])
        },
        &["--offline"],
        "git config remote.origin.url https://bitbucket.org/acme/widgets.git",
        false,
    ),
    (
        "remote-pipelines",
        |scene| {
            let url = "http://bitbucket.org/acme/widgets";
            scene.git(&["config", "remote.origin.url", url]);
            scene.rig.home.set("BITBUCKET_BUILD_NUMBER", "17");
            scene.rig.home.set("BITBUCKET_GIT_HTTP_ORIGIN", url);
        },
        &["--offline"],
        "remote.origin.url uses http, as Bitbucket Pipelines sets it",
        true,
    ),
    ("remote-www", |scene| { scene.git(&[ "config", "remote.www.url", "https://www.bitbucket.org/acme/widgets.git"]) }, &["--offline"], "remote.www.url", true),
    ("remote-plain", |scene| { scene.git(&[ "config", "remote.plain.url", "http://bitbucket.org/acme/widgets.git"]) }, &["--offline"], "remote.plain.url", true),
    ("remote-port", |scene| { scene.git(&[ "config", "remote.dc.url", "https://bitbucket.org:8443/acme/widgets.git"]) }, &["--offline"], "git config remote.dc.url https://bitbucket.org/acme/widgets.git", true),
    ("remote-unusable", |scene| { scene.git(&[ "config", "remote.origin.url", "https://bitbucket.org:99999/acme/widgets.git"]) }, &["--offline"], "its port is no number below 65536", false),
    ("remote-ssh", |scene| { scene.git(&[ "config", "remote.old.pushUrl", "git@bitbucket.org:acme/widgets.git"]) }, &["--offline"], "ssh.bitbucket.org", true),
    ("lfs-elsewhere", |scene| scene.git(&["config", "lfs.url", "https://lfs.example/acme"]), &["--offline"], "lfs.example", true),
    ("lfs-elsewhere", |scene| { scene.write("work/.lfsconfig", "[lfs]\n\turl = https://lfs.example/acme\n") }, &["--offline"], ".lfsconfig", true),
];

#[test]
fn settings_and_remotes() {
    play(CASES);
}

/// A link to a terminal or a pipe comes with a clone as well, and has no end.
#[test]
fn a_settings_file_without_an_end_is_not_waited_for() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    let made = std::os::unix::fs::symlink("/dev/ptmx", scene.rig.home.work().join(".lfsconfig"));
    assert!(made.is_ok());
    scene.doctor(&["--offline"]).expect_success();
}

/// Git rewrites what begins with `bb:`, and nothing here does.
#[test]
fn a_login_for_other_urls_answers_nobody() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    scene.settings("[url \"https://alice:hunter2@bitbucket.org/\"]\n\tinsteadOf = bb:\n");
    let report = scene.report(&["--offline"]);
    assert_eq!(report["healthy"], true, "{report:#}");
    scene.git(&["config", "remote.origin.url", "bb:acme/widgets.git"]);
    let report = scene.report(&["--offline"]);
    assert_eq!(report["healthy"], false, "{report:#}");
}
