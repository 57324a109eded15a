//! Where a build service runs Git: containers without a keychain, variables that it leaves empty or
//! by which it forbids questions, Bitbucket Pipelines.

use super::{STATIC_NAME, push, scene};
use crate::rig::gits;
use crate::rig::scene::REQUEST;

/// A variable that a build service leaves empty, and the one by which it forbids questions, are
/// told as the reasons.
#[test]
fn an_empty_variable_and_ci_are_named() {
    let git = &gits()[0];
    let Some((mut rig, _)) = scene(git) else {
        return;
    };
    let address = rig.keyring().address.clone();
    rig.home.set("CI", "true");
    for (value, keyring, expected) in [
        (
            None,
            true,
            ", and nobody can be asked (CI forbids it); run: git credential-bitbucket login",
        ),
        (
            Some(""),
            true,
            ", BITBUCKET_TOKEN is empty, and nobody can be asked (CI forbids it); put a token into BITBUCKET_TOKEN\n",
        ),
        (
            Some("\n"),
            false,
            "bitbucket: BITBUCKET_TOKEN is empty, and the Secret Service keyring cannot be used: ",
        ),
    ] {
        match value {
            Some(value) => rig.home.set("BITBUCKET_TOKEN", value),
            None => rig.home.unset("BITBUCKET_TOKEN"),
        }
        if keyring {
            rig.home.set("DBUS_SESSION_BUS_ADDRESS", &address);
        } else {
            rig.home.unset("DBUS_SESSION_BUS_ADDRESS");
        }
        let ended = rig.git(git, &["push", "--quiet", "origin", "topic"]);
        let ended = ended.expect_failure("told us to quit");
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
}

/// CI: no D-Bus session, no terminal, no keychain, no home worth the name.
#[test]
fn a_bare_container_pushes() {
    for git in gits() {
        let Some((mut rig, token)) = scene(&git) else {
            return;
        };
        rig.home.set("BITBUCKET_TOKEN", &token);
        rig.home.set("CI", "true");
        rig.home.unset("DBUS_SESSION_BUS_ADDRESS");
        assert_eq!(push(&rig, &git, &[]), "");
    }
}

/// Bitbucket Pipelines: the clone is authenticated already, so nothing is said; a token of
/// the environment is used there as everywhere.
#[test]
fn silent_in_pipelines() {
    let git = &gits()[0];
    let Some((mut rig, token)) = scene(git) else {
        return;
    };
    rig.home.set("CI", "true");
    rig.home.set("BITBUCKET_BUILD_NUMBER", "17");
    rig.home.set(
        "BITBUCKET_GIT_HTTP_ORIGIN",
        "http://bitbucket.org/acme/widgets",
    );
    let address = rig.keyring().address.clone();
    for address in [Some(address), None] {
        match &address {
            Some(address) => rig.home.set("DBUS_SESSION_BUS_ADDRESS", address),
            None => rig.home.unset("DBUS_SESSION_BUS_ADDRESS"),
        }
        let ended = rig.helper("get", REQUEST).expect_success();
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", ""), "{address:?}");
    }
    rig.home.set("BITBUCKET_TOKEN", &token);
    let ended = rig.helper("get", REQUEST).expect_success();
    let expected = format!("username={STATIC_NAME}\npassword={token}\n");
    assert_eq!((&*ended.stdout, &*ended.stderr), (&*expected, ""));
}
