//! The loopback Bitbucket alone, without our program, with curl and plain Git: who is let
//! in, who is refused, with which words, and what goes wrong on purpose.
#![cfg(target_os = "linux")]

mod faults;
mod git;
mod git_rules;
mod lfs;
mod oauth;
mod rest_rules;
mod unknown;

use crate::rig::curl::{Login, Reply, curl, references};
use crate::rig::{Credential, Kind, Repository, Rig};

const ALICE: &str = "alice@example.com";
const API_NAME: &str = "x-bitbucket-api-token-auth";
const ACCESS_NAME: &str = "x-token-auth";
const READ: &str = "read:repository:bitbucket";
const WRITE: &str = "write:repository:bitbucket";

/// Alice writes `acme/widgets` and `acme/open` (public), Bob `other/secret`; no token yet.
fn scene() -> Rig {
    let rig = Rig::new();
    let server = &rig.bitbucket;
    server.add_user("alice", ALICE, "correct horse");
    server.add_user("bob", "bob@example.com", "battery staple");
    let private = Repository::private().in_project("WID").writer("alice");
    server.add_repository("acme/widgets", private.reader("bob"));
    server.add_repository("acme/open", Repository::public().writer("alice"));
    server.add_repository("other/secret", Repository::private().writer("bob"));
    rig
}

fn issue(rig: &Rig, kind: Kind, secret: &str, owner: &str, scopes: &[&'static str]) {
    rig.bitbucket
        .issue(Credential::new(kind, secret, owner, scopes));
}

/// Asks as Git does first for `acme/widgets`.
fn ask_git(rig: &Rig, login: Login, write: bool) -> Reply {
    curl(rig, login, &references("acme/widgets", write), &[])
}
