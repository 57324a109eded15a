//! Credentials from the environment: scripts and CI push with them, they win over the
//! keychain, and nothing of them is ever kept or handed to a child.

mod build_services;
mod dead_credentials;
mod variables;

use crate::rig::scene::{CONFIGURED, URL};
use crate::rig::{Git, Rig};

const APP_SCOPES: [&str; 2] = ["Repositories: Read", "Repositories: Write"];

const STATIC_NAME: &str = "x-bitbucket-api-token-auth";

/// A home with the helper, an open keychain and a clone to push from.
fn scene(git: &Git) -> Option<(Rig, String)> {
    let (mut rig, token) = Rig::with_alice();
    rig.home.add_gitconfig(CONFIGURED);
    if !rig.start_keyring() {
        return None;
    }
    for arguments in [
        &["init", "--quiet", "--initial-branch=topic", "."][..],
        &["remote", "add", "origin", URL],
        &["commit", "--quiet", "--allow-empty", "--message=First"],
    ] {
        rig.git(git, arguments).expect_success();
    }
    Some((rig, token))
}

/// Puts a credential into the keychain.
fn keep(rig: &Rig, token: &str) {
    rig.put(token, STATIC_NAME);
}

/// A push of a new commit; returns what was said.
#[track_caller]
fn push(rig: &Rig, git: &Git, options: &[&str]) -> String {
    for arguments in [
        &["commit", "--quiet", "--allow-empty", "--message=Next"][..],
        &[options, &["push", "--quiet", "origin", "topic"]].concat(),
    ] {
        let ended = rig.git(git, arguments).expect_success();
        if arguments.contains(&"push") {
            let head = rig.git(git, &["rev-parse", "HEAD"]).expect_success();
            assert_eq!(
                rig.bitbucket.commit("acme/widgets", "topic"),
                head.stdout.trim()
            );
            return ended.stderr;
        }
    }
    unreachable!("the last command is a push")
}

/// What is said once of a variable that comes before what is kept.
fn hides(name: &str) -> String {
    format!(
        "bitbucket: {name} is set and comes before API token, which is kept; if another program's \
         token is meant there, run: git credential-bitbucket configure --ignore-environment\n"
    )
}

/// Which secrets Git sent.
fn sent(rig: &Rig) -> Vec<String> {
    let requests = rig.requests();
    let logins = requests.iter().filter_map(|request| {
        let login = request.authorization.as_ref()?;
        request.is_from_git().then(|| login.secret.clone())
    });
    let mut secrets: Vec<String> = logins.collect();
    secrets.dedup();
    secrets
}
