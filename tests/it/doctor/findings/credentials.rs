//! What is served and what is kept: variables, token files and commands, the store, and how it stands
//! with each credential.

use super::{Case, play};
use crate::doctor::scene::{SERVICE, Scene, with_id};
use crate::rig::{Credential, Fault, Kind, Surface, tokens};

#[rustfmt::skip]
pub const CASES: &[Case] = &[
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

#[test]
fn what_is_kept() {
    play(CASES);
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
