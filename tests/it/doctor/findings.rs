//! One row for each thing that can be found: how it comes about, and what is said.

#![allow(
    clippy::expect_used,
    clippy::semicolon_if_nothing_returned,
    reason = "one line for each row; a machine that cannot be spoilt fails the test"
)]

use super::scene::{SERVICE, Scene, with_id};
use super::{elsewhere, sign_ins};
use crate::rig::{Credential, Fault, Kind, Surface, answer::Answer, tokens};
use git_credential_bitbucket::doctor::ROWS;
use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

/// Its name, what is done to a healthy machine, the options, what is said of it, and whether
/// a push would be authenticated all the same.
pub type Case = (
    &'static str,
    fn(&mut Scene),
    &'static [&'static str],
    &'static str,
    bool,
);

#[rustfmt::skip]
const HELPERS: &[Case] = &[
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

#[rustfmt::skip]
const SETTINGS: &[Case] = &[
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

#[rustfmt::skip]
const KEPT: &[Case] = &[
    ("keychain-none", |scene| drop(scene.run(&["configure", "--store", "none"])), &["--offline"], "as credential.helper says", false),
    ("variable", |scene| scene.serve_file("token"), &["--offline"], "--token-file is set", true),
    ("token-file-unusable", |scene| scene.serve_file("no-such"), &["--offline"], "is not used: there is no such file.\" \"Put a token there, or correct --token-file.", false),
    ("token-file-refused", |scene| { scene.serve_file("token"); scene.rig.bitbucket.revoke(&scene.token.clone()) }, &[], "/token is served, and nothing else. Bitbucket refused the API token", false),
    ("token-command-unusable", |scene| scene.serve_command("false"), &["--offline"], "`false` of --token-command gives no token: it failed with exit code 1.\" \"Run it yourself to see why.", false),
    ("token-command-refused", |scene| { scene.serve_command("cat ~/token"); scene.rig.bitbucket.revoke(&scene.token.clone()) }, &[], "What `cat` prints is served (--token-command), and nothing else. Bitbucket refused the API token", false),
    ("options", |scene| { scene.run(&["unconfigure"]).expect_success(); scene.settings("[credential]\n\thelper = bitbucket --store=fil\n"); }, &[], "there is no store fil; there are auto", false),
    (
        "store-failed",
        |scene| {
            scene
                .run(&["configure", "--store", "file"])
                .expect_success();
            scene.write(".local/share/git-credential-bitbucket/x", "");
        },
        &["--offline"],
        "is open to others.\" \"Run: chmod 700 ",
        false,
    ),
    ("keychain", |_| {}, &["--offline"], "is open", true),
    ("keychain-locked", |scene| scene.rig.keyring().lock(), &["--offline"], "is locked", false),
    ("keychain-unreachable", |scene| scene.rig.home.unset("DBUS_SESSION_BUS_ADDRESS"), &["--offline"], "no D-Bus session", false),
    (
        "keychain-not-needed",
        |scene| {
            let token = scene.token.clone();
            scene.rig.home.unset("DBUS_SESSION_BUS_ADDRESS");
            scene.rig.home.set("BITBUCKET_TOKEN", token);
        },
        &["--offline"],
        "(DBUS_SESSION_BUS_ADDRESS is not set). BITBUCKET_TOKEN is served without it.\" null",
        true,
    ),
    (
        "variable",
        |scene| {
            let token = scene.token.clone();
            scene.rig.home.unset("DBUS_SESSION_BUS_ADDRESS");
            scene.rig.home.set("BITBUCKET_TOKEN", token);
        },
        &["--offline"],
        "BITBUCKET_TOKEN is set",
        true,
    ),
    (
        "variable-refused",
        |scene| {
            let token = scene.token.clone();
            scene.rig.bitbucket.revoke(&token);
            scene.rig.home.set("BITBUCKET_TOKEN", token);
        },
        &[],
        "Bitbucket refused the API token",
        false,
    ),
    (
        "variable-refused",
        |scene| {
            scene.run(&["logout", "--all"]).expect_success();
            let token = scene.issue_for_reading();
            scene.rig.home.set("BITBUCKET_TOKEN", token);
        },
        &[],
        "pushes will be refused",
        false,
    ),
    (
        "variable-refused",
        |scene| {
            scene.run(&["logout", "--all"]).expect_success();
            let token = scene.issue_to_a_stranger();
            scene.rig.home.set("BITBUCKET_TOKEN", token);
        },
        &[],
        "shows it no repository",
        false,
    ),
    (
        "variable-shadows",
        |scene| {
            let token = scene.issue_to_a_stranger();
            scene.rig.home.set("BITBUCKET_TOKEN", token);
        },
        &[],
        "BITBUCKET_TOKEN is set and comes before alice (API token), which is kept. The API token was accepted, but Bitbucket shows it no repository",
        false,
    ),
    (
        "token-file-refused",
        |scene| {
            scene.token = scene.issue_for_reading();
            scene.serve_file("token");
        },
        &[],
        "pushes will be refused",
        false,
    ),
    (
        "kept-no-access",
        |scene| {
            scene.token = scene.issue_to_a_stranger();
            scene.keep("");
        },
        &[],
        "shows it no repository",
        false,
    ),
    (
        "kept-useless",
        |scene| {
            let token = tokens::api_token(74);
            let scopes = ["read:pullrequest:bitbucket"];
            let credential = Credential::new(Kind::ApiToken, &token, "alice", &scopes);
            scene.rig.bitbucket.issue(credential);
            scene.token = token;
            scene.keep("");
        },
        &[],
        "lacks one or more of the scopes",
        false,
    ),
    ("kept-not-here", |scene| scene.keep(r#","reach":{"repository":"acme/other"}"#), &["--offline"], "is kept for acme/other only", false),
    (
        "kept-unconfirmed",
        |scene| {
            scene.run(&["logout", "--all"]).expect_success();
            scene.keep_app_password();
        },
        &["--offline"],
        "Bitbucket removed app passwords on 2026-07-28, and was not asked about this one",
        false,
    ),
    ("variable-empty", |scene| scene.rig.home.set("BITBUCKET_TOKEN", ""), &["--offline"], "BITBUCKET_TOKEN is set and empty", true),
    (
        "variable-ignored",
        |scene| {
            scene.rig.home.set("BITBUCKET_TOKEN", "x");
            scene.run(&["configure", "--ignore-environment"]).expect_success();
        },
        &["--offline"],
        "BITBUCKET_TOKEN is set and passed over",
        true,
    ),
    ("variable-unusable", |scene| scene.rig.home.set("BITBUCKET_TOKEN", "hunter2"), &["--offline"], "BITBUCKET_TOKEN holds what looks like an account password", true),
    ("kept", |_| {}, &["--offline"], "alice (API token) is kept; Bitbucket accepted it on 18 Nov 2026", true),
    ("kept-nothing", |scene| drop(scene.run(&["logout", "--all"])), &["--offline"], "Nothing is kept", false),
    ("kept-expired", |scene| scene.keep(r#","expires":1795000001"#), &["--offline"], "expired on 18 Nov 2026", false),
    ("kept-doubted", |scene| scene.keep(r#","refusals":1,"refused":1795100000"#), &["--offline"], "refused with it on 19 Nov 2026", true),
    ("kept-read-only", |scene| scene.keep(r#","rights":{"read":true,"write":false}"#), &["--offline"], "may not push", false),
    ("kept-accepted", |_| {}, &[], "accepts it", true),
    ("kept-refused", |scene| scene.rig.bitbucket.revoke(&scene.token.clone()), &[], "Bitbucket refused the API token", false),
    ("kept-unknown", |scene| { scene .rig .bitbucket .fail_logins(Surface::Git, Fault::down(), 9) }, &[], "could not be verified", true),
    (
        "kept-unreadable",
        |scene| {
            let attributes = [("service", SERVICE), ("account", "x")];
            scene.rig.keyring().store("x", "hunter2", &attributes);
        },
        &["--offline"],
        "1 of the items",
        true,
    ),
];

#[rustfmt::skip]
const OUTSIDE: &[Case] = &[
    ("elsewhere-nothing", |_| {}, &["--offline"], "anywhere else", true),
    ("elsewhere-unsearched", |scene| scene.write(".netrc/x", ""), &["--offline"], ".netrc could not be searched", true),
    ("network", |_| {}, &[], "answers", true),
    ("network-not-asked", |_| {}, &["--offline"], "not asked", true),
    ("network-setting", |scene| scene.git(&["config", "--global", "http.sslVerify", "false"]), &["--offline"], "not to check certificates", true),
    ("network-setting", |scene| scene.git(&["config", "--global", "http.sslCAInfo", "/no/such.pem"]), &[], "/no/such.pem", true),
    ("network-silent", |scene| scene.rig.set_proxy_down(true), &[], "proxy could not be reached", true),
    ("clock", |_| {}, &[], "agrees", true),
    (
        "clock-wrong",
        |scene| {
            let answer = Answer::text(401, "").header("date", "Tue, 24 Nov 2020 10:00:00 GMT");
            scene
                .rig
                .bitbucket
                .fail(Surface::Git, Fault::Answer(answer), 1);
        },
        &[],
        "days ahead of Bitbucket's",
        true,
    ),
    (
        "editor-jetbrains",
        |scene| {
            scene.write(
                ".config/JetBrains/IntelliJIdea2025.3/options/git.xml",
                "<application/>",
            );
            let on = "<option name=\"USE_CREDENTIAL_HELPER\" value=\"true\" />";
            scene.write(".config/JetBrains/PyCharm2026.1/options/git.xml", on);
            scene.write(".config/JetBrains/PyCharm2025.3/options/git.xml", "");
        },
        &["--offline"],
        "IntelliJIdea does not ask",
        true,
    ),
    (
        "editor-vscode",
        |scene| {
            let settings = "{\n  // mine\n  \"git.useIntegratedAskPass\": false,\n}";
            scene.write(".config/Code/User/settings.json", settings);
        },
        &["--offline"],
        "Code asks no questions",
        true,
    ),
    (
        "manual",
        |scene| {
            scene.write("man/man1/git-credential-bitbucket.1", "");
            let folder = scene.rig.home.path().join("man");
            scene.rig.home.set("MANPATH", folder);
        },
        &["--offline"],
        "man1/git-credential-bitbucket.1",
        true,
    ),
    ("manual-missing", |_| {}, &["--offline"], "install.sh", true),
];

/// What no test brings about, and why.
const NOT_PLAYED: &[(&str, &str)] = &[
    (
        "keychain-failed",
        "no service of the rig's answers nonsense here",
    ),
    (
        "keychain-no-default",
        "it takes another keyring: secret_services::no_default plays it",
    ),
    (
        "store-locked",
        "it takes pass, which not every machine has: stores::locked_pass plays it",
    ),
];

pub fn play(cases: &[Case]) {
    for &(id, spoil, options, said, healthy) in cases {
        let Some(mut scene) = Scene::healthy() else {
            return;
        };
        spoil(&mut scene);
        let report = scene.report(options);
        let found = with_id(&report, id);
        assert_eq!(found.len(), 1, "{id}: {report:#}");
        let text = format!("{} {}", found[0]["message"], found[0]["next"]);
        assert!(text.contains(said), "{id}: {text}");
        assert_eq!(report["healthy"], healthy, "{id}: {report:#}");
    }
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

#[test]
fn whom_git_asks() {
    play(HELPERS);
}

#[test]
fn settings_and_remotes() {
    play(SETTINGS);
}

#[test]
fn what_is_kept() {
    play(KEPT);
}

#[test]
fn what_lies_around_git() {
    play(OUTSIDE);
}

#[test]
fn every_row_is_brought_about() {
    let all: BTreeSet<&str> = ROWS.iter().map(|row| row.id).collect();
    assert_eq!(all.len(), ROWS.len(), "a name twice");
    let played = [HELPERS, SETTINGS, KEPT, sign_ins::CASES, OUTSIDE].concat();
    let played = played.iter().map(|case| case.0);
    let others = NOT_PLAYED
        .iter()
        .map(|row| row.0)
        .chain(elsewhere::played());
    let played: BTreeSet<&str> = played.chain(others).collect();
    assert_eq!(
        played.symmetric_difference(&all).collect::<Vec<_>>(),
        [&""; 0]
    );
}

/// A token file has no keychain beside it, and nobody said that nothing is to be kept.
#[test]
fn of_the_keychain_nothing_is_said_beside_a_token_file() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    scene.serve_file("token");
    assert!(with_id(&scene.report(&["--offline"]), "keychain-none").is_empty());
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

/// Nothing is found on a machine on which all is well, and nothing is sent.
#[test]
fn a_healthy_machine_is_healthy() {
    let Some(scene) = Scene::healthy() else {
        return;
    };
    let report = scene.report(&["--offline"]);
    let findings = report["findings"].as_array().expect("findings");
    for finding in findings {
        assert!(
            ["good", "note"].contains(&finding["state"].as_str().unwrap_or_default()),
            "{finding}"
        );
    }
    assert!(scene.rig.requests().is_empty());
}
