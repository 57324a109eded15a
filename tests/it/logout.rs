//! `logout`: what it forgets, and what it leaves alone.
#![cfg(target_os = "linux")]

use crate::rig::{Finished, Rig, gits, tokens};

fn run(rig: &Rig, arguments: &[&str]) -> Finished {
    rig.helper_with(&gits()[0], arguments, "")
}

#[test]
fn logout_forgets_what_is_named() {
    let (mut rig, _) = Rig::with_alice();
    if !rig.start_keyring() {
        return;
    }
    assert_eq!(
        run(&rig, &["logout"]).expect_success().stdout,
        "Nothing is kept for bitbucket.org in the Secret Service keyring.\n"
    );
    for (name, seed) in [("alice", 1), ("bob", 2), ("carol", 3)] {
        let description = format!(
            "protocol=https\nhost=bitbucket.org\nusername={name}\npassword={}\n",
            tokens::api_token(seed)
        );
        rig.helper("store", &description).expect_success();
    }
    run(&rig, &["logout"]).expect_failure("several accounts are kept");
    run(&rig, &["logout", "dave"])
        .expect_failure("no account that is kept is called dave; kept are: ");
    assert_eq!(rig.labels().len(), 3);
    assert_eq!(
        run(&rig, &["logout", "bob"]).expect_success().stdout,
        "Forgotten: bob (API token)\n"
    );
    assert_eq!(rig.labels().len(), 2);
    run(&rig, &["logout", "--all"]).expect_success();
    assert_eq!(rig.labels(), [""; 0]);
}

#[test]
fn without_a_keychain_the_other_stores_are_named() {
    let (rig, _) = Rig::with_alice();
    for arguments in [&["logout", "--all"][..], &["logout"], &["default", "alice"]] {
        run(&rig, arguments).expect_failure("name the store: --store memory or --store file");
    }
}

/// What serves every name is meant by none: it must not go in place of another.
#[test]
fn logout_forgets_no_token_for_a_name_that_it_does_not_have() {
    let (mut rig, _) = Rig::with_alice();
    if !rig.start_keyring() {
        return;
    }
    let token = tokens::access_token(4);
    let description =
        format!("protocol=https\nhost=bitbucket.org\nusername=x-token-auth\npassword={token}\n");
    rig.helper("store", &description).expect_success();
    run(&rig, &["logout", "carol"])
        .expect_failure("no account that is kept is called carol; kept are: ");
    assert_eq!(rig.labels().len(), 1);
    run(&rig, &["logout", "x-token-auth"]).expect_success();
    assert_eq!(rig.labels(), [""; 0]);
}
